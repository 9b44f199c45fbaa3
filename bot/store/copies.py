"""Copies that are watched until they end, and the clicks on notices about them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, or_, select, true, update
from sqlalchemy.engine import Connection, RowMapping

from bot.domain.copies import Copy, CopyClick, CopyEnd, Made, Origin, Wish
from bot.domain.people import Actor
from bot.store import tables
from bot.store.identity import id_of, number_of
from bot.store.statements import claim_clicks, insert_once, settle_click

_COPIES, _CLICKS = tables.copies, tables.copy_clicks
_WATCHED = _COPIES.c.watched == true()
# What is read beside a step that has made a copy (see made_of).
MADE = tuple(_COPIES.c[name].label(f"copy_{name}") for name in ("arn", "delete_at", "told_at", "ended_how", "ended_at"))


class SqlCopies:
    """The CopyBook of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, copy: Copy) -> bool:
        """Watch a copy; one that is known already stays as it is, so that a step may be finished twice.

        What a request made is its own, though the inventory saw it, and had it adopted, before the step was done.
        """
        values = _values_of(copy)
        if insert_once(self._connection, _COPIES, ("arn",), values):
            return True
        if copy.is_adopted:
            return False
        taken_for_others = (_COPIES.c.arn == copy.arn, _COPIES.c.request_id.is_(None))
        statement = update(_COPIES).where(*taken_for_others).values(**values)
        return self._connection.execute(statement).rowcount == 1

    def watch_again(self, copy: Copy) -> bool:
        """Watch a copy that others made and somebody dropped; False when it is no such copy."""
        dropped = (_COPIES.c.arn == copy.arn, _COPIES.c.request_id.is_(None), _COPIES.c.watched != true())
        statement = update(_COPIES).where(*dropped).values(**_values_of(copy))
        return self._connection.execute(statement).rowcount == 1

    def get(self, arn: str) -> Copy | None:
        """A watched copy; None when it is not watched (any more)."""
        row = self._connection.execute(select(_COPIES).where(_COPIES.c.arn == arn, _WATCHED)).mappings().one_or_none()
        return copy_of(row) if row else None

    def ending(self, before: datetime, limit: int) -> Sequence[Copy]:
        """Watched copies whose delete_at is not after this time, soonest first.

        The moment itself counts, since a lead of seven days is reached when exactly seven days are left.
        """
        which = select(_COPIES).where(_WATCHED, _COPIES.c.delete_at <= before)
        return self._read(which.order_by(_COPIES.c.delete_at, _COPIES.c.arn).limit(limit))

    def to_look_at(self, before: datetime, limit: int) -> Sequence[Copy]:
        """Watched copies last looked at before this time, or never (these first)."""
        unseen = or_(_COPIES.c.looked_at.is_(None), _COPIES.c.looked_at < before)
        longest_ago = (_COPIES.c.looked_at.asc().nulls_first(), _COPIES.c.arn)
        return self._read(select(_COPIES).where(_WATCHED, unseen).order_by(*longest_ago).limit(limit))

    def of_table(self, table_arn: str) -> Sequence[Copy]:
        """Watched copies of one table's backups."""
        return self._read(select(_COPIES).where(_WATCHED, _COPIES.c.table_arn == table_arn).order_by(_COPIES.c.arn))

    def adopted(self, limit: int) -> Sequence[Copy]:
        """Watched copies that others made, soonest end first."""
        which = select(_COPIES).where(_WATCHED, _COPIES.c.request_id.is_(None))
        return self._read(which.order_by(_COPIES.c.delete_at.asc().nulls_last(), _COPIES.c.arn).limit(limit))

    def looked(self, arn: str, *, delete_at: datetime | None, at: datetime) -> bool:
        """Note the end that AWS told just now; True when it had told another one before."""
        seen = {"delete_at": delete_at, "told_at": at, "looked_at": at}
        other = (_COPIES.c.told_at.is_not(None), _COPIES.c.delete_at.is_distinct_from(delete_at))
        if self._change(arn, *other, let_go_by=None, snoozed_until=None, **seen):
            return True
        self._change(arn, **seen)
        return False

    def look_soon(self, arn: str) -> None:
        """Let a copy, and those that took their end from it, be looked at next: its end may have changed just now."""
        which = or_(_COPIES.c.arn == arn, _COPIES.c.source_arn == arn)
        self._connection.execute(update(_COPIES).where(_WATCHED, which).values(looked_at=None))

    def asked(self, arn: str, at: datetime) -> None:
        """Note that AWS was asked in vain; counted as asked at this time."""
        self._change(arn, looked_at=at)

    def origin_looked(self, arn: str, *, delete_at: datetime | None) -> bool:
        """Note the end of the backup that a copy took its end from; True when it was another one before."""
        other = (_COPIES.c.source_arn.is_not(None), _COPIES.c.source_delete_at.is_distinct_from(delete_at))
        return self._change(arn, *other, source_delete_at=delete_at)

    def forget_origin(self, arn: str) -> bool:
        """Stop looking at that backup; False when nobody did any more."""
        return self._change(arn, _COPIES.c.source_arn.is_not(None), source_arn=None, source_vault=None)

    def let_go(self, arn: str, *, end: datetime, by: Actor | None) -> bool:
        """Stop (None: resume) the notices ahead of this end; False when they are so already, or the end is another."""
        another = _COPIES.c.let_go_by.is_(None) if by else _COPIES.c.let_go_by.is_not(None)
        return self._change(arn, _COPIES.c.delete_at == end, another, let_go_by=by)

    def snooze(self, arn: str, *, end: datetime, before: datetime | None, until: datetime | None) -> bool:
        """Compare-and-set until when nothing is said ahead of this end; what was let go is not put off."""
        as_seen = _COPIES.c.snoozed_until.is_not_distinct_from(before)
        waited_for = (_COPIES.c.let_go_by.is_(None),) if until else ()
        return self._change(arn, _COPIES.c.delete_at == end, as_seen, *waited_for, snoozed_until=until)

    def close(self, arn: str) -> bool:
        """Stop watching; False when it was not watched any more."""
        return self._change(arn, watched=False)

    def end(self, arn: str, how: CopyEnd, at: datetime) -> bool:
        """Stop watching what has come to its end; False when it was not watched any more."""
        return self._change(arn, watched=False, ended_how=how, ended_at=at)

    def _change(self, arn: str, *provided: ColumnElement[bool], **values: object) -> bool:
        """Change a watched copy; False when there is none such."""
        statement = update(_COPIES).where(_COPIES.c.arn == arn, _WATCHED, *provided).values(**values)
        return self._connection.execute(statement).rowcount == 1

    def _read(self, statement: Select[tuple[object, ...]]) -> list[Copy]:
        return [copy_of(row) for row in self._connection.execute(statement).mappings()]


class SqlCopyClicks:
    """The CopyClickBook of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, click: CopyClick, due_at: datetime) -> bool:
        """Write a click down; False when it was delivered before."""
        values = {
            "dedup_key": click.dedup_key,
            "copy_arn": click.copy_arn,
            "actor": click.actor,
            "wish": click.wish,
            "seen_end": click.seen_end,
            "channel": click.channel,
            "message_ts": click.message_ts,
            "at": click.at,
            "due_at": due_at,
        }
        return insert_once(self._connection, _CLICKS, ("dedup_key",), values)

    def claim(self, now: datetime, until: datetime, limit: int, key: str | None = None) -> Sequence[CopyClick]:
        """Claim unsettled clicks that are due (or exactly the one with this key, due or not)."""
        rows = claim_clicks(self._connection, _CLICKS, now, until, limit, key)
        return [_click_of(row) for row in rows]

    def settle(self, dedup_key: str, outcome: str) -> bool:
        """Note what came of a click; False when that was noted before."""
        return settle_click(self._connection, _CLICKS, dedup_key, outcome)


def _values_of(copy: Copy) -> dict[str, object]:
    origin = copy.origin
    return {
        "arn": copy.arn,
        "request_id": number_of(copy.request_id) if copy.request_id else None,
        "step_id": copy.step_id or None,
        "vault": copy.vault,
        "table_name": copy.table_name,
        "table_arn": copy.table_arn,
        "size_bytes": copy.size_bytes,
        "created_at": copy.created_at,
        "delete_at": copy.delete_at,
        "told_at": copy.looked_at,
        "looked_at": copy.looked_at,
        "watched": True,
        "source_arn": origin.arn if origin else None,
        "source_vault": origin.vault if origin else None,
        "source_delete_at": origin.delete_at if origin else None,
        "channel": copy.channel,
        "adopted_by": copy.adopted_by,
        "let_go_by": copy.let_go_by,
        "snoozed_until": copy.snoozed_until,
        "ended_at": None,
        "ended_how": None,
    }


def made_of(row: RowMapping) -> Made | None:
    """What became of the copy that a step made, off its row with the copy's beside it; None where there is none."""
    if row["copy_arn"] is None:
        return None
    how = row["copy_ended_how"]
    return Made(
        step_id=row["id"],
        arn=row["copy_arn"],
        delete_at=row["copy_delete_at"],
        told_at=row["copy_told_at"],
        end=CopyEnd(how) if how else None,
        ended_at=row["copy_ended_at"],
    )


def copy_of(row: RowMapping) -> Copy:
    return Copy(
        arn=row["arn"],
        request_id=id_of(row["request_id"]) if row["request_id"] else "",
        step_id=row["step_id"] or 0,
        vault=row["vault"],
        table_name=row["table_name"],
        size_bytes=row["size_bytes"],
        created_at=row["created_at"],
        delete_at=row["delete_at"],
        looked_at=row["looked_at"],
        table_arn=row["table_arn"],
        origin=Origin(row["source_arn"], row["source_vault"], row["source_delete_at"]) if row["source_arn"] else None,
        channel=row["channel"],
        adopted_by=row["adopted_by"],
        let_go_by=row["let_go_by"],
        snoozed_until=row["snoozed_until"],
    )


def _click_of(row: RowMapping) -> CopyClick:
    return CopyClick(
        dedup_key=row["dedup_key"],
        copy_arn=row["copy_arn"],
        actor=row["actor"],
        wish=Wish(row["wish"]),
        seen_end=row["seen_end"],
        channel=row["channel"],
        message_ts=row["message_ts"],
        at=row["at"],
    )
