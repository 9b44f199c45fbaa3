"""What people type after the command, and what AWS holds afterwards, for the stories about plans."""

from typing import Any

from bot.domain.requests import RequestState
from bot.domain.steps import StepState
from bot.sandbox.worlds import BACKUP, CONFIG
from tests.flows.team import Team

FRANKFURT = "eu-central-1"
ROUTES = """\
routes:
  dr-chain: [backup/eu-west-1/dr-vault keep 60d then 20d, backup/eu-central-1/dr-vault]
"""
# Two Regions of the account for disasters, since a sequence goes on there.
CONFIG_WITH_ROUTES = CONFIG.replace("[us-east-1, eu-west-1]", "[us-east-1]") + ROUTES


def order(team: Team, words: str) -> str:
    """Type a complete order; the id of its request, once its question stands in the thread."""
    known = set(team.house.request_ids())
    team.anna.command(f"/copy-backup {words}")
    (request_id,) = team.wait(lambda: set(team.house.request_ids()) - known, f"a request of {words!r}")
    team.question(request_id)
    return request_id


def approve(team: Team, request_id: str) -> None:
    team.ben.click(team.question(request_id), "Approve")


def carried_out(team: Team, words: str) -> str:
    request_id = order(team, words)
    approve(team, request_id)
    team.becomes(RequestState.COMPLETED, request_id)
    return request_id


def states(team: Team, request_id: str = "CB-1") -> list[StepState]:
    return [step.state for step in team.house.request(request_id).steps]


def vault(team: Team, region: str, name: str, account: str = BACKUP) -> Any:
    return team.worlds.aws.world.state.books(account, region).vaults.get(name)


def points(team: Team, region: str, name: str, account: str = BACKUP) -> list[Any]:
    team.worlds.aws.world.settle()
    return list(vault(team, region, name, account).points.values())
