"""The store as the use cases see it: books that live in one transaction (`Tx`).

What is written together is true together.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from bot.domain.backups import VaultRef
from bot.domain.clicks import Click
from bot.domain.copies import CopyBook, CopyClickBook
from bot.domain.drafts import Draft, DraftState, Form
from bot.domain.inventory import InventoryBook
from bot.domain.outbox import OutboxBook
from bot.domain.overview import OverviewBook
from bot.domain.requests import CopyRequest, Decision, Event, NewRequest, RequestState
from bot.domain.round_books import HistoryBook, RoundBook
from bot.domain.step_books import StepBook, StepChange
from bot.domain.table_books import RecordBook, ScheduleBook, SheetBook

# Of what is imported here, what others take from here.
__all__ = ["CopyBook", "OutboxBook", "StepBook", "StepChange"]


class RequestBook(Protocol):
    """Requests with their steps and decisions, and the history."""

    def add(self, new: NewRequest) -> CopyRequest:
        """Store a request with its steps; the same draft again returns the request it already became."""
        ...

    def get(self, request_id: str) -> CopyRequest | None: ...

    def by_key(self, key: str) -> CopyRequest | None:
        """The request that a draft, or another way in with a key of its own, became."""
        ...

    def hold(self, request_id: str) -> None:
        """Let no other transaction change this request, or a step of it that is held so too, before this one ends.

        For changes after which all steps of the request are looked at: two that end at the same moment see each other.
        """
        ...

    def move(self, request_id: str, *, before: RequestState, after: RequestState, at: datetime) -> bool:
        """Compare-and-set the state (and grow the version); False when somebody was faster."""
        ...

    def decide(self, request_id: str, decision: Decision) -> bool:
        """Record a person's decision; False when this person has decided already."""
        ...

    def record(self, event: Event) -> None: ...

    def overdue(self, now: datetime, limit: int) -> Sequence[str]:
        """Ids of requests still PENDING after their answer_by."""
        ...

    def rehome(self, request_id: str, channel: str) -> None:
        """Let a request go on in another channel; its card and question there are still to be posted."""
        ...

    def place(self, request_id: str, *, channel: str, card_ts: str | None, ask_ts: str | None) -> None:
        """Remember where the card and the question stand; None leaves what is known."""
        ...


class DraftBook(Protocol):
    """Walks under way."""

    def add(self, draft: Draft) -> None: ...

    def get(self, draft_id: str) -> Draft | None: ...

    def save(self, draft_id: str, form: Form, at: datetime, version: int | None = None) -> Draft | None:
        """Keep the form of an OPEN draft (and grow its version); None when it is not OPEN, or not of this version."""
        ...

    def seen(self, draft_id: str, *, view_id: str, view_hash: str) -> None:
        """Remember the newest view on the person's screen."""
        ...

    def move(
        self,
        draft_id: str,
        *,
        before: DraftState,
        after: DraftState,
        due_at: datetime | None = None,
        request_id: str | None = None,
    ) -> bool:
        """Compare-and-set the state."""
        ...

    def claim_stuck(self, now: datetime, until: datetime, limit: int) -> Sequence[Draft]:
        """Claim drafts that are SENDING although their due_at has passed.

        One that nobody here can read comes with an empty form, and is OPEN again as it is stored.
        """
        ...

    def forget(self, before: datetime) -> int:
        """Delete drafts last changed before this time that are not SENDING; the number deleted."""
        ...


class DestinationBook(Protocol):
    """Where people had copies sent."""

    def used(self, user_id: str, vaults: Sequence[VaultRef], at: datetime) -> None:
        """Note that this person has just sent copies there."""
        ...

    def last(self, user_id: str, limit: int) -> Sequence[VaultRef]:
        """Where this person sent copies, the last one first."""
        ...


class ClickBook(Protocol):
    """Clicks written down, waiting to be judged."""

    def add(self, click: Click, due_at: datetime) -> bool:
        """Write a click down; False when it was delivered before."""
        ...

    def claim(self, now: datetime, until: datetime, limit: int, key: str | None = None) -> Sequence[Click]:
        """Claim unsettled clicks that are due (or exactly the one with this key, due or not)."""
        ...

    def settle(self, dedup_key: str, outcome: str) -> None: ...


class Tx(Protocol):
    """One transaction: leaving it normally commits all of it, an exception commits nothing."""

    @property
    def requests(self) -> RequestBook: ...
    @property
    def rounds(self) -> RoundBook: ...
    @property
    def history(self) -> HistoryBook: ...
    @property
    def steps(self) -> StepBook: ...
    @property
    def outbox(self) -> OutboxBook: ...
    @property
    def overview(self) -> OverviewBook: ...
    @property
    def drafts(self) -> DraftBook: ...
    @property
    def destinations(self) -> DestinationBook: ...
    @property
    def clicks(self) -> ClickBook: ...
    @property
    def copies(self) -> CopyBook: ...
    @property
    def copy_clicks(self) -> CopyClickBook: ...
    @property
    def inventory(self) -> InventoryBook: ...
    @property
    def records(self) -> RecordBook: ...
    @property
    def sheets(self) -> SheetBook: ...
    @property
    def schedules(self) -> ScheduleBook: ...


class Store(Protocol):
    """The truth."""

    def begin(self) -> AbstractContextManager[Tx]: ...

    def read(self) -> AbstractContextManager[Tx]:
        """A transaction that only reads: all of it as it was at one moment, without waiting for any writer."""
        ...

    def take_over(self, now: datetime) -> None:
        """At start: make due at once what a process that is gone was holding, where only one process can be."""
        ...

    def clock_went_back(self, now: datetime, before: datetime) -> None:
        """Make due what waits for a time that was near when the clock still showed `before`."""
        ...

    def ping(self) -> None:
        """Raise when the database does not answer."""
        ...

    def close(self) -> None: ...
