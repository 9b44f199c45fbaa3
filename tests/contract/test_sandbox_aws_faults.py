"""Faults of the local AWS, and its record of calls."""

import threading

import pytest
from botocore.exceptions import ConnectionClosedError

from tests.contract import sandbox_aws_trial
from tests.contract.sandbox_aws_trial import BACKUP, EU, NOON, PROD, US, Trial, refused

local, local_worlds = sandbox_aws_trial.local, sandbox_aws_trial.local_worlds


def test_the_next_calls_of_an_operation_are_throttled(local: Trial) -> None:
    fault = local.world.faults.throttle("ListBackupVaults", times=2)
    client = local.client()

    for _ in range(2):
        with refused("ThrottlingException", "Rate exceeded", status=400):
            client.list_backup_vaults()

    assert client.list_backup_vaults()["BackupVaultList"] == []
    assert client.list_copy_jobs()["CopyJobs"] == []
    assert fault.hits == 2


def test_a_share_of_the_calls_is_throttled(local: Trial) -> None:
    local.world.faults.throttle("*", share=0.5)
    client = local.client()
    refusals = 0

    for _ in range(30):
        try:
            client.list_backup_vaults()
        except client.exceptions.ClientError:
            refusals += 1

    assert 5 < refusals < 25


def test_a_service_error_has_its_status(local: Trial) -> None:
    local.world.faults.fail("ListBackupVaults")
    with refused("ServiceUnavailableException", status=500):
        local.client().list_backup_vaults()


def test_any_error_can_be_ordered(local: Trial) -> None:
    local.world.faults.fail("DescribeCopyJob", code="InternalFailure", message="Oh.", status=500)
    with refused("InternalFailure", "Oh.", status=500):
        local.client().describe_copy_job(CopyJobId="x")


def test_an_expired_token_is_told_in_each_services_way(local: Trial) -> None:
    local.world.faults.expire_token(times=3)
    with refused("ExpiredTokenException", "security token included in the request is expired", status=403):
        local.client().list_backup_vaults()
    with refused("ExpiredToken", status=403):
        local.client("sts").get_caller_identity()
    with refused("ExpiredTokenException", status=400):
        local.client("dynamodb").list_tables()


def test_an_operation_can_be_denied_in_one_account(local: Trial) -> None:
    local.two_accounts()
    fault = local.world.faults.deny(BACKUP, "ListBackupVaults")

    with refused("AccessDeniedException", "is not authorized to perform: backup:ListBackupVaults", status=403):
        local.client(account=BACKUP, region=EU).list_backup_vaults()
    assert local.client().list_backup_vaults()["BackupVaultList"]

    fault.lift()
    assert local.client(account=BACKUP, region=EU).list_backup_vaults()["BackupVaultList"]


def test_a_fault_may_hit_one_service_only(local: Trial) -> None:
    local.world.faults.throttle("sts:*")
    with refused("Throttling", status=400):
        local.client("sts").get_caller_identity()
    assert local.client().list_backup_vaults()["BackupVaultList"] == []


def test_a_slow_answer_comes_when_the_fault_is_lifted(local: Trial) -> None:
    fault = local.world.faults.slow("ListBackupVaults", seconds=60)
    answered = threading.Event()

    def call() -> None:
        local.client().list_backup_vaults()
        answered.set()

    thread = threading.Thread(target=call)
    thread.start()
    assert local.client().list_copy_jobs()["CopyJobs"] == []
    assert not answered.is_set()
    fault.lift()

    assert answered.wait(timeout=20)
    thread.join(timeout=20)


def test_a_lost_answer_leaves_the_job_behind(local: Trial) -> None:
    local.two_accounts()
    point = local.backup_of()
    local.world.faults.lose_response("StartCopyJob")

    with pytest.raises(ConnectionClosedError):
        local.start_copy(point, IdempotencyToken="ours")
    [lost] = local.world.copy_jobs(PROD, US)
    again = local.start_copy(point, IdempotencyToken="ours")

    assert again == lost["CopyJobId"]
    assert len(local.world.copy_jobs(PROD, US)) == 1


def test_a_lost_request_leaves_nothing_behind(local: Trial) -> None:
    local.two_accounts()
    local.world.faults.lose_request("StartCopyJob")

    with pytest.raises(ConnectionClosedError):
        local.start_copy(local.backup_of())

    assert local.world.copy_jobs(PROD, US) == []


def test_cleared_faults_hit_nobody(local: Trial) -> None:
    local.world.faults.throttle()
    local.world.faults.clear()
    assert local.client().list_backup_vaults()["BackupVaultList"] == []
    assert local.world.faults.active() == []


def test_every_call_is_on_record(local: Trial) -> None:
    local.two_accounts()
    local.world.faults.throttle("ListBackupVaults", times=1)
    with refused("ThrottlingException"):
        local.client().list_backup_vaults(MaxResults=5)
    with refused("AccessDeniedException"):
        local.client(region=EU).describe_backup_vault(BackupVaultName="nowhere")
    local.client("dynamodb", BACKUP).list_tables(Limit=7)

    seen = [
        (call.service, call.operation, call.account, call.region, call.params, call.outcome)
        for call in local.world.calls
    ]

    assert seen == [
        ("backup", "ListBackupVaults", PROD, US, {"MaxResults": 5}, "ThrottlingException"),
        ("backup", "DescribeBackupVault", PROD, EU, {"BackupVaultName": "nowhere"}, "AccessDeniedException"),
        ("dynamodb", "ListTables", BACKUP, US, {"Limit": 7}, "OK"),
    ]
    assert all(call.time == NOON for call in local.world.calls)


def test_errors_of_motos_other_services_are_on_record_by_name(local: Trial) -> None:
    with refused("ResourceNotFoundException"):
        local.client("dynamodb").describe_table(TableName="nowhere")
    with refused("NoSuchEntity"):
        local.client("iam").get_role(RoleName="Nobody")

    assert [call.outcome for call in local.world.calls] == ["ResourceNotFoundException", "NoSuchEntity"]
