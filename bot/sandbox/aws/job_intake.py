"""What StartCopyJob, StartBackupJob and StartRestoreJob have in common: tokens, roles, and the lists."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from bot.sandbox.aws import arns
from bot.sandbox.aws.call import BackupCall
from bot.sandbox.aws.errors import AwsError, invalid_parameter
from bot.sandbox.aws.jobs import Job, Kind
from bot.sandbox.aws.paging import take_page
from bot.sandbox.aws.progress import settle, take_on

AnyJob = TypeVar("AnyJob", bound=Job)
Filters = Mapping[str, Callable[[AnyJob, Any], bool]]

COMMON_FILTERS: dict[str, Callable[[Job, Any], bool]] = {
    "ByResourceArn": lambda job, value: job.resource_arn == value,
    "ByState": lambda job, value: job.state == value,
    "ByCreatedBefore": lambda job, value: job.created_at < value,
    "ByCreatedAfter": lambda job, value: job.created_at > value,
    "ByResourceType": lambda job, value: value == "DynamoDB",
    "ByAccountId": lambda job, value: value in ("*", job.account),
    "ByCompleteBefore": lambda job, value: job.completed_at is not None and job.completed_at < value,
    "ByCompleteAfter": lambda job, value: job.completed_at is not None and job.completed_at > value,
    "ByParentJobId": lambda job, value: False,
    "ByMessageCategory": lambda job, value: value in ("*", job.category),
}


def take_in(call: BackupCall, kind: Kind, rows: dict[str, AnyJob], make: Callable[[], AnyJob]) -> AnyJob:
    """Make a job, unless its idempotency token already made one.

    Emulator decision: the same token gives the first job again, also with other input.
    """
    token = (kind, call.params.get("IdempotencyToken") or str(uuid.uuid4()))
    known = rows.get(call.books.tokens.get(token, ""))
    if known is not None:
        return known
    job = make()
    rows[job.id] = job
    call.books.tokens[token] = job.id
    take_on(call.state, job)
    settle(call.state)
    return job


def check_role(call: BackupCall) -> str:
    """Refuse a role that could not be passed; whether AWS Backup can assume it shows when the job starts."""
    role: str = call.params["IamRoleArn"]
    if not arns.ROLE_ARN.fullmatch(role):
        raise invalid_parameter(f"Invalid IAM role ARN: {role}")
    if arns.account_of(role) != call.account:
        raise AwsError("AccessDeniedException", "Cross-account pass role is not allowed.", status=403)
    return role


def list_jobs(call: BackupCall, jobs: Iterable[AnyJob], filters: Filters[AnyJob]) -> tuple[list[AnyJob], str | None]:
    """Give one page of the jobs the request's filters keep, newest first."""
    by_key = {(-job.created_at.timestamp(), job.id): job for job in jobs}
    asked = [(keep, call.params[name]) for name, keep in filters.items() if name in call.params]

    def pick(key: tuple[float, str]) -> AnyJob | None:
        return by_key[key] if all(keep(by_key[key], value) for keep, value in asked) else None

    return take_page(sorted(by_key), pick, call.params, call.state.page_size)
