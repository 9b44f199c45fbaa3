"""What backups, tables and vaults exist: read from AWS into the store, searched from there as people type."""

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Protocol

from bot.domain.backups import VaultRef, holder_of
from bot.domain.books import Store, Tx
from bot.domain.errors import BackupsError, BackupsLockedOut
from bot.domain.inventory import Area, PointEntry, PointLine, TableEntry, age_of
from bot.domain.ports import Backups, Clock, Holdings, Policy
from bot.domain.search import matches, spans_of, words_of
from bot.workflows.catalogue import Catalogue
from bot.workflows.refusals import tell_operators
from bot.workflows.room import Room

log = logging.getLogger(__name__)

READERS = 8
# So many backups may be in the making at a time: what is read of a place is in memory as a whole until it is kept.
ROOM = 24_000
# Slack shows no more options in one list.
MAX_TABLES = MAX_POINTS = 100
MOST_NAMES = 10_000


class PointWords(Protocol):
    """What people read of a backup, folded, in which their words are looked for. Dates are written as 2026-11-20."""

    @property
    def phrases(self) -> str:
        """Words that are not of a backup's facts; only `whole` tells which backups they stand at."""
        ...

    def brief(self, line: PointLine) -> str:
        """The facts: cheap, for thousands of backups."""
        ...

    def whole(self, entry: PointEntry) -> str:
        """All that is shown, the facts included."""
        ...


@dataclass
class Inventory:
    """Keeps the store's picture of AWS fresh and answers searches from it."""

    store: Store
    backups: Backups
    policy: Policy
    clock: Clock
    _catalogue: Catalogue = field(init=False)
    _reading: threading.Lock = field(default_factory=threading.Lock)
    _writing: threading.Lock = field(default_factory=threading.Lock)
    _asking: threading.Lock = field(default_factory=threading.Lock)
    _readers: dict[timedelta, threading.Thread] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._catalogue = Catalogue(self.store, self.policy.accounts)

    def refresh(self) -> None:
        """Read every configured account and Region; what cannot be read keeps its last picture and says why."""
        with self._reading:
            self._read_all()

    def refresh_if_older_than(self, age: timedelta) -> None:
        """Refresh unless every area was tried within `age`; several callers at once share one reading."""
        with self._reading:
            if self._oldest_try() < self.clock.now() - age:
                self._read_all()

    def refresh_within(self, seconds: float, age: timedelta) -> bool:
        """Refresh what is older than `age`, but wait `seconds` at most: the reading goes on while people go on.

        False when it has not ended yet.
        """
        with self._asking:
            reader = self._readers.get(age)
            if reader is None or not reader.is_alive():
                reader = threading.Thread(
                    target=self.refresh_if_older_than, args=(age,), name="inventory-now", daemon=True
                )
                self._readers[age] = reader
                reader.start()
        reader.join(seconds)
        return not reader.is_alive()

    def areas(self) -> Sequence[Area]:
        """How fresh the picture of each configured account and Region is that was ever tried."""
        places = set(self._places())
        with self.store.read() as tx:
            return [area for area in tx.inventory.areas() if (area.account, area.region) in places]

    def age(self) -> timedelta | None:
        """How old the oldest part of the picture is; None before anything was read."""
        return age_of(self.areas(), self.clock.now())

    def problems(self) -> Sequence[Area]:
        """Areas whose last reading failed."""
        return [area for area in self.areas() if area.error]

    def air_gapped(self) -> frozenset[VaultRef]:
        """The logically air-gapped vaults that are known."""
        with self.store.read() as tx:
            return tx.inventory.air_gapped()

    def tables(self, query: str, limit: int = MAX_TABLES) -> Sequence[TableEntry]:
        """Tables whose name, account or Region contains every word, newest backup first."""
        return self._catalogue.search(query, limit)

    def points(self, table_key: str, limit: int = MAX_POINTS) -> Sequence[PointEntry]:
        """Backups of a table, newest first."""
        with self.store.read() as tx:
            return list(islice(filter(self._is_here, tx.inventory.points(table_key)), limit))

    def newest(self, table_key: str, lies: Callable[[tuple[str, str]], bool]) -> PointEntry | None:
        """A table's newest backup in such a place (account id, Region), however many newer ones are elsewhere."""
        with self.store.read() as tx:
            here = filter(self._is_here, tx.inventory.points(table_key))
            return next((one for one in here if lies((one.point.vault.account, one.point.vault.region))), None)

    def names(self) -> list[str]:
        """The names of tables that a misspelt one is held against."""
        return [table.name for table in self.tables("", limit=MOST_NAMES)]

    def find_points(
        self, table_key: str, query: str, words_for: PointWords, limit: int = MAX_POINTS
    ) -> Sequence[PointEntry]:
        """Backups of a table of which what people read holds every word of the query; newest first."""
        words, places = words_of(query), set(self._places())
        spans = spans_of(words, self._names())
        with self.store.read() as tx:
            if any(word in words_for.phrases for word in words):
                points = filter(self._is_here, tx.inventory.points(table_key, spans))
                return list(islice((entry for entry in points if matches(words, words_for.whole(entry))), limit))
            lines = (line for line in tx.inventory.lines(table_key, spans) if (line.account, line.region) in places)
            keys = islice((line.key for line in lines if matches(words, words_for.brief(line))), limit)
            return tx.inventory.entries(list(keys))

    def _is_here(self, entry: PointEntry) -> bool:
        """Whether a backup lies where the configuration still looks."""
        return holder_of(entry.point.vault, self.policy.accounts) is not None

    def _oldest_try(self) -> datetime:
        tried = {(area.account, area.region): area.tried_at for area in self.areas()}
        never = self.clock.now() - timedelta(days=365)
        return min((tried.get(place, never) for place in self._places()), default=never)

    def _places(self) -> list[tuple[str, str]]:
        return [(account.id, region) for account in self.policy.accounts for region in account.regions]

    def _names(self) -> list[str]:
        return [name for account in self.policy.accounts for name in (account.alias, account.id, *account.regions)]

    def _read_all(self) -> None:
        places, room = self._places(), Room(ROOM)

        def read(place: tuple[str, str], backups: int) -> None:
            with room.taken(backups):
                self._read_one(*place)

        with ThreadPoolExecutor(READERS, thread_name_prefix="inventory") as pool:
            list(pool.map(read, places, self._expected(places)))

    def _expected(self, places: Sequence[tuple[str, str]]) -> list[int]:
        """How many backups each place will hold: as many as it did; where nobody has looked yet, many."""
        with self.store.read() as tx:
            known = {(area.account, area.region) for area in tx.inventory.areas() if area.read_at}
            return [
                sum(table.backups for table in tx.inventory.held(*place)) if place in known else ROOM
                for place in places
            ]

    def _read_one(self, account: str, region: str) -> None:
        try:
            holdings = self.backups.holdings(account, region)
        except BackupsError as error:
            log.warning("inventory_unreadable", extra={"account": account, "region": region, "code": error.code})
            with self.store.begin() as tx:
                if isinstance(error, BackupsLockedOut):
                    self._tell(tx, account, region, error)
                tx.inventory.failed(account, region, error.message, self.clock.now())
            return
        try:
            # One after the other: a click then waits for one piece of one area at most.
            with self._writing:
                self._keep(account, region, holdings, self.clock.now())
        except Exception:
            # What one area's writing ran into must not cost the others their turn.
            log.exception("inventory_not_kept", extra={"account": account, "region": region})

    def _tell(self, tx: Tx, account: str, region: str, error: BackupsLockedOut) -> None:
        """Tell operators once of an account that cannot be entered twice in a row: copies there are followed by nobody.

        An account's first Region stands for all of it, since its role is the same everywhere.
        """
        before = next((one for one in tx.inventory.areas() if (one.account, one.region) == (account, region)), None)
        is_first = any(one.id == account and one.regions[0] == region for one in self.policy.accounts)
        if not is_first or before is None or not before.error:
            return
        since = before.read_at.isoformat() if before.read_at else "never"
        facts = {"what": "locked out", "account": account, "why": error.message}
        tell_operators(tx, self.policy, self.clock.now(), f"locked-out:{account}:{since}", facts)

    def _keep(self, account: str, region: str, holdings: Holdings, at: datetime) -> None:
        with self.store.read() as tx:
            pieces = list(tx.inventory.pieces(account, region, holdings, at))
        for piece in pieces:
            with self.store.begin() as tx:
                if not tx.inventory.apply(piece):
                    log.info("inventory_kept_by_another", extra={"account": account, "region": region})
                    return
