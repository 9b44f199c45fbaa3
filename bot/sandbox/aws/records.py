"""Vaults, recovery points and plans as the local AWS Backup keeps them."""

import zlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

CUSTOMER_KEY = "CUSTOMER_MANAGED_KMS_KEY"
AWS_KEY = "AWS_OWNED_KMS_KEY"
STANDARD_VAULT = "BACKUP_VAULT"
AIR_GAPPED_VAULT = "LOGICALLY_AIR_GAPPED_BACKUP_VAULT"
RESTORE_ACCESS_VAULT = "RESTORE_ACCESS_BACKUP_VAULT"

# AWS deletes an expired point at a random moment within 8 hours. Emulator decision: the moment is a
# hash of the point's ARN, so that the same point always goes at the same time.
DELETION_WINDOW = timedelta(hours=8)

SortKey = tuple[float, str]


@dataclass(frozen=True, slots=True)
class Lifecycle:
    """When a point goes cold and when it is deleted, in days from its creation; None means never."""

    cold_after: int | None = None
    delete_after: int | None = None

    def __bool__(self) -> bool:
        return self.cold_after is not None or self.delete_after is not None


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job failed: AWS's message and its category."""

    message: str
    category: str


@dataclass(frozen=True, slots=True)
class TableContent:
    """A table as it was at backup time: its definition and its items in DynamoDB's own notation."""

    definition: dict[str, Any]
    items: tuple[dict[str, Any], ...]


@dataclass(slots=True)
class RecoveryPoint:
    arn: str
    account: str
    region: str
    vault: str
    resource_arn: str
    resource_name: str
    created_at: datetime
    size_bytes: int
    completed_at: datetime | None = None
    lifecycle: Lifecycle = Lifecycle()
    status: str = "COMPLETED"
    status_message: str | None = None
    storage_class: str = "WARM"
    key_arn: str | None = None
    key_type: str = CUSTOMER_KEY
    role_arn: str | None = None
    source_vault_arn: str | None = None
    created_by: dict[str, str] | None = None
    continuous: bool = False
    undeletable: bool = False
    scans: list[dict[str, Any]] = field(default_factory=list)
    content: TableContent | None = None
    tags: dict[str, str] = field(default_factory=dict)

    @property
    def advanced(self) -> bool:
        return self.arn.split(":")[2] == "backup"

    @property
    def cold_at(self) -> datetime | None:
        days = self.lifecycle.cold_after
        return None if days is None else self.created_at + timedelta(days=days)

    @property
    def delete_at(self) -> datetime | None:
        days = self.lifecycle.delete_after
        return None if days is None else self.created_at + timedelta(days=days)

    @property
    def gone_at(self) -> datetime | None:
        """Tell when the expired point really disappears."""
        if self.delete_at is None:
            return None
        share = zlib.crc32(self.arn.encode()) / 2**32
        return self.delete_at + DELETION_WINDOW * share

    @property
    def sort_key(self) -> SortKey:
        """Order points newest first."""
        return (-self.created_at.timestamp(), self.arn)

    def is_cold(self, now: datetime) -> bool:
        return self.storage_class == "COLD" or (self.cold_at is not None and self.cold_at <= now)


@dataclass(slots=True)
class VaultLock:
    min_days: int | None
    max_days: int | None
    immutable_from: datetime | None = None


@dataclass(slots=True)
class Vault:
    name: str
    arn: str
    account: str
    region: str
    created_at: datetime
    key_arn: str | None
    key_type: str = CUSTOMER_KEY
    vault_type: str = STANDARD_VAULT
    creator_request_id: str = ""
    policy: str | None = None
    lock: VaultLock | None = None
    tags: dict[str, str] = field(default_factory=dict)
    points: dict[str, RecoveryPoint] = field(default_factory=dict)
    _order: list[SortKey] | None = None

    def newest_first(self) -> list[SortKey]:
        """List the sort keys of all points; the list is rebuilt only after a change."""
        if self._order is None:
            self._order = sorted(point.sort_key for point in self.points.values())
        return self._order

    def put(self, point: RecoveryPoint) -> None:
        self.points[point.arn] = point
        self._order = None

    def drop(self, arn: str) -> RecoveryPoint | None:
        self._order = None
        return self.points.pop(arn, None)


@dataclass(slots=True)
class PlanVersion:
    id: str
    created_at: datetime
    document: dict[str, Any]


@dataclass(slots=True)
class Plan:
    id: str
    arn: str
    creator_request_id: str
    versions: list[PlanVersion]
    deleted_at: datetime | None = None
    last_run_at: datetime | None = None
    tags: dict[str, str] = field(default_factory=dict)
    selections: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def current(self) -> PlanVersion:
        return self.versions[-1]

    @property
    def name(self) -> str:
        return str(self.current.document["BackupPlanName"])

    @property
    def owned_by_organization(self) -> bool:
        """Tell a plan that an organization's backup policy made: members can only read it."""
        return self.id.startswith("orgs/")
