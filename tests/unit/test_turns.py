"""One backup or copy job at a time works on a table: the others wait, say so once, and begin when it has ended."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.backups import Lifecycle
from bot.domain.books import StepChange, Store
from bot.domain.notices import NoticeKind
from bot.domain.params import CopyParams, StepKind
from bot.domain.requests import CopyRequest
from bot.domain.steps import QUEUED, StepState, Turn
from bot.workflows.preflight import look
from bot.workflows.runner import Runner
from bot.workflows.steps.copy import CopyStep
from bot.workflows.tracking import Tracker
from tests.contract.fake_backups import FakeBackups
from tests.unit.builders import COPIES, MAIN, a_policy, notices_of, read_request, some_params, stored_request
from tests.unit.fakes import ManualClock, Nudges


class Scene:
    """A runner and a tracker over one store and one AWS."""

    def __init__(self, store: Store, clock: ManualClock) -> None:
        self.store, self.clock = store, clock
        self.backups, self.nudges = FakeBackups(clock=clock), Nudges()
        self.backups.add_vault(COPIES)
        works = {StepKind.COPY: CopyStep(self.backups)}
        self.runner = Runner(store, works, a_policy(), clock, self.nudges)
        self.tracker = Tracker(store, works, a_policy(), clock, self.nudges)

    def copy(self, table: str) -> CopyParams:
        yesterday = self.clock.now() - timedelta(days=1)
        return some_params(self.backups.add_point(MAIN, table, created_at=yesterday, lifecycle=Lifecycle(35)))

    def approved(self, params: CopyParams, draft_id: str) -> CopyRequest:
        shown = look(params, self.backups, self.clock.now()).shown
        return stored_request(self.store, params, draft_id=draft_id, shown=shown, approved=True)

    def state(self, request: CopyRequest) -> StepState:
        return read_request(self.store, request.id).steps[0].state

    def said(self) -> list[tuple[NoticeKind, dict[str, object]]]:
        return [one for one in notices_of(self.store, self.clock.now()) if one[0] is NoticeKind.QUEUED]


@pytest.fixture
def scene(store: Store, clock: ManualClock) -> Scene:
    return Scene(store, clock)


def test_the_second_job_for_a_table_waits_until_the_first_has_ended(scene: Scene) -> None:
    params = scene.copy("orders")
    first, second = (scene.approved(params, f"draft-{number}") for number in (1, 2))

    scene.runner.start_due()

    assert {scene.state(first), scene.state(second)} == {StepState.RUNNING, StepState.WAITING}
    assert len(scene.backups.orders) == 1
    waiting = next(one for one in (first, second) if scene.state(one) is StepState.WAITING)
    held = next(one for one in (first, second) if one is not waiting)
    assert read_request(scene.store, waiting.id).steps[0].outside_state == QUEUED
    (said,) = scene.said()
    assert said[1]["holder"] == held.id

    scene.clock.pass_(minutes=5)
    scene.runner.start_due()
    assert (scene.state(waiting), scene.said()) == (StepState.WAITING, [])

    scene.backups.finish_all()
    scene.tracker.poll_due()
    scene.runner.start_due()
    assert (scene.state(held), scene.state(waiting)) == (StepState.DONE, StepState.RUNNING)


def test_a_job_that_failed_makes_room_too(scene: Scene) -> None:
    params = scene.copy("orders")
    requests = [scene.approved(params, f"draft-{number}") for number in (1, 2)]
    scene.runner.start_due()
    scene.backups.fail(next(iter(scene.backups.jobs)), "no", "FATAL_ERROR")
    scene.clock.pass_(minutes=1)

    scene.tracker.poll_due()
    scene.runner.start_due()

    assert {scene.state(request) for request in requests} == {StepState.FAILED, StepState.RUNNING}


def test_a_job_that_aws_does_not_show_holds_nobody_up(scene: Scene) -> None:
    params = scene.copy("orders")
    requests = [scene.approved(params, f"draft-{number}") for number in (1, 2)]
    scene.runner.start_due()
    record = scene.backups.hide_job(next(iter(scene.backups.jobs)))
    scene.clock.pass_(days=1)

    scene.tracker.poll_due()
    scene.runner.start_due()

    assert [scene.state(request) for request in requests] == [StepState.RUNNING] * 2
    scene.backups.show_job(record)
    scene.backups.finish_all()
    scene.clock.pass_(days=1)
    scene.tracker.poll_due()
    assert [scene.state(request) for request in requests] == [StepState.DONE] * 2


def test_another_table_waits_for_nobody(scene: Scene) -> None:
    requests = [scene.approved(scene.copy(table), table) for table in ("orders", "customers")]

    scene.runner.start_due()

    assert [scene.state(request) for request in requests] == [StepState.RUNNING] * 2


def test_the_database_lets_one_step_at_a_time_work_on_a_table(scene: Scene) -> None:
    params = scene.copy("orders")
    first, second = (scene.approved(params, f"draft-{number}").steps[0] for number in (1, 2))
    table, change = params.point.table_arn, StepChange(next_poll_at=scene.clock.now())

    with scene.store.begin() as tx:
        turns = [tx.steps.begin(step.id, table, change) for step in (first, second)]
        holder = tx.steps.at_work_on(table)
        assert tx.steps.queue(second.id, table, change)

    assert (turns, holder and holder.id) == ([Turn.MINE, Turn.TAKEN], first.id)
    with scene.store.begin() as tx:
        assert tx.steps.begin(first.id, table, change) is Turn.LOST
        ended = replace(change, finished_at=scene.clock.now())
        assert tx.steps.move(first.id, before=StepState.STARTING, after=StepState.FAILED, change=ended)
        assert tx.steps.at_work_on(table) is None
        assert tx.steps.release_next(table, scene.clock.now())
        assert tx.steps.begin(second.id, table, change) is Turn.MINE
