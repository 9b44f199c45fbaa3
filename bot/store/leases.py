"""Ending the leases of a process that is gone, so that a restart need not wait for them to run out."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Update, and_, func, or_, select, update
from sqlalchemy.engine import Connection

from bot.domain.drafts import DraftState
from bot.domain.notices import NoticeState
from bot.domain.sheets import SheetState
from bot.domain.steps import StepState
from bot.store import tables

# No lease and no pause before another try is longer.
LONGEST_LEASE = timedelta(minutes=2)
NEAR = timedelta(hours=1)


def end_leases(now: datetime) -> Iterator[Update]:
    """Statements after which everything unfinished is due.

    A notice's old lease stays visible as one that ran out: its next delivery looks before it repeats.
    """
    steps, notices, drafts, clicks = tables.steps, tables.notices, tables.drafts, tables.clicks
    unfinished = steps.c.state.in_([state for state in StepState if not state.is_final])
    yield update(steps).where(unfinished, steps.c.next_poll_at > now).values(next_poll_at=now)
    yield (
        update(notices)
        .where(notices.c.state == NoticeState.PENDING, notices.c.claimed_until > now)
        .values(claimed_until=now)
    )
    yield update(drafts).where(drafts.c.state == DraftState.SENDING, drafts.c.due_at > now).values(due_at=now)
    sheets, schedules = tables.sheets, tables.schedules
    yield update(sheets).where(sheets.c.state == SheetState.SENDING, sheets.c.due_at > now).values(due_at=now)
    yield update(schedules).where(schedules.c.claimed_until > now).values(claimed_until=None)
    for asked in (clicks, tables.copy_clicks):
        held = or_(asked.c.due_at > now, asked.c.claimed_until > now)
        yield update(asked).where(asked.c.outcome.is_(None), held).values(due_at=now, claimed_until=None)


def newest_note(connection: Connection) -> datetime | None:
    """The newest time that a process noted as its own present; None in a database that nobody has used."""
    columns = (tables.events.c.at, tables.limits.c.noted_at)
    return max((at for column in columns if (at := connection.scalar(select(func.max(column))))), default=None)


def forget_the_future(now: datetime, before: datetime) -> Iterator[Update]:
    """Statements after which nothing waits for a time that was near before the clock was set back from `before`.

    Times that people mean (the end of quiet hours, a date) stay as they are: they were beyond what the clock showed.
    """
    steps, notices, drafts, clicks, limits = (
        tables.steps,
        tables.notices,
        tables.drafts,
        tables.clicks,
        tables.limits,
    )
    near = before + NEAR
    unfinished = steps.c.state.in_([state for state in StepState if not state.is_final])
    yield update(steps).where(unfinished, steps.c.next_poll_at.between(now, near)).values(next_poll_at=now)
    waiting = notices.c.state == NoticeState.PENDING
    leased = now + LONGEST_LEASE
    yield update(notices).where(waiting, notices.c.claimed_until > leased).values(claimed_until=leased)
    tried = or_(notices.c.due_at <= before, and_(notices.c.attempts > 0, notices.c.due_at <= near))
    yield update(notices).where(waiting, notices.c.due_at > now, tried).values(due_at=now)
    yield (
        update(drafts)
        .where(drafts.c.state == DraftState.SENDING, drafts.c.due_at.between(now, near))
        .values(due_at=now)
    )
    for asked in (clicks, tables.copy_clicks):
        yield update(asked).where(asked.c.outcome.is_(None), asked.c.due_at.between(now, near)).values(due_at=now)
        yield update(asked).where(asked.c.claimed_until > leased).values(claimed_until=leased)
    yield update(limits).where(limits.c.noted_at > now).values(held_until=None, paced_until=None, noted_at=now)
