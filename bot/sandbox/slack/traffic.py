"""The record of everything that crossed between the workspace and the app, for tests and for the curious."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from .changes import Changes
from .records import JsonObject

KEPT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One crossing: a Web API call, a delivery to the app, or a use of a response URL.

    `name` is the method, the payload's type (`block_actions`, `slash_commands` …) or `response_url`.
    """

    at: datetime
    kind: str
    name: str
    request: JsonObject
    answer: JsonObject
    status: int = 200
    error: str | None = None


class Traffic:
    """Keep the latest crossings in order."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._exchanges: deque[Exchange] = deque(maxlen=KEPT)
        self._noted = 0
        self.warnings: list[str] = []
        self.on_note: Callable[[Exchange], None] = lambda exchange: None
        """Called with each crossing when it has taken effect and before it is answered."""

    def note(self, exchange: Exchange) -> None:
        with self._changes.changing():
            self._exchanges.append(exchange)
            self._noted += 1
        self.on_note(exchange)

    def warn(self, line: str) -> None:
        """Remember advice that Slack gives without refusing, such as a message without `text`."""
        with self._changes.changing():
            self.warnings.append(line)

    @property
    def all(self) -> list[Exchange]:
        with self._changes.reading():
            return list(self._exchanges)

    def numbered(self, after: int = 0) -> list[tuple[int, Exchange]]:
        """Return the crossings after the one with this number; they are counted from 1 on."""
        with self._changes.reading():
            first = self._noted - len(self._exchanges) + 1
            return [(n, x) for n, x in enumerate(self._exchanges, start=first) if n > after]

    def calls(self, method: str | None = None) -> list[Exchange]:
        """Return the Web API calls, of one method or of all."""
        return [x for x in self.all if x.kind == "web_api" and method in (None, x.name)]

    def deliveries(self, name: str | None = None) -> list[Exchange]:
        """Return the deliveries to the app, of one payload type or of all."""
        return [x for x in self.all if x.kind == "delivery" and name in (None, x.name)]

    def responses(self) -> list[Exchange]:
        return [x for x in self.all if x.kind == "response_url"]
