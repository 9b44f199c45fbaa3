"""What surrounds a copy, in memory, for tests that need the answers of policies, keys, roles and switches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.domain.backups import Account, CopyJob, RecoveryPoint, VaultRef
from bot.domain.errors import BackupsDenied, BackupsError, BackupsLockedOut, BackupsMissing
from bot.domain.remedies import trust_document
from bot.domain.surroundings import Details, Held, Job, Key, Organization, Permission, RegionSettings, Role
from tests.contract.fake_backups import FakeBackups

MANAGER = "111111111111"
ORGANIZATION = Organization("o-local", MANAGER)
MOMENT = timedelta(seconds=1)
OPEN = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "kms:*"}]}'


@dataclass
class FakeSurroundings:
    """Fulfils the port `Surroundings` beside a FakeBackups, whose vaults, points and copy jobs it tells of.

    At the start all is well: one organization with the switch on, every Region there, each account's copy role trusting
    AWS Backup and allowed everything. Tests change the fields; `fail` lets a method raise until it is taken away.
    """

    backups: FakeBackups
    accounts: Sequence[Account]
    policies: dict[VaultRef, str] = field(default_factory=dict)
    keys: dict[str, Key] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    denied: set[tuple[str, str]] = field(default_factory=set)
    organizations: dict[str, Organization | None] = field(default_factory=dict)
    switch: bool | None = True
    settings: dict[tuple[str, str], RegionSettings] = field(default_factory=dict)
    closed: set[tuple[str, str]] = field(default_factory=set)
    without_dynamodb: set[str] = field(default_factory=set)
    scans: dict[str, Details] = field(default_factory=dict)
    fail: dict[str, BackupsError] = field(default_factory=dict)
    locked_out: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        trust = str(trust_document()).replace("'", '"')
        for account in self.accounts:
            self.roles[account.copy_role_arn] = Role(account.copy_role_arn, trust)

    def add_key(self, vault: VaultRef, name: str = "1234abcd") -> Key:
        """Give a vault a customer's key that everybody may use."""
        arn = f"arn:aws:kms:{vault.region}:{vault.account}:key/{name}"
        known = next(one for one in self.backups.vaults(vault.account, vault.region) if one.ref == vault)
        self.backups.add_vault(replace(known, key_arn=arn))
        self.keys[arn] = Key(arn, "Enabled", policy=OPEN)
        return self.keys[arn]

    def vault_policy(self, vault: VaultRef) -> str | None:
        self._enter("vault_policy", vault.account)
        if all(one.ref != vault for one in self.backups.vaults(vault.account, vault.region)):
            raise BackupsDenied("Insufficient privileges to perform this action.", code="AccessDeniedException")
        return self.policies.get(vault)

    def key(self, arn: str, account: str) -> Key:
        self._enter("key", account)
        if arn not in self.keys:
            raise BackupsMissing(f"Invalid keyId {arn}", code="NotFoundException", operation="DescribeKey")
        return self.keys[arn]

    def role(self, arn: str) -> Role:
        self._enter("role", arn.split(":")[4])
        if arn not in self.roles:
            raise BackupsMissing(f"Role {arn} not found.", code="NoSuchEntity", operation="GetRole")
        return self.roles[arn]

    def permissions(
        self, role_arn: str, actions: Sequence[str], resource: str, context: Mapping[str, str] | None = None
    ) -> tuple[Permission, ...]:
        self._enter("permissions", role_arn.split(":")[4])
        return tuple(self._permission(role_arn, action) for action in actions)

    def organization(self, account: str) -> Organization | None:
        self._enter("organization", account)
        return self.organizations.get(account, ORGANIZATION)

    def cross_account_backup(self, account: str, region: str) -> bool | None:
        self._enter("cross_account_backup", account)
        return self.switch

    def region_settings(self, account: str, region: str) -> RegionSettings:
        self._enter("region_settings", account)
        return self.settings.get((account, region), RegionSettings(opted_in=True, advanced=True))

    def region_state(self, account: str, region: str) -> str:
        self._enter("region_state", account)
        return "DISABLED" if (account, region) in self.closed else "ENABLED_BY_DEFAULT"

    def resource_types(self, account: str, region: str) -> frozenset[str]:
        self._enter("resource_types", account)
        return frozenset({"EBS", "RDS"} if region in self.without_dynamodb else {"DynamoDB", "EBS", "RDS"})

    def jobs_of_table(self, account: str, region: str, table_arn: str, since: datetime) -> tuple[Job, ...]:
        self._enter("jobs_of_table", account)
        there = self._copy_jobs(account, region)
        return tuple(
            job for job, table in there if table == table_arn and (job.created_at is None or job.created_at >= since)
        )

    def copies_at_work(self, account: str, region: str) -> tuple[Job, ...]:
        self._enter("copies_at_work", account)
        return tuple(job for job, _ in self._copy_jobs(account, region) if job.at_work)

    def copies_in(self, vault: VaultRef, point: RecoveryPoint) -> tuple[Held, ...]:
        self._enter("copies_in", vault.account)
        held = self.backups.points_of(vault, point.table_arn)
        near = (one for one in held if abs(one.created_at - point.created_at) < MOMENT)
        others = (one for one in near if one.arn != point.arn and one.status not in ("DELETING", "EXPIRED"))
        return tuple(Held(one.arn, one.delete_at) for one in others)

    def details(self, point: RecoveryPoint) -> Details:
        self._enter("details", point.vault.account)
        self.backups.point(point.vault, point.arn)
        return self.scans.get(point.arn, Details(tags=0))

    def _enter(self, method: str, account: str) -> None:
        if account in self.locked_out:
            raise BackupsLockedOut(f"No access to the account {account}", code="AccessDenied", operation="AssumeRole")
        if method in self.fail:
            raise self.fail[method]

    def _permission(self, role_arn: str, action: str) -> Permission:
        if (role_arn, action) in self.denied:
            return Permission(action, allowed=False, decision="implicitDeny", by_organization=True)
        return Permission(action, allowed=True, decision="allowed", by_organization=True)

    def _copy_jobs(self, account: str, region: str) -> list[tuple[Job, str]]:
        """Each copy job of a place with the ARN of its table, in the order in which they were started."""
        orders = {order.token: order for order in self.backups.orders}.values()
        found = zip(orders, self.backups.jobs.items(), strict=False)
        return [
            (_as_job(job_id, job, order.params.point.arn, order.params.destination.arn), order.params.point.table_arn)
            for order, (job_id, job) in found
            if (order.params.point.vault.account, order.params.point.vault.region) == (account, region)
        ]


def _as_job(job_id: str, job: CopyJob, point_arn: str, destination: str) -> Job:
    return Job(job_id, "copy", job.state, job.created_at, point_arn, destination, job.copy_arn or "")
