"""Looking at a whole plan: every step's look begins at once; what is known soon comes first, the rest when it is there.

Looks that have no parts are made side by side in a pool, as the copies' reads are.
"""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial

from bot.domain.params import Params
from bot.workflows.steps import StepWorks
from bot.workflows.steps.work import Glance, Look, OneLook, Surveying

Looks = tuple[Look, ...]


@dataclass(frozen=True)
class Looking:
    """Looks under way, in the order of the plan. Both parts raise a retryable BackupsError when AWS is silent."""

    glances: tuple[Glance, ...]

    def first(self) -> Looks:
        """What is known soon. Not for binding anybody."""
        return tuple(glance.first() for glance in self.glances)

    def whole(self) -> Looks:
        """Everything, once it is there."""
        return tuple(glance.whole() for glance in self.glances)

    @property
    def missing(self) -> tuple[str, ...]:
        """What is still being looked at, in words, each once."""
        return tuple(dict.fromkeys(what for glance in self.glances for what in glance.missing))


def begin_looking(steps: Sequence[Params], works: StepWorks, now: datetime, pool: Executor | None = None) -> Looking:
    """Begin every look of a plan; without a pool those that have no parts are made when they are asked for."""
    return Looking(tuple(_glance(params, works, now, pool) for params in steps))


def _glance(params: Params, works: StepWorks, now: datetime, pool: Executor | None) -> Glance:
    work = works[params.kind]
    if isinstance(work, Surveying):
        return work.begin(params, now)
    if pool is None:
        return OneLook(cache(partial(work.look, params, now)))
    return OneLook(pool.submit(work.look, params, now).result)
