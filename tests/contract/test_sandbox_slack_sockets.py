"""The local Slack speaks Socket Mode with slack_sdk's builtin client as Bolt uses it, and with a bare WebSocket."""

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from bot.sandbox.slack import ANNA, BEN, LocalSlack
from tests.contract.sandbox_slack_bots import bolt_app, client_of, over_sockets, patient_slack


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with patient_slack() as running:
        yield running


@pytest.fixture
def hasty() -> Iterator[LocalSlack]:
    """A workspace for what must time out."""
    with LocalSlack(ack_seconds=0.2) as running:
        yield running


@contextmanager
def bare_socket(slack: LocalSlack) -> Iterator[ClientConnection]:
    url = client_of(slack).apps_connections_open(app_token=slack.app_token)["url"]
    with connect(url, proxy=None) as socket:
        hello = receive(socket)
        assert hello["type"] == "hello"
        yield socket


def receive(socket: ClientConnection) -> dict[str, Any]:
    frame: dict[str, Any] = json.loads(socket.recv(timeout=5))
    return frame


class Typing(threading.Thread):
    """A person typing a command in the background, since it waits for the acknowledgement."""

    def __init__(self, slack: LocalSlack, line: str) -> None:
        super().__init__(daemon=True)
        self._slack, self._line = slack, line
        self.error: str | None = "unfinished"

    def run(self) -> None:
        self.error = self._slack.person(ANNA).command(self._line).error

    def outcome(self) -> str | None:
        self.join(10)
        return self.error


def type_command(slack: LocalSlack, line: str = "/copy-backup") -> Typing:
    typing = Typing(slack, line)
    typing.start()
    return typing


def test_bolt_connects_hears_a_command_and_acknowledges_it(slack: LocalSlack) -> None:
    app = bolt_app(slack)
    heard: list[dict[str, Any]] = []

    @app.command("/copy-backup")
    def answer(ack: Any, body: dict[str, Any]) -> None:
        ack("Grüße 🌍")
        heard.append(body)

    with over_sockets(slack, app):
        result = slack.person(ANNA).command("/copy-backup orders  ü")

    assert result.error is None
    assert result.message is not None
    assert (result.message.text, result.message.ephemeral_to) == ("Grüße 🌍", ANNA)
    assert heard[0]["text"] == "orders  ü"
    assert "thread_ts" not in heard[0]
    assert {"token", "team_id", "channel_name", "response_url", "trigger_id", "api_app_id"} <= heard[0].keys()


def test_hello_counts_the_connections(slack: LocalSlack) -> None:
    url = client_of(slack).apps_connections_open(app_token=slack.app_token)["url"]

    with bare_socket(slack), connect(url, proxy=None) as second:
        hello = receive(second)

    assert hello["num_connections"] == 2
    assert hello["connection_info"]["app_id"].startswith("A")


def test_a_ticket_is_good_for_one_connection(slack: LocalSlack) -> None:
    url = client_of(slack).apps_connections_open(app_token=slack.app_token)["url"]

    with connect(url, proxy=None), pytest.raises(InvalidStatus), connect(url, proxy=None):
        pass


def test_an_envelope_goes_to_exactly_one_connection(slack: LocalSlack) -> None:
    with bare_socket(slack) as first, bare_socket(slack) as second:
        typing = [type_command(slack) for _ in range(2)]
        envelopes = [receive(first), receive(second)]
        for socket, envelope in zip((first, second), envelopes, strict=True):
            socket.send(json.dumps({"envelope_id": envelope["envelope_id"]}))
        outcomes = [one.outcome() for one in typing]

    assert outcomes == [None, None]
    assert envelopes[0]["envelope_id"] != envelopes[1]["envelope_id"]
    assert {e["type"] for e in envelopes} == {"slash_commands"}
    assert all(e["accepts_response_payload"] for e in envelopes)


def test_without_an_acknowledgement_the_person_reads_operation_timeout(hasty: LocalSlack) -> None:
    with bare_socket(hasty):
        result = hasty.person(ANNA).command("/copy-backup")

    assert result.error == "operation_timeout"
    assert result.seen == '/copy-backup failed with the error "operation_timeout"'


def test_with_nobody_connected_the_command_fails_visibly(slack: LocalSlack) -> None:
    assert slack.person(ANNA).command("/copy-backup").error == "dispatch_failed"


def test_a_listener_that_is_missing_looks_like_a_timeout(hasty: LocalSlack) -> None:
    with over_sockets(hasty, bolt_app(hasty)):
        assert hasty.person(ANNA).command("/copy-backup").error == "operation_timeout"


def acknowledge_with(slack: LocalSlack, socket: ClientConnection, size: int) -> Typing:
    """Acknowledge a command with a frame of exactly this many bytes."""
    typing = type_command(slack)
    frame = json.dumps({"envelope_id": receive(socket)["envelope_id"], "payload": {"text": ""}})
    socket.send(frame.replace('"text": ""', '"text": "' + "x" * (size - len(frame)) + '"'))
    return typing


def test_an_acknowledgement_may_have_20480_bytes(slack: LocalSlack) -> None:
    with bare_socket(slack) as socket:
        assert acknowledge_with(slack, socket, 20_480).outcome() is None


def test_a_larger_acknowledgement_closes_the_connection(hasty: LocalSlack) -> None:
    with bare_socket(hasty) as socket:
        typing = acknowledge_with(hasty, socket, 20_481)
        with pytest.raises(ConnectionClosed) as closed:
            socket.recv(timeout=5)

        assert typing.outcome() == "operation_timeout"
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


def test_a_ping_is_answered_with_its_own_payload(slack: LocalSlack) -> None:
    with bare_socket(slack) as socket:
        assert socket.ping("session:1700000000.5").wait(5)


def test_what_was_not_acknowledged_comes_again_after_a_reconnect_once(hasty: LocalSlack) -> None:
    with bare_socket(hasty) as socket:
        typing = type_command(hasty)
        lost = receive(socket)
        assert typing.outcome() == "operation_timeout"

    with bare_socket(hasty) as socket:
        again = receive(socket)
    with bare_socket(hasty) as socket:
        type_command(hasty)
        next_one = receive(socket)

    assert again == lost
    assert next_one["envelope_id"] != lost["envelope_id"]


def test_redelivery_can_be_switched_off(hasty: LocalSlack) -> None:
    hasty.faults.redeliver_unacked = False
    with bare_socket(hasty) as socket:
        typing = type_command(hasty)
        lost = receive(socket)
        assert typing.outcome() == "operation_timeout"

    with bare_socket(hasty) as socket:
        type_command(hasty)

        assert receive(socket)["envelope_id"] != lost["envelope_id"]


def test_an_acknowledgement_over_the_next_connection_still_counts(slack: LocalSlack) -> None:
    with bare_socket(slack) as socket:
        typing = type_command(slack)
        receive(socket)
    with bare_socket(slack) as socket:
        socket.send(json.dumps({"envelope_id": receive(socket)["envelope_id"]}))

        assert typing.outcome() is None


def test_a_lost_acknowledgement_leaves_a_timeout_and_a_second_delivery(hasty: LocalSlack) -> None:
    app = bolt_app(hasty)
    heard: list[str] = []

    @app.command("/copy-backup")
    def answer(ack: Any, body: dict[str, Any]) -> None:
        heard.append(body["trigger_id"])
        ack()

    hasty.faults.lose_acks()
    with over_sockets(hasty, app):
        assert hasty.person(ANNA).command("/copy-backup").error == "operation_timeout"
        hasty.faults.drop_sockets()
        hasty.wait_until(lambda: len(heard) == 2)

    assert heard[0] == heard[1]


def test_bolt_comes_back_when_it_is_asked_to_reconnect(slack: LocalSlack) -> None:
    app = bolt_app(slack)

    @app.command("/copy-backup")
    def answer(ack: Any) -> None:
        ack()

    with over_sockets(slack, app):
        slack.faults.ask_to_reconnect("refresh_requested")
        slack.wait_for_connection()

        assert slack.person(ANNA).command("/copy-backup").error is None


def test_while_one_connection_leaves_the_other_gets_the_envelopes(slack: LocalSlack) -> None:
    with bare_socket(slack) as leaving:
        slack.faults.ask_to_reconnect("warning")
        assert receive(leaving)["reason"] == "warning"
        with bare_socket(slack) as staying:
            typing = [type_command(slack) for _ in range(3)]
            for _ in typing:
                staying.send(json.dumps({"envelope_id": receive(staying)["envelope_id"]}))

            assert [one.outcome() for one in typing] == [None] * 3


def test_socket_mode_switched_off_ends_connections_and_refuses_new_ones(slack: LocalSlack) -> None:
    with bare_socket(slack) as socket:
        slack.faults.disable_socket_mode()

        assert receive(socket)["reason"] == "link_disabled"
        with pytest.raises(ConnectionClosed):
            socket.recv(timeout=5)
    with pytest.raises(SlackApiError, match="socket_mode_not_enabled"):
        client_of(slack).apps_connections_open(app_token=slack.app_token)


def test_the_eleventh_connection_is_one_too_many(slack: LocalSlack) -> None:
    urls = [client_of(slack).apps_connections_open(app_token=slack.app_token)["url"] for _ in range(11)]
    with ExitStack() as stack:
        sockets = [stack.enter_context(connect(url, proxy=None)) for url in urls]
        first_frames = [receive(socket) for socket in sockets]

    assert [f["type"] for f in first_frames] == ["hello"] * 10 + ["disconnect"]
    assert first_frames[10]["reason"] == "too_many_websockets"


def test_a_delivery_can_arrive_twice_with_the_same_envelope(slack: LocalSlack) -> None:
    app = bolt_app(slack)
    heard: list[str] = []

    @app.command("/copy-backup")
    def answer(ack: Any, body: dict[str, Any]) -> None:
        heard.append(body["trigger_id"])
        ack()

    slack.faults.deliver_twice()
    with over_sockets(slack, app):
        assert slack.person(BEN).command("/copy-backup").error is None

        slack.wait_until(lambda: len(heard) == 2)

    assert heard[0] == heard[1]
    assert len(slack.traffic.deliveries("slash_commands")) == 2
