"""StartCopyJob and what can be asked about copy jobs."""

import uuid
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from bot.sandbox.aws import arns
from bot.sandbox.aws.call import BackupCall, Result, without_none
from bot.sandbox.aws.errors import AwsError, invalid_parameter, invalid_request, not_found, point_not_found
from bot.sandbox.aws.lifecycle import for_copy, read_lifecycle, write_lifecycle
from bot.sandbox.aws.paging import take_page
from bot.sandbox.aws.progress import settle, submit
from bot.sandbox.aws.records import CopyJob, RecoveryPoint
from bot.sandbox.aws.state import WorldState

Filter = Callable[[CopyJob, Any], bool]

FILTERS: dict[str, Filter] = {
    "ByResourceArn": lambda job, value: job.resource_arn == value,
    "ByState": lambda job, value: job.state == value,
    "ByCreatedBefore": lambda job, value: job.created_at < value,
    "ByCreatedAfter": lambda job, value: job.created_at > value,
    "ByResourceType": lambda job, value: value == "DynamoDB",
    "ByDestinationVaultArn": lambda job, value: job.destination_arn == value,
    "ByAccountId": lambda job, value: value in ("*", job.account),
    "ByCompleteBefore": lambda job, value: job.completed_at is not None and job.completed_at < value,
    "ByCompleteAfter": lambda job, value: job.completed_at is not None and job.completed_at > value,
    "ByParentJobId": lambda job, value: False,
    "ByMessageCategory": lambda job, value: value in ("*", job.category),
    "BySourceRecoveryPointArn": lambda job, value: job.point_arn == value,
}
PERIODS = {"ONE_DAY": 1, "SEVEN_DAYS": 7, "FOURTEEN_DAYS": 14}


def start_copy_job(call: BackupCall) -> Result:
    token = ("copy", call.params.get("IdempotencyToken") or str(uuid.uuid4()))
    # Emulator decision: the same token gives the first job again, also with other input.
    known = call.books.copy_jobs.get(call.books.tokens.get(token, ""))
    if known is not None:
        return _started(known)
    job = _new_job(call)
    call.books.copy_jobs[job.id] = job
    call.books.tokens[token] = job.id
    submit(call.state, job)
    started = _started(job)
    settle(call.state)
    return started


def describe_copy_job(call: BackupCall) -> Result:
    job = call.books.copy_jobs.get(call.params["CopyJobId"])
    if job is None:
        raise not_found(f"Cannot find copy job {call.params['CopyJobId']}")
    return {"CopyJob": write_job(call.state, job)}


def list_copy_jobs(call: BackupCall) -> Result:
    jobs = {(-job.created_at.timestamp(), job.id): job for job in call.books.copy_jobs.values()}

    def pick(key: tuple[float, str]) -> CopyJob | None:
        job = jobs[key]
        kept = all(keep(job, call.params[name]) for name, keep in FILTERS.items() if name in call.params)
        return job if kept else None

    rows, token = take_page(sorted(jobs), pick, call.params, call.state.page_size)
    return without_none({"CopyJobs": [write_job(call.state, job) for job in rows], "NextToken": token})


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
            "IsParent": False,
        }
    )


def _new_job(call: BackupCall) -> CopyJob:
    point = _copyable_point(call)
    destination = _destination(call)
    _check_role(call)
    asked = read_lifecycle(call.params.get("Lifecycle"))
    planned = call.state.planned
    stuck = planned.stuck > 0
    planned.stuck -= stuck
    return CopyJob(
        id=str(uuid.uuid4()).upper(),
        account=call.account,
        region=call.region,
        resource_arn=point.resource_arn,
        role_arn=call.params["IamRoleArn"],
        created_at=call.now,
        waits=call.state.timing.created,
        runs=call.state.timing.runs(point.size_bytes),
        stuck=stuck,
        doom=planned.dooms.popleft() if planned.dooms else None,
        point_arn=point.arn,
        source_vault=point.vault,
        source_vault_arn=str(arns.vault_arn(call.account, call.region, point.vault)),
        destination_arn=str(destination),
        lifecycle_asked=asked,
        lifecycle=for_copy(asked, point.lifecycle),
        size_bytes=point.size_bytes,
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


def _check_role(call: BackupCall) -> None:
    role = call.params["IamRoleArn"]
    if not arns.ROLE_ARN.fullmatch(role):
        raise invalid_parameter(f"Invalid IAM role ARN: {role}")
    if arns.account_of(role) != call.account:
        raise AwsError("AccessDeniedException", "Cross-account pass role is not allowed.", status=403)


def _started(job: CopyJob) -> Result:
    return {"CopyJobId": job.id, "CreationDate": job.created_at, "IsParent": False}


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
