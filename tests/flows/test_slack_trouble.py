"""Slack that limits, fails or drops the line: every message is said exactly once, and in order."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta

import pytest

from bot.domain.requests import RequestState
from bot.sandbox.slack.faults import Faults
from bot.sandbox.worlds import LocalWorlds
from bot.slack.messages.manner import MAYBE_AGAIN
from tests.flows.conftest import MakeTeam
from tests.flows.team import Team

Trouble = Callable[[Faults, str], None]

TROUBLES: dict[str, Trouble] = {
    "429": lambda faults, method: faults.rate_limit(method, 2, retry_after=3),
    "500 before effect": lambda faults, method: faults.fail_before(method, 2),
    "500 after effect": lambda faults, method: faults.fail_after(method, 1),
    "503 after effect, twice": lambda faults, method: faults.fail_after(method, 2, status=503),
    "connection dropped before effect": lambda faults, method: faults.drop_before(method, 2),
    "connection dropped after effect": lambda faults, method: faults.drop_after(method, 1),
}
ORDER = ["asks to copy", "approved CB-1", "The copy has started", "The copy has completed"]


@pytest.fixture
def faults(worlds: LocalWorlds) -> Faults:
    return worlds.slack.faults


def keys(team: Team) -> Counter[str]:
    """How often each notice was posted, by the key it carries."""
    carried = [message.metadata for message in team.messages() if message.metadata]
    return Counter(str(metadata["event_payload"]["key"]) for metadata in carried)


def said_in_order(team: Team) -> list[str]:
    """Which of the main job's sentences were said, in the order in which they stand in the thread."""
    texts = [team.text(message) for message in team.messages()[1:]]
    return [next((words for words in ORDER if words in text), text) for text in texts]


@pytest.mark.parametrize("trouble", TROUBLES.values(), ids=TROUBLES.keys())
def test_everything_is_said_once_and_in_order_and_the_card_becomes_true(
    team: Team, faults: Faults, trouble: Trouble
) -> None:
    team.clock.run_at(20)
    trouble(faults, "chat.postMessage")
    team.pending("orders")

    trouble(faults, "chat.postMessage")
    trouble(faults, "chat.update")
    team.ben.click(team.question(), "Approve")

    team.done()
    team.card_reads("Completed")
    team.question_reads("Approved by @Ben")
    team.quiet()
    assert set(keys(team).values()) == {1}
    assert said_in_order(team) == ORDER
    assert team.messages()[0].ts == team.card().ts
    assert team.question().buttons == []


NO_LOOK: dict[str, Callable[[Faults], None]] = {
    "lacks a scope": lambda faults: faults.refuse("conversations.replies", "missing_scope", 1),
    "is not for bots": lambda faults: faults.refuse("conversations.replies", "not_allowed_token_type", 1),
    "fails for long": lambda faults: faults.fail_before("conversations.replies", 1_000),
    "is limited for long": lambda faults: faults.rate_limit("conversations.replies", 1_000, retry_after=60),
}


@pytest.mark.parametrize("no_look", NO_LOOK.values(), ids=NO_LOOK.keys())
def test_a_message_whose_fate_cannot_be_looked_up_is_rather_said_twice_than_never(
    team: Team, faults: Faults, no_look: Callable[[Faults], None]
) -> None:
    team.clock.run_at(100)
    team.pending("orders")
    faults.fail_after("chat.postMessage", 1)
    no_look(faults)

    team.ben.click(team.question(), "Approve")

    team.done()
    team.quiet()
    assert sorted(keys(team).values())[-2:] == [1, 2]
    assert [said_in_order(team).count(words) for words in ORDER] == [1, 2, 1, 1]
    assert sum(MAYBE_AGAIN in team.text(message) for message in team.messages()) == 1


def test_a_post_that_slack_ends_after_the_bot_hung_up_is_found_and_not_repeated(
    make_team: MakeTeam, faults: Faults
) -> None:
    team = make_team(slack_timeout=3)
    team.pending("orders")
    # The bot's half minute is three seconds here, and Slack needs one and a half of them.
    team.clock.run_at(10)
    faults.late("chat.postMessage", 4.5)
    ended = team.clock.now() + timedelta(seconds=50)

    team.ben.click(team.question(), "Approve")

    team.done()
    team.wait(lambda: team.clock.now() > ended, "the end of the late post")
    team.quiet()
    assert set(keys(team).values()) == {1}
    assert said_in_order(team) == ORDER


def test_a_revoked_token_loses_nothing(team: Team, faults: Faults) -> None:
    team.clock.run_at(50)
    team.pending("orders")
    faults.token_error = "token_revoked"
    team.ben.click(team.question(), "Approve")
    team.wait(
        lambda: [call for call in team.worlds.slack.traffic.calls() if call.error == "token_revoked"], "a refusal"
    )

    faults.token_error = None

    team.done()
    team.quiet()
    assert set(keys(team).values()) == {1}


def test_a_card_that_somebody_deleted_is_posted_anew_where_it_is_renewed(team: Team) -> None:
    team.pending("orders")
    first = team.card()
    team.worlds.slack.workspace.timeline.delete(first.channel, first.ts)

    team.ben.click(team.question(), "Approve")

    team.becomes(RequestState.COMPLETED)
    team.quiet()
    assert team.card().ts != first.ts
    team.card_reads("Completed")


def test_a_click_whose_approvers_slack_does_not_tell_counts_when_it_does(team: Team, faults: Faults) -> None:
    team.clock.run_at(50)
    team.pending("orders")
    faults.fail_before("usergroups.users.list", 2)

    team.ben.click(team.question(), "Approve")

    team.done()
    assert [decision.actor.user_id for decision in team.house.request("CB-1").decisions] == [team.ben.id]


def test_the_first_click_after_a_start_counts_though_slack_does_not_say_who_the_bot_is(
    team: Team, faults: Faults
) -> None:
    team.pending("orders")
    faults.fail_before("auth.test", 1)

    team.ben.click(team.question(), "Approve")

    team.done()


def test_an_acknowledgement_that_is_lost_makes_one_decision(team: Team, faults: Faults) -> None:
    team.pending("orders")
    faults.lose_acks()

    team.ben.click(team.question(), "Approve")
    team.done()

    team.quiet()
    assert len(team.jobs()) == 1
    assert len(team.said("approved CB-1")) == 1


def test_a_socket_that_slack_renews_loses_no_click(make_team: MakeTeam, faults: Faults) -> None:
    team = make_team(http=False)
    team.pending("orders")

    faults.ask_to_reconnect()
    team.wait(lambda: len(team.worlds.slack.traffic.calls("apps.connections.open")) == 2, "a second connection")
    team.worlds.slack.wait_for_connection()
    team.ben.click(team.question(), "Approve")

    team.done()
    assert len(team.jobs()) == 1


def test_a_view_that_changed_meanwhile_is_never_covered_by_an_older_one(team: Team, faults: Faults) -> None:
    walk = team.walk().open("orders").backup().next()
    faults.slow("views.update", 0.5)
    walk.person.fill("Account", "backup")

    walk.person.fill("Account", "prod")

    walk.has("Region")
    walk.house.eventually(
        lambda: [option["value"] for option in team.anna.suggest("Region")] == ["us-east-1"],
        "the Regions of the account that was chosen last",
    )
    assert walk.value("Account") == "prod"


def test_a_form_that_slack_will_not_open_is_said_in_private(team: Team, faults: Faults) -> None:
    faults.fail_before("views.open", 1)

    team.walk().type("")

    team.whispered(team.anna, "Slack did not answer me in time.")
    assert team.anna.modal is None
