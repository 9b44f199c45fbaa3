"""Rejecting asks for a reason: only of somebody whose rejection would count, and never without one."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.domain.books import Store
from bot.domain.requests import CopyRequest, RequestState
from bot.domain.sentences import TOO_SLOW
from bot.slack.ids import NOTE, REJECT
from commands.approval.listeners import ApprovalListeners
from tests.unit.builders import CHANNEL, read_request, stored_request
from tests.unit.fakes import FakeOutlet, ManualClock
from tests.unit.golden_files import Golden
from tests.unit.slack_client import ScriptedClient
from tests.unit.walk_scene import make_desk, make_walk_scene


@dataclass
class Scene:
    store: Store
    outlet: FakeOutlet
    listeners: ApprovalListeners
    request: CopyRequest
    client: ScriptedClient = field(default_factory=lambda: ScriptedClient([{"ok": True, "view": {"id": "V1"}}]))
    acks: list[dict[str, Any]] = field(default_factory=list)

    def ack(self, **answer: Any) -> None:
        self.acks.append(answer)

    def click(self, user: str = "U0BEN") -> dict[str, Any]:
        """The payload of a click on Reject."""
        return {
            "user": {"id": user, "team_id": "T0HOME"},
            "trigger_id": "1.2.3",
            "channel": {"id": CHANNEL},
            "container": {"message_ts": "1700000000.000002"},
            "actions": [{"action_id": REJECT, "value": self.request.id, "action_ts": "1700000001.0"}],
        }

    def submission(self, reason: str | None, user: str = "U0BEN") -> dict[str, Any]:
        """The payload of the form that was opened, with this reason."""
        view = self.client.asked[0][1]["view"]
        state = {"values": {NOTE: {NOTE: {"type": "plain_text_input", "value": reason}}}}
        return {"user": {"id": user, "team_id": "T0HOME"}, "view": {**view, "id": "V1", "state": state}}

    def now(self) -> CopyRequest:
        return read_request(self.store, self.request.id)


@pytest.fixture
def scene(store: Store, clock: ManualClock) -> Scene:
    outlet = FakeOutlet()
    listeners = ApprovalListeners(make_desk(make_walk_scene(store, clock), outlet))
    return Scene(store, outlet, listeners, stored_request(store))


@pytest.fixture
def opened(scene: Scene) -> Scene:
    """The form is on Ben's screen."""
    scene.listeners.ask_reason(scene.click(), scene.client)
    return scene


def test_the_form_reads_as_agreed(opened: Scene, golden: Golden) -> None:
    (method, arguments) = opened.client.asked[0]

    assert method == "views.open"
    golden.view("reject-form", arguments["view"])


def test_a_reason_rejects_the_request(opened: Scene) -> None:
    submission = opened.submission("  Use the other vault.  ")

    opened.listeners.submit_reason(opened.ack, submission)
    opened.listeners.judge_reason(submission)

    assert opened.acks == [{}]
    assert opened.now().state is RequestState.REJECTED
    assert opened.now().decisions[0].note == "Use the other vault."


@pytest.mark.parametrize("reason", [None, "", "  \n "])
def test_without_a_reason_the_form_stays_open(opened: Scene, reason: str | None) -> None:
    submission = opened.submission(reason)

    opened.listeners.submit_reason(opened.ack, submission)
    opened.listeners.judge_reason(submission)

    assert opened.acks[0]["response_action"] == "errors"
    assert list(opened.acks[0]["errors"]) == [NOTE]
    assert opened.now().state is RequestState.PENDING


def test_a_form_that_is_delivered_twice_rejects_once(opened: Scene) -> None:
    submission = opened.submission("No.")

    for _ in range(2):
        opened.listeners.submit_reason(opened.ack, submission)
        opened.listeners.judge_reason(submission)

    assert len(opened.now().decisions) == 1
    assert opened.outlet.whispers == []


def test_who_could_not_reject_is_told_before_typing_anything(scene: Scene) -> None:
    scene.listeners.ask_reason(scene.click("U0EVE"), scene.client)

    assert scene.client.asked == []
    assert scene.outlet.whispers == [(CHANNEL, "U0EVE", "You are not one of the approvers of this request.")]


def test_a_trigger_that_died_is_told(scene: Scene) -> None:
    scene.listeners.ask_reason(scene.click(), ScriptedClient(error="expired_trigger_id"))

    assert [sentence for _, _, sentence in scene.outlet.whispers] == [TOO_SLOW]


@pytest.mark.parametrize(
    "kept", ["", "CB-1", "{}", '["CB-1"]', '["CB-1", 7, "1.2"]', '["CB-1", "C0", "1.2", "x"]', "[1"]
)
def test_a_form_of_another_version_says_so(opened: Scene, kept: str) -> None:
    body = opened.submission("Not now.")
    body["view"]["private_metadata"] = kept

    opened.listeners.submit_reason(opened.ack, body)
    opened.listeners.judge_reason(body)

    (answer,) = opened.acks
    assert answer["response_action"] == "update"
    assert "older version of me" in str(answer["view"]["blocks"])
    assert opened.now().state is RequestState.PENDING


def test_a_form_from_before_there_were_rounds_still_counts(opened: Scene) -> None:
    body = opened.submission("Not now.")
    body["view"]["private_metadata"] = json.dumps(json.loads(body["view"]["private_metadata"])[:3])

    opened.listeners.submit_reason(opened.ack, body)
    opened.listeners.judge_reason(body)

    assert opened.acks == [{}]
    assert opened.now().state is RequestState.REJECTED
