"""The steps a plan is made of, and how a step's state may move."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum, auto

from bot.domain.backups import VaultRef
from bot.domain.errors import IllegalMove
from bot.domain.params import BackUpParams, CopyParams, Params, StepKind

# What a step's `outside_state` says while it waits until nothing else works on its table.
QUEUED = "QUEUED"
# What it says of a step whose job AWS has forgotten, and whose copy tells no end: it was seen to be done.
SEEN = "SEEN"
# What it says of a step whose job AWS accepted and does not show now; it is too young to be forgotten.
NOT_SHOWN = "NOT_SHOWN"
# What it says of a step that runs and could not be read for long: AWS does not allow it, or gives no answer.
LOOK_DENIED, UNANSWERED = "LOOK_DENIED", "UNANSWERED"
UNREAD = (LOOK_DENIED, UNANSWERED)
# What it says of a step that starts: no call for it has taken effect, or one may have, since its answer got lost.
NOT_STARTED, MAYBE_STARTED = "NOT_STARTED", "MAYBE_STARTED"
# The category of a failure that is none for certain: AWS has forgotten the job, and nothing tells how it ended.
RECORD_GONE = "JOB_RECORD_GONE"


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


class Turn(StrEnum):
    """Whether a step may begin now: it did, somebody else moved it, or another step is at work on its table."""

    MINE = auto()
    LOST = auto()
    TAKEN = auto()


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a step failed: AWS's own words and category (or our code), and what a person can do about it.

    `cause` is the reason in people's words, "" where nobody knows it; `evidence` are pairs of what and its name.
    """

    message: str
    category: str
    remedy: str
    cause: str = ""
    evidence: tuple[tuple[str, str], ...] = ()

    @property
    def is_unknown(self) -> bool:
        """Whether nobody knows that it failed."""
        return self.category == RECORD_GONE


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan, which comes after another step or (None) after the approval.

    `shown` is what the approvers were shown of it, as plain JSON values; if the world shows something else when its
    turn comes, the approval does not hold. `token` is the idempotency token, stored before AWS is called;
    `external_id` the copy job's id; `result_arn` the copy; `next_poll_at` when a sweep looks at it next (also its
    lease while a sweep holds it); `tries` how often starting was tried since it last succeeded; `outside_state` what
    AWS last called the job; `started_at` is when AWS accepted it, and until then when AWS was first asked to.
    `stalls` is how often people were told that it has not begun yet, `shown_at` when the card last told how long it has
    been running, `expected_at` when it may be done, by `expected_from` earlier copies. `unread_since` is when the first
    of the looks was in vain that have been so ever since; one before `started_at` was at an earlier try.
    """

    id: int
    request_id: str
    kind: StepKind
    params: Params
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
    stalls: int = 0
    shown_at: datetime | None = None
    unread_since: datetime | None = None
    expected_at: datetime | None = None
    expected_from: int = 0
    shown: Mapping[str, object] = field(default_factory=dict)

    @property
    def is_unknown(self) -> bool:
        """Whether it counts as failed, and nobody knows how it ended."""
        return self.state is StepState.FAILED and self.failure is not None and self.failure.is_unknown

    @property
    def in_vain_since(self) -> datetime | None:
        """Since when its job cannot be read; None: it could be at the last look."""
        since = self.unread_since
        return since if since and (self.started_at is None or since >= self.started_at) else None

    @property
    def home(self) -> tuple[str, str]:
        """Account (id) and Region in which AWS does the work: a copy is made where its source is."""
        vault = self.copy.point.vault if self.copy else None
        return (vault.account, vault.region) if vault else self.params.target

    @property
    def copy(self) -> CopyParams | None:
        """The parameters, if the step is a copy."""
        return self.params if isinstance(self.params, CopyParams) else None


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step that is not stored yet; `after` is the place (from 0) of an earlier step in the same plan."""

    params: Params
    after: int | None = None


TOLD = "told"
"""The key under which a step keeps what approvers are told besides: it comes and goes with the clock."""

Plan = tuple[PlannedStep, ...]
"""Each step stands behind the one it comes after. Several after the same one (or none) run side by side."""


@dataclass(frozen=True, slots=True)
class NewStep:
    """A step of a request that is about to be stored, with its idempotency token and what people were shown of it."""

    params: Params
    token: str
    after: int | None = None
    shown: Mapping[str, object] = field(default_factory=dict)


def fingerprint_of(shown: Mapping[str, object]) -> str:
    """A hash of what approvers are shown and agree to; what they are only told besides binds nobody."""
    bound = {key: value for key, value in shown.items() if key != TOLD}
    return hashlib.sha256(json.dumps(bound, sort_keys=True).encode()).hexdigest()


def blocked(steps: tuple[Step, ...]) -> frozenset[int]:
    """Ids of waiting steps that come, however far, after one that failed."""
    stopped = {step.id for step in steps if step.state is StepState.FAILED}
    found: set[int] = set()
    for step in steps:
        if step.state is StepState.WAITING and step.after in stopped | found:
            found.add(step.id)
    return frozenset(found)


def all_before(step: Step, steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps that a step comes after, nearest first."""
    known = {other.id: other for other in steps}
    found: list[Step] = []
    while step.after is not None and step.after in known:
        step = known[step.after]
        found.append(step)
    return tuple(found)


def made_in(params: Params) -> VaultRef | None:
    """The vault in which a step of this kind makes a recovery point; None when it makes none."""
    if isinstance(params, CopyParams):
        return params.destination
    return params.vault if isinstance(params, BackUpParams) else None


def maker_of(vault: VaultRef, before: Sequence[Step]) -> Step | None:
    """The nearest of these steps that makes a recovery point in this vault."""
    return next((step for step in before if made_in(step.params) == vault), None)


def table_at_work(params: Params) -> str | None:
    """The ARN of the table that AWS lets no other backup or copy job work on meanwhile; None: nobody has to wait.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/aws-backup-limits.html
    """
    if isinstance(params, CopyParams):
        return params.point.table_arn or None
    return params.table_arn if isinstance(params, BackUpParams) else None


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
