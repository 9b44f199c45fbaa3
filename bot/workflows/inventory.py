"""What backups, tables and vaults exist: read from AWS into the store, searched from there as people type."""

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.books import Area, PointEntry, Store, TableEntry
from bot.domain.errors import BackupsError
from bot.domain.ports import Backups, Clock, Policy

log = logging.getLogger(__name__)

READERS = 8
MAX_TABLES = 100
MAX_POINTS = 1_000


@dataclass
class Inventory:
    """Keeps the store's picture of AWS fresh and answers searches from it."""

    store: Store
    backups: Backups
    policy: Policy
    clock: Clock
    _reading: threading.Lock = field(default_factory=threading.Lock)
    _writing: threading.Lock = field(default_factory=threading.Lock)

    def refresh(self) -> None:
        """Read every configured account and Region; what cannot be read keeps its last picture and says why."""
        with self._reading:
            self._read_all()

    def refresh_if_older_than(self, age: timedelta) -> None:
        """Refresh unless every area was tried within `age`; several callers at once share one reading."""
        with self._reading:
            if self._oldest_try() < self.clock.now() - age:
                self._read_all()

    def refresh_within(self, seconds: float, age: timedelta) -> None:
        """Refresh what is older than `age`, but wait `seconds` at most: the reading goes on while people go on."""
        reader = threading.Thread(target=self.refresh_if_older_than, args=(age,), name="inventory-now", daemon=True)
        reader.start()
        reader.join(seconds)

    def problems(self) -> Sequence[Area]:
        """Areas whose last reading failed."""
        return [area for area in self._areas() if area.error]

    def tables(self, query: str, limit: int = MAX_TABLES) -> Sequence[TableEntry]:
        """Tables that match every word, newest backup first."""
        with self.store.read() as tx:
            return tx.inventory.tables(words_of(query), limit)

    def points(self, table_key: str) -> Sequence[PointEntry]:
        """Backups of a table, newest first."""
        with self.store.read() as tx:
            return tx.inventory.points(table_key, MAX_POINTS)

    def _areas(self) -> Sequence[Area]:
        with self.store.read() as tx:
            return tx.inventory.areas()

    def _oldest_try(self) -> datetime:
        tried = {(area.account, area.region): area.tried_at for area in self._areas()}
        never = self.clock.now() - timedelta(days=365)
        return min((tried.get(place, never) for place in self._places()), default=never)

    def _places(self) -> list[tuple[str, str]]:
        return [(account.id, region) for account in self.policy.accounts for region in account.regions]

    def _read_all(self) -> None:
        with ThreadPoolExecutor(READERS, thread_name_prefix="inventory") as pool:
            list(pool.map(self._read_one, self._places()))

    def _read_one(self, place: tuple[str, str]) -> None:
        account, region = place
        try:
            holdings = self.backups.holdings(account, region)
        except BackupsError as error:
            log.warning("inventory_unreadable", extra={"account": account, "region": region, "code": error.code})
            with self.store.begin() as tx:
                tx.inventory.failed(account, region, error.message, self.clock.now())
            return
        try:
            # One after the other: areas that were written side by side would queue on SQLite's one write lock for
            # longer than anybody there waits.
            with self._writing, self.store.begin() as tx:
                tx.inventory.replace(account, region, holdings, self.clock.now())
        except Exception:
            # What one area's writing ran into must not cost the others their turn.
            log.exception("inventory_not_kept", extra={"account": account, "region": region})


def words_of(query: str) -> list[str]:
    """Split what a person typed into the words that all have to match."""
    return query[:200].lower().split()[:10]
