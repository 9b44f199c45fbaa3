"""One reading of an area turned into rows, and into the pieces by which what is known becomes what was read."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from bot.domain.backups import RecoveryPoint, Vault, table_name_of, table_place_of
from bot.domain.ports import Holdings
from bot.store.codec import document, in_utc

Row = dict[str, object]

# Rows in one transaction: few enough that a click that waits for SQLite's one write lock does not notice.
PART = 1_000
_KEY_LENGTH = 24
_DIGEST_LENGTH = 16


class Mark(NamedTuple):
    """A recovery point with what it is known by; its row is made only if it has to be written."""

    key: str
    table_key: str
    digest: str
    point: RecoveryPoint


@dataclass(frozen=True, slots=True)
class Reading:
    """What one area comes to; points and tables by key."""

    points: dict[str, Mark]
    tables: dict[str, Row]
    vaults: list[Row]


@dataclass(frozen=True, slots=True)
class Known:
    """What is stored of an area: digest and table of each point, number and newest of each table's backups."""

    points: Mapping[str, tuple[str, str]]
    tables: Mapping[str, tuple[int, datetime]]


@dataclass(frozen=True, slots=True)
class Change:
    """What is to be written and which keys to be deleted, of whole tables where they fit."""

    points: list[Mark] = field(default_factory=list)
    points_gone: list[str] = field(default_factory=list)
    tables: list[Row] = field(default_factory=list)
    tables_gone: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.points) + len(self.points_gone) + len(self.tables) + len(self.tables_gone)


@dataclass(frozen=True, slots=True)
class Finish:
    """The last piece: the vaults, and that the area was read."""

    vaults: list[Row]


def reading_of(account: str, region: str, holdings: Holdings) -> Reading:
    """Take what an account holds in a Region, each thing once; points without a table are left out.

    Raises ValueError for a time without a time zone.
    """
    points: dict[str, Mark] = {}
    made_at: dict[str, dict[str, datetime]] = {}
    for point in holdings.points:
        table_key = table_key_of(point.table_arn)
        if table_key is not None:
            key = _short(point.vault.arn + point.arn)
            points[key] = Mark(key, table_key, _digest(point), point)
            made_at.setdefault(point.table_arn, {})[key] = point.created_at
    rows = (_table_row(account, region, arn, times.values()) for arn, times in made_at.items())
    return Reading(
        points,
        {str(row["key"]): row for row in rows},
        vault_rows(account, region, holdings.vaults),
    )


def vault_rows(account: str, region: str, vaults: Iterable[Vault]) -> list[Row]:
    """The rows of the vaults that an area holds, each once."""
    found = {vault.ref.name: vault for vault in vaults}
    return [_vault_row(account, region, vault) for vault in found.values()]


def point_row(account: str, region: str, mark: Mark) -> Row:
    """The row of a point that an area holds."""
    point = mark.point
    return {
        "key": mark.key,
        "table_key": mark.table_key,
        "account": account,
        "region": region,
        "vault": point.vault.name,
        "created_at": point.created_at,
        "cold_at": point.cold_at,
        "delete_at": point.delete_at,
        "size_bytes": point.size_bytes,
        "status": point.status,
        "storage_class": point.storage_class,
        "digest": mark.digest,
        "point": document(point, RecoveryPoint),
    }


def changes(reading: Reading, known: Known) -> Iterator[Change]:
    """What has to be written and deleted, table after table, in parts of at most `PART` rows and keys."""
    part = Change()
    for change in _by_table(reading, known):
        if len(part) and len(part) + len(change) > PART:
            yield part
            part = Change()
        *whole, rest = _in_parts(change)
        yield from whole
        _add(part, rest)
    if len(part):
        yield part


def _by_table(reading: Reading, known: Known) -> Iterator[Change]:
    """What changed of each table: its points, and last its own row."""
    changed: dict[str, Change] = {}
    for key, mark in reading.points.items():
        if known.points.get(key, ("",))[0] != mark.digest:
            changed.setdefault(mark.table_key, Change()).points.append(mark)
    for key in known.points.keys() - reading.points.keys():
        changed.setdefault(known.points[key][1], Change()).points_gone.append(key)
    for key, row in reading.tables.items():
        if known.tables.get(key) != (row["backups"], row["newest"]):
            changed.setdefault(key, Change()).tables.append(row)
    for key in known.tables.keys() - reading.tables.keys():
        changed.setdefault(key, Change()).tables_gone.append(key)
    yield from changed.values()


def _in_parts(change: Change) -> Iterator[Change]:
    """Cut one table's change where it is too much for one transaction; the table's own row comes last."""
    points, gone = change.points, change.points_gone
    while len(points) + len(gone) >= PART:
        yield Change(points[:PART], gone[: max(0, PART - len(points))])
        points, gone = points[PART:], gone[max(0, PART - len(points)) :]
    yield Change(points, gone, change.tables, change.tables_gone)


def _add(part: Change, change: Change) -> None:
    part.points.extend(change.points)
    part.points_gone.extend(change.points_gone)
    part.tables.extend(change.tables)
    part.tables_gone.extend(change.tables_gone)


def _table_row(account: str, region: str, arn: str, made_at: Collection[datetime]) -> Row:
    own_account, own_region = table_place_of(arn)
    return {
        "key": table_key_of(arn),
        "held_account": account,
        "held_region": region,
        "arn": arn,
        "name": table_name_of(arn),
        "account": own_account,
        "region": own_region,
        "backups": len(made_at),
        "newest": max(made_at),
    }


def _vault_row(account: str, region: str, vault: Vault) -> Row:
    return {"account": account, "region": region, "name": vault.ref.name, "vault": vault}


def _digest(point: RecoveryPoint) -> str:
    for end in (point.delete_at, point.cold_at):
        if end is not None:
            in_utc(end)
    return sha256(document(point, RecoveryPoint).encode()).hexdigest()[:_DIGEST_LENGTH]


# An area has many backups of few tables.
@lru_cache(maxsize=16_384)
def table_key_of(arn: str) -> str | None:
    """The inventory's short name for a table; None for what is no table's ARN."""
    try:
        table_place_of(arn)
    except ValueError:
        # Without the ARN of a table there is no table to find a backup under.
        return None
    return _short(arn)


def _short(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:_KEY_LENGTH]
