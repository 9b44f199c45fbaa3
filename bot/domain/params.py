"""What each kind of step is told: which things, where, under which role. One record for each kind.

Every record says, for the approval rules, what it does (`kind`), in which accounts and Region, about which table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.backups import Lifecycle, RecoveryPoint, VaultRef, table_name_of
from bot.domain.retention import Retention


class StepKind(StrEnum):
    """Also the word by which an approval rule (`when: {action: …}`) names the kind."""

    COPY = "copy"
    CREATE_VAULT = "create-vault"
    ENABLE_ADVANCED = "enable-advanced"
    BACK_UP = "back-up"
    SET_RETENTION = "set-retention"


@dataclass(frozen=True, slots=True)
class CopyParams:
    """A copy: which recovery point (as it was when people saw it), where to, kept how long, under which role.

    `point_from_before`: the source is made by the step this one comes after; until that is done, `point` has no ARN
    and tells what can be foreseen. `vault_from_before`: an earlier step of the plan creates the destination.
    """

    point: RecoveryPoint
    destination: VaultRef
    retention: Retention
    role_arn: str
    point_from_before: bool = False
    vault_from_before: bool = False

    @property
    def kind(self) -> StepKind:
        return StepKind.COPY

    @property
    def source_account(self) -> str:
        return self.point.vault.account

    @property
    def target(self) -> tuple[str, str]:
        """Account id and Region in which something changes."""
        return self.destination.account, self.destination.region

    @property
    def table(self) -> str:
        return self.point.table_name


@dataclass(frozen=True, slots=True)
class CreateVaultParams:
    """A new vault: its key (None: the account's own aws/backup key) and who may copy into it (ARNs of principals)."""

    vault: VaultRef
    table: str
    source_account: str
    key_arn: str | None = None
    lets_in: tuple[str, ...] = ()

    @property
    def kind(self) -> StepKind:
        return StepKind.CREATE_VAULT

    @property
    def target(self) -> tuple[str, str]:
        return self.vault.account, self.vault.region


@dataclass(frozen=True, slots=True)
class EnableAdvancedParams:
    """Advanced features for DynamoDB backups of one account (id) and Region; `table` is what it is wanted for."""

    account: str
    region: str
    table: str

    @property
    def kind(self) -> StepKind:
        return StepKind.ENABLE_ADVANCED

    @property
    def source_account(self) -> str:
        return self.account

    @property
    def target(self) -> tuple[str, str]:
        return self.account, self.region


@dataclass(frozen=True, slots=True)
class BackUpParams:
    """A new backup of a table into a vault of the table's own account and Region; no lifecycle: kept for good."""

    table_arn: str
    vault: VaultRef
    role_arn: str
    lifecycle: Lifecycle = field(default_factory=Lifecycle)

    @property
    def kind(self) -> StepKind:
        return StepKind.BACK_UP

    @property
    def source_account(self) -> str:
        return self.vault.account

    @property
    def target(self) -> tuple[str, str]:
        return self.vault.account, self.vault.region

    @property
    def table(self) -> str:
        return table_name_of(self.table_arn)


@dataclass(frozen=True, slots=True)
class SetRetentionParams:
    """A new lifecycle for a recovery point that is there (as people saw it); no days at all: kept for good."""

    point: RecoveryPoint
    lifecycle: Lifecycle
    point_from_before: bool = False

    @property
    def kind(self) -> StepKind:
        return StepKind.SET_RETENTION

    @property
    def source_account(self) -> str:
        return self.point.vault.account

    @property
    def target(self) -> tuple[str, str]:
        return self.point.vault.account, self.point.vault.region

    @property
    def table(self) -> str:
        return self.point.table_name


Params = CopyParams | CreateVaultParams | EnableAdvancedParams | BackUpParams | SetRetentionParams

PARAMS_OF: Mapping[StepKind, type[Params]] = {
    StepKind.COPY: CopyParams,
    StepKind.CREATE_VAULT: CreateVaultParams,
    StepKind.ENABLE_ADVANCED: EnableAdvancedParams,
    StepKind.BACK_UP: BackUpParams,
    StepKind.SET_RETENTION: SetRetentionParams,
}
