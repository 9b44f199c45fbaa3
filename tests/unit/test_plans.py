"""Plans of several steps: what goes on when a step fails, and how the whole has ended."""

from dataclasses import replace

import pytest

from bot.domain.backups import VaultRef
from bot.domain.params import CopyParams
from bot.domain.plans import plan_for_run, plans_for_run
from bot.domain.requests import RequestEvent, outcome_of
from bot.domain.steps import Step, StepState, blocked
from tests.unit.builders import ACCOUNTS, a_point, a_step
from tests.unit.table_builders import along_ways

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


def test_a_run_is_cut_by_steps_and_not_by_copies() -> None:
    """Each backup takes three copies and a change of the first one's retention here."""
    points = tuple(replace(a_point(), arn=f"arn:{number}") for number in range(11))

    cut = [(number, len(plan)) for number, plan in plans_for_run(along_ways(), points, ACCOUNTS, (), most=20)]

    assert cut == [(0, 20), (5, 20), (10, 4)]


def test_a_run_of_one_backup_is_one_plan_however_long() -> None:
    points = (replace(a_point(), arn="arn:1"), replace(a_point(), arn="arn:2"))

    assert [len(plan) for _, plan in plans_for_run(along_ways(), points, ACCOUNTS, (), most=3)] == [4, 4]


def test_a_way_whose_vaults_hold_a_backup_is_not_gone_again() -> None:
    point, (hop, last, beside) = a_point(), (vault for _, vault, _ in along_ways().copies)

    def copied(*arrived: VaultRef) -> list[VaultRef]:
        plan = plan_for_run(along_ways(), (point,), ACCOUNTS, {(point.arn, vault) for vault in arrived})
        return [step.params.destination for step in plan if isinstance(step.params, CopyParams)]

    assert copied() == [hop, last, beside]
    assert copied(hop, last) == [beside]
    assert copied(hop, beside) == [hop, last]
    assert copied(hop, last, beside) == []
