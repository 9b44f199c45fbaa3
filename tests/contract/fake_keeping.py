"""What changes how AWS keeps backups, in memory, over the backups of `FakeBackups`."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from uuid import uuid4

from bot.domain.backups import Lifecycle, RecoveryPoint, Vault, VaultRef, table_name_of
from bot.domain.errors import BackupsDenied, BackupsMissing, BackupsRefused, BackupsTaken, BackupsUnreachable
from bot.domain.keeping import DYNAMODB, BackupJob, Errand, Preferences, StartedBackup
from bot.domain.params import BackUpParams
from bot.domain.retention import COLD_DAYS
from tests.contract.fake_backups import WHEN, FakeBackups

ON = Preferences({DYNAMODB: True, "EBS": True}, {DYNAMODB: True})


@dataclass
class FakeKeeping:
    """Fulfils the port `Keeping`. A backup job ends only when a test says so.

    `done` holds every change that took effect, in order, with the request it was made for; `lose` names methods whose
    next answer is lost after the effect.
    """

    backups: FakeBackups
    policies: dict[VaultRef, str] = field(default_factory=dict)
    settings: dict[tuple[str, str], Preferences] = field(default_factory=dict)
    jobs: dict[str, BackupJob] = field(default_factory=dict)
    done: list[tuple[str, str]] = field(default_factory=list)
    lose: set[str] = field(default_factory=set)
    _orders: dict[str, tuple[str, BackUpParams]] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def create_vault(self, vault: VaultRef, key_arn: str | None, creator: str, errand: Errand) -> None:
        if self._vault(vault) is not None:
            raise BackupsTaken("Backup vault with the same name already exists", code="AlreadyExistsException")
        made = Vault(vault, key_arn=key_arn, creator=creator)
        self.backups.add_vault(made)
        self._changed("create_vault", errand)

    def vault_policy(self, vault: VaultRef) -> str | None:
        if self._vault(vault) is None:
            raise _denied("GetBackupVaultAccessPolicy")
        return self.policies.get(vault)

    def put_vault_policy(self, vault: VaultRef, policy: str, errand: Errand) -> None:
        if self._vault(vault) is None:
            raise _denied("PutBackupVaultAccessPolicy")
        self.policies[vault] = policy
        self._changed("put_vault_policy", errand)

    def preferences(self, account: str, region: str) -> Preferences:
        self.backups.vaults(account, region)
        return self.settings.get((account, region), ON)

    def prefer(self, account: str, region: str, preferences: Preferences, errand: Errand) -> None:
        before = self.preferences(account, region)
        merged = Preferences({**before.opted_in, **preferences.opted_in}, {**before.managed, **preferences.managed})
        self.settings[account, region] = merged
        self._changed("prefer", errand)

    def start_backup(self, params: BackUpParams, token: str, errand: Errand) -> StartedBackup:
        with self._lock:
            if self._vault(params.vault) is None:
                raise _denied("StartBackupJob")
            known = next((job for job, (given, _) in self._orders.items() if given == token), None)
            job_id = known or self._begin(params, token)
            if known is None:
                self._changed("start_backup", errand)
            return StartedBackup(job_id, self.jobs[job_id].point_arn)

    def backup_job(self, vault: VaultRef, job_id: str) -> BackupJob:
        self.backups.vaults(vault.account, vault.region)
        if job_id not in self.jobs:
            raise BackupsMissing(f"Cannot find backup job {job_id}.", code="ResourceNotFoundException")
        return self.jobs[job_id]

    def set_lifecycle(self, vault: VaultRef, arn: str, lifecycle: Lifecycle, errand: Errand) -> None:
        point, there = self.backups.point(vault, arn), self._vault(vault)
        if there is not None and there.locked:
            raise BackupsRefused("The vault is locked.", code="InvalidRequestException")
        days, cold = lifecycle.delete_after_days, lifecycle.cold_after_days
        if days is not None and cold is not None and days < cold + COLD_DAYS:
            raise BackupsRefused("Invalid lifecycle.", code="InvalidParameterValueException")
        end = None if days is None else point.created_at + timedelta(days=days)
        self.backups.put(replace(point, lifecycle=lifecycle, delete_at=end))
        self._changed("set_lifecycle", errand)

    def finish(self, job_id: str) -> RecoveryPoint:
        """Let a backup job end well; its recovery point appears."""
        params = self._orders[job_id][1]
        point = self.backups.add_point(params.vault, table_name_of(params.table_arn), lifecycle=params.lifecycle)
        self.backups.remove_point(point.arn)
        arn = self.jobs[job_id].point_arn or point.arn
        self.jobs[job_id] = replace(
            self.jobs[job_id], state="COMPLETED", completed_at=WHEN, size_bytes=point.size_bytes, point_arn=arn
        )
        return self.backups.put(replace(point, arn=arn))

    def fail(self, job_id: str, message: str, category: str) -> None:
        ended = replace(self.jobs[job_id], state="FAILED", message=message, category=category, completed_at=WHEN)
        self.jobs[job_id] = ended

    def _begin(self, params: BackUpParams, token: str) -> str:
        place, job_id = params.vault, str(uuid4()).upper()
        advanced = self.preferences(place.account, place.region).advanced
        arn = f"arn:aws:backup:{place.region}:{place.account}:recovery-point:{uuid4()}" if advanced else None
        self._orders[job_id] = (token, params)
        self.jobs[job_id] = BackupJob(job_id, "CREATED", point_arn=arn, created_at=WHEN)
        return job_id

    def _vault(self, ref: VaultRef) -> Vault | None:
        return next((vault for vault in self.backups.vaults(ref.account, ref.region) if vault.ref == ref), None)

    def _changed(self, what: str, errand: Errand) -> None:
        """It has taken effect; whoever asked may not hear of it."""
        self.done.append((what, errand.request_id))
        if what in self.lose:
            self.lose.discard(what)
            raise BackupsUnreachable("The connection was closed.", code="ConnectionClosedError")


def off(of: Preferences = ON) -> Preferences:
    """Settings in which DynamoDB's advanced features are off, and all else is as it was."""

    def without(types: Mapping[str, bool]) -> Mapping[str, bool]:
        return {**types, DYNAMODB: False}

    return replace(of, managed=without(of.managed))


def later(days: float) -> datetime:
    """A moment after `WHEN`."""
    return WHEN + timedelta(days=days)


def _denied(operation: str) -> BackupsDenied:
    return BackupsDenied(
        "Insufficient privileges to perform this action.", code="AccessDeniedException", operation=operation
    )
