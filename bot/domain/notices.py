"""What is announced about a request, in which order, and how a notice's delivery ends."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class NoticeKind(StrEnum):
    """CARD and ASK are living messages: posted once, then kept true by updates. All others are said once."""

    CARD = "card"
    ASK = "ask"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"
    QUEUED = "queued"
    STARTED = "started"
    DELAYED = "delayed"
    COMPLETED = "completed"
    FAILED = "failed"
    EXPIRING = "expiring"
    EXPIRED = "expired"
    RETRIED = "retried"
    SCHEDULE = "schedule"
    PRIVATE = "private"

    @property
    def is_living(self) -> bool:
        return self in (NoticeKind.CARD, NoticeKind.ASK)

    @property
    def outlives_doubt(self) -> bool:
        """Whether it is better said twice than never, when nobody can tell if it was said."""
        return self not in (NoticeKind.DELAYED, NoticeKind.PRIVATE)


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
    """

    request_id: str
    kind: NoticeKind
    dedup_key: str
    channel: str
    due_at: datetime
    facts: Mapping[str, object] = field(default_factory=dict)
    audience: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice as claimed for delivery. `seq` orders the notices of a request.

    `doubtful` means that an earlier attempt may have reached Slack although we never heard so.
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
