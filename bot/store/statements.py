"""The statements that both databases understand alike: insert-unless-there, standing in line, the claim of due rows."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, UnaryExpression, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, RowMapping

from bot.store import tables


def insert_into(connection: Connection, table: Table) -> postgresql.Insert | sqlite.Insert:
    """An INSERT that knows ON CONFLICT, which only the dialects' own classes do."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_once(connection: Connection, table: Table, unique: Sequence[str], values: Mapping[str, object]) -> bool:
    """Insert a row; False when one with the same unique columns is there. The transaction stays usable."""
    statement = insert_into(connection, table).values(**values).on_conflict_do_nothing(index_elements=unique)
    # What RETURNING gives back is what was written; an INSERT's rowcount is not kept on every driver.
    return connection.execute(statement.returning(*table.primary_key)).first() is not None


def stand_in_line(connection: Connection, number: int) -> None:
    """Wait for other transactions that are changing this request, and keep later ones waiting until the commit.

    Without it two people who decide at the same moment would not see each other's decision on PostgreSQL, and the
    last approval needed would be nobody's. SQLite's writers stand in line anyway.
    """
    if connection.dialect.name == "postgresql":
        line = select(tables.requests.c.id).where(tables.requests.c.id == number).with_for_update(key_share=True)
        connection.execute(line)


def claim(
    connection: Connection,
    table: Table,
    *,
    due: Sequence[ColumnElement[bool]],
    first: Sequence[ColumnElement[Any] | UnaryExpression[Any]],
    limit: int,
    lease: Mapping[str, object],
    provided: Sequence[ColumnElement[bool]] = (),
) -> Sequence[RowMapping]:
    """Take up to `limit` due rows in one statement and return them as they are after it, in no order.

    `due` speaks of the row itself and becomes false by `lease`; `provided` may speak of other rows.
    """
    (key,) = table.primary_key.columns
    # Materialised, since PostgreSQL may otherwise run the locking query once per row and take more than `limit`.
    # SQLite has no row locks and leaves FOR UPDATE out: its writers stand in line anyway.
    candidates = (
        select(key)
        .where(*due, *provided)
        .order_by(*first)
        .limit(limit)
        .with_for_update(skip_locked=True, of=table)
        .cte("candidates")
        .prefix_with("MATERIALIZED")
    )
    # `due` is repeated: PostgreSQL checks these conditions again on a row that changed under the statement.
    statement = update(table).where(key.in_(select(candidates.c[key.name])), *due).values(**lease).returning(table)
    return connection.execute(statement).mappings().all()


def claim_clicks(
    connection: Connection, table: Table, now: datetime, until: datetime, limit: int, key: str | None
) -> Sequence[RowMapping]:
    """Claim unsettled clicks that are due (or exactly the one with this key, due or not), the oldest first."""
    clicks = table.c
    meant = clicks.due_at <= now if key is None else clicks.dedup_key == key
    free = or_(clicks.claimed_until.is_(None), clicks.claimed_until <= now)
    rows = claim(
        connection,
        table,
        due=(clicks.outcome.is_(None), meant, free),
        first=(clicks.at, clicks.dedup_key),
        limit=limit,
        lease={"claimed_until": until},
    )
    return sorted(rows, key=lambda row: (row["at"], row["dedup_key"]))


def settle_click(connection: Connection, table: Table, key: str, outcome: str) -> bool:
    """Note what came of a click; False when that was noted before: the first outcome stays."""
    statement = update(table).where(table.c.dedup_key == key, table.c.outcome.is_(None))
    return connection.execute(statement.values(outcome=outcome, claimed_until=None)).rowcount == 1
