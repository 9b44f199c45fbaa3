"""What was said: which message a notice became, and what stands in a request's own conversation."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.engine import Connection, RowMapping

from bot.domain.notices import LATER, Manner, Notice, NoticeKind, NoticeState, Told
from bot.store import tables
from bot.store.identity import id_of

_NOTICES = tables.notices
OF_REQUEST = _NOTICES.c.manner.in_((Manner.THREAD, Manner.QUIETLY))
_SAID = or_(
    _NOTICES.c.state == NoticeState.PENDING,
    and_(_NOTICES.c.state == NoticeState.SENT, _NOTICES.c.posted_ts.is_not(None)),
)


def stands(connection: Connection, which: ColumnElement[bool], message_ts: str) -> bool:
    """Whether this is a message of those, or may be one whose place is not noted yet."""
    lost = and_(
        _NOTICES.c.posted_ts.is_(None),
        _NOTICES.c.state.in_((NoticeState.PENDING, NoticeState.DEAD)),
        # It is never a message of its own.
        _NOTICES.c.kind != NoticeKind.ANSWERED,
    )
    noted = or_(_NOTICES.c.posted_ts == message_ts, lost)
    return bool(connection.scalar(select(exists().where(which, noted))))


def of_stream(stream: str) -> ColumnElement[bool]:
    """What belongs to a stream, whether it could wait or not."""
    return _NOTICES.c.stream.in_((stream, f"{stream}{LATER}"))


def said_of(connection: Connection, number: int | None, kinds: Sequence[NoticeKind]) -> Sequence[Notice]:
    """What of these kinds was said, or is about to be, in a request's own conversation, oldest first."""
    return _said(connection, _NOTICES.c.request_id == number, OF_REQUEST, kinds)


def said_in(connection: Connection, stream: str, kinds: Sequence[NoticeKind]) -> Sequence[Notice]:
    """The same for what belongs to no request: of this stream, in its own channel."""
    return _said(connection, of_stream(stream), _NOTICES.c.manner == Manner.ALONE, kinds)


def _said(
    connection: Connection, of: ColumnElement[bool], there: ColumnElement[bool], kinds: Sequence[NoticeKind]
) -> Sequence[Notice]:
    which = (of, there, _NOTICES.c.kind.in_(kinds), _SAID)
    rows = connection.execute(select(_NOTICES).where(*which).order_by(_NOTICES.c.id))
    return [notice_of(row) for row in rows.mappings()]


def told(connection: Connection, dedup_key: str) -> Told | None:
    """What became of a notice; None when it was given up, or never written."""
    row = connection.execute(select(_NOTICES).where(_NOTICES.c.dedup_key == dedup_key, _SAID)).mappings().first()
    return Told(notice_of(row), row["posted_ts"] or "") if row else None


def notice_of(row: RowMapping, refused_since: datetime | None = None) -> Notice:
    """A row of the outbox as a notice."""
    return Notice(
        id=row["id"],
        request_id=id_of(row["request_id"]) if row["request_id"] else "",
        seq=row["id"],
        kind=NoticeKind(row["kind"]),
        dedup_key=row["dedup_key"],
        channel=row["channel"],
        audience=row["audience"],
        facts=row["facts"],
        attempts=row["attempts"],
        doubtful=row["doubtful"],
        created_at=row["created_at"],
        stream=row["stream"],
        manner=Manner(row["manner"]),
        refused_since=refused_since,
        due=row["due_at"],
    )
