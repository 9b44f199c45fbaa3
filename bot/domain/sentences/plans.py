"""What a plan does when it is let go, what becomes of one that is not, and where a step stands in it."""

from collections.abc import Mapping

from bot.domain.kinds import StepKind

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


def starts(first: StepKind, of: int, *, alike: bool) -> str:
    """What begins with the last approval. `of`: how many steps there are; `alike`: all of one kind."""
    if of == 1:
        return _STARTS[first]
    return f"The first of its {of} steps starts now." if alike else f"{_STARTS[first]} It is the first of {of} steps."


def nothing_came(*, only_copies: bool) -> str:
    """What became of a request that was not let go, as half a sentence."""
    return "nothing was copied" if only_copies else "nothing was done"


def nothing_comes(*, only_copies: bool) -> str:
    """What becomes of a request that nobody lets go, as half a sentence."""
    return "nothing is copied" if only_copies else "nothing is done"


def place(number: int, of: int) -> str:
    """Which of several steps."""
    return f"step {number} of {of}"
