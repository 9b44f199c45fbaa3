"""Where a copy goes, page 2 of the walk: several places, a vault on the spot, a route, the last ones, vaults live."""

import json
from typing import Any

import pytest

from bot.domain.drafts import Form, Page, Place
from bot.domain.requests import RequestState
from bot.domain.retention import Keep
from bot.domain.steps import StepState
from bot.sandbox.worlds import BACKUP, CONFIG, PROD
from tests.flows.conftest import MakeTeam
from tests.flows.orders import CONFIG_WITH_ROUTES, FRANKFURT, approve, points, states, vault
from tests.flows.team import EU, REASON, US, Team
from tests.flows.walk import Walk

ROLE = f"arn:aws:iam::{PROD}:role/service-role/AWSBackupDefaultServiceRole"


@pytest.fixture
def config() -> str:
    return CONFIG_WITH_ROUTES


@pytest.fixture
def walk(team: Team) -> Walk:
    """Anna stands on the destination page."""
    return team.walk().open("orders").backup().next()


def sent(team: Team, walk: Walk) -> str:
    """Send what the review shows; the id of the request, once its question stands in the thread."""
    known = set(team.house.request_ids())
    walk.send()
    walk.reads("is sent")
    walk.person.close_modal()
    (request_id,) = set(team.house.request_ids()) - known
    team.question(request_id)
    return request_id


def carried_out(team: Team, walk: Walk) -> str:
    request_id = sent(team, walk)
    approve(team, request_id)
    team.becomes(RequestState.COMPLETED, request_id)
    return request_id


def test_two_destinations_in_one_request_are_both_reached(team: Team, walk: Walk) -> None:
    walk.destination().press("Add another destination").reads("The copy goes to:")
    assert [walk.value("Account"), "Vault" in walk.labels] == ["", False]
    walk.destination(region=FRANKFURT).next().keep("A number of days", 90).why(REASON).next().reviewed()
    assert "Step 2 of 2" in walk.text

    request_id = carried_out(team, walk)

    assert states(team, request_id) == [StepState.DONE, StepState.DONE]
    assert (len(points(team, EU, "dr-vault")), len(points(team, FRANKFURT, "dr-vault"))) == (1, 1)


def test_destinations_on_the_list_are_enough_and_each_can_be_taken_off_again(team: Team, walk: Walk) -> None:
    walk.destination().press("Add another destination").reads("The copy goes to:")
    walk.destination(region=FRANKFURT).press("Add another destination").reads("2. backup · eu-central-1")
    walk.press("Remove").gone("eu-west-1 · `dr-vault`")

    walk.next().keep("As the source").why(REASON).next().reviewed()

    assert "eu-central-1" in walk.text
    assert "eu-west-1" not in walk.text


def test_a_destination_twice_is_refused_in_its_field_and_beside_the_button(walk: Walk) -> None:
    walk.destination().press("Add another destination").reads("The copy goes to:").destination()

    assert walk.refused() == {"Vault": "This destination is on the list already. Choose another one."}

    walk.press("Add another destination").reads("is on the list already")


def test_what_is_missing_is_said_where_it_is_missing_when_another_is_to_be_added(walk: Walk) -> None:
    walk.account("backup").region(EU).press("Add another destination").reads("Choose a vault.")

    walk.vault("dr-vault").press("Add another destination").reads("The copy goes to:")


def test_a_new_vault_in_another_account_is_made_with_its_key_and_takes_the_copy(team: Team, walk: Walk) -> None:
    key = vault(team, EU, "dr-vault").key_arn
    walk.account("backup").region(EU).press("New vault…").has("Name of the new vault")
    assert "customer managed key" in str(walk.view.blocks)
    assert "backup:CopyIntoBackupVault" in walk.text
    walk.write("Name of the new vault", "audit").write("KMS key of the new vault", key)
    walk.next().keep("A number of days", 90).why(REASON).next().reviewed()
    assert "Step 1 of 2" in walk.text

    carried_out(team, walk)

    made = vault(team, EU, "audit")
    (statement,) = json.loads(made.policy)["Statement"]
    assert (made.key_arn, statement["Principal"]) == (key, {"AWS": [ROLE]})
    assert len(points(team, EU, "audit")) == 1


@pytest.mark.parametrize(
    ("name", "key", "field", "words"),
    [
        ("dr-vault", "arn:aws:kms:eu-west-1:222222222222:key/1", "Name of the new vault", "There is a vault dr-vault"),
        ("a", "arn:aws:kms:eu-west-1:222222222222:key/1", "Name of the new vault", "2 to 50 letters"),
        ("a vault", "arn:aws:kms:eu-west-1:222222222222:key/1", "Name of the new vault", "2 to 50 letters"),
        ("audit", "alias/mine", "KMS key of the new vault", "not the ARN of a KMS key"),
        ("audit", "arn:aws:kms:us-east-1:222222222222:key/1", "KMS key of the new vault", "vault's own Region"),
        ("audit", "arn:aws:kms:eu-west-1:111111111111:key/1", "KMS key of the new vault", "vault's own account"),
    ],
)
def test_a_new_vault_that_cannot_be_is_refused_in_its_field(
    walk: Walk, name: str, key: str, field: str, words: str
) -> None:
    walk.account("backup").region(EU).press("New vault…").has(field)
    walk.write("Name of the new vault", name).write("KMS key of the new vault", key)

    told = walk.refused()

    assert list(told) == [field]
    assert words in told[field]
    assert walk.value("Name of the new vault") == name


def test_a_route_is_chosen_by_its_name(team: Team, walk: Walk) -> None:
    walk.choose_route("dr-chain: backup/eu-west-1/dr-vault → backup/eu-central-1/dr-vault")
    assert walk.labels == ["Route"]
    walk.next().keep("A number of days", 90).why(REASON).next().reviewed()

    request_id = carried_out(team, walk)

    assert states(team, request_id) == [StepState.DONE] * 3
    assert [call.account for call in team.aws_calls("StartCopyJob")] == [PROD, BACKUP]
    assert points(team, EU, "dr-vault")[0].lifecycle.delete_after == 20


def test_the_last_destination_is_offered_first_and_fills_the_fields(team: Team) -> None:
    team.copied("orders")
    walk = team.walk().open("customers").backup().next().account("prod").reads("Where you copied last")

    walk.recall("backup · eu-west-1 · dr-vault")

    assert [walk.value(label) for label in ("Account", "Region", "Vault")] == ["backup", EU, "dr-vault"]
    walk.next()


def test_a_vault_that_was_made_a_moment_ago_is_offered(team: Team, walk: Walk) -> None:
    world = team.worlds.aws.world
    world.create_vault(BACKUP, EU, "brand-new", lock=(7, 365))
    world.allow_copies_into(BACKUP, EU, "brand-new", PROD)

    walk.account("backup").region(EU).reads("Read from AWS just now").vault("brand-new")

    (option,) = [one for one in walk.options("Vault") if one["text"]["text"] == "brand-new"]
    assert option["description"]["text"] == "0 backups · standard · governance lock 7–365 days · customer key"
    walk.next()


def test_where_aws_does_not_answer_the_last_picture_is_shown_with_its_age(team: Team, walk: Walk) -> None:
    team.worlds.aws.world.faults.deny(BACKUP, "ListBackupVaults")

    walk.account("backup").region(EU).reads("These vaults are as they were")

    walk.vault("dr-vault").next()


# Both accounts have both Regions, so that there is a copy of each kind.
CROSSED = CONFIG.replace("[eu-west-1, eu-central-1]", "[us-east-1, eu-west-1]")


@pytest.mark.parametrize(
    ("account", "number", "region", "vault_name", "kind"),
    [
        ("prod", PROD, US, "weekly", "Another vault of the same account and Region"),
        ("prod", PROD, EU, "daily", "Another Region of the same account"),
        ("backup", BACKUP, US, "near", "Another account in the same Region"),
        ("backup", BACKUP, EU, "dr-vault", "Another account and Region"),
    ],
)
def test_each_of_the_four_kinds_of_copy_is_told_in_words_and_copies(
    make_team: MakeTeam, account: str, number: str, region: str, vault_name: str, kind: str
) -> None:
    team = make_team(config=CROSSED)
    world = team.worlds.aws.world
    world.create_vault(PROD, US, "weekly")
    world.create_vault(BACKUP, US, "near")
    world.allow_copies_into(BACKUP, US, "near", PROD)
    team.later(minutes=1)
    walk = team.walk().open("orders").backup().next()

    walk.destination(account, region, vault_name).reads(f"{kind}.")
    walk.next().keep("A number of days", 90).why(REASON).next().reviewed()
    carried_out(team, walk)

    (copy,) = [one for one in points(team, region, vault_name, number) if one.resource_name == "orders"]
    assert copy.lifecycle.delete_after == 90
    (asked,) = team.aws_calls("StartCopyJob")
    assert asked.account == PROD


def test_the_accounts_and_regions_to_choose_are_those_of_the_configuration(walk: Walk) -> None:
    assert [told(one) for one in walk.options("Account")] == [("prod", PROD), ("backup", BACKUP)]

    assert [told(one) for one in walk.account("prod").options("Region")] == [(US, "")]
    walk.account("backup")
    assert [told(one) for one in walk.options("Region")] == [(EU, ""), (FRANKFURT, "")]


def told(option: dict[str, Any]) -> tuple[str, str]:
    """What an option says, and below it."""
    return option["text"]["text"], (option.get("description") or {}).get("text", "")


def test_a_destination_that_is_not_configured_any_more_is_told(team: Team) -> None:
    """A draft from before the configuration changed, or one that somebody else wrote."""
    form = Form(page=Page.REVIEW, account="gone", region=EU, vault="dr-vault", keep=Keep.DAYS, days="90", reason="x")
    team.house.stop()
    team.leave_half_sent("orders", form)
    team.house.start()

    team.whispered(team.anna, "Choose one of the configured accounts")
    assert team.house.request_ids() == []


def test_a_button_that_slack_delivers_twice_adds_one_destination(team: Team, walk: Walk) -> None:
    walk.destination()
    team.worlds.slack.faults.deliver_twice()

    walk.press("Add another destination").reads("The copy goes to:")
    walk.destination(region=FRANKFURT).press("Add another destination").reads("2. backup · eu-central-1")

    assert "3." not in walk.text


def test_a_destination_that_was_never_offered_cannot_be_recalled(team: Team) -> None:
    team.copied("orders")
    walk = team.walk().open("customers").backup().next().reads("Where you copied last")
    before = walk.view.hash

    team.anna.pick(
        "Where you copied last", {"text": {"type": "plain_text", "text": "x"}, "value": "prod/us-east-1/daily"}
    )

    walk.reads("Step 2 of 4").gone("Another account")
    team.wait(lambda: walk.view.hash != before, "the page to be shown anew")
    assert walk.value("Account") == ""


def test_a_forged_name_on_the_list_takes_nothing_off_it(walk: Walk) -> None:
    walk.destination().press("Add another destination").reads("The copy goes to:")
    block = next(b for b in walk.view.blocks if (b.get("accessory") or {}).get("action_id") == "walk.drop_place")
    forged = {**block["accessory"], "value": "backup/eu-west-1/../../nothing"}
    before = walk.view.hash

    walk.person.press_seen(block, forged)

    walk.house.eventually(lambda: walk.view.hash != before, "the page to be shown anew")
    assert "1. backup" in walk.text


def test_a_form_from_before_an_upgrade_is_read_and_goes_on(team: Team) -> None:
    """A draft whose JSON knows nothing of lists and routes, and a page whose blocks carry no counter."""
    walk = team.walk().open("orders").backup().next().destination()
    old = {"page", "query", "table_key", "point_key", "account", "region", "vault", "keep", "days", "reason"}
    assert {block["block_id"] for block in walk.view.blocks if block["type"] == "input"} >= {"account", "region:backup"}

    team.house.forget_all_but(old)

    walk.next().keep("A number of days", 90).why(REASON).next().reviewed()
    assert walk.view.submit_text == "Send request"


def test_a_page_reached_with_a_place_chosen_shows_its_vaults_as_they_are_now(team: Team) -> None:
    walk = team.walk().open("orders").backup().next().account("backup").region(EU).back()
    team.worlds.aws.world.create_vault(BACKUP, EU, "brand-new")
    team.later(minutes=1)

    walk.next()

    walk.reads("Read from AWS just now")
    team.wait(lambda: "brand-new" in [one["text"]["text"] for one in walk.options("Vault")], "the new vault")


def test_back_keeps_the_list_the_new_vault_and_every_way_to_keep(team: Team, walk: Walk) -> None:
    walk.destination().press("Add another destination").reads("The copy goes to:")
    walk.account("backup").region(FRANKFURT).press("New vault…").write("Name of the new vault", "audit")
    walk.back().next().has("Name of the new vault")
    assert "1. backup · eu-west-1" in walk.text
    assert [walk.value(label) for label in ("Account", "Region", "Name of the new vault")] == [
        "backup",
        FRANKFURT,
        "audit",
    ]

    walk.write("KMS key of the new vault", vault(team, FRANKFURT, "dr-vault").key_arn).next()
    walk.keep("Until a date").has("Until").date("2030-01-31").write("Cold storage after", "40").back().next()

    assert [walk.value(label) for label in ("Keep the copy", "Cold storage after")] == ["Until a date", "40"]
    assert "1,1" in walk.text


def test_a_destination_that_vanished_from_aws_is_named_and_can_be_taken_off(team: Team, walk: Walk) -> None:
    walk.destination().press("Add another destination").reads("The copy goes to:").destination(region=FRANKFURT)
    team.worlds.aws.world.state.books(BACKUP, EU).remove_vault("dr-vault")
    team.later(minutes=1)
    team.walk(team.dora).open("orders").press("Refresh").reads("just now").person.close_modal()

    told = walk.refused()

    assert told == {
        "Account": "The vault backup · eu-west-1 · dr-vault is not there any more. Remove it from the list."
    }
    walk.press("Remove").gone("1. backup").next()


def test_as_many_destinations_as_there_may_be_fit_into_one_request_with_all_that_is_made_for_them(team: Team) -> None:
    """Five new vaults, five copies and a source that is made permanent: eleven steps under one approval."""
    key = vault(team, EU, "dr-vault").key_arn
    others = tuple(Place("backup", EU, f"new-vault-number-{number}", new=True, key_arn=key) for number in range(4))
    form = Form(
        page=Page.REVIEW,
        account="backup",
        region=EU,
        making=True,
        new_vault="audit",
        key_arn=key,
        others=others,
        keep=Keep.PERMANENT,
        reason=REASON,
    )
    team.leave_half_sent("orders", form)
    (request_id,) = team.wait(team.house.request_ids, "the request")

    approve(team, request_id)

    team.becomes(RequestState.COMPLETED, request_id)
    assert states(team, request_id) == [StepState.DONE] * 11
    for name in ("audit", *(place.vault for place in others)):
        (copy,) = points(team, EU, name)
        assert copy.lifecycle.delete_after is None
    assert len(team.aws_calls("UpdateRecoveryPointLifecycle")) == 1
