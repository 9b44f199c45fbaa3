"""The HTTP side: health for machines, Slack's path and nothing else, and bodies only as large as Slack's."""

import http.client
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from slack_bolt import App
from slack_sdk.signature import SignatureVerifier

from bot.http import LARGEST_BODY, SLACK_PATH, Web, WebServer

DEADLINE = 30.0


@dataclass
class Health:
    """What the process says about itself."""

    well: bool = True
    ready: bool = True

    def liveness(self) -> tuple[bool, dict[str, object]]:
        return self.well, {"late": [] if self.well else ["relay"]}

    def readiness(self) -> tuple[bool, dict[str, object]]:
        return self.ready, {"ready": self.ready}


@pytest.fixture
def health() -> Health:
    return Health()


def serve(web: Web) -> Iterator[int]:
    server = WebServer(web, "127.0.0.1", 0)
    server.start()
    yield server.port
    server.stop()


@pytest.fixture
def port(health: Health) -> Iterator[int]:
    """A server of the HTTP mode."""
    app = App(token="xoxb-x", signing_secret="s3cr3t", token_verification_enabled=False)
    yield from serve(Web(health.liveness, health.readiness, app))


@pytest.fixture
def socket_mode_port(health: Health) -> Iterator[int]:
    """A server beside Socket Mode: health pages only."""
    yield from serve(Web(health.liveness, health.readiness))


def ask(port: int, method: str, path: str, body: bytes | None = None) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_healthy_process_says_so(port: int, path: str) -> None:
    status, body = ask(port, "GET", path)

    assert status == 200
    assert json.loads(body)


def test_a_process_that_should_be_restarted_says_503_and_why(port: int, health: Health) -> None:
    health.well = False

    status, body = ask(port, "GET", "/healthz")

    assert (status, json.loads(body)) == (503, {"late": ["relay"]})
    assert ask(port, "GET", "/readyz")[0] == 200


def test_a_process_that_cannot_work_now_is_not_ready_but_alive(port: int, health: Health) -> None:
    health.ready = False

    assert ask(port, "GET", "/readyz") == (503, b'{"ready": false}')
    assert ask(port, "GET", "/healthz")[0] == 200


@pytest.mark.parametrize("path", ["/", "/favicon.ico", "/slack", "/slack/events/", "/healthz/x", "/metrics/../readyz"])
def test_there_is_nothing_else(port: int, path: str) -> None:
    assert ask(port, "GET", path) == (404, b'{"error": "not found"}')


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_slack_only_posts(port: int, method: str) -> None:
    assert ask(port, method, SLACK_PATH) == (405, b'{"error": "POST only"}')


def test_beside_socket_mode_slacks_path_is_closed(socket_mode_port: int) -> None:
    assert ask(socket_mode_port, "POST", SLACK_PATH, b"payload={}")[0] == 404
    assert ask(socket_mode_port, "GET", "/healthz")[0] == 200


def test_what_slack_did_not_sign_is_refused(port: int) -> None:
    assert ask(port, "POST", SLACK_PATH, b"payload=%7B%7D")[0] == 401


def test_a_body_larger_than_slacks_is_refused(port: int) -> None:
    # The length alone is enough; the body is never waited for.
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
    connection.putrequest("POST", SLACK_PATH)
    connection.putheader("Content-Length", str(LARGEST_BODY + 1))
    connection.endheaders()

    assert connection.getresponse().status == 413
    connection.close()


def test_bytes_that_are_no_text_are_refused_and_harm_nothing(port: int) -> None:
    assert ask(port, "POST", SLACK_PATH, b"\xff\xfe\x00")[0] == 401
    assert ask(port, "GET", "/healthz")[0] == 200


def test_a_taken_port_is_told_at_once(port: int, health: Health) -> None:
    with pytest.raises(OSError, match="in use"):
        WebServer(Web(health.liveness, health.readiness), "127.0.0.1", port)


@pytest.mark.parametrize("timestamp", ["", "abc", "1e9", "NaN", "9" * 400])
def test_a_timestamp_that_is_no_number_is_refused_like_a_wrong_signature(port: int, timestamp: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
    headers = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": "v0=00"}
    connection.request("POST", SLACK_PATH, b"payload=null", headers)

    assert connection.getresponse().status == 401
    connection.close()


@pytest.mark.parametrize("body", ["payload=null", "payload=[]", "payload=%7B", "payload=not+json"])
def test_a_signed_body_that_no_slack_sends_is_refused_without_a_traceback(
    port: int, body: str, caplog: pytest.LogCaptureFixture
) -> None:
    signer = SignatureVerifier("s3cr3t")
    timestamp = str(int(time.time()))
    headers = {
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": str(signer.generate_signature(timestamp=timestamp, body=body)),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=DEADLINE)
    connection.request("POST", SLACK_PATH, body.encode(), headers)

    assert connection.getresponse().status in (400, 404)
    assert "Traceback" not in caplog.text
    connection.close()
