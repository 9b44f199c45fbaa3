"""Notices on their way: written with the change they announce, claimed in order, one at a time per request."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Update, exists, literal_column, or_, select, update
from sqlalchemy.engine import Connection, RowMapping

from bot.domain.notices import NewNotice, Notice, NoticeKind, NoticeState
from bot.store import tables
from bot.store.identity import id_of, number_of
from bot.store.statements import claim, insert_into, insert_once, stand_in_line

_NOTICES = tables.notices
# A literal, not a parameter: SQLite uses a partial index only where the statement itself says that it applies.
_PENDING: ColumnElement[str] = literal_column(f"'{NoticeState.PENDING}'")
_UNSENT = _NOTICES.c.state == _PENDING


class SqlOutbox:
    """The OutboxBook of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def write(self, notice: NewNotice) -> bool:
        """Write a notice; False when its dedup_key was written before."""
        number = number_of(notice.request_id)
        # Ids are given out at once but seen only after the commit, so without standing in line a later notice
        # could be visible, and leave, before an earlier one of the same request.
        stand_in_line(self._connection, number)
        values = {
            "request_id": number,
            "kind": notice.kind,
            "dedup_key": notice.dedup_key,
            "channel": notice.channel,
            "audience": notice.audience,
            "facts": dict(notice.facts),
            "state": NoticeState.PENDING,
            "attempts": 0,
            "doubtful": False,
            "created_at": notice.due_at,
            "due_at": notice.due_at,
        }
        return insert_once(self._connection, _NOTICES, ("dedup_key",), values)

    def claim(self, now: datetime, until: datetime, limit: int) -> Sequence[Notice]:
        """Claim due notices that are the first unsent of their request; counts an attempt and marks it doubtful.

        The mark is the lease itself: only an attempt that nobody brought to an end leaves one behind, so the next
        claim finds the old lease and knows that the notice may have reached Slack.
        """
        lease = {
            "attempts": _NOTICES.c.attempts + 1,
            "doubtful": or_(_NOTICES.c.doubtful, _NOTICES.c.claimed_until.is_not(None)),
            "claimed_until": until,
        }
        rows = claim(
            self._connection,
            _NOTICES,
            due=(_UNSENT, _NOTICES.c.due_at <= now, _free(now)),
            provided=(~_earlier_unsent(), ~_held(now)),
            first=(_NOTICES.c.id,),
            limit=limit,
            lease=lease,
        )
        return sorted((_notice_of(row) for row in rows), key=lambda notice: notice.seq)

    def settle(self, notice_id: int, *, posted_ts: str | None, superseded: bool = False) -> None:
        """Bring a notice to its good end: sent, or not worth sending any more."""
        state = NoticeState.SUPERSEDED if superseded else NoticeState.SENT
        self._connection.execute(_attempt_over(notice_id).values(state=state, posted_ts=posted_ts, last_error=None))

    def postpone(self, notice_id: int, due_at: datetime, *, doubtful: bool, error: str) -> None:
        """Let a notice be tried again at `due_at`; `doubtful`: this attempt may have reached Slack."""
        self._connection.execute(_attempt_over(notice_id).values(due_at=due_at, doubtful=doubtful, last_error=error))

    def bury(self, notice_id: int, error: str) -> None:
        """Give a notice up: it will not be tried again."""
        self._connection.execute(_attempt_over(notice_id).values(state=NoticeState.DEAD, last_error=error))

    def redirect(self, request_id: str, channel: str) -> None:
        """Send the unsent notices of a request to another channel."""
        which = (_NOTICES.c.request_id == number_of(request_id), _UNSENT)
        self._connection.execute(update(_NOTICES).where(*which).values(channel=channel))

    def hold(self, channel: str, until: datetime) -> None:
        """Let nothing leave for a channel before `until` (Slack's Retry-After); a longer hold stays."""
        statement = insert_into(self._connection, tables.holds).values(channel=channel, held_until=until)
        longer = statement.on_conflict_do_update(
            index_elements=["channel"],
            set_={"held_until": statement.excluded.held_until},
            where=tables.holds.c.held_until < statement.excluded.held_until,
        )
        self._connection.execute(longer)

    def was_written(self, dedup_key: str) -> bool:
        """Whether a notice with this key was ever written, whatever became of it."""
        return bool(self._connection.scalar(select(exists().where(_NOTICES.c.dedup_key == dedup_key))))

    def has_newer(self, notice: Notice) -> bool:
        """Whether the same living message of the same request is to be renewed again anyway."""
        if not notice.kind.is_living:
            return False
        newer = exists().where(
            _NOTICES.c.request_id == number_of(notice.request_id),
            _NOTICES.c.kind == notice.kind,
            _NOTICES.c.id > notice.seq,
            _UNSENT,
        )
        return bool(self._connection.scalar(select(newer)))


def _free(now: datetime) -> ColumnElement[bool]:
    return or_(_NOTICES.c.claimed_until.is_(None), _NOTICES.c.claimed_until <= now)


def _earlier_unsent() -> ColumnElement[bool]:
    earlier = _NOTICES.alias("earlier")
    return exists().where(
        earlier.c.request_id == _NOTICES.c.request_id,
        earlier.c.id < _NOTICES.c.id,
        earlier.c.state == _PENDING,
    )


def _held(now: datetime) -> ColumnElement[bool]:
    return exists().where(tables.holds.c.channel == _NOTICES.c.channel, tables.holds.c.held_until > now)


def _attempt_over(notice_id: int) -> Update:
    # A notice that has come to its end stays there: an attempt that comes back late has nothing more to say.
    return update(_NOTICES).where(_NOTICES.c.id == notice_id, _UNSENT).values(claimed_until=None)


def _notice_of(row: RowMapping) -> Notice:
    return Notice(
        id=row["id"],
        request_id=id_of(row["request_id"]),
        seq=row["id"],
        kind=NoticeKind(row["kind"]),
        dedup_key=row["dedup_key"],
        channel=row["channel"],
        audience=row["audience"],
        facts=row["facts"],
        attempts=row["attempts"],
        doubtful=row["doubtful"],
        created_at=row["created_at"],
    )
