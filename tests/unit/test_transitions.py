"""Every state with every event: the moves that are meant, the repeats that change nothing, and nothing else."""

import pytest

from bot.domain.errors import IllegalMove
from bot.domain.requests import RequestEvent, RequestState, move_request
from bot.domain.steps import StepEvent, StepState, move_step

# Columns: approve, reject, cancel, lapse, start, complete, complete partly, fail, retry, break glass, change.
# "=" changes nothing.
REQUESTS = """
PENDING    APPROVED REJECTED CANCELLED LAPSED -       -         -       -      -        APPROVED =
APPROVED   =        -        -         -      RUNNING -         PARTIAL FAILED =        =        PENDING
RUNNING    -        -        -         -      =       COMPLETED PARTIAL FAILED -        -        -
COMPLETED  -        -        -         -      -       =         -       -      -        -        -
PARTIAL    -        -        -         -      -       -         =       -      APPROVED -        -
FAILED     -        -        -         -      -       -         -       =      APPROVED -        -
REJECTED   -        =        -         -      -       -         -       -      -        -        -
CANCELLED  -        -        =         -      -       -         -       -      -        -        -
LAPSED     -        -        -         =      -       -         -       -      -        -        -
"""

# Columns: begin, started, finish, fail, skip, retry.
STEPS = """
WAITING    STARTING -        -         FAILED SKIPPED =
STARTING   =        RUNNING  -         FAILED -       -
RUNNING    -        =        DONE      FAILED -       -
DONE       -        -        =         -      -       -
FAILED     -        -        -         =      -       WAITING
SKIPPED    -        -        -         -      =       -
"""


def cells(table: str, events: list[str]) -> list[tuple[str, str, str]]:
    """State, event and what is expected, for every cell of a table."""
    rows = [line.split() for line in table.strip().splitlines()]
    return [(row[0], event, cell) for row in rows for event, cell in zip(events, row[1:], strict=True)]


def test_the_tables_below_speak_of_every_state() -> None:
    assert [row.split()[0] for row in REQUESTS.strip().splitlines()] == [state.value for state in RequestState]
    assert [row.split()[0] for row in STEPS.strip().splitlines()] == [state.value for state in StepState]


@pytest.mark.parametrize(("state", "event", "expected"), cells(REQUESTS, list(RequestEvent)))
def test_a_request_moves_only_as_the_table_says(state: str, event: str, expected: str) -> None:
    before = RequestState(state)
    if expected == "-":
        with pytest.raises(IllegalMove, match=f"a request in {state} cannot {event}"):
            move_request(before, RequestEvent(event))
        return

    assert move_request(before, RequestEvent(event)) == (before if expected == "=" else RequestState(expected))


@pytest.mark.parametrize(("state", "event", "expected"), cells(STEPS, list(StepEvent)))
def test_a_step_moves_only_as_the_table_says(state: str, event: str, expected: str) -> None:
    before = StepState(state)
    if expected == "-":
        with pytest.raises(IllegalMove, match=f"a step in {state} cannot {event}"):
            move_step(before, StepEvent(event))
        return

    assert move_step(before, StepEvent(event)) == (before if expected == "=" else StepState(expected))


def test_final_states_are_those_that_nothing_but_a_retry_leaves() -> None:
    final = {state for state in RequestState if state.is_final}

    assert final == set(RequestState) - {RequestState.PENDING, RequestState.APPROVED, RequestState.RUNNING}
    assert {state for state in StepState if state.is_final} == {StepState.DONE, StepState.FAILED, StepState.SKIPPED}
