"""Backup jobs of the local AWS: advanced or not, waiting, stopped, failing."""

from datetime import timedelta
from typing import Any

import pytest

from tests.contract import sandbox_aws_trial
from tests.contract.sandbox_aws_trial import BACK_ROLE, COPY_ROLE, DAY, NOON, PROD, US, Trial, refused

local, local_worlds = sandbox_aws_trial.local, sandbox_aws_trial.local_worlds

ORDERS = f"arn:aws:dynamodb:{US}:{PROD}:table/orders"
MINUTE = timedelta(minutes=1)


def _table(local: Trial) -> None:
    local.two_accounts()
    local.world.create_table(PROD, US, "orders", [{"id": "1", "note": "first"}], size_bytes=5000)
    local.world.job_timing(created=MINUTE, running=10 * MINUTE)


def _start(local: Trial, **more: Any) -> dict[str, Any]:
    request = {"BackupVaultName": "daily", "ResourceArn": ORDERS, "IamRoleArn": COPY_ROLE}
    answer: dict[str, Any] = local.client().start_backup_job(**(request | more))
    return answer


def _job(local: Trial, job_id: str) -> dict[str, Any]:
    answer: dict[str, Any] = local.client().describe_backup_job(BackupJobId=job_id)
    return answer


def test_an_advanced_backup_names_its_point_at_once(local: Trial) -> None:
    _table(local)
    answer = _start(local)
    assert answer["RecoveryPointArn"].startswith(f"arn:aws:backup:{US}:{PROD}:recovery-point:")


def test_a_backup_with_the_feature_off_is_dynamodbs_own_and_cannot_be_copied(local: Trial) -> None:
    _table(local)
    local.world.set_advanced(PROD, US, enabled=False)

    answer = _start(local)
    local.clock.advance(11 * MINUTE)

    point = _job(local, answer["BackupJobId"])["RecoveryPointArn"]
    assert "RecoveryPointArn" not in answer
    assert point.startswith(f"{ORDERS}/backup/0")
    with refused("InvalidRequestException"):
        local.start_copy(point)


def test_backups_made_while_the_feature_was_on_stay_copyable(local: Trial) -> None:
    _table(local)
    point = _start(local)["RecoveryPointArn"]
    local.clock.advance(11 * MINUTE)
    local.world.set_advanced(PROD, US, enabled=False)
    local.world.job_timing()

    assert local.copy(point)["State"] == "COMPLETED"


def test_a_backup_runs_and_leaves_a_whole_point(local: Trial) -> None:
    _table(local)
    started = _start(local, Lifecycle={"DeleteAfterDays": 35}, RecoveryPointTags={"why": "copy"})
    job_id, point = started["BackupJobId"], started["RecoveryPointArn"]

    created = _job(local, job_id)
    local.clock.advance(6 * MINUTE)
    running = _job(local, job_id)
    half = local.client().describe_recovery_point(BackupVaultName="daily", RecoveryPointArn=point)
    local.clock.advance(5 * MINUTE)
    done = _job(local, job_id)
    whole = local.client().describe_recovery_point(BackupVaultName="daily", RecoveryPointArn=point)

    assert [job["State"] for job in (created, running, done)] == ["CREATED", "RUNNING", "COMPLETED"]
    assert [job["PercentDone"] for job in (created, running, done)] == ["0.0", "50.0", "100.0"]
    assert (half["Status"], whole["Status"]) == ("CREATING", "COMPLETED")
    assert (done["CompletionDate"], done["BackupSizeInBytes"]) == (NOON + 11 * MINUTE, 5000)
    assert whole["CreationDate"] == NOON
    assert whole["CalculatedLifecycle"]["DeleteAt"] == NOON + 35 * DAY
    assert local.client().list_tags(ResourceArn=point)["Tags"] == {"why": "copy"}


def test_a_point_still_being_made_cannot_be_copied(local: Trial) -> None:
    _table(local)
    point = _start(local)["RecoveryPointArn"]
    local.clock.advance(2 * MINUTE)
    local.world.job_timing(created=timedelta(0), running=timedelta(0), kinds=["copy"])
    local.world.create_table(PROD, US, "other")

    job_id = local.start_copy(point)
    assert local.job(job_id)["State"] == "CREATED"

    local.clock.advance(9 * MINUTE)
    assert local.job(job_id)["State"] == "COMPLETED"


def test_a_backup_and_a_copy_of_one_table_wait_for_each_other(local: Trial) -> None:
    _table(local)
    copy = local.start_copy(local.backup_of())
    backup = _start(local)["BackupJobId"]
    local.clock.advance(5 * MINUTE)
    assert (local.job(copy)["State"], _job(local, backup)["State"]) == ("RUNNING", "CREATED")

    local.clock.advance(7 * MINUTE)

    assert (local.job(copy)["State"], _job(local, backup)["State"]) == ("COMPLETED", "RUNNING")


def test_the_same_token_starts_one_backup(local: Trial) -> None:
    _table(local)
    first = _start(local, IdempotencyToken="ours")
    again = _start(local, IdempotencyToken="ours")
    assert again["BackupJobId"] == first["BackupJobId"]
    assert len(local.client().list_backup_jobs()["BackupJobs"]) == 1


def test_a_missing_table_fails_the_job(local: Trial) -> None:
    _table(local)
    job_id = _start(local, ResourceArn=ORDERS + "-gone")["BackupJobId"]
    local.clock.advance(2 * MINUTE)
    job = _job(local, job_id)
    assert (job["State"], job["StatusMessage"]) == ("FAILED", "Table not found.")
    assert local.client().describe_backup_vault(BackupVaultName="daily")["NumberOfRecoveryPoints"] == 0


def test_an_ordered_failure_leaves_no_point(local: Trial) -> None:
    _table(local)
    local.world.fail_next_copy("An internal error occurred.", "FATAL_ERROR", kind="backup")
    job_id = _start(local)["BackupJobId"]
    local.clock.advance(11 * MINUTE)
    assert _job(local, job_id)["MessageCategory"] == "FATAL_ERROR"
    assert local.client().describe_backup_vault(BackupVaultName="daily")["NumberOfRecoveryPoints"] == 0


@pytest.mark.parametrize(
    ("request_part", "code"),
    [
        ({"BackupVaultName": "nowhere"}, "AccessDeniedException"),
        ({"ResourceArn": f"arn:aws:s3:::{PROD}"}, "InvalidParameterValueException"),
        ({"ResourceArn": ORDERS.replace(US, "eu-west-1")}, "InvalidParameterValueException"),
        ({"IamRoleArn": BACK_ROLE}, "AccessDeniedException"),
        ({"IamRoleArn": "no role"}, "InvalidParameterValueException"),
        ({"StartWindowMinutes": 59}, "InvalidParameterValueException"),
        ({"Lifecycle": {"DeleteAfterDays": 0}}, "InvalidParameterValueException"),
    ],
)
def test_a_backup_that_cannot_be_is_refused(local: Trial, request_part: dict[str, Any], code: str) -> None:
    _table(local)
    with refused(code):
        _start(local, **request_part)


def test_cold_storage_needs_the_advanced_feature(local: Trial) -> None:
    _table(local)
    local.world.set_advanced(PROD, US, enabled=False)
    with refused("InvalidParameterValueException", "MoveToColdStorageAfterDays is unavailable"):
        _start(local, Lifecycle={"MoveToColdStorageAfterDays": 30})


def test_a_waiting_backup_can_be_stopped_a_running_one_cannot(local: Trial) -> None:
    _table(local)
    waiting = _start(local)["BackupJobId"]
    local.client().stop_backup_job(BackupJobId=waiting)
    running = _start(local)["BackupJobId"]
    local.clock.advance(2 * MINUTE)

    assert _job(local, waiting)["State"] == "ABORTED"
    assert _job(local, running)["State"] == "RUNNING"
    with refused("InvalidRequestException", status=400):
        local.client().stop_backup_job(BackupJobId=running)


def test_backup_jobs_are_listed_and_filtered(local: Trial) -> None:
    _table(local)
    local.world.create_vault(PROD, US, "weekly")
    first = _start(local)["BackupJobId"]
    local.clock.advance(30 * MINUTE)
    second = _start(local, BackupVaultName="weekly")["BackupJobId"]

    def found(**filters: Any) -> list[str]:
        return [job["BackupJobId"] for job in local.client().list_backup_jobs(**filters)["BackupJobs"]]

    assert found() == [second, first]
    assert found(ByState="COMPLETED") == [first]
    assert found(ByBackupVaultName="weekly") == [second]
    assert found(ByResourceArn=ORDERS, ByCreatedAfter=NOON + MINUTE) == [second]


def test_an_unknown_backup_job_is_not_found(local: Trial) -> None:
    with refused("ResourceNotFoundException"):
        _job(local, "none")
