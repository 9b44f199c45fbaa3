"""Notices on their way: written with the change they announce, claimed lane by lane, in order within their stream."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Update, and_, case, exists, func, literal_column, or_, select, true, update
from sqlalchemy.engine import Connection

from bot.domain.notices import DeadLetter, Lane, Manner, NewNotice, Notice, NoticeKind, NoticeState, Pace, Told, Way
from bot.domain.outbox import Chores
from bot.domain.people import Actor
from bot.store import letters, said, tables
from bot.store.identity import number_of
from bot.store.limits import Limits
from bot.store.said import notice_of
from bot.store.statements import claim, insert_once, stand_in_line

_NOTICES, _REQUESTS = tables.notices, tables.requests
# Literals, not parameters: SQLite uses a partial index only where the statement itself says that it applies.
_PENDING: ColumnElement[str] = literal_column(f"'{NoticeState.PENDING}'")
_UNSENT = _NOTICES.c.state == _PENDING
_UNROUTED: ColumnElement[bool] = literal_column("NOT notices.routed")


class SqlOutbox:
    """The OutboxBook of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._limits = Limits(connection)

    def write(self, notice: NewNotice) -> bool:
        """Write a notice; False when its dedup_key was written before."""
        number = number_of(notice.request_id) if notice.request_id else None
        # Ids are given out at once but seen only after the commit, so without standing in line a later notice
        # could be visible, and leave, before an earlier one of the same stream.
        self._stand_in_line(number, notice.stream)
        values = {
            "request_id": number,
            "stream": notice.line,
            "kind": notice.kind,
            "dedup_key": notice.dedup_key,
            "channel": notice.channel,
            "audience": notice.audience,
            "facts": dict(notice.facts),
            "state": NoticeState.PENDING,
            "attempts": 0,
            "doubtful": False,
            "created_at": notice.due_at,
            "due_at": notice.not_before or notice.due_at,
            "manner": notice.manner,
            "routed": not _needs_routing(notice),
            "reported": False,
        }
        return insert_once(self._connection, _NOTICES, ("dedup_key",), values)

    def lanes(self, now: datetime) -> Sequence[Lane]:
        """Lanes in which something is due and that Slack leaves open now."""
        way = _way().label("way")
        statement = select(_NOTICES.c.channel, way).where(_UNSENT, _ready(now)).distinct()
        lanes = [Lane(channel, Way(name)) for channel, name in self._connection.execute(statement)]
        closed = self._limits.closed(now)
        return [lane for lane in lanes if not closed.intersection((lane.limit, lane.channel))]

    def claim(self, now: datetime, until: datetime, limit: int) -> Sequence[Notice]:
        """Claim due notices that are the first unsent of their stream; counts an attempt and marks it doubtful.

        The mark is the lease itself: only an attempt that nobody brought to an end leaves one behind, so the next
        claim finds the old lease and knows that the notice may have reached Slack.
        """
        return self._claim(now, until, limit, ~_held(now))

    def claim_lane(self, lane: Lane, now: datetime, until: datetime, pace: Pace) -> Sequence[Notice]:
        """Claim what may leave by one lane now, as claim() does, and count it against the lane's pace."""
        limit = self._limits.take(lane.limit, now)
        channel = limit if lane.limit == lane.channel else self._limits.take(lane.channel, now)
        most = pace.allowance(limit.paced_until, now)
        if limit.is_held(now) or channel.is_held(now) or not most:
            return []
        in_lane = and_(_NOTICES.c.channel == lane.channel, _way() == lane.way.value)
        if lane.way is Way.UPDATE:
            self._supersede(now, in_lane)
        # Where nothing gets in, one try is enough to find out whether that has changed.
        claimed = self._claim(now, until, 1 if channel.refused_since else most, in_lane, channel.refused_since)
        if claimed:
            self._limits.spend(lane.limit, pace.spent(limit.paced_until, now, len(claimed)), now)
        return claimed

    def settle(self, notice_id: int, *, posted_ts: str | None, superseded: bool = False) -> None:
        """Bring a notice to its good end: sent, or not worth sending any more."""
        state = NoticeState.SUPERSEDED if superseded else NoticeState.SENT
        self._connection.execute(_attempt_over(notice_id).values(state=state, posted_ts=posted_ts, last_error=None))

    def prolong(self, notice: Notice, until: datetime) -> bool:
        """Hold a claimed notice for longer; False when its lease ran out and somebody else took it."""
        return self._connection.execute(_own(notice).values(claimed_until=until)).rowcount == 1

    def postpone(self, notice: Notice, due_at: datetime, *, doubtful: bool, error: str) -> None:
        """Let a notice, if it is still ours, be tried again at `due_at`; `doubtful`: it may have reached Slack."""
        values = {"due_at": due_at, "doubtful": doubtful, "last_error": error, "claimed_until": None}
        self._connection.execute(_own(notice).values(**values))

    def give_back(self, notice: Notice) -> None:
        """Undo a claim under which nothing was tried, if it is still ours."""
        self._connection.execute(_own(notice).values(attempts=_NOTICES.c.attempts - 1, claimed_until=None))

    def bury(self, notice_id: int, error: str) -> None:
        """Give a notice up: it will not be tried again."""
        self._connection.execute(_attempt_over(notice_id).values(state=NoticeState.DEAD, last_error=error))

    def bury_channel(self, channel: str, error: str, *, before: datetime, again: datetime) -> tuple[int, int]:
        """Give up what has been due in a channel since `before` or longer; how many, and how many wait on.

        What only keeps a message true that stands there is never given up: it is tried again at `again`.
        """
        here = (_UNSENT, _NOTICES.c.channel == channel, _NOTICES.c.audience == "")
        living = _NOTICES.c.kind.in_([kind for kind in NoticeKind if kind.is_living])
        renewals = select(_NOTICES.c.id).where(*here, living, _way() == Way.UPDATE.value)
        waiting = (
            update(_NOTICES)
            .where(_NOTICES.c.id.in_(renewals))
            .values(due_at=again, last_error=error, claimed_until=None)
        )
        kept = self._connection.execute(waiting).rowcount
        dead = update(_NOTICES).where(*here, _NOTICES.c.due_at <= before)
        values = {"state": NoticeState.DEAD, "last_error": error, "claimed_until": None}
        return self._connection.execute(dead.values(**values)).rowcount, kept

    def unreported(self, limit: int) -> Sequence[DeadLetter]:
        """Dead letters that operators were not told of, oldest first."""
        return letters.unreported(self._connection, limit)

    def report(self, notice_ids: Sequence[int]) -> None:
        """Note that operators are told of these dead letters."""
        self._connection.execute(update(_NOTICES).where(_NOTICES.c.id.in_(notice_ids)).values(reported=True))

    def dead(self, limit: int) -> Sequence[DeadLetter]:
        """Dead letters that nobody has dismissed, newest first."""
        return letters.standing(self._connection, limit)

    def dismiss(self, first: int, last: int, *, by: Actor, at: datetime, limit: int) -> Sequence[DeadLetter]:
        """Compare-and-set: let dead letters with ids from first to last be shown no more; those that were until now."""
        return letters.dismiss(self._connection, first, last, by=by, at=at, limit=limit)

    def dismissed_by(self, notice_id: int) -> Actor | None:
        """Who has dismissed a dead letter; None while nobody has."""
        return letters.dismissed_by(self._connection, notice_id)

    def redirect(self, request_id: str, channel: str) -> None:
        """Send the unsent notices of a request's own conversation to another channel."""
        which = (_NOTICES.c.request_id == number_of(request_id), _UNSENT, said.OF_REQUEST)
        self._connection.execute(update(_NOTICES).where(*which).values(channel=channel))

    def hold(self, limit: str, until: datetime, *, now: datetime) -> None:
        """Let nothing leave under a lane's limit before `until` (Slack's Retry-After); a longer hold stays."""
        self._limits.hold(limit, until, now)

    def refuse(self, channel: str, code: str, until: datetime, *, now: datetime) -> None:
        """Note that a channel takes nothing, since its first refusal; it is asked again at `until`."""
        self._limits.refuse(channel, code, until, now)

    def accept(self, channel: str, now: datetime) -> None:
        """Note that a channel that took nothing does so again: what keeps a message there true waits no longer."""
        code = self._limits.accept(channel)
        if not code:
            return
        which = (_UNSENT, _NOTICES.c.channel == channel, _NOTICES.c.due_at > now, _NOTICES.c.last_error == code)
        self._connection.execute(update(_NOTICES).where(*which).values(due_at=now))

    def chores(self, now: datetime) -> Chores:
        """What there is to do beside delivering. Locks nothing."""
        some = select(_NOTICES.c.id)
        unrouted = some.where(_UNROUTED).exists()
        dead = some.where(letters.UNREPORTED).exists()
        digest = some.where(_NOTICES.c.digest_at.is_not(None), _NOTICES.c.digest_at <= now).exists()
        return Chores(*(bool(found) for found in self._connection.execute(select(unrouted, dead, digest)).one()))

    def unrouted(self, limit: int) -> Sequence[Notice]:
        """Take notices about which nobody has decided yet where and when they are said: each stream's first."""
        earlier = _NOTICES.alias("earlier")
        not_first = exists().where(
            earlier.c.stream == _NOTICES.c.stream,
            earlier.c.id < _NOTICES.c.id,
            literal_column("NOT earlier.routed"),
        )
        statement = select(_NOTICES).where(_UNROUTED, ~not_first).order_by(_NOTICES.c.id).limit(limit)
        rows = self._connection.execute(statement.with_for_update(skip_locked=True, of=_NOTICES))
        return [notice_of(row) for row in rows.mappings()]

    def route(
        self,
        notice_id: int,
        *,
        manner: Manner,
        stream: str,
        not_before: datetime | None = None,
        digest_at: datetime | None = None,
    ) -> None:
        """Decide how and when a notice is said in its own thread."""
        values: dict[str, object] = {"manner": manner, "stream": stream, "digest_at": digest_at, "routed": True}
        if not_before is not None:
            values["due_at"] = not_before
        self._connection.execute(update(_NOTICES).where(_NOTICES.c.id == notice_id).values(**values))

    def for_digest(self, now: datetime, limit: int) -> Sequence[Notice]:
        """Take notices that the digest has to tell of by now, in order."""
        statement = select(_NOTICES).where(_NOTICES.c.digest_at.is_not(None), _NOTICES.c.digest_at <= now)
        ordered = statement.order_by(_NOTICES.c.id).limit(limit)
        rows = self._connection.execute(ordered.with_for_update(skip_locked=True, of=_NOTICES))
        return [notice_of(row) for row in rows.mappings()]

    def digested(self, notice_ids: Sequence[int]) -> None:
        """Note that the digest tells of these."""
        self._connection.execute(update(_NOTICES).where(_NOTICES.c.id.in_(notice_ids)).values(digest_at=None))

    def stands(self, request_id: str, message_ts: str) -> bool:
        """Whether this is a message of the request, or may be one whose place is not noted yet."""
        return said.stands(self._connection, _NOTICES.c.request_id == number_of(request_id), message_ts)

    def stands_in(self, stream: str, message_ts: str) -> bool:
        """The same for what belongs to no request: a message of this stream."""
        return said.stands(self._connection, said.of_stream(stream), message_ts)

    def said_of(self, request_id: str, kinds: Sequence[NoticeKind]) -> Sequence[Notice]:
        """What of these kinds was said, or is about to be, in a request's own conversation, oldest first."""
        return said.said_of(self._connection, number_of(request_id), kinds)

    def said_in(self, stream: str, kinds: Sequence[NoticeKind]) -> Sequence[Notice]:
        """The same for what belongs to no request: of this stream, in its own channel."""
        return said.said_in(self._connection, stream, kinds)

    def told(self, dedup_key: str) -> Told | None:
        """What became of a notice; None when it was given up, or never written."""
        return said.told(self._connection, dedup_key)

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

    def _supersede(self, now: datetime, in_lane: ColumnElement[bool]) -> None:
        """Leave out updates of messages that are updated again anyway: in a crowd they would use up the lane's pace."""
        newer = _NOTICES.alias("newer")
        living = _NOTICES.c.kind.in_([kind for kind in NoticeKind if kind.is_living])
        again = exists().where(
            newer.c.request_id == _NOTICES.c.request_id,
            newer.c.kind == _NOTICES.c.kind,
            newer.c.id > _NOTICES.c.id,
            newer.c.state == _PENDING,
        )
        old = select(_NOTICES.c.id).where(_UNSENT, _ready(now), in_lane, living, again)
        old = old.with_for_update(skip_locked=True, of=_NOTICES)
        self._connection.execute(
            update(_NOTICES).where(_NOTICES.c.id.in_(old)).values(state=NoticeState.SUPERSEDED, claimed_until=None)
        )

    def _claim(
        self,
        now: datetime,
        until: datetime,
        limit: int,
        provided: ColumnElement[bool],
        refused_since: datetime | None = None,
    ) -> Sequence[Notice]:
        lease = {
            "attempts": _NOTICES.c.attempts + 1,
            "doubtful": or_(_NOTICES.c.doubtful, _NOTICES.c.claimed_until.is_not(None)),
            "claimed_until": until,
        }
        rows = claim(
            self._connection,
            _NOTICES,
            due=(_UNSENT, _ready(now)),
            provided=(~_earlier_unsent(), provided),
            first=(_NOTICES.c.id,),
            limit=limit,
            lease=lease,
        )
        return sorted((notice_of(row, refused_since) for row in rows), key=lambda notice: notice.seq)

    def _stand_in_line(self, number: int | None, stream: str) -> None:
        if number:
            stand_in_line(self._connection, number)
        elif self._connection.dialect.name == "postgresql":
            self._connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(stream))))


def _needs_routing(notice: NewNotice) -> bool:
    return notice.kind.is_outcome and notice.manner in (Manner.THREAD, Manner.ALONE) and not notice.audience


def _ready(now: datetime) -> ColumnElement[bool]:
    free = or_(_NOTICES.c.claimed_until.is_(None), _NOTICES.c.claimed_until <= now)
    return and_(_NOTICES.c.routed == true(), _NOTICES.c.due_at <= now, free)


def _way() -> ColumnElement[str]:
    """By which of Slack's methods a notice would leave now."""
    stands = exists().where(
        _REQUESTS.c.id == _NOTICES.c.request_id,
        or_(
            and_(_NOTICES.c.kind == NoticeKind.CARD, _REQUESTS.c.card_ts.is_not(None)),
            and_(_NOTICES.c.kind == NoticeKind.ASK, _REQUESTS.c.ask_ts.is_not(None)),
        ),
    )
    ways: list[tuple[ColumnElement[bool], Any]] = [
        (_NOTICES.c.audience != "", Way.WHISPER.value),
        (or_(stands, _NOTICES.c.kind == NoticeKind.ANSWERED), Way.UPDATE.value),
    ]
    return case(*ways, else_=Way.POST.value)


def _earlier_unsent() -> ColumnElement[bool]:
    earlier = _NOTICES.alias("earlier")
    return exists().where(
        earlier.c.stream == _NOTICES.c.stream,
        earlier.c.id < _NOTICES.c.id,
        earlier.c.state == _PENDING,
    )


def _held(now: datetime) -> ColumnElement[bool]:
    limits = tables.limits
    return exists().where(limits.c.name == _NOTICES.c.channel, limits.c.held_until > now, limits.c.noted_at <= now)


def _own(notice: Notice) -> Update:
    # Each claim counts an attempt, so that whoever comes back after the lease ran out does not end another's claim.
    own = (_NOTICES.c.attempts == notice.attempts, _NOTICES.c.claimed_until.is_not(None))
    return update(_NOTICES).where(_NOTICES.c.id == notice.id, _UNSENT, *own)


def _attempt_over(notice_id: int) -> Update:
    # A notice that has come to its end stays there: an attempt that comes back late has nothing more to say.
    return update(_NOTICES).where(_NOTICES.c.id == notice_id, _UNSENT).values(claimed_until=None)
