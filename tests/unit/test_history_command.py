"""`/copy-backup history`: every line readable, harmless and within Slack's limits, for who asks only."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.domain.audit import ChainedEvent, Head, chained
from bot.domain.books import Store
from bot.domain.people import Actor
from bot.domain.requests import Event
from bot.domain.steps import RECORD_GONE, Failure, StepState
from bot.sandbox.slack.validation import validate_message
from bot.workflows.history import History
from commands.approval.history import NEWEST, OF_ONE, answer, blocks, line_text
from commands.subcommands import Call
from tests.unit.builders import BEN, CHANNEL, COPY_ARN, a_request, stored_request
from tests.unit.fakes import NOW, FakeOutlet, ManualClock
from tests.unit.golden_files import Golden
from tests.unit.slack_client import ScriptedClient
from tests.unit.walk_scene import make_desk, make_walk_scene

EVENTS = (
    Event("CB-42", NOW, "asked", Actor("U0ANNA", "T0"), None, "PENDING"),
    Event("CB-42", NOW + timedelta(minutes=1), "click refused", Actor("U0EVE", "T0"), detail="approve: Not you."),
    Event("CB-42", NOW + timedelta(minutes=2), "reminded", detail="U0BEN U0CHRIS"),
    Event("CB-42", NOW + timedelta(minutes=3), "approve", BEN, "PENDING", "APPROVED"),
    Event("", NOW + timedelta(minutes=4), "click refused", BEN, detail="approve (of 'CB-9'): gone"),
    Event(
        "CB-42", NOW, "click refused", BEN, detail="approve: <@U0CHRIS> decide first. <!channel> <!subteam^S0ADMINS>"
    ),
    Event("CB-42", NOW, "escalated", detail="U0DORA S0OPS nonsense"),
    Event("CB-42", NOW, "approved by one", BEN, detail="stage 1"),
    Event("CB-42", NOW, "lapse", None, "PENDING", "LAPSED"),
    Event("CB-42", NOW, "asked again", BEN, detail="CB-43"),
    Event("CB-42", NOW, "approve", None, "PENDING", "APPROVED", "standing approval CB-1"),
    Event("CB-42", NOW, "start", None, "APPROVED", "RUNNING", "08BF6CC7-8724"),
    Event("CB-42", NOW, "start", None, "RUNNING", "RUNNING", "The vault is not there."),
    Event("CB-42", NOW, "start", None, "RUNNING", "RUNNING"),
    Event("CB-42", NOW, "complete", None, "RUNNING", "COMPLETED"),
    Event("CB-42", NOW, "fail", None, "RUNNING", "FAILED", "<!here> AWS said no."),
    Event("CB-42", NOW, "break glass", BEN, "PENDING", "APPROVED", "It burns."),
    Event("CB-42", NOW, "retry", BEN, "FAILED", "APPROVED"),
    Event("CB-42", NOW, "copy expired", detail="arn:aws:backup:eu-west-1:222222222222:recovery-point:9c8d"),
)


MORE_EVENTS = (
    Event("CB-42", NOW, "keep telling", BEN, detail=f"keep telling: {EVENTS[-1].detail}"),
    Event("CB-42", NOW, "dead letter dismissed", BEN, detail="approved for C0GONE (is_archived), ops for #x (<!here>)"),
)


def chain(events: Sequence[Event]) -> list[ChainedEvent]:
    head, lines = Head(), []
    for event in events:
        lines.append(chained(event, head))
        head = Head(lines[-1].seq, lines[-1].hash)
    return lines


def test_the_history_reads_as_agreed(golden: Golden) -> None:
    golden.words("history", {"lines": [line_text(line) for line in chain(EVENTS + MORE_EVENTS)]})


def test_a_step_that_started_is_named_with_its_job() -> None:
    one, two = a_request().steps[0], a_request().steps[0]
    steps = (one, replace(two, id=9, external_id="08BF6CC7-8724"))
    started = chain([Event("CB-42", NOW, "start", None, "RUNNING", "RUNNING", "08BF6CC7-8724")])[0]

    assert line_text(started, steps).endswith("*CB-42* · step 2 started: copy job `08BF6CC7-8724`")
    assert line_text(started, steps[1:]).endswith("*CB-42* · started: copy job `08BF6CC7-8724`")


def test_a_copy_is_named_by_where_it_is_and_what_was_done_with_it_once() -> None:
    made = replace(a_request().steps[0], result_arn=COPY_ARN)
    events = [
        Event("CB-42", NOW, "keep telling", BEN, detail=f"keep telling: {COPY_ARN}"),
        Event("CB-42", NOW, "click refused", BEN, detail=f"remind in a day: {COPY_ARN}: It ends before that."),
    ]

    told, refused = (line_text(line, (made,)) for line in chain(events))

    assert told.endswith("· asked to be told again: copy in copies, eu-west-1")
    assert refused.endswith("· click refused: remind in a day: copy in copies, eu-west-1: It ends before that.")


def test_the_history_finds_the_copies_that_it_names(store: Store, clock: ManualClock) -> None:
    request = stored_request(store)
    with store.begin() as tx:
        tx.requests.record(Event(request.id, NOW, "copy gone early", detail=COPY_ARN))
    with store.read() as tx:
        lines = tx.history.newest(9, request.id)

    assert list(History(store).steps_of(lines)) == [request.id]


def test_what_only_counts_as_failed_is_not_said_to_have_failed() -> None:
    lost = replace(a_request().steps[0], state=StepState.FAILED, failure=Failure("No record.", RECORD_GONE, ""))
    line = chain([Event("CB-42", NOW, "fail", None, "RUNNING", "FAILED", "No record.")])[0]

    assert line_text(line, [lost]).endswith("*CB-42* · ended, and how is not known: No record.")
    assert line_text(line).endswith("*CB-42* · failed: No record.")


def test_the_longest_history_is_one_that_slack_takes() -> None:
    hostile = "<!channel> & `rm -rf` *bold* " * 200
    events = [Event("CB-42", NOW, "click refused", BEN, "PENDING", "APPROVED", hostile)] * OF_ONE

    made = blocks(chain(events))

    assert [str(one) for one in validate_message({"text": "History", "blocks": made})] == []
    assert "<!channel>" not in json.dumps(made)
    assert str(made).count("click refused") == OF_ONE


def test_of_a_long_history_the_newest_is_shown_and_where_the_rest_is(store: Store, clock: ManualClock) -> None:
    stored_request(store)
    with store.begin() as tx:
        for number in range(NEWEST + 10):
            tx.requests.record(Event("", NOW, "click refused", BEN, detail=f"number {number}"))

    shown = str(asked(store, clock, ""))

    assert f"number {NEWEST + 9}" in shown
    assert "number 9'" not in shown
    assert shown.count("click refused") == NEWEST
    assert "`copy-backup audit export` has all of it" in shown


def test_the_id_may_be_typed_in_small_letters_and_an_unknown_one_is_told(store: Store, clock: ManualClock) -> None:
    request = stored_request(store)
    with store.begin() as tx:
        tx.requests.record(Event(request.id, NOW, "asked", BEN))

    assert "asked" in str(asked(store, clock, f" {request.id.lower()} "))
    for nonsense in ("CB-77", "nonsense", "'; DROP TABLE events", "<!channel>"):
        assert "I know no such request." in str(asked(store, clock, nonsense))


def asked(store: Store, clock: ManualClock, text: str) -> list[object]:
    """What the person who types it is told."""
    told: list[object] = []
    desk = make_desk(make_walk_scene(store, clock), FakeOutlet())
    answer(desk, a_call(text, told))
    return told


def a_call(text: str, told: list[object]) -> Call:
    def respond(**said: object) -> None:
        assert said["response_type"] == "ephemeral"
        told.append(said)

    return Call(text, BEN, CHANNEL, "1.2.3", ScriptedClient(), respond)
