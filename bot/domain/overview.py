"""What people and machines see of the whole: counts, closed channels, the next end, requests by filter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from bot.domain.copies import Copy
from bot.domain.requests import RequestState

OPEN = (RequestState.PENDING, RequestState.APPROVED, RequestState.RUNNING)
TROUBLED = (RequestState.FAILED, RequestState.PARTIAL)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many of each. `waiting_since`: since when the oldest notice that may leave has not left;
    `dead`: without what somebody has dismissed; `unknown_failures`: steps that failed with a message nobody could
    translate.
    """

    requests: Mapping[str, int]
    steps: Mapping[str, int]
    pending: int
    dead: int
    waiting_since: datetime | None
    unknown_failures: int = 0


@dataclass(frozen=True, slots=True)
class ClosedChannel:
    """A channel that takes nothing, since when, and what Slack says."""

    channel: str
    code: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Unread:
    """How many jobs cannot be read in an account (id), as people were told, and since when the first of them."""

    account: str
    number: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Filter:
    """Which requests: in one of these states (none: any), of this person, about tables whose names hold all words."""

    states: tuple[RequestState, ...] = ()
    asker: str = ""
    words: tuple[str, ...] = ()


class OverviewBook(Protocol):
    """Reads across all tables; changes nothing."""

    def counts(self, now: datetime) -> Counts: ...

    def closed_channels(self) -> Sequence[ClosedChannel]: ...

    def unread(self) -> Sequence[Unread]:
        """Where jobs cannot be read, by account."""
        ...

    def next_end(self, now: datetime) -> Copy | None:
        """The watched copy that ends first."""
        ...

    def requests(self, which: Filter, offset: int, limit: int) -> Sequence[str]:
        """Ids of requests, newest first."""
        ...


@dataclass(frozen=True, slots=True)
class Pulse:
    """What the process itself knows of its work: how long ago sweeps last succeeded, which are late, the line."""

    ages: Mapping[str, timedelta] = field(default_factory=dict)
    late: tuple[str, ...] = ()
    paused: str = ""
    paused_since: datetime | None = None
