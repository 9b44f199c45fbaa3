"""Bad input of approval: what issue 6 lists, each line with the tests that hold it.

double and triple clicks:
    tests/flows/test_deciding.py::test_a_triple_click_approves_once
    tests/flows/test_deciding.py::test_a_click_that_slack_delivers_twice_counts_once_and_tells_nobody_off
    tests/unit/test_deciding.py::test_a_click_delivered_twice_counts_once_and_is_not_told_off
two approvers in the same millisecond, on SQLite and on PostgreSQL:
    tests/flows/test_deciding.py::test_two_approvers_at_the_same_moment_make_one_decision
    tests/contract/test_clicks_at_once.py::test_two_approvers_in_the_same_moment_make_one_decision_on_either_database
    tests/contract/test_clicks_at_once.py::test_a_thousand_clicks_in_two_processes_make_one_decision_each
a replayed payload:
    tests/flows/test_deciding_bad_input.py::test_a_payload_that_is_sent_once_more_changes_nothing
    tests/flows/test_deciding_bad_input.py::test_a_payload_with_an_old_or_a_forged_signature_is_not_heard
    tests/unit/test_reject_form.py::test_a_form_that_is_delivered_twice_rejects_once
a late payload:
    tests/flows/test_deciding.py::test_a_click_after_the_end_of_the_answering_time_changes_nothing
    tests/flows/test_deciding.py::test_a_late_click_changes_nothing_and_is_answered_in_private
    tests/flows/test_deciding.py::test_a_reason_that_comes_too_late_rejects_nothing
    tests/flows/test_approval_stories.py::test_a_break_glass_that_comes_after_the_decision_changes_nothing
a forged value:
    tests/flows/test_bad_input.py::test_a_click_on_a_request_that_is_not_there_is_told_in_private
    tests/flows/test_bad_input.py::test_a_button_of_one_request_cannot_decide_about_another
    tests/flows/test_deciding_bad_input.py::test_a_round_that_nobody_was_shown_is_approved_by_nobody
    tests/unit/test_rounds.py::test_a_forged_request_is_refused_and_stands_in_the_history
    tests/unit/test_deciding.py::test_a_button_of_another_message_counts_for_nothing
an old message after an upgrade:
    tests/flows/test_bad_input.py::test_an_old_button_of_another_version_is_answered_kindly
    tests/flows/test_deciding_bad_input.py::test_a_question_of_an_earlier_version_still_works
    tests/flows/test_deciding_bad_input.py::test_a_button_that_is_no_more_points_to_those_that_work
    tests/unit/test_reject_form.py::test_a_form_of_another_version_says_so
    tests/unit/test_reject_form.py::test_a_form_from_before_there_were_rounds_still_counts
an approver removed from the group a second ago:
    tests/flows/test_deciding_bad_input.py::test_whoever_left_the_group_a_second_ago_cannot_approve_any_more
    tests/unit/test_slack_people.py::test_a_click_never_counts_on_an_older_list
Slack's user group call failing:
    tests/flows/test_approval_stories.py::test_a_user_group_that_slack_does_not_tell_lets_nobody_decide
    tests/unit/test_deciding.py::test_when_slack_does_not_say_who_is_who_nothing_counts_and_the_click_is_judged_later
    tests/unit/test_slack_people.py::test_while_slack_wants_to_be_left_alone_nobody_asks_and_nobody_is_an_approver
a rule file with overlapping or unreachable rules:
    tests/unit/test_rules_together.py::test_rules_that_never_decide_or_overlap_are_warned_of
    tests/flows/test_deciding_bad_input.py::test_rules_that_are_never_reached_or_overlap_are_warned_of_at_the_start
    tests/flows/test_check.py::test_rules_that_are_never_reached_are_warned_of
    tests/flows/test_policy_cli.py::test_rules_that_are_never_reached_are_warned_of
"""

import ast
import json
import re
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import replace
from typing import Any

import pytest
from slack_sdk.signature import SignatureVerifier

from bot.domain.requests import RequestState
from bot.sandbox.slack import BACKUP_ADMINS, CHRIS, Message
from bot.sandbox.worlds import CONFIG, LocalWorlds
from tests.flows.house import House
from tests.flows.processes import running
from tests.flows.team import Team
from tests.rules.sources import ROOT


def test_every_line_of_the_table_names_tests_that_are_there() -> None:
    named = re.findall(r"^    (\S+)::(\S+)$", __doc__ or "", re.MULTILINE)
    assert len(named) > 20

    for path, name in named:
        tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, f"{path}::{name}"


def post_to_the_bot(team: Team, payload: dict[str, Any], *, age: float = 0.0, secret: str = "") -> int:
    """What somebody on the network may send: a payload, signed so long ago (seconds), with this secret."""
    assert team.house.bot is not None
    body = urllib.parse.urlencode({"payload": json.dumps(payload)})
    stamp = str(int(time.time() - age))
    key = secret or team.worlds.slack.signing_secret
    signature = SignatureVerifier(key).generate_signature(timestamp=stamp, body=body)
    request = urllib.request.Request(
        f"http://127.0.0.1:{team.house.bot.port}/slack/events",
        data=body.encode(),
        headers={
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature or "",
        },
    )
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def last_click(team: Team) -> dict[str, Any]:
    return dict(team.worlds.slack.traffic.deliveries("block_actions")[-1].request)


def with_value(message: Message, value: str) -> Message:
    """The message with another value in all of its buttons."""
    blocks = json.loads(json.dumps(message.blocks).replace('"value": "CB-1"', f'"value": {json.dumps(value)}'))
    return replace(message, blocks=blocks)


def test_a_payload_that_is_sent_once_more_changes_nothing(team: Team) -> None:
    team.pending("orders")
    team.dora.click(team.question(), "Approve")
    refused = last_click(team)
    team.ben.click(team.question(), "Approve")
    counted = last_click(team)
    team.done()
    team.quiet()
    before = (team.house.history("CB-1"), len(team.whispers(team.dora)), len(team.messages()))

    for payload in (counted, refused, counted):
        assert post_to_the_bot(team, payload) == 200
    team.quiet()

    assert (team.house.history("CB-1"), len(team.whispers(team.dora)), len(team.messages())) == before
    assert team.whispers(team.ben) == []
    assert len(team.jobs()) == 1


def test_a_payload_with_an_old_or_a_forged_signature_is_not_heard(team: Team) -> None:
    team.pending("orders")
    team.dora.click(team.question(), "Approve")
    payload = last_click(team)
    forged = {**payload, "user": {**payload["user"], "id": team.ben.id}}

    # Signed by somebody else; by Slack, but longer ago than Slack's five minutes.
    assert post_to_the_bot(team, forged, secret="f" * 32) == 401
    assert post_to_the_bot(team, forged, age=600) == 401

    team.quiet()
    assert (team.state(), team.jobs()) == (RequestState.PENDING, [])


def test_a_round_that_nobody_was_shown_is_approved_by_nobody(team: Team) -> None:
    team.pending("orders")
    for value in ("CB-1/7", "CB-1/2"):
        team.ben.click(with_value(team.question(), value), "Approve")
        team.whispered(team.ben, "What you saw of CB-1 has changed since.")
        team.ben.reload()
    for value in ("CB-1/0", "CB-1/-1", "CB-1/1/1", "CB-1/9999999999", "/1", "CB-1/"):
        team.ben.click(with_value(team.question(), value), "Approve")
        team.whispered(team.ben, "That request is not here any more.")
        team.ben.reload()

    team.quiet()
    assert (team.state(), team.jobs()) == (RequestState.PENDING, [])


def test_a_question_of_an_earlier_version_still_works(team: Team) -> None:
    """Before there were rounds, buttons had the request's id alone; theirs is the first round."""
    team.pending("orders")
    question = with_value(team.question(), "CB-1")
    stripped = [{**block, "block_id": "decide"} if block["type"] == "actions" else block for block in question.blocks]

    team.ben.click(replace(question, blocks=stripped), "Approve")

    team.reads("Ben approved CB-1.")
    team.done()


def test_a_button_that_is_no_more_points_to_those_that_work(team: Team) -> None:
    team.pending("orders")
    question = team.question()
    old = json.loads(json.dumps(question.blocks).replace("request.approve", "approval.yes"))

    answer = team.ben.click(replace(question, blocks=old), "Approve")

    assert answer.ok
    told = team.text(team.whispered(team.ben, "belongs to an older version of me"))
    assert "has the buttons that work" in told
    assert (team.state(), team.jobs()) == (RequestState.PENDING, [])


def test_whoever_left_the_group_a_second_ago_cannot_approve_any_more(team: Team) -> None:
    team.pending("orders")
    # Chris's look at the form has the bot read the group, so that a list is at hand that still names Ben.
    team.chris.click(team.question(), "Reject")
    team.chris.wait_for_modal("Reject the request")
    team.worlds.slack.directory.set_group_members(BACKUP_ADMINS, CHRIS)
    team.later(seconds=1)

    team.ben.click(team.question(), "Approve")

    team.whispered(team.ben, "You are not one of the approvers of this request.")
    team.quiet()
    assert (team.state(), team.jobs()) == (RequestState.PENDING, [])


NEVER = "approvals[1] is never reached: approvals[0] matches everything that it does"
OVERLAP = "approvals[0] and approvals[1] overlap: where both match, approvals[0] decides"


@pytest.mark.parametrize(
    ("first", "second", "warned"),
    [
        ("{}", "{table: orders}", NEVER),
        ("{}", '{table: "o*", destination_account: backup}', NEVER),
        ('{table: "orders-*"}', "{destination_account: backup}", OVERLAP),
    ],
)
def test_rules_that_are_never_reached_or_overlap_are_warned_of_at_the_start(
    worlds: LocalWorlds, first: str, second: str, warned: str
) -> None:
    usual = f"  - approvers: [{BACKUP_ADMINS}]\n"
    assert CONFIG.count(usual) == 1
    config = CONFIG.replace(usual, f"{usual}    when: {first}\n")
    more = f"{usual}    when: {second}\n"
    house = House(worlds, config=config.replace("notices:", more + "notices:"), http=False)

    with running(house.environ, "run", "--port", "0") as bot:
        warning = bot.logs("configuration_warning")

        assert warned in warning
        bot.logs("ready")
        assert bot.end() == 0
