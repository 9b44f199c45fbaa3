"""What changes how AWS keeps backups, by boto3: the port `Keeping`."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.aws.calls import Calls
from bot.aws.errands import session_name
from bot.domain.backups import Lifecycle, VaultRef
from bot.domain.errors import BackupsMissing, BackupsRefused, BackupsThrottled, BackupsUnreachable
from bot.domain.keeping import BackupJob, Errand, Preferences, StartedBackup
from bot.domain.params import BackUpParams

TOO_MANY = "LimitExceededException"
# In UpdateRecoveryPointLifecycle: "no such date". Both at once keep a recovery point for good.
UNSET = -1

Answer = Mapping[str, Any]


class Boto3Keeping:
    """Threads may share it; it shares the connections of `Boto3Backups`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def create_vault(self, vault: VaultRef, key_arn: str | None, creator: str, errand: Errand) -> None:
        asked: dict[str, object] = {"BackupVaultName": vault.name, "CreatorRequestId": creator}
        asked |= {"EncryptionKeyArn": key_arn} if key_arn else {}
        try:
            self._change(vault, "CreateBackupVault", asked, errand)
        except BackupsThrottled as error:
            if error.code != TOO_MANY:
                raise
            # Copies at work pass by themselves, a number of vaults does not.
            raise BackupsRefused(error.message, code=error.code, operation=error.operation) from error

    def vault_policy(self, vault: VaultRef) -> str | None:
        where: dict[str, object] = {"BackupVaultName": vault.name}
        try:
            answer = self._calls.ask(vault.account, vault.region, "GetBackupVaultAccessPolicy", where)
        except BackupsMissing:
            return None
        return answer.get("Policy") or None

    def put_vault_policy(self, vault: VaultRef, policy: str, errand: Errand) -> None:
        asked: dict[str, object] = {"BackupVaultName": vault.name, "Policy": policy}
        self._change(vault, "PutBackupVaultAccessPolicy", asked, errand)

    def preferences(self, account: str, region: str) -> Preferences:
        answer = self._calls.ask(account, region, "DescribeRegionSettings", {})
        return Preferences(
            opted_in=dict(answer.get("ResourceTypeOptInPreference") or {}),
            managed=dict(answer.get("ResourceTypeManagementPreference") or {}),
        )

    def prefer(self, account: str, region: str, preferences: Preferences, errand: Errand) -> None:
        asked: dict[str, object] = {
            "ResourceTypeOptInPreference": dict(preferences.opted_in),
            "ResourceTypeManagementPreference": dict(preferences.managed),
        }
        self._calls.ask(account, region, "UpdateRegionSettings", asked, errand=session_name(errand))

    def start_backup(self, params: BackUpParams, token: str, errand: Errand) -> StartedBackup:
        asked: dict[str, object] = {
            "BackupVaultName": params.vault.name,
            "ResourceArn": params.table_arn,
            "IamRoleArn": params.role_arn,
            # Never left to botocore: a repeat would be a second backup.
            "IdempotencyToken": token,
        }
        days = _days(params.lifecycle)
        answer = self._change(params.vault, "StartBackupJob", asked | ({"Lifecycle": days} if days else {}), errand)
        if not answer.get("BackupJobId"):
            raise BackupsUnreachable(
                "The answer holds no BackupJobId.", code="IncompleteAnswer", operation="StartBackupJob"
            )
        return StartedBackup(str(answer["BackupJobId"]), answer.get("RecoveryPointArn") or None)

    def backup_job(self, vault: VaultRef, job_id: str) -> BackupJob:
        answer = self._calls.ask(vault.account, vault.region, "DescribeBackupJob", {"BackupJobId": job_id})
        return BackupJob(
            id=job_id,
            state=str(answer.get("State") or ""),
            message=answer.get("StatusMessage"),
            category=answer.get("MessageCategory"),
            point_arn=answer.get("RecoveryPointArn") or None,
            size_bytes=answer.get("BackupSizeInBytes"),
            percent=answer.get("PercentDone"),
            created_at=_when(answer.get("CreationDate")),
            completed_at=_when(answer.get("CompletionDate")),
        )

    def set_lifecycle(self, vault: VaultRef, arn: str, lifecycle: Lifecycle, errand: Errand) -> None:
        asked: dict[str, object] = {
            "BackupVaultName": vault.name,
            "RecoveryPointArn": arn,
            "Lifecycle": _whole(lifecycle),
        }
        self._change(vault, "UpdateRecoveryPointLifecycle", asked, errand)

    def _change(self, vault: VaultRef, operation: str, asked: Mapping[str, object], errand: Errand) -> Answer:
        return self._calls.ask(vault.account, vault.region, operation, asked, errand=session_name(errand))


def _days(lifecycle: Lifecycle) -> dict[str, int]:
    days = {
        "DeleteAfterDays": lifecycle.delete_after_days,
        "MoveToColdStorageAfterDays": lifecycle.cold_after_days,
    }
    return {member: value for member, value in days.items() if value is not None}


def _whole(lifecycle: Lifecycle) -> dict[str, int]:
    """Every field, since AWS takes a missing one as unset.

    A recovery point that never goes cold says nothing of cold storage, as not every kind of it could; only "for good"
    is said as AWS documents it, by -1 in both. That -1 beside a number of days until cold storage means "no end, but
    cold after so many days" is our assumption: AWS documents -1 for both members together only. Whatever AWS makes of
    it, the step reads the lifecycle back, and fails when it is another one than people approved.
    https://docs.aws.amazon.com/aws-backup/latest/devguide/API_UpdateRecoveryPointLifecycle.html
    """
    if lifecycle.delete_after_days is not None:
        return _days(lifecycle)
    return {"DeleteAfterDays": UNSET, "MoveToColdStorageAfterDays": lifecycle.cold_after_days or UNSET}


def _when(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
