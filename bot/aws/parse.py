"""Turn AWS's answers into our records, tolerating what AWS leaves out and what it may add."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.domain.backups import (
    VAULT_NAME,
    CopyJob,
    CopyJobState,
    Lifecycle,
    RecoveryPoint,
    Vault,
    VaultKind,
    VaultRef,
    table_name_of,
)

UNKNOWN_VALUE = "aws_value_unknown"

_KINDS = {kind.value: kind for kind in VaultKind}
_OWN_KEY = {"AWS_OWNED_KMS_KEY": False, "CUSTOMER_MANAGED_KMS_KEY": True}
_JOB_STATES = {state.value: state for state in CopyJobState} | {
    # AWS names these for summaries of copy jobs only; should DescribeCopyJob tell them one day, this is what they mean.
    "COMPLETING": CopyJobState.RUNNING,
    "FAILING": CopyJobState.RUNNING,
    "ABORTING": CopyJobState.RUNNING,
    "ABORTED": CopyJobState.FAILED,
}

_log = logging.getLogger(__name__)

Answer = Mapping[str, Any]


def vault(item: Answer, account: str, region: str) -> Vault | None:
    """Read a vault as ListBackupVaults tells it; None for one that no table's backup can be in."""
    name = item.get("BackupVaultName") or ""
    if not VAULT_NAME.fullmatch(name):
        # AWS's own vaults (aws/efs/automatic-backup-vault) break the naming rule that its operations enforce.
        return None
    return Vault(
        ref=VaultRef(account=account, region=region, name=name),
        kind=_kind(item.get("VaultType")),
        state=item.get("VaultState") or "AVAILABLE",
        key_arn=item.get("EncryptionKeyArn"),
        locked=bool(item.get("Locked")),
        min_days=item.get("MinRetentionDays"),
        max_days=item.get("MaxRetentionDays"),
        points=item.get("NumberOfRecoveryPoints") or 0,
        creator=item.get("CreatorRequestId") or "",
        lock_date=_when(item.get("LockDate")),
        own_key=_OWN_KEY.get(item.get("EncryptionKeyType") or ""),
    )


def point(item: Answer, ref: VaultRef) -> RecoveryPoint | None:
    """Read a recovery point of a vault; None when it is not a backup of a DynamoDB table.

    A point of a stack (ParentRecoveryPointArn) is kept, since it can be copied by itself.
    """
    arn, table_arn, created = item.get("RecoveryPointArn"), item.get("ResourceArn") or "", item.get("CreationDate")
    name = _table_name(table_arn)
    if not arn or name is None or created is None:
        return None
    ends = item.get("CalculatedLifecycle") or {}
    return RecoveryPoint(
        arn=arn,
        vault=ref,
        table_arn=table_arn,
        table_name=name,
        created_at=_utc(created),
        status=item.get("Status") or "UNKNOWN",
        size_bytes=item.get("BackupSizeInBytes") or 0,
        lifecycle=_lifecycle(item.get("Lifecycle") or {}),
        delete_at=_when(ends.get("DeleteAt")),
        cold_at=_when(ends.get("MoveToColdStorageAt")),
        storage_class=item.get("StorageClass"),
        source_vault_arn=item.get("SourceBackupVaultArn"),
        completed_at=_when(item.get("CompletionDate")),
    )


def copy_job(item: Answer, job_id: str) -> CopyJob:
    """Read the copy job of this id as DescribeCopyJob tells it."""
    return CopyJob(
        id=job_id,
        state=_job_state(item.get("State")),
        message=item.get("StatusMessage"),
        category=item.get("MessageCategory"),
        copy_arn=item.get("DestinationRecoveryPointArn") or None,
        size_bytes=item.get("BackupSizeInBytes"),
        created_at=_when(item.get("CreationDate")),
        completed_at=_when(item.get("CompletionDate")),
    )


def _kind(value: str | None) -> VaultKind:
    """Regions without air-gapped vaults leave VaultType out; a kind we do not know is for AWS to refuse, not for us."""
    if value is None:
        return VaultKind.STANDARD
    if value not in _KINDS:
        _log.warning(UNKNOWN_VALUE, extra={"field": "VaultType", "value": value})
    return _KINDS.get(value, VaultKind.STANDARD)


def _job_state(value: str | None) -> CopyJobState:
    """A state we do not know counts as RUNNING: a copy has only failed when AWS says so."""
    if value not in _JOB_STATES:
        _log.warning(UNKNOWN_VALUE, extra={"field": "State", "value": value})
    return _JOB_STATES.get(value or "", CopyJobState.RUNNING)


def _lifecycle(item: Answer) -> Lifecycle:
    return Lifecycle(
        delete_after_days=_days(item.get("DeleteAfterDays")),
        cold_after_days=_days(item.get("MoveToColdStorageAfterDays")),
    )


def _days(value: int | None) -> int | None:
    """In requests -1 means "no such date"; nothing promises that it never comes back in an answer."""
    return value if value is not None and value > 0 else None


def _table_name(arn: str) -> str | None:
    try:
        return table_name_of(arn)
    except ValueError:
        return None


def _when(value: datetime | None) -> datetime | None:
    return None if value is None else _utc(value)


def _utc(value: datetime) -> datetime:
    """botocore gives the machine's own zone; AWS's times are instants, so one without a zone is UTC."""
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
