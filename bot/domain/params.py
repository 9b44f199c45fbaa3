"""What each kind of step is told: which things, where, under which role. One record for each kind.

Every record says, for the approval rules, what it does (`kind`), in which accounts and Region, about which table.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.backups import Lifecycle, RecoveryPoint, VaultRef, table_name_of
from bot.domain.kinds import StepKind as StepKind  # noqa: PLC0414 - it is known from here
from bot.domain.restores import Encryption
from bot.domain.retention import Retention
from bot.domain.schedule_params import ChangePlanParams as ChangePlanParams  # noqa: PLC0414 - it is known from here
from bot.domain.schedule_params import RecurParams as RecurParams  # noqa: PLC0414 - it is known from here


@dataclass(frozen=True, slots=True)
class CopyParams:
    """A copy: which recovery point (as it was when people saw it), where to, kept how long, under which role.

    `point_from_before`: the source is made by the step this one comes after; until that is done, `point` has no ARN
    and tells what can be foreseen. `vault_from_before`: an earlier step of the plan creates the destination.
    `settings_from_before`: the places (account id, Region) whose settings an earlier step of the plan turns on.
    `only_new`: whoever asks does not mean to make a second copy; what pre-flight gives back does not hold this, since
    approvers are shown what is there.
    """

    point: RecoveryPoint
    destination: VaultRef
    retention: Retention
    role_arn: str
    point_from_before: bool = False
    vault_from_before: bool = False
    only_new: bool = False
    settings_from_before: tuple[tuple[str, str], ...] = ()

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
    """A new vault: its key (None: the account's own aws/backup key) and who may copy into it (ARNs of principals).

    `creator` is the CreatorRequestId by which the vault is known as ours at every later try; pre-flight gives it.
    """

    vault: VaultRef
    table: str
    source_account: str
    key_arn: str | None = None
    lets_in: tuple[str, ...] = ()
    creator: str = ""

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
    """A new backup of a table into a vault of the table's own account and Region; no lifecycle: kept for good.

    `advanced_from_before`: an earlier step of the plan turns the advanced features on, without which it has no use.
    `size_bytes`: that of the backup it is made like, from which its costs are estimated; None: not known.
    """

    table_arn: str
    vault: VaultRef
    role_arn: str
    lifecycle: Lifecycle = field(default_factory=Lifecycle)
    advanced_from_before: bool = False
    size_bytes: int | None = None

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
    """A new lifecycle for a recovery point that is there (as people saw it); no days at all: kept for good.

    `point_from_before`: an earlier copy of the plan makes it. `only_with` is the vault in which the copy that the step
    comes after (`only_with_arn`, once it is made) has to be seen before anything is changed here. `never_shorter`: it
    was asked for to keep the point longer, and is not done once that would shorten it.
    """

    point: RecoveryPoint
    lifecycle: Lifecycle
    point_from_before: bool = False
    only_with: VaultRef | None = None
    only_with_arn: str = ""
    never_shorter: bool = False

    @property
    def loses_its_end(self) -> bool:
        return self.lifecycle.delete_after_days is None and self.point.delete_at is not None

    @property
    def end(self) -> datetime | None:
        """The end that it asks for; None: without one."""
        days = self.lifecycle.delete_after_days
        return None if days is None else self.point.created_at + timedelta(days=days)

    @property
    def days_lost(self) -> int:
        """By how many days it ends sooner than it does as it was seen; 0: not sooner, or there is no end to compare."""
        before, end = self.point.delete_at, self.end
        if self.point_from_before or before is None or end is None:
            return 0
        return max(0, round((before - end) / timedelta(days=1)))

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


@dataclass(frozen=True, slots=True)
class RestoreParams:
    """A new table (`name`) out of a recovery point, where that lies; for a drill it is deleted again afterwards.

    `point_from_before`: the copy that the step comes after makes the point. `copy_arn` is the recovery point that
    people chose, by which it is known how the table was set up when that was made.
    """

    point: RecoveryPoint
    name: str
    role_arn: str
    encryption: Encryption = Encryption.UNSAID
    key_arn: str = ""
    point_from_before: bool = False
    copy_arn: str = ""
    is_drill: bool = False

    @property
    def kind(self) -> StepKind:
        return StepKind.RESTORE

    @property
    def source_account(self) -> str:
        return self.point.vault.account

    @property
    def target(self) -> tuple[str, str]:
        return self.point.vault.account, self.point.vault.region

    @property
    def table(self) -> str:
        return self.point.table_name


@dataclass(frozen=True, slots=True)
class CompareParams:
    """A restored table held against what was recorded of the original. `table_arn`: once the restore has made it."""

    account: str
    region: str
    name: str
    original_arn: str
    copy_arn: str
    table_arn: str = ""

    @property
    def kind(self) -> StepKind:
        return StepKind.COMPARE_TABLE

    @property
    def source_account(self) -> str:
        return self.account

    @property
    def target(self) -> tuple[str, str]:
        return self.account, self.region

    @property
    def table(self) -> str:
        return table_name_of(self.original_arn)


@dataclass(frozen=True, slots=True)
class DeleteTableParams:
    """The end of a drill's own table; nothing that another step of the plan has not made is ever deleted."""

    account: str
    region: str
    name: str
    original_arn: str
    table_arn: str = ""

    @property
    def kind(self) -> StepKind:
        return StepKind.DELETE_TABLE

    @property
    def source_account(self) -> str:
        return self.account

    @property
    def target(self) -> tuple[str, str]:
        return self.account, self.region

    @property
    def table(self) -> str:
        return table_name_of(self.original_arn)


Params = (
    CopyParams
    | CreateVaultParams
    | EnableAdvancedParams
    | BackUpParams
    | SetRetentionParams
    | RestoreParams
    | CompareParams
    | DeleteTableParams
    | ChangePlanParams
    | RecurParams
)

PARAMS_OF: Mapping[StepKind, type[Params]] = {
    StepKind.COPY: CopyParams,
    StepKind.CREATE_VAULT: CreateVaultParams,
    StepKind.ENABLE_ADVANCED: EnableAdvancedParams,
    StepKind.BACK_UP: BackUpParams,
    StepKind.SET_RETENTION: SetRetentionParams,
    StepKind.RESTORE: RestoreParams,
    StepKind.COMPARE_TABLE: CompareParams,
    StepKind.DELETE_TABLE: DeleteTableParams,
    StepKind.CHANGE_PLAN: ChangePlanParams,
    StepKind.RECUR: RecurParams,
}
