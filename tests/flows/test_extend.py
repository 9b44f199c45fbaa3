"""A copy is kept longer or for good: changed where it lies, with all of its lifecycle, read back, never in a lock."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.requests import RequestState
from bot.sandbox.aws.records import VaultLock
from bot.sandbox.worlds import BACKUP
from tests.flows.forms import form
from tests.flows.orders import approve, carried_out, order, points, vault
from tests.flows.team import EU, Team

LONGER = "keep CB-1 400d because the audit takes longer."


def test_a_copy_is_kept_longer_in_the_account_that_holds_it(team: Team) -> None:
    team.copied("orders")

    carried_out(team, LONGER)

    (call,) = team.aws_calls("UpdateRecoveryPointLifecycle")
    (copy,) = points(team, EU, "dr-vault")
    assert (call.account, call.region) == (BACKUP, EU)
    assert call.params["Lifecycle"] == {"DeleteAfterDays": 400}
    assert copy.lifecycle.delete_after == 400
    assert "CB-2" in call.caller
    team.reads("Done: change how long the backup of", "as AWS reports it")


def test_a_copy_is_kept_shorter_and_its_new_end_is_told(team: Team) -> None:
    team.copied("orders")
    (copy,) = points(team, EU, "dr-vault")
    assert copy.lifecycle.delete_after > 60

    carried_out(team, "keep CB-1 60d because it costs too much.")

    (call,) = team.aws_calls("UpdateRecoveryPointLifecycle")
    (copy,) = points(team, EU, "dr-vault")
    assert call.params["Lifecycle"] == {"DeleteAfterDays": 60}
    assert copy.lifecycle.delete_after == 60
    end = copy.created_at + timedelta(days=60)
    team.reads("Done: change how long the backup of", f"Expires: {end:%b} {end.day}, {end.year}", "as AWS reports it")


def test_a_copy_is_kept_for_good_with_its_cold_storage_as_it_was(team: Team) -> None:
    team.copied("orders")
    (copy,) = points(team, EU, "dr-vault")
    copy.lifecycle = replace(copy.lifecycle, cold_after=30, delete_after=200)

    sheet = form(team)
    sheet.type("keep CB-1 forever because it is evidence.")
    # What nobody can take back is looked at first: nothing is sent by the typed line alone.
    sheet.reads("WITHOUT AN END")
    assert team.house.request_ids() == ["CB-1"]
    request_id = sheet.sent(team)
    approve(team, request_id)
    team.becomes(RequestState.COMPLETED, request_id)

    (call,) = team.aws_calls("UpdateRecoveryPointLifecycle")
    assert call.params["Lifecycle"] == {"DeleteAfterDays": -1, "MoveToColdStorageAfterDays": 30}
    assert (points(team, EU, "dr-vault")[0].lifecycle.delete_after, copy.lifecycle.cold_after) == (None, 30)


def test_a_copy_that_exists_follows_no_source_which_is_said_at_the_field(team: Team) -> None:
    team.copied("orders")
    sheet = form(team)

    sheet.type("keep CB-1 source because x")

    sheet.reads("A copy that exists has an end of its own and follows no source any more.")
    assert sheet.value("Keep the copy") == "source"
    assert team.house.request_ids() == ["CB-1"]


def test_in_a_locked_vault_nothing_is_changed_and_nobody_is_bothered(team: Team) -> None:
    team.copied("orders")
    vault(team, EU, "dr-vault").lock = VaultLock(30, 500)

    team.anna.command(f"/copy-backup {LONGER}")

    team.whispered(team.anna, "AWS changes no retention in a locked vault")
    assert team.house.request_ids() == ["CB-1"]


def test_a_change_whose_answer_got_lost_is_made_once_more_and_told_once(team: Team) -> None:
    team.copied("orders")
    request_id = order(team, LONGER)
    lost = team.worlds.aws.world.faults.lose_response("UpdateRecoveryPointLifecycle", times=None)
    approve(team, request_id)
    team.wait(lambda: lost.hits, "a change without an answer")
    team.house.stop()
    lost.lift()
    team.later(minutes=6)

    team.house.start()

    team.becomes(RequestState.COMPLETED, request_id)
    team.quiet()
    assert len(team.said("Done: change how long")) == 1
    assert points(team, EU, "dr-vault")[0].lifecycle.delete_after == 400
