"""Steps as the use cases find them in the store: claimed, moved, waiting for one another."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.params import Params
from bot.domain.steps import Failure, Step, StepState, Turn


class StepBook(Protocol):
    """Steps that sweeps work on. A claimed step is nobody else's until `until`."""

    def claim(self, states: Sequence[StepState], now: datetime, until: datetime, limit: int) -> Sequence[Step]:
        """Claim due steps (next_poll_at <= now) in one statement."""
        ...

    def release(self, step_id: int, at: datetime) -> None:
        """Make a WAITING step due at `at`."""
        ...

    def move(self, step_id: int, *, before: StepState, after: StepState, change: "StepChange") -> bool:
        """Compare-and-set the state together with the given fields; `before` may equal `after`."""
        ...

    def begin(self, step_id: int, table: str | None, change: "StepChange") -> Turn:
        """Move a WAITING step to STARTING, unless another one that works on this table (its ARN) has begun."""
        ...

    def queue(self, step_id: int, table: str, change: "StepChange") -> bool:
        """Let a WAITING step wait for a table; False when it waits no more."""
        ...

    def at_work_on(self, table: str) -> Step | None:
        """The step that has begun to work on a table and not ended."""
        ...

    def leave_table(self, step_id: int) -> None:
        """Let a step count no longer as being at work on its table."""
        ...

    def release_next(self, table: str, at: datetime) -> bool:
        """Make the first of the steps that wait for a table due at `at`; False when none does."""
        ...

    def look_later(self, dates: Mapping[int, datetime]) -> None:
        """Let RUNNING steps be looked at again then, all at once; nothing else about them has changed."""
        ...

    def look_in_vain(self, since: Mapping[int, datetime | None]) -> None:
        """Write down since when steps cannot be read; None: they can."""
        ...

    def copies_at_work(self, account: str, region: str, most: int) -> int:
        """How many copies out of an account and Region run, counted up to `most`."""
        ...

    def common_look(
        self, account: str, region: str, *, shared_by: int, after: datetime, before: datetime
    ) -> datetime | None:
        """The first moment between these two at which so many running copies out of there are due together."""
        ...

    def claim_copies(self, account: str, region: str, until: datetime, limit: int) -> Sequence[Step]:
        """Claim the running copies out of an account and Region, due or not."""
        ...

    def made_by(self, outside: Collection[str]) -> Mapping[str, str]:
        """Which of these copy jobs (ids) and recovery points (ARNs) we made: each with its request's id.

        What only changed how long a recovery point is kept has not made it.
        """
        ...

    def asked_ends(self, arn: str) -> Sequence[str]:
        """Ids of the requests, oldest first, that ask for another end of this recovery point and are not over."""
        ...

    def finished_copies(self, table_name: str, limit: int) -> Sequence[Step]:
        """Steps that have copied backups of tables of this name, newest first."""
        ...


@dataclass(frozen=True, slots=True)
class StepChange:
    """Fields to set with a step's move; None leaves a field as it is, except next_poll_at, which is always set."""

    next_poll_at: datetime | None
    token: str | None = None
    external_id: str | None = None
    outside_state: str | None = None
    result_arn: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    tries: int | None = None
    failure: Failure | None = None
    stalls: int | None = None
    shown_at: datetime | None = None
    expected_at: datetime | None = None
    expected_from: int | None = None
    clear_failure: bool = False
    params: Params | None = None
    shown: Mapping[str, object] | None = None
