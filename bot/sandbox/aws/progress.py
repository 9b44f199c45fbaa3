"""The march of time over jobs and points: settled whenever somebody looks, so nothing needs a thread."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.sandbox.aws import backup_run, copy_run, restore_run
from bot.sandbox.aws.events import copy_job_event
from bot.sandbox.aws.jobs import BackupJob, CopyJob, Job, RestoreJob
from bot.sandbox.aws.records import Failure
from bot.sandbox.aws.state import WorldState

ROWS_KEPT = timedelta(days=30)

Act = Callable[[WorldState, Job, datetime], Failure | None]


@dataclass(frozen=True)
class Work:
    """What a kind of job does when it starts and when it ends; either may tell why it failed."""

    begin: Act
    finish: Act


WORK: dict[type[Job], Work] = {
    CopyJob: Work(copy_run.begin, copy_run.finish),
    BackupJob: Work(backup_run.begin, backup_run.finish),
    RestoreJob: Work(restore_run.begin, restore_run.finish),
}


def take_on(state: WorldState, job: Job) -> None:
    """Put a new job to work."""
    state.live.append(job)
    _announce(state, job, job.created_at)


def settle(state: WorldState) -> None:
    """Bring jobs, points and job rows up to the world's present."""
    with state.lock:
        now = state.now()
        seen = 0
        while seen < len(state.live):
            _advance(state, state.live[seen], now)
            seen += 1
            # A backup of a plan may have ordered copies as it ended.
            while state.ordered:
                take_on(state, state.ordered.popleft())
        state.live = [job for job in state.live if not job.over]
        for books in state.all_books():
            books.expire(now)
            books.forget_jobs(now - ROWS_KEPT)


def _advance(state: WorldState, job: Job, now: datetime) -> None:
    if job.fate.held or job.over:
        return
    if job.started_at is None:
        start = _start(state, job)
        if start is None or start > now:
            return
        _begin(state, job, start)
    _finish_if_due(state, job, now)


def _start(state: WorldState, job: Job) -> datetime | None:
    """Tell when the job may start; None while an earlier job still holds the resource.

    Emulator decision: the second job for a table waits in CREATED, it is not refused.
    """
    for other in state.live:
        if other is job:
            break
        if other.holds == job.holds and not other.over:
            return None
    ready = job.created_at + job.fate.waits
    return max(ready, state.freed.get(job.holds, ready))


def _begin(state: WorldState, job: Job, at: datetime) -> None:
    job.started_at = at
    job.state = "RUNNING"
    _announce(state, job, at)
    if failure := WORK[type(job)].begin(state, job, at):
        _end(state, job, at, failure)


def _finish_if_due(state: WorldState, job: Job, now: datetime) -> None:
    if job.started_at is None or job.over:
        return
    end = job.started_at + job.fate.runs
    if end <= now:
        _end(state, job, end, WORK[type(job)].finish(state, job, end))


def _end(state: WorldState, job: Job, at: datetime, failure: Failure | None) -> None:
    job.completed_at = at
    job.state = "FAILED" if failure else "COMPLETED"
    job.message = failure.message if failure else None
    job.category = failure.category if failure else "SUCCESS"
    state.freed[job.holds] = at
    _announce(state, job, at)


def _announce(state: WorldState, job: Job, at: datetime) -> None:
    if isinstance(job, CopyJob):
        state.events.append(copy_job_event(job, job.state, at))
