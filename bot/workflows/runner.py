"""The runner: starts what is due, looks after what runs, releases what waits. Every pass is safe to repeat."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.books import StepChange, Store, Tx
from bot.domain.errors import BackupsError
from bot.domain.notices import NoticeKind
from bot.domain.ports import Clock, Nudge, Policy
from bot.domain.preflight import Finding, Level
from bot.domain.requests import CopyRequest, Decision, Event, RequestEvent, Verdict, move_request, outcome_of
from bot.domain.steps import Failure, Step, StepEvent, StepState, fingerprint_of, move_step
from bot.workflows.announce import renew, say
from bot.workflows.steps import StepWorks
from bot.workflows.steps.copy import RECORD_GONE
from bot.workflows.steps.work import Look, Progress, Stage, StepWork

log = logging.getLogger(__name__)

# A lease that runs out under slow work only has the same safe call made again; a killed runner costs this long.
LEASE = timedelta(seconds=60)
BATCH = 16
WORKERS = 8
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=5)
# With pauses that grow to five minutes this is about an hour: then people should know that it does not start.
MOST_TRIES = 20
CHANGED = "CHANGED_SINCE_APPROVAL"
# What AWS calls a job that it has accepted.
STARTED = "CREATED"


@dataclass
class Runner:
    store: Store
    works: StepWorks
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
            outside_id = self._work(step).start(step, self._approver(step))
        except BackupsError as error:
            self._not_started(step, error)
            return
        self._started(step, outside_id)

    def _work(self, step: Step) -> StepWork:
        return self.works[step.kind]

    def _approver(self, step: Step) -> str:
        with self.store.begin() as tx:
            request = tx.requests.get(step.request_id)
        return _first_approver(request.decisions) if request else ""

    def _cleared(self, step: Step) -> Step | None:
        """Pre-flight once more, then commit the intent to start; the step as it is then, None: it must not start.

        An objection fails the step before the intent is committed: a crash in between must not let it start.
        """
        step = self._filled(step)
        problem = self._objection(step, self._work(step).look(step.params, self.clock.now()))
        if problem:
            self._failed(replace(step, external_id=None), problem)
            return None
        return replace(step, state=StepState.STARTING, tries=0) if self._begin(step) else None

    def _filled(self, step: Step) -> Step:
        """The step with what the one before it has made."""
        with self.store.begin() as tx:
            request = tx.requests.get(step.request_id)
        before = next((other for other in request.steps if other.id == step.after), None) if request else None
        return replace(step, params=self._work(step).filled(step.params, before))

    def _objection(self, step: Step, seen: Look) -> Failure | None:
        fatal = [finding for finding in seen.findings if finding.level is Level.FAIL]
        if fatal:
            return _failure_of_findings(fatal)
        if fingerprint_of(step.shown) == seen.fingerprint:
            return None
        return Failure(
            _what_changed(step, seen),
            CHANGED,
            "Nothing was started. Ask again with `/copy-backup`, so that people approve what is there now.",
        )

    def _started(self, step: Step, outside_id: str) -> None:
        now = self.clock.now()
        with self.store.begin() as tx:
            change = StepChange(
                next_poll_at=now + (timedelta(seconds=self.policy.poll_seconds) if outside_id else timedelta(0)),
                external_id=outside_id,
                outside_state=STARTED,
                started_at=now,
                tries=0,
            )
            after = move_step(StepState.STARTING, StepEvent.STARTED)
            if not tx.steps.move(step.id, before=StepState.STARTING, after=after, change=change):
                return
            request = _step_request(tx, step, RequestEvent.START, now, detail=outside_id)
            if outside_id:
                facts = {"job_id": outside_id, "step": step.id}
                say(tx, request, NoticeKind.STARTED, now, key=step.token, facts=facts)
        self.nudge("relay" if outside_id else "poll")

    def _not_started(self, step: Step, error: BackupsError) -> None:
        tries = step.tries + 1
        if not error.retryable or tries > MOST_TRIES:
            self._failed(replace(step, external_id=None), self._work(step).failure(error, step.params))
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
                facts = {"message": error.message, "code": error.code, "step": step.id}
                say(tx, request, NoticeKind.DELAYED, now, key=step.token, facts=facts)
        self.nudge("relay")

    def _poll(self, step: Step) -> None:
        try:
            progress = self._work(step).poll(step, self.clock.now())
        except BackupsError as error:
            log.warning("step_unread", extra={"request": step.request_id, "code": error.code})
            self._look_again(step, step.outside_state)
            return
        if progress.stage is Stage.DONE:
            self._done(step, progress)
        elif progress.failure is not None:
            self._failed(step, progress.failure)
        else:
            self._look_again(step, progress.outside_state)

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

    def _done(self, step: Step, progress: Progress) -> None:
        now = self.clock.now()
        with self.store.begin() as tx:
            tx.requests.hold(step.request_id)
            change = StepChange(
                next_poll_at=None,
                result_arn=progress.result_arn,
                outside_state=progress.outside_state,
                finished_at=progress.finished_at or now,
            )
            after = move_step(step.state, StepEvent.FINISH)
            if not tx.steps.move(step.id, before=step.state, after=after, change=change):
                return
            if progress.copy:
                tx.copies.add(progress.copy)
            request = self._go_on(tx, step, now)
            facts = {**progress.facts, "step": step.id}
            say(tx, request, NoticeKind.COMPLETED, now, key=step.token, facts=facts)
        self.nudge("relay")
        self.nudge("start")

    def _go_on(self, tx: Tx, step: Step, now: datetime) -> CopyRequest:
        """Release the steps that waited for this one; when nothing is left to do, the request has ended."""
        request = _request_of(tx, step)
        for other in request.steps:
            if other.after == step.id and other.state is StepState.WAITING:
                tx.steps.release(other.id, now)
        event = outcome_of(request.steps)
        if event is not None:
            return _step_request(tx, step, event, now)
        renew(tx, request, now)
        return request

    def _failed(self, step: Step, failure: Failure) -> None:
        now = self.clock.now()
        with self.store.begin() as tx:
            tx.requests.hold(step.request_id)
            change = StepChange(next_poll_at=None, finished_at=now, failure=failure)
            after = move_step(step.state, StepEvent.FAIL)
            if not tx.steps.move(step.id, before=step.state, after=after, change=change):
                return
            # Steps that neither failed nor come after one that did go on, and the request with them.
            event = outcome_of(_request_of(tx, step).steps)
            request = _step_request(tx, step, event or RequestEvent.START, now, detail=failure.message)
            facts = {
                "message": failure.message,
                "category": failure.category,
                "remedy": failure.remedy,
                "job_id": step.external_id,
                "step": step.id,
                "can_retry": event is not None and failure.category not in (CHANGED, RECORD_GONE),
            }
            say(tx, request, NoticeKind.FAILED, now, key=step.token, facts=facts)
        self.nudge("relay")

    def _begin(self, step: Step) -> bool:
        with self.store.begin() as tx:
            change = StepChange(next_poll_at=self.clock.now() + LEASE, tries=1, params=step.params)
            after = move_step(step.state, StepEvent.BEGIN)
            return tx.steps.move(step.id, before=step.state, after=after, change=change)


def _step_request(tx: Tx, step: Step, event: RequestEvent, now: datetime, detail: str = "") -> CopyRequest:
    """Move the step's request along, write the history, have the card renewed; the request as it is then."""
    request = _request_of(tx, step)
    after = move_request(request.state, event)
    if tx.requests.move(request.id, before=request.state, after=after, at=now):
        tx.requests.record(Event(request.id, now, event, None, request.state, after, detail))
    current = tx.requests.get(request.id) or request
    renew(tx, current, now)
    return current


def _request_of(tx: Tx, step: Step) -> CopyRequest:
    request = tx.requests.get(step.request_id)
    if request is None:
        raise LookupError(f"step {step.id} belongs to no request")
    return request


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
    differs = {key for key in step.shown.keys() | seen.shown.keys() if step.shown.get(key) != seen.shown.get(key)}
    if "source_end" in differs:
        return "The end of the source backup has changed since this was approved."
    if "source" in differs:
        return "The source backup has changed since this was approved."
    return "The destination vault, or what the bot can see of it, has changed since this was approved."
