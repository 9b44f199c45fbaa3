"""Dead letters: notices that nobody could be told, until operators have heard of them and somebody dismisses them."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, literal_column, select, update
from sqlalchemy.engine import Connection

from bot.domain.notices import DeadLetter, NoticeState
from bot.domain.people import Actor
from bot.store import tables
from bot.store.said import notice_of

_NOTICES = tables.notices
# A literal, as SQLite uses a partial index only where the statement itself says that it applies.
DEAD = _NOTICES.c.state == literal_column(f"'{NoticeState.DEAD}'")
UNREPORTED = and_(DEAD, _NOTICES.c.reported.is_(False))
STANDING = and_(DEAD, _NOTICES.c.dismissed_at.is_(None))


def unreported(connection: Connection, limit: int) -> list[DeadLetter]:
    """Take dead letters that operators were not told of, oldest first."""
    taken = select(_NOTICES).where(UNREPORTED).order_by(_NOTICES.c.id).limit(limit)
    rows = connection.execute(taken.with_for_update(skip_locked=True, of=_NOTICES))
    return [DeadLetter(notice_of(row), row["last_error"] or "") for row in rows.mappings()]


def standing(connection: Connection, limit: int) -> list[DeadLetter]:
    """Dead letters that nobody has dismissed, newest first."""
    return _newest(connection, STANDING, limit)


def dismiss(
    connection: Connection, first: int, last: int, *, by: Actor, at: datetime, limit: int
) -> Sequence[DeadLetter]:
    """Dismiss those with ids from first to last; only who is the first to do so gets them."""
    here = and_(STANDING, _NOTICES.c.id.between(first, last))
    some = select(_NOTICES.c.id).where(here).order_by(_NOTICES.c.id.desc()).limit(limit)
    # STANDING once more, since another transaction may have dismissed them while this one waited for them.
    which = update(_NOTICES).where(_NOTICES.c.id.in_(some), STANDING)
    rows = connection.execute(which.values(dismissed_at=at, dismissed_by=by).returning(_NOTICES)).mappings()
    found = (DeadLetter(notice_of(row), row["last_error"] or "") for row in rows)
    return sorted(found, key=lambda letter: letter.notice.id)


def dismissed_by(connection: Connection, notice_id: int) -> Actor | None:
    """Who has dismissed a dead letter; None while nobody has."""
    by: Actor | None = connection.scalar(select(_NOTICES.c.dismissed_by).where(_NOTICES.c.id == notice_id))
    return by


def _newest(connection: Connection, which: ColumnElement[bool], limit: int) -> list[DeadLetter]:
    rows = connection.execute(select(_NOTICES).where(which).order_by(_NOTICES.c.id.desc()).limit(limit)).mappings()
    return [DeadLetter(notice_of(row), row["last_error"] or "") for row in rows]
