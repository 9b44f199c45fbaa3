"""Copy, backup and restore jobs as the local AWS Backup keeps them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from bot.sandbox.aws.records import Failure, Lifecycle, TableContent

Kind = Literal["copy", "backup", "restore"]
KINDS: tuple[Kind, ...] = ("copy", "backup", "restore")


@dataclass(slots=True)
class Fate:
    """What was decided for a job when it was made: its waiting, its running, whether it is held or doomed."""

    waits: timedelta
    runs: timedelta
    held: bool = False
    doom: Failure | None = None


@dataclass(slots=True, kw_only=True)
class Job:
    """What all jobs share. A copy or backup job holds its resource from its creation to its end."""

    id: str
    account: str
    region: str
    resource_arn: str
    role_arn: str
    size_bytes: int
    created_at: datetime
    fate: Fate
    state: str = "CREATED"
    started_at: datetime | None = None
    completed_at: datetime | None = None
    message: str | None = None
    category: str | None = None
    created_by: dict[str, str] | None = None

    @property
    def over(self) -> bool:
        return self.completed_at is not None

    @property
    def holds(self) -> tuple[str, ...]:
        """Name what no other job may work on meanwhile."""
        return (self.account, self.region, self.resource_arn)

    def share_done(self, now: datetime) -> float:
        """Tell how far the job is, from 0 to 1."""
        if self.over or self.started_at is None:
            return float(self.over)
        whole = self.fate.runs.total_seconds()
        return min(1.0, (now - self.started_at).total_seconds() / whole) if whole else 1.0


@dataclass(slots=True, kw_only=True)
class CopyJob(Job):
    point_arn: str
    source_vault: str
    source_vault_arn: str
    destination_arn: str
    lifecycle: Lifecycle
    extra: bool = False
    """It runs in one of the vault's extra slots, beyond the Region's quota."""
    destination_point_arn: str | None = None
    destination_key_arn: str | None = None
    backup_job_id: str | None = None


@dataclass(slots=True, kw_only=True)
class BackupJob(Job):
    vault: str
    lifecycle: Lifecycle
    point_arn: str
    content: TableContent | None
    start_by: datetime
    complete_by: datetime
    tags: dict[str, str] = field(default_factory=dict)
    options: dict[str, str] = field(default_factory=dict)
    copy_actions: list[dict[str, Any]] = field(default_factory=list)

    @property
    def advanced(self) -> bool:
        return self.point_arn.split(":")[2] == "backup"


@dataclass(slots=True, kw_only=True)
class RestoreJob(Job):
    point_arn: str
    vault: str
    point_created_at: datetime
    content: TableContent | None
    metadata: dict[str, str]
    target: str
    created_resource_arn: str | None = None

    @property
    def holds(self) -> tuple[str, ...]:
        """A restore works on a table that is not there yet: it keeps nobody waiting."""
        return (self.account, self.region, self.id)
