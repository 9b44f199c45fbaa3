"""The march of time over jobs and points: settled whenever somebody looks, so nothing needs a thread."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.sandbox.aws import copy_run
from bot.sandbox.aws.records import CopyJob, Failure, Job
from bot.sandbox.aws.state import WorldState

ROWS_KEPT = timedelta(days=30)

Begin = Callable[[WorldState, Job, datetime], Failure | None]
Finish = Callable[[WorldState, Job, datetime], Failure | None]


@dataclass(frozen=True)
class Work:
    """What a kind of job does when it starts and when it ends; either may tell why it failed."""

    begin: Begin
    finish: Finish


WORK: dict[type[Job], Work] = {CopyJob: Work(copy_run.begin, copy_run.finish)}


def settle(state: WorldState) -> None:
    """Bring jobs, points and job rows up to the world's present."""
    with state.lock:
        now = state.now()
        for job in list(state.live):
            _advance(state, job, now)
        state.live = [job for job in state.live if not job.over]
        for books in state.all_books():
            books.expire(now)
            _forget_old_rows(books.copy_jobs, now)


def submit(state: WorldState, job: Job) -> None:
    """Take a new job on; the next look settles it."""
    state.live.append(job)


def _advance(state: WorldState, job: Job, now: datetime) -> None:
    if job.stuck:
        return
    if job.started_at is None:
        start = _start(state, job)
        if start is None or start > now:
            return
        _begin(state, job, start)
    if job.started_at is not None and not job.over and job.started_at + job.runs <= now:
        _finish(state, job, job.started_at + job.runs)


def _start(state: WorldState, job: Job) -> datetime | None:
    """Tell when the job may start; None while an earlier job still holds the resource.

    Emulator decision: the second job for a table waits in CREATED, it is not refused.
    """
    for other in state.live:
        if other is job:
            break
        if other.resource_key == job.resource_key and not other.over:
            return None
    ready = job.created_at + job.waits
    return max(ready, state.freed.get(job.resource_key, ready))


def _begin(state: WorldState, job: Job, at: datetime) -> None:
    job.started_at = at
    job.state = "RUNNING"
    if failure := WORK[type(job)].begin(state, job, at):
        _end(state, job, at, failure)


def _finish(state: WorldState, job: Job, at: datetime) -> None:
    _end(state, job, at, job.doom or WORK[type(job)].finish(state, job, at))


def _end(state: WorldState, job: Job, at: datetime, failure: Failure | None) -> None:
    job.completed_at = at
    job.state = "FAILED" if failure else "COMPLETED"
    job.message = failure.message if failure else None
    job.category = failure.category if failure else "SUCCESS"
    state.freed[job.resource_key] = at


def _forget_old_rows(rows: dict[str, CopyJob], now: datetime) -> None:
    for job in list(rows.values()):
        if job.completed_at is not None and job.completed_at + ROWS_KEPT <= now:
            del rows[job.id]
