"""Copies that we made and watch until they end."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select, true, update
from sqlalchemy.engine import Connection, RowMapping

from bot.domain.copies import Copy
from bot.store import tables
from bot.store.identity import id_of, number_of
from bot.store.statements import insert_once

_COPIES = tables.copies
_WATCHED = _COPIES.c.watched == true()


class SqlCopies:
    """The CopyBook of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, copy: Copy) -> None:
        """Watch a copy; one that is known already stays as it is, so that a step may be finished twice."""
        values = {
            "arn": copy.arn,
            "request_id": number_of(copy.request_id),
            "step_id": copy.step_id,
            "vault": copy.vault,
            "table_name": copy.table_name,
            "size_bytes": copy.size_bytes,
            "created_at": copy.created_at,
            "delete_at": copy.delete_at,
            "looked_at": copy.looked_at,
            "watched": True,
        }
        insert_once(self._connection, _COPIES, ("arn",), values)

    def ending(self, before: datetime, limit: int) -> Sequence[Copy]:
        """Watched copies whose delete_at is not after this time, soonest first.

        The moment itself counts, since a lead of seven days is reached when exactly seven days are left.
        """
        statement = (
            select(_COPIES)
            .where(_WATCHED, _COPIES.c.delete_at <= before)
            .order_by(_COPIES.c.delete_at, _COPIES.c.arn)
            .limit(limit)
        )
        return [copy_of(row) for row in self._connection.execute(statement).mappings()]

    def to_look_at(self, before: datetime, limit: int) -> Sequence[Copy]:
        """Watched copies last looked at before this time, or never (these first)."""
        unseen = or_(_COPIES.c.looked_at.is_(None), _COPIES.c.looked_at < before)
        statement = (
            select(_COPIES)
            .where(_WATCHED, unseen)
            .order_by(_COPIES.c.looked_at.asc().nulls_first(), _COPIES.c.arn)
            .limit(limit)
        )
        return [copy_of(row) for row in self._connection.execute(statement).mappings()]

    def looked(self, arn: str, *, delete_at: datetime | None, at: datetime) -> None:
        """Note what AWS said about a copy's end just now."""
        statement = update(_COPIES).where(_COPIES.c.arn == arn).values(delete_at=delete_at, looked_at=at)
        self._connection.execute(statement)

    def close(self, arn: str) -> bool:
        """Stop watching; False when it was not watched any more."""
        statement = update(_COPIES).where(_COPIES.c.arn == arn, _WATCHED).values(watched=False)
        return self._connection.execute(statement).rowcount == 1


def copy_of(row: RowMapping) -> Copy:
    return Copy(
        arn=row["arn"],
        request_id=id_of(row["request_id"]),
        step_id=row["step_id"],
        vault=row["vault"],
        table_name=row["table_name"],
        size_bytes=row["size_bytes"],
        created_at=row["created_at"],
        delete_at=row["delete_at"],
        looked_at=row["looked_at"],
    )
