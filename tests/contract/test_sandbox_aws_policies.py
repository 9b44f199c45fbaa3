"""Vault policies in the local AWS: who is let in, who is held back, what is not stored."""

import json
from typing import Any

import pytest

from tests.contract import sandbox_aws_trial
from tests.contract.sandbox_aws_trial import (
    BACKUP,
    COPY_ROLE,
    EU,
    PROD,
    Trial,
    copy_policy,
    may_copy_into,
    refused,
    why,
)

local, local_worlds = sandbox_aws_trial.local, sandbox_aws_trial.local_worlds

ACCESS_DENIED = ("Access Denied trying to call AWS Backup service", "ACCESS_DENIED")
INTO = "backup:CopyIntoBackupVault"
ROOT = {"AWS": f"arn:aws:iam::{PROD}:root"}
ANY = "*"


@pytest.mark.parametrize(
    "statement",
    [
        may_copy_into(ROOT),
        may_copy_into({"AWS": PROD}),
        may_copy_into({"AWS": [f"arn:aws:iam::{BACKUP}:root", COPY_ROLE]}),
        may_copy_into(ANY),
        may_copy_into(ANY, StringEquals={"aws:PrincipalOrgID": "o-local"}),
        may_copy_into(ANY, StringEquals={"aws:PrincipalOrgID": ["o-other", "o-local"]}),
        may_copy_into(ANY, **{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-local/*/shops/*"}}),
        may_copy_into({"AWS": "*"}, ArnLike={"aws:PrincipalArn": f"arn:aws:iam::{PROD}:role/service-role/*"}),
        may_copy_into(ANY, StringNotEquals={"aws:PrincipalAccount": "333333333333"}),
        may_copy_into(ROOT) | {"Action": ["backup:copyintobackupvault"]},
    ],
)
def test_a_policy_that_admits_the_source_lets_the_copy_in(local: Trial, statement: dict[str, Any]) -> None:
    local.two_accounts()
    local.world.add_account(PROD, unit="shops/eu")
    assert _into(local, copy_policy(statement))["State"] == "COMPLETED"


@pytest.mark.parametrize(
    "statements",
    [
        [],
        [may_copy_into({"AWS": "arn:aws:iam::333333333333:root"})],
        [may_copy_into({"AWS": f"arn:aws:iam::{PROD}:role/AnotherRole"})],
        [may_copy_into(ANY, StringEquals={"aws:PrincipalOrgID": "o-other"})],
        [may_copy_into(ANY, **{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-local/*/banks/*"}})],
        [may_copy_into(ROOT), may_copy_into(ROOT) | {"Effect": "Deny"}],
        [
            may_copy_into(ROOT),
            {
                "Effect": "Deny",
                "NotPrincipal": {"AWS": "arn:aws:iam::333333333333:root"},
                "Action": INTO,
                "Resource": "*",
            },
        ],
        [may_copy_into(ROOT) | {"Resource": f"arn:aws:backup:{EU}:{BACKUP}:backup-vault:another"}],
    ],
)
def test_a_policy_that_does_not_admit_the_source_fails_the_job(local: Trial, statements: list[dict[str, Any]]) -> None:
    local.two_accounts()
    policy = copy_policy(*statements) if statements else None
    assert why(_into(local, policy)) == ACCESS_DENIED


def test_a_denial_in_the_source_vault_holds_the_point_back(local: Trial) -> None:
    local.two_accounts()
    deny = {"Effect": "Deny", "Principal": "*", "Action": "backup:CopyFromBackupVault", "Resource": "*"}
    client = local.client()
    client.put_backup_vault_access_policy(BackupVaultName="daily", Policy=json.dumps(copy_policy(deny)))
    assert why(local.copy(local.backup_of())) == ACCESS_DENIED


def test_a_denial_counts_within_one_account_too(local: Trial) -> None:
    local.two_accounts()
    deny = {"Effect": "Deny", "Principal": "*", "Action": INTO, "Resource": "*"}
    vault = local.world.create_vault(PROD, EU, "closed", policy=copy_policy(deny))
    assert why(local.copy(local.backup_of(), DestinationBackupVaultArn=vault)) == ACCESS_DENIED


@pytest.mark.parametrize(
    "policy",
    [
        "not json",
        "{}",
        copy_policy(may_copy_into(ROOT) | {"Action": "backup:*"}),
        copy_policy(may_copy_into(ROOT) | {"Action": "backup:DescribeBackupVault"}),
        copy_policy(may_copy_into(ANY, NumericLessThan={"aws:MultiFactorAuthAge": "300"})),
    ],
)
def test_a_policy_aws_would_not_store_is_refused(local: Trial, policy: object) -> None:
    local.two_accounts()
    client = local.client(account=BACKUP, region=EU)
    text = policy if isinstance(policy, str) else json.dumps(policy)
    with refused("InvalidParameterValueException", "Invalid policy", status=400):
        client.put_backup_vault_access_policy(BackupVaultName="safe", Policy=text)


def test_a_mended_policy_lets_the_next_copy_through(local: Trial) -> None:
    local.two_accounts()
    mended = local.client(account=BACKUP, region=EU).put_backup_vault_access_policy
    local.client(account=BACKUP, region=EU).delete_backup_vault_access_policy(BackupVaultName="safe")
    first = local.copy(local.backup_of())

    mended(BackupVaultName="safe", Policy=json.dumps(copy_policy(may_copy_into(ROOT))))
    second = local.copy(local.backup_of())

    assert (first["State"], second["State"]) == ("FAILED", "COMPLETED")


def _into(local: Trial, policy: dict[str, Any] | None) -> dict[str, Any]:
    """Copy into a vault of BACKUP that has this policy."""
    vault = local.world.create_vault(BACKUP, EU, "trial", policy=policy)
    return local.copy(local.backup_of(), DestinationBackupVaultArn=vault)
