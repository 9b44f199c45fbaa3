"""Vaults of the local AWS: created, listed, locked, deleted, and unknown ones."""

import pytest

from tests.contract import sandbox_aws_trial
from tests.contract.sandbox_aws_trial import BACKUP, DAY, EU, NOON, PROD, US, Trial, refused

local, local_worlds = sandbox_aws_trial.local, sandbox_aws_trial.local_worlds


def test_a_new_vault_is_described_with_its_defaults(local: Trial) -> None:
    local.client().create_backup_vault(BackupVaultName="daily", CreatorRequestId="mine")

    vault = local.client().describe_backup_vault(BackupVaultName="daily")

    del vault["ResponseMetadata"]
    key = vault.pop("EncryptionKeyArn")
    assert local.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyManager"] == "AWS"
    assert vault == {
        "BackupVaultName": "daily",
        "BackupVaultArn": f"arn:aws:backup:{US}:{PROD}:backup-vault:daily",
        "VaultType": "BACKUP_VAULT",
        "VaultState": "AVAILABLE",
        "EncryptionKeyType": "AWS_OWNED_KMS_KEY",
        "CreationDate": NOON,
        "CreatorRequestId": "mine",
        "NumberOfRecoveryPoints": 0,
        "Locked": False,
    }


def test_a_vault_may_have_a_customer_key_and_tags(local: Trial) -> None:
    key = local.client("kms").create_key()["KeyMetadata"]["Arn"]

    arn = local.client().create_backup_vault(
        BackupVaultName="daily", EncryptionKeyArn=key, BackupVaultTags={"team": "shop"}
    )["BackupVaultArn"]

    vault = local.client().describe_backup_vault(BackupVaultName="daily")
    assert (vault["EncryptionKeyArn"], vault["EncryptionKeyType"]) == (key, "CUSTOMER_MANAGED_KMS_KEY")
    assert local.client().list_tags(ResourceArn=arn)["Tags"] == {"team": "shop"}


def test_a_vault_name_is_taken_once_but_the_same_request_may_come_again(local: Trial) -> None:
    local.client().create_backup_vault(BackupVaultName="daily", CreatorRequestId="mine")
    local.client().create_backup_vault(BackupVaultName="daily", CreatorRequestId="mine")

    with refused("AlreadyExistsException", "already exists", status=400):
        local.client().create_backup_vault(BackupVaultName="daily", CreatorRequestId="another")


@pytest.mark.parametrize("name", ["x", "with space", "dots.too", "n" * 51])
def test_a_name_outside_the_pattern_makes_no_vault(local: Trial, name: str) -> None:
    with refused("InvalidParameterValueException", "is not valid", status=400):
        local.client().create_backup_vault(BackupVaultName=name)


def test_vaults_belong_to_one_account_and_region(local: Trial) -> None:
    local.two_accounts()

    def names(account: str, region: str) -> list[str]:
        vaults = local.client(account=account, region=region).list_backup_vaults()["BackupVaultList"]
        return [vault["BackupVaultName"] for vault in vaults]

    assert names(PROD, US) == ["daily"]
    assert names(PROD, EU) == []
    assert names(BACKUP, EU) == ["safe"]


def test_vaults_are_listed_by_name_in_pages_and_by_type(local: Trial) -> None:
    for name in ("delta", "alpha", "charlie", "bravo"):
        local.world.create_vault(PROD, US, name)
    local.world.create_vault(PROD, US, "gap", vault_type="LOGICALLY_AIR_GAPPED_BACKUP_VAULT", lock=(7, 90))

    paged = local.client().get_paginator("list_backup_vaults").paginate(PaginationConfig={"PageSize": 2})
    gaps = local.client().list_backup_vaults(ByVaultType="LOGICALLY_AIR_GAPPED_BACKUP_VAULT")

    pages = [[vault["BackupVaultName"] for vault in page["BackupVaultList"]] for page in paged]
    assert pages == [["alpha", "bravo"], ["charlie", "delta"], ["gap"]]
    assert [vault["BackupVaultName"] for vault in gaps["BackupVaultList"]] == ["gap"]


@pytest.mark.parametrize(
    "operation",
    [
        "describe_backup_vault",
        "list_recovery_points_by_backup_vault",
        "get_backup_vault_access_policy",
        "delete_backup_vault_access_policy",
        "list_protected_resources_by_backup_vault",
        "delete_backup_vault",
    ],
)
def test_an_unknown_vault_is_forbidden_in_aws_words(local: Trial, operation: str) -> None:
    with refused("AccessDeniedException", "Insufficient privileges to perform this action.", status=403):
        getattr(local.client(), operation)(BackupVaultName="nowhere")


def test_a_standard_vault_of_another_account_cannot_be_read_from_here(local: Trial) -> None:
    local.two_accounts()
    with refused("AccessDeniedException", "Insufficient privileges", status=403):
        local.client().describe_backup_vault(BackupVaultName="daily", BackupVaultAccountId=BACKUP)


def test_a_vault_without_policy_has_none_to_get(local: Trial) -> None:
    local.two_accounts()
    with refused("ResourceNotFoundException", status=400):
        local.client().get_backup_vault_access_policy(BackupVaultName="daily")


def test_a_policy_is_given_back_as_text(local: Trial) -> None:
    local.two_accounts()

    answer = local.client(account=BACKUP, region=EU).get_backup_vault_access_policy(BackupVaultName="safe")

    assert answer["BackupVaultArn"] == local.vaults["safe"]
    assert f"arn:aws:iam::{PROD}:root" in answer["Policy"]


def test_only_an_empty_vault_can_be_deleted(local: Trial) -> None:
    local.two_accounts()
    point = local.backup_of()
    with refused("InvalidRequestException", "contains recovery points", status=400):
        local.client().delete_backup_vault(BackupVaultName="daily")

    local.client().delete_recovery_point(BackupVaultName="daily", RecoveryPointArn=point)
    local.client().delete_backup_vault(BackupVaultName="daily")

    assert local.client().list_backup_vaults()["BackupVaultList"] == []


def test_an_account_has_three_hundred_vaults_at_most(local: Trial) -> None:
    for number in range(300):
        local.world.create_vault(PROD, US, f"vault-{number}", key="default")
    with refused("LimitExceededException", status=400):
        local.client().create_backup_vault(BackupVaultName="one-more")


def test_a_governance_lock_shows_its_range_and_can_be_taken_off(local: Trial) -> None:
    local.two_accounts()
    client = local.client()

    client.put_backup_vault_lock_configuration(BackupVaultName="daily", MinRetentionDays=7, MaxRetentionDays=90)
    locked = client.describe_backup_vault(BackupVaultName="daily")
    client.delete_backup_vault_lock_configuration(BackupVaultName="daily")

    assert (locked["Locked"], locked["MinRetentionDays"], locked["MaxRetentionDays"]) == (True, 7, 90)
    assert "LockDate" not in locked
    assert client.describe_backup_vault(BackupVaultName="daily")["Locked"] is False


def test_a_compliance_lock_is_for_ever_after_its_grace(local: Trial) -> None:
    local.two_accounts()
    client = local.client()
    client.put_backup_vault_lock_configuration(BackupVaultName="daily", MinRetentionDays=7, ChangeableForDays=3)
    assert client.describe_backup_vault(BackupVaultName="daily")["LockDate"] == NOON + 3 * DAY

    local.clock.advance(3 * DAY)

    with refused("InvalidRequestException", "immutable", status=400):
        client.delete_backup_vault_lock_configuration(BackupVaultName="daily")


@pytest.mark.parametrize(
    "lock",
    [
        {"MinRetentionDays": 0},
        {"MaxRetentionDays": 36501},
        {"MinRetentionDays": 90, "MaxRetentionDays": 7},
        {"MinRetentionDays": 7, "ChangeableForDays": 2},
    ],
)
def test_a_lock_out_of_range_is_refused(local: Trial, lock: dict[str, int]) -> None:
    local.two_accounts()
    with refused("InvalidParameterValueException", status=400):
        local.client().put_backup_vault_lock_configuration(BackupVaultName="daily", **lock)


def test_an_air_gapped_vault_keeps_seven_days_at_least(local: Trial) -> None:
    with refused("InvalidParameterValueException", "at least 7 days"):
        local.client().create_logically_air_gapped_backup_vault(
            BackupVaultName="gap", MinRetentionDays=6, MaxRetentionDays=90
        )


def test_an_operation_the_emulator_lacks_says_so(local: Trial) -> None:
    with refused("NotInThisEmulator", "ListLegalHolds is not in this emulator.", status=501):
        local.client().list_legal_holds()


def test_motos_own_audit_reports_still_answer(local: Trial) -> None:
    assert local.client().list_report_plans()["ReportPlans"] == []


def test_a_number_outside_the_models_range_is_refused(local: Trial) -> None:
    with refused("InvalidParameterValueException", "MaxResults 1001", status=400):
        local.client().list_backup_vaults(MaxResults=1001)


def test_a_value_outside_the_models_enum_is_refused(local: Trial) -> None:
    with refused("InvalidParameterValueException", "ByState DONE", status=400):
        local.client().list_copy_jobs(ByState="DONE")
