"""EventBridge's word on jobs and recovery points, in AWS's shape with AWS's traps.

https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html
"""

import uuid
from datetime import datetime
from typing import Any

from bot.sandbox.aws import arns
from bot.sandbox.aws.jobs import BackupJob, CopyJob, Job, RestoreJob
from bot.sandbox.aws.lifecycle import write_lifecycle
from bot.sandbox.aws.records import RecoveryPoint

COPY_JOB = "Copy Job State Change"
BACKUP_JOB = "Backup Job State Change"
RESTORE_JOB = "Restore Job State Change"
RECOVERY_POINT = "Recovery Point State Change"

Event = dict[str, Any]


def job_event(job: Job, at: datetime) -> Event:
    """Write the event that a job has entered the state it is in, as the default bus of its account carries it."""
    if isinstance(job, CopyJob):
        return _envelope(COPY_JOB, job.account, job.region, job.point_arn, _copy_detail(job), at)
    if isinstance(job, BackupJob):
        return _envelope(BACKUP_JOB, job.account, job.region, job.point_arn, _backup_detail(job), at)
    assert isinstance(job, RestoreJob)
    return _envelope(RESTORE_JOB, job.account, job.region, job.point_arn, _restore_detail(job), at)


def point_event(point: RecoveryPoint, status: str, at: datetime) -> Event:
    """Write the event that a recovery point has entered a state, for the account and Region that hold it.

    Emulator decision: the state stands in `status`, as in DescribeRecoveryPoint.
    """
    calculated = {"deleteAt": point.delete_at, "moveToColdStorageAt": point.cold_at}
    detail = {
        "backupVaultName": point.vault,
        "backupVaultArn": str(arns.vault_arn(point.account, point.region, point.vault)),
        "creationDate": _iso(point.created_at),
        "iamRoleArn": point.role_arn,
        "resourceArn": point.resource_arn,
        "resourceType": "DynamoDB",
        "status": status,
        "isEncrypted": "true",
        "storageClass": "COLD" if point.is_cold(at) else point.storage_class,
        "lifecycle": {name[0].lower() + name[1:]: days for name, days in write_lifecycle(point.lifecycle).items()},
        "calculatedLifeCycle": {name: _iso(moment) for name, moment in calculated.items() if moment},
    }
    if point.completed_at:
        detail["completionDate"] = _iso(point.completed_at)
    return _envelope(RECOVERY_POINT, point.account, point.region, point.arn, detail, at)


def _copy_detail(job: CopyJob) -> dict[str, Any]:
    """Two traps are AWS's own: the CREATED event has no copyJobId, and destinationRecoveryPointArn is an empty object
    until the job is COMPLETED.
    """
    detail: dict[str, Any] = {
        "state": job.state,
        "sourceBackupVaultArn": job.source_vault_arn,
        "destinationBackupVaultArn": job.destination_arn,
        "destinationRecoveryPointArn": job.destination_point_arn or {},
    }
    if job.state != "CREATED":
        detail |= {"copyJobId": job.id, "backupSizeInBytes": job.size_bytes}
    return detail | _shared_detail(job)


def _backup_detail(job: BackupJob) -> dict[str, Any]:
    return {
        "backupJobId": job.id,
        "backupVaultName": job.vault,
        "backupVaultArn": str(arns.vault_arn(job.account, job.region, job.vault)),
        "state": job.state,
        # Numbers are text in these events, unlike in those of copy jobs.
        "percentDone": "100.0" if job.state == "COMPLETED" else "0.0",
        "backupSizeInBytes": str(job.size_bytes),
        "startBy": _iso(job.start_by),
        **_shared_detail(job),
    }


def _restore_detail(job: RestoreJob) -> dict[str, Any]:
    """Where the others have `state`, restore jobs have `status`."""
    detail = {
        "restoreJobId": job.id,
        "status": "PENDING" if job.state == "CREATED" else job.state,
        "percentDone": "100.00%" if job.state == "COMPLETED" else "0.00%",
        "backupSizeInBytes": str(job.size_bytes),
        **_shared_detail(job),
    }
    return detail | ({"createdResourceArn": job.created_resource_arn} if job.created_resource_arn else {})


def _shared_detail(job: Job) -> dict[str, Any]:
    detail: dict[str, Any] = {
        "creationDate": _iso(job.created_at),
        "iamRoleArn": job.role_arn,
        "resourceArn": job.resource_arn,
        "resourceType": "DynamoDB",
    }
    if job.message:
        detail["statusMessage"] = job.message
    if job.completed_at:
        detail["completionDate"] = _iso(job.completed_at)
    if job.created_by:
        detail["createdBy"] = _creator(job.created_by)
    return detail


def _envelope(kind: str, account: str, region: str, resource: str, detail: dict[str, Any], at: datetime) -> Event:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": kind,
        "source": "aws.backup",
        "account": account,
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": [resource],
        "detail": detail,
    }


def _creator(created_by: dict[str, str]) -> dict[str, str]:
    return {
        "backupPlanId": created_by["BackupPlanId"],
        "backupPlanArn": created_by["BackupPlanArn"],
        "backupPlanVersion": created_by["BackupPlanVersion"],
        "backupPlanRuleId": created_by["BackupRuleId"],
    }


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
