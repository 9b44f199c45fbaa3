"""Where a request is posted, and what is said where it cannot be posted anywhere."""

import pytest

from bot.sandbox.slack import BACKUPS, BOT_USER, GENERAL, PARTNER_OPS, SECRET_OPS
from tests.flows.conftest import MakeTeam
from tests.flows.house import LEAN
from tests.flows.team import Team

NO_CHANNEL = LEAN.replace(f"channel: {BACKUPS}\n", "")


@pytest.mark.parametrize("typed_in", [GENERAL, SECRET_OPS, PARTNER_OPS])
def test_a_request_from_a_channel_that_cannot_hold_it_goes_to_the_usual_one(team: Team, typed_in: str) -> None:
    team.ask("orders", channel=typed_in)

    assert team.card().channel == BACKUPS
    assert team.messages(typed_in) == []


def test_a_request_is_posted_where_the_command_was_typed_if_the_bot_is_there(team: Team) -> None:
    team.worlds.slack.directory.join(SECRET_OPS, BOT_USER)

    team.ask("orders", channel=SECRET_OPS)

    assert team.card().channel == SECRET_OPS
    assert team.messages(BACKUPS) == []


def test_the_review_names_the_channel_and_its_approvers_before_anything_is_sent(team: Team) -> None:
    walk = team.prepare("orders", channel=GENERAL)

    assert "The request goes to #backups" in walk.text


def test_without_any_channel_the_form_says_what_to_do_and_nothing_is_pending(make_team: MakeTeam) -> None:
    team = make_team(config=NO_CHANNEL)

    walk = team.prepare("orders", channel=GENERAL)

    assert "/invite" in walk.text
    assert walk.view.submit_text is None
    assert team.house.request_ids() == []

    team.worlds.slack.directory.join(GENERAL, BOT_USER)
    walk.person.press("Check again")
    walk.reads("Nothing stands in the way")
    walk.send()
    walk.reads("is sent")
    assert team.card().channel == GENERAL


def test_a_channel_that_closes_before_sending_leaves_nothing_pending(make_team: MakeTeam) -> None:
    team = make_team(config=NO_CHANNEL)
    walk = team.prepare("orders")
    team.worlds.slack.directory.leave(BACKUPS, BOT_USER)

    walk.send()

    walk.reads("/invite")
    team.quiet()
    assert team.house.request_ids() == []
    assert team.messages() == []


def test_without_anybody_who_could_approve_nothing_is_sent(team: Team) -> None:
    team.worlds.slack.directory.set_group_members("S0BKPADMINS", team.anna.id)

    walk = team.prepare("orders")

    assert "could give one" in walk.text
    assert "Ask an operator to change the rule or its user group" in walk.text
    assert walk.view.submit_text is None


def test_a_copy_that_no_rule_covers_is_refused_at_its_vault(make_team: MakeTeam) -> None:
    team = make_team(config=LEAN.replace("  - approvers", "  - when: {table: customers}\n    approvers"))
    walk = team.walk().open("orders").backup().next().destination()

    assert "No approval rule covers this" in walk.refused()["Vault"]


def test_the_card_of_a_channel_that_was_archived_meanwhile_goes_to_the_usual_one(team: Team) -> None:
    slack = team.worlds.slack
    slack.directory.join(SECRET_OPS, BOT_USER)
    walk = team.prepare("orders", channel=SECRET_OPS)
    slack.faults.refuse("chat.postMessage", "is_archived")

    walk.send()

    walk.reads("is sent")
    assert team.question().channel == team.card().channel == BACKUPS
    team.ben.click(team.question(), "Approve")
    team.reads("The copy has completed")
