"""A restore job's end: the table is really made, with the items recorded when the backup was taken."""

from datetime import datetime

from bot.sandbox.aws import identity, tables
from bot.sandbox.aws.jobs import Job, RestoreJob
from bot.sandbox.aws.records import Failure
from bot.sandbox.aws.state import WorldState


def begin(state: WorldState, job: Job, at: datetime) -> Failure | None:
    assert isinstance(job, RestoreJob)
    if not identity.backup_can_assume(job.role_arn):
        return Failure(f"{job.role_arn} cannot be assumed by AWS Backup", "ACCESS_DENIED")
    return _target_taken(job)


def finish(state: WorldState, job: Job, at: datetime) -> Failure | None:
    assert isinstance(job, RestoreJob)
    if failure := job.fate.doom or _target_taken(job):
        return failure
    content = job.content or tables.EMPTY
    job.created_resource_arn = tables.restore(job.account, job.region, job.target, content, _encryption(job.metadata))
    return None


def _target_taken(job: RestoreJob) -> Failure | None:
    if tables.find(job.account, job.region, job.target) is None:
        return None
    return Failure(f"Table already exists: {job.target}", "INVALID_STATE")


def _encryption(metadata: dict[str, str]) -> dict[str, object] | None:
    if metadata.get("encryptiontype", "Default").casefold() == "default":
        return None
    key = metadata.get("kmsmasterkeyarn")
    return {"Enabled": True, "SSEType": "KMS", **({"KMSMasterKeyId": key} if key else {})}
