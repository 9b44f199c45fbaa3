"""The local Slack workspace as one object: start it, point a bot at it, act in it as its people."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from bot.sandbox.clock import WorldClock

from .command_line import CommandLine
from .configuration import read_manifest
from .control import Control
from .delivery import Delivery
from .directory import Directory
from .events import RETRY_SECONDS, EventDesk
from .faults import Faults
from .gestures import Gestures
from .ids import APP_TOKEN, BOT_TOKEN, SIGNING_SECRET
from .page import Page
from .person import Person
from .records import Conversation, Message
from .responses import Responses
from .server import ServerThread, make_asgi
from .sockets import SocketHub
from .traffic import Traffic
from .transports import Transports
from .web_api.dispatch import WebApi
from .web_api.limits import RateLimits
from .workspace import Workspace

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A channel as its members read it."""

    workspace: Workspace
    id: str

    @property
    def record(self) -> Conversation:
        return self.workspace.directory.conversations[self.id]

    @property
    def messages(self) -> list[Message]:
        """The root messages (and broadcast replies) that every member sees, oldest first."""
        return self.workspace.timeline.roots(self.id)

    def as_seen_by(self, user_id: str) -> list[Message]:
        """The same with the ephemeral messages of one person."""
        return self.workspace.timeline.roots(self.id, seen_by=user_id)

    def thread(self, ts: str, *, seen_by: str | None = None) -> list[Message]:
        """The root message and its replies, oldest first."""
        return self.workspace.timeline.thread(self.id, ts, seen_by=seen_by)

    def message(self, ts: str) -> Message | None:
        """The message as it stands now."""
        return self.workspace.timeline.find(self.id, ts)


class LocalSlack:
    """A Slack workspace on one port of this machine."""

    def __init__(
        self,
        manifest: Mapping[str, Any] | Path | None = None,
        clock: WorldClock | None = None,
        port: int = 0,
        *,
        ack_seconds: float = 3.0,
        trigger_seconds: float = 3.0,
        event_retry_seconds: Sequence[float] = RETRY_SECONDS,
    ) -> None:
        self.clock = clock or WorldClock()
        self.workspace = Workspace(
            read_manifest(manifest), self.clock, ack_seconds=ack_seconds, trigger_seconds=trigger_seconds
        )
        transports = Transports()
        self.sockets = SocketHub(self.workspace, transports)
        self.workspace.faults.on_sockets = self.sockets.strike
        self._api = WebApi(self.workspace, self.sockets.new_url)
        self._delivery = Delivery(self.workspace, self.sockets)
        self._events = EventDesk(self.workspace, self._delivery, event_retry_seconds)
        self.workspace.announce = self._events.announce
        responses = Responses(self.workspace)
        self._commands = CommandLine(self.workspace, self._delivery, responses)
        self._gestures = Gestures(self.workspace, self._delivery)
        self.page = Page(self.workspace)
        self._control = Control(self.workspace, self.person)
        routes = [*self._control.routes(), *self.page.routes()]
        self._server = ServerThread(make_asgi(self._api, self.sockets, responses, transports, routes), transports, port)
        self.sockets.base_url = f"ws://127.0.0.1:{self._server.port}/link/"
        self.workspace.response_urls.base_url = f"http://127.0.0.1:{self._server.port}/response/"

    @property
    def port(self) -> int:
        return self._server.port

    @property
    def api_url(self) -> str:
        """The address for `SLACK_API_URL` or `WebClient(base_url=…)`."""
        return f"http://127.0.0.1:{self.port}/api/"

    @property
    def page_url(self) -> str:
        """The address of the page on which a person uses this workspace."""
        return f"http://127.0.0.1:{self.port}/"

    @property
    def bot_token(self) -> str:
        return BOT_TOKEN

    @property
    def app_token(self) -> str:
        return APP_TOKEN

    @property
    def signing_secret(self) -> str:
        return SIGNING_SECRET

    @property
    def directory(self) -> Directory:
        """People, user groups and channels, to add to and to change."""
        return self.workspace.directory

    @property
    def faults(self) -> Faults:
        return self.workspace.faults

    @property
    def limits(self) -> RateLimits:
        """Slack's rate limits; off until `limits.enforce()`."""
        return self._api.limits

    @property
    def traffic(self) -> Traffic:
        return self.workspace.traffic

    def start(self) -> Self:
        self._server.start()
        self.sockets.loop = self._server.loop
        self._events.start()
        return self

    def stop(self) -> None:
        """End the workspace; a second call does nothing."""
        self._delivery.stopping.set()
        self._events.stop()
        self._control.close()
        self.sockets.loop = None
        self._server.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def deliver_to(self, url: str | None) -> None:
        """Deliver by signed HTTP to the bot's request URL; None (the default) means Socket Mode."""
        self._delivery.use_http(url)

    def person(self, user_id: str) -> Person:
        """Return the driver of one person. Raises KeyError for an unknown id."""
        return Person(self.workspace, self.directory.people[user_id].id, self._commands, self._gestures)

    def channel(self, channel_id: str) -> ChannelView:
        return ChannelView(self.workspace, self.directory.conversations[channel_id].id)

    def wait_until(self, predicate: Callable[[], T], timeout: float = 10, what: str = "") -> T:
        """Return the predicate's first true value, looking again at every change of the workspace.

        Raises:
            TimeoutError: when it stays false.
        """
        return self.workspace.changes.wait_until(predicate, timeout, what)

    def wait_for_connection(self, count: int = 1, timeout: float = 10) -> None:
        """Wait until the app holds this many Socket Mode connections."""
        self.wait_until(lambda: self.sockets.connection_count >= count, timeout, f"{count} connections")
