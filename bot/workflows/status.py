"""How the bot is, how one request is, which requests there are: for people of the home workspace."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.audit import ChainedEvent
from bot.domain.books import Store
from bot.domain.copies import Copy
from bot.domain.errors import Gone, NotAllowed
from bot.domain.inventory import Area, TableEntry
from bot.domain.notices import DeadLetter
from bot.domain.overview import OPEN, TROUBLED, ClosedChannel, Counts, Filter, Pulse
from bot.domain.people import Actor
from bot.domain.ports import Clock, Outlet, People
from bot.domain.requests import CopyRequest, RequestState
from bot.workflows.routing import link_to

PAGE = 8
LETTERS, LINES = 5, 15
# After `list`: nothing is left out, which is also what nothing typed means.
ALL = "all"
STRANGER = "Only people of the workspace that owns this bot can ask for this."
UNKNOWN = "There is no request with this number. `/copy-backup list` shows the newest ones."


@dataclass(frozen=True, slots=True)
class Health:
    """All that `/copy-backup status` tells. `undrilled`: tables whose overdue drill has not been asked for."""

    now: datetime
    pulse: Pulse
    counts: Counts
    closed: Sequence[ClosedChannel]
    dead: Sequence[DeadLetter]
    areas: Sequence[Area]
    next_end: Copy | None
    undrilled: Sequence[TableEntry] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """One request in full: itself, the newest lines of its history, a link to its thread ("" where there is none)."""

    request: CopyRequest
    history: Sequence[ChainedEvent]
    link: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some requests; `asked` is what was typed, so that the next page can be asked for by it."""

    requests: Sequence[CopyRequest]
    asked: str
    offset: int
    has_older: bool

    @property
    def has_newer(self) -> bool:
        return self.offset > 0

    @property
    def has_all(self) -> bool:
        """Whether nothing narrows it, and nothing stands before it."""
        return not self.offset and all(word == ALL for word in self.asked.lower().split())


@dataclass
class Status:
    store: Store
    outlet: Outlet
    people: People
    clock: Clock
    pulse: Callable[[], Pulse]
    undrilled: Callable[[], Sequence[TableEntry]]

    def health(self, actor: Actor) -> Health:
        """How the bot is. Raises NotAllowed for strangers."""
        self._admit(actor)
        now, undrilled = self.clock.now(), self.undrilled()
        with self.store.read() as tx:
            return Health(
                now=now,
                pulse=self.pulse(),
                counts=tx.overview.counts(now),
                closed=tx.overview.closed_channels(),
                dead=tx.outbox.dead(LETTERS),
                areas=tx.inventory.areas(),
                next_end=tx.overview.next_end(now),
                undrilled=undrilled,
            )

    def request(self, actor: Actor, request_id: str) -> Told:
        """One request in full. Raises NotAllowed for strangers, Gone when there is none."""
        self._admit(actor)
        with self.store.read() as tx:
            request = tx.requests.get(request_id)
            history = tx.history.newest(LINES, request_id) if request else ()
        if request is None:
            raise Gone(UNKNOWN)
        return Told(request, history, link_to(self.outlet, request))

    def requests(self, actor: Actor, asked: str, offset: int = 0) -> Page:
        """A page of requests: `open`, `mine`, `failed`, words of a table's name, or (`all`, or nothing asked) all."""
        self._admit(actor)
        which, first = filter_of(asked, actor), max(0, offset)
        with self.store.read() as tx:
            ids = tx.overview.requests(which, first, PAGE + 1)
            requests = [request for one in ids[:PAGE] if (request := tx.requests.get(one))]
        return Page(requests, asked, first, has_older=len(ids) > PAGE)

    def _admit(self, actor: Actor) -> None:
        """Requests tell of tables, accounts and reasons, which are nobody else's business."""
        person = self.people.person(actor.user_id)
        home = self.people.home_team()
        if actor.team_id != home or (person.team_id or home) != home or person.is_guest or person.is_bot:
            raise NotAllowed(STRANGER)


def filter_of(asked: str, actor: Actor) -> Filter:
    """What the words after `list` mean; they can be combined."""
    states: tuple[RequestState, ...] = ()
    asker, words = "", []
    for word in asked.lower().split():
        if word == "open":
            states += OPEN
        elif word == "failed":
            states += TROUBLED
        elif word == "mine":
            asker = actor.user_id
        elif word != ALL:
            words.append(word)
    return Filter(states, asker, tuple(words))
