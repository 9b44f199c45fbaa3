"""The main job by typing and clicking, with the unchanged bot between the two local worlds."""

import re

from playwright.sync_api import expect

from bot.sandbox.slack import ANNA, BEN, CHRIS
from bot.sandbox.worlds import BACKUP
from tests.browser.conftest import SitDown
from tests.browser.desk import Desk
from tests.flows.team import Team

REASON = "The auditors want a copy in another account."


def fill_in(desk: Desk) -> None:
    """Go through the pages of the walk to the review."""
    desk.choose("Table", "orders", typed="ord")
    desk.choose("Backup", "12.1 GB")
    desk.shoot("04-backup")
    desk.press("Next")
    desk.reads("Step 2 of 4")
    desk.choose("Account", "backup")
    desk.choose("Region", "eu-west-1")
    desk.choose("Vault", "dr-vault")
    desk.shoot("05-destination")
    desk.press("Next")
    desk.reads("Step 3 of 4")
    desk.modal.get_by_label("As the source").check()
    desk.modal.get_by_label("Reason").fill(REASON)
    desk.shoot("06-retention")
    desk.press("Review")
    desk.reads("Nothing stands in the way")
    desk.shoot("07-review")


def test_a_newcomer_gets_from_nothing_to_a_completed_copy_and_an_expiry_notice(at_desk: SitDown, team: Team) -> None:
    """Nothing is used here but the page, in the order in which it says what to do."""
    desk = at_desk(ANNA)
    expect(desk.page.get_by_text("Welcome to #backups")).to_be_visible()
    desk.shoot("01-empty")

    desk.composer.press_sequentially("/co")
    expect(desk.page.locator(".suggestion")).to_contain_text("/copy-backup[table]")
    desk.shoot("02-command")
    desk.composer.press("Enter")
    expect(desk.composer).to_have_value("/copy-backup ")
    desk.composer.press("Enter")
    desk.reads("Step 1 of 4")
    desk.modal.get_by_role("combobox", name="Table").click()
    expect(desk.modal.get_by_role("option")).to_have_count(3)
    desk.shoot("03-tables")
    desk.page.keyboard.press("Escape")
    fill_in(desk)
    desk.press("Send request")
    desk.reads("CB-1 is sent")
    desk.shoot("08-sent")
    desk.press("Done")
    expect(desk.messages.first).to_contain_text("Waiting for approval")

    desk.act_as("Ben")
    desk.open_thread()
    desk.shoot("09-question")
    desk.thread.get_by_role("button", name="Approve copy request CB-1").click()
    desk.shoot("10-confirm")
    desk.confirm("Approve")
    expect(desk.thread).to_contain_text("The copy has started")
    expect(desk.messages.first).to_contain_text("Completed")
    expect(desk.thread.locator(".message", has_text="Expires:")).to_contain_text("Also sent to #backups")
    desk.shoot("11-completed")
    assert [job["State"] for job in team.jobs()] == ["COMPLETED"]

    desk.panel.get_by_role("button", name="+ 30 days").click()
    desk.panel.get_by_role("button", name="+ 30 days").click()
    expect(desk.thread).to_contain_text("from now")
    desk.shoot("12-expiring")
    expect(desk.panel.locator(".guide .is-done")).to_have_count(4)


def test_the_keyboard_alone_is_enough(at_desk: SitDown, team: Team) -> None:
    desk = at_desk(ANNA)
    keys = desk.page.keyboard

    desk.tab_to(desk.composer)
    keys.type("/copy-backup")
    keys.press("Enter")
    desk.reads("Step 1 of 4")
    expect(desk.modal.get_by_role("combobox", name="Table")).to_be_focused()
    keys.press("ArrowDown")
    expect(desk.modal.get_by_role("option")).to_have_count(3)
    keys.press("ArrowDown")
    expect(desk.modal.get_by_role("option", selected=True)).to_contain_text("customers")
    keys.press("Enter")
    desk.tab_to(desk.modal.get_by_role("combobox", name="Backup"))
    keys.type("2")
    expect(desk.modal.get_by_role("option").first).to_be_visible()
    keys.press("Enter")
    expect(desk.modal.get_by_role("combobox", name="Backup")).to_have_value(re.compile("GB"))
    desk.tab_to(desk.modal.get_by_role("button", name="Next"))
    keys.press("Enter")
    for label, typed in (("Account", "backup"), ("Region", "eu-west"), ("Vault", "dr")):
        desk.tab_to(desk.modal.get_by_role("combobox", name=label))
        keys.type(typed)
        expect(desk.modal.get_by_role("option")).to_have_count(1)
        keys.press("Enter")
        expect(desk.modal.get_by_role("combobox", name=label)).to_have_value(re.compile(typed))
    desk.tab_to(desk.modal.get_by_role("button", name="Next"))
    keys.press("Enter")
    desk.reads("Step 3 of 4")
    desk.tab_to(desk.modal.get_by_role("radio").first)
    keys.press("ArrowDown")
    expect(desk.modal.get_by_label("A number of days")).to_be_checked()
    desk.tab_to(desk.modal.get_by_label("Days", exact=True))
    keys.type("90")
    desk.tab_to(desk.modal.get_by_label("Reason"))
    keys.type(REASON)
    keys.press("Control+Enter")
    desk.reads("Nothing stands in the way")
    desk.tab_to(desk.modal.get_by_role("button", name="Send request"))
    keys.press("Enter")
    desk.reads("is sent")
    keys.press("Escape")

    expect(desk.modal).to_have_count(0)
    expect(desk.composer).to_be_focused()
    expect(desk.messages.first).to_contain_text("copy customers to backup")
    desk.act_as("Chris")
    desk.tab_to(desk.page.locator(".thread-link"))
    keys.press("Enter")
    expect(desk.thread.locator("textarea")).to_be_focused()
    desk.tab_to(desk.thread.get_by_role("button", name="Approve copy request CB-1"), back=True)
    keys.press("Enter")
    expect(desk.page.get_by_role("alertdialog").get_by_role("button", name="Approve")).to_be_focused()
    keys.press("Enter")
    expect(desk.thread).to_contain_text("approved CB-1")


def test_a_rejection_carries_its_reason_into_the_thread(at_desk: SitDown, team: Team) -> None:
    team.ask()
    desk = at_desk(BEN)

    desk.open_thread()
    desk.thread.get_by_role("button", name="Reject").click()
    desk.reads("will be rejected")
    desk.press("Reject")
    expect(desk.modal.locator(".field-error")).to_contain_text("required")
    expect(desk.modal.get_by_label("Reason")).to_be_focused()
    desk.shoot("13-reject")
    desk.modal.get_by_label("Reason").fill("Not on a Friday: *nobody* watches <it>.")
    desk.press("Reject")

    expect(desk.modal).to_have_count(0)
    expect(desk.thread.locator("blockquote").last).to_contain_text("Not on a Friday: nobody watches <it>.")
    expect(desk.messages.first).to_contain_text("Rejected by @Ben")
    expect(desk.thread.get_by_role("button", name="Approve")).to_have_count(0)
    assert team.jobs() == []


def test_a_failed_copy_is_explained_and_can_be_tried_again(at_desk: SitDown, team: Team) -> None:
    team.ask()
    desk = at_desk(BEN)
    desk.panel.get_by_label("Fail the next copy job: message").fill("The disk in the cellar is full.")
    desk.order("Fail the next copy job")

    desk.open_thread()
    desk.thread.get_by_role("button", name="Approve").click()
    desk.confirm("Approve")
    expect(desk.thread).to_contain_text("The copy failed")
    expect(desk.thread.locator("blockquote").last).to_contain_text("The disk in the cellar is full.")
    desk.shoot("14-failed")
    desk.thread.get_by_role("button", name="Try copy request CB-1 again").click()

    expect(desk.messages.first).to_contain_text("Completed")
    assert [job["State"] for job in team.jobs()] == ["FAILED", "COMPLETED"]


def test_a_failure_that_stays_is_switched_on_and_off(at_desk: SitDown, team: Team) -> None:
    vault = team.worlds.aws.world.state.books(BACKUP, "eu-west-1").vaults["dr-vault"]
    policy = vault.policy
    desk = at_desk(ANNA)
    switch = desk.panel.get_by_role("switch", name="Take the vault's policy away")

    switch.click()
    expect(switch).to_be_checked()
    assert (policy is not None, vault.policy) == (True, None)
    switch.click()
    expect(switch).not_to_be_checked()

    assert vault.policy == policy


def test_of_two_people_who_approve_at_once_one_decides_and_the_other_is_told(at_desk: SitDown, team: Team) -> None:
    team.ask()
    ben, chris = at_desk(BEN), at_desk(CHRIS)
    for desk in (ben, chris):
        desk.open_thread()
        desk.thread.get_by_role("button", name="Approve").click()
        expect(desk.page.get_by_role("alertdialog")).to_be_visible()

    ben.confirm("Approve")
    chris.confirm("Approve")

    expect(ben.messages.first).to_contain_text("Completed")
    team.wait(lambda: team.ben.ephemerals or team.chris.ephemerals, "somebody to be told in private")
    team.quiet()
    late, first = (chris, ben) if team.chris.ephemerals else (ben, chris)
    expect(late.thread.locator(".message.is-private")).to_contain_text("your click changed nothing")
    late.shoot("16-too-late")
    assert first.thread.locator(".message.is-private").count() == 0
    assert len(team.said("approved CB-1")) == 1
    assert len(team.jobs()) == 1
