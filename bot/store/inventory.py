"""What backups, tables and vaults exist, as last read from AWS; made for searching while somebody types."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from itertools import islice, takewhile
from typing import Any

from sqlalchemy import ColumnElement, Table, Text, and_, cast, delete, exists, false, func, or_, select, true, update
from sqlalchemy.engine import Connection

from bot.domain.backups import RecoveryPoint, Vault, VaultKind, VaultRef
from bot.domain.inventory import Area, Piece, PointEntry, PointLine, TableEntry
from bot.domain.ports import Holdings
from bot.domain.search import Span
from bot.store import tables
from bot.store.codec import record_in
from bot.store.patterns import ESCAPE, like
from bot.store.readings import (
    Change,
    Finish,
    Known,
    Row,
    changes,
    point_row,
    reading_of,
    table_key_of,
    vault_rows,
)
from bot.store.statements import insert_into, insert_once

_AREAS, _VAULTS, _TABLES, _POINTS = tables.areas, tables.vaults, tables.tables, tables.points
_ENTRY = (_TABLES.c.key, _TABLES.c.arn, _TABLES.c.name, _TABLES.c.account, _TABLES.c.region)
# Through its column a record takes ten times as long as from its text.
_POINT_ENTRY = (_POINTS.c.key, _POINTS.c.table_key, cast(_POINTS.c.point, Text))
_POINT_LINE = tuple(_POINTS.c[name] for name in PointLine._fields)
# How many backups come from the database at a time: about what one list shows.
_BATCH = 200


class SqlInventory:
    """The InventoryBook of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def pieces(self, account: str, region: str, holdings: Holdings, at: datetime) -> Iterator[Piece]:
        """Compare what was just read with what is known; the difference, to be applied piece by piece in this order.

        An area of 100,000 points differs in a few from one reading to the next.
        """
        reading = reading_of(account, region, holdings)
        revision = self.revisions().get((account, region), 0)
        for change in changes(reading, self._known(account, region)):
            yield Piece(account, region, at, revision, change)
            revision += 1
        yield Piece(account, region, at, revision, Finish(reading.vaults))

    def apply(self, piece: Piece) -> bool:
        """Write a piece; False when another reading was faster, and the rest of this one is void."""
        if isinstance(piece.change, Finish):
            return self._finish(piece, piece.change)
        assert isinstance(piece.change, Change)
        return self._change(piece, piece.change)

    def failed(self, account: str, region: str, error: str, at: datetime) -> None:
        """Note that reading failed; what was known stays."""
        values = {"tried_at": at, "error": error}
        statement = insert_into(self._connection, _AREAS).values(account=account, region=region, **values)
        self._connection.execute(statement.on_conflict_do_update(index_elements=["account", "region"], set_=values))

    def areas(self) -> Sequence[Area]:
        """How fresh each account and Region is."""
        columns = (_AREAS.c.account, _AREAS.c.region, _AREAS.c.read_at, _AREAS.c.tried_at, _AREAS.c.error)
        rows = self._connection.execute(select(*columns).order_by(_AREAS.c.account, _AREAS.c.region)).mappings()
        return [Area(**row) for row in rows]

    def revisions(self) -> Mapping[tuple[str, str], int]:
        """How often each area (account id, Region) has changed; cheap enough to ask at every keystroke."""
        rows = self._connection.execute(select(_AREAS.c.account, _AREAS.c.region, _AREAS.c.revision))
        return {(account, region): revision for account, region, revision in rows}

    def held(self, account: str, region: str) -> Sequence[TableEntry]:
        """The tables that an area holds backups of, counting those only."""
        columns = (*_ENTRY, _TABLES.c.backups, _TABLES.c.newest)
        rows = self._connection.execute(select(*columns).where(*_in_area(_TABLES, account, region)))
        return [TableEntry(*row) for row in rows]

    def table(self, key: str) -> TableEntry | None:
        """The table with this short name; None when no area holds a backup of it any more."""
        counted = (func.sum(_TABLES.c.backups), func.max(_TABLES.c.newest))
        row = self._connection.execute(select(*_ENTRY, *counted).where(_TABLES.c.key == key).group_by(*_ENTRY)).first()
        return None if row is None else TableEntry(*row)

    def points(self, table_key: str, spans: Sequence[Span] = ()) -> Iterator[PointEntry]:
        """Backups of a table, newest first, read as they are asked for; with `spans` those that name such times."""
        return (_entry_of(*row) for row in self._newest_first(_POINT_ENTRY, table_key, spans))

    def lines(self, table_key: str, spans: Sequence[Span] = ()) -> Iterator[PointLine]:
        """The same backups in the same order, in brief."""
        return (PointLine._make(row) for row in self._newest_first(_POINT_LINE, table_key, spans))

    def made_since(self, table_arn: str, since: datetime) -> Iterator[PointEntry]:
        """Backups of a table, wherever they are, that were created at this time or later, newest first."""
        found = self.points(table_key_of(table_arn) or "")
        return takewhile(lambda entry: entry.point.created_at >= since, found)

    def unwatched(
        self,
        after: datetime,
        words: Sequence[tuple[str, Sequence[tuple[str, str]]]],
        vaults: Sequence[VaultRef] | None,
        limit: int,
        table: str = "*",
        areas: Sequence[tuple[str, str]] | None = None,
    ) -> Sequence[PointEntry]:
        """Backups that end after this time and that nobody watches, soonest end first."""
        copies, arn = tables.copies, _POINTS.c.point["arn"].as_string()
        # One that the configuration adopted and people dropped is offered to people, and not adopted again.
        known = exists().where(copies.c.arn == arn, *([copies.c.watched == true()] if vaults is None else []))
        where = [_POINTS.c.delete_at > after, ~known, *(_speaks_of(*word) for word in words)]
        if vaults is not None:
            where.append(or_(*(_in_vault(vault) for vault in vaults)))
        if areas is not None:
            where.append(or_(false(), *(and_(*_in_area(_POINTS, *area)) for area in areas)))
        statement = select(*_POINT_ENTRY).where(*where).order_by(_POINTS.c.delete_at, _POINTS.c.key)
        if table == "*":
            return [_entry_of(*row) for row in self._connection.execute(statement.limit(limit))]
        # What SQL makes of the pattern lets a few through that it does not mean.
        named = select(_TABLES.c.key).where(_TABLES.c.name.like(like(table), escape=ESCAPE))
        rows = self._connection.execute(
            statement.where(_POINTS.c.table_key.in_(named)).execution_options(yield_per=_BATCH)
        )
        found = (_entry_of(*row) for row in rows)
        return list(islice((one for one in found if fnmatchcase(one.point.table_name, table)), limit))

    def entries(self, keys: Sequence[str]) -> Sequence[PointEntry]:
        """Some backups, in the order of their short names here; what is gone is left out."""
        rows = self._connection.execute(select(*_POINT_ENTRY).where(_POINTS.c.key.in_(keys)))
        found = {row[0]: _entry_of(*row) for row in rows}
        return [found[key] for key in keys if key in found]

    def point(self, key: str) -> PointEntry | None:
        """The backup with this short name; None when it is gone."""
        row = self._connection.execute(select(*_POINT_ENTRY).where(_POINTS.c.key == key)).one_or_none()
        return None if row is None else _entry_of(*row)

    def called(self, arn: str) -> Sequence[PointEntry]:
        """The backups with this ARN, one for each vault it is in. Looks through all of them."""
        holds = cast(_POINTS.c.point, Text).contains(arn, autoescape=True)
        rows = self._connection.execute(select(*_POINT_ENTRY).where(holds).order_by(_POINTS.c.key))
        return [entry for entry in (_entry_of(*row) for row in rows) if entry.point.arn == arn]

    def vaults(self, account: str, region: str) -> Sequence[Vault]:
        """Vaults by name."""
        here = select(_VAULTS.c.vault).where(*_in_area(_VAULTS, account, region))
        return self._connection.scalars(here.order_by(_VAULTS.c.name)).all()

    def air_gapped(self) -> frozenset[VaultRef]:
        """All logically air-gapped vaults; told by the records' text, since vaults may be many and these are few."""
        kind = cast(_VAULTS.c.vault, Text).contains(VaultKind.AIR_GAPPED.value, autoescape=True)
        rows = self._connection.execute(select(_VAULTS.c.account, _VAULTS.c.region, _VAULTS.c.name).where(kind))
        return frozenset(VaultRef(*row) for row in rows)

    def saw_vaults(self, account: str, region: str, vaults: Sequence[Vault]) -> None:
        """Put an area's vaults, as they were listed just now, in the place of those that were known."""
        self._replace_vaults(account, region, vault_rows(account, region, vaults))

    def _newest_first(self, columns: Sequence[Any], table_key: str, spans: Sequence[Span]) -> Any:
        statement = (
            select(*columns)
            .where(_POINTS.c.table_key == table_key, *map(_names_time, spans))
            .order_by(_POINTS.c.created_at.desc(), _POINTS.c.key)
            .execution_options(yield_per=_BATCH)
        )
        return self._connection.execute(statement)

    def _known(self, account: str, region: str) -> Known:
        points = select(_POINTS.c.key, _POINTS.c.digest, _POINTS.c.table_key)
        held = select(_TABLES.c.key, _TABLES.c.backups, _TABLES.c.newest)
        return Known(
            {key: (digest, table) for key, digest, table in self._rows(points, _POINTS, account, region)},
            {key: (backups, newest) for key, backups, newest in self._rows(held, _TABLES, account, region)},
        )

    def _rows(self, statement: Any, table: Table, account: str, region: str) -> Any:
        return self._connection.execute(statement.where(*_in_area(table, account, region)))

    def _change(self, piece: Piece, change: Change) -> bool:
        # Making rows comes before the first statement, so that the write lock is not held meanwhile.
        points = [point_row(piece.account, piece.region, mark) for mark in change.points]
        if not self._advance(piece, revision=piece.revision + 1):
            return False
        in_area = _in_area(_TABLES, piece.account, piece.region)
        self._delete(_POINTS, change.points_gone)
        self._write(_POINTS, points)
        self._delete(_TABLES, change.tables_gone, *in_area)
        self._write(_TABLES, change.tables)
        return True

    def _finish(self, piece: Piece, finish: Finish) -> bool:
        if not self._advance(piece, read_at=piece.at, tried_at=piece.at, error=""):
            return False
        self._replace_vaults(piece.account, piece.region, finish.vaults)
        return True

    def _replace_vaults(self, account: str, region: str, rows: Sequence[Row]) -> None:
        self._connection.execute(delete(_VAULTS).where(*_in_area(_VAULTS, account, region)))
        self._write(_VAULTS, rows)

    def _advance(self, piece: Piece, **values: object) -> bool:
        """Change the area's row, if nobody else has since the reading was compared; others wait here meanwhile."""
        where = {"account": piece.account, "region": piece.region}
        if piece.revision == 0:
            insert_once(
                self._connection, _AREAS, tuple(where), {**where, "tried_at": piece.at, "error": "", "revision": 0}
            )
        as_compared = (*_in_area(_AREAS, piece.account, piece.region), _AREAS.c.revision == piece.revision)
        return self._connection.execute(update(_AREAS).where(*as_compared).values(**values)).rowcount == 1

    def _delete(self, table: Table, keys: Sequence[str], *where: ColumnElement[bool]) -> None:
        if keys:
            self._connection.execute(delete(table).where(table.c.key.in_(keys), *where))

    def _write(self, table: Table, rows: Sequence[Row]) -> None:
        """Insert rows, in the place of those that are there."""
        if rows:
            statement = insert_into(self._connection, table)
            unique = table.primary_key.columns.keys()
            values = {name: statement.excluded[name] for name in rows[0] if name not in unique}
            self._connection.execute(statement.on_conflict_do_update(index_elements=unique, set_=values), rows)


def _in_area(table: Table, account: str, region: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Where a row was read; a table's own account and Region are another thing."""
    held = "held_" if table is _TABLES else ""
    return table.c[f"{held}account"] == account, table.c[f"{held}region"] == region


def _speaks_of(word: str, areas: Sequence[tuple[str, str]]) -> ColumnElement[bool]:
    """Whether a word is in the name of a backup's table or vault, or means the place that holds it."""
    table = func.lower(_POINTS.c.point["table_name"].as_string())
    named = (text.contains(word, autoescape=True) for text in (table, func.lower(_POINTS.c.vault)))
    return or_(*named, *(and_(*_in_area(_POINTS, *area)) for area in areas))


def _in_vault(vault: VaultRef) -> ColumnElement[bool]:
    return and_(*_in_area(_POINTS, vault.account, vault.region), _POINTS.c.vault == vault.name)


def _names_time(span: Span) -> ColumnElement[bool]:
    """Whether a backup was made, gets cold or ends in this time, or is in a vault that is called so."""
    times = (_POINTS.c.created_at, _POINTS.c.cold_at, _POINTS.c.delete_at)
    named = func.lower(_POINTS.c.vault).contains(span.word, autoescape=True)
    return or_(*(and_(time >= span.start, time < span.end) for time in times), named)


def _entry_of(key: str, table_key: str, point: str) -> PointEntry:
    return PointEntry(key, table_key, record_in(point, RecoveryPoint))
