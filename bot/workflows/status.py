"""How the bot is, how one request is, which requests there are: for people of the home workspace."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.audit import ChainedEvent
from bot.domain.books import Store
from bot.domain.copies import Copy
from bot.domain.errors import Gone, NotAllowed, PersonError, TooLate
from bot.domain.inventory import Area, TableEntry
from bot.domain.notices import DeadLetter
from bot.domain.overview import OPEN, TROUBLED, ClosedChannel, Counts, Filter, Pulse, Unread
from bot.domain.people import Actor
from bot.domain.ports import Clock, Outlet, People
from bot.domain.requests import CopyRequest, Event, RequestState
from bot.domain.sentences import mention
from bot.domain.sentences.history import DISMISSED
from bot.workflows.routing import link_to

PAGE = 8
LETTERS = 5
# More lines than this no request is told of; which of them are shown is for whoever puts them into words.
LINES = 1_000
# So many at one click; the next one takes the rest.
MOST_DISMISSED = 500
# After `list`: nothing is left out, which is also what nothing typed means.
ALL = "all"
STRANGER = "Only people of the workspace that owns this bot can ask for this."
GUEST = (
    "Guests cannot ask for this, since it tells of all tables and accounts. Ask a full member of the workspace that "
    "owns this bot."
)
# As the list calls them. `failed` is told apart: it stands for what is done in part, too.
STATES = {state.lower(): state for state in RequestState}
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
    unread: Sequence[Unread] = ()


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
                unread=tx.overview.unread(),
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
        """A page of requests: `open`, `mine`, a state, words of a table's name, or (`all`, or nothing asked) all."""
        self._admit(actor)
        which, first = filter_of(asked, actor), max(0, offset)
        with self.store.read() as tx:
            ids = tx.overview.requests(which, first, PAGE + 1)
            requests = [request for one in ids[:PAGE] if (request := tx.requests.get(one))]
        return Page(requests, asked, first, has_older=len(ids) > PAGE)

    def dismiss(self, actor: Actor, first: int, last: int) -> int:
        """Let dead letters (by id, from first to last) be shown and counted no more; how many were until now.

        Raises NotAllowed for strangers, TooLate when somebody was faster. Each is in the history of its request.
        """
        now = self.clock.now()
        try:
            self._admit(actor)
            with self.store.begin() as tx:
                letters = tx.outbox.dismiss(first, last, by=actor, at=now, limit=MOST_DISMISSED)
                for event in _dismissals(letters, actor, now):
                    tx.requests.record(event)
                by = tx.outbox.dismissed_by(first) if not letters else None
            if not letters:
                raise TooLate(f"This was dismissed already{f' by {mention(by.user_id)}' if by else ''}.")
        except PersonError as error:
            self._refused(actor, f"dismiss {first} to {last}: {error.sentence}", now)
            raise
        return len(letters)

    def _refused(self, actor: Actor, why: str, now: datetime) -> None:
        with self.store.begin() as tx:
            tx.requests.record(Event("", now, "click refused", actor, detail=why))

    def _admit(self, actor: Actor) -> None:
        """Requests tell of tables, accounts and reasons, which are nobody else's business."""
        person = self.people.person(actor.user_id)
        home = self.people.home_team()
        if actor.team_id != home or (person.team_id or home) != home or person.is_bot:
            raise NotAllowed(STRANGER)
        if person.is_guest:
            raise NotAllowed(GUEST)


def _dismissals(letters: Sequence[DeadLetter], actor: Actor, now: datetime) -> Iterator[Event]:
    """A line of the history for each request whose letters were dismissed, and one for what belongs to none."""
    of_request: dict[str, list[str]] = {}
    for letter in letters:
        notice = letter.notice
        of_request.setdefault(notice.request_id, []).append(f"{notice.kind} for {notice.channel} ({letter.error})")
    for request_id, what in of_request.items():
        yield Event(request_id, now, DISMISSED, actor, detail=", ".join(what))


def filter_of(asked: str, actor: Actor) -> Filter:
    """What the words after `list` mean; they can be combined."""
    states: tuple[RequestState, ...] = ()
    asker, words = "", []
    for word in asked.lower().split():
        if word == "open":
            states += OPEN
        elif word == "failed":
            states += TROUBLED
        elif word in STATES:
            states += (STATES[word],)
        elif word == "mine":
            asker = actor.user_id
        elif word != ALL:
            words.append(word)
    return Filter(states, asker, tuple(words))
