"""What a plan does when it is let go, and where a step stands in it, in words that fit plans that are no copies too."""

from collections.abc import Mapping, Sequence

from bot.domain.params import Params, StepKind
from bot.domain.requests import CopyRequest
from bot.domain.steps import Step

_STARTS: Mapping[StepKind, str] = {
    StepKind.COPY: "The copy starts now.",
    StepKind.CREATE_VAULT: "The vault is made now.",
    StepKind.ENABLE_ADVANCED: "The advanced features are turned on now.",
    StepKind.BACK_UP: "The backup starts now.",
    StepKind.SET_RETENTION: "The retention is changed now.",
    StepKind.RESTORE: "The restore starts now.",
    StepKind.COMPARE_TABLE: "The comparison starts now.",
    StepKind.DELETE_TABLE: "The table is deleted now.",
    StepKind.CHANGE_PLAN: "The new version of the plan is written now.",
    StepKind.RECUR: "The schedule is put in force now.",
}


def starts_now(steps: Sequence[Params]) -> str:
    """What begins with the last approval."""
    if len({step.kind for step in steps}) == 1 and len(steps) > 1:
        return f"The first of its {len(steps)} steps starts now."
    if len(steps) == 1:
        return _STARTS[steps[0].kind]
    return f"{_STARTS[steps[0].kind]} It is the first of {len(steps)} steps."


def only_copies(request: CopyRequest) -> bool:
    """Whether all that the plan does is copying."""
    return all(step.copy for step in request.steps)


def is_schedule(request: CopyRequest) -> bool:
    """Whether the plan puts a schedule in force, which can be paused and deleted later."""
    return any(step.kind is StepKind.RECUR for step in request.steps)


def nothing_happened(request: CopyRequest) -> str:
    """What became of a request that was not let go, as half a sentence."""
    return "nothing was copied" if only_copies(request) else "nothing was done"


def nothing_happens(request: CopyRequest) -> str:
    """What becomes of a request that nobody lets go, as half a sentence."""
    return "nothing is copied" if only_copies(request) else "nothing is done"


def place_in_plan(request: CopyRequest, step: Step) -> str:
    """Where a step stands among several: step 2 of 3; nothing where it is the only one."""
    if len(request.steps) == 1:
        return ""
    return f"step {[one.id for one in request.steps].index(step.id) + 1} of {len(request.steps)}"
