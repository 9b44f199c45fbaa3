"""A few schedules of the chaos suite in every run; a thousand by `python -m tests.chaos --schedules 1000`.

Where COPY_BACKUP_CHAOS is set, one more is played with processes that are started as an operator starts them.
"""

import os

import pytest

from tests.chaos.aim import EVERY, SCENE_AT, TROUBLES, UNAIMED, aimed, drawn, targets
from tests.chaos.boundaries import IDLE, boundaries
from tests.chaos.crew import Task, work_off
from tests.chaos.playbill import SCENES
from tests.chaos.script import script
from tests.contract.store_postgres import server_url

SEED = 7
WORKERS = 2
on_request = pytest.mark.skipif(not os.environ.get("COPY_BACKUP_CHAOS"), reason="COPY_BACKUP_CHAOS is not set")


def went_wrong(tasks: list[Task]) -> list[str]:
    """What went wrong, with the schedule's name in front: `python -m tests.chaos --seed … --first …` plays it again."""
    return [f"{outcome.name}: {line}" for _, outcome in work_off(tasks, WORKERS) for line in outcome.verdict]


@pytest.mark.timeout(900)
def test_nothing_is_lost_or_doubled_when_the_bot_is_killed_and_everything_goes_wrong() -> None:
    assert went_wrong([Task(SEED, number) for number in (0, 1, 2, EVERY - 1)]) == []


@pytest.mark.timeout(900)
def test_the_same_holds_for_two_bots_on_postgresql_of_which_one_is_killed() -> None:
    server = server_url()

    assert went_wrong([Task(SEED, number, server) for number in range(100, 102)]) == []


@on_request
@pytest.mark.timeout(300)
def test_the_same_holds_for_processes_that_were_started_as_an_operator_starts_them() -> None:
    assert went_wrong([Task(SEED, 200, cold=True)]) == []


def test_the_boundaries_are_those_of_the_sources() -> None:
    assert {"workflows.runner.Runner._begin", "workflows.endings.Endings.done"} < set(boundaries())
    assert set(boundaries()) > IDLE


def test_people_are_led_to_boundaries_that_there_are_by_scenes_that_there_are() -> None:
    aims = {name for name in SCENE_AT if not any(boundary.startswith(name) for boundary in boundaries())}

    assert aims == set()
    assert set(SCENE_AT.values()) == set(SCENES)
    assert set(TROUBLES) | set(UNAIMED) <= set(boundaries())
    assert not any(name.startswith(tuple(SCENE_AT)) for name in UNAIMED)


def test_a_schedule_is_aimed_at_each_boundary_before_and_after() -> None:
    for number, (boundary, before) in enumerate(targets()):
        orders = [*aimed(SEED, number).kills, *aimed(SEED, number).late_kills]

        assert [order.before for order in orders if order.calls == (boundary,)] == [before]


def test_scenes_are_among_the_schedules_of_random_kills() -> None:
    assert {drawn(SEED, number).scene for number in range(EVERY * len(SCENES))} == {"", *SCENES}


def test_the_same_number_is_the_same_schedule() -> None:
    assert script(3, 4) == script(3, 4)
    assert script(3, 4) != script(3, 5)
