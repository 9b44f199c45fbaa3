"""What is announced about a request, in which order, and how a notice's delivery ends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

# What may wait has a stream of its own, which is called after the one that it would have been in.
LATER = "~later"


class NoticeKind(StrEnum):
    """CARD and ASK are living messages: posted once, then kept true by updates. All others are said once.

    ANSWERED says nothing by itself: it takes the buttons off what was said before, once they have been answered.
    """

    CARD = "card"
    ASK = "ask"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"
    QUEUED = "queued"
    STARTED = "started"
    DELAYED = "delayed"
    STALLED = "stalled"
    COMPLETED = "completed"
    FAILED = "failed"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    END_CHANGED = "end changed"
    WATCHED = "watched"
    RETRIED = "retried"
    SCHEDULE = "schedule"
    PRIVATE = "private"
    CHANGED = "changed"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    GLASS = "break glass"
    SIGNED = "signed"
    ASKED_AGAIN = "asked again"
    ANSWERED = "answered"
    OPS = "ops"
    DIGEST = "digest"

    @property
    def is_living(self) -> bool:
        return self in (NoticeKind.CARD, NoticeKind.ASK)

    @property
    def outlives_doubt(self) -> bool:
        """Whether it is better said twice than never, when nobody can tell if it was said."""
        return self not in (NoticeKind.DELAYED, NoticeKind.REMINDED, NoticeKind.STALLED)

    @property
    def is_outcome(self) -> bool:
        """Whether it is of interest beyond the request's thread: routes, quiet hours and the digest are for these."""
        return self in (NoticeKind.COMPLETED, NoticeKind.FAILED, NoticeKind.EXPIRING, NoticeKind.EXPIRED)


class Manner(StrEnum):
    """How a notice is said: in its request's thread (and shown in the channel if it is loud), in the thread without
    showing it in the channel, as a message of its own in another channel, or to a channel that belongs to no request.
    """

    THREAD = "thread"
    QUIETLY = "quietly"
    ELSEWHERE = "elsewhere"
    ALONE = "alone"


class Way(StrEnum):
    """By which of Slack's methods a notice leaves; each has a limit of its own."""

    POST = "post"
    UPDATE = "update"
    WHISPER = "whisper"


@dataclass(frozen=True, slots=True)
class Lane:
    """What leaves for one channel by one way. A lane that is stuck or slowed down holds up no other."""

    channel: str
    way: Way

    @property
    def limit(self) -> str:
        """Whose limit counts: Slack limits posts by channel, updates and whispers by method."""
        return self.channel if self.way is Way.POST else self.way.value


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a lane may be used: one message every `every`, after a rest up to `burst` at once."""

    every: timedelta
    burst: int

    def allowance(self, paced_until: datetime | None, now: datetime) -> int:
        """How many may leave now, when the lane's time is used up until `paced_until`."""
        ahead = self._ahead(paced_until, now)
        return max(0, int((self.burst * self.every - ahead) / self.every))

    def spent(self, paced_until: datetime | None, now: datetime, count: int) -> datetime:
        """Until when the lane's time is used up after `count` more."""
        return now + self._ahead(paced_until, now) + count * self.every

    def _ahead(self, paced_until: datetime | None, now: datetime) -> timedelta:
        ahead = paced_until - now if paced_until else timedelta(0)
        # Further ahead than a burst nobody comes: the clock was set back.
        return ahead if timedelta(0) < ahead <= self.burst * self.every else timedelta(0)


class NoticeState(StrEnum):
    PENDING = "PENDING"
    SENT = "SENT"
    SUPERSEDED = "SUPERSEDED"
    DEAD = "DEAD"


@dataclass(frozen=True, slots=True)
class NewNotice:
    """A notice to be written in the transaction of the change it announces.

    `dedup_key` is unique for ever: writing the same key again writes nothing. `facts` are plain JSON values, fixed
    now: what is said later speaks of this moment. `audience` is a user id for a private notice, "" for the thread.
    `request_id` is "" for what belongs to no request. Notices of one `stream` leave in order; "" is the request's own.
    `due_at` is the moment that it speaks of; `not_before` when it may leave, if that is later.
    """

    request_id: str
    kind: NoticeKind
    dedup_key: str
    channel: str
    due_at: datetime
    facts: Mapping[str, object] = field(default_factory=dict)
    audience: str = ""
    stream: str = ""
    manner: Manner = Manner.THREAD
    not_before: datetime | None = None

    @property
    def line(self) -> str:
        """Whose turn it waits for."""
        return self.stream or self.request_id


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as claimed for delivery. `seq` orders the notices of a request.

    `doubtful` means that an earlier attempt may have reached Slack although we never heard so; `may_repeat` that
    nobody could tell, so that people should read that it may be a repetition. `refused_since`: since when its channel
    takes nothing.
    """

    id: int
    request_id: str
    seq: int
    kind: NoticeKind
    dedup_key: str
    channel: str
    audience: str
    facts: Mapping[str, object]
    attempts: int
    doubtful: bool
    created_at: datetime
    stream: str = ""
    manner: Manner = Manner.THREAD
    may_repeat: bool = False
    refused_since: datetime | None = None
    due: datetime | None = None

    @property
    def due_at(self) -> datetime:
        """When it might have left first, or since it last had to wait."""
        return self.due or self.created_at

    @property
    def of_request(self) -> bool:
        """Whether it belongs to a request's own conversation, wherever that is."""
        return self.manner in (Manner.THREAD, Manner.QUIETLY)

    @property
    def asks(self) -> bool:
        """Whether it is said with buttons that one decision answers for all."""
        if self.kind in (NoticeKind.COMPLETED, NoticeKind.FAILED):
            # Before an upgrade every failure was told with its button.
            return bool(self.facts.get("can_retry", self.kind is NoticeKind.FAILED))
        if self.kind is NoticeKind.WATCHED:
            return self.facts.get("what") == "let go"
        return self.kind in (NoticeKind.CHANGED, NoticeKind.LAPSED, NoticeKind.GLASS, NoticeKind.EXPIRING)


@dataclass(frozen=True, slots=True)
class Told:
    """A notice that was said, and as which message; "" while it is on its way."""

    notice: Notice
    ts: str


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """A notice that could not be delivered, with why; `notice` for putting it into words once more."""

    notice: Notice
    error: str
