"""Options of the selects, and how many of them fit into one answer."""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache

from bot.domain.backups import RecoveryPoint, VaultRef
from bot.domain.findings import Finding
from bot.domain.inventory import PointEntry, PointLine, TableEntry
from bot.domain.preflight import is_cold, why_not_copyable
from bot.domain.search import fold
from bot.slack.blocks import Block, option
from bot.slack.describe import Names
from bot.slack.text import ago, local, plain, size

MOST = 100
LONGEST = 75
# Slack closes the socket on an acknowledgement above 20,480 bytes; what JSON makes of the letters counts.
MOST_BYTES = 16_000
# Why a backup cannot be copied, in the few words that an option has room for.
OBSTACLES = {
    "not-advanced": "made without advanced features",
    "still-being-made": "still being made",
    "not-copyable-status": "not complete",
    "cold": "in cold storage",
    "expiring": "about to expire",
    "continuous": "a continuous backup",
}
EXPIRED = "expired"
# What the status says where a backup is not merely unfinished.
STATUSES = {"EXPIRED": EXPIRED, "DELETING": "being deleted", "STOPPED": "stopped before it was complete"}
CANNOT = "cannot be copied"
UNNAMED_OBSTACLE = "see why"
WARM = "warm"
COLD = "cold"
AIR_GAPPED = "air-gapped"
# What an option says of a backup beside its facts.
PHRASES = fold(
    " ".join(("⊘", "·", CANNOT, UNNAMED_OBSTACLE, EXPIRED, WARM, AIR_GAPPED, *OBSTACLES.values(), *STATUSES.values()))
)
NO_VAULTS: frozenset[VaultRef] = frozenset()


def fitting(options: Sequence[Block]) -> list[Block]:
    """As many options, from the first on, as one acknowledgement can carry."""
    kept: list[Block] = []
    used = len('{"envelope_id": "", "payload": {"options": []}}') + 64
    for entry in options[:MOST]:
        used += len(json.dumps(entry)) + 2
        if used > MOST_BYTES:
            break
        kept.append(entry)
    return kept


def table_option(table: TableEntry, names: Names) -> Block:
    return option(
        plain(table.name, 75),
        table.key,
        plain(f"{names.account(table.account)} · {table.region} · {backups_in_words(table.backups)}", 75),
    )


def point_option(
    entry: PointEntry, names: Names, timezone: str, now: datetime, air_gapped: frozenset[VaultRef] = NO_VAULTS
) -> Block:
    """When, how old, how big, until when, how stored, where; marked, with the reason, when AWS would not copy it."""
    point = entry.point
    reason = why_not_copyable(point, now)
    mark = "⊘ " if reason else ""
    made, end = local(point.created_at, timezone), _end(point.delete_at, timezone)
    stored = _storage(point, now, air_gapped)
    told = f"{CANNOT}: {_obstacle(reason, point, now)}" if reason else stored
    where = f"{names.account(point.vault.account)} · {point.vault.region} · {point.vault.name}"
    text = f"{mark}{made} · {ago(point.created_at, now)} · {size(point.size_bytes)} · {end}"
    # Below a mark stands the reason; where that is not the storage itself, it is told above as far as there is room.
    whole = f"{text} · {stored}" if reason and reason.code != "cold" else text
    return option(
        plain(whole if len(whole) <= LONGEST else text, LONGEST),
        entry.key,
        # The reason is whole, whatever the place is called.
        f"{told} · {plain(where, 72 - len(told))}",
    )


class SoughtPoints:
    """What a backup is found by: all that its option shows, and what did not fit into it."""

    def __init__(self, names: Names, timezone: str, now: datetime, air_gapped: frozenset[VaultRef] = NO_VAULTS) -> None:
        self._names, self._timezone, self._now = names, timezone, now
        self._air_gapped = air_gapped
        # Many backups share these.
        self._facts = cache(self._told)
        self._size = cache(size)

    @property
    def phrases(self) -> str:
        return PHRASES

    def brief(self, line: PointLine) -> str:
        # In ASCII as far as it can be, which is the quickest to fold; dates and sizes always are.
        made, end = local(line.created_at, self._timezone), _end(line.delete_at, self._timezone)
        facts = self._facts(line.account, line.region, line.vault, line.storage_class or "", line.status)
        age = ago(line.created_at, self._now)
        return f"{made} {age} {self._size(line.size_bytes)}\n{end}\n".lower() + facts

    def whole(self, entry: PointEntry) -> str:
        shown = label_of(point_option(entry, self._names, self._timezone, self._now, self._air_gapped))
        return f"{self.brief(_line_of(entry))}\n{shown}"

    def _told(self, account: str, *facts: str) -> str:
        return fold("\n".join((self._names.account(account), account, *facts)))


def label_of(entry: Block) -> str:
    """What an option shows, folded."""
    texts = (entry.get("text"), entry.get("description"))
    return fold(" ".join(str(text["text"]) for text in texts if isinstance(text, dict)))


def backups_in_words(number: int) -> str:
    return "1 backup" if number == 1 else f"{number:,} backups"


def _line_of(entry: PointEntry) -> PointLine:
    point, vault = entry.point, entry.point.vault
    return PointLine(
        entry.key,
        vault.account,
        vault.region,
        vault.name,
        point.created_at,
        point.delete_at,
        point.size_bytes,
        point.status,
        point.storage_class,
    )


def _obstacle(reason: Finding, point: RecoveryPoint, now: datetime) -> str:
    if reason.code == "expiring" and point.delete_at is not None and point.delete_at <= now:
        return EXPIRED
    said = OBSTACLES.get(reason.code, UNNAMED_OBSTACLE)
    return STATUSES.get(point.status, said) if reason.code == "not-copyable-status" else said


def _storage(point: RecoveryPoint, now: datetime, air_gapped: frozenset[VaultRef]) -> str:
    """How it is stored. Lists do not tell the storage class, but when the backup moves."""
    stored = COLD if is_cold(point, now) else (point.storage_class or WARM).lower()
    return f"{stored}, {AIR_GAPPED}" if point.vault in air_gapped else stored


def _end(end: datetime | None, timezone: str) -> str:
    return f"until {local(end, timezone)[:10]}" if end else "no end"
