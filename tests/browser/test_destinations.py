"""Destinations and retention by typing and clicking on the page: what stays on the screen, and what goes."""

from playwright.sync_api import expect

from bot.sandbox.slack import ANNA
from bot.sandbox.worlds import BACKUP, PROD
from tests.browser.conftest import SitDown
from tests.browser.desk import Desk
from tests.flows.team import Team

KEY = f"arn:aws:kms:eu-west-1:{BACKUP}:key/1a2b3c4d"


def at_destinations(desk: Desk) -> Desk:
    desk.type_line("/copy-backup orders")
    desk.reads("Step 1 of 4")
    desk.choose("Backup", "12.1 GB")
    desk.press("Next")
    desk.reads("Step 2 of 4")
    return desk


def test_several_destinations_are_put_together_and_kept_until_a_date(at_desk: SitDown, team: Team) -> None:
    world = team.worlds.aws.world
    world.create_vault(BACKUP, "eu-west-1", "sealed", lock=(30, 400))
    world.allow_copies_into(BACKUP, "eu-west-1", "sealed", PROD)
    desk = at_destinations(at_desk(ANNA))
    desk.choose("Account", "backup")
    desk.reads("Read from AWS just now")
    desk.choose("Vault", "dr-vault")
    desk.shoot("20-vault-chosen")
    desk.press("Add another destination")
    desk.reads("The copy goes to:")
    expect(desk.modal.get_by_role("combobox", name="Account")).not_to_contain_text("backup")

    desk.choose("Account", "backup")
    desk.reads("Read from AWS just now")
    desk.choose("Vault", "sealed")
    desk.shoot("21-second-destination")
    desk.press("Next")
    desk.reads("Step 3 of 4")
    desk.modal.get_by_label("Until a date").check()
    until = (team.clock.now().date().replace(day=1)).replace(year=team.clock.now().year + 3)
    desk.modal.get_by_label("Until", exact=True).fill(until.isoformat())
    desk.reads("That is 1,")
    desk.modal.get_by_label("Reason").fill("The auditors want both.")
    desk.shoot("22-until")
    desk.press("Review")
    desk.reads("at most 400 days")
    desk.shoot("23-refused")


def test_a_new_vault_is_named_on_the_spot(at_desk: SitDown) -> None:
    desk = at_destinations(at_desk(ANNA))
    desk.choose("Account", "backup")
    desk.reads("Read from AWS just now")
    desk.press("New vault…")
    desk.reads("What the new vault is made with")
    desk.modal.get_by_label("Name of the new vault").fill("dr-vault")
    desk.modal.get_by_label("KMS key of the new vault").fill(KEY)
    desk.press("Next")
    desk.reads("There is a vault dr-vault already")
    desk.shoot("24-new-vault-taken")

    desk.modal.get_by_label("Name of the new vault").fill("audit")
    desk.press("Next")
    desk.reads("Step 3 of 4")
    desk.shoot("25-retention")
