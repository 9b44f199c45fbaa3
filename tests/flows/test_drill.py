"""A drill: a copy comes back for trial, is compared, its table is deleted again; and overdue drills are named."""

from datetime import timedelta
from typing import Any

import pytest
from moto.dynamodb.models import dynamodb_backends

from bot.domain.drills import PREFIX, TAG
from bot.domain.requests import RequestState
from bot.domain.steps import StepState
from bot.sandbox.slack import BACKUPS
from bot.sandbox.worlds import BACKUP, PROD
from tests.flows.conftest import MakeTeam
from tests.flows.forms import form
from tests.flows.house import LEAN
from tests.flows.team import EU, US, Team

TABLE = "orders"


def tables() -> dict[str, Any]:
    return dict(dynamodb_backends[PROD][US].tables)


def drill_tables() -> list[str]:
    return [name for name in tables() if name.startswith(PREFIX)]


def a_copy_with_a_record(team: Team) -> None:
    team.worlds.aws.world.allow_copies_into(PROD, US, "daily", BACKUP)
    team.copied(TABLE)
    team.wait(lambda: recorded(team), "the record of the table")


def recorded(team: Team) -> bool:
    with team.house.store.read() as tx:
        return tx.records.newest(f"arn:aws:dynamodb:{US}:{PROD}:table/{TABLE}") is not None


def asked(team: Team) -> str:
    sheet = form(team).begin("drill orders", "Copy it first to").pick("Copy it first to", "daily", redraws=False)
    return sheet.write("Reason", "The auditors want to see a restore.").reviewed().sent(team)


def approve(team: Team, request_id: str) -> None:
    team.ben.click(team.question(request_id), "Approve")


def test_a_drill_brings_a_copy_back_compares_it_and_leaves_nothing_behind(team: Team) -> None:
    a_copy_with_a_record(team)

    request_id = asked(team)
    approve(team, request_id)
    team.becomes(RequestState.COMPLETED, request_id)

    said = team.text(team.reads("Compared: it agrees"))
    assert "5 items restored, 5 recorded at the copy" in said
    assert "of a sample of 5, 5 are the same" in said
    assert "could be used" in team.text(team.reads("Drill passed"))
    assert drill_tables() == []
    assert TABLE in tables()
    assert [call.params["TableName"][: len(PREFIX)] for call in team.aws_calls("DeleteTable")] == [PREFIX]
    team.quiet()


def test_a_drill_of_a_backup_at_home_needs_no_copy(team: Team) -> None:
    sheet = form(team).begin("drill orders", "Backup or copy")
    request_id = sheet.write("Reason", "A look.").reviewed().sent(team)
    approve(team, request_id)

    team.becomes(RequestState.COMPLETED, request_id)

    assert [step.kind for step in team.house.request(request_id).steps] == ["restore", "compare-table", "delete-table"]
    assert "in the table as it is now" in team.text(team.reads("Compared"))


def test_what_differs_from_the_record_is_said_aloud(team: Team) -> None:
    """Items that were written between the backup and the copy's record."""
    for number in range(3):
        dynamodb_backends[PROD][US].put_item(TABLE, {"id": {"S": f"late-{number}"}})
    a_copy_with_a_record(team)

    request_id = asked(team)
    approve(team, request_id)
    team.becomes(RequestState.COMPLETED, request_id)

    said = team.text(team.reads("Compared: it differs"))
    assert "5 items restored, 8 recorded" in said
    assert "3 are missing" in said


def test_a_table_that_lost_everything_fails_the_drill_and_is_kept_to_be_looked_at(team: Team) -> None:
    a_copy_with_a_record(team)
    hold = team.worlds.aws.world.faults.throttle("TagResource", times=None)
    request_id = asked(team)
    approve(team, request_id)
    team.wait(lambda: hold.hits, "the comparison to begin")
    (name,) = drill_tables()
    for number in range(5):
        dynamodb_backends[PROD][US].delete_item(name, {"id": {"S": f"orders-{number}"}}, None, None, None)
    hold.lift()
    team.later(minutes=10)

    team.becomes(RequestState.PARTIAL, request_id)

    assert drill_tables() == [name]
    # The card tells the failure too, but only the thread what to do.
    team.reads("it is not what was recorded", f"aws dynamodb delete-table --table-name {name}")


@pytest.mark.parametrize("operation", ["StartRestoreJob", "TagResource", "Scan", "DeleteTable"])
def test_a_drill_goes_on_after_the_bot_ended_in_the_middle_of_any_step(team: Team, operation: str) -> None:
    a_copy_with_a_record(team)
    lost = team.worlds.aws.world.faults.lose_response(operation, times=None)
    request_id = asked(team)
    approve(team, request_id)
    team.wait(lambda: lost.hits, f"{operation} without an answer")
    team.house.stop()

    lost.lift()
    team.later(minutes=10)
    team.house.start()

    team.becomes(RequestState.COMPLETED, request_id)
    team.reads("Drill passed")
    team.quiet()
    assert len(team.said("Drill passed")) == 1
    assert drill_tables() == []
    assert len(team.worlds.aws.world.copy_jobs(BACKUP, EU)) == 1
    assert len(team.worlds.aws.world.state.books(PROD, US).restore_jobs) == 1


def test_a_table_without_the_drills_tag_is_never_deleted(team: Team) -> None:
    """Somebody made the table anew under the drill's name: it is not ours any more."""
    a_copy_with_a_record(team)
    hold = team.worlds.aws.world.faults.throttle("DeleteTable", times=None)
    request_id = asked(team)
    approve(team, request_id)
    team.wait(lambda: hold.hits, "the end of the drill")
    (name,) = drill_tables()
    table = tables()[name]
    assert {"Key": TAG, "Value": request_id} in table.tags
    table.tags = []
    hold.lift()
    team.later(minutes=10)

    team.becomes(RequestState.PARTIAL, request_id)

    assert drill_tables() == [name]
    assert "is not a table that this drill has made" in team.text(team.reads("failed"))


def test_overdue_drills_are_named_by_asking_for_them_once(make_team: MakeTeam) -> None:
    team = make_team(config=f"{LEAN}drills:\n  - table: orders*\n    every: 90d\n")
    request_id = team.wait(lambda: next(iter(team.house.request_ids()), None), "the drill to be asked for")
    assert request_id is not None

    assert "Drill overdue: orders was never brought back" in team.text(team.question(request_id))
    approve(team, request_id)
    team.becomes(RequestState.COMPLETED, request_id)
    team.reads("Drill passed")

    team.later(days=80)
    team.quiet()
    assert team.house.request_ids() == [request_id]
    team.later(days=9, hours=23)
    team.quiet()
    assert team.house.request_ids() == [request_id]

    # The backups that were there at first have ended by now; the plan has made others meanwhile.
    team.worlds.aws.world.add_recovery_point(
        PROD, US, "daily", TABLE, size_bytes=1024, lifecycle={"DeleteAfterDays": 90}
    )
    team.later(hours=2)
    # The inventory is read by the machine's clock; a bot that starts looks at once.
    team.house.restart()

    again = team.wait(lambda: next(iter(set(team.house.request_ids()) - {request_id}), None), "the next drill")
    assert again is not None
    assert "Drill overdue: orders was last brought back" in team.text(team.question(again))
    team.later(days=1)
    team.quiet()
    assert team.house.request_ids() == [request_id, again]


def test_an_overdue_drill_that_cannot_be_asked_for_is_told_operators_once_and_in_the_status(
    make_team: MakeTeam,
) -> None:
    away_only = LEAN.replace("  - approvers:", "  - when: {destination_account: backup}\n    approvers:")
    operated = away_only.replace("notices:\n", f"notices:\n  ops_channel: {BACKUPS}\n")
    team = make_team(config=f"{operated}drills:\n  - table: orders*\n    every: 90d\n")

    told = team.wait(lambda: team.said("A drill of"), "the word to operators")

    for words in ("`orders` in prod (us-east-1) is overdue, and I cannot ask for it:", "rule"):
        assert words in team.text(told[0])
    team.dora.command("/copy-backup status", BACKUPS)
    team.whispered(team.dora, "1 drill overdue and not asked for: `orders`.")
    team.later(days=1)
    team.quiet()
    team.house.restart()
    team.quiet()
    assert len(team.said("A drill of")) == 1
    assert team.house.request_ids() == []


def test_what_is_due_is_listed(make_team: MakeTeam) -> None:
    team = make_team(config=f"{LEAN}drills:\n  - table: orders\n    every: 90d\n  - table: customers\n    every: 30d\n")
    team.anna.command("/copy-backup drill list")

    told = team.text(team.whispered(team.anna, "never drilled"))
    assert "overdue" in told
    assert "customers" in told
    assert "every 30 days" in told
    assert "invoices" not in told


def test_the_state_of_a_drill_is_on_its_card(team: Team) -> None:
    team.worlds.aws.world.job_timing(running=timedelta(minutes=30), kinds=["restore"])
    sheet = form(team).begin("drill orders", "Backup or copy")
    request_id = sheet.write("Reason", "A look.").reviewed().sent(team)
    approve(team, request_id)

    team.wait(lambda: team.house.request(request_id).steps[0].state is StepState.RUNNING, "the restore to run")

    team.card_reads("Under way", request_id)
    team.card_reads("delete", request_id)
