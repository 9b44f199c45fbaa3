"""What moves a request within its state: a new round, calls to its approvers, the review of a break-glass."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.engine import Connection

from bot.domain.people import Actor
from bot.domain.requests import RequestState, Review
from bot.store import tables
from bot.store.identity import id_of, number_of
from bot.store.statements import insert_once

_REQUESTS, _REVIEWS = tables.requests, tables.reviews


class SqlRounds:
    """The RoundBook of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

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
        values = {
            "state": RequestState.PENDING,
            "round": round_before + 1,
            "version": _REQUESTS.c.version + 1,
            "fingerprint": fingerprint,
            "opened_at": at,
            "answer_by": answer_by,
            "call_at": call_at,
            "reminders": 0,
            "escalated_at": None,
            "finished_at": None,
        }
        which = (
            _REQUESTS.c.id == number_of(request_id),
            _REQUESTS.c.state == before,
            _REQUESTS.c.round == round_before,
        )
        return self._connection.execute(update(_REQUESTS).where(*which).values(**values)).rowcount == 1

    def to_call(self, now: datetime, limit: int) -> Sequence[str]:
        """Ids of PENDING requests whose people are to be called, longest due first."""
        statement = (
            select(_REQUESTS.c.id)
            .where(_REQUESTS.c.state == RequestState.PENDING, _REQUESTS.c.call_at <= now)
            .order_by(_REQUESTS.c.call_at, _REQUESTS.c.id)
            .limit(limit)
        )
        return [id_of(number) for number in self._connection.scalars(statement)]

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
        which = (
            _REQUESTS.c.id == number_of(request_id),
            _REQUESTS.c.state == RequestState.PENDING,
            _REQUESTS.c.call_at == due_before,
        )
        values = {
            "call_at": call_at,
            "reminders": reminders,
            "escalated_at": escalated_at,
            "version": _REQUESTS.c.version + 1,
        }
        return self._connection.execute(update(_REQUESTS).where(*which).values(**values)).rowcount == 1

    def open_review(self, request_id: str, review: Review) -> None:
        """Open the review of a break-glass, or open it anew in a later round."""
        values = {"by": review.by, "reason": review.reason, "at": review.at, "signed_by": None, "signed_at": None}
        number = number_of(request_id)
        if not insert_once(self._connection, _REVIEWS, ("request_id",), {"request_id": number, **values}):
            self._connection.execute(update(_REVIEWS).where(_REVIEWS.c.request_id == number).values(**values))

    def sign_review(self, request_id: str, by: Actor, at: datetime) -> bool:
        """Compare-and-set: sign an open review; False when it was signed before."""
        which = (_REVIEWS.c.request_id == number_of(request_id), _REVIEWS.c.signed_at.is_(None))
        statement = update(_REVIEWS).where(*which).values(signed_by=by, signed_at=at)
        return self._connection.execute(statement).rowcount == 1


def review_of(connection: Connection, number: int) -> Review | None:
    """The review of a request, if there is one."""
    row = connection.execute(select(_REVIEWS).where(_REVIEWS.c.request_id == number)).mappings().one_or_none()
    if row is None:
        return None
    return Review(
        by=row["by"], reason=row["reason"], at=row["at"], signed_by=row["signed_by"], signed_at=row["signed_at"]
    )
