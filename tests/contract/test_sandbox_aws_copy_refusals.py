"""What the local AWS refuses when StartCopyJob is called."""

import pytest

from tests.contract import sandbox_aws_trial
from tests.contract.sandbox_aws_trial import (
    BACK_ROLE,
    BACKUP,
    COPY_ROLE,
    EU,
    PROD,
    US,
    Trial,
    refused,
)

local, local_worlds = sandbox_aws_trial.local, sandbox_aws_trial.local_worlds


def test_an_unknown_source_vault_is_forbidden_not_missing(local: Trial) -> None:
    local.two_accounts()
    with refused("AccessDeniedException", "Insufficient privileges to perform this action.", status=403):
        local.start_copy(local.backup_of(), SourceBackupVaultName="nowhere")


def test_an_unknown_point_is_not_found(local: Trial) -> None:
    local.two_accounts()
    missing = f"arn:aws:backup:{US}:{PROD}:recovery-point:00000000-0000-0000-0000-000000000000"
    with refused("ResourceNotFoundException", "Cannot find recovery point", status=400):
        local.start_copy(missing)


def test_a_point_of_another_vault_is_not_found(local: Trial) -> None:
    local.two_accounts()
    local.world.create_vault(PROD, US, "other")
    with refused("ResourceNotFoundException", "Cannot find recovery point"):
        local.start_copy(local.backup_of(), SourceBackupVaultName="other")


def test_a_call_in_another_region_does_not_see_the_vault(local: Trial) -> None:
    local.two_accounts()
    with refused("AccessDeniedException", "Insufficient privileges"):
        local.client(region=EU).start_copy_job(
            RecoveryPointArn=local.backup_of(),
            SourceBackupVaultName="daily",
            DestinationBackupVaultArn=local.vaults["safe"],
            IamRoleArn=COPY_ROLE,
        )


@pytest.mark.parametrize(
    "arn",
    [
        "safe",
        f"arn:aws:backup:{EU}:{BACKUP}:vault:safe",
        f"arn:aws:backup:{EU}:2222:backup-vault:safe",
        f"arn:aws-cn:backup:cn-north-1:{BACKUP}:backup-vault:safe",
        f"arn:aws:backup:{US}:{PROD}:backup-vault:daily",
    ],
)
def test_a_destination_that_cannot_be_is_refused(local: Trial, arn: str) -> None:
    local.two_accounts()
    with refused("InvalidParameterValueException", status=400):
        local.start_copy(local.backup_of(), DestinationBackupVaultArn=arn)


def test_a_dynamodb_managed_point_cannot_be_copied(local: Trial) -> None:
    local.two_accounts()
    point = local.backup_of(advanced=False)
    assert point.startswith(f"arn:aws:dynamodb:{US}:{PROD}:table/orders/backup/0")
    with refused("InvalidRequestException", status=400):
        local.start_copy(point)


def test_a_role_of_another_account_cannot_be_passed(local: Trial) -> None:
    local.two_accounts()
    with refused("AccessDeniedException", "Cross-account pass role is not allowed.", status=403):
        local.start_copy(local.backup_of(), IamRoleArn=BACK_ROLE)


@pytest.mark.parametrize("member", ["RecoveryPointArn", "IamRoleArn", "DestinationBackupVaultArn"])
def test_an_empty_required_member_is_missed(local: Trial, member: str) -> None:
    local.two_accounts()
    with refused("MissingParameterValueException", member, status=400):
        local.start_copy(local.backup_of(), **{member: ""})


def test_a_vault_name_outside_the_pattern_is_refused(local: Trial) -> None:
    local.two_accounts()
    with refused("InvalidParameterValueException", "Backup vault name my vault is not valid"):
        local.start_copy(local.backup_of(), SourceBackupVaultName="my vault")


@pytest.mark.parametrize(
    ("lifecycle", "text"),
    [
        ({"DeleteAfterDays": 0}, "DeleteAfterDays cannot be less than 1 or more than 36500 days"),
        ({"DeleteAfterDays": -2}, "DeleteAfterDays cannot be less than 1 or more than 36500 days"),
        ({"DeleteAfterDays": 36501}, "DeleteAfterDays cannot be less than 1 or more than 36500 days"),
        ({"MoveToColdStorageAfterDays": 0}, "Invalid lifecycle. MoveToColdStorageAfterDays"),
        (
            {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 119},
            "DeleteAfterDays cannot be less than 90 days apart from MoveToColdStorageAfterDays",
        ),
    ],
)
def test_lifecycle_numbers_aws_refuses_are_refused_at_the_call(
    local: Trial, lifecycle: dict[str, int], text: str
) -> None:
    local.two_accounts()
    with refused("InvalidParameterValueException", text, status=400):
        local.start_copy(local.backup_of(), Lifecycle=lifecycle)


def test_ninety_days_after_cold_storage_are_enough(local: Trial) -> None:
    local.two_accounts()
    lifecycle = {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 120}
    assert local.copy(local.backup_of(), Lifecycle=lifecycle)["State"] == "COMPLETED"
