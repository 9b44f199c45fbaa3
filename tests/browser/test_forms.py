"""Restores, drills, orders and schedules by typing and clicking, with the unchanged bot between the local worlds."""

from playwright.sync_api import expect

from bot.domain.params import RestoreParams
from bot.domain.requests import RequestState
from bot.sandbox.slack import ANNA
from bot.sandbox.worlds import BACKUP, PROD
from tests.browser.conftest import SitDown
from tests.browser.desk import Desk
from tests.flows.orders import points, vault
from tests.flows.team import EU, US, Team


def write(desk: Desk, label: str, text: str) -> None:
    desk.modal.get_by_label(label, exact=True).fill(text)


def send(desk: Desk, name: str) -> None:
    """Review and send what the form holds; its pictures are called after it."""
    desk.shoot(f"{name}-form")
    desk.press("Review")
    desk.modal.get_by_role("button", name="Send request").wait_for()
    desk.shoot(f"{name}-review")
    desk.press("Send request")
    desk.reads("is sent")
    desk.press("Done")


def approve(desk: Desk, name: str) -> None:
    """As Ben, in the thread of the newest request."""
    desk.act_as("Ben")
    desk.open_thread()
    desk.shoot(f"{name}-question")
    desk.thread.get_by_role("button", name="Approve copy request").click()
    desk.shoot(f"{name}-confirm")
    desk.confirm("Approve")


def test_a_lost_table_comes_back_from_the_message_that_tells_of_its_copy(at_desk: SitDown, team: Team) -> None:
    team.worlds.aws.world.allow_copies_into(PROD, US, "daily", BACKUP)
    team.copied("orders")
    desk = at_desk(ANNA)
    desk.open_thread()
    expect(desk.thread).to_contain_text("The copy has completed")
    desk.shoot("20-copy-offers")

    desk.thread.get_by_role("button", name="Restore this copy of orders").click()
    desk.reads("The same backup is in prod · us-east-1 · daily: restoring that one needs no copy")
    desk.choose("Copy it first to", "daily")
    write(desk, "New table", "orders-back")
    write(desk, "Reason", "The table was deleted by mistake.")
    send(desk, "21-restore")
    approve(desk, "22-restore")

    expect(desk.thread).to_contain_text("orders is back as orders-back")
    expect(desk.thread).to_contain_text("What DynamoDB does not bring back")
    team.becomes(RequestState.COMPLETED, "CB-2")
    desk.shoot("23-restored")


def test_a_sequence_is_typed_into_its_form_and_shown_step_by_step(at_desk: SitDown, team: Team) -> None:
    key = vault(team, EU, "dr-vault").key_arn
    desk = at_desk(ANNA)

    desk.type_line("/copy-backup sequence orders")
    desk.reads("Copy along a way")
    way = f"new backup/eu-west-1/audit key {key} keep 60d, backup/eu-west-1/dr-vault keep 1y"
    write(desk, "To", "backup/eu-west-1/nowhere-at-all/x")
    write(desk, "Reason", "One disaster must not reach both.")
    desk.press("Review")
    expect(desk.modal.locator(".field-error").first).to_be_visible()
    desk.shoot("24-sequence-refused")
    write(desk, "To", way)
    send(desk, "25-sequence")
    approve(desk, "26-sequence")

    team.becomes(RequestState.COMPLETED, "CB-1")
    expect(desk.messages.first).to_contain_text("3. copy orders")
    expect(desk.messages.first).to_contain_text("Completed")
    desk.shoot("27-sequence-done")
    assert len(points(team, EU, "audit")) == len(points(team, EU, "dr-vault")) == 1


def test_a_chain_goes_on_from_the_copy_that_its_first_hop_made(at_desk: SitDown, team: Team) -> None:
    key = vault(team, EU, "dr-vault").key_arn
    desk = at_desk(ANNA)

    desk.type_line("/copy-backup sequence orders")
    desk.reads("Copy along a way")
    write(desk, "To", f"backup/eu-west-1/dr-vault keep 60d then new backup/eu-west-1/audit key {key} keep 1y")
    write(desk, "Reason", "Whoever holds the first must not hold the second.")
    send(desk, "41-chain")
    approve(desk, "42-chain")

    team.becomes(RequestState.COMPLETED, "CB-1")
    expect(desk.messages.first).to_contain_text("Completed")
    desk.shoot("43-chain-done")
    (hop,), (last,) = points(team, EU, "dr-vault"), points(team, EU, "audit")
    first, second = team.aws_calls("StartCopyJob")
    assert (first.account, second.account) == (PROD, BACKUP)
    assert (second.params["RecoveryPointArn"], second.params["SourceBackupVaultName"]) == (hop.arn, "dr-vault")
    assert (hop.lifecycle.delete_after, last.lifecycle.delete_after) == (60, 365)


def test_a_table_is_backed_up_now_and_copied(at_desk: SitDown, team: Team) -> None:
    team.worlds.aws.world.set_advanced(PROD, US, enabled=False)
    desk = at_desk(ANNA)

    desk.type_line("/copy-backup now orders to backup/eu-west-1/dr-vault keep 90d")
    desk.reads("Back up and copy")
    write(desk, "Reason", "Before the schema change.")
    send(desk, "28-now")
    approve(desk, "29-now")

    team.becomes(RequestState.COMPLETED, "CB-1")
    expect(desk.thread).to_contain_text("Done: turn on advanced features")
    desk.shoot("30-now-done")


def test_a_drill_is_run_and_leaves_nothing_behind(at_desk: SitDown, team: Team) -> None:
    desk = at_desk(ANNA)

    desk.type_line("/copy-backup drill orders")
    desk.reads("to a table of its own")
    write(desk, "Reason", "The auditors want to see a restore.")
    send(desk, "31-drill")
    approve(desk, "32-drill")

    team.becomes(RequestState.COMPLETED, "CB-1")
    expect(desk.thread).to_contain_text("Drill passed")
    desk.shoot("33-drill-done")


def test_a_drill_of_the_copy_in_the_other_account_copies_it_back_first(at_desk: SitDown, team: Team) -> None:
    team.worlds.aws.world.allow_copies_into(PROD, US, "daily", BACKUP)
    team.copied("orders")
    desk = at_desk(ANNA)

    desk.type_line("/copy-backup drill orders")
    desk.choose("Copy it first to", "daily")
    write(desk, "Reason", "Would the copy over there do?")
    send(desk, "44-drill-back")
    approve(desk, "45-drill-back")

    team.becomes(RequestState.COMPLETED, "CB-2")
    expect(desk.thread).to_contain_text("copied back in")
    desk.shoot("46-drill-back-done")
    steps = team.house.request("CB-2").steps
    assert [step.kind for step in steps] == ["copy", "restore", "compare-table", "delete-table"]
    (there,), back = points(team, EU, "dr-vault"), team.aws_calls("StartCopyJob")[-1]
    assert (back.account, back.params["RecoveryPointArn"]) == (BACKUP, there.arn)
    restore = steps[1].params
    assert isinstance(restore, RestoreParams)
    assert restore.point.arn == steps[0].result_arn


def test_copies_are_scheduled_to_several_places_and_paused_in_the_list(at_desk: SitDown, team: Team) -> None:
    team.worlds.aws.world.create_vault(BACKUP, EU, "second")
    team.worlds.aws.world.allow_copies_into(BACKUP, EU, "second", PROD)
    desk = at_desk(ANNA)

    desk.type_line("/copy-backup schedule bot")
    desk.reads("Each time the newest backup")
    desk.choose("Tables of", "prod · us-east-1")
    write(desk, "Tables", "orders*")
    desk.choose("Copy to", "dr-vault", typed="dr")
    desk.choose("Copy to", "second", typed="sec")
    write(desk, "Keep copies for days", "90")
    write(desk, "Reason", "Every night, for the auditors.")
    send(desk, "34-schedule")
    approve(desk, "35-schedule")
    expect(desk.thread).to_contain_text("The schedule is in force")
    desk.shoot("36-schedule-in-force")
    team.later(days=1, minutes=5)
    expect(desk.thread).to_contain_text("Run started as CB-2")
    team.becomes(RequestState.COMPLETED, "CB-2")
    assert len(points(team, EU, "dr-vault")) == len(points(team, EU, "second")) == 1

    desk.act_as("Anna")
    desk.type_line("/copy-backup schedule list")
    pause = desk.page.get_by_role("button", name="Pause schedule CB-1")
    expect(pause).to_be_visible()
    desk.shoot("37-schedule-list")
    pause.click()
    expect(desk.page.get_by_role("button", name="Resume schedule CB-1")).to_be_visible()


def test_a_copy_is_added_to_a_backup_plan(at_desk: SitDown, team: Team) -> None:
    desk = at_desk(ANNA)

    desk.type_line("/copy-backup plan")
    desk.choose("Backup plan", "nightly")
    desk.choose("Rule", "daily")
    desk.reads("It copies now")
    desk.choose("Copy to", "dr-vault · backup", typed="dr")
    write(desk, "Keep copies for days", "365")
    write(desk, "Reason", "Copies for disasters.")
    send(desk, "38-plan")
    approve(desk, "39-plan")

    expect(desk.thread).to_contain_text("The backup plan is changed")
    desk.shoot("40-plan-done")
