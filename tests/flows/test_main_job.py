"""The main job from the command to the last notice, over both of Slack's transports and both databases."""

import pytest

from bot.domain.requests import RequestState
from bot.sandbox.worlds import BACKUP, PROD
from tests.contract.store_postgres import fresh_database, server_url
from tests.flows.conftest import MakeTeam
from tests.flows.team import REASON, Team


def play_the_main_job(team: Team) -> None:
    request_id = team.ask("orders")

    assert request_id == "CB-1"
    assert "Waiting for approval" in team.text(team.card())
    assert REASON in team.text(team.question())
    assert team.question().buttons == ["Approve", "Reject", "Cancel request"]
    assert team.jobs() == []

    team.ben.click(team.question(), "Approve")
    team.reads("Ben approved CB-1")
    started = team.reads("The copy has started")
    done = team.reads("The copy has completed")
    team.quiet()

    (job,) = team.jobs()
    (copy,) = team.copies()
    assert job["CopyJobId"] in team.text(started)
    assert (job["State"], job["AccountId"]) == ("COMPLETED", PROD)
    assert job["DestinationBackupVaultArn"] == f"arn:aws:backup:eu-west-1:{BACKUP}:backup-vault:dr-vault"
    for fact in (copy.arn, "12.1 GB", "Took:", "Expires:", "as AWS reports it"):
        assert fact in team.text(done)
    assert "Completed" in team.text(team.card())
    assert team.question().buttons == []
    assert team.state() is RequestState.COMPLETED
    assert team.house.request(request_id).steps[0].result_arn == copy.arn

    team.later(days=60)
    team.reads("from now")


def test_a_copy_is_asked_for_approved_made_and_watched(bot_over: Team) -> None:
    play_the_main_job(bot_over)


def test_the_main_job_on_postgresql(make_team: MakeTeam) -> None:
    with fresh_database(server_url()) as url:
        team = make_team(database_url=url)
        play_the_main_job(team)
        team.house.shut()


@pytest.mark.parametrize("table", ["customers", "invoices-2026"])
def test_the_copy_is_of_the_table_that_was_chosen(team: Team, table: str) -> None:
    newest = team.newest_backup(table)

    team.copied(table)

    (job,) = team.jobs()
    assert (job["ResourceName"], job["SourceRecoveryPointArn"]) == (table, newest)
