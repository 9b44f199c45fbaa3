"""Options of the selects, and how many of them fit into one answer."""

import json
from collections.abc import Sequence
from datetime import datetime

from bot.domain.backups import Vault, VaultKind
from bot.domain.books import PointEntry, TableEntry
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
    detail = f"cannot be copied: {OBSTACLES.get(reason.code, 'see why')}" if reason else _end(entry, timezone)
    return option(
        plain(f"{mark}{local(point.created_at, timezone)} · {size(point.size_bytes)}", 75),
        entry.key,
        plain(f"{detail} · {where}", 75),
    )


def point_text(entry: PointEntry, names: Names, timezone: str, now: datetime) -> str:
    """What a backup is found by (folded): all that its option shows, and what did not fit into it."""
    point, shown = entry.point, label_of(point_option(entry, names, timezone, now))
    more = (point.vault.account, point.vault.region, point.vault.name, point.storage_class or "", point.status)
    return fold("\n".join((shown, local(point.created_at, timezone), _end(entry, timezone), *more)))


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


def _end(entry: PointEntry, timezone: str) -> str:
    end = entry.point.delete_at
    return f"until {local(end, timezone)[:10]}" if end else "no end"
