"""How a step ends, whoever finds out: its own state, what comes after it, its request, and what is said of it."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.books import StepChange, Store, Tx
from bot.domain.notices import NoticeKind
from bot.domain.params import StepKind
from bot.domain.ports import Clock, Nudge
from bot.domain.requests import CopyRequest, Event, RequestEvent, RequestState, move_request, outcome_of
from bot.domain.steps import RECORD_GONE, Failure, Step, StepEvent, StepState, all_before, move_step
from bot.workflows.announce import renew, say
from bot.workflows.steps.work import Progress
from bot.workflows.turns import wake_next

CHANGED = "CHANGED_SINCE_APPROVAL"


@dataclass(frozen=True, slots=True)
class Endings:
    """Writes an end down, in one transaction with all that follows from it.

    `crowd`: the ids of steps that end in the same pass as so many others that one message shows them in their channel.
    """

    store: Store
    clock: Clock
    nudge: Nudge
    crowd: frozenset[str] = frozenset()

    def done(self, step: Step, progress: Progress) -> None:
        """A step has come to its good end; steps that wait for it may begin."""
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
            if progress.copy and not _is_for_restoring(step, request_of(tx, step)):
                tx.copies.add(progress.copy)
            if step.kind is StepKind.SET_RETENTION and progress.result_arn:
                tx.copies.look_soon(progress.result_arn)
            wake_next(tx, step, now)
            request = _go_on(tx, step, now)
            # The last step to end tells of the whole plan: those that failed before it can be tried again now.
            unfinished = {"can_retry": can_retry(request)} if request.state is RequestState.PARTIAL else {}
            facts = {**progress.facts, "step": step.id, **unfinished, **self._together(step)}
            say(tx, request, NoticeKind.COMPLETED, now, key=step.token, facts=facts)
        self.nudge("relay")
        self.nudge("start")
        if step.kind is StepKind.SET_RETENTION:
            self.nudge("copies")

    def failed(self, step: Step, failure: Failure, at: datetime | None = None) -> None:
        """A step has failed. Steps that neither failed nor come after one that did go on, and the request with them.

        `at`: when the outside says that it ended; None: now.
        """
        now = self.clock.now()
        with self.store.begin() as tx:
            tx.requests.hold(step.request_id)
            change = StepChange(next_poll_at=None, finished_at=at or now, failure=failure)
            after = move_step(step.state, StepEvent.FAIL)
            if not tx.steps.move(step.id, before=step.state, after=after, change=change):
                return
            wake_next(tx, step, now)
            event = outcome_of(request_of(tx, step).steps)
            request = move_its_request(tx, step, event or RequestEvent.START, now, detail=failure.message)
            facts = {
                "message": failure.message,
                "category": failure.category,
                "remedy": failure.remedy,
                "cause": failure.cause,
                "evidence": [list(pair) for pair in failure.evidence],
                "job_id": step.external_id,
                "step": step.id,
                "can_retry": event is not None and can_retry(request),
                **self._together(step),
            }
            say(tx, request, NoticeKind.FAILED, now, key=step.token, facts=facts)
        self.nudge("relay")
        self.nudge("start")

    def _together(self, step: Step) -> dict[str, object]:
        return {"together": True} if str(step.id) in self.crowd else {}


def can_retry(request: CopyRequest) -> bool:
    """Whether what failed may be tried again under the same approval."""
    failures = [step.failure for step in request.steps if step.state is StepState.FAILED and step.failure]
    return bool(failures) and not any(failure.category in (CHANGED, RECORD_GONE) for failure in failures)


def _is_for_restoring(step: Step, request: CopyRequest) -> bool:
    """Whether the plan restores from this copy: then it has had its use, and nobody needs to hear of its end."""
    restores = [other for other in request.steps if other.kind is StepKind.RESTORE]
    return any(step.id == before.id for other in restores for before in all_before(other, request.steps))


def _go_on(tx: Tx, step: Step, now: datetime) -> CopyRequest:
    """Release the steps that waited for this one; when nothing is left to do, the request has ended."""
    request = request_of(tx, step)
    for other in request.steps:
        if other.after == step.id and other.state is StepState.WAITING:
            tx.steps.release(other.id, now)
    event = outcome_of(request.steps)
    if event is not None:
        return move_its_request(tx, step, event, now)
    renew(tx, request, now)
    return request


def move_its_request(tx: Tx, step: Step, event: RequestEvent, now: datetime, detail: str = "") -> CopyRequest:
    """Move the step's request along, write the history, have the card renewed; the request as it is then."""
    request = request_of(tx, step)
    after = move_request(request.state, event)
    if tx.requests.move(request.id, before=request.state, after=after, at=now):
        tx.requests.record(Event(request.id, now, event, None, request.state, after, detail))
    current = tx.requests.get(request.id) or request
    renew(tx, current, now)
    return current


def request_of(tx: Tx, step: Step) -> CopyRequest:
    """The request that a step belongs to."""
    request = tx.requests.get(step.request_id)
    if request is None:
        raise LookupError(f"step {step.id} belongs to no request")
    return request
