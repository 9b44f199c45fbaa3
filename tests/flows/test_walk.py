"""The walk through the modal: what opens, what is searched, what is kept, what goes away with what it hangs on."""

import pytest

from bot.sandbox.slack import GENERAL, SECRET_OPS
from bot.sandbox.worlds import BACKUP, CONFIG, PROD
from tests.flows.conftest import MakeTeam
from tests.flows.team import EU, US, Team


@pytest.fixture
def config() -> str:
    return CONFIG


def test_the_modal_opens_at_once_and_is_filled_by_an_update_that_carries_the_hash(bot_over: Team) -> None:
    bot_over.walk().open()

    opened, *_ = bot_over.worlds.slack.traffic.calls("views.open")
    updated, *_ = bot_over.worlds.slack.traffic.calls("views.update")
    assert "Reading your backups" in str(opened.request["view"])
    assert updated.request["hash"] == opened.answer["view"]["hash"]
    assert "Table" in str(updated.request["view"])


def test_a_slow_aws_does_not_keep_the_modal_from_opening(team: Team) -> None:
    team.worlds.aws.world.faults.slow("ListBackupVaults", seconds=20)
    team.later(minutes=5)

    team.walk().type()

    team.anna.wait_for_modal("Reading your backups")
    team.worlds.aws.world.faults.clear()
    team.walk().on_page(1)


def test_tables_are_searched_as_one_types(team: Team) -> None:
    team.walk().open()

    def names(typed: str) -> list[str]:
        return [option["text"]["text"] for option in team.anna.suggest("Table", typed)]

    assert sorted(names("")) == ["customers", "invoices-2026", "orders"]
    assert names("ORD") == ["orders"]
    assert names("2026 invoi") == ["invoices-2026"]
    assert names("no such table") == []


def test_the_backups_of_the_chosen_table_are_offered_newest_first(team: Team) -> None:
    walk = team.walk().open().table("orders")

    offered = [option["text"]["text"] for option in team.anna.suggest("Backup")]

    assert offered == sorted(offered, reverse=True)
    assert len(offered) == 3
    assert "3 backups" in walk.text
    by_date = [option["text"]["text"] for option in team.anna.suggest("Backup", offered[2][:10])]
    assert by_date == [offered[2]]


def test_choosing_another_table_drops_the_backup_of_the_first(team: Team) -> None:
    walk = team.walk().open().table("orders").backup()
    assert walk.value("Backup")

    walk.table("customers")

    assert walk.value("Table") == "customers"
    assert walk.value("Backup") == ""
    offered = {option["value"] for option in team.anna.suggest("Backup")}
    with team.house.store.begin() as tx:
        tables = {entry.point.table_name for key in offered if (entry := tx.inventory.point(key))}
    assert tables == {"customers"}


def test_back_keeps_what_was_chosen_and_typed_on_every_page(bot_over: Team) -> None:
    walk = bot_over.walk().open().table("orders").backup()
    backup = walk.value("Backup")
    walk.next().destination().next()
    walk.keep("A number of days", 45).why("Half a rea")

    walk.back()
    assert [walk.value(label) for label in ("Account", "Region", "Vault")] == ["backup", "eu-west-1", "dr-vault"]

    walk.back()
    assert [walk.value(label) for label in ("Table", "Backup")] == ["orders", backup]

    walk.next().next()
    assert [walk.value(label) for label in ("Keep the copy", "Days", "Reason")] == [
        "A number of days",
        "45",
        "Half a rea",
    ]
    walk.next().reviewed().back()
    assert walk.value("Reason") == "Half a rea"


def test_back_keeps_even_what_could_not_be_sent(team: Team) -> None:
    walk = team.walk().open("orders").backup().next()
    walk.account("backup").region("eu-west-1").back().next()

    assert [walk.value(label) for label in ("Account", "Region", "Vault")] == ["backup", "eu-west-1", ""]


def test_another_account_drops_region_and_vault(team: Team) -> None:
    walk = team.walk().open("orders").backup().next().destination()

    walk.account("prod")

    assert walk.value("Region") == ""
    assert "Vault" not in walk.labels


def test_the_only_region_of_an_account_is_chosen_for_the_person(make_team: MakeTeam) -> None:
    team = make_team(config=CONFIG.replace("[eu-west-1, eu-central-1]", "[eu-central-1]"))
    walk = team.walk().open("orders").backup().next()

    walk.account("backup").has("Vault")

    assert walk.value("Region") == "eu-central-1"


def test_the_days_field_is_there_only_for_a_number_of_days(team: Team) -> None:
    walk = team.walk().open("orders").backup().next().destination().next()
    assert "Days" not in walk.labels

    walk.keep("A number of days")
    assert "Days" in walk.labels

    walk.keep("100 years")
    assert "Days" not in walk.labels


def test_the_vault_that_holds_the_backup_is_not_offered(team: Team) -> None:
    team.worlds.aws.world.create_vault(PROD, US, "weekly")
    team.later(minutes=1)
    walk = team.walk().open("orders").backup().next()

    walk.account("prod").region(US).has("Vault")

    assert [option["text"]["text"] for option in team.anna.suggest("Vault")] == ["weekly"]


def test_help_is_told_in_private_and_opens_nothing(team: Team) -> None:
    result = team.walk().type("help")

    assert result.message is not None
    assert result.message.ephemeral_to == team.anna.id
    assert "/copy-backup orders" in team.text(result.message)
    assert team.anna.modal is None
    assert team.messages() == []


def test_a_word_that_names_a_table_exactly_chooses_it(team: Team) -> None:
    team.worlds.aws.world.add_recovery_point(PROD, US, "daily", "orders-archive")
    team.later(minutes=1)

    walk = team.walk().open("orders").has("Backup")

    assert walk.value("Table") == "orders"


def test_a_word_that_fits_several_tables_filters_the_list(team: Team) -> None:
    team.worlds.aws.world.add_recovery_point(PROD, US, "daily", "orders-archive")
    team.later(minutes=1)

    walk = team.walk().open("orde").reads("Tables that match")

    assert walk.value("Table") == ""
    offered = [option["text"]["text"] for option in team.anna.suggest("Table")]
    assert sorted(offered) == ["orders", "orders-archive"]


def test_an_unknown_word_is_answered_in_private_and_opens_nothing(team: Team) -> None:
    team.walk().type("zebras")

    told = team.whispered(team.anna, "I know no table whose name contains “zebras”")
    assert "opens the walk" in team.text(told)
    assert team.anna.modal is None
    assert team.messages() == []


def test_a_word_that_no_table_can_be_called_is_answered_at_once_and_mentions_nobody(team: Team) -> None:
    result = team.walk().type("<!channel> & friends")

    assert result.message is not None
    assert "<!channel>" not in result.message.text
    assert "&lt;!channel&gt; &amp; friends" in result.message.text


def test_a_table_that_appeared_a_moment_ago_is_known_by_its_name(team: Team) -> None:
    team.walk().open().person.close_modal()
    team.worlds.aws.world.add_recovery_point(PROD, US, "daily", "brand-new")
    team.later(minutes=1)

    walk = team.walk().open("brand-new").has("Backup")

    assert walk.value("Table") == "brand-new"


def test_too_few_days_are_refused_at_their_field(team: Team) -> None:
    walk = team.walk().open("orders").backup().next().destination().next()
    walk.why("needed").keep("A number of days", 1)

    errors = walk.refused()

    assert set(errors) == {"Days"}
    assert "Days count from the backup's creation" in errors["Days"]


def test_no_days_and_more_days_than_aws_knows_are_refused_by_the_field_itself(team: Team) -> None:
    walk = team.walk().open("orders").backup().next().destination().next().why("needed")
    walk.keep("A number of days")

    element = next(block["element"] for block in walk.view.blocks if block["block_id"] == walk.block("Days"))
    assert (element["min_value"], element["max_value"], element["is_decimal_allowed"]) == ("1", "36500", False)


def test_a_reason_of_blanks_is_refused_at_its_field(team: Team) -> None:
    walk = team.walk().open("orders").backup().next().destination().next()
    walk.keep("As the source").why("   \n  ")

    assert set(walk.refused()) == {"Reason"}


def test_a_retention_that_the_vault_lock_forbids_is_refused_at_its_field(team: Team) -> None:
    world = team.worlds.aws.world
    world.create_vault(BACKUP, EU, "locked", lock=(100, 400))
    world.allow_copies_into(BACKUP, EU, "locked", PROD)
    team.later(minutes=1)
    walk = team.walk().open("orders").backup().next().destination(vault="locked").next().why("needed")

    walk.keep("A number of days", 30)
    assert "at least 100 days; this choice comes to 30 days" in walk.refused()["Days"]

    walk.keep("100 years")
    assert "at most 400 days" in walk.refused()["Keep the copy"]

    walk.keep("A number of days", 200)
    walk.next().reviewed()
    assert walk.view.submit_text == "Send request"


def test_a_backup_from_before_the_advanced_features_is_marked_and_refused(team: Team) -> None:
    team.worlds.aws.world.add_recovery_point(PROD, US, "daily", "legacy", advanced=False)
    team.later(minutes=1)
    walk = team.walk().open("legacy").backup()

    assert "⊘" in walk.value("Backup")
    assert "AWS cannot copy it anywhere" in walk.refused()["Backup"]


def test_a_backup_that_is_about_to_expire_is_refused(team: Team) -> None:
    world = team.worlds.aws.world
    world.add_recovery_point(PROD, US, "daily", "brief", created_at=world.state.now(), lifecycle={"DeleteAfterDays": 1})
    team.later(minutes=1)
    walk = team.walk().open("brief").backup()
    team.later(hours=23)

    assert "expires within two hours" in walk.refused()["Backup"]


def test_the_review_says_all_that_will_be_done_and_who_decides(team: Team) -> None:
    walk = team.prepare("orders", keep="A number of days", days=45, reason="Because.")

    for words in ("orders", "prod", "eu-west-1", "dr-vault", "45 days", "Because.", "One approval is needed"):
        assert words in walk.text
    assert "2 people can give one" in walk.text
    assert "within 8 h" in walk.text


def test_the_command_works_in_a_channel_where_the_bot_is_no_member(team: Team) -> None:
    for channel in (GENERAL, SECRET_OPS):
        walk = team.walk().open(channel=channel)
        walk.person.close_modal()


def test_nothing_to_copy_is_said_with_the_reason(team: Team) -> None:
    for account in (PROD, BACKUP):
        team.worlds.aws.world.faults.deny(account, "ListBackupVaults")
    team.later(minutes=1)

    walk = team.walk()
    walk.type()

    walk.on_page(1)
    team.wait(lambda: "could not be read" in walk.text, "the areas that could not be read")
