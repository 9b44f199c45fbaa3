"""What a plan does when it is let go, and where a step stands in it, in words that fit plans that are no copies too."""

from collections.abc import Sequence

from bot.domain.params import Params, StepKind
from bot.domain.requests import CopyRequest
from bot.domain.sentences import plans
from bot.domain.steps import Step


def starts_now(steps: Sequence[Params]) -> str:
    """What begins with the last approval."""
    return plans.starts(steps[0].kind, len(steps), alike=len({step.kind for step in steps}) == 1)


def only_copies(request: CopyRequest) -> bool:
    """Whether all that the plan does is copying."""
    return all(step.copy for step in request.steps)


def is_schedule(request: CopyRequest) -> bool:
    """Whether the plan puts a schedule in force, which can be paused and deleted later."""
    return any(step.kind is StepKind.RECUR for step in request.steps)


def nothing_happened(request: CopyRequest) -> str:
    """What became of a request that was not let go, as half a sentence."""
    return plans.nothing_came(only_copies=only_copies(request))


def nothing_happens(request: CopyRequest) -> str:
    """What becomes of a request that nobody lets go, as half a sentence."""
    return plans.nothing_comes(only_copies=only_copies(request))


def place_in_plan(request: CopyRequest, step: Step) -> str:
    """Where a step stands among several: step 2 of 3; nothing where it is the only one."""
    if len(request.steps) == 1:
        return ""
    return plans.place([one.id for one in request.steps].index(step.id) + 1, len(request.steps))
