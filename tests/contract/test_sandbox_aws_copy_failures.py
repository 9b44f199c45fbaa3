"""What the local AWS lets fail as a copy job, in AWS's words."""

from datetime import timedelta

import pytest

from tests.contract import sandbox_aws_trial
from tests.contract.sandbox_aws_trial import (
    BACKUP,
    DAY,
    EU,
    NOON,
    PROD,
    US,
    Trial,
    copy_policy,
    may_copy_into,
    why,
)

local, local_worlds = sandbox_aws_trial.local, sandbox_aws_trial.local_worlds

ACCESS_DENIED = ("Access Denied trying to call AWS Backup service", "ACCESS_DENIED")
NOT_ONE_ORGANIZATION = (
    "Copy job failed. Both source and destination account must be a member of the same organization.",
    "ACCESS_DENIED",
)
SWITCH_OFF = (
    "Copy job failed. Cross-account copy feature is not enabled for the current organization.",
    "FEATURE_NOT_ENABLED",
)
OUT_OF_RANGE = (
    "Copy job failed. The retention specified in the job is not within the range specified for the target "
    "Backup Vault.",
    "INVALID_LIFECYCLE",
)


def test_a_missing_destination_vault_fails_the_job(local: Trial) -> None:
    local.two_accounts()
    nowhere = f"arn:aws:backup:{EU}:{BACKUP}:backup-vault:nowhere"

    job = local.copy(local.backup_of(), DestinationBackupVaultArn=nowhere)

    assert why(job) == ACCESS_DENIED
    assert "DestinationVaultType" not in job


def test_a_vault_deleted_while_the_job_runs_fails_it(local: Trial) -> None:
    local.two_accounts()
    local.world.job_timing(created=timedelta(0), running=timedelta(hours=1))
    job_id = local.start_copy(local.backup_of())
    assert local.job(job_id)["State"] == "RUNNING"

    local.world.delete_vault(BACKUP, EU, "safe")
    local.clock.advance(timedelta(hours=1))

    assert why(local.job(job_id)) == ACCESS_DENIED


def test_a_point_deleted_before_the_start_fails_the_job(local: Trial) -> None:
    local.two_accounts()
    point = local.backup_of()
    job_id = local.start_copy(point)

    local.world.delete_recovery_point(PROD, US, "daily", point)
    local.clock.advance(timedelta(seconds=10))

    assert why(local.job(job_id)) == ("Cannot find recovery point", "RESOURCE_NOT_FOUND")


@pytest.mark.parametrize("status", ["PARTIAL", "EXPIRED", "DELETING", "CREATING", "STOPPED"])
def test_a_point_that_is_not_whole_fails_the_job(local: Trial, status: str) -> None:
    local.two_accounts()
    assert why(local.copy(local.backup_of(status=status)))[1] == "INVALID_STATE"


def test_a_point_in_cold_storage_fails_the_job(local: Trial) -> None:
    local.two_accounts()
    assert why(local.copy(local.backup_of(storage_class="COLD")))[1] == "INVALID_STATE"


def test_a_point_that_went_cold_while_waiting_fails_the_job(local: Trial) -> None:
    local.two_accounts()
    cold_soon = {"MoveToColdStorageAfterDays": 10, "DeleteAfterDays": 100}
    point = local.backup_of(created_at=NOON - 10 * DAY + timedelta(hours=1), lifecycle=cold_soon)
    local.world.hold_next_copies()
    job_id = local.start_copy(point, Lifecycle={"DeleteAfterDays": 100})

    local.clock.advance(timedelta(hours=2))
    local.world.release_copies()
    local.clock.advance(timedelta(seconds=10))

    assert why(local.job(job_id))[1] == "INVALID_STATE"


def test_accounts_of_two_organizations_cannot_copy(local: Trial) -> None:
    local.two_accounts()
    local.world.add_account(BACKUP, organization="o-other")
    assert why(local.copy(local.backup_of())) == NOT_ONE_ORGANIZATION


def test_an_account_that_left_the_organization_cannot_receive(local: Trial) -> None:
    local.two_accounts()
    local.world.add_account(BACKUP, organization=None)
    assert why(local.copy(local.backup_of())) == NOT_ONE_ORGANIZATION


def test_the_organizations_switch_must_be_on(local: Trial) -> None:
    local.two_accounts()
    local.world.set_cross_account_backup(False)
    assert why(local.copy(local.backup_of())) == SWITCH_OFF


def test_within_one_account_no_organization_is_needed(local: Trial) -> None:
    local.two_accounts()
    local.world.add_account(PROD, organization=None)
    vault = local.world.create_vault(PROD, EU, "elsewhere")
    assert local.copy(local.backup_of(), DestinationBackupVaultArn=vault)["State"] == "COMPLETED"


def test_a_destination_vault_with_the_default_key_is_refused_across_accounts(local: Trial) -> None:
    local.two_accounts()
    vault = local.world.create_vault(BACKUP, EU, "plain", key="default", policy=copy_policy(may_copy_into("*")))

    message, category = why(local.copy(local.backup_of(), DestinationBackupVaultArn=vault))

    assert "encrypted with the default Backup service managed key" in message
    assert category == "ACCESS_DENIED"


def test_the_lenient_reading_lets_the_default_key_receive_across_accounts(local: Trial) -> None:
    local.two_accounts()
    local.world.state.default_key_refused = False
    vault = local.world.create_vault(BACKUP, EU, "plain", key="default", policy=copy_policy(may_copy_into("*")))
    assert local.copy(local.backup_of(), DestinationBackupVaultArn=vault)["State"] == "COMPLETED"


def test_a_vault_with_the_default_key_serves_within_the_account(local: Trial) -> None:
    local.two_accounts()
    vault = local.world.create_vault(PROD, EU, "plain", key="default")
    assert local.copy(local.backup_of(), DestinationBackupVaultArn=vault)["State"] == "COMPLETED"


def test_a_disabled_key_of_the_destination_fails_the_job(local: Trial) -> None:
    local.two_accounts()
    client = local.client(account=BACKUP, region=EU)
    key = client.describe_backup_vault(BackupVaultName="safe")["EncryptionKeyArn"]
    local.client("kms", BACKUP, EU).disable_key(KeyId=key.rsplit("/")[-1])  # moto takes no ARN here

    assert why(local.copy(local.backup_of())) == (
        "KMS key is either disabled or pending deletion or access to KMS key is denied",
        "KMS_KEY_ERROR",
    )


def test_a_key_that_does_not_exist_fails_the_job(local: Trial) -> None:
    local.two_accounts()
    key = f"arn:aws:kms:{EU}:{BACKUP}:key/00000000-0000-0000-0000-000000000000"
    vault = local.world.create_vault(BACKUP, EU, "keyless", key=key, policy=copy_policy(may_copy_into("*")))

    job = local.copy(local.backup_of(), DestinationBackupVaultArn=vault)

    assert why(job) == ("Given key ID does not exist", "RESOURCE_NOT_FOUND")


@pytest.mark.parametrize(
    ("lock", "days", "ends"),
    [
        ((7, 30), 35, "FAILED"),
        ((7, 30), 6, "FAILED"),
        ((7, 30), 30, "COMPLETED"),
        ((7, 30), None, "FAILED"),
        ((7, None), None, "COMPLETED"),
        ((None, 30), 1, "COMPLETED"),
    ],
)
def test_retention_must_fit_the_vault_lock(
    local: Trial, lock: tuple[int | None, int | None], days: int | None, ends: str
) -> None:
    local.two_accounts()
    vault = local.world.create_vault(BACKUP, EU, "locked", lock=lock, policy=copy_policy(may_copy_into("*")))
    point = local.backup_of(created_at=NOON, lifecycle={"DeleteAfterDays": days} if days else None)

    job = local.copy(point, DestinationBackupVaultArn=vault)

    assert job["State"] == ends
    assert job["DestinationVaultLockState"] == "LOCKED"
    if ends == "FAILED":
        assert why(job) == OUT_OF_RANGE


def test_a_role_that_does_not_exist_cannot_be_assumed_by_aws_backup(local: Trial) -> None:
    local.two_accounts()
    role = f"arn:aws:iam::{PROD}:role/Nobody"

    message, category = why(local.copy(local.backup_of(), IamRoleArn=role))

    assert message == f"{role} cannot be assumed by AWS Backup"
    assert category == "ACCESS_DENIED"


def test_too_many_tags_fail_the_job(local: Trial) -> None:
    local.two_accounts()
    point = local.backup_of(tags={f"tag-{number}": "x" for number in range(51)})
    assert why(local.copy(point))[1] == "TAG_COPY_ERROR"


def test_an_air_gapped_vault_wants_a_retention_in_its_range(local: Trial) -> None:
    local.two_accounts()
    vault = local.client(account=BACKUP, region=EU).create_logically_air_gapped_backup_vault(
        BackupVaultName="gap", MinRetentionDays=7, MaxRetentionDays=90
    )["BackupVaultArn"]
    local.world.allow_copies_into(BACKUP, EU, "gap", PROD)

    forever = local.copy(local.backup_of(), DestinationBackupVaultArn=vault)
    month = local.copy(local.backup_of(), DestinationBackupVaultArn=vault, Lifecycle={"DeleteAfterDays": 30})

    assert why(forever) == OUT_OF_RANGE
    assert (month["State"], month["DestinationVaultType"]) == ("COMPLETED", "LOGICALLY_AIR_GAPPED_BACKUP_VAULT")
