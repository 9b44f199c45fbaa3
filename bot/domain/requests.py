"""A request: a small plan of steps that people approve, and how its state may move."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.approvals import Ruling, with_help
from bot.domain.copies import Made
from bot.domain.errors import IllegalMove
from bot.domain.people import Actor
from bot.domain.steps import NewStep, Step, StepState, blocked


class RequestState(StrEnum):
    PENDING = "PENDING"
    APPROVED = "APPROVED"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    PARTIAL = "PARTIAL"
    FAILED = "FAILED"
    REJECTED = "REJECTED"
    CANCELLED = "CANCELLED"
    LAPSED = "LAPSED"

    @property
    def is_final(self) -> bool:
        return self not in (RequestState.PENDING, RequestState.APPROVED, RequestState.RUNNING)


class RequestEvent(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    CANCEL = "cancel"
    LAPSE = "lapse"
    START = "start"
    COMPLETE = "complete"
    COMPLETE_PARTLY = "complete partly"
    FAIL = "fail"
    RETRY = "retry"
    BREAK_GLASS = "break glass"
    CHANGE = "change"


REQUEST_MOVES: dict[tuple[RequestState, RequestEvent], RequestState] = {
    (RequestState.PENDING, RequestEvent.APPROVE): RequestState.APPROVED,
    (RequestState.PENDING, RequestEvent.REJECT): RequestState.REJECTED,
    (RequestState.PENDING, RequestEvent.CANCEL): RequestState.CANCELLED,
    (RequestState.PENDING, RequestEvent.LAPSE): RequestState.LAPSED,
    (RequestState.PENDING, RequestEvent.BREAK_GLASS): RequestState.APPROVED,
    # What people saw is no longer so: a new round, in which nothing of the old one counts.
    (RequestState.PENDING, RequestEvent.CHANGE): RequestState.PENDING,
    (RequestState.APPROVED, RequestEvent.CHANGE): RequestState.PENDING,
    (RequestState.APPROVED, RequestEvent.START): RequestState.RUNNING,
    (RequestState.APPROVED, RequestEvent.FAIL): RequestState.FAILED,
    (RequestState.APPROVED, RequestEvent.COMPLETE_PARTLY): RequestState.PARTIAL,
    (RequestState.RUNNING, RequestEvent.COMPLETE): RequestState.COMPLETED,
    (RequestState.RUNNING, RequestEvent.COMPLETE_PARTLY): RequestState.PARTIAL,
    (RequestState.RUNNING, RequestEvent.FAIL): RequestState.FAILED,
    (RequestState.FAILED, RequestEvent.RETRY): RequestState.APPROVED,
    (RequestState.PARTIAL, RequestEvent.RETRY): RequestState.APPROVED,
}


class Verdict(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"
    CANCEL = "cancel"
    RETRY = "retry"
    BREAK_GLASS = "break glass"
    SIGN = "sign review"
    ASK_AGAIN = "ask again"


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided; an approval counts in one `stage` (from 0)."""

    actor: Actor
    verdict: Verdict
    note: str
    at: datetime
    stage: int = 0


@dataclass(frozen=True, slots=True)
class Review:
    """What stays open after somebody went ahead without approvals, until somebody else has signed it."""

    by: Actor
    reason: str
    at: datetime
    signed_by: Actor | None = None
    signed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the append-only history; `actor` is None where a sweep acted, "" is a request that is not there."""

    request_id: str
    at: datetime
    what: str
    actor: Actor | None = None
    before: str | None = None
    after: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class NewRequest:
    """A request that is about to be stored; the store gives it its id.

    The same `draft_id` sent twice is one request.
    """

    draft_id: str
    requester: Actor
    channel: str
    reason: str
    ruling: Ruling
    fingerprint: str
    created_at: datetime
    answer_by: datetime
    steps: tuple[NewStep, ...]
    call_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CopyRequest:
    """A request as stored. `card_ts` is the root message (and so the thread), `ask_ts` the message with the buttons.

    Whenever what people saw has changed, a new `round` begins (at `opened_at`); `decisions` are those of this round.
    `call_at` is when people are next reminded, or others called to help. `made`: what became of the copies that its
    steps made, in their order.
    """

    id: str
    draft_id: str
    requester: Actor
    channel: str
    reason: str
    ruling: Ruling
    fingerprint: str
    state: RequestState
    created_at: datetime
    answer_by: datetime
    version: int
    steps: tuple[Step, ...]
    decisions: tuple[Decision, ...] = ()
    card_ts: str | None = None
    ask_ts: str | None = None
    finished_at: datetime | None = None
    round: int = 1
    opened_at: datetime | None = None
    reminders: int = 0
    call_at: datetime | None = None
    escalated_at: datetime | None = None
    review: Review | None = None
    made: tuple[Made, ...] = ()

    @property
    def standing(self) -> Ruling:
        """The ruling as it is now: with those who were called to help in what was not decided by then."""
        called_at = self.escalated_at
        if called_at is None:
            return self.ruling
        yes = [one.stage for one in self.decisions if one.verdict is Verdict.APPROVE and one.at <= called_at]
        decided = {number for number, stage in enumerate(self.ruling.stages) if yes.count(number) >= stage.needed}
        return with_help(self.ruling, decided)

    @property
    def is_unknown(self) -> bool:
        """Whether it counts as failed, and nobody knows how what it started has ended."""
        failed = [step for step in self.steps if step.state is StepState.FAILED]
        return self.state is RequestState.FAILED and bool(failed) and all(step.is_unknown for step in failed)

    def made_by(self, step: Step) -> Made | None:
        """What became of the copy that a step made; None where it made none, or none that is watched."""
        return next((made for made in self.made if made.step_id == step.id), None)

    def step(self, step_id: object) -> Step:
        """The step with this id; the first one where a notice from before an upgrade names none."""
        return next((step for step in self.steps if step.id == step_id), self.steps[0])


def outcome_of(steps: tuple[Step, ...]) -> RequestEvent | None:
    """How a plan has ended, once nothing of it is at work or can still start; None before that."""
    stopped = blocked(steps)
    if any(not step.state.is_final and step.id not in stopped for step in steps):
        return None
    done = [step.state in (StepState.DONE, StepState.SKIPPED) for step in steps]
    if all(done):
        return RequestEvent.COMPLETE
    return RequestEvent.COMPLETE_PARTLY if any(done) else RequestEvent.FAIL


def move_request(state: RequestState, event: RequestEvent) -> RequestState:
    """Where an event takes a request. An event seen again in its target state changes nothing.

    Raises IllegalMove for a pair that the table does not know.
    """
    target = REQUEST_MOVES.get((state, event))
    if target is not None:
        return target
    if state in {to for (_, known), to in REQUEST_MOVES.items() if known is event}:
        return state
    raise IllegalMove(f"a request in {state} cannot {event}")
