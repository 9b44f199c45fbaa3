"""StartRestoreJob and what can be asked about restore jobs."""

import math
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from bot.sandbox.aws import arns
from bot.sandbox.aws.call import BackupCall, Result, without_none
from bot.sandbox.aws.errors import invalid_parameter, invalid_request, not_found, point_not_found
from bot.sandbox.aws.job_intake import COMMON_FILTERS, check_role, list_jobs, take_in
from bot.sandbox.aws.jobs import RestoreJob
from bot.sandbox.aws.records import RecoveryPoint

# A restore from cold storage typically takes four hours longer.
COLD_DELAY = timedelta(hours=4)
ENCRYPTION_TYPES = {"default", "kms"}

FILTERS: dict[str, Callable[[RestoreJob, Any], bool]] = {
    **COMMON_FILTERS,
    "ByStatus": lambda job, value: _status(job) == value,
    "ByRestoreTestingPlanArn": lambda job, value: False,
    "ResourceArn": lambda job, value: job.resource_arn == value,
    "ByRecoveryPointCreationDateAfter": lambda job, value: job.point_created_at > value,
    "ByRecoveryPointCreationDateBefore": lambda job, value: job.point_created_at < value,
}


def start_restore_job(call: BackupCall) -> Result:
    job = take_in(call, "restore", call.books.restore_jobs, lambda: _new_job(call))
    return {"RestoreJobId": job.id}


def describe_restore_job(call: BackupCall) -> Result:
    return _write(call, _job(call))


def list_restore_jobs(call: BackupCall) -> Result:
    """Answer both ListRestoreJobs and ListRestoreJobsByProtectedResource: they differ in their filters."""
    jobs, token = list_jobs(call, call.books.restore_jobs.values(), FILTERS)
    return without_none({"RestoreJobs": [_write(call, job) for job in jobs], "NextToken": token})


def get_restore_job_metadata(call: BackupCall) -> Result:
    job = _job(call)
    return {"RestoreJobId": job.id, "Metadata": job.metadata}


def _new_job(call: BackupCall) -> RestoreJob:
    point = _point(call)
    if call.params.get("CopySourceTagsToRestoredResource"):
        raise invalid_parameter("CopySourceTagsToRestoredResource is not supported for DynamoDB")
    metadata = {key.lower(): value for key, value in call.params["Metadata"].items()}
    _check_metadata(call, point, metadata)
    fate = call.state.orders["restore"].take(point.size_bytes)
    if point.is_cold(call.now):
        fate.runs += COLD_DELAY
    return RestoreJob(
        id=str(uuid.uuid4()).upper(),
        account=call.account,
        region=call.region,
        resource_arn=point.resource_arn,
        role_arn=check_role(call),
        size_bytes=point.size_bytes,
        created_at=call.now,
        fate=fate,
        point_arn=point.arn,
        vault=point.vault,
        point_created_at=point.created_at,
        content=point.content,
        metadata=metadata,
        target=metadata["targettablename"],
    )


def _point(call: BackupCall) -> RecoveryPoint:
    arn = call.params["RecoveryPointArn"]
    found = [vault.points[arn] for vault in call.books.vaults.values() if arn in vault.points]
    if not found:
        raise point_not_found()
    if found[0].status not in ("COMPLETED", "AVAILABLE"):
        raise invalid_request(f"The recovery point is in state {found[0].status}.")
    return found[0]


def _check_metadata(call: BackupCall, point: RecoveryPoint, metadata: dict[str, str]) -> None:
    """Refuse metadata a restore cannot work with. The words are the emulator's own."""
    if not metadata.get("targettablename"):
        raise invalid_parameter("Invalid restore metadata: targetTableName is missing")
    encryption = metadata.get("encryptiontype")
    if encryption is None and point.resource_arn.split(":")[3] != call.region:
        raise invalid_parameter(
            "Invalid restore metadata: encryptionType is required outside the table's original Region"
        )
    if encryption is not None and encryption.casefold() not in ENCRYPTION_TYPES:
        raise invalid_parameter(f"Invalid restore metadata: encryptionType {encryption} is unknown")


def _job(call: BackupCall) -> RestoreJob:
    job = call.books.restore_jobs.get(call.params["RestoreJobId"])
    if job is None:
        raise not_found(f"Cannot find restore job {call.params['RestoreJobId']}")
    return job


def _status(job: RestoreJob) -> str:
    """Give a restore's word for its state: it is PENDING where other jobs are CREATED."""
    return "PENDING" if job.state == "CREATED" else job.state


def _write(call: BackupCall, job: RestoreJob) -> Result:
    return without_none(
        {
            "AccountId": job.account,
            "RestoreJobId": job.id,
            "RecoveryPointArn": job.point_arn,
            "RecoveryPointCreationDate": job.point_created_at,
            "SourceResourceArn": job.resource_arn,
            "BackupVaultArn": str(arns.vault_arn(job.account, job.region, job.vault)),
            "CreationDate": job.created_at,
            "CompletionDate": job.completed_at,
            "Status": _status(job),
            "StatusMessage": job.message,
            "PercentDone": f"{100 * job.share_done(call.now):.2f}%",
            "BackupSizeInBytes": job.size_bytes,
            "IamRoleArn": job.role_arn,
            "ExpectedCompletionTimeMinutes": math.ceil(job.fate.runs / timedelta(minutes=1)),
            "CreatedResourceArn": job.created_resource_arn,
            "ResourceType": "DynamoDB",
            "IsParent": False,
        }
    )
