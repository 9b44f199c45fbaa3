"""After an outage of the bot: all that finished meanwhile is told, in order, each in its thread, the channel once."""

from bot.domain.requests import RequestState
from bot.domain.routing import TOGETHER
from bot.sandbox.worlds import PROD
from tests.flows.team import US, Team

TABLES = TOGETHER + 1


def away_while_all_finish(team: Team) -> list[str]:
    """Six approved copies that end while the bot is away; their requests."""
    world = team.worlds.aws.world
    for number in range(TABLES):
        world.add_recovery_point(PROD, US, "daily", f"t{number}")
    team.house.restart()
    world.hold_next_copies(TABLES)
    requests = [team.approved(f"t{number}") for number in range(TABLES)]
    for request_id in requests:
        team.becomes(RequestState.RUNNING, request_id)
    team.quiet()
    team.house.stop()
    world.release_copies()
    team.later(minutes=30)
    return requests


def test_many_that_finished_meanwhile_are_told_in_their_threads_and_once_in_the_channel(team: Team) -> None:
    requests = away_while_all_finish(team)

    team.house.start()

    team.reads(f"{TABLES} outcomes came in at once", *requests)
    for request_id in requests:
        team.becomes(RequestState.COMPLETED, request_id)
    team.quiet()
    told = team.said("The copy has completed")
    assert {message.thread_ts for message in told} == {team.card(one).ts for one in requests}
    assert not any(message.broadcast for message in told)
    assert len(team.said("outcomes came in at once")) == 1
