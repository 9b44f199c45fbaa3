"""KMS keys of vaults in the local AWS: a key that is off, going, or closed to AWS Backup fails the copy."""

import json
from typing import Any

import pytest

from tests.contract import sandbox_aws_trial
from tests.contract.sandbox_aws_trial import BACKUP, COPY_ROLE, EU, PROD, US, Trial, why

local, local_worlds = sandbox_aws_trial.local, sandbox_aws_trial.local_worlds

UNUSABLE = ("KMS key is either disabled or pending deletion or access to KMS key is denied", "KMS_KEY_ERROR")
SERVICE_ROLE = f"arn:aws:iam::{BACKUP}:role/aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup"
DESTINATION, SOURCE = (BACKUP, EU, "safe"), (PROD, US, "daily")


def key_of(local: Trial, account: str, region: str, vault: str) -> tuple[Any, str]:
    """Give a KMS client where a vault's key is, and the key's id."""
    described = local.client(account=account, region=region).describe_backup_vault(BackupVaultName=vault)
    return local.client("kms", account, region), described["EncryptionKeyArn"].rsplit("/")[-1]


def allow(principal: str, *actions: str, **condition: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": list(actions), "Resource": "*"}
    return statement | ({"Condition": condition} if condition else {})


def put_policy(local: Trial, place: tuple[str, str, str], *statements: dict[str, Any]) -> None:
    kms, key = key_of(local, *place)
    document = {"Version": "2012-10-17", "Statement": list(statements)}
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(document))


@pytest.mark.parametrize("place", [DESTINATION, SOURCE], ids=["destination", "source"])
def test_a_disabled_key_of_either_vault_fails_the_copy(local: Trial, place: tuple[str, str, str]) -> None:
    local.two_accounts()
    kms, key = key_of(local, *place)
    kms.disable_key(KeyId=key)

    assert why(local.copy(local.backup_of())) == UNUSABLE

    kms.enable_key(KeyId=key)
    assert local.copy(local.backup_of())["State"] == "COMPLETED"


@pytest.mark.parametrize("place", [DESTINATION, SOURCE], ids=["destination", "source"])
def test_a_key_that_is_to_be_deleted_fails_the_copy(local: Trial, place: tuple[str, str, str]) -> None:
    local.two_accounts()
    kms, key = key_of(local, *place)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)

    assert why(local.copy(local.backup_of())) == UNUSABLE


def test_a_source_key_whose_policy_withholds_decrypt_from_the_copy_role_fails_the_copy(local: Trial) -> None:
    local.two_accounts()
    put_policy(local, SOURCE, allow(COPY_ROLE, "kms:DescribeKey"))
    assert why(local.copy(local.backup_of())) == UNUSABLE

    put_policy(local, SOURCE, allow(COPY_ROLE, "kms:DescribeKey", "kms:Decrypt"))
    assert local.copy(local.backup_of())["State"] == "COMPLETED"


def test_a_destination_key_has_to_admit_the_service_role_of_its_account(local: Trial) -> None:
    local.two_accounts()
    put_policy(local, DESTINATION, allow(SERVICE_ROLE, "kms:DescribeKey"))
    assert why(local.copy(local.backup_of())) == UNUSABLE

    put_policy(local, DESTINATION, allow(SERVICE_ROLE, "kms:DescribeKey", "kms:GenerateDataKey"))
    assert local.copy(local.backup_of())["State"] == "COMPLETED"


def test_a_key_that_may_not_even_be_described_is_not_accessible(local: Trial) -> None:
    local.two_accounts()
    put_policy(local, DESTINATION, allow(SERVICE_ROLE, "kms:GenerateDataKey"))

    message, category = why(local.copy(local.backup_of()))

    assert message.startswith("Given key ID is not accessible")
    assert category == "KMS_KEY_ERROR"


def test_an_explicit_deny_outweighs_the_accounts_root(local: Trial) -> None:
    local.two_accounts()
    root = f"arn:aws:iam::{PROD}:root"
    deny = allow(COPY_ROLE, "kms:Decrypt") | {"Effect": "Deny"}
    put_policy(local, SOURCE, allow(root, "kms:*"), deny)

    assert why(local.copy(local.backup_of())) == UNUSABLE


def test_a_policy_may_ask_that_the_key_is_used_by_way_of_aws_backup(local: Trial) -> None:
    local.two_accounts()
    by_way = {"StringLike": {"kms:ViaService": "backup.*.amazonaws.com"}}
    put_policy(local, SOURCE, allow(f"arn:aws:iam::{PROD}:root", "kms:*", **by_way))

    assert local.copy(local.backup_of())["State"] == "COMPLETED"
