"""What backups, tables and vaults exist, as last read from AWS; made for searching while somebody types."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Table, delete, func, select
from sqlalchemy.engine import Connection, RowMapping

from bot.domain.backups import Vault
from bot.domain.books import Area, PointEntry, TableEntry
from bot.domain.ports import Holdings
from bot.store import tables
from bot.store.codec import storable
from bot.store.readings import Row, rows_of
from bot.store.statements import insert_into

_AREAS, _VAULTS, _TABLES, _POINTS = tables.areas, tables.vaults, tables.tables, tables.points

_PART = 1_000


class SqlInventory:
    """The InventoryBook of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def replace(self, account: str, region: str, holdings: Holdings, at: datetime) -> None:
        """Put what was just read in the place of what was known.

        Only what is new or changed is written: an area of 100,000 points differs in a few from one reading to the
        next, and SQLite has one write lock for everybody.
        """
        # The arithmetic comes before the first statement, so that the write lock is not held meanwhile; and the
        # area's row is the first to be written, so that on PostgreSQL a second reader of the area waits here.
        reading = rows_of(account, region, holdings)
        self._note_area({"account": account, "region": region, "read_at": at, "tried_at": at, "error": ""})
        if self._replace_points(account, region, reading.points):
            held_here = (_TABLES.c.held_account == account, _TABLES.c.held_region == region)
            self._connection.execute(delete(_TABLES).where(*held_here))
            self._insert(_TABLES, reading.tables)
        in_area = (_VAULTS.c.account == account, _VAULTS.c.region == region)
        self._connection.execute(delete(_VAULTS).where(*in_area))
        self._insert(_VAULTS, reading.vaults)

    def failed(self, account: str, region: str, error: str, at: datetime) -> None:
        """Note that reading failed; what was known stays."""
        self._note_area({"account": account, "region": region, "tried_at": at, "error": error})

    def areas(self) -> Sequence[Area]:
        """How fresh each account and Region is."""
        rows = self._connection.execute(select(_AREAS).order_by(_AREAS.c.account, _AREAS.c.region)).mappings()
        return [Area(**row) for row in rows]

    def tables(self, words: Sequence[str], limit: int) -> Sequence[TableEntry]:
        """Tables whose name, account id or Region contains every word (any case), newest backup first."""
        matches = [_TABLES.c.search.contains(storable(word).lower(), autoescape=True) for word in words]
        newest_first = (func.max(_TABLES.c.newest).desc(), _TABLES.c.name, _TABLES.c.key)
        statement = _entries().where(*matches).order_by(*newest_first).limit(limit)
        return [TableEntry(**row) for row in self._connection.execute(statement).mappings()]

    def table(self, key: str) -> TableEntry | None:
        """The table with this short name; None when no area holds a backup of it any more."""
        row = self._connection.execute(_entries().where(_TABLES.c.key == key)).mappings().one_or_none()
        return None if row is None else TableEntry(**row)

    def points(self, table_key: str, limit: int) -> Sequence[PointEntry]:
        """Backups of a table, newest first."""
        statement = (
            select(_POINTS)
            .where(_POINTS.c.table_key == table_key)
            .order_by(_POINTS.c.created_at.desc(), _POINTS.c.key)
            .limit(limit)
        )
        return [_entry_of(row) for row in self._connection.execute(statement).mappings()]

    def point(self, key: str) -> PointEntry | None:
        """The backup with this short name; None when it is gone."""
        row = self._connection.execute(select(_POINTS).where(_POINTS.c.key == key)).mappings().one_or_none()
        return None if row is None else _entry_of(row)

    def vaults(self, account: str, region: str) -> Sequence[Vault]:
        """Vaults by name."""
        in_area = (_VAULTS.c.account == account, _VAULTS.c.region == region)
        return self._connection.scalars(select(_VAULTS.c.vault).where(*in_area).order_by(_VAULTS.c.name)).all()

    def _note_area(self, values: Mapping[str, object]) -> None:
        statement = insert_into(self._connection, _AREAS).values(**values)
        changed = {name: value for name, value in values.items() if name not in ("account", "region")}
        self._connection.execute(statement.on_conflict_do_update(index_elements=["account", "region"], set_=changed))

    def _replace_points(self, account: str, region: str, rows: Mapping[str, Row]) -> bool:
        """Write the difference; False when there is none."""
        in_area = (_POINTS.c.account == account, _POINTS.c.region == region)
        stored = select(_POINTS.c.key, _POINTS.c.digest).where(*in_area)
        known = {row.key: row.digest for row in self._connection.execute(stored)}
        vanished = known.keys() - rows.keys()
        stale = [key for key, row in rows.items() if known.get(key) != row["digest"]]
        replaced = vanished.union(key for key in stale if key in known)
        for some in _in_parts(sorted(replaced)):
            self._connection.execute(delete(_POINTS).where(_POINTS.c.key.in_(some)))
        self._insert(_POINTS, [rows[key] for key in stale])
        return bool(vanished or stale)

    def _insert(self, table: Table, rows: Sequence[Row]) -> None:
        if rows:
            self._connection.execute(table.insert(), rows)


def _entries() -> Select[Any]:
    """Each table once, over all areas that hold backups of it."""
    return select(
        _TABLES.c.key,
        _TABLES.c.arn,
        _TABLES.c.name,
        _TABLES.c.account,
        _TABLES.c.region,
        func.sum(_TABLES.c.backups).label("backups"),
        func.max(_TABLES.c.newest).label("newest"),
    ).group_by(_TABLES.c.key, _TABLES.c.arn, _TABLES.c.name, _TABLES.c.account, _TABLES.c.region)


def _in_parts(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    # Both databases limit how many parameters a statement may have.
    return (keys[start : start + _PART] for start in range(0, len(keys), _PART))


def _entry_of(row: RowMapping) -> PointEntry:
    return PointEntry(key=row["key"], table_key=row["table_key"], point=row["point"])
