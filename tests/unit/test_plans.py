"""Plans of several steps: what goes on when a step fails, and how the whole has ended."""

from dataclasses import replace

import pytest

from bot.domain.requests import RequestEvent, outcome_of
from bot.domain.steps import Step, StepState, blocked
from tests.unit.builders import a_step

W, R, D, F = StepState.WAITING, StepState.RUNNING, StepState.DONE, StepState.FAILED


def plan(*steps: tuple[StepState, int | None]) -> tuple[Step, ...]:
    """Steps numbered from 1, each with its state and the number of the step it comes after."""
    return tuple(replace(a_step(state), id=number, after=after) for number, (state, after) in enumerate(steps, start=1))


@pytest.mark.parametrize(
    ("steps", "outcome"),
    [
        (plan((D, None)), RequestEvent.COMPLETE),
        (plan((F, None)), RequestEvent.FAIL),
        (plan((R, None)), None),
        (plan((D, None), (W, 1)), None),
        (plan((D, None), (F, 1), (W, 2)), RequestEvent.COMPLETE_PARTLY),
        (plan((F, None), (W, 1), (W, 2)), RequestEvent.FAIL),
        (plan((F, None), (R, None)), None),
        (plan((F, None), (D, None)), RequestEvent.COMPLETE_PARTLY),
        (plan((D, None), (F, 1), (W, 1)), None),
        (plan((D, None), (D, 1), (D, 1)), RequestEvent.COMPLETE),
    ],
)
def test_a_plan_ends_when_nothing_of_it_can_go_on(steps: tuple[Step, ...], outcome: RequestEvent | None) -> None:
    assert outcome_of(steps) == outcome


def test_what_comes_after_a_failed_step_is_blocked_however_far() -> None:
    assert blocked(plan((F, None), (W, 1), (W, 2), (W, None), (D, None))) == {2, 3}
