"""StartBackupJob, its stop, and what can be asked about backup jobs."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bot.sandbox.aws import arns, tables
from bot.sandbox.aws.call import BackupCall, Result, without_none
from bot.sandbox.aws.errors import invalid_parameter, invalid_request, not_found
from bot.sandbox.aws.job_intake import COMMON_FILTERS, check_role, list_jobs, take_in
from bot.sandbox.aws.jobs import BackupJob
from bot.sandbox.aws.lifecycle import for_point, read_lifecycle, write_lifecycle
from bot.sandbox.aws.records import Lifecycle

START_WINDOW_MINUTES = 480
SHORTEST_START_WINDOW = 60
COMPLETE_WINDOW_MINUTES = 10080

FILTERS: dict[str, Callable[[BackupJob, Any], bool]] = {
    **COMMON_FILTERS,
    "ByBackupVaultName": lambda job, value: job.vault == value,
}


def start_backup_job(call: BackupCall) -> Result:
    job = take_in(call, "backup", call.books.backup_jobs, lambda: new_backup_job(call))
    return without_none(
        {
            "BackupJobId": job.id,
            # Only an advanced backup knows its point at once; its absence tells that the feature is off.
            "RecoveryPointArn": job.point_arn if job.advanced else None,
            "CreationDate": job.created_at,
            "IsParent": False,
        }
    )


def describe_backup_job(call: BackupCall) -> Result:
    return write_job(call, _job(call))


def list_backup_jobs(call: BackupCall) -> Result:
    jobs, token = list_jobs(call, call.books.backup_jobs.values(), FILTERS)
    return without_none({"BackupJobs": [write_job(call, job) for job in jobs], "NextToken": token})


def stop_backup_job(call: BackupCall) -> Result:
    """Abort a job that waits. Emulator decision: one that runs is refused, as the DynamoDB guide has it."""
    job = _job(call)
    if job.started_at is not None:
        raise invalid_request("A running backup of a DynamoDB table cannot be stopped.")
    job.state = "ABORTED"
    job.completed_at = call.now
    job.message = "Backup job was stopped by user."
    return {}


def new_backup_job(call: BackupCall) -> BackupJob:
    """Make a backup job out of a request; its content is the table as it is now."""
    vault = call.vault()
    resource = call.params["ResourceArn"]
    if arns.is_dynamodb_backup(resource) or not resource.startswith(arns.table_arn(call.account, call.region, "")):
        raise invalid_parameter(f"Unsupported resource type: {resource}")
    start_window = call.params.get("StartWindowMinutes") or START_WINDOW_MINUTES
    if start_window < SHORTEST_START_WINDOW:
        raise invalid_parameter(f"StartWindowMinutes must be at least {SHORTEST_START_WINDOW}")
    # A backup on demand opts the account in by itself.
    call.books.opt_in["DynamoDB"] = True
    advanced = call.books.management.get("DynamoDB", False)
    table = tables.find(call.account, call.region, arns.table_name(resource))
    size = call.state.table_sizes.get(resource, tables.size_of(table) if table else 0)
    return BackupJob(
        id=str(uuid.uuid4()).upper(),
        account=call.account,
        region=call.region,
        resource_arn=resource,
        role_arn=check_role(call),
        size_bytes=size,
        created_at=call.now,
        fate=call.state.orders["backup"].take(size),
        vault=vault.name,
        lifecycle=_lifecycle(call, advanced=advanced),
        point_arn=_point_arn(call, resource, advanced=advanced),
        content=tables.snapshot(table) if table else None,
        start_by=call.now + timedelta(minutes=start_window),
        complete_by=call.now + timedelta(minutes=call.params.get("CompleteWindowMinutes") or COMPLETE_WINDOW_MINUTES),
        tags={**(tables.tags_of(table) if table and advanced else {}), **call.params.get("RecoveryPointTags", {})},
        options=dict(call.params.get("BackupOptions") or {}),
    )


def write_job(call: BackupCall, job: BackupJob) -> Result:
    vault = call.books.vaults.get(job.vault)
    known = job.advanced or job.state == "COMPLETED"
    return without_none(
        {
            "AccountId": job.account,
            "BackupJobId": job.id,
            "BackupVaultName": job.vault,
            "BackupVaultArn": str(arns.vault_arn(job.account, job.region, job.vault)),
            "VaultType": vault.vault_type if vault else None,
            "VaultLockState": ("LOCKED" if vault.lock else "UNLOCKED") if vault else None,
            "RecoveryPointArn": job.point_arn if known else None,
            "RecoveryPointLifecycle": write_lifecycle(job.lifecycle) or None,
            "EncryptionKeyArn": vault.key_arn if vault else None,
            "IsEncrypted": True,
            "ResourceArn": job.resource_arn,
            "ResourceName": arns.table_name(job.resource_arn),
            "ResourceType": "DynamoDB",
            "CreationDate": job.created_at,
            "InitiationDate": job.started_at,
            "CompletionDate": job.completed_at,
            "State": job.state,
            "StatusMessage": job.message,
            "MessageCategory": job.category,
            "PercentDone": f"{100 * job.share_done(call.now):.1f}",
            "BackupSizeInBytes": job.size_bytes if job.state == "COMPLETED" else None,
            "BytesTransferred": int(job.size_bytes * job.share_done(call.now)),
            "IamRoleArn": job.role_arn,
            "StartBy": job.start_by,
            "ExpectedCompletionDate": job.complete_by,
            "BackupOptions": job.options or None,
            "CreatedBy": job.created_by,
            "IsParent": False,
        }
    )


def _job(call: BackupCall) -> BackupJob:
    job = call.books.backup_jobs.get(call.params["BackupJobId"])
    if job is None:
        raise not_found(f"Cannot find backup job {call.params['BackupJobId']}")
    return job


def _lifecycle(call: BackupCall, *, advanced: bool) -> Lifecycle:
    lifecycle = for_point(read_lifecycle(call.params.get("Lifecycle")))
    if lifecycle.cold_after is not None and not advanced:
        raise invalid_parameter("Invalid lifecycle. MoveToColdStorageAfterDays is unavailable", detail="ERROR_3015")
    return lifecycle


def _point_arn(call: BackupCall, table: str, *, advanced: bool) -> str:
    if advanced:
        return arns.new_point_arn(call.region, call.account)
    return arns.new_dynamodb_backup_arn(table, at_ms=int(call.now.timestamp() * 1000))
