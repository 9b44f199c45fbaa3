"""The runner: starts what is due, in the order of the plan. Every pass is safe to repeat."""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.books import StepChange, Store, Tx
from bot.domain.errors import BackupsError
from bot.domain.notices import NoticeKind
from bot.domain.ports import Clock, Nudge, Policy
from bot.domain.requests import CopyRequest, Decision, RequestEvent, RequestState, Verdict
from bot.domain.steps import (
    MAYBE_STARTED,
    NOT_STARTED,
    Failure,
    Step,
    StepEvent,
    StepState,
    Turn,
    all_before,
    move_step,
    table_at_work,
)
from bot.workflows.announce import refresh, say
from bot.workflows.endings import CHANGED, Endings, move_its_request
from bot.workflows.lost_starts import fate, is_settled, may_have_started, never_known
from bot.workflows.rounds import Objection, begin_round, objection_to, untouched
from bot.workflows.steps import StepWorks
from bot.workflows.steps.hidden import is_forgotten
from bot.workflows.steps.work import StepWork, Traceable
from bot.workflows.turns import must_wait, step_aside

log = logging.getLogger(__name__)

# A lease that runs out under slow work only has the same safe call made again; a killed runner costs this long.
LEASE = timedelta(seconds=60)
BATCH = 16
WORKERS = 8
FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=5)
# With pauses that grow to five minutes this is about an hour: then people should know that it does not start.
MOST_TRIES = 20
# What AWS calls a job that it has accepted.
STARTED = "CREATED"
_YES = frozenset({Verdict.APPROVE, Verdict.BREAK_GLASS})


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
            self._refused(step, error)
            return
        self._started(step, outside_id, self.clock.now())

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
        if self._waits(step):
            return None
        step = self._filled(step)
        with self.store.read() as tx:
            request = tx.requests.get(step.request_id)
        if request is None:
            return None
        objection = objection_to(request, ((step, self._work(step).look(step.params, self.clock.now())),))
        if objection:
            self._held_back(step, request, objection)
            return None
        # In the table no answer counts as a lost one, until there is one.
        begun = replace(step, state=StepState.STARTING, tries=0, outside_state=NOT_STARTED, started_at=self.clock.now())
        return begun if self._begin(step) else None

    def _held_back(self, step: Step, request: CopyRequest, objection: Objection) -> None:
        """Nothing starts. Where nothing of the plan has begun, all of it is asked for anew; else this step fails."""
        with self.store.begin() as tx:
            tx.requests.hold(request.id)
            current = tx.requests.get(request.id) or request
            whole = untouched(current.steps)
            if whole and current.state is RequestState.APPROVED:
                begin_round(tx, current, objection, self.clock.now())
        if not whole:
            self._failed(step, _failure(objection))
        self.nudge("relay")

    def _filled(self, step: Step) -> Step:
        """The step with what those before it have made."""
        with self.store.begin() as tx:
            request = tx.requests.get(step.request_id)
        before = all_before(step, request.steps) if request else ()
        return replace(step, params=self._work(step).filled(step.params, before))

    def _started(self, step: Step, outside_id: str, at: datetime) -> None:
        now = self.clock.now()
        with self.store.begin() as tx:
            change = StepChange(
                next_poll_at=now + (timedelta(seconds=self.policy.poll_seconds) if outside_id else timedelta(0)),
                external_id=outside_id,
                outside_state=STARTED,
                started_at=at,
                tries=0,
            )
            after = move_step(StepState.STARTING, StepEvent.STARTED)
            if not tx.steps.move(step.id, before=StepState.STARTING, after=after, change=change):
                return
            request = move_its_request(tx, step, RequestEvent.START, now, detail=outside_id)
            if outside_id:
                facts = {"job_id": outside_id, "step": step.id}
                say(tx, request, NoticeKind.STARTED, now, key=step.token, facts=facts)
        self.nudge("relay" if outside_id else "poll")

    def _refused(self, step: Step, error: BackupsError) -> None:
        """Try again while that may help; then it has failed, unless an earlier try may have started it."""
        if error.retryable and step.tries < MOST_TRIES:
            self._not_started(step, error)
        elif may_have_started(step, error):
            self._look_for_it(step, error)
        else:
            self._failed(step, self._work(step).failure(error, step.params))

    def _look_for_it(self, step: Step, error: BackupsError) -> None:
        """AWS will not start it, and may have at an earlier try: that it did not is said only once AWS shows no job."""
        work, now = self._work(step), self.clock.now()
        job = None
        if isinstance(work, Traceable):
            try:
                job = work.begun(step)
            except BackupsError as unread:
                self._nobody_knows(step, unread)
                return
        if job is not None:
            self._started(step, job.id, job.created_at or now)
        elif isinstance(work, Traceable) and not is_settled(step, error, now, MOST_TRIES):
            self._not_started(step, error)
        else:
            self._failed(step, work.failure(error, step.params))

    def _nobody_knows(self, step: Step, unread: BackupsError) -> None:
        """Keep looking, and say so, for as long as AWS could tell."""
        if is_forgotten(step, self.clock.now()):
            self._failed(step, never_known(unread))
        else:
            self._not_started(step, unread, unknown=True)

    def _not_started(self, step: Step, error: BackupsError, *, unknown: bool = False) -> None:
        """Try again later. `unknown`: nobody can see whether it has started, which is said as well."""
        now, tries = self.clock.now(), step.tries + 1
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(tries, 10))
        known = MAYBE_STARTED if unknown else fate(step, error)
        with self.store.begin() as tx:
            change = StepChange(next_poll_at=now + pause, tries=tries, outside_state=known)
            current = _current_state(tx, step)
            if current is None or not tx.steps.move(step.id, before=current, after=current, change=change):
                return
            request = tx.requests.get(step.request_id)
            if request:
                facts = {"message": error.message, "code": error.code, "step": step.id}
                told = {**facts, "unknown": True} if unknown else facts
                key = f"{step.token}:{MAYBE_STARTED}" if unknown else step.token
                if say(tx, request, NoticeKind.DELAYED, now, key=key, facts=told) and unknown:
                    refresh(tx, request, now)
                    step_aside(tx, step, now)
        self.nudge("relay")

    def _failed(self, step: Step, failure: Failure) -> None:
        """It did not start, so a job that an earlier try has started is no part of this end."""
        Endings(self.store, self.clock, self.nudge).failed(replace(step, external_id=None), failure)

    def _begin(self, step: Step) -> bool:
        move_step(step.state, StepEvent.BEGIN)
        with self.store.begin() as tx:
            # Another step of the plan may just have had all of it asked for anew.
            tx.requests.hold(step.request_id)
            request = tx.requests.get(step.request_id)
            if request is None or request.state not in (RequestState.APPROVED, RequestState.RUNNING):
                return False
            now = self.clock.now()
            change = StepChange(next_poll_at=now + LEASE, tries=1, params=step.params, outside_state="", started_at=now)
            turn = tx.steps.begin(step.id, table_at_work(step.params), change)
        if turn is Turn.TAKEN:
            self._waits(step)
        return turn is Turn.MINE

    def _waits(self, step: Step) -> bool:
        with self.store.begin() as tx:
            waits = must_wait(tx, step, self.clock.now())
        if waits:
            self.nudge("relay")
        return waits


def _current_state(tx: Tx, step: Step) -> StepState | None:
    request = tx.requests.get(step.request_id)
    found = [other.state for other in request.steps if other.id == step.id] if request else []
    return found[0] if found and found[0] in (StepState.WAITING, StepState.STARTING) else None


def _first_approver(decisions: tuple[Decision, ...]) -> str:
    """The same person at each try, however many approvals were needed."""
    approvals = (decision.actor.user_id for decision in decisions if decision.verdict in _YES)
    return next(approvals, "")


def _failure(objection: Objection) -> Failure:
    """In the middle of a plan nobody can be asked anew: what is done is done."""
    if objection.fails:
        return Failure(" ".join(objection.what), objection.code, "When that is mended, try again.")
    remedy = "Nothing was started. Ask again with `/copy-backup`, so that people approve what is there now."
    return Failure(" ".join(objection.what), CHANGED, remedy)
