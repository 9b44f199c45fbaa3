"""From greyed-out to copied: features on, a new backup, its copy, under one approval and each of them once."""

from datetime import timedelta

import pytest
from moto.dynamodb.models import dynamodb_backends

from bot.domain.requests import RequestState
from bot.domain.steps import StepState
from bot.sandbox.aws.records import VaultLock
from bot.sandbox.worlds import BACKUP, PROD
from tests.flows.conftest import MakeTeam
from tests.flows.forms import Form, form
from tests.flows.house import LEAN
from tests.flows.orders import approve, carried_out, order, points, states
from tests.flows.team import EU, US, Team

WORDS = "now orders to backup/eu-west-1/dr-vault keep 90d because the copy has to be of today."
D = StepState.DONE


def test_an_order_with_something_to_overrule_is_seen_before_it_goes_out(make_team: MakeTeam) -> None:
    team = make_team(config=LEAN.replace("    needed: 1\n", "    needed: 1\n    override_findings: true\n"))
    team.worlds.aws.world.state.books(BACKUP, EU).vaults["dr-vault"].policy = None
    seen = form(team)

    seen.type(WORDS)

    seen.reads("lets approvers overrule 1 finding").reads("may not copy into the vault")
    assert team.house.request_ids() == []
    assert seen.view.submit_text == "Send with 1 to overrule"
    seen.person.submit()
    seen.reads("is sent").person.close_modal()
    team.question_reads("may not copy into the vault")


@pytest.mark.parametrize(
    ("words", "is_locked", "said"),
    [
        ("now orders to backup/eu-west-1/dr-vault keep 90d because x", True, "THIS CANNOT BE UNDONE"),
        ("sequence orders to backup/eu-west-1/dr-vault keep 90d because x", True, "THIS CANNOT BE UNDONE"),
        ("sequence orders to backup/eu-west-1/dr-vault keep 100y because x", False, "36,500 DAYS"),
    ],
)
def test_an_order_that_nobody_can_take_back_is_seen_before_it_goes_out(
    team: Team, words: str, is_locked: bool, said: str
) -> None:
    if is_locked:
        lock_for_good(team)
    seen = form(team)

    seen.type(words)

    seen.reads(said)
    assert team.house.request_ids() == []
    seen.sent(team)


def lock_for_good(team: Team) -> None:
    world = team.worlds.aws.world
    lock = VaultLock(7, 400, world.clock.now() - timedelta(days=9))
    world.state.books(BACKUP, EU).vaults["dr-vault"].lock = lock


def test_where_looking_took_too_long_for_a_form_a_button_opens_the_review(team: Team) -> None:
    lock_for_good(team)
    team.worlds.slack.faults.refuse("views.open", "expired_trigger_id")
    team.anna.command(f"/copy-backup {WORDS}")
    told = team.whispered(team.anna, "Not sent yet. This cannot be undone")
    assert team.house.request_ids() == []

    team.anna.click(told, "Look at it")

    seen = form(team)
    seen.reads("THIS CANNOT BE UNDONE").reads("has to be of today")
    seen.sent(team)


def test_now_backs_up_and_copies_the_new_backup(team: Team) -> None:
    before = {point.arn for point in points(team, US, "daily", PROD)}

    request_id = carried_out(team, WORDS)

    (backup,) = team.aws_calls("StartBackupJob")
    (copy,) = team.aws_calls("StartCopyJob")
    (new,) = {point.arn for point in points(team, US, "daily", PROD)} - before
    assert copy.params["RecoveryPointArn"] == new
    assert backup.params["IdempotencyToken"] == team.house.request(request_id).steps[0].token
    assert (states(team), len(points(team, EU, "dr-vault"))) == ([D, D], 1)
    team.reads("Done: back up", new)


def test_a_table_that_is_gone_is_told_before_anybody_is_asked(team: Team) -> None:
    del dynamodb_backends[PROD][US].tables["orders"]

    team.anna.command(f"/copy-backup {WORDS}")

    team.whispered(team.anna, "There is no table orders")
    assert team.house.request_ids() == []


def test_where_advanced_features_are_off_they_are_turned_on_first_and_nothing_else_is_changed(team: Team) -> None:
    team.worlds.aws.world.set_advanced(PROD, US, enabled=False)
    books = team.worlds.aws.world.state.books(PROD, US)
    books.opt_in["EBS"], books.management["EFS"] = False, True

    carried_out(team, WORDS)

    (call,) = team.aws_calls("UpdateRegionSettings")
    assert call.params["ResourceTypeOptInPreference"]["EBS"] is False
    assert call.params["ResourceTypeManagementPreference"] == {**books.management}
    assert (books.opt_in["DynamoDB"], books.management["DynamoDB"]) == (True, True)
    assert states(team) == [D, D, D]


def test_a_backup_without_a_recovery_point_in_the_answer_tells_that_the_features_are_still_off(team: Team) -> None:
    world = team.worlds.aws.world
    world.set_advanced(PROD, US, enabled=False)
    request_id = order(team, WORDS)
    busy = world.faults.throttle("StartBackupJob", times=None)
    approve(team, request_id)
    team.wait(lambda: busy.hits, "a backup that waits")
    world.set_advanced(PROD, US, enabled=False)
    busy.lift()
    team.later(minutes=6)

    team.reads("A step failed", "the advanced features are still off")
    assert team.aws_calls("StartCopyJob") == []
    assert team.state(request_id) is RequestState.PARTIAL


@pytest.mark.parametrize("operation", ["UpdateRegionSettings", "StartBackupJob"])
def test_a_bot_that_died_in_the_middle_makes_one_backup_and_one_copy(team: Team, operation: str) -> None:
    team.worlds.aws.world.set_advanced(PROD, US, enabled=False)
    before = len(points(team, US, "daily", PROD))
    request_id = order(team, WORDS)
    lost = team.worlds.aws.world.faults.lose_response(operation, times=None)
    approve(team, request_id)
    team.wait(lambda: lost.hits, f"{operation} without an answer")
    team.house.stop()
    lost.lift()
    team.later(minutes=6)

    team.house.start()

    team.becomes(RequestState.COMPLETED, request_id)
    assert len(points(team, US, "daily", PROD)) == before + 1
    assert len(points(team, EU, "dr-vault")) == 1


def test_a_kill_while_the_backup_runs_harms_nothing(team: Team) -> None:
    team.worlds.aws.world.job_timing(created=timedelta(0), running=timedelta(minutes=3))
    request_id = order(team, WORDS)
    approve(team, request_id)
    team.wait(lambda: team.aws_calls("StartBackupJob"), "the backup")
    team.house.stop()
    team.later(minutes=10)

    team.house.start()

    team.wait(lambda: team.aws_calls("StartCopyJob"), "the copy")
    team.later(minutes=10)
    team.becomes(RequestState.COMPLETED, request_id)
    assert (len(team.aws_calls("StartBackupJob")), len(team.aws_calls("StartCopyJob"))) == (1, 1)


def test_what_is_missing_is_asked_for_in_a_form_that_keeps_what_was_typed(team: Team) -> None:
    team.anna.command("/copy-backup now orders to backup/eu-west-1/dr-vault")
    team.wait(lambda: team.anna.modal and "Reason" in str(team.anna.modal.blocks), "the form")
    assert "backup/eu-west-1/dr-vault" in str(team.anna.modal.blocks if team.anna.modal else "")

    team.anna.fill("Keep the copy", "45d")
    team.anna.fill("Reason", "Because it is asked for.")
    team.anna.submit()
    team.wait(lambda: team.anna.modal and team.anna.modal.submit_text == "Send request", "the review")
    team.anna.submit()

    team.question("CB-1")
    approve(team, "CB-1")
    team.becomes(RequestState.COMPLETED)


@pytest.mark.parametrize(
    ("words", "told", "fields"),
    [
        (
            "now nosuch to backup/eu-west-1/dr-vault keep 90d because x",
            ["I know no backup of a table nosuch"],
            ["Table"],
        ),
        ("now orders to nowhere/eu-west-1/dr-vault keep 90d because x", ["I know no destination “nowhere/"], ["To"]),
        ("now orders to backup/eu-west-1/dr-vault keep 0d because x", ["Say how long it is kept"], ["Keep the copy"]),
        (
            "sequence nosuch to nowhere keep 0d because x",
            ["I know no backup of a table nosuch", "I know no destination “nowhere”", "Say how long it is kept"],
            ["Table", "To", "Keep the copy"],
        ),
        ("keep CB-99 2y because x", ["Name a request such as CB-7"], ["Request"]),
    ],
)
def test_what_cannot_be_is_shown_at_its_field_at_once(
    team: Team, words: str, told: list[str], fields: list[str]
) -> None:
    sheet = form(team)
    sheet.type(words)
    sheet.has("Reason")

    for sentence, field in zip(told, fields, strict=True):
        assert sentence in before(sheet, field)
    assert set(sheet.objection()) == set(fields)


def before(sheet: Form, label: str) -> str:
    """What stands right before a field."""
    blocks = sheet.view.blocks
    at = next(at for at, block in enumerate(blocks) if (block.get("label") or {}).get("text") == label)
    return str(blocks[at - 1].get("text"))


def test_the_time_that_counts_stands_in_one_field(team: Team) -> None:
    sheet = form(team)
    sheet.type("sequence orders to nosuch keep 9d because x")

    sheet.has("Reason")
    assert [sheet.value(label) for label in ("Table", "To", "Keep the copy")] == ["orders", "nosuch", "9d"]


@pytest.mark.parametrize("word", ["restore", "drill"])
def test_a_table_that_is_not_there_is_told_with_what_was_typed(team: Team, word: str) -> None:
    sheet = form(team)
    sheet.type(f"{word} order-s")

    sheet.has("Table")
    assert "I know no table “order-s” that has backups. Did you mean orders?" in before(sheet, "Table")
