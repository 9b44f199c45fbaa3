"""The local Slack can be driven by JSON, as a page will do it, and started from a shell."""

import http.client
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError

from bot.sandbox.slack import ANNA, BACKUPS, BEN, DORA, GENERAL, OLD_BACKUPS, LocalSlack
from tests.contract.sandbox_slack_bots import (
    Json,
    ScriptedBot,
    actions,
    button,
    client_of,
    input_block,
    modal,
    option,
    patient_slack,
    scripted_bot,
    text_input,
    type_ahead,
)

FORM = modal(
    input_block("t", "Table", type_ahead(min_query_length=0)), input_block("why", "Reason", text_input(min_length=3))
)


@pytest.fixture
def slack() -> Iterator[LocalSlack]:
    with patient_slack() as running:
        yield running


@pytest.fixture
def bot(slack: LocalSlack) -> Iterator[ScriptedBot]:
    with scripted_bot(slack) as running:
        running.on(
            "slash_commands", lambda turn: (turn.ack(), turn.client.views_open(trigger_id=turn.trigger_id, view=FORM))
        )
        running.on("block_suggestion", lambda turn: turn.ack(options=[option("orders")]))
        yield running


def request(slack: LocalSlack, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", slack.port, timeout=10)
    connection.request(method, f"/_world/{path}", json.dumps(body) if body is not None else None)
    response = connection.getresponse()
    return response.status, json.loads(response.read())


def act(slack: LocalSlack, user: str, action: str, **arguments: Any) -> Any:
    status, answer = request(slack, "POST", f"people/{user}/{action}", arguments)
    assert status == 200, answer
    return answer["result"]


def screen(slack: LocalSlack, user: str) -> Json:
    status, answer = request(slack, "GET", f"screen/{user}")
    assert status == 200
    return dict(answer)


def test_a_page_can_go_through_the_whole_of_a_form(slack: LocalSlack, bot: ScriptedBot) -> None:
    assert act(slack, ANNA, "command", line="/copy-backup", channel=BACKUPS) == {"error": None, "seen": ""}
    assert [v["title"]["text"] for v in screen(slack, ANNA)["modals"]] == ["Copy a backup"]
    assert act(slack, ANNA, "suggest", name="Table", typed="o") == [option("orders")]
    act(slack, ANNA, "choose", name="t", option="orders")
    act(slack, ANNA, "fill", name="why", value="no")

    status, refused = request(slack, "POST", f"people/{ANNA}/submit", {})
    act(slack, ANNA, "fill", name="why", value="because")
    result = act(slack, ANNA, "submit")

    assert (status, refused["fields"]) == (409, {"why": "Must be at least 3 characters."})
    assert result["outcome"] == "closed"
    assert screen(slack, ANNA)["modals"] == []
    assert bot.bodies("view_submission")[0]["view"]["state"]["values"]["why"]["text"]["value"] == "because"


def test_a_page_can_click_a_message_and_look_at_it_again(slack: LocalSlack, bot: ScriptedBot) -> None:
    ts = client_of(slack).chat_postMessage(channel=BACKUPS, text="x", blocks=[actions(button("Approve", "a"))])["ts"]

    clicked = act(slack, BEN, "press", button="Approve", channel=BACKUPS, ts=ts)

    assert clicked == {"ok": True, "error": None, "sent": True}
    [channel] = [c for c in screen(slack, BEN)["channels"] if c["id"] == BACKUPS]
    assert channel["messages"][0]["blocks"][0]["elements"][0]["text"]["text"] == "Approve"
    client_of(slack).chat_delete(channel=BACKUPS, ts=ts)
    status, answer = request(slack, "POST", f"people/{BEN}/press", {"button": "Approve", "channel": BACKUPS, "ts": ts})
    assert (status, answer["refusal"]) == (409, "That message is gone.")


def test_a_screen_shows_only_what_its_person_sees(slack: LocalSlack) -> None:
    client_of(slack).chat_postEphemeral(channel=BACKUPS, user=ANNA, text="psst")
    slack.directory.leave(GENERAL, DORA)

    def seen(user: str) -> dict[str, list[str]]:
        return {c["id"]: [m["text"] for m in c["messages"]] for c in screen(slack, user)["channels"]}

    assert seen(ANNA)[BACKUPS] == ["psst"]
    assert seen(DORA)[BACKUPS] == []
    assert GENERAL in seen(ANNA)
    assert GENERAL not in seen(DORA)
    act(slack, ANNA, "reload")
    assert seen(ANNA)[BACKUPS] == []


def test_every_change_is_streamed(slack: LocalSlack) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", slack.port, timeout=10)
    connection.request("GET", "/_world/updates")
    response = connection.getresponse()

    def next_version() -> int:
        lines = [response.readline().decode().strip() for _ in range(3)]
        assert (lines[0], lines[2]) == ("event: change", "")
        return int(lines[1].removeprefix("data: "))

    first = next_version()
    act(slack, ANNA, "say", channel=BACKUPS, text="hello")

    assert response.headers["content-type"].startswith("text/event-stream")
    assert next_version() > first


def test_a_page_can_move_the_clock_and_switch_faults(slack: LocalSlack) -> None:
    before = slack.clock.now()
    request(slack, "POST", "clock", {"advance_seconds": 86_400})
    request(slack, "POST", "faults/refuse", {"method": "auth.test", "error": "fatal_error"})

    assert (slack.clock.now() - before).days == 1
    with pytest.raises(SlackApiError, match="fatal_error"):
        client_of(slack).auth_test()
    assert request(slack, "GET", "traffic")[1][-1]["error"] == "fatal_error"


@pytest.mark.parametrize(
    ("fault", "status", "error"),
    [
        ({"refuse": {"error": "not_in_channel"}}, 200, "not_in_channel"),
        ({"refuse": {"error": "channel_not_found"}}, 200, "channel_not_found"),
        ({"refuse": {"error": "token_revoked"}}, 200, "token_revoked"),
        ({"rate_limit": {"retry_after": 7}}, 429, "ratelimited"),
        ({"fail_before": {"status": 503}}, 503, None),
        ({"fail_after": {"status": 500}}, 500, None),
    ],
)
def test_an_error_that_a_page_orders_is_what_the_next_call_is_answered(
    slack: LocalSlack, fault: dict[str, Json], status: int, error: str | None
) -> None:
    ((name, arguments),) = fault.items()
    assert request(slack, "POST", f"faults/{name}", {"method": "chat.postMessage", **arguments})[0] == 200
    client = client_of(slack)

    with pytest.raises(SlackApiError) as caught:
        client.chat_postMessage(channel=BACKUPS, text="x")

    assert caught.value.response.status_code == status
    if error:
        assert caught.value.response["error"] == error
    if status == 429:
        assert caught.value.response.headers["Retry-After"] == "7"
    assert client.chat_postMessage(channel=BACKUPS, text="x")["ok"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("people/U0NOBODY000/submit", {}, 404),
        (f"people/{ANNA}/dance", {}, 404),
        (f"people/{ANNA}/command", {}, 400),
        (f"people/{ANNA}/command", {"line": "/x", "channel": OLD_BACKUPS}, 409),
        (f"people/{ANNA}/fill", {"name": "x", "value": 1, "view": "V0"}, 409),
        ("faults/earthquake", {}, 404),
        ("faults/rate_limit", {"wrong": 1}, 400),
    ],
)
def test_what_cannot_be_done_is_said(slack: LocalSlack, path: str, body: Json, status: int) -> None:
    assert request(slack, "POST", path, body)[0] == status


def test_nobody_has_no_screen(slack: LocalSlack) -> None:
    assert request(slack, "GET", "screen/U0NOBODY000")[0] == 404


def test_it_starts_from_a_shell_and_says_what_a_bot_needs() -> None:
    command = [sys.executable, "-m", "bot.sandbox.slack", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": "."}) as running:
        assert running.stdout is not None
        lines = [running.stdout.readline().strip() for _ in range(4)]
        settings = dict(line.removeprefix("export ").split("=", 1) for line in lines)
        url = settings["SLACK_API_URL"]
        connection = http.client.HTTPConnection(url.split("/")[2], timeout=10)
        connection.request("POST", "/api/auth.test", headers={"Authorization": f"Bearer {settings['SLACK_BOT_TOKEN']}"})
        answer = json.loads(connection.getresponse().read())
        running.send_signal(signal.SIGTERM)
        code = running.wait(10)

    assert answer["ok"] is True
    assert list(settings) == ["SLACK_API_URL", "SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET"]
    assert code == 0


def test_a_workspace_may_be_stopped_twice_or_before_it_started() -> None:
    never, twice = LocalSlack(), LocalSlack().start()

    for slack in (never, twice, twice):
        slack.stop()

    assert slack.sockets.loop is None
