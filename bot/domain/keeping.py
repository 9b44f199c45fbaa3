"""What changes how AWS keeps backups: new vaults and who may copy into them, switches, new backups, retention.

The ports of the steps that are no copies. Every method raises a BackupsError when it fails; what changes something is
safe to repeat, and names the errand it is done on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from bot.domain.backups import Lifecycle, VaultRef
from bot.domain.params import BackUpParams

DYNAMODB = "DynamoDB"
# https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeBackupJob.html
ENDED = frozenset({"COMPLETED", "ABORTED", "FAILED", "EXPIRED", "PARTIAL"})
COMPLETED = "COMPLETED"


@dataclass(frozen=True, slots=True)
class Errand:
    """Whose errand a changing call is: the request, and the user id of the person who approved it first."""

    request_id: str
    approved_by: str


@dataclass(frozen=True, slots=True)
class Preferences:
    """AWS Backup's settings of one account and Region, by resource type: what it backs up, what it manages itself."""

    opted_in: Mapping[str, bool]
    managed: Mapping[str, bool]

    @property
    def advanced(self) -> bool:
        """Whether new backups of DynamoDB tables are made with the advanced features."""
        return self.opted_in.get(DYNAMODB, False) and self.managed.get(DYNAMODB, False)

    def with_advanced(self) -> "Preferences":
        """The same with DynamoDB on in both maps; all other types stay as they are."""
        on = {DYNAMODB: True}
        return replace(self, opted_in={**self.opted_in, **on}, managed={**self.managed, **on})


@dataclass(frozen=True, slots=True)
class StartedBackup:
    """A backup job that AWS accepted. Without `point_arn` it is made without the advanced features."""

    job_id: str
    point_arn: str | None


@dataclass(frozen=True, slots=True)
class BackupJob:
    """A backup job as DescribeBackupJob tells it; `state` and `percent` in AWS's words."""

    id: str
    state: str
    message: str | None = None
    category: str | None = None
    point_arn: str | None = None
    size_bytes: int | None = None
    percent: str | None = None
    created_at: datetime | None = None
    completed_at: datetime | None = None


class NewVaults(Protocol):
    """Vaults that are made on the way, and who may copy into a vault."""

    def create_vault(self, vault: VaultRef, key_arn: str | None, creator: str, errand: Errand) -> None:
        """Create a vault; `creator` marks it as ours. Raises BackupsTaken when a vault has the name already."""
        ...

    def vault_policy(self, vault: VaultRef) -> str | None:
        """Read a vault's access policy (JSON text); None when it has none. Raises BackupsDenied for no such vault."""
        ...

    def put_vault_policy(self, vault: VaultRef, policy: str, errand: Errand) -> None:
        """Put a policy in the place of the one that is there."""
        ...


class Switches(Protocol):
    """AWS Backup's settings of an account and Region."""

    def preferences(self, account: str, region: str) -> Preferences: ...

    def prefer(self, account: str, region: str, preferences: Preferences, errand: Errand) -> None: ...


class NewBackups(Protocol):
    """Backups on demand."""

    def start_backup(self, params: BackUpParams, token: str, errand: Errand) -> StartedBackup:
        """Start a backup job in the table's account and Region; the same token again is the same job."""
        ...

    def backup_job(self, vault: VaultRef, job_id: str) -> BackupJob:
        """Read a backup job of the vault's account and Region. BackupsMissing after 30 days."""
        ...


class Lifecycles(Protocol):
    """How long a recovery point is kept."""

    def set_lifecycle(self, vault: VaultRef, arn: str, lifecycle: Lifecycle, errand: Errand) -> None:
        """Give a recovery point this lifecycle, all of it: what is None is unset."""
        ...


class Keeping(NewVaults, Switches, NewBackups, Lifecycles, Protocol):
    """All four, as one adapter fulfils them."""
