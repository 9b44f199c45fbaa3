"""What AWS Backup holds, in our records: accounts, vaults, recovery points, copy jobs.

ARN forms: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbackup.html
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

VAULT_NAME = re.compile(r"[a-zA-Z0-9_-]{2,50}")
ADVANCED_POINT = re.compile(r"arn:[a-z-]+:backup:[a-z0-9-]+:\d{12}:recovery-point:.+")
_VAULT_ARN = re.compile(
    r"arn:(?P<partition>[a-z-]+):backup:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):backup-vault:(?P<name>.+)"
)
_TABLE_ARN = re.compile(
    r"arn:[a-z-]+:dynamodb:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):table/(?P<name>[a-zA-Z0-9_.-]+)"
)

# Dates are told to the fraction of a second; closer together than this they count as one.
MOMENT = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Account:
    """An AWS account that the configuration names.

    `role_arn` is assumed for every call there (None: the bot's own credentials); `copy_role_arn` is the role of
    that account which AWS Backup itself assumes to copy (StartCopyJob's IamRoleArn).
    """

    alias: str
    id: str
    regions: tuple[str, ...]
    copy_role_arn: str
    role_arn: str | None = None
    external_id: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class VaultRef:
    """Where a vault is: account id, Region, name."""

    account: str
    region: str
    name: str

    @property
    def arn(self) -> str:
        return f"arn:{partition_of(self.region)}:backup:{self.region}:{self.account}:backup-vault:{self.name}"

    @classmethod
    def from_arn(cls, arn: str) -> "VaultRef":
        """Read a vault's ARN. Raises ValueError for anything else."""
        found = _VAULT_ARN.fullmatch(arn)
        if found is None or not VAULT_NAME.fullmatch(found["name"]):
            raise ValueError(f"not the ARN of a backup vault: {arn!r}")
        return cls(account=found["account"], region=found["region"], name=found["name"])


def holder_of(vault: VaultRef, accounts: Iterable[Account]) -> Account | None:
    """The configured account that holds a vault, if it lies in one of the account's configured Regions."""
    return next((one for one in accounts if one.id == vault.account and vault.region in one.regions), None)


def alias_of(account_id: str, accounts: Iterable[Account]) -> str:
    """What a configured account is called; the id itself of one that is not configured."""
    return next((one.alias for one in accounts if one.id == account_id), account_id)


class VaultKind(StrEnum):
    STANDARD = "BACKUP_VAULT"
    AIR_GAPPED = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
    RESTORE_ACCESS = "RESTORE_ACCESS_BACKUP_VAULT"


@dataclass(frozen=True, slots=True)
class Vault:
    """A vault as ListBackupVaults or DescribeBackupVault tells it; days are retention limits of its lock.

    `creator` is the CreatorRequestId of the call that made it. `lock_date` is there only for a compliance lock: from
    then on nobody can take it away. `own_key` tells a customer managed key from one of AWS's; None: AWS does not say.
    """

    ref: VaultRef
    kind: VaultKind = VaultKind.STANDARD
    state: str = "AVAILABLE"
    key_arn: str | None = None
    locked: bool = False
    min_days: int | None = None
    max_days: int | None = None
    points: int = 0
    creator: str = ""
    lock_date: datetime | None = None
    own_key: bool | None = None


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """Days counted from the recovery point's creation; None where AWS has no value."""

    delete_after_days: int | None = None
    cold_after_days: int | None = None


@dataclass(frozen=True, slots=True)
class RecoveryPoint:
    """A backup of a table. Times are aware UTC; size is in bytes; `storage_class` is None where it was not read.

    `delete_at` is AWS's CalculatedLifecycle.DeleteAt; None means that AWS reports no end. `source_vault_arn` is there
    only on copies: the vault that they were copied from. `completed_at` is when the job that made it ended, where AWS
    tells it; a copy's `created_at` is its source's.
    """

    arn: str
    vault: VaultRef
    table_arn: str
    table_name: str
    created_at: datetime
    status: str
    size_bytes: int = 0
    lifecycle: Lifecycle = Lifecycle()
    delete_at: datetime | None = None
    cold_at: datetime | None = None
    storage_class: str | None = None
    source_vault_arn: str | None = None
    completed_at: datetime | None = None


def is_same_backup(made: datetime, other: datetime) -> bool:
    """Whether recovery points of one table, created at these times, hold the same: a copy keeps its source's date."""
    return abs(made - other) < MOMENT


class CopyJobState(StrEnum):
    CREATED = "CREATED"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    PARTIAL = "PARTIAL"

    @property
    def is_final(self) -> bool:
        return self not in (CopyJobState.CREATED, CopyJobState.RUNNING)


@dataclass(frozen=True, slots=True)
class CopyJob:
    """A copy job as DescribeCopyJob tells it; `copy_arn` is there only once the copy exists."""

    id: str
    state: CopyJobState
    message: str | None = None
    category: str | None = None
    copy_arn: str | None = None
    size_bytes: int | None = None
    created_at: datetime | None = None
    completed_at: datetime | None = None


def partition_of(region: str) -> str:
    """Name the partition a Region belongs to; a copy never crosses partitions."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def table_name_of(table_arn: str) -> str:
    """Read a table's name off its ARN. Raises ValueError for anything else."""
    found = _TABLE_ARN.fullmatch(table_arn)
    if found is None:
        raise ValueError(f"not the ARN of a DynamoDB table: {table_arn!r}")
    return found["name"]


def table_place_of(table_arn: str) -> tuple[str, str]:
    """Read the account id and Region of a table off its ARN. Raises ValueError for anything else."""
    found = _TABLE_ARN.fullmatch(table_arn)
    if found is None:
        raise ValueError(f"not the ARN of a DynamoDB table: {table_arn!r}")
    return found["account"], found["region"]
