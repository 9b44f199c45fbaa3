"""A backup job's start and end: the point shows as CREATING while it runs, and is whole when it is done."""

from datetime import datetime
from typing import Any

from bot.sandbox.aws import arns, copy_run, identity, tables
from bot.sandbox.aws.copy_rules import fits
from bot.sandbox.aws.events import point_event
from bot.sandbox.aws.jobs import BackupJob, Job
from bot.sandbox.aws.lifecycle import read_lifecycle
from bot.sandbox.aws.records import Failure, RecoveryPoint
from bot.sandbox.aws.state import WorldState

TABLE_MISSING = Failure("Table not found.", "RESOURCE_NOT_FOUND")
VAULT_MISSING = Failure("Access Denied trying to call AWS Backup service", "ACCESS_DENIED")
# Emulator decision: the words are those of a copy job, AWS's for a backup job are not public.
OUT_OF_RANGE = Failure(
    "Backup job failed. The retention specified in the job is not within the range specified for the target "
    "Backup Vault.",
    "INVALID_LIFECYCLE",
)


def begin(state: WorldState, job: Job, at: datetime) -> Failure | None:
    assert isinstance(job, BackupJob)
    books = state.books(job.account, job.region)
    vault = books.vaults.get(job.vault)
    if not identity.backup_can_assume(job.role_arn):
        return Failure(f"{job.role_arn} cannot be assumed by AWS Backup", "ACCESS_DENIED")
    if tables.find(job.account, job.region, arns.table_name(job.resource_arn)) is None:
        return TABLE_MISSING
    if vault is None:
        return VAULT_MISSING
    if vault.lock and not fits(job.lifecycle, vault.lock.min_days, vault.lock.max_days):
        return OUT_OF_RANGE
    if full := state.quotas.failure(vault):
        return full
    point = _point(state, job)
    books.add_point(point)
    state.announce(point_event(point, point.status, at))
    return None


def finish(state: WorldState, job: Job, at: datetime) -> Failure | None:
    assert isinstance(job, BackupJob)
    books = state.books(job.account, job.region)
    point = books.find_point(job.vault, job.point_arn)
    if point is None:
        return VAULT_MISSING
    if job.fate.doom:
        books.remove_point(point)
        return job.fate.doom
    point.status = "COMPLETED"
    point.completed_at = at
    state.announce(point_event(point, point.status, at))
    for action in job.copy_actions:
        _copy_on(state, job, point, action)
    return None


def _copy_on(state: WorldState, job: BackupJob, point: RecoveryPoint, action: dict[str, Any]) -> None:
    """Start a copy that a plan's rule asks for, as the plan's role."""
    copy = copy_run.new_job(
        state,
        point,
        destination_arn=action["DestinationBackupVaultArn"],
        role_arn=job.role_arn,
        asked=read_lifecycle(action.get("Lifecycle")),
        at=point.completed_at or job.created_at,
    )
    copy.created_by, copy.backup_job_id = job.created_by, job.id
    state.books(job.account, job.region).copy_jobs[copy.id] = copy
    state.ordered.append(copy)


def _point(state: WorldState, job: BackupJob) -> RecoveryPoint:
    """Write the point a backup makes; it was created when the job was."""
    vault = state.books(job.account, job.region).vaults[job.vault]
    return RecoveryPoint(
        arn=job.point_arn,
        account=job.account,
        region=job.region,
        vault=job.vault,
        resource_arn=job.resource_arn,
        resource_name=arns.table_name(job.resource_arn),
        created_at=job.created_at,
        size_bytes=job.size_bytes,
        lifecycle=job.lifecycle,
        status="CREATING",
        key_arn=vault.key_arn,
        key_type=vault.key_type,
        role_arn=job.role_arn,
        created_by=job.created_by,
        content=job.content,
        tags=job.tags,
    )
