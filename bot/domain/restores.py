"""Restoring a table from a recovery point: what may be chosen, what is asked of AWS, what it answers."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from bot.domain.backups import RecoveryPoint, table_place_of

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
TABLE_NAME = re.compile(r"[a-zA-Z0-9_.-]{3,255}")
KEY_ARN = re.compile(r"arn:[a-z-]+:kms:(?P<region>[a-z0-9-]+):\d{12}:(key|alias)/\S+")


class Encryption(StrEnum):
    """How the restored table is encrypted; UNSAID leaves it to AWS, which only the table's own Region allows."""

    UNSAID = "unsaid"
    OWNED = "owned"
    MANAGED = "managed"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class RestoreOrder:
    """One StartRestoreJob. `token` is the stored idempotency token: the same order twice is one job."""

    point: RecoveryPoint
    table: str
    role_arn: str
    encryption: Encryption
    key_arn: str
    token: str
    request_id: str
    approved_by: str


class RestoreState(StrEnum):
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    COMPLETED = "COMPLETED"
    ABORTED = "ABORTED"
    FAILED = "FAILED"

    @property
    def is_final(self) -> bool:
        return self not in (RestoreState.PENDING, RestoreState.RUNNING)


@dataclass(frozen=True, slots=True)
class RestoreJob:
    """A restore job as DescribeRestoreJob tells it; `table_arn` is there only once the table is."""

    id: str
    state: RestoreState
    percent: str = ""
    message: str = ""
    table_arn: str | None = None
    created_at: datetime | None = None
    completed_at: datetime | None = None


class Restores(Protocol):
    """AWS Backup's restores, in every configured account and Region. Every method raises a BackupsError."""

    def start_restore(self, order: RestoreOrder) -> str:
        """Start a restore where the recovery point lies and return the job's id. Safe to repeat."""
        ...

    def restore_job(self, account: str, region: str, job_id: str) -> RestoreJob:
        """Read a restore job. Raises BackupsMissing when AWS has no record of it (any more)."""
        ...


def needs_encryption(point: RecoveryPoint, region: str) -> bool:
    """Whether AWS wants an encryption named: in any Region but the one the table was in.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-dynamodb.html
    """
    return table_place_of(point.table_arn)[1] != region
