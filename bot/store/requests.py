"""Requests with their steps and decisions, and the history that only grows."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.engine import Connection, RowMapping

from bot.domain.copies import Made
from bot.domain.requests import CopyRequest, Decision, Event, NewRequest, RequestState, Review, Verdict
from bot.domain.steps import Step, StepState
from bot.store import tables
from bot.store.copies import MADE, made_of
from bot.store.history import SqlHistory
from bot.store.identity import id_of, number_of
from bot.store.rounds import review_of
from bot.store.statements import insert_into, insert_once, stand_in_line
from bot.store.steps import params_to_json, step_of


class SqlRequests:
    """The RequestBook of one transaction."""

    def __init__(self, connection: Connection, history: SqlHistory) -> None:
        self._connection = connection
        self._history = history

    def add(self, new: NewRequest) -> CopyRequest:
        """Store a request with its steps; the same draft again returns the request it already became."""
        number = self._insert(new)
        if number is not None:
            self._insert_steps(number, new)
        stored = self._read(tables.requests.c.draft_id == new.draft_id)
        if stored is None:  # pragma: no cover - requests are never deleted
            raise LookupError(f"the request of draft {new.draft_id} is gone")
        return stored

    def get(self, request_id: str) -> CopyRequest | None:
        """Read a request as this transaction sees it now."""
        return self._read(tables.requests.c.id == number_of(request_id))

    def by_key(self, key: str) -> CopyRequest | None:
        """The request that a draft, or another way in with a key of its own, became."""
        return self._read(tables.requests.c.draft_id == key)

    def hold(self, request_id: str) -> None:
        """Let no other transaction change this request, or a step of it that is held so too, before this one ends."""
        stand_in_line(self._connection, number_of(request_id))

    def move(self, request_id: str, *, before: RequestState, after: RequestState, at: datetime) -> bool:
        """Compare-and-set the state (and grow the version); False when somebody was faster.

        A move into a final state sets finished_at, a move out of one clears it; `before` may equal `after`.
        """
        table = tables.requests
        values: dict[str, object] = {"state": after, "version": table.c.version + 1}
        if before is not after:
            values["finished_at"] = at if after.is_final else None
        which = (table.c.id == number_of(request_id), table.c.state == before)
        return self._connection.execute(update(table).where(*which).values(**values)).rowcount == 1

    def decide(self, request_id: str, decision: Decision) -> bool:
        """Record a person's decision in the present round; False when this person has decided in it already.

        What `get` returns after it, in the same transaction, holds every decision made until now.
        """
        number = number_of(request_id)
        stand_in_line(self._connection, number)
        values = {
            "request_id": number,
            "user_id": decision.actor.user_id,
            "actor": decision.actor,
            "verdict": decision.verdict,
            "note": decision.note,
            "at": decision.at,
            "stage": decision.stage,
            "round": self._connection.scalar(select(tables.requests.c.round).where(tables.requests.c.id == number)),
        }
        return insert_once(self._connection, tables.decisions, ("request_id", "round", "user_id"), values)

    def record(self, event: Event) -> None:
        """Add a line to the history."""
        self._history.record(event)

    def overdue(self, now: datetime, limit: int) -> Sequence[str]:
        """Ids of requests still PENDING after their answer_by, longest overdue first."""
        table = tables.requests
        statement = (
            select(table.c.id)
            .where(table.c.state == RequestState.PENDING, table.c.answer_by <= now)
            .order_by(table.c.answer_by, table.c.id)
            .limit(limit)
        )
        return [id_of(number) for number in self._connection.scalars(statement)]

    def rehome(self, request_id: str, channel: str) -> None:
        """Let a request go on in another channel; its card and question there are still to be posted."""
        table = tables.requests
        values = {"channel": channel, "card_ts": None, "ask_ts": None}
        self._connection.execute(update(table).where(table.c.id == number_of(request_id)).values(**values))

    def place(self, request_id: str, *, channel: str, card_ts: str | None, ask_ts: str | None) -> None:
        """Remember where the card and the question stand; None leaves what is known."""
        known = {"channel": channel, "card_ts": card_ts, "ask_ts": ask_ts}
        values = {name: value for name, value in known.items() if value is not None}
        table = tables.requests
        self._connection.execute(update(table).where(table.c.id == number_of(request_id)).values(**values))

    def _insert(self, new: NewRequest) -> int | None:
        values = {
            "draft_id": new.draft_id,
            "requester": new.requester,
            "channel": new.channel,
            "reason": new.reason,
            "ruling": new.ruling,
            "fingerprint": new.fingerprint,
            "state": RequestState.PENDING,
            "version": 1,
            "created_at": new.created_at,
            "answer_by": new.answer_by,
            "opened_at": new.created_at,
            "call_at": new.call_at,
        }
        statement = insert_into(self._connection, tables.requests).values(**values)
        unless_there = statement.on_conflict_do_nothing(index_elements=["draft_id"])
        number: int | None = self._connection.scalar(unless_there.returning(tables.requests.c.id))
        return number

    def _insert_steps(self, number: int, new: NewRequest) -> None:
        ids: list[int] = []
        for step in new.steps:
            values = {
                "request_id": number,
                "kind": step.params.kind,
                "params": params_to_json(step.params),
                "shown": dict(step.shown),
                "after_id": None if step.after is None else ids[step.after],
                "state": StepState.WAITING,
                "token": step.token,
                "tries": 0,
            }
            statement = tables.steps.insert().values(**values).returning(tables.steps.c.id)
            ids.append(self._connection.execute(statement).scalar_one())

    def _read(self, which: ColumnElement[bool]) -> CopyRequest | None:
        row = self._connection.execute(select(tables.requests).where(which)).mappings().one_or_none()
        if row is None:
            return None
        steps, made = self._steps(row["id"])
        return _request_of(
            row,
            steps=steps,
            made=made,
            decisions=self._decisions(row["id"], row["round"]),
            review=review_of(self._connection, row["id"]),
        )

    def _steps(self, number: int) -> tuple[tuple[Step, ...], tuple[Made, ...]]:
        """The steps, and what became of the copies that they have made."""
        table, copies = tables.steps, tables.copies
        its_copy = and_(copies.c.arn == table.c.result_arn, copies.c.step_id == table.c.id)
        both = select(table, *MADE).outerjoin(copies, its_copy).where(table.c.request_id == number)
        rows = self._connection.execute(both.order_by(table.c.id)).mappings().all()
        return tuple(step_of(row) for row in rows), tuple(made for row in rows if (made := made_of(row)))

    def _decisions(self, number: int, round_: int) -> tuple[Decision, ...]:
        table = tables.decisions
        which = (table.c.request_id == number, table.c.round == round_)
        rows = self._connection.execute(select(table).where(*which).order_by(table.c.id))
        return tuple(
            Decision(row["actor"], Verdict(row["verdict"]), row["note"], row["at"], row["stage"])
            for row in rows.mappings()
        )


def _request_of(
    row: RowMapping,
    *,
    steps: tuple[Step, ...],
    made: tuple[Made, ...],
    decisions: tuple[Decision, ...],
    review: Review | None,
) -> CopyRequest:
    return CopyRequest(
        id=id_of(row["id"]),
        draft_id=row["draft_id"],
        requester=row["requester"],
        channel=row["channel"],
        reason=row["reason"],
        ruling=row["ruling"],
        fingerprint=row["fingerprint"],
        state=RequestState(row["state"]),
        created_at=row["created_at"],
        answer_by=row["answer_by"],
        version=row["version"],
        steps=steps,
        made=made,
        decisions=decisions,
        card_ts=row["card_ts"],
        ask_ts=row["ask_ts"],
        finished_at=row["finished_at"],
        round=row["round"],
        opened_at=row["opened_at"],
        reminders=row["reminders"],
        call_at=row["call_at"],
        escalated_at=row["escalated_at"],
        review=review,
    )
