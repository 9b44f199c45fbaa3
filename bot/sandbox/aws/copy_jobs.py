"""StartCopyJob and what can be asked about copy jobs."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from bot.sandbox.aws import arns
from bot.sandbox.aws.call import BackupCall, Result, without_none
from bot.sandbox.aws.copy_run import new_job
from bot.sandbox.aws.errors import invalid_parameter, invalid_request, not_found, point_not_found
from bot.sandbox.aws.job_intake import COMMON_FILTERS, check_role, list_jobs, take_in
from bot.sandbox.aws.jobs import CopyJob
from bot.sandbox.aws.lifecycle import read_lifecycle, write_lifecycle
from bot.sandbox.aws.paging import take_page
from bot.sandbox.aws.records import RecoveryPoint
from bot.sandbox.aws.state import WorldState

FILTERS: dict[str, Callable[[CopyJob, Any], bool]] = {
    **COMMON_FILTERS,
    "ByDestinationVaultArn": lambda job, value: job.destination_arn == value,
    "BySourceRecoveryPointArn": lambda job, value: job.point_arn == value,
}
PERIODS = {"ONE_DAY": 1, "SEVEN_DAYS": 7, "FOURTEEN_DAYS": 14}


def start_copy_job(call: BackupCall) -> Result:
    job = take_in(call, "copy", call.books.copy_jobs, lambda: _new_job(call))
    return {"CopyJobId": job.id, "CreationDate": job.created_at, "IsParent": False}


def describe_copy_job(call: BackupCall) -> Result:
    job = call.books.copy_jobs.get(call.params["CopyJobId"])
    if job is None:
        raise not_found(f"Cannot find copy job {call.params['CopyJobId']}")
    return {"CopyJob": write_job(call.state, job)}


def list_copy_jobs(call: BackupCall) -> Result:
    jobs, token = list_jobs(call, call.books.copy_jobs.values(), FILTERS)
    return without_none({"CopyJobs": [write_job(call.state, job) for job in jobs], "NextToken": token})


def list_copy_job_summaries(call: BackupCall) -> Result:
    period = call.params.get("AggregationPeriod", "FOURTEEN_DAYS")
    start = call.now - timedelta(days=PERIODS[period])
    counts = Counter(_summary_key(call, job) for job in call.books.copy_jobs.values() if job.created_at >= start)
    counts.pop(None, None)
    rows = {key: count for key, count in counts.items() if key is not None}
    keys, token = take_page(sorted(rows), lambda key: key, call.params, call.state.page_size)
    summaries = [_summary(call, key, rows[key], start) for key in keys]
    return without_none({"CopyJobSummaries": summaries, "AggregationPeriod": period, "NextToken": token})


def write_job(state: WorldState, job: CopyJob) -> Result:
    """Write a job as DescribeCopyJob and ListCopyJobs do."""
    destination = arns.parse_vault_arn(job.destination_arn)
    assert destination is not None
    vault = state.books(destination.account, destination.region).vaults.get(destination.name)
    return without_none(
        {
            "AccountId": job.account,
            "CopyJobId": job.id,
            "SourceBackupVaultArn": job.source_vault_arn,
            "SourceRecoveryPointArn": job.point_arn,
            "DestinationBackupVaultArn": job.destination_arn,
            "DestinationVaultType": vault.vault_type if vault else None,
            "DestinationVaultLockState": ("LOCKED" if vault.lock else "UNLOCKED") if vault else None,
            "DestinationRecoveryPointArn": job.destination_point_arn,
            "DestinationEncryptionKeyArn": job.destination_key_arn,
            "DestinationRecoveryPointLifecycle": write_lifecycle(job.lifecycle) or None,
            "ResourceArn": job.resource_arn,
            "ResourceName": arns.table_name(job.resource_arn),
            "ResourceType": "DynamoDB",
            "CreationDate": job.created_at,
            "CompletionDate": job.completed_at,
            "State": job.state,
            "StatusMessage": job.message,
            "MessageCategory": job.category,
            # Emulator decision: the size is known only once the job runs.
            "BackupSizeInBytes": None if job.started_at is None else job.size_bytes,
            "IamRoleArn": job.role_arn,
            "CreatedBy": job.created_by,
            "CreatedByBackupJobId": job.backup_job_id,
            "IsParent": False,
        }
    )


def _new_job(call: BackupCall) -> CopyJob:
    point = _copyable_point(call)
    destination = _destination(call)
    return new_job(
        call.state,
        point,
        destination_arn=str(destination),
        role_arn=check_role(call),
        asked=read_lifecycle(call.params.get("Lifecycle")),
        at=call.now,
    )


def _copyable_point(call: BackupCall) -> RecoveryPoint:
    """Find the point in the named vault. Emulator decision: a DynamoDB-managed one is refused at once."""
    point = call.vault("SourceBackupVaultName").points.get(call.params["RecoveryPointArn"])
    if point is None:
        raise point_not_found()
    if not point.advanced:
        raise invalid_request("Copy is not supported for recovery points that DynamoDB manages.")
    if point.continuous:
        raise invalid_request("Copy is not supported for continuous recovery points.")
    return point


def _destination(call: BackupCall) -> arns.VaultArn:
    text = call.params["DestinationBackupVaultArn"]
    destination = arns.parse_vault_arn(text)
    if destination is None:
        raise invalid_parameter(f"Invalid destination backup vault ARN: {text}")
    if destination.partition != arns.partition_of(call.region):
        raise invalid_parameter(f"The destination {text} is in another partition.")
    here = arns.vault_arn(call.account, call.region, call.params["SourceBackupVaultName"])
    if destination == here:
        raise invalid_parameter("The source and the destination backup vault are the same.")
    return destination


def _summary_key(call: BackupCall, job: CopyJob) -> tuple[str, str] | None:
    """Give the (state, category) a job counts under; None when the filters leave it out."""
    state, category = call.params.get("State", "ANY"), call.params.get("MessageCategory", "ANY")
    if state not in ("ANY", "AGGREGATE_ALL", job.state):
        return None
    if category not in ("ANY", "*", "AGGREGATE_ALL", job.category):
        return None
    shown = job.category or "" if category in ("ANY", "*") else category
    return (job.state if state == "ANY" else state, shown)


def _summary(call: BackupCall, key: tuple[str, str], count: int, start: datetime) -> Result:
    return without_none(
        {
            "Region": call.region,
            "AccountId": call.account,
            "State": key[0],
            "ResourceType": call.params.get("ResourceType", "DynamoDB"),
            "MessageCategory": key[1] or None,
            "Count": count,
            "StartTime": start,
            "EndTime": call.now,
        }
    )
