"""The outbox as the use cases see it: what is written there is said, in order, at Slack's pace, or reported."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.notices import DeadLetter, Lane, Manner, NewNotice, Notice, NoticeKind, Pace, Told
from bot.domain.people import Actor


@dataclass(frozen=True, slots=True)
class Chores:
    """Which work there is beside delivering: outcomes to route, dead letters to report, a digest to write."""

    unrouted: bool
    dead: bool
    digest: bool


class OutboxBook(Protocol):
    """Notices on their way. Those of one stream leave in order; one lane never waits for another."""

    def write(self, notice: NewNotice) -> bool:
        """Write a notice; False when its dedup_key was written before."""
        ...

    def lanes(self, now: datetime) -> Sequence[Lane]:
        """Lanes in which something is due and that Slack leaves open now."""
        ...

    def claim(self, now: datetime, until: datetime, limit: int) -> Sequence[Notice]:
        """Claim due notices that are the first unsent of their stream; counts an attempt and marks it doubtful."""
        ...

    def claim_lane(self, lane: Lane, now: datetime, until: datetime, pace: Pace) -> Sequence[Notice]:
        """Claim what may leave by one lane now, as claim() does, and count it against the lane's pace."""
        ...

    def settle(self, notice_id: int, *, posted_ts: str | None, superseded: bool = False) -> None: ...

    def prolong(self, notice: Notice, until: datetime) -> bool:
        """Hold a claimed notice for longer; False when its lease ran out and somebody else took it."""
        ...

    def postpone(self, notice: Notice, due_at: datetime, *, doubtful: bool, error: str) -> None:
        """Let a notice, if it is still ours, be tried again at `due_at`; `doubtful`: it may have reached Slack."""
        ...

    def give_back(self, notice: Notice) -> None:
        """Undo a claim under which nothing was tried, if it is still ours."""
        ...

    def bury(self, notice_id: int, error: str) -> None:
        """Give a notice up: it will not be tried again."""
        ...

    def bury_channel(self, channel: str, error: str, *, before: datetime, again: datetime) -> tuple[int, int]:
        """Give up what has been due in a channel since `before` or longer; how many, and how many wait on.

        What only keeps a message true that stands there is never given up: it is tried again at `again`.
        """
        ...

    def unreported(self, limit: int) -> Sequence[DeadLetter]:
        """Dead letters that operators were not told of, oldest first."""
        ...

    def report(self, notice_ids: Sequence[int]) -> None:
        """Note that operators are told of these dead letters."""
        ...

    def dead(self, limit: int) -> Sequence[DeadLetter]:
        """Dead letters that nobody has dismissed, newest first."""
        ...

    def dismiss(self, first: int, last: int, *, by: Actor, at: datetime, limit: int) -> Sequence[DeadLetter]:
        """Compare-and-set: let dead letters with ids from first to last be shown no more; those that were until now.

        The newest come first where there are more than `limit`.
        """
        ...

    def dismissed_by(self, notice_id: int) -> Actor | None:
        """Who has dismissed a dead letter; None while nobody has."""
        ...

    def redirect(self, request_id: str, channel: str) -> None:
        """Send the unsent notices of a request's own conversation to another channel."""
        ...

    def hold(self, limit: str, until: datetime, *, now: datetime) -> None:
        """Let nothing leave under a lane's limit before `until` (Slack's Retry-After)."""
        ...

    def refuse(self, channel: str, code: str, until: datetime, *, now: datetime) -> None:
        """Note that a channel takes nothing, since its first refusal; it is asked again at `until`."""
        ...

    def accept(self, channel: str, now: datetime) -> None:
        """Note that a channel that took nothing does so again: what keeps a message there true waits no longer."""
        ...

    def chores(self, now: datetime) -> Chores:
        """What there is to do beside delivering. Locks nothing."""
        ...

    def unrouted(self, limit: int) -> Sequence[Notice]:
        """Take notices about which nobody has decided yet where and when they are said: each stream's first."""
        ...

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
        ...

    def for_digest(self, now: datetime, limit: int) -> Sequence[Notice]:
        """Take notices that the digest has to tell of by now, in order."""
        ...

    def digested(self, notice_ids: Sequence[int]) -> None:
        """Note that the digest tells of these."""
        ...

    def stands(self, request_id: str, message_ts: str) -> bool:
        """Whether this is a message of the request, or may be one whose place is not noted yet."""
        ...

    def stands_in(self, stream: str, message_ts: str) -> bool:
        """The same for what belongs to no request: a message of this stream."""
        ...

    def said_of(self, request_id: str, kinds: Sequence[NoticeKind]) -> Sequence[Notice]:
        """What of these kinds was said, or is about to be, in a request's own conversation, oldest first."""
        ...

    def said_in(self, stream: str, kinds: Sequence[NoticeKind]) -> Sequence[Notice]:
        """The same for what belongs to no request: of this stream, in its own channel."""
        ...

    def told(self, dedup_key: str) -> Told | None:
        """What became of a notice; None when it was given up, or never written."""
        ...

    def was_written(self, dedup_key: str) -> bool: ...

    def has_newer(self, notice: Notice) -> bool:
        """Whether the same living message of the same request is to be renewed again anyway."""
        ...
