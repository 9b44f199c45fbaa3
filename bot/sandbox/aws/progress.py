"""The march of time over jobs and points: settled whenever somebody looks, so nothing needs a thread."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.sandbox.aws import backup_run, copy_run, restore_run
from bot.sandbox.aws.events import job_event
from bot.sandbox.aws.expiry import expire
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
    state.announce(job_event(job, job.created_at))


def settle(state: WorldState) -> None:
    """Bring jobs, points and job rows up to the world's present."""
    with state.lock:
        now = state.now()
        # A job that ended may have made room for one that was looked at before it.
        while _pass_over(state, now):
            pass
        state.live = [job for job in state.live if not job.over]
        for books in state.all_books():
            expire(state, books, now)
            books.forget_jobs(now - ROWS_KEPT)


def _pass_over(state: WorldState, now: datetime) -> bool:
    """Bring every job as far as it can go now, oldest first; tell whether a job ended."""
    holders: Counter[tuple[str, ...]] = Counter()
    ended = False
    seen = 0
    while seen < len(state.live):
        job = state.live[seen]
        seen += 1
        if job.over:
            continue
        # Emulator decision: the second job for a table waits in CREATED, it is not refused.
        if job.started_at is not None or holders[job.holds] < state.quotas.jobs_per_resource:
            _advance(state, job, now)
        if job.completed_at is None:
            holders[job.holds] += 1
        else:
            ended = True
        # A backup of a plan may have ordered copies as it ended.
        while state.ordered:
            take_on(state, state.ordered.popleft())
    return ended


def _advance(state: WorldState, job: Job, now: datetime) -> None:
    if job.fate.held:
        return
    if job.started_at is None:
        start = _start(state, job, now)
        if start is None or start > now:
            return
        _begin(state, job, start)
    _finish_if_due(state, job, now)


def _start(state: WorldState, job: Job, now: datetime) -> datetime | None:
    """Tell when the job may start; None while a quota keeps it waiting."""
    ready = job.created_at + job.fate.waits
    ready = max(ready, state.freed.get(job.holds, ready))
    if ready > now or not isinstance(job, CopyJob):
        return ready
    return state.quotas.admits_from(job, state.live, ready)


def _begin(state: WorldState, job: Job, at: datetime) -> None:
    job.started_at = at
    job.state = "RUNNING"
    state.announce(job_event(job, at))
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
    state.announce(job_event(job, at))
