"""Options of the selects, and how many of them fit into one answer."""

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache

from bot.domain.backups import Vault, VaultKind
from bot.domain.inventory import PointEntry, PointLine, TableEntry
from bot.domain.preflight import why_not_copyable
from bot.domain.search import fold
from bot.slack.blocks import Block, option
from bot.slack.describe import Names
from bot.slack.text import local, plain, size

MOST = 100
# Slack closes the socket on an acknowledgement above 20,480 bytes; what JSON makes of the letters counts.
MOST_BYTES = 16_000
# Why a backup cannot be copied, in the few words that an option has room for.
OBSTACLES = {
    "not-advanced": "made without advanced features",
    "still-being-made": "still being made",
    "not-copyable-status": "not complete",
    "cold": "in cold storage",
    "expiring": "about to expire",
}
CANNOT = "cannot be copied"
UNNAMED_OBSTACLE = "see why"
# What an option says of a backup beside its facts.
PHRASES = fold(" ".join(("⊘", "·", CANNOT, UNNAMED_OBSTACLE, *OBSTACLES.values())))


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
        plain(f"{names.account(table.account)} · {table.region} · {_backups(table.backups)}", 75),
    )


def point_option(entry: PointEntry, names: Names, timezone: str, now: datetime) -> Block:
    """When, how big, where; marked when AWS would not copy it."""
    point = entry.point
    reason = why_not_copyable(point, now)
    mark = "⊘ " if reason else ""
    where = f"{names.account(point.vault.account)} · {point.vault.region} · {point.vault.name}"
    detail = f"{CANNOT}: {OBSTACLES.get(reason.code, UNNAMED_OBSTACLE)}" if reason else _end(point.delete_at, timezone)
    return option(
        plain(f"{mark}{local(point.created_at, timezone)} · {size(point.size_bytes)}", 75),
        entry.key,
        plain(f"{detail} · {where}", 75),
    )


class SoughtPoints:
    """What a backup is found by: all that its option shows, and what did not fit into it."""

    def __init__(self, names: Names, timezone: str, now: datetime) -> None:
        self._names, self._timezone, self._now = names, timezone, now
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
        return f"{made} {self._size(line.size_bytes)}\n{end}\n".lower() + facts

    def whole(self, entry: PointEntry) -> str:
        shown = label_of(point_option(entry, self._names, self._timezone, self._now))
        return f"{self.brief(_line_of(entry))}\n{shown}"

    def _told(self, account: str, *facts: str) -> str:
        return fold("\n".join((self._names.account(account), account, *facts)))


def label_of(entry: Block) -> str:
    """What an option shows, folded."""
    texts = (entry.get("text"), entry.get("description"))
    return fold(" ".join(str(text["text"]) for text in texts if isinstance(text, dict)))


def vault_option(vault: Vault) -> Block:
    air_gapped = vault.kind is VaultKind.AIR_GAPPED
    kind = " · air-gapped" if air_gapped else ""
    limits = _limits(vault) if vault.locked or air_gapped else ""
    return option(plain(vault.ref.name, 75), vault.ref.name, plain(f"{_backups(vault.points)}{kind}{limits}", 75))


def _backups(number: int) -> str:
    return "1 backup" if number == 1 else f"{number:,} backups"


def _limits(vault: Vault) -> str:
    """How long the vault's lock lets a copy be kept."""
    least, most = vault.min_days or 1, vault.max_days
    if most is None:
        return f" · keeps {least:,} days or more" if least > 1 else ""
    return f" · keeps {least:,} to {most:,} days"


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


def _end(end: datetime | None, timezone: str) -> str:
    return f"until {local(end, timezone)[:10]}" if end else "no end"
