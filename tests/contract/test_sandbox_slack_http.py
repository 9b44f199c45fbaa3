"""The local Slack delivers by signed HTTP to a Bolt app behind a WSGI server."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

import pytest

from bot.sandbox.slack import ANNA, BACKUPS, LocalSlack
from tests.contract.sandbox_slack_bots import (
    actions,
    bolt_app,
    button,
    client_of,
    input_block,
    modal,
    option,
    over_http,
    patient_slack,
    scripted_bot,
    serving,
    type_ahead,
)


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with patient_slack(event_retry_seconds=(0.0, 0.0, 0.0)) as running:
        yield running


@dataclass
class Catcher:
    """A bare WSGI application that keeps what it gets and answers as it is told."""

    status: str = "200 OK"
    headers: list[tuple[str, str]] = field(default_factory=list)
    wait_for: threading.Event | None = None
    requests: list[tuple[dict[str, Any], bytes]] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        self.requests.append((dict(environ), body))
        if self.wait_for is not None:
            self.wait_for.wait(10)
        start_response(self.status, [("Content-Type", "text/plain"), *self.headers])
        return [b""]


def test_bolt_accepts_the_signature_and_answers_a_command(slack: LocalSlack) -> None:
    app = bolt_app(slack)

    @app.command("/copy-backup")
    def answer(ack: Any, body: dict[str, Any]) -> None:
        ack(f"heard {body['text']}")

    with over_http(slack, app):
        result = slack.person(ANNA).command("/copy-backup größe 🌍")

    assert result.message is not None
    assert result.message.text == "heard größe 🌍"


def test_a_wrong_signing_secret_is_refused_by_the_bot(slack: LocalSlack) -> None:
    app = bolt_app(slack)
    app._middleware_list[1].verifier.signing_secret = "another"  # type: ignore[attr-defined]

    with over_http(slack, app):
        assert slack.person(ANNA).command("/copy-backup").error == "dispatch_failed"


def test_the_signature_covers_timestamp_and_raw_body(slack: LocalSlack) -> None:
    catcher = Catcher()
    with serving(catcher) as url:
        slack.deliver_to(url)
        slack.person(ANNA).command("/copy-backup orders")

    [(environ, body)] = catcher.requests
    base = f"v0:{environ['HTTP_X_SLACK_REQUEST_TIMESTAMP']}:".encode() + body
    digest = hmac.new(slack.signing_secret.encode(), base, hashlib.sha256).hexdigest()
    assert environ["HTTP_X_SLACK_SIGNATURE"] == f"v0={digest}"
    assert environ["PATH_INFO"] == "/slack/events"


def test_a_command_is_a_form_of_its_own(slack: LocalSlack) -> None:
    catcher = Catcher()
    with serving(catcher) as url:
        slack.deliver_to(url)
        slack.person(ANNA).command("/copy-backup orders")

    [(environ, body)] = catcher.requests
    form = parse_qs(body.decode())
    assert environ["CONTENT_TYPE"] == "application/x-www-form-urlencoded"
    assert (form["command"], form["text"]) == (["/copy-backup"], ["orders"])
    assert (form["user_id"], form["channel_id"], form["channel_name"]) == ([ANNA], [BACKUPS], ["backups"])
    assert form["is_enterprise_install"] == ["false"]
    assert "thread_ts" not in form


def test_a_click_is_a_form_with_one_payload(slack: LocalSlack) -> None:
    client_of(slack).chat_postMessage(channel=BACKUPS, text="x", blocks=[actions(button("Approve", "approve"))])
    catcher = Catcher()
    with serving(catcher) as url:
        slack.deliver_to(url)
        slack.person(ANNA).click(slack.channel(BACKUPS).messages[0], "Approve")

    form = parse_qs(catcher.requests[0][1].decode())
    assert list(form) == ["payload"]
    assert json.loads(form["payload"][0])["type"] == "block_actions"


def test_options_come_from_the_same_address(slack: LocalSlack) -> None:
    with scripted_bot(slack) as bot:
        view = modal(input_block("t", "Table", type_ahead(min_query_length=0)))
        bot.on(
            "slash_commands", lambda turn: (turn.ack(), turn.client.views_open(trigger_id=turn.trigger_id, view=view))
        )
        bot.on("block_suggestion", lambda turn: turn.ack(options=[option(turn.body["value"] + "!")]))
        anna = slack.person(ANNA)
        anna.command("/copy-backup")

        offered = anna.suggest("Table", "ord")

    assert [o["value"] for o in offered] == ["ord!"]


def test_a_late_answer_is_an_operation_timeout() -> None:
    release = threading.Event()
    with LocalSlack(ack_seconds=0.2) as slack, serving(Catcher(wait_for=release)) as url:
        slack.deliver_to(url)
        result = slack.person(ANNA).command("/copy-backup")
        release.set()

    assert result.error == "operation_timeout"


@pytest.mark.parametrize("status", ["404 Not Found", "500 Internal Server Error"])
def test_any_status_but_200_fails_the_command(slack: LocalSlack, status: str) -> None:
    with serving(Catcher(status)) as url:
        slack.deliver_to(url)
        result = slack.person(ANNA).command("/copy-backup")

    assert result.seen == '/copy-backup failed with the error "dispatch_failed"'
    assert result.answer.status == int(status[:3])


def test_nobody_at_the_address_fails_the_command(slack: LocalSlack) -> None:
    with serving(Catcher()) as url:
        slack.deliver_to(url)

    assert slack.person(ANNA).command("/copy-backup").error == "dispatch_failed"


class TestEvents:
    def test_an_event_is_json_with_its_own_id(self, slack: LocalSlack) -> None:
        catcher = Catcher()
        with serving(catcher) as url:
            slack.deliver_to(url)
            slack.person(ANNA).open_home()
            slack.wait_until(lambda: slack.traffic.deliveries("app_home_opened"))

        [(environ, body)] = catcher.requests
        wrapped = json.loads(body)
        assert environ["CONTENT_TYPE"] == "application/json"
        assert (wrapped["type"], wrapped["event"]["type"]) == ("event_callback", "app_home_opened")
        assert wrapped["event_id"].startswith("Ev")
        assert "HTTP_X_SLACK_RETRY_NUM" not in environ

    def test_a_failed_event_comes_three_times_more_with_the_reason(self, slack: LocalSlack) -> None:
        catcher = Catcher("500 Internal Server Error")
        with serving(catcher) as url:
            slack.deliver_to(url)
            slack.person(ANNA).open_home()
            slack.wait_until(lambda: len(slack.traffic.deliveries("app_home_opened")) == 4)

        numbers = [environ.get("HTTP_X_SLACK_RETRY_NUM") for environ, _ in catcher.requests]
        reasons = {environ.get("HTTP_X_SLACK_RETRY_REASON") for environ, _ in catcher.requests[1:]}
        assert numbers == [None, "1", "2", "3"]
        assert reasons == {"http_error"}
        assert len({json.loads(body)["event_id"] for _, body in catcher.requests}) == 1

    def test_the_app_can_decline_retries(self, slack: LocalSlack) -> None:
        catcher = Catcher("500 Internal Server Error", [("X-Slack-No-Retry", "1")])
        with serving(catcher) as url:
            slack.deliver_to(url)
            slack.person(ANNA).open_home()
            slack.wait_until(lambda: slack.traffic.deliveries("app_home_opened"))
            slack.person(ANNA).open_home("messages")
            slack.wait_until(lambda: len(slack.traffic.deliveries("app_home_opened")) == 2)

        assert [json.loads(body)["event"]["tab"] for _, body in catcher.requests] == ["home", "messages"]
