"""The first page: how old the picture is, reading it anew, and backups that cannot be copied, with a way out."""

from datetime import timedelta

import pytest

from bot.sandbox.worlds import PROD
from tests.flows.team import EU, US, Team
from tests.flows.walk import Walk


def an_old_backup(team: Team, table: str = "orders") -> str:
    """The newest backup of a table, made before the advanced features were on."""
    made = team.clock.now() - timedelta(minutes=5)
    return team.worlds.aws.world.add_recovery_point(PROD, US, "daily", table, created_at=made, advanced=False)


def refreshed(walk: Walk) -> Walk:
    """Press Refresh and wait until it has been read."""
    worlds, before = walk.house.worlds, walk.view.hash
    # Who presses again within two seconds has AWS read once.
    worlds.clock.advance(timedelta(seconds=5))
    walk.person.press("Refresh")
    walk.house.eventually(lambda: walk.view.hash != before and "Reading AWS" not in walk.text, "what was read")
    return walk


def offered(walk: Walk, typed: str = "") -> list[str]:
    options = walk.person.suggest("Backup", typed)
    return [f"{option['text']['text']} | {option['description']['text']}" for option in options]


def take_one_that_can_be_copied(walk: Walk) -> None:
    """The newest backup without a mark."""
    texts = [option["text"]["text"] for option in walk.person.suggest("Backup")]
    walk.backup(option=next(text for text in texts if not text.startswith("⊘")))


def test_the_page_says_how_old_the_picture_is_and_refresh_makes_it_new(bot_over: Team) -> None:
    team = bot_over
    walk = team.walk().open("orders").backup()
    chosen = walk.value("Backup")
    team.later(minutes=4)
    team.worlds.aws.world.add_recovery_point(PROD, US, "daily", "orders")
    assert len(offered(walk)) == 3

    refreshed(walk)

    walk.reads("Read just now.").reads("4 backups")
    assert len(offered(walk)) == 4
    assert (walk.value("Table"), walk.value("Backup")) == ("orders", chosen)


def test_the_age_is_told_in_words(team: Team) -> None:
    world = team.worlds.aws.world
    team.walk().open().person.close_modal()
    slow = world.faults.slow("ListBackupVaults", seconds=60)
    team.later(hours=2)

    walk = team.walk()
    walk.type("orders")

    walk.reads("Read 2 hours ago.")
    walk.person.press("Refresh")
    walk.reads("AWS is slow, and I am still reading.")
    assert walk.value("Table") == "orders"
    slow.lift()


def test_a_part_that_cannot_be_read_keeps_its_picture_and_says_how_old_that_is(team: Team) -> None:
    walk = team.walk().open("orders").backup()
    team.worlds.aws.world.faults.deny(PROD, "ListBackupVaults")
    team.later(minutes=4)

    refreshed(walk)

    walk.reads("Read just now.").reads("could not be read").reads("What you see of it was read on")
    assert walk.value("Table") == "orders"
    walk.next()


def test_who_goes_on_while_aws_is_read_is_not_taken_back(team: Team) -> None:
    walk = team.walk().open("orders").backup()
    slow = team.worlds.aws.world.faults.slow("ListBackupVaults", seconds=60)
    walk.person.press("Refresh")
    walk.reads("Reading AWS")

    walk.next().destination()
    slow.lift()
    team.quiet()

    assert [walk.value(label) for label in ("Account", "Region", "Vault")] == ["backup", EU, "dr-vault"]
    walk.next().on_page(3)


def test_a_backup_made_without_advanced_features_is_marked_and_says_why_in_its_field(team: Team) -> None:
    an_old_backup(team)
    team.later(minutes=1)
    walk = team.walk().open("orders")
    (old,) = offered(walk, "without advanced")
    assert old.startswith("⊘ ")
    assert "cannot be copied: made without advanced features" in old

    walk.backup("without advanced")

    walk.reads("AWS cannot copy it anywhere").reads("[Back up now and copy the new one]")
    assert "made before advanced DynamoDB backup was on" in walk.refused()["Backup"]
    assert "[Back up now and copy the new one]" in walk.text


def test_another_backup_takes_the_obstacle_away(team: Team) -> None:
    an_old_backup(team)
    team.later(minutes=1)
    walk = team.walk().open("orders").backup("without advanced").reads("AWS cannot copy it anywhere")

    take_one_that_can_be_copied(walk)

    team.wait(lambda: "cannot copy it anywhere" not in walk.text, "the page without the obstacle")
    walk.next()


def test_a_backup_that_is_still_being_made_offers_no_new_one(team: Team) -> None:
    team.worlds.aws.world.add_recovery_point(PROD, US, "daily", "orders", status="CREATING")
    team.later(minutes=1)

    walk = team.walk().open("orders").backup("still being made").reads("This backup is still being made.")

    assert "Back up now" not in walk.text


def test_the_button_goes_on_with_a_new_backup_and_back_shows_that(team: Team) -> None:
    an_old_backup(team)
    team.later(minutes=1)
    walk = team.walk().open("orders").backup("without advanced").reads("[Back up now and copy the new one]")

    walk.person.press("Back up now and copy the new one")
    walk.on_page(2).back()

    walk.reads("is backed up anew first")
    walk.next().back()
    take_one_that_can_be_copied(walk)
    team.wait(lambda: "anew first" not in walk.text, "the page of a backup that is copied as it is")


@pytest.mark.parametrize("typed", ["ago", "warm", "daily", "GB", "days ago", "until"])
def test_a_backup_is_found_by_what_its_option_shows(team: Team, typed: str) -> None:
    walk = team.walk().open("orders")

    assert offered(walk, typed)


def test_where_there_is_no_backup_at_all_the_page_says_where_it_looked(team: Team) -> None:
    world = team.worlds.aws.world
    for arn in list(world.state.books(PROD, US).vaults["daily"].points):
        world.delete_recovery_point(PROD, US, "daily", arn)
    team.later(minutes=1)

    walk = team.walk()
    walk.type()

    walk.reads("There are no DynamoDB backups in prod (us-east-1), backup (eu-west-1).").reads("press Refresh")
    world.add_recovery_point(PROD, US, "daily", "orders")
    refreshed(walk).table("orders")


def test_the_sweep_keeps_the_picture_fresh_though_nobody_opens_a_form(team: Team) -> None:
    bot, world = team.house.bot, team.worlds.aws.world
    assert bot is not None
    before = set(world.state.books(PROD, US).vaults["daily"].points)
    team.wait(lambda: known(team) == before, "the store as AWS is")

    new = world.add_recovery_point(PROD, US, "daily", "orders")
    bot._sweeps.nudge("inventory")
    team.wait(lambda: known(team) == before | {new}, "the new backup in the store")

    world.delete_recovery_point(PROD, US, "daily", new)
    bot._sweeps.nudge("inventory")
    team.wait(lambda: known(team) == before, "the store without the backup that is gone")
    assert team.anna.modal is None


def known(team: Team) -> set[str]:
    """The ARNs of all backups in the store."""
    with team.house.store.read() as tx:
        tables = {entry.key for place in tx.inventory.revisions() for entry in tx.inventory.held(*place)}
        return {entry.point.arn for key in tables for entry in tx.inventory.points(key)}
