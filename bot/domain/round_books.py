"""The books about asking people: rounds of a request, and the history of who did what."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from bot.domain.audit import ChainedEvent, Head
from bot.domain.people import Actor
from bot.domain.requests import RequestState, Review


class RoundBook(Protocol):
    """What moves a request within its state: rounds, calls to its approvers, the review of a break-glass."""

    def begin(
        self,
        request_id: str,
        *,
        before: RequestState,
        round_before: int,
        fingerprint: str,
        at: datetime,
        answer_by: datetime,
        call_at: datetime | None,
    ) -> bool:
        """Compare-and-set: begin the next round, in which people are asked anew; False when somebody was faster."""
        ...

    def to_call(self, now: datetime, limit: int) -> Sequence[str]:
        """Ids of PENDING requests whose people are to be called."""
        ...

    def called(
        self,
        request_id: str,
        *,
        due_before: datetime,
        call_at: datetime | None,
        reminders: int,
        escalated_at: datetime | None,
    ) -> bool:
        """Compare-and-set: note a call and when the next one is due; False when somebody was faster."""
        ...

    def open_review(self, request_id: str, review: Review) -> None:
        """Open the review of a break-glass, or open it anew in a later round."""
        ...

    def sign_review(self, request_id: str, by: Actor, at: datetime) -> bool:
        """Compare-and-set: sign an open review; False when it was signed before."""
        ...


class HistoryBook(Protocol):
    """The history as it can be read; it is written by `RequestBook.record`."""

    def head(self) -> Head: ...

    def newest(self, limit: int, request_id: str = "") -> Sequence[ChainedEvent]:
        """The newest lines (of one request), oldest of them first."""
        ...

    def every(self) -> Iterator[ChainedEvent]:
        """All lines, oldest first."""
        ...
