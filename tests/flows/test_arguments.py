"""What is typed after the command shortens the walk: to the review, or to the first page that lacks something."""

import pytest

from bot.domain.requests import RequestState
from bot.sandbox.worlds import PROD
from tests.flows.conftest import MakeTeam
from tests.flows.orders import CONFIG_WITH_ROUTES, FRANKFURT, approve, points
from tests.flows.team import EU, US, Team
from tests.flows.walk import Walk

TO = "to backup/eu-west-1/dr-vault"
ALL = f"orders {TO} keep 90d because audit"


def typed(team: Team, words: str) -> Walk:
    """Type an order; the form is open."""
    walk = team.walk()
    walk.type(words)
    team.wait(lambda: walk.person.modal and "Step" in walk.text, f"the form of {words!r}")
    return walk


def test_whoever_says_all_reviews_it_at_once_and_sends(bot_over: Team) -> None:
    team = bot_over
    newest = team.newest_backup("orders")

    walk = typed(team, ALL).on_page(4).reviewed()

    for words in ("`orders`", "dr-vault", "90 days", "audit"):
        walk.reads(words)
    walk.send()
    team.ben.click(team.question(), "Approve")
    team.done()
    (copy,) = team.aws_calls("StartCopyJob")
    assert copy.params["RecoveryPointArn"] == newest
    assert team.house.request("CB-1").reason == "audit"


def test_all_that_was_typed_is_in_its_field(team: Team) -> None:
    walk = typed(team, ALL).on_page(4).reviewed()

    walk.back()
    assert [walk.value(label) for label in ("Keep the copy", "Days", "Reason")] == ["A number of days", "90", "audit"]
    walk.back()
    assert [walk.value(label) for label in ("Account", "Region", "Vault")] == ["backup", EU, "dr-vault"]
    walk.back()
    assert walk.value("Table") == "orders"
    assert walk.value("Backup")
    walk.next().next().next().reviewed().send()
    walk.reads("is sent")


def test_several_destinations_are_copied_side_by_side(make_team: MakeTeam) -> None:
    team = make_team(config=CONFIG_WITH_ROUTES)
    team.worlds.aws.world.allow_copies_into("222222222222", FRANKFURT, "dr-vault", PROD)

    walk = typed(team, f"orders {TO}, backup/eu-central-1/dr-vault keep 90d because audit").on_page(4).reviewed()
    walk.send()
    approve(team, "CB-1")

    team.becomes(RequestState.COMPLETED)
    assert len(points(team, EU, "dr-vault")) == len(points(team, FRANKFURT, "dr-vault")) == 1


def test_slack_is_asked_once_where_both_copies_of_a_request_were_asked_for(make_team: MakeTeam) -> None:
    team = make_team(config=CONFIG_WITH_ROUTES)
    team.worlds.aws.world.allow_copies_into("222222222222", FRANKFURT, "dr-vault", PROD)
    both = f"orders {TO}, backup/eu-central-1/dr-vault keep 90d because audit"
    typed(team, both).on_page(4).reviewed().send()
    approve(team, "CB-1")
    team.becomes(RequestState.COMPLETED)
    traffic = team.worlds.slack.traffic
    before = len(traffic.calls("chat.getPermalink"))

    walk = typed(team, both).on_page(4).reads("There already")

    assert str(walk.view.blocks).count("|CB-1>") == 2
    assert len(traffic.calls("chat.getPermalink")) == before + 1


def test_a_route_is_taken_by_its_name(make_team: MakeTeam) -> None:
    team = make_team(config=CONFIG_WITH_ROUTES)

    walk = typed(team, "orders to dr-chain keep 90d because audit").on_page(4).reviewed()
    walk.send()
    approve(team, "CB-1")

    team.becomes(RequestState.COMPLETED)
    assert len(points(team, FRANKFURT, "dr-vault")) == 1


def test_a_date_is_one_of_the_readers_zone(team: Team) -> None:
    walk = typed(team, f"orders {TO} keep until 2027-09-01 because audit").on_page(4).reviewed()

    walk.back()

    assert walk.value("Keep the copy") == "Until a date"
    assert "2027-09-01" in str(walk.view.values)


@pytest.mark.parametrize(
    ("words", "number"),
    [
        (f"{TO} keep 90d because audit", 1),
        ("orders keep 90d because audit", 2),
        ("orders to backup keep 90d because audit", 2),
        (f"orders {TO} because audit", 3),
        (f"orders {TO} keep 90d", 3),
    ],
)
def test_what_is_missing_is_asked_for(team: Team, words: str, number: int) -> None:
    walk = typed(team, words).on_page(number)

    assert ":warning:" not in walk.text


@pytest.mark.parametrize(
    ("words", "number", "sentence"),
    [
        (f"ordres {TO} keep 90d because audit", 1, "no table “ordres”"),
        (f"<!channel> {TO} keep 90d because audit", 1, "no table"),
        ("orders to nowhere/eu-west-1/dr-vault keep 90d because audit", 2, "I know no destination"),
        ("orders to backup/us-east-1/dr-vault keep 90d because audit", 2, "configured for eu-west-1"),
        ("orders to backup/eu-west-1/dr-valt keep 90d because audit", 2, "no vault “dr-valt”"),
        (f"orders {TO} keep ninety because audit", 3, "keep ninety"),
        (f"orders {TO} keep 1d because audit", 3, "would already be over"),
        (f"orders {TO} keep until March because audit", 3, "the date “March”"),
    ],
)
def test_a_wrong_word_is_told_at_its_field_and_nothing_is_sent(
    team: Team, words: str, number: int, sentence: str
) -> None:
    walk = typed(team, words).on_page(number)

    walk.reads(":warning: ").reads(sentence)
    assert "<!channel>" not in str(walk.view.definition)
    assert team.house.request_ids() == []


def test_a_wrong_table_is_mended_by_choosing_and_the_rest_is_there(team: Team) -> None:
    walk = typed(team, f"ordres {TO} keep 90d because audit").on_page(1).reads("no table “ordres”")

    walk.table("orders").backup()

    assert "no table" not in walk.text
    walk.next().next().next().reviewed().reads("audit")


def test_a_wrong_time_is_mended_by_choosing(team: Team) -> None:
    walk = typed(team, f"orders {TO} keep ninety because audit").on_page(3)

    walk.keep("A number of days", 90)

    assert "keep ninety" not in walk.text
    walk.next().reviewed().reads("90 days")


def test_a_subcommand_stays_one_and_a_table_called_so_is_reached_in_quotes(team: Team) -> None:
    team.worlds.aws.world.add_recovery_point(PROD, US, "daily", "list")
    team.later(minutes=1)

    team.walk().type("list")
    team.wait(lambda: team.whispers(team.anna), "the list of requests")
    assert team.anna.modal is None

    walk = typed(team, f"“list” {TO} keep 90d because audit").on_page(4).reviewed()
    walk.reads("`list`")


def test_one_word_that_is_no_table_is_answered_as_ever(team: Team) -> None:
    team.walk().type("zebras")

    team.whispered(team.anna, "I know no table whose name contains “zebras”")
    assert team.anna.modal is None


def test_help_says_what_can_be_typed(team: Team) -> None:
    result = team.walk().type("help")

    assert result.message is not None
    assert "keep 90d because audit" in team.text(result.message)


def test_where_a_person_sent_copies_before_is_offered_the_next_time(team: Team) -> None:
    typed(team, ALL).on_page(4).reviewed().send()
    team.question()
    team.anna.close_modal()

    walk = team.walk().open("customers").backup().next()

    with team.house.store.read() as tx:
        (vault,) = tx.destinations.last(team.anna.id, 5)
    assert (vault.region, vault.name) == (EU, "dr-vault")
    assert "dr-vault" in str(walk.view.definition)


def test_a_backup_that_cannot_be_copied_is_backed_up_anew_and_copied(team: Team) -> None:
    world = team.worlds.aws.world
    for arn in list(world.state.books(PROD, US).vaults["daily"].points):
        world.delete_recovery_point(PROD, US, "daily", arn)
    world.add_recovery_point(PROD, US, "daily", "orders", advanced=False)
    world.set_advanced(PROD, US, enabled=False)
    team.later(minutes=1)

    walk = typed(team, ALL).on_page(1).reads("AWS cannot copy it anywhere")
    walk.person.press("Back up now and copy the new one")
    walk.on_page(2).next().next().reviewed().send()
    approve(team, "CB-1")

    team.becomes(RequestState.COMPLETED)
    assert len(points(team, EU, "dr-vault")) == 1
    assert len(team.aws_calls("StartBackupJob")) == len(team.aws_calls("UpdateRegionSettings")) == 1


def test_what_stands_below_a_wrong_account_is_there_once_that_is_right(team: Team) -> None:
    walk = typed(team, "orders to bakup/eu-west-1/dr-vault keep 90d because audit").on_page(2)
    walk.reads("Did you mean backup?")

    walk.account("backup").has("Vault")

    assert walk.value("Vault") == "dr-vault"
    walk.next().next().reviewed().reads("audit")
