"""What the runner asks of every kind of step, whatever it does: look, start, poll."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto
from typing import Protocol, runtime_checkable

from bot.domain.backups import CopyJob, Vault
from bot.domain.copies import Copy
from bot.domain.errors import BackupsError
from bot.domain.params import Params
from bot.domain.preflight import Finding
from bot.domain.steps import Failure, Step, fingerprint_of


@dataclass(frozen=True, slots=True)
class Look:
    """What pre-flight saw: the parameters with the source as it is now, findings, the vault if it could be seen.

    `shown` is what approvers are shown and agree to, as plain JSON values.
    """

    params: Params
    findings: tuple[Finding, ...]
    shown: Mapping[str, object]
    vault: Vault | None = None

    @property
    def fingerprint(self) -> str:
        """A hash of everything that approvers are shown and agree to."""
        return fingerprint_of(self.shown)


class Glance(Protocol):
    """A look under way: what is known soon, and all of it. Both raise as `StepWork.look` does."""

    def first(self) -> Look: ...

    def whole(self) -> Look: ...

    @property
    def missing(self) -> tuple[str, ...]:
        """What is still being looked at, in words for a person."""
        ...


@runtime_checkable
class Surveying(Protocol):
    """A kind of step whose look can be begun before anybody waits for it."""

    def begin(self, params: Params, now: datetime) -> Glance: ...


@dataclass(frozen=True)
class OneLook:
    """A look that has no parts: all of it at once, from what makes it or waits for it, and makes it only once."""

    look: Callable[[], Look]

    @property
    def missing(self) -> tuple[str, ...]:
        return ()

    def first(self) -> Look:
        return self.look()

    def whole(self) -> Look:
        return self.look()


@runtime_checkable
class Traceable(Protocol):
    """A kind of step whose job can be found without its id, where the answer to the start got lost."""

    def begun(self, step: Step) -> CopyJob | None:
        """The job that a try of this step has started. Raises BackupsError when nobody could look."""
        ...


class Stage(Enum):
    """How far the outside is with a step."""

    UNDER_WAY = auto()
    DONE = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class Progress:
    """What the outside says of a step that was started.

    `outside_state` is the vendor's own word; `facts` are plain JSON values for the notice that tells the result;
    `copy` is a recovery point to be watched until it ends.
    """

    stage: Stage
    outside_state: str = ""
    result_arn: str | None = None
    finished_at: datetime | None = None
    facts: Mapping[str, object] = field(default_factory=dict)
    failure: Failure | None = None
    copy: Copy | None = None


class StepWork(Protocol):
    """One kind of step. All but `look` may be called again after a crash, with the same step."""

    def look(self, params: Params, now: datetime) -> Look:
        """Pre-flight. Raises a retryable BackupsError when AWS could not be asked; all else becomes a finding."""
        ...

    def filled(self, params: Params, before: Sequence[Step]) -> Params:
        """The parameters with what the steps before (nearest first) have made; as they are, where nothing is missing.

        Raises BackupsError when that cannot be read.
        """
        ...

    def start(self, step: Step, approved_by: str) -> str:
        """Start it and return the outside's id for it, "" where there is none. Raises BackupsError."""
        ...

    def poll(self, step: Step, now: datetime) -> Progress:
        """Ask how far it is. Raises BackupsError when that could not be read."""
        ...

    def failure(self, error: BackupsError, params: Params) -> Failure:
        """A refusal at the call, in the outside's words and with what to do."""
        ...
