"""Counts and lists across the tables, for people and for machines; nothing here locks or changes anything."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, Table, exists, func, literal_column, select, true
from sqlalchemy.engine import Connection

from bot.domain.copies import Copy
from bot.domain.failures import NO_REMEDY
from bot.domain.notices import NoticeState
from bot.domain.overview import ClosedChannel, Counts, Filter, Unread
from bot.domain.steps import UNREAD, Step, StepState
from bot.store import tables
from bot.store.copies import copy_of
from bot.store.identity import id_of
from bot.store.letters import STANDING
from bot.store.steps import step_of

_PENDING: ColumnElement[str] = literal_column(f"'{NoticeState.PENDING}'")


class SqlOverview:
    """The OverviewBook of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def counts(self, now: datetime) -> Counts:
        """How many of each there are."""
        notices = tables.notices
        count = select(func.count()).select_from(notices)
        due = select(func.min(notices.c.due_at)).where(notices.c.state == _PENDING, notices.c.due_at <= now)
        return Counts(
            requests=self._by_state(tables.requests),
            steps=self._by_state(tables.steps),
            pending=self._connection.scalar(count.where(notices.c.state == _PENDING)) or 0,
            dead=self._connection.scalar(count.where(STANDING)) or 0,
            waiting_since=self._connection.scalar(due),
            unknown_failures=self._connection.scalar(_unknown_failures()) or 0,
        )

    def closed_channels(self) -> Sequence[ClosedChannel]:
        """Channels that take nothing, the longest closed first."""
        limits = tables.limits
        statement = select(limits).where(limits.c.refused_since.is_not(None)).order_by(limits.c.refused_since)
        rows = self._connection.execute(statement).mappings()
        return [ClosedChannel(row["name"], row["code"], row["refused_since"]) for row in rows]

    def unread(self) -> Sequence[Unread]:
        """Where jobs cannot be read, by account."""
        steps = tables.steps
        unread = select(steps).where(steps.c.state == StepState.RUNNING, steps.c.outside_state.in_(UNREAD))
        by_account: dict[str, list[Step]] = defaultdict(list)
        for step in map(step_of, self._connection.execute(unread).mappings()):
            by_account[step.home[0]].append(step)
        return [Unread(account, len(lost), _first(lost)) for account, lost in sorted(by_account.items())]

    def next_end(self, now: datetime) -> Copy | None:
        """The watched copy that ends first."""
        copies = tables.copies
        statement = select(copies).where(copies.c.watched == true(), copies.c.delete_at > now)
        row = self._connection.execute(statement.order_by(copies.c.delete_at).limit(1)).mappings().one_or_none()
        return copy_of(row) if row else None

    def requests(self, which: Filter, offset: int, limit: int) -> Sequence[str]:
        """Ids of requests, newest first."""
        requests = tables.requests
        statement = select(requests.c.id).where(*_conditions(which)).order_by(requests.c.id.desc())
        return [id_of(number) for number in self._connection.scalars(statement.offset(offset).limit(limit))]

    def _by_state(self, table: Table) -> Mapping[str, int]:
        rows = self._connection.execute(select(table.c.state, func.count()).group_by(table.c.state))
        return {str(state): int(number) for state, number in rows}


def _first(unread: Sequence[Step]) -> datetime | None:
    return min((step.in_vain_since for step in unread if step.in_vain_since), default=None)


def _unknown_failures() -> Select[int]:
    steps = tables.steps
    remedy = steps.c.failure["remedy"].as_string()
    failed = steps.c.state == StepState.FAILED
    return select(func.count()).select_from(steps).where(failed, remedy.startswith(NO_REMEDY, autoescape=True))


def _conditions(which: Filter) -> list[ColumnElement[bool]]:
    requests, steps = tables.requests, tables.steps
    conditions: list[ColumnElement[bool]] = []
    if which.states:
        conditions.append(requests.c.state.in_(which.states))
    if which.asker:
        conditions.append(requests.c.requester["user_id"].as_string() == which.asker)
    if which.words:
        # A table's name stands in the parameters under the one or the other key, by the kind of step.
        names = (
            func.lower(func.coalesce(steps.c.params[("point", "table_name")].as_string(), "")),
            func.lower(func.coalesce(steps.c.params["table"].as_string(), "")),
            func.lower(func.coalesce(steps.c.params["table_arn"].as_string(), "")),
        )
        about = names[0] + "\n" + names[1] + "\n" + names[2]
        words = (about.contains(word.lower(), autoescape=True) for word in which.words)
        conditions.append(exists().where(steps.c.request_id == requests.c.id, *words))
    return conditions
