"""The step that makes a new backup of a table, on demand."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.cost import LIST_PRICES, Prices
from bot.domain.errors import BackupsError, BackupsMissing, BackupsRefused
from bot.domain.keeping import COMPLETED, ENDED, BackupJob, Errand, NewBackups, Switches
from bot.domain.lifecycles import judge_new_lifecycle
from bot.domain.live_tables import TableSight
from bot.domain.new_backups import (
    advanced_off,
    judge_backup_vault,
    judge_table,
    record_gone,
    remedy_for_backup,
    still_off,
)
from bot.domain.params import BackUpParams, Params
from bot.domain.ports import Backups
from bot.domain.preflight import Finding
from bot.domain.shown import cost_part
from bot.domain.steps import Failure, Step
from bot.workflows.steps.advanced import STILL_OFF
from bot.workflows.steps.hidden import is_forgotten, not_shown
from bot.workflows.steps.seeing import once, see, see_vault
from bot.workflows.steps.work import Look, Progress, Stage


@dataclass
class BackUpStep:
    """AWS backs a table up in the account and Region that own it; the point can be copied once it is COMPLETED."""

    backups: Backups
    new: NewBackups
    switches: Switches
    tables: TableSight
    prices: Prices = LIST_PRICES

    def look(self, params: Params, now: datetime) -> Look:
        params = _backup(params)
        vault, problem = see_vault(self.backups, params.vault)
        found = [problem, None if problem else judge_backup_vault(params, vault)]
        found += [self._table(params), self._advanced(params)]
        if vault is not None:
            found.append(judge_new_lifecycle(params.lifecycle, vault))
        return Look(params, _once(found), {**_shown(params), **cost_part(params, self.prices)}, vault)

    def filled(self, params: Params, before: Sequence[Step]) -> Params:
        return params

    def start(self, step: Step, approved_by: str) -> str:
        """Start the backup job. Without a recovery point in its answer AWS makes one that can never be copied."""
        params = _backup(step.params)
        started = self.new.start_backup(params, step.token, Errand(step.request_id, approved_by))
        if started.point_arn is None:
            raise BackupsRefused(still_off(params, started.job_id), code=STILL_OFF, operation="StartBackupJob")
        return started.job_id

    def poll(self, step: Step, now: datetime) -> Progress:
        params = _backup(step.params)
        try:
            job = self.new.backup_job(params.vault, step.external_id or "")
        except BackupsMissing as missing:
            if not is_forgotten(step, now):
                return not_shown(step, now, missing)
            return Progress(Stage.FAILED, failure=record_gone(step.external_id, params))
        if job.state not in ENDED:
            return Progress(Stage.UNDER_WAY, job.state)
        if job.state != COMPLETED or job.point_arn is None:
            failure = _failure_of_job(job, params)
            return Progress(Stage.FAILED, job.state, finished_at=job.completed_at, failure=failure)
        return Progress(
            Stage.DONE,
            job.state,
            result_arn=job.point_arn,
            finished_at=job.completed_at,
            facts=_outcome(step, job, now),
        )

    def failure(self, error: BackupsError, params: Params) -> Failure:
        return Failure(error.message, error.code, remedy_for_backup(error.message, error.code, _backup(params)))

    def _table(self, params: BackUpParams) -> Finding | None:
        place = params.vault
        what = f"table {params.table} of account {place.account}, {place.region}"
        table, problem = see(lambda: self.tables.table(place.account, place.region, params.table), what, place.account)
        return problem or judge_table(params, table)

    def _advanced(self, params: BackUpParams) -> Finding | None:
        if params.advanced_from_before:
            return None
        place = params.vault
        what = f"settings of AWS Backup in account {place.account}, {place.region}"
        found, problem = see(lambda: self.switches.preferences(place.account, place.region), what, place.account)
        return problem or (None if found is None or found.advanced else advanced_off(params))


def _backup(params: Params) -> BackUpParams:
    if not isinstance(params, BackUpParams):
        raise TypeError(f"a step that backs up was given {type(params).__name__}")
    return params


def _once(found: Sequence[Finding | None]) -> tuple[Finding, ...]:
    """An account that cannot be entered is told once."""
    return once(found)


def _failure_of_job(job: BackupJob, params: BackUpParams) -> Failure:
    message = job.message or f"AWS ended the backup job as {job.state} without a message."
    category = job.category or job.state
    return Failure(message, category, remedy_for_backup(message, category, params))


def _outcome(step: Step, job: BackupJob, now: datetime) -> dict[str, object]:
    started = job.created_at or step.started_at or now
    return {
        "job_id": step.external_id,
        "point_arn": job.point_arn,
        "size_bytes": job.size_bytes,
        "seconds": max(0, int(((job.completed_at or now) - started).total_seconds())),
    }


def _shown(params: BackUpParams) -> dict[str, object]:
    lifecycle = params.lifecycle
    return {
        "table": params.table_arn,
        "vault": params.vault.arn,
        "role": params.role_arn,
        "lifecycle": [lifecycle.delete_after_days, lifecycle.cold_after_days],
    }
