"""EventBridge's word on copy jobs, in AWS's shape with AWS's traps."""

import uuid
from datetime import datetime
from typing import Any

from bot.sandbox.aws.jobs import CopyJob


def copy_job_event(job: CopyJob, state: str, at: datetime) -> dict[str, Any]:
    """Write the event that a copy job has entered a state, as the default bus of its account carries it.

    Two traps are AWS's own: the CREATED event has no copyJobId, and destinationRecoveryPointArn is an
    empty object until the job is COMPLETED.
    """
    detail: dict[str, Any] = {
        "state": state,
        "creationDate": _iso(job.created_at),
        "iamRoleArn": job.role_arn,
        "resourceArn": job.resource_arn,
        "resourceType": "DynamoDB",
        "sourceBackupVaultArn": job.source_vault_arn,
        "destinationBackupVaultArn": job.destination_arn,
        "destinationRecoveryPointArn": job.destination_point_arn or {},
    }
    if state != "CREATED":
        detail |= {"copyJobId": job.id, "backupSizeInBytes": job.size_bytes}
    if job.message:
        detail["statusMessage"] = job.message
    if job.completed_at:
        detail["completionDate"] = _iso(job.completed_at)
    if job.created_by:
        detail["createdBy"] = _creator(job.created_by)
    return _envelope(job, detail, at)


def _envelope(job: CopyJob, detail: dict[str, Any], at: datetime) -> dict[str, Any]:
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": "Copy Job State Change",
        "source": "aws.backup",
        "account": job.account,
        "time": at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": job.region,
        "resources": [job.point_arn],
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
