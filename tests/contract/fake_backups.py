"""AWS Backup in memory, for tests that need its answers and its failures but not boto3."""

import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from bot.domain.backups import (
    ADVANCED_POINT,
    Account,
    CopyJob,
    CopyJobState,
    Lifecycle,
    RecoveryPoint,
    Vault,
    VaultRef,
)
from bot.domain.errors import (
    BackupsDenied,
    BackupsError,
    BackupsLockedOut,
    BackupsMissing,
    BackupsRefused,
    BackupsUnreachable,
)
from bot.domain.ports import Clock, CopyOrder, Holdings
from bot.domain.retention import MAX_DAYS, MIN_DAYS

WHEN = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)
NO_END = Lifecycle()


@dataclass
class _Started:
    order: CopyOrder
    job: CopyJob


@dataclass
class _Places:
    vaults: dict[VaultRef, Vault] = field(default_factory=dict)
    points: dict[str, RecoveryPoint] = field(default_factory=dict)


class FakeBackups:
    """Fulfils the port `Backups`. A copy job moves only when a test says so: `run`, `finish`, `fail`.

    `orders` holds every StartCopyJob that was asked for, repeats included; `calls` every call as (method, account id).
    With `accounts` given, any other account is refused, as by the real one.
    """

    def __init__(self, accounts: Sequence[Account] = (), *, clock: Clock | None = None) -> None:
        self._accounts = {account.id for account in accounts}
        self._clock = clock
        self._lock = threading.RLock()
        self._held = _Places()
        self._jobs: dict[str, _Started] = {}
        self._tokens: dict[str, str] = {}
        self._failures: dict[str, list[BackupsError]] = defaultdict(list)
        self._lost = 0
        self._locked_out: set[str] = set()
        self.orders: list[CopyOrder] = []
        self.calls: list[tuple[str, str]] = []

    def holdings(self, account: str, region: str) -> Holdings:
        with self._lock:
            vaults = self._vaults("holdings", account, region)
            there = {vault.ref for vault in vaults}
            points = (replace(point, storage_class=None) for point in self._held.points.values())
            return Holdings(vaults=vaults, points=tuple(point for point in points if point.vault in there))

    def vaults(self, account: str, region: str) -> tuple[Vault, ...]:
        with self._lock:
            return self._vaults("vaults", account, region)

    def point(self, vault: VaultRef, arn: str) -> RecoveryPoint:
        with self._lock:
            self._enter("point", vault.account)
            return self._find(vault, arn, "DescribeRecoveryPoint")

    def start_copy(self, order: CopyOrder) -> str:
        with self._lock:
            self.orders.append(order)
            self._enter("start_copy", order.params.point.vault.account)
            job_id = self._tokens.get(order.token) or self._start(order)
            if self._lost:
                self._lost -= 1
                raise BackupsUnreachable("The connection was closed.", code="ConnectionClosedError")
            return job_id

    def copy_job(self, source: VaultRef, job_id: str) -> CopyJob:
        with self._lock:
            self._enter("copy_job", source.account)
            started = self._jobs.get(job_id)
            owner = started.order.params.point.vault if started else None
            if started is None or owner is None or (owner.account, owner.region) != (source.account, source.region):
                raise BackupsMissing(f"Cannot find copy job {job_id}.", code="ResourceNotFoundException")
            return started.job

    def copy_jobs(
        self, account: str, region: str, state: CopyJobState, *, ended_after: datetime | None = None
    ) -> tuple[CopyJob, ...]:
        with self._lock:
            self._enter("copy_jobs", account)
            here = [started.job for started in self._jobs.values() if _place(started) == (account, region)]
            return tuple(
                job
                for job in here
                if job.state is state and (ended_after is None or (job.completed_at or ended_after) > ended_after)
            )

    def copies_begun(self, point: RecoveryPoint, destination: VaultRef, since: datetime) -> tuple[CopyJob, ...]:
        with self._lock:
            self._enter("copies_begun", point.vault.account)
            alike = (
                started.job
                for started in self._jobs.values()
                if (started.order.params.point.arn, started.order.params.destination) == (point.arn, destination)
            )
            return tuple(job for job in alike if (job.created_at or since) > since)

    def points_of(self, vault: VaultRef, table_arn: str) -> tuple[RecoveryPoint, ...]:
        with self._lock:
            self._enter("points_of", vault.account)
            if vault not in self._held.vaults:
                raise _denied("ListRecoveryPointsByBackupVault")
            here = [point for point in self._held.points.values() if point.vault == vault]
            return tuple(replace(point, storage_class=None) for point in here if point.table_arn == table_arn)

    def close(self) -> None:
        """Nothing is held open."""

    def add_vault(self, vault: Vault | VaultRef) -> VaultRef:
        """Put a vault there, or change it."""
        known = Vault(vault) if isinstance(vault, VaultRef) else vault
        with self._lock:
            self._held.vaults[known.ref] = known
        return known.ref

    def add_point(
        self,
        vault: VaultRef,
        table: str,
        *,
        created_at: datetime = WHEN,
        size_bytes: int = 5_000_000_000,
        lifecycle: Lifecycle = NO_END,
        status: str = "COMPLETED",
        advanced: bool = True,
        storage_class: str = "WARM",
    ) -> RecoveryPoint:
        """Put a backup of a table of the vault's own account and Region there; the vault too, if it is new."""
        place = f"{vault.region}:{vault.account}"
        table_arn = f"arn:aws:dynamodb:{place}:table/{table}"
        arn = f"arn:aws:backup:{place}:recovery-point:{uuid4()}" if advanced else f"{table_arn}/backup/0{uuid4().hex}"
        point = RecoveryPoint(
            arn=arn,
            vault=vault,
            table_arn=table_arn,
            table_name=table,
            created_at=created_at,
            status=status,
            size_bytes=size_bytes,
            lifecycle=lifecycle,
            delete_at=_end(created_at, lifecycle),
            storage_class=storage_class,
        )
        return self.put(point)

    def put(self, point: RecoveryPoint) -> RecoveryPoint:
        """Put exactly this recovery point there, or in the place of the one with its ARN."""
        with self._lock:
            self._held.vaults.setdefault(point.vault, Vault(point.vault))
            self._held.points[point.arn] = point
        return point

    def change_point(self, arn: str, **changes: Any) -> RecoveryPoint:
        """Change fields of a recovery point."""
        with self._lock:
            return self.put(replace(self._held.points[arn], **changes))

    def remove_point(self, arn: str) -> None:
        with self._lock:
            del self._held.points[arn]

    def remove_vault(self, ref: VaultRef) -> None:
        """Take a vault away, with all that is in it."""
        with self._lock:
            del self._held.vaults[ref]
            self._held.points = {arn: point for arn, point in self._held.points.items() if point.vault != ref}

    @property
    def jobs(self) -> dict[str, CopyJob]:
        """All copy jobs by id, oldest first."""
        with self._lock:
            return {job_id: started.job for job_id, started in self._jobs.items()}

    def run(self, job_id: str) -> None:
        self._change_job(job_id, state=CopyJobState.RUNNING)

    def finish(self, job_id: str) -> RecoveryPoint:
        """Let a job end well: the copy appears in the destination and is returned."""
        with self._lock:
            params = self._jobs[job_id].order.params
            source = self._held.points.get(params.point.arn, params.point)
            lifecycle = params.retention.lifecycle() or source.lifecycle
            place = f"{params.destination.region}:{params.destination.account}"
            copy = replace(
                source,
                arn=f"arn:aws:backup:{place}:recovery-point:{uuid4()}",
                vault=params.destination,
                source_vault_arn=params.point.vault.arn,
                lifecycle=lifecycle,
                delete_at=_end(source.created_at, lifecycle),
                completed_at=self._now(),
            )
            self._change_job(
                job_id,
                state=CopyJobState.COMPLETED,
                category="SUCCESS",
                copy_arn=copy.arn,
                completed_at=self._now(),
            )
            return self.put(copy)

    def finish_all(self) -> None:
        """Let every job that is not over end well."""
        with self._lock:
            for job_id, job in self.jobs.items():
                if not job.state.is_final:
                    self.finish(job_id)

    def fail(self, job_id: str, message: str, category: str = "MISCELLANEOUS") -> None:
        self._change_job(
            job_id, state=CopyJobState.FAILED, message=message, category=category, completed_at=self._now()
        )

    def end_partly(self, job_id: str) -> None:
        """End a job as PARTIAL, of which AWS says neither that it failed nor what it has made."""
        self._change_job(job_id, state=CopyJobState.PARTIAL, completed_at=self._now())

    def forget_job(self, job_id: str) -> None:
        """Drop the record of a job, as AWS does 30 days after its end."""
        with self._lock:
            del self._jobs[job_id]

    def hide_job(self, job_id: str) -> tuple[str, _Started]:
        """Show the record of a job no more, until it is given back to `show_job`."""
        with self._lock:
            return job_id, self._jobs.pop(job_id)

    def show_job(self, hidden: tuple[str, _Started]) -> None:
        with self._lock:
            self._jobs[hidden[0]] = hidden[1]

    def fail_next(self, method: str, error: BackupsError, *, times: int = 1) -> None:
        """Let the next calls of a port's method raise this error, having done nothing."""
        with self._lock:
            self._failures[method] += [error] * times

    def lose_answers(self, times: int = 1) -> None:
        """Let the next StartCopyJobs take effect and their answers get lost."""
        with self._lock:
            self._lost += times

    def lock_out(self, account: str) -> None:
        """Refuse the bot's role in an account until `let_in`."""
        with self._lock:
            self._locked_out.add(account)

    def let_in(self, account: str) -> None:
        with self._lock:
            self._locked_out.discard(account)

    def _enter(self, method: str, account: str) -> None:
        self.calls.append((method, account))
        if self._accounts and account not in self._accounts:
            raise BackupsRefused(f"The AWS account {account} is not configured.", code="AccountNotConfigured")
        if account in self._locked_out:
            raise BackupsLockedOut(
                f"No access to the account {account}: not authorized to perform: sts:AssumeRole",
                code="AccessDenied",
                operation="AssumeRole",
            )
        if self._failures[method]:
            raise self._failures[method].pop(0)

    def _vaults(self, method: str, account: str, region: str) -> tuple[Vault, ...]:
        self._enter(method, account)
        here = [vault for ref, vault in self._held.vaults.items() if (ref.account, ref.region) == (account, region)]
        return tuple(sorted(here, key=lambda vault: vault.ref.name))

    def _find(self, vault: VaultRef, arn: str, operation: str) -> RecoveryPoint:
        if vault not in self._held.vaults:
            raise _denied(operation)
        point = self._held.points.get(arn)
        if point is None or point.vault != vault:
            raise BackupsMissing("Cannot find recovery point", code="ResourceNotFoundException", operation=operation)
        return point

    def _start(self, order: CopyOrder) -> str:
        point = self._find(order.params.point.vault, order.params.point.arn, "StartCopyJob")
        lifecycle = order.params.retention.lifecycle()
        days = lifecycle.delete_after_days if lifecycle else None
        if days is not None and not MIN_DAYS <= days <= MAX_DAYS:
            raise _refused("Invalid lifecycle. DeleteAfterDays cannot be less than 1 or more than 36500 days")
        if not ADVANCED_POINT.fullmatch(point.arn):
            raise _refused("The recovery point cannot be copied.")
        job_id = str(uuid4()).upper()
        self._tokens[order.token] = job_id
        job = CopyJob(job_id, CopyJobState.CREATED, size_bytes=point.size_bytes, created_at=self._now())
        self._jobs[job_id] = _Started(order, job)
        return job_id

    def _change_job(self, job_id: str, **changes: Any) -> None:
        with self._lock:
            started = self._jobs[job_id]
            started.job = replace(started.job, **changes)

    def _now(self) -> datetime:
        return self._clock.now() if self._clock else WHEN


def _place(started: _Started) -> tuple[str, str]:
    source = started.order.params.point.vault
    return (source.account, source.region)


def _denied(operation: str) -> BackupsDenied:
    return BackupsDenied(
        "Insufficient privileges to perform this action.", code="AccessDeniedException", operation=operation
    )


def _refused(sentence: str) -> BackupsRefused:
    return BackupsRefused(sentence, code="InvalidParameterValueException", operation="StartCopyJob")


def _end(created_at: datetime, lifecycle: Lifecycle) -> datetime | None:
    days = lifecycle.delete_after_days
    return None if days is None else created_at + timedelta(days=days)
