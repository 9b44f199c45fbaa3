"""Try again, for each kind of step: AWS forbids its call, somebody allows it, one click, the plan is done."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import pytest

from bot.domain.kinds import StepKind
from bot.domain.requests import RequestState
from bot.domain.steps import StepState
from bot.sandbox.worlds import BACKUP, PROD
from tests.flows.orders import CONFIG_WITH_ROUTES, approve
from tests.flows.team import Team
from tests.flows.test_killed import ASK, MADE, made, nothing_is_left_behind


@dataclass(frozen=True)
class Trouble:
    """What AWS forbids, in the plan whose step of this kind needs it."""

    kind: str
    plan: str
    call: str
    account: str = PROD


TROUBLES = [
    Trouble("create-vault", "new vault", "CreateBackupVault", BACKUP),
    Trouble("create-vault", "new vault", "PutBackupVaultAccessPolicy", BACKUP),
    Trouble("copy", "new vault", "StartCopyJob"),
    Trouble("enable-advanced", "new backup", "UpdateRegionSettings"),
    Trouble("back-up", "new backup", "StartBackupJob"),
    Trouble("set-retention", "chain", "UpdateRecoveryPointLifecycle", BACKUP),
    Trouble("restore", "drill", "StartRestoreJob"),
    Trouble("compare-table", "drill", "TagResource"),
    Trouble("delete-table", "drill", "DeleteTable"),
    Trouble("change-plan", "plan", "UpdateBackupPlan"),
]


@pytest.fixture
def config() -> str:
    return CONFIG_WITH_ROUTES


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: f"{trouble.kind}: {trouble.call}")
def test_what_was_forbidden_is_made_by_try_again_once_it_is_allowed(team: Team, trouble: Trouble) -> None:
    before = made(team)
    request_id = ASK[trouble.plan](team)
    forbidden = team.worlds.aws.world.faults.deny(trouble.account, trouble.call)
    approve(team, request_id)
    failed = team.reads("Try again", trouble.call)
    (step,) = [step for step in team.house.request(request_id).steps if step.state is StepState.FAILED]
    assert (step.kind, forbidden.hits > 0) == (trouble.kind, True)
    done = finished(team, request_id)

    forbidden.lift()
    team.ben.click(failed, "Try again")

    team.becomes(RequestState.COMPLETED, request_id)
    steps = team.house.request(request_id).steps
    assert {step.state for step in steps} == {StepState.DONE}
    # One approval was enough, and what was done before is not done again.
    assert len(team.house.request(request_id).decisions) == 1
    assert made(team) - before == Counter(MADE[trouble.plan])
    assert done.items() <= finished(team, request_id).items()
    nothing_is_left_behind(team, request_id)
    team.loses_its_buttons(failed)
    team.quiet()


def finished(team: Team, request_id: str) -> dict[int, datetime | None]:
    """When each step ended that is done."""
    steps = team.house.request(request_id).steps
    return {step.id: step.finished_at for step in steps if step.state is StepState.DONE}


def test_every_kind_that_calls_aws_has_its_trouble() -> None:
    """A schedule is put in force by a row alone, so nothing of AWS can forbid it."""
    assert {str(kind) for kind in StepKind} - {trouble.kind for trouble in TROUBLES} == {str(StepKind.RECUR)}
