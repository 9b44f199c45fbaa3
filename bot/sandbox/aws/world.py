"""The hand that shapes the local AWS: accounts, vaults, tables, backups, timing, faults, and what was seen."""

import json
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from bot.sandbox.aws import arns, identity, keys, plan_seed, policies, stage, tables
from bot.sandbox.aws.copy_jobs import write_job
from bot.sandbox.aws.events import COPY_JOB
from bot.sandbox.aws.faults import Faults
from bot.sandbox.aws.identity import BOT_ROLE, DEFAULT_SERVICE_ROLE, Role
from bot.sandbox.aws.jobs import KINDS, Kind
from bot.sandbox.aws.lifecycle import for_point, read_lifecycle
from bot.sandbox.aws.point_seed import many_points, new_point
from bot.sandbox.aws.progress import settle
from bot.sandbox.aws.records import (
    AIR_GAPPED_VAULT,
    AWS_KEY,
    CUSTOMER_KEY,
    STANDARD_VAULT,
    Failure,
    Vault,
    VaultLock,
)
from bot.sandbox.aws.state import HOME_ACCOUNT, ApiCall, Timing, WorldState
from bot.sandbox.clock import WorldClock

ORGANIZATION = "o-local"
ROLES = (BOT_ROLE, DEFAULT_SERVICE_ROLE)
GIGABYTE = 1024**3


def per_gigabyte(seconds: float, *, at_least: timedelta = timedelta(seconds=1)) -> Callable[[int], timedelta]:
    """Make a rule for `job_timing`: so many seconds of running per GB."""
    return lambda size: max(at_least, timedelta(seconds=seconds * size / GIGABYTE))


# AWS Backup says the long word, STS and IAM the short one.
DENIALS = frozenset({"AccessDenied", "AccessDeniedException"})


class AwsWorld:
    """Seed the local AWS, order its faults, read what it saw. Everything here works while calls come in."""

    def __init__(self, clock: WorldClock | None = None, *, home_account: str = HOME_ACCOUNT) -> None:
        self.state = WorldState(clock, home_account=home_account)

    @property
    def clock(self) -> WorldClock:
        return self.state.clock

    @property
    def faults(self) -> Faults:
        return self.state.faults

    @property
    def calls(self) -> list[ApiCall]:
        """Every AWS API call seen so far, oldest first."""
        return list(self.state.calls)

    @property
    def denied(self) -> list[ApiCall]:
        """The calls that were refused for want of a permission, oldest first: what a published policy lacks."""
        return [call for call in self.calls if call.outcome in DENIALS]

    def reset(self, clock: WorldClock | None = None) -> None:
        """Return to an empty world in which only the home account exists, with another clock if one is given.

        moto serves the world that was reset last, should there be several.
        """
        with self.state.lock:
            stage.enter(self.state)
            self.state.faults.clear()
            self.state.clock = clock or self.state.clock
            self.state.forget()
            self.add_account(self.state.home_account)

    def add_account(
        self,
        account_id: str,
        *,
        organization: str | None = ORGANIZATION,
        unit: str = "",
        roles: Sequence[Role | str] = ROLES,
    ) -> dict[str, str]:
        """Add an account, or move a known one; return its roles' ARNs by name.

        The first account of an organization manages it. `unit` is the path of organizational units.
        """
        with self.state.lock:
            self.state.directory.place(account_id, organization, unit=unit)
            return {
                role if isinstance(role, str) else role.name: identity.create_role(account_id, role) for role in roles
            }

    def set_cross_account_backup(self, enabled: bool, *, organization: str = ORGANIZATION) -> None:
        self.state.directory.organizations[organization].cross_account_backup = enabled

    def set_region_enabled(self, account: str, region: str, *, enabled: bool) -> None:
        """Let an account have an opt-in Region or not; every call there is then refused."""
        (self.state.closed_regions.discard if enabled else self.state.closed_regions.add)((account, region))

    def set_feature(self, region: str, *, supported: bool) -> None:
        (self.state.without_dynamodb.discard if supported else self.state.without_dynamodb.add)(region)

    def set_advanced(self, account: str, region: str, *, enabled: bool) -> None:
        """Switch the advanced DynamoDB features of an account and Region; backups made before stay as they are."""
        self.state.books(account, region).management["DynamoDB"] = enabled

    def set_control_policy(self, account: str, policy: Mapping[str, Any] | None) -> None:
        """Let a service control policy deny what it says to everybody of a member account; None takes it off.

        It binds no account that manages its organization, as in AWS.
        """
        with self.state.lock:
            self.state.governance.set_control_policy(account, policy)

    def set_tag_policy(self, account: str, policy: Mapping[str, Any] | None) -> None:
        """Let a tag policy, as Organizations writes it, refuse tags of an account's resources; None takes it off."""
        with self.state.lock:
            self.state.governance.set_tag_policy(account, policy)

    def create_vault(
        self,
        account: str,
        region: str,
        name: str,
        *,
        key: Literal["customer", "default"] | str = "customer",
        policy: Mapping[str, Any] | None = None,
        lock: tuple[int | None, int | None] | None = None,
        vault_type: str = STANDARD_VAULT,
    ) -> str:
        """Create a vault and return its ARN. `key` is a kind or a key's ARN; `lock` is (min, max) days."""
        with self.state.lock:
            arn = str(arns.vault_arn(account, region, name))
            vault = Vault(name, arn, account, region, self.state.now(), self._key(account, region, key, vault_type))
            vault.key_type = AWS_KEY if key == "default" else CUSTOMER_KEY
            vault.vault_type = vault_type
            vault.policy = json.dumps(policies.parse(json.dumps(policy))) if policy else None
            vault.lock = VaultLock(*lock) if lock else None
            vault.creator_request_id = str(uuid.uuid4())
            self.state.books(account, region).vaults[name] = vault
            return arn

    def delete_vault(self, account: str, region: str, name: str) -> None:
        """Remove a vault with all that is in it, as no API call could."""
        with self.state.lock:
            self.state.books(account, region).remove_vault(name)

    def allow_copies_into(self, account: str, region: str, vault: str, from_account: str) -> None:
        """Add to a vault's policy that another account may copy into it."""
        with self.state.lock:
            shelf = self.state.books(account, region).vaults[vault]
            shelf.policy = policies.admitting(shelf.policy, from_account, "backup:CopyIntoBackupVault")

    def create_table(
        self,
        account: str,
        region: str,
        name: str,
        items: Iterable[Mapping[str, Any]] = (),
        *,
        key: str = tables.DEFAULT_KEY,
        tags: Mapping[str, str] | None = None,
        size_bytes: int | None = None,
    ) -> str:
        """Create a DynamoDB table with a string hash key and return its ARN.

        `size_bytes` is what a backup of it will weigh, however few its items are.
        """
        table = tables.create(account, region, name, items, key=key)
        table.tags = [{"Key": tag, "Value": value} for tag, value in (tags or {}).items()]
        if size_bytes is not None:
            self.state.table_sizes[str(table.table_arn)] = size_bytes
        return str(table.table_arn)

    def add_recovery_point(
        self,
        account: str,
        region: str,
        vault: str,
        table: str,
        *,
        created_at: datetime | None = None,
        size_bytes: int = GIGABYTE,
        lifecycle: Mapping[str, int] | None = None,
        status: str = "COMPLETED",
        advanced: bool = True,
        storage_class: str = "WARM",
        continuous: bool = False,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """Put a backup of a table (by name, existing or not) into a vault; return the point's ARN."""
        with self.state.lock:
            live = tables.find(account, region, table)
            shelf, made = self.state.books(account, region).vaults[vault], created_at or self.state.now()
            arn = arns.table_arn(account, region, table)
            point = new_point(shelf, arn, made, advanced=advanced, continuous=continuous)
            point.content = tables.snapshot(live) if live else None
            point.size_bytes = size_bytes
            point.lifecycle = for_point(read_lifecycle(lifecycle))
            point.status, point.storage_class = status, storage_class
            point.tags = dict(tags or (tables.tags_of(live) if live else {}))
            self.state.books(account, region).add_point(point)
            return point.arn

    def delete_recovery_point(self, account: str, region: str, vault: str, arn: str) -> None:
        """Remove a recovery point, locked vault or not."""
        with self.state.lock:
            point = self.state.books(account, region).find_point(vault, arn)
            if point is not None:
                self.state.books(account, region).remove_point(point)

    def set_point_status(self, account: str, region: str, vault: str, arn: str, status: str) -> None:
        with self.state.lock:
            self.state.books(account, region).vaults[vault].points[arn].status = status

    def add_scan(self, account: str, region: str, vault: str, arn: str, findings: Sequence[str] = ()) -> None:
        """Note a finished malware scan of a point and what it found (MALWARE or nothing)."""
        with self.state.lock:
            self.state.books(account, region).vaults[vault].points[arn].scans.append(
                {
                    "MalwareScanner": "GUARDDUTY",
                    "ScanJobState": "COMPLETED",
                    "LastScanTimestamp": self.state.now(),
                    "Findings": list(findings),
                }
            )

    def set_undeletable(self, account: str, region: str, vault: str, arn: str) -> None:
        """Let a point stay as EXPIRED when its time has come; why AWS could not delete it is left open."""
        with self.state.lock:
            self.state.books(account, region).vaults[vault].points[arn].undeletable = True

    def add_recovery_points(
        self,
        account: str,
        region: str,
        vault: str,
        tables: Sequence[str],
        *,
        count: int,
        newest: datetime | None = None,
        every: timedelta = timedelta(hours=1),
        size_bytes: int = GIGABYTE,
        lifecycle: Mapping[str, int] | None = None,
    ) -> list[str]:
        """Put many backups into a vault at once, spread over the tables and back in time; newest first."""
        with self.state.lock:
            books, last = self.state.books(account, region), newest or self.state.now()
            points = many_points(
                books.vaults[vault],
                [arns.table_arn(account, region, table) for table in tables],
                [last - number * every for number in range(count)],
            )
            retention = for_point(read_lifecycle(lifecycle))
            for point in points:
                point.size_bytes, point.lifecycle = size_bytes, retention
                books.add_point(point)
            return [point.arn for point in points]

    def create_plan(
        self,
        account: str,
        region: str,
        name: str,
        rules: Sequence[Mapping[str, Any]],
        *,
        tables: Sequence[str] = (),
        role: str = DEFAULT_SERVICE_ROLE,
        owned_by_organization: bool = False,
    ) -> str:
        """Create a backup plan over tables (by name) and return its id."""
        with self.state.lock:
            chosen = [arns.table_arn(account, region, table) for table in tables]
            return plan_seed.create_plan(
                self.state,
                account,
                region,
                {"BackupPlanName": name, "Rules": [dict(rule) for rule in rules]},
                tables=chosen,
                role_arn=arns.role_arn(account, role),
                owned_by_organization=owned_by_organization,
            )

    def run_plan(self, account: str, region: str, plan_id: str) -> list[str]:
        """Let a plan's time come: start its backup jobs, whose ends start its copies; return the jobs' ids."""
        return plan_seed.run_plan(self.state, account, region, plan_id)

    def set_quotas(self, **limits: int) -> None:
        """Set limits of AWS Backup, such as `copies_per_destination_region=1`; the names are those of `Quotas`."""
        with self.state.lock:
            self.state.quotas.set(**limits)

    def job_timing(
        self,
        created: timedelta = timedelta(seconds=1),
        running: timedelta | Callable[[int], timedelta] = timedelta(seconds=2),
        *,
        kinds: Sequence[Kind] = KINDS,
    ) -> None:
        """Set how long jobs of these kinds, started from now on, wait in CREATED and run."""
        for kind in kinds:
            self.state.orders[kind].timing = Timing(created, running)

    def fail_next_copy(self, message: str, category: str = "MISCELLANEOUS", *, kind: Kind = "copy") -> None:
        """Let the next job of a kind run and then fail with this message."""
        self.state.orders[kind].dooms.append(Failure(message, category))

    def hold_next_copies(self, count: int = 1) -> None:
        """Let the next copy jobs stay in CREATED until `release_copies`."""
        self.state.orders["copy"].hold += count

    def release_copies(self) -> None:
        """Let held jobs go on; their waiting time counts from now."""
        with self.state.lock:
            self.state.orders["copy"].hold = 0
            for job in self.state.live:
                if job.fate.held:
                    job.fate.held = False
                    job.fate.waits += self.state.now() - job.created_at

    def copy_jobs(self, account: str, region: str) -> list[dict[str, Any]]:
        """Give an account's copy jobs as DescribeCopyJob would, oldest first."""
        settle(self.state)
        jobs = self.state.books(account, region).copy_jobs.values()
        return [write_job(self.state, job) for job in sorted(jobs, key=lambda job: (job.created_at, job.id))]

    def events_after(self, after: int = 0, *, kind: str = COPY_JOB) -> list[dict[str, Any]]:
        """Give the events of a kind (EventBridge's detail-type) so far, leaving out the first `after`.

        They went onto the default bus of their account and Region too: a copy job's into the source's.
        """
        settle(self.state)
        return [event for event in self.state.events if event["detail-type"] == kind][after:]

    def settle(self) -> None:
        """Bring jobs and points up to the world's present without making a call."""
        settle(self.state)

    def _key(self, account: str, region: str, key: str, vault_type: str) -> str | None:
        if key == "customer":
            return keys.new_customer_key(account, region)
        if key == "default":
            # The AWS owned key of an air-gapped vault lives in no account of ours.
            return None if vault_type == AIR_GAPPED_VAULT else keys.backup_service_key(account, region)
        return key
