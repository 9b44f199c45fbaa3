"""What the steps are told that have copies made regularly: a backup plan's rule, or the bot itself."""

from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.backup_plans import Change, Document, PlanHead
from bot.domain.backups import Lifecycle, VaultRef
from bot.domain.kinds import StepKind
from bot.domain.retention import Retention
from bot.domain.routes import Hop


@dataclass(frozen=True, slots=True)
class ChangePlanParams:
    """One copy action of a backup plan's rule; `version` and `document` are the plan that people saw."""

    plan: PlanHead
    version: str
    document: Document
    rule: str
    change: Change
    destination: VaultRef
    lifecycle: Lifecycle = field(default_factory=Lifecycle)

    @property
    def kind(self) -> StepKind:
        return StepKind.CHANGE_PLAN

    @property
    def source_account(self) -> str:
        return self.plan.account

    @property
    def target(self) -> tuple[str, str]:
        return self.destination.account, self.destination.region

    @property
    def table(self) -> str:
        """A plan is about whatever its selections take in, so only a rule for every table can cover it."""
        return "*"


@dataclass(frozen=True, slots=True)
class RecurParams:
    """Copies again and again, of the newest backup of every table that fits a pattern, until a date.

    `cron` is five fields in `timezone`. Approving this approves every run until then. `ways` are the hops of each way
    that a copy takes, side by side; none: one copy into `destination`, which is else where the first way ends.
    """

    pattern: str
    source: str
    region: str
    destination: VaultRef
    retention: Retention
    role_arn: str
    cron: str
    timezone: str
    until: datetime
    ways: tuple[tuple[Hop, ...], ...] = ()

    @property
    def every_way(self) -> tuple[tuple[Hop, ...], ...]:
        """The hops of each way, however many there are."""
        return self.ways or ((Hop(self.destination),),)

    @property
    def copies(self) -> tuple[tuple[tuple[str, str], VaultRef, Retention], ...]:
        """Every copy of a run: out of which account (id) and Region, into which vault, kept how long."""
        found = []
        for way in self.every_way:
            place = (self.source, self.region)
            for hop in way:
                found.append((place, hop.vault, hop.keep or self.retention))
                place = (hop.vault.account, hop.vault.region)
        return tuple(found)

    @property
    def kind(self) -> StepKind:
        return StepKind.RECUR

    @property
    def source_account(self) -> str:
        return self.source

    @property
    def target(self) -> tuple[str, str]:
        return self.destination.account, self.destination.region

    @property
    def table(self) -> str:
        return self.pattern
