"""Copy jobs of the local AWS: their life, their answers, and what a copy inherits."""

from datetime import timedelta

from tests.contract import sandbox_aws_trial
from tests.contract.sandbox_aws_trial import NOON, PROD, US, Trial

local, local_server = sandbox_aws_trial.local, sandbox_aws_trial.local_server


def test_a_job_goes_from_created_over_running_to_completed(local: Trial) -> None:
    local.two_accounts()
    local.world.job_timing(created=timedelta(minutes=1), running=timedelta(minutes=5))
    job_id = local.start_copy(local.backup_of())

    states = [local.job(job_id)["State"]]
    for minutes in (2, 5):
        local.clock.advance(timedelta(minutes=minutes))
        states.append(local.job(job_id)["State"])

    assert states == ["CREATED", "RUNNING", "COMPLETED"]
    assert local.job(job_id)["CompletionDate"] == NOON + timedelta(minutes=6)


def test_the_copy_appears_only_when_the_job_is_completed(local: Trial) -> None:
    local.two_accounts()
    job_id = local.start_copy(local.backup_of())
    assert local.copies() == []
    assert "DestinationRecoveryPointArn" not in local.job(job_id)

    local.clock.advance(timedelta(seconds=10))

    [copy] = local.copies()
    assert copy["RecoveryPointArn"] == local.job(job_id)["DestinationRecoveryPointArn"]


def test_the_same_token_gives_the_same_job(local: Trial) -> None:
    local.two_accounts()
    point = local.backup_of()

    first = local.start_copy(point, IdempotencyToken="ours")
    again = local.start_copy(point, IdempotencyToken="ours")

    assert again == first
    assert len(local.world.copy_jobs(PROD, US)) == 1
