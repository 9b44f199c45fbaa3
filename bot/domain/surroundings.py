"""What surrounds a copy and decides whether it works: policies, keys, roles, organization, switches, jobs at work.

Small reads that change nothing, each answering one question of pre-flight. Every method raises a BackupsError when it
fails, and whoever asks makes that a finding of its own: what could not be seen is never taken for fine.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from bot.domain.backups import RecoveryPoint, VaultRef


@dataclass(frozen=True, slots=True)
class Organization:
    """The organization that an account is in; `manager` is the id of its management account."""

    id: str
    manager: str = ""


@dataclass(frozen=True, slots=True)
class RegionSettings:
    """AWS Backup's settings of one account and Region for DynamoDB; None where AWS does not name it."""

    opted_in: bool | None = None
    advanced: bool | None = None


@dataclass(frozen=True, slots=True)
class Key:
    """A KMS key: its state as KMS names it (`Enabled` is good), who manages it, and its policy (None: not readable)."""

    arn: str
    state: str
    by_aws: bool = False
    policy: str | None = None
    policy_unseen: str = ""


@dataclass(frozen=True, slots=True)
class Role:
    """An IAM role: its ARN and its trust policy as JSON text."""

    arn: str
    trust: str


@dataclass(frozen=True, slots=True)
class Permission:
    """What IAM's simulation says of one action: `by_organization` is its word on service control policies, if any."""

    action: str
    allowed: bool
    decision: str = ""
    by_organization: bool | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """A backup or copy job as lists tell it; `kind` is "copy" or "backup"."""

    id: str
    kind: str
    state: str
    created_at: datetime | None = None
    point_arn: str = ""
    destination: str = ""
    copy_arn: str = ""

    @property
    def at_work(self) -> bool:
        return self.state in ("CREATED", "PENDING", "RUNNING")


@dataclass(frozen=True, slots=True)
class Details:
    """What a recovery point says of itself beside what copies need: its scans' findings and its number of tags.

    `scanned` is False where no scan has finished. `tags` is None where the tags could not be read; `tag_keys` are their
    names.
    """

    scanned: bool = False
    threats: tuple[str, ...] = ()
    tags: int | None = None
    tag_keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """A copy that a vault holds already, by its ARN; `delete_at` as AWS lists it, None: without an end."""

    arn: str
    delete_at: datetime | None = None


class Access(Protocol):
    """Who may do what: policies, keys, roles, the organization."""

    def vault_policy(self, vault: VaultRef) -> str | None:
        """Read a vault's access policy (JSON text); None when it has none. Raises BackupsDenied for no such vault."""
        ...

    def key(self, arn: str, account: str) -> Key:
        """Read a key and its policy; `account` is the account whose vault uses it. BackupsMissing: no such key."""
        ...

    def role(self, arn: str) -> Role:
        """Read a role of a configured account. Raises BackupsMissing when it is not there."""
        ...

    def permissions(
        self, role_arn: str, actions: Sequence[str], resource: str, context: Mapping[str, str] | None = None
    ) -> tuple[Permission, ...]:
        """Let IAM simulate what a role may do with one resource; `context` gives condition keys their values."""
        ...

    def organization(self, account: str) -> Organization | None:
        """Read which organization an account is in; None when it is in none."""
        ...

    def cross_account_backup(self, account: str, region: str) -> bool | None:
        """Read the organization's switch; None where AWS does not name it."""
        ...


class Circumstances(Protocol):
    """What is on, what is at work, what is there already."""

    def region_settings(self, account: str, region: str) -> RegionSettings: ...

    def region_state(self, account: str, region: str) -> str:
        """Read whether an account has a Region, in AWS's words: ENABLED, ENABLED_BY_DEFAULT, ENABLING, DISABLED…"""
        ...

    def resource_types(self, account: str, region: str) -> frozenset[str]:
        """List what AWS Backup can back up in a Region, by AWS's names (`DynamoDB`)."""
        ...

    def jobs_of_table(self, account: str, region: str, table_arn: str, since: datetime) -> tuple[Job, ...]:
        """List the backup and copy jobs of a table, made in an account and Region since then."""
        ...

    def copies_at_work(self, account: str, region: str) -> tuple[Job, ...]:
        """List all copy jobs of an account and Region that have not ended."""
        ...

    def copies_in(self, vault: VaultRef, point: RecoveryPoint) -> tuple[Held, ...]:
        """List what a vault holds of the same table and moment as a recovery point, without itself."""
        ...

    def details(self, point: RecoveryPoint) -> Details: ...


class Surroundings(Access, Circumstances, Protocol):
    """Both, as one adapter fulfils them."""
