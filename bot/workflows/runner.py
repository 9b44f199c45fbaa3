"""The runner: starts what is due, looks after what runs, releases what waits. Every pass is safe to repeat."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.backups import CopyJob, CopyJobState, RecoveryPoint
from bot.domain.books import StepChange, Store, Tx
from bot.domain.copies import Copy
from bot.domain.errors import BackupsError, BackupsMissing
from bot.domain.notices import NoticeKind
from bot.domain.ports import Clock, Nudge, Policy
from bot.domain.preflight import Finding, Level
from bot.domain.requests import CopyRequest, Decision, Event, RequestEvent, Verdict, move_request
from bot.domain.steps import Failure, Step, StepEvent, StepState, move_step
from bot.workflows.announce import renew, say
from bot.workflows.preflight import Look
from bot.workflows.steps.copy import CopyStep, failure_of, failure_of_job

log = logging.getLogger(__name__)

# A lease that runs out under slow work only has the same safe call made again; a killed runner costs this long.
LEASE = timedelta(seconds=60)
BATCH = 16
WORKERS = 8
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=5)
# With pauses that grow to five minutes this is about an hour: then people should know that it does not start.
MOST_TRIES = 20
RECORD_GONE = "JOB_RECORD_GONE"
CHANGED = "CHANGED_SINCE_APPROVAL"


@dataclass
class Runner:
    store: Store
    step: CopyStep
    policy: Policy
    clock: Clock
    nudge: Nudge

    def start_due(self) -> int:
        """Start the steps whose turn has come; the number of steps looked at."""
        return self._all(self._claim(StepState.WAITING, StepState.STARTING), self._start)

    def poll_due(self) -> int:
        """Ask AWS about the jobs that are due for a look; the number of jobs looked at."""
        return self._all(self._claim(StepState.RUNNING), self._poll)

    def _all(self, steps: list[Step], work: Callable[[Step], None]) -> int:
        """Work on steps side by side, so that a slow AWS cannot make a batch outlast its lease."""
        if steps:
            with ThreadPoolExecutor(WORKERS, thread_name_prefix="step") as pool:
                list(pool.map(lambda step: self._safely(step, work), steps))
        return len(steps)

    def _claim(self, *states: StepState) -> list[Step]:
        now = self.clock.now()
        with self.store.begin() as tx:
            return list(tx.steps.claim(states, now, now + LEASE, BATCH))

    def _safely(self, step: Step, work: Callable[[Step], None]) -> None:
        """One step that goes wrong must not hold up the next; its lease runs out and it is tried again."""
        try:
            work(step)
        except Exception:
            log.exception("step_went_wrong", extra={"request": step.request_id, "step": step.id})

    def _start(self, step: Step) -> None:
        try:
            if step.state is StepState.WAITING:
                cleared = self._cleared(step)
                if cleared is None:
                    return
                # What follows has to know that the intent stands in the table already.
                step = cleared
            job_id = self.step.start(step, self._approver(step))
        except BackupsError as error:
            self._not_started(step, error)
            return
        self._started(step, job_id)

    def _approver(self, step: Step) -> str:
        with self.store.begin() as tx:
            request = tx.requests.get(step.request_id)
        return _first_approver(request.decisions) if request else ""

    def _cleared(self, step: Step) -> Step | None:
        """Pre-flight once more, then commit the intent to start; the step as it is then, None: it must not start.

        An objection fails the step before the intent is committed: a crash in between must not let it start.
        """
        problem = self._objection(step, self.step.look(step.params, self.clock.now()))
        if problem:
            self._failed(replace(step, external_id=None), problem)
            return None
        return replace(step, state=StepState.STARTING, tries=0) if self._begin(step) else None

    def _objection(self, step: Step, seen: Look) -> Failure | None:
        fatal = [finding for finding in seen.findings if finding.level is Level.FAIL]
        if fatal:
            return _failure_of_findings(fatal)
        with self.store.begin() as tx:
            request = tx.requests.get(step.request_id)
        if request is None or request.fingerprint == seen.fingerprint:
            return None
        return Failure(
            _what_changed(step, seen),
            CHANGED,
            "Nothing was started. Ask again with `/copy-backup`, so that people approve what is there now.",
        )

    def _started(self, step: Step, job_id: str) -> None:
        now = self.clock.now()
        with self.store.begin() as tx:
            change = StepChange(
                next_poll_at=now + timedelta(seconds=self.policy.poll_seconds),
                external_id=job_id,
                outside_state=CopyJobState.CREATED,
                started_at=now,
                tries=0,
            )
            after = move_step(StepState.STARTING, StepEvent.STARTED)
            if not tx.steps.move(step.id, before=StepState.STARTING, after=after, change=change):
                return
            request = _step_request(tx, step, RequestEvent.START, now, detail=job_id)
            say(tx, request, NoticeKind.STARTED, now, key=step.token, facts={"job_id": job_id, "step": step.id})
        self.nudge("relay")

    def _not_started(self, step: Step, error: BackupsError) -> None:
        tries = step.tries + 1
        if not error.retryable or tries > MOST_TRIES:
            self._failed(replace(step, external_id=None), failure_of(error, step.params))
            return
        now = self.clock.now()
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(tries, 10))
        with self.store.begin() as tx:
            change = StepChange(next_poll_at=now + pause, tries=tries)
            current = _current_state(tx, step)
            if current is None or not tx.steps.move(step.id, before=current, after=current, change=change):
                return
            request = tx.requests.get(step.request_id)
            if request:
                facts = {"message": error.message, "code": error.code}
                say(tx, request, NoticeKind.DELAYED, now, key=step.token, facts=facts)
        self.nudge("relay")

    def _poll(self, step: Step) -> None:
        try:
            job = self.step.poll(step)
        except BackupsMissing:
            self._failed(step, _record_gone(step))
            return
        except BackupsError as error:
            log.warning("copy_job_unread", extra={"request": step.request_id, "code": error.code})
            self._look_again(step, step.outside_state)
            return
        if not job.state.is_final:
            self._look_again(step, job.state)
        elif job.state is CopyJobState.COMPLETED:
            self._done(step, job)
        else:
            self._failed(step, failure_of_job(job, step.params))

    def _look_again(self, step: Step, outside_state: str | None) -> None:
        now = self.clock.now()
        with self.store.begin() as tx:
            change = StepChange(next_poll_at=now + self._pause(step, now), outside_state=outside_state)
            if not tx.steps.move(step.id, before=step.state, after=step.state, change=change):
                return
            if outside_state != step.outside_state:
                self._show_progress(tx, step, now)
        self.nudge("relay")

    def _show_progress(self, tx: Tx, step: Step, now: datetime) -> None:
        request = tx.requests.get(step.request_id)
        if request and tx.requests.move(request.id, before=request.state, after=request.state, at=now):
            renew(tx, tx.requests.get(request.id) or request, now)

    def _pause(self, step: Step, now: datetime) -> timedelta:
        """How long until the next look: the configured time while a job is young, up to ten times that with age."""
        shortest = timedelta(seconds=self.policy.poll_seconds)
        age = now - (step.started_at or now)
        return min(shortest * 10, max(shortest, age / 20))

    def _done(self, step: Step, job: CopyJob) -> None:
        copy = self.step.result(step, job)
        now = self.clock.now()
        with self.store.begin() as tx:
            change = StepChange(
                next_poll_at=None, result_arn=job.copy_arn, outside_state=job.state, finished_at=job.completed_at or now
            )
            after = move_step(step.state, StepEvent.FINISH)
            if not tx.steps.move(step.id, before=step.state, after=after, change=change):
                return
            if job.copy_arn:
                tx.copies.add(_watched(step, job, copy, now))
            self._go_on(tx, step, now)
            request = tx.requests.get(step.request_id)
            if request:
                say(tx, request, NoticeKind.COMPLETED, now, key=step.token, facts=_outcome(step, job, copy, now))
        self.nudge("relay")
        self.nudge("start")

    def _go_on(self, tx: Tx, step: Step, now: datetime) -> None:
        """Release the steps that waited for this one; when none is left, the request is complete."""
        request = tx.requests.get(step.request_id)
        if request is None:
            return
        for other in request.steps:
            if other.after == step.id and other.state is StepState.WAITING:
                tx.steps.release(other.id, now)
        if all(other.state is StepState.DONE for other in request.steps):
            _step_request(tx, step, RequestEvent.COMPLETE, now)

    def _failed(self, step: Step, failure: Failure) -> None:
        now = self.clock.now()
        with self.store.begin() as tx:
            change = StepChange(next_poll_at=None, finished_at=now, failure=failure)
            after = move_step(step.state, StepEvent.FAIL)
            if not tx.steps.move(step.id, before=step.state, after=after, change=change):
                return
            request = tx.requests.get(step.request_id)
            if request is None:
                return
            some_done = any(other.state is StepState.DONE for other in request.steps)
            event = RequestEvent.COMPLETE_PARTLY if some_done else RequestEvent.FAIL
            request = _step_request(tx, step, event, now, detail=failure.message)
            facts = {
                "message": failure.message,
                "category": failure.category,
                "remedy": failure.remedy,
                "job_id": step.external_id,
                "can_retry": failure.category not in (CHANGED, RECORD_GONE),
            }
            say(tx, request, NoticeKind.FAILED, now, key=step.token, facts=facts)
        self.nudge("relay")

    def _begin(self, step: Step) -> bool:
        with self.store.begin() as tx:
            change = StepChange(next_poll_at=self.clock.now() + LEASE, tries=1)
            after = move_step(step.state, StepEvent.BEGIN)
            return tx.steps.move(step.id, before=step.state, after=after, change=change)


def _step_request(tx: Tx, step: Step, event: RequestEvent, now: datetime, detail: str = "") -> CopyRequest:
    """Move the step's request along, write the history, have the card renewed; the request as it is then."""
    request = tx.requests.get(step.request_id)
    if request is None:
        raise LookupError(f"step {step.id} belongs to no request")
    after = move_request(request.state, event)
    if tx.requests.move(request.id, before=request.state, after=after, at=now):
        tx.requests.record(Event(request.id, now, event, None, request.state, after, detail))
    current = tx.requests.get(request.id) or request
    renew(tx, current, now)
    return current


def _current_state(tx: Tx, step: Step) -> StepState | None:
    request = tx.requests.get(step.request_id)
    found = [other.state for other in request.steps if other.id == step.id] if request else []
    return found[0] if found and found[0] in (StepState.WAITING, StepState.STARTING) else None


def _first_approver(decisions: tuple[Decision, ...]) -> str:
    """The same person at each try, however many approvals were needed."""
    approvals = (decision.actor.user_id for decision in decisions if decision.verdict is Verdict.APPROVE)
    return next(approvals, "")


def _failure_of_findings(findings: list[Finding]) -> Failure:
    return Failure(
        " ".join(finding.sentence for finding in findings),
        findings[0].code,
        " ".join(finding.remedy for finding in findings if finding.remedy) or "Ask again with `/copy-backup`.",
    )


def _what_changed(step: Step, seen: Look) -> str:
    before, now = step.params.point, seen.params.point
    if before.delete_at != now.delete_at:
        return "The end of the source backup has changed since this was approved."
    if (before.size_bytes, before.created_at) != (now.size_bytes, now.created_at):
        return "The source backup has changed since this was approved."
    return "The destination vault, or what the bot can see of it, has changed since this was approved."


def _record_gone(step: Step) -> Failure:
    place = step.params.destination
    return Failure(
        f"AWS has no record of copy job {step.external_id} any more, so its outcome is not known.",
        RECORD_GONE,
        f"AWS forgets jobs 30 days after they end. Look for the copy in vault {place.name} of account "
        f"{place.account}, {place.region}.",
    )


def _watched(step: Step, job: CopyJob, copy: RecoveryPoint | None, now: datetime) -> Copy:
    return Copy(
        arn=job.copy_arn or "",
        request_id=step.request_id,
        step_id=step.id,
        vault=step.params.destination,
        table_name=step.params.point.table_name,
        size_bytes=(copy.size_bytes if copy else None) or job.size_bytes,
        created_at=copy.created_at if copy else step.params.point.created_at,
        delete_at=copy.delete_at if copy else None,
        looked_at=now if copy else None,
    )


def _outcome(step: Step, job: CopyJob, copy: RecoveryPoint | None, now: datetime) -> dict[str, object]:
    finished = job.completed_at or now
    started = job.created_at or step.started_at or now
    return {
        "job_id": step.external_id,
        "copy_arn": job.copy_arn,
        "size_bytes": (copy.size_bytes if copy else None) or job.size_bytes or step.params.point.size_bytes,
        "seconds": max(0, int((finished - started).total_seconds())),
        "expiry_known": copy is not None,
        "delete_at": int(copy.delete_at.timestamp()) if copy and copy.delete_at else None,
    }
