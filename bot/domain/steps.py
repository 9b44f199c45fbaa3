"""The kinds of step a plan is made of, their parameters, and how a step's state may move."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.backups import RecoveryPoint, VaultRef
from bot.domain.errors import IllegalMove
from bot.domain.retention import Retention


class StepKind(StrEnum):
    COPY = "copy"


class StepState(StrEnum):
    WAITING = "WAITING"
    STARTING = "STARTING"
    RUNNING = "RUNNING"
    DONE = "DONE"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"

    @property
    def is_final(self) -> bool:
        return self in (StepState.DONE, StepState.FAILED, StepState.SKIPPED)


class StepEvent(StrEnum):
    BEGIN = "begin"
    STARTED = "started"
    FINISH = "finish"
    FAIL = "fail"
    SKIP = "skip"
    RETRY = "retry"


STEP_MOVES: dict[tuple[StepState, StepEvent], StepState] = {
    (StepState.WAITING, StepEvent.BEGIN): StepState.STARTING,
    (StepState.WAITING, StepEvent.FAIL): StepState.FAILED,
    (StepState.WAITING, StepEvent.SKIP): StepState.SKIPPED,
    (StepState.STARTING, StepEvent.STARTED): StepState.RUNNING,
    (StepState.STARTING, StepEvent.FAIL): StepState.FAILED,
    (StepState.RUNNING, StepEvent.FINISH): StepState.DONE,
    (StepState.RUNNING, StepEvent.FAIL): StepState.FAILED,
    (StepState.FAILED, StepEvent.RETRY): StepState.WAITING,
}


@dataclass(frozen=True, slots=True)
class CopyParams:
    """A copy: which recovery point (as it was when people saw it), where to, kept how long, under which role."""

    point: RecoveryPoint
    destination: VaultRef
    retention: Retention
    role_arn: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a step failed: AWS's own words and category (or our code), and what a person can do about it."""

    message: str
    category: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan.

    `token` is the idempotency token, stored before AWS is called; `external_id` the copy job's id; `result_arn`
    the copy; `next_poll_at` when a sweep looks at it next (also its lease while a sweep holds it); `tries` how
    often starting was tried since it last succeeded; `outside_state` what AWS last called the job.
    """

    id: int
    request_id: str
    kind: StepKind
    params: CopyParams
    after: int | None
    state: StepState
    token: str
    external_id: str | None = None
    outside_state: str | None = None
    result_arn: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    next_poll_at: datetime | None = None
    tries: int = 0
    failure: Failure | None = None


def move_step(state: StepState, event: StepEvent) -> StepState:
    """Where an event takes a step. An event seen again in its target state changes nothing.

    Raises IllegalMove for a pair that the table does not know.
    """
    target = STEP_MOVES.get((state, event))
    if target is not None:
        return target
    if state in {to for (_, known), to in STEP_MOVES.items() if known is event}:
        return state
    raise IllegalMove(f"a step in {state} cannot {event}")
