"""Steps that sweeps work on: claims with a lease, moves by compare-and-set."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, exists, func, null, select, update
from sqlalchemy.engine import Connection, RowMapping
from sqlalchemy.exc import IntegrityError

from bot.domain.books import StepChange
from bot.domain.params import PARAMS_OF, Params, StepKind
from bot.domain.requests import RequestState
from bot.domain.steps import Step, StepState, Turn
from bot.store import tables
from bot.store.codec import plain, record
from bot.store.identity import id_of
from bot.store.statements import claim

_AT_WORK = (RequestState.APPROVED, RequestState.RUNNING)
_MAKES = (StepKind.COPY, StepKind.BACK_UP)
_LEFT_WHEN_NONE = tuple(
    field.name for field in fields(StepChange) if field.name not in ("next_poll_at", "clear_failure", "params")
)


class SqlSteps:
    """The StepBook of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def claim(self, states: Sequence[StepState], now: datetime, until: datetime, limit: int) -> Sequence[Step]:
        """Claim due steps (next_poll_at <= now) of approved or running requests in one statement."""
        steps = tables.steps.c
        return self._claim((steps.state.in_(states), steps.next_poll_at <= now), until, limit)

    def copies_at_work(self, account: str, region: str, most: int) -> int:
        """How many copies out of an account and Region run, counted up to `most`."""
        running = select(tables.steps.c.id).where(*_running_copies(account, region)).limit(most).subquery()
        return self._connection.execute(select(func.count()).select_from(running)).scalar_one()

    def common_look(
        self, account: str, region: str, *, shared_by: int, after: datetime, before: datetime
    ) -> datetime | None:
        """The first moment between these two at which so many running copies out of there are due together."""
        due = tables.steps.c.next_poll_at
        statement = (
            select(due)
            .where(*_running_copies(account, region), due > after, due < before)
            .group_by(due)
            .having(func.count() >= shared_by)
            .order_by(due)
            .limit(1)
        )
        return self._connection.execute(statement).scalar_one_or_none()

    def claim_copies(self, account: str, region: str, until: datetime, limit: int) -> Sequence[Step]:
        """Claim the running copies out of an account and Region, due or not."""
        return self._claim(_running_copies(account, region), until, limit)

    def _claim(self, due: Sequence[ColumnElement[bool]], until: datetime, limit: int) -> Sequence[Step]:
        table = tables.steps
        at_work = exists().where(tables.requests.c.id == table.c.request_id, tables.requests.c.state.in_(_AT_WORK))
        rows = claim(
            self._connection,
            table,
            due=due,
            provided=(at_work,),
            first=(table.c.next_poll_at, table.c.id),
            limit=limit,
            lease={"next_poll_at": until},
        )
        return sorted((step_of(row) for row in rows), key=lambda step: step.id)

    def made_by(self, outside: Collection[str]) -> Mapping[str, str]:
        """Which of these copy jobs (ids) and recovery points (ARNs) we made: each with its request's id.

        What only changed how long a recovery point is kept has not made it.
        """
        table = tables.steps
        found: dict[str, str] = {}
        for column in (table.c.external_id, table.c.result_arn):
            which = (column.in_(outside), table.c.kind.in_(_MAKES))
            statement = select(column, table.c.request_id).where(*which).order_by(table.c.id)
            found |= {str(name): id_of(number) for name, number in self._connection.execute(statement)}
        return found

    def asked_ends(self, arn: str) -> Sequence[str]:
        """Ids of the requests, oldest first, that ask for another end of this recovery point and are not over."""
        table, requests = tables.steps, tables.requests.c
        statement = (
            select(table.c.request_id)
            .join(tables.requests, requests.id == table.c.request_id)
            .where(
                requests.state.in_((RequestState.PENDING, *_AT_WORK)),
                table.c.state.not_in([state for state in StepState if state.is_final]),
                table.c.kind == StepKind.SET_RETENTION,
                table.c.params[("point", "arn")].as_string() == arn,
            )
            .order_by(table.c.request_id)
            .distinct()
        )
        return [id_of(number) for number in self._connection.execute(statement).scalars()]

    def release(self, step_id: int, at: datetime) -> None:
        """Make a WAITING step due at `at`."""
        table = tables.steps
        which = (table.c.id == step_id, table.c.state == StepState.WAITING)
        self._connection.execute(update(table).where(*which).values(next_poll_at=at))

    def look_later(self, dates: Mapping[int, datetime]) -> None:
        """Let RUNNING steps be looked at again then, all at once; nothing else about them has changed."""
        if not dates:
            return
        table = tables.steps
        which = (table.c.id == bindparam("step"), table.c.state == StepState.RUNNING)
        statement = update(table).where(*which).values(next_poll_at=bindparam("at"))
        self._connection.execute(statement, [{"step": step, "at": at} for step, at in dates.items()])

    def look_in_vain(self, since: Mapping[int, datetime | None]) -> None:
        """Write down since when steps cannot be read; None: they can."""
        if not since:
            return
        table = tables.steps
        statement = update(table).where(table.c.id == bindparam("step")).values(unread_since=bindparam("at"))
        self._connection.execute(statement, [{"step": step, "at": at} for step, at in since.items()])

    def finished_copies(self, table_name: str, limit: int) -> Sequence[Step]:
        """Steps that have copied backups of tables of this name, newest first."""
        table, copies = tables.steps, tables.copies
        statement = (
            select(table)
            .join(copies, copies.c.step_id == table.c.id)
            .where(copies.c.table_name == table_name, table.c.kind == StepKind.COPY, table.c.state == StepState.DONE)
            .order_by(table.c.finished_at.desc())
            .limit(limit)
        )
        return [step_of(row) for row in self._connection.execute(statement).mappings()]

    def move(self, step_id: int, *, before: StepState, after: StepState, change: StepChange) -> bool:
        """Compare-and-set the state together with the given fields; `before` may equal `after`."""
        table = tables.steps
        which = (table.c.id == step_id, table.c.state == before)
        statement = update(table).where(*which).values(state=after, **_changed(change))
        return self._connection.execute(statement).rowcount == 1

    def begin(self, step_id: int, table: str | None, change: StepChange) -> Turn:
        """Move a WAITING step to STARTING, unless another one that works on this table (its ARN) has begun.

        A unique index decides, so that two replicas cannot both begin.
        """
        which = (tables.steps.c.id == step_id, tables.steps.c.state == StepState.WAITING)
        statement = update(tables.steps).where(*which)
        values = {"state": StepState.STARTING, "occupies": table, **_changed(change)}
        try:
            with self._connection.begin_nested():
                moved = self._connection.execute(statement.values(**values)).rowcount == 1
        except IntegrityError:
            return Turn.TAKEN
        return Turn.MINE if moved else Turn.LOST

    def queue(self, step_id: int, table: str, change: StepChange) -> bool:
        """Let a WAITING step wait for a table; False when it waits no more."""
        which = (tables.steps.c.id == step_id, tables.steps.c.state == StepState.WAITING)
        statement = update(tables.steps).where(*which).values(occupies=table, **_changed(change))
        return self._connection.execute(statement).rowcount == 1

    def at_work_on(self, table: str) -> Step | None:
        """The step that has begun to work on a table and not ended."""
        begun = tables.steps.c.state.in_((StepState.STARTING, StepState.RUNNING))
        statement = select(tables.steps).where(tables.steps.c.occupies == table, begun)
        row = self._connection.execute(statement).mappings().first()
        return step_of(row) if row is not None else None

    def leave_table(self, step_id: int) -> None:
        """Let a step count no longer as being at work on its table."""
        self._connection.execute(update(tables.steps).where(tables.steps.c.id == step_id).values(occupies=None))

    def release_next(self, table: str, at: datetime) -> bool:
        """Make the first of the steps that wait for a table due at `at`; False when none does."""
        steps = tables.steps
        waits = (steps.c.occupies == table, steps.c.state == StepState.WAITING, steps.c.next_poll_at.is_not(None))
        first = select(steps.c.id).where(*waits).order_by(steps.c.id).limit(1).scalar_subquery()
        statement = update(steps).where(steps.c.id == first, *waits).values(next_poll_at=at)
        return self._connection.execute(statement).rowcount == 1


def step_of(row: RowMapping) -> Step:
    """Read a step off its row."""
    kind = StepKind(row["kind"])
    return Step(
        id=row["id"],
        request_id=id_of(row["request_id"]),
        kind=kind,
        params=record(row["params"], PARAMS_OF[kind]),
        after=row["after_id"],
        state=StepState(row["state"]),
        token=row["token"],
        external_id=row["external_id"],
        outside_state=row["outside_state"],
        result_arn=row["result_arn"],
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        next_poll_at=row["next_poll_at"],
        tries=row["tries"],
        failure=row["failure"],
        stalls=row["stalls"],
        shown_at=row["shown_at"],
        unread_since=row["unread_since"],
        expected_at=row["expected_at"],
        expected_from=row["expected_from"],
        shown=row["shown"],
    )


def _running_copies(account: str, region: str) -> tuple[ColumnElement[bool], ...]:
    """AWS copies in the account and Region that own the source vault."""
    steps = tables.steps.c
    vault = ("point", "vault")
    return (
        steps.state == StepState.RUNNING,
        steps.kind == StepKind.COPY,
        steps.params[(*vault, "account")].as_string() == account,
        steps.params[(*vault, "region")].as_string() == region,
    )


def params_to_json(params: Params) -> Any:
    """A step's parameters as its column holds them."""
    return plain(params, PARAMS_OF[params.kind])


def _changed(change: StepChange) -> dict[str, object]:
    given = {name: getattr(change, name) for name in _LEFT_WHEN_NONE}
    values = {name: value for name, value in given.items() if value is not None}
    if change.params is not None:
        values["params"] = params_to_json(change.params)
    if change.clear_failure:
        values["failure"] = null()
    return {"next_poll_at": change.next_poll_at, **values}
