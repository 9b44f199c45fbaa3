"""Named routes: what is written in the configuration, and what is wrong with ways that lead nowhere or back."""

from pathlib import Path

import pytest

from bot.domain.backups import VaultRef
from bot.domain.retention import Keep, Retention
from bot.domain.routes import Hop, Route
from bot.settings.policy import read_policy

ACCOUNTS = """\
accounts:
  prod: {id: "111111111111", regions: [us-east-1]}
  backup: {id: "222222222222", regions: [eu-west-1, eu-central-1]}
approvals:
  - approvers: [S0BACKUPADMINS]
routes:
"""


def written(tmp_path: Path, routes: str) -> tuple[tuple[Route, ...], list[str]]:
    path = tmp_path / "copy-backup.yaml"
    path.write_text(ACCOUNTS + routes, encoding="utf-8")
    policy, mistakes = read_policy(path, 30)
    return (policy.routes if policy else ()), [mistake.replace(str(tmp_path) + "/", "") for mistake in mistakes]


def test_a_route_is_its_hops_with_what_they_say_of_their_time(tmp_path: Path) -> None:
    routes, mistakes = written(tmp_path, "  far: [backup/eu-west-1/hop keep 30d then 7d, backup/eu-central-1/dr]\n")

    first = Hop(VaultRef("222222222222", "eu-west-1", "hop"), Retention(Keep.DAYS, 30), 7)
    assert mistakes == []
    assert routes == (Route("far", (first, Hop(VaultRef("222222222222", "eu-central-1", "dr")))),)


@pytest.mark.parametrize(
    ("route", "told"),
    [
        (
            "[backp/eu-west-1/hop]",
            'routes.far[0]: expected one of the accounts backup, prod, got "backp"; did you',
        ),
        ("[backup/us-east-1/hop]", "routes.far[0]: expected a Region of the account backup (eu-west-1, eu-central-1)"),
        (
            "[backup/eu-west-1/hop, backup/eu-central-1/dr, backup/eu-west-1/hop keep 3d]",
            "routes.far[2]: expected a way that never comes back, but hop 1 goes to backup/eu-west-1/hop too",
        ),
        ("[backup/eu-west-1/hop then 7d]", "routes.far[0]: expected no then on the last hop"),
        (
            "[backup/eu-west-1/hop keep 7d then 30d, backup/eu-central-1/dr]",
            "routes.far[0]: expected a shorter time after then",
        ),
        ("[hop]", "routes.far[0]: expected a hop such as"),
        ("[]", "routes.far: expected a list of 1 to 8 different hops"),
    ],
)
def test_a_way_that_leads_nowhere_or_back_is_told_with_its_line(tmp_path: Path, route: str, told: str) -> None:
    _, mistakes = written(tmp_path, f"  far: {route}\n")

    assert mistakes[0].startswith(f"copy-backup.yaml:7: {told}")
