"""The state of the whole local AWS that belongs to no single account and Region, and the clock it lives by."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from moto.backup.models import backup_backends

from bot.sandbox.aws import bus
from bot.sandbox.aws.books import Books
from bot.sandbox.aws.events import Event
from bot.sandbox.aws.faults import Faults
from bot.sandbox.aws.governance import Governance
from bot.sandbox.aws.identity import caller_arn
from bot.sandbox.aws.jobs import KINDS, Fate, Job, Kind
from bot.sandbox.aws.organization import Directory
from bot.sandbox.aws.policies import Caller
from bot.sandbox.aws.quotas import Quotas
from bot.sandbox.aws.records import Failure
from bot.sandbox.clock import WorldClock

HOME_ACCOUNT = "111111111111"
CALLS_KEPT = 100_000


@dataclass
class Timing:
    """How long jobs wait in CREATED and run, by the world's clock; `running` may be a rule over bytes."""

    created: timedelta = timedelta(seconds=1)
    running: timedelta | Callable[[int], timedelta] = timedelta(seconds=2)

    def runs(self, size_bytes: int) -> timedelta:
        return self.running if isinstance(self.running, timedelta) else self.running(size_bytes)


@dataclass(frozen=True, slots=True)
class ApiCall:
    """One AWS API call as it was seen: `outcome` is `OK`, an error code or `connection dropped`."""

    time: datetime
    account: str
    region: str
    service: str
    operation: str
    params: dict[str, object]
    outcome: str
    caller: str = ""


@dataclass
class Orders:
    """What was ordered for the coming jobs of one kind: their timing, failures, and how many to hold."""

    timing: Timing = field(default_factory=Timing)
    dooms: deque[Failure] = field(default_factory=deque)
    hold: int = 0

    def take(self, size_bytes: int) -> Fate:
        """Decide the fate of the next job."""
        held = self.hold > 0
        self.hold -= held
        doom = self.dooms.popleft() if self.dooms else None
        return Fate(self.timing.created, self.timing.runs(size_bytes), held, doom)


class WorldState:
    """Hold clock, accounts, faults, calls and running jobs; one lock guards every AWS Backup operation."""

    def __init__(self, clock: WorldClock | None = None, *, home_account: str = HOME_ACCOUNT) -> None:
        self.clock = clock or WorldClock()
        self.home_account = home_account
        self.lock = threading.RLock()
        self.on_call: Callable[[ApiCall], None] = lambda call: None
        """Called with each call when it has taken effect and before it is answered."""
        self.forget()

    def forget(self) -> None:
        """Return to an empty world; the clock keeps its time."""
        self.directory = Directory()
        self.governance = Governance(self.directory)
        self.faults = Faults()
        self.quotas = Quotas()
        self.orders: dict[Kind, Orders] = {kind: Orders() for kind in KINDS}
        self.calls: deque[ApiCall] = deque(maxlen=CALLS_KEPT)
        self.live: list[Job] = []
        # Jobs that other jobs ordered, to be taken on by the next step of `settle`.
        self.ordered: deque[Job] = deque()
        self.events: deque[Event] = deque(maxlen=CALLS_KEPT)
        self.closed_regions: set[tuple[str, str]] = set()
        # Regions in which AWS Backup does not support DynamoDB.
        self.without_dynamodb: set[str] = set()
        self.table_sizes: dict[str, int] = {}
        self.freed: dict[tuple[str, ...], datetime] = {}
        # Emulator decision: AWS does not say how many rows it gives when MaxResults is left out.
        self.page_size = 100
        # Emulator decision: the documentation contradicts itself on a cross-account destination vault
        # with the `aws/backup` key; the strict reading is the default, False is the lenient one.
        self.default_key_refused = True

    def now(self) -> datetime:
        return self.clock.now()

    def announce(self, event: Event) -> None:
        """Keep an event of AWS Backup, and put it on the bus."""
        self.events.append(event)
        bus.publish(event)

    def books(self, account: str, region: str) -> Books:
        """Give the books of one account and Region; they live in moto's back end and fall with it."""
        found: Books = backup_backends[account][region].books  # type: ignore[attr-defined]
        return found

    def all_books(self) -> Iterator[Books]:
        for _, _, backend in list(backup_backends.iter_backends()):
            if isinstance(found := getattr(backend, "books", None), Books):
                yield found

    def caller(self, account: str, access_key: str) -> Caller:
        return self.directory.caller(caller_arn(account, access_key), account)


_current: WorldState | None = None


def make_current(state: WorldState | None) -> None:
    """Let moto's process-wide back ends answer for this world, or for none."""
    global _current  # noqa: PLW0603 - moto's own back ends are one per process, so the world behind them is too
    _current = state


def on_stage() -> WorldState | None:
    """Give the world moto serves now, if any."""
    return _current


def current() -> WorldState:
    """Give the world moto serves now. Raises RuntimeError when there is none."""
    if _current is None:
        raise RuntimeError("The local AWS is not installed: call install() first.")
    return _current
