"""The step that restores a table: what AWS tells of its job."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

import pytest

from bot.domain.books import Store
from bot.domain.errors import BackupsMissing
from bot.domain.live_tables import Tables
from bot.domain.restores import RestoreJob, RestoreOrder, RestoreState
from bot.domain.steps import NOT_SHOWN, RECORD_GONE, Step, StepState
from bot.workflows.steps.restore import RestoreStep
from bot.workflows.steps.work import Stage
from tests.contract.fake_backups import FakeBackups
from tests.unit.fakes import NOW
from tests.unit.table_builders import restoring, step_of

JOB = "B7C1"


@dataclass
class FakeRestores:
    """Fulfils the port `Restores` with the jobs that a test puts there."""

    jobs: dict[str, RestoreJob] = field(default_factory=dict)

    def start_restore(self, order: RestoreOrder) -> str:
        return JOB

    def restore_job(self, account: str, region: str, job_id: str) -> RestoreJob:
        if job_id not in self.jobs:
            raise BackupsMissing(f"Cannot find restore job {job_id}.", code="ResourceNotFoundException")
        return self.jobs[job_id]


@dataclass
class Aws:
    work: RestoreStep
    restores: FakeRestores


@pytest.fixture
def aws(store: Store) -> Aws:
    restores = FakeRestores()
    # A job that goes on or has failed has no table that anybody would look at.
    return Aws(RestoreStep(FakeBackups(), restores, cast("Tables", None), store), restores)


def running() -> Step:
    return step_of(restoring(), state=StepState.RUNNING, started_at=NOW, external_id=JOB)


def test_a_job_that_failed_tells_when(aws: Aws) -> None:
    ended = NOW + timedelta(hours=2)
    aws.restores.jobs[JOB] = RestoreJob(JOB, RestoreState.FAILED, message="No capacity.", completed_at=ended)

    progress = aws.work.poll(running(), NOW + timedelta(days=1))

    assert progress.failure is not None
    assert (progress.stage, progress.failure.message, progress.finished_at) == (Stage.FAILED, "No capacity.", ended)


def test_a_job_that_aws_does_not_show_before_it_can_have_forgotten_it_goes_on(aws: Aws) -> None:
    with pytest.raises(BackupsMissing):
        aws.work.poll(running(), NOW + timedelta(minutes=1))

    progress = aws.work.poll(running(), NOW + timedelta(days=29))
    assert (progress.stage, progress.outside_state) == (Stage.UNDER_WAY, NOT_SHOWN)


def test_a_job_that_aws_has_forgotten_has_an_unknown_end(aws: Aws) -> None:
    failure = aws.work.poll(running(), NOW + timedelta(days=31)).failure

    assert failure is not None
    assert failure.category == RECORD_GONE
