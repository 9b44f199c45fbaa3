"""What people want of a copy begins where they read that it was made."""

from datetime import timedelta

import pytest

from bot.domain.requests import RequestState
from bot.domain.retention import Keep
from bot.sandbox.slack import Message
from bot.sandbox.worlds import BACKUP, PROD
from tests.flows.conftest import MakeTeam
from tests.flows.forms import Form, form
from tests.flows.house import LEAN
from tests.flows.team import EU, US, Team


@pytest.fixture
def told(team: Team) -> Message:
    """The message that tells of a copy of orders in the other account."""
    team.worlds.aws.world.allow_copies_into(PROD, US, "daily", BACKUP)
    team.copied("orders")
    return team.done()


def opened(team: Team, message: Message, button: str, label: str) -> Form:
    team.anna.click(message, button)
    sheet = form(team)
    sheet.has(label)
    return sheet


def test_a_copy_is_restored_from_the_message_that_tells_of_it(team: Team, told: Message) -> None:
    sheet = opened(team, told, "Restore…", "Backup or copy")

    assert sheet.value("Table").startswith("orders")
    assert "The same backup is in prod · us-east-1 · `daily`" in sheet.text
    assert sheet.value("Restore in") == f"prod · {US}"
    sheet.pick("Copy it first to", "daily", redraws=False).write("New table", "orders-back")
    request_id = sheet.write("Reason", "The table is lost.").reviewed().sent(team)
    team.ben.click(team.question(request_id), "Approve")
    team.becomes(RequestState.COMPLETED, request_id)
    (copy,) = team.copies()
    back = team.house.request(request_id).steps[0].copy
    assert back is not None
    assert back.point.arn == copy.arn


def test_a_copy_is_tried_in_a_drill_from_there(team: Team, told: Message) -> None:
    sheet = opened(team, told, "Drill…", "Backup or copy")

    assert "The same backup is in prod · us-east-1 · `daily`" in sheet.text
    assert "copy-backup-drill-" in sheet.text


def test_a_copy_is_kept_longer_from_there(team: Team, told: Message) -> None:
    sheet = opened(team, told, "Keep longer…", "Request")

    assert sheet.value("Request") == "CB-1"
    request_id = sheet.write("Keep the copy", "2y").write("Reason", "The audit takes longer.").reviewed().sent(team)
    team.ben.click(team.question(request_id), "Approve")
    team.becomes(RequestState.COMPLETED, request_id)
    (copy,) = team.copies()
    assert copy.lifecycle.delete_after == 730


def test_a_copy_is_made_again_and_again_from_there(team: Team, told: Message) -> None:
    sheet = opened(team, told, "Copy regularly…", "Tables")

    assert sheet.value("Tables") == "orders"
    assert sheet.value("Tables of") == f"prod · {US}"
    assert "dr-vault" in sheet.value("Copy to")
    assert sheet.value("Keep copies for days") == ""


def test_a_copy_that_is_gone_is_told_in_the_form(team: Team, told: Message) -> None:
    (copy,) = team.copies()
    team.worlds.aws.world.delete_recovery_point(BACKUP, EU, "dr-vault", copy.arn)

    team.anna.click(told, "Restore…")

    form(team).reads("This copy is not there any more")


@pytest.mark.parametrize("seen", [False, True], ids=["not seen yet", "told"])
def test_a_copy_that_was_deleted_cannot_be_kept_longer_and_the_form_says_what_helps(
    team: Team, told: Message, seen: bool
) -> None:
    (copy,) = team.copies()
    team.worlds.aws.world.delete_recovery_point(BACKUP, EU, "dr-vault", copy.arn)
    if seen:
        team.later(days=2)
        team.reads("is gone before its end")

    team.anna.click(told, "Keep longer…")

    form(team).reads("This copy was deleted before its end").reads("/copy-backup orders").reads("copied again")
    assert team.house.request_ids() == ["CB-1"]


@pytest.mark.parametrize("hours", [0, 24], ids=["before AWS has removed it", "told"])
def test_a_copy_that_has_expired_cannot_be_kept_longer_and_the_form_says_what_helps(team: Team, hours: int) -> None:
    team.copied("orders", keep=Keep.DAYS, days=45)
    told, (copy,) = team.done(), team.copies()
    team.clock.advance(copy.created_at + timedelta(days=45, minutes=1) - team.clock.now())
    if hours:
        team.later(hours=hours)
        team.reads("has expired, and AWS has removed it")

    team.anna.click(told, "Keep longer…")

    form(team).reads("This copy has come to its end").reads("copied again")
    assert team.house.request_ids() == ["CB-1"]


def test_a_copy_that_was_made_for_a_restore_offers_nothing(team: Team, told: Message) -> None:
    sheet = opened(team, told, "Restore…", "Backup or copy").pick("Copy it first to", "daily", redraws=False)
    request_id = sheet.write("Reason", "A look.").reviewed().sent(team)
    team.ben.click(team.question(request_id), "Approve")
    team.becomes(RequestState.COMPLETED, request_id)

    assert team.done("backup", "daily").buttons == []


def test_an_overdue_drill_is_run_from_the_list(make_team: MakeTeam) -> None:
    team = make_team(config=f"{LEAN}drills:\n  - table: customers\n    every: 30d\n")
    # The bot asks by itself; somebody who turns it down may think again.
    team.ben.click(team.question("CB-1"), "Reject")
    form(team, team.ben).write("Reason", "Not today.").person.submit()
    team.becomes(RequestState.REJECTED)
    team.anna.command("/copy-backup drill list")

    sheet = opened(team, team.whispered(team.anna, "never drilled"), "Run drill…", "Backup or copy")

    assert sheet.value("Table").startswith("customers")
    request_id = sheet.write("Reason", "It is overdue.").reviewed().sent(team)
    assert "delete" in team.text(team.question(request_id))
