"""Small real Bolt apps for the tests of the local Slack, over Socket Mode and over HTTP, and blocks to show."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.adapter.wsgi import SlackRequestHandler
from slack_sdk import WebClient
from waitress.server import create_server
from waitress.wasyncore import close_all

from bot.sandbox.slack import LocalSlack

Json = dict[str, Any]

HTTP_PATH = "/slack/events"


def patient_slack(**more: Any) -> LocalSlack:
    """Make a workspace that waits long enough for a busy machine; what must time out is told so by its test."""
    return LocalSlack(**{"ack_seconds": 20.0, "trigger_seconds": 20.0, **more})


def client_of(slack: LocalSlack, token: str | None = None) -> WebClient:
    """Return a client that repeats nothing by itself."""
    return WebClient(token or slack.bot_token, base_url=slack.api_url, retry_handlers=[], timeout=5)


def bolt_app(slack: LocalSlack, *, process_before_response: bool = False) -> App:
    return App(
        client=client_of(slack),
        signing_secret=slack.signing_secret,
        token_verification_enabled=False,
        process_before_response=process_before_response,
    )


@dataclass(frozen=True)
class Turn:
    """What a listener of Bolt gets, in one hand."""

    body: Json
    client: WebClient
    ack: Callable[..., Any]
    respond: Callable[..., Any]

    @property
    def trigger_id(self) -> str:
        return str(self.body["trigger_id"])


class ScriptedBot:
    """A Bolt app that hears everything; a test says what it does per payload type, else it only acknowledges."""

    def __init__(self, slack: LocalSlack) -> None:
        # The answer leaves when the listener is through, so that a test finds everything done.
        self.app = bolt_app(slack, process_before_response=True)
        self.heard: list[Json] = []
        self._script: dict[str, Callable[[Turn], object]] = {}
        anything = re.compile(".*", re.DOTALL)
        for register in (
            self.app.command(anything),
            self.app.action(anything),
            self.app.options(anything),
            self.app.view(anything),
            self.app.view_closed(anything),
            self.app.shortcut(anything),
        ):
            register(self._hear)

    def on(self, kind: str, do: Callable[[Turn], object]) -> None:
        """Say what to do with a payload type (`slash_commands`, `block_actions` …); it must acknowledge."""
        self._script[kind] = do

    def bodies(self, kind: str) -> list[Json]:
        return [body for body in self.heard if body.get("type", "slash_commands") == kind]

    def _hear(self, body: Json, client: WebClient, ack: Any, respond: Any) -> None:
        self.heard.append(body)
        do = self._script.get(body.get("type", "slash_commands"))
        if do is None:
            ack()
        else:
            do(Turn(body, client, ack, respond))


@contextmanager
def scripted_bot(slack: LocalSlack) -> Iterator[ScriptedBot]:
    """Run a scripted bot over HTTP, which starts and stops in no time."""
    bot = ScriptedBot(slack)
    with over_http(slack, bot.app):
        yield bot


@contextmanager
def over_sockets(slack: LocalSlack, app: App) -> Iterator[SocketModeHandler]:
    """Connect the app by Socket Mode for the length of the block."""
    handler = SocketModeHandler(app, slack.app_token, ping_interval=0.2)
    handler.connect()  # type: ignore[no-untyped-call]
    try:
        yield handler
    finally:
        # The client waits three seconds for a silent socket before it closes; a cut one it leaves at once.
        handler.client.auto_reconnect_enabled = handler.client.default_auto_reconnect_enabled = False
        slack.faults.drop_sockets()
        handler.close()  # type: ignore[no-untyped-call]


@contextmanager
def over_http(slack: LocalSlack, app: App) -> Iterator[str]:
    """Serve the app by HTTP and let the workspace deliver there."""
    with serving(SlackRequestHandler(app, path=HTTP_PATH)) as url:
        slack.deliver_to(url)
        try:
            yield url
        finally:
            slack.deliver_to(None)


@contextmanager
def serving(wsgi: Any) -> Iterator[str]:
    server = create_server(wsgi, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}{HTTP_PATH}"
    finally:
        # The workers end first, then the loop closes its sockets itself: waitress takes neither well from outside.
        server.task_dispatcher.shutdown()
        # An earlier pull may run this one's thunk, and then the trigger is gone when it is pulled.
        with suppress(OSError):
            server.trigger.pull_trigger(lambda: close_all(server._map))
        thread.join(5)


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> Json:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(text: str, action_id: str, **more: Any) -> Json:
    return {"type": "button", "text": plain(text), "action_id": action_id, **more}


def actions(*elements: Json, block_id: str = "buttons") -> Json:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def option(text: str, value: str | None = None) -> Json:
    return {"text": plain(text), "value": value or text}


def input_block(block_id: str, label: str, element: Json, **more: Any) -> Json:
    return {"type": "input", "block_id": block_id, "label": plain(label), "element": element, **more}


def text_input(action_id: str = "text", **more: Any) -> Json:
    return {"type": "plain_text_input", "action_id": action_id, **more}


def select(*options: str, action_id: str = "select", **more: Any) -> Json:
    return {"type": "static_select", "action_id": action_id, "options": [option(o) for o in options], **more}


def type_ahead(action_id: str = "type_ahead", **more: Any) -> Json:
    return {"type": "external_select", "action_id": action_id, **more}


def modal(*blocks: Json, title: str = "Copy a backup", **more: Any) -> Json:
    view = {"type": "modal", "title": plain(title), "blocks": list(blocks), "callback_id": "form", **more}
    if any(block["type"] == "input" for block in blocks):
        view.setdefault("submit", plain("Next"))
    return view
