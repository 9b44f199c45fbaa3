"""The vaults of a place as they are now: read while somebody looks at the page, within a bounded time."""

import logging
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.books import Store
from bot.domain.errors import BackupsError
from bot.domain.ports import Backups, Clock

log = logging.getLogger(__name__)

# Whoever goes through a page clicks a few times; AWS need not be asked at each click.
FRESH = timedelta(seconds=10)
SLOW = "AWS has not answered yet."
NOT_KEPT = "The bot could not keep what AWS told."

Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Sight:
    """When a place (account id, Region) was last read, None: not since the bot started; `error`: of the last try."""

    read_at: datetime | None = None
    error: str = ""


@dataclass
class VaultSight:
    """Reads go into the store's picture, which every page and every check is made from.

    A reader is among the readers until what it saw is noted: under the same lock, so that nothing overwrites it.
    """

    store: Store
    backups: Backups
    clock: Clock
    _sights: dict[Place, Sight] = field(default_factory=dict)
    _readers: dict[Place, threading.Thread] = field(default_factory=dict)
    _asking: threading.Lock = field(default_factory=threading.Lock)

    def look(self, account: str, region: str, seconds: float) -> bool:
        """Read the vaults of an account id and Region; a reading that takes longer goes on while people go on.

        False when they were read a moment ago, and are not read again.
        """
        place = account, region
        if self._is_fresh(place):
            return False
        with self._asking:
            reader = self._readers.get(place)
            if reader is not None and self.sight(account, region).error == SLOW:
                # Somebody has waited in vain already; a slow AWS must not hold up one listener after the other.
                return True
            if reader is None:
                reader = threading.Thread(target=self._read, args=place, name="vaults-now", daemon=True)
                self._readers[place] = reader
                reader.start()
        reader.join(seconds)
        with self._asking:
            if self._readers.get(place) is reader:
                self._sights[place] = Sight(self.sight(account, region).read_at, SLOW)
        return True

    def sight(self, account: str, region: str) -> Sight:
        """What is known of the last reading."""
        return self._sights.get((account, region), Sight())

    def _is_fresh(self, place: Place) -> bool:
        sight = self.sight(*place)
        return sight.read_at is not None and not sight.error and self.clock.now() - sight.read_at < FRESH

    def _read(self, account: str, region: str) -> None:
        seen = self._seen(account, region)
        with self._asking:
            self._sights[account, region] = seen
            del self._readers[account, region]

    def _seen(self, account: str, region: str) -> Sight:
        before = self.sight(account, region).read_at
        try:
            vaults = self.backups.vaults(account, region)
            with self.store.begin() as tx:
                tx.inventory.saw_vaults(account, region, vaults)
        except BackupsError as error:
            log.info("vaults_unreadable", extra={"account": account, "region": region, "code": error.code})
            return Sight(before, error.message)
        except Exception:
            # Nobody waits for this thread to hear of it; the page says so and goes on with what was known.
            log.exception("vaults_not_kept", extra={"account": account, "region": region})
            return Sight(before, NOT_KEPT)
        return Sight(self.clock.now())
