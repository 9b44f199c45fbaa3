"""Looking at a whole plan: every step's look begins at once; what is known soon comes first, the rest when it is there.

Looks that have no parts are made one after the other, while the copies' reads are under way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

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


def begin_looking(steps: Sequence[Params], works: StepWorks, now: datetime) -> Looking:
    """Begin every look of a plan."""
    return Looking(tuple(_glance(params, works, now) for params in steps))


def _glance(params: Params, works: StepWorks, now: datetime) -> Glance:
    work = works[params.kind]
    return work.begin(params, now) if isinstance(work, Surveying) else OneLook(work, params, now)
