"""The step that restores a recovery point to a new table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain.backups import RecoveryPoint
from bot.domain.books import Store
from bot.domain.errors import BackupsError, BackupsMissing
from bot.domain.live_tables import TableRecord, Tables, not_brought_back
from bot.domain.params import Params, RestoreParams
from bot.domain.ports import Backups
from bot.domain.preflight import COPYABLE, Finding, Level
from bot.domain.restores import Encryption, RestoreJob, RestoreOrder, Restores, RestoreState, needs_encryption
from bot.domain.steps import RECORD_GONE, Failure, Step
from bot.workflows.steps.hidden import is_forgotten, not_shown
from bot.workflows.steps.sights import bound, only, refused, see
from bot.workflows.steps.work import Look, Progress, Stage

REMEDY = "Mend what AWS names, then press Try again: it starts a new restore under the same approval."


@dataclass
class RestoreStep:
    """Restores are made by AWS in the account and Region that hold the recovery point."""

    backups: Backups
    restores: Restores
    tables: Tables
    store: Store

    def look(self, params: Params, now: datetime) -> Look:
        """Refuse a name that is taken, an encryption that is not said, a source that is gone."""
        params = only(params, RestoreParams)
        point, findings = (params.point, []) if params.point_from_before else self._see_point(params)
        current = replace(params, point=point or params.point)
        account, region = current.target
        table, unseen = see(
            lambda: self.tables.table(account, region, current.name),
            f"the tables of {account} in {region}",
            "table-unseen",
        )
        findings += unseen
        if table is not None:
            findings.append(_taken(current))
        if needs_encryption(current.point, region) and current.encryption is Encryption.UNSAID:
            findings.append(_unsaid(current))
        return Look(current, tuple(findings), _shown(current, findings))

    def filled(self, params: Params, before: Sequence[Step]) -> Params:
        """Read the recovery point that the copy back has made. Raises BackupsError when it cannot be read."""
        params = only(params, RestoreParams)
        made = before[0].result_arn if before else None
        if not params.point_from_before or made is None:
            return params
        return replace(params, point=self.backups.point(params.point.vault, made))

    def start(self, step: Step, approved_by: str) -> str:
        """Start the restore job and return its id. The stored token makes repeating this safe."""
        params = only(step.params, RestoreParams)
        return self.restores.start_restore(
            RestoreOrder(
                point=params.point,
                table=params.name,
                role_arn=params.role_arn,
                encryption=params.encryption,
                key_arn=params.key_arn,
                token=step.token,
                request_id=step.request_id,
                approved_by=approved_by,
            )
        )

    def poll(self, step: Step, now: datetime) -> Progress:
        params = only(step.params, RestoreParams)
        try:
            job = self.restores.restore_job(*params.target, step.external_id or "")
        except BackupsMissing as missing:
            if not is_forgotten(step, now):
                return not_shown(step, now, missing)
            return Progress(Stage.FAILED, failure=_record_gone(step, params))
        if not job.state.is_final:
            return Progress(Stage.UNDER_WAY, " ".join(filter(None, (job.state, job.percent))))
        if job.state is not RestoreState.COMPLETED or job.table_arn is None:
            message = job.message or f"AWS ended the restore job as {job.state} without a message."
            failure = Failure(message, job.state, REMEDY)
            return Progress(Stage.FAILED, job.state, finished_at=job.completed_at, failure=failure)
        return Progress(
            Stage.DONE,
            job.state,
            result_arn=job.table_arn,
            finished_at=job.completed_at,
            facts=self._facts(step, params, job, now),
        )

    def failure(self, error: BackupsError, params: Params) -> Failure:
        return refused(error, REMEDY)

    def _see_point(self, params: RestoreParams) -> tuple[RecoveryPoint | None, list[Finding]]:
        point = params.point
        gone = Finding("source-gone", Level.FAIL, "This backup is not there any more.", "Choose another backup.")
        seen, findings = see(
            lambda: self.backups.point(point.vault, point.arn),
            f"the backup in {point.vault.name}",
            "source-unseen",
            gone,
        )
        if seen is not None and seen.status not in COPYABLE:
            sentence = f"This backup is {seen.status}, and only a complete one can be restored."
            findings.append(Finding("not-restorable-status", Level.FAIL, sentence, "Choose another backup."))
        if seen is not None and seen.storage_class == "COLD":
            findings.append(
                Finding(
                    "cold-restore", Level.WARN, "This backup is in cold storage: restoring takes about 4 hours longer."
                )
            )
        return seen, findings

    def _facts(self, step: Step, params: RestoreParams, job: RestoreJob, now: datetime) -> Mapping[str, object]:
        finished = job.completed_at or now
        started = job.created_at or step.started_at or now
        record = self._record(params)
        lacks = not_brought_back(params.name, params.target[1], record.settings, job.table_arn or "") if record else ()
        return {
            "job_id": step.external_id,
            "table_arn": job.table_arn,
            "seconds": max(0, int((finished - started).total_seconds())),
            "recorded_at": int(record.taken_at.timestamp()) if record else None,
            "was_gone": record.gone if record else False,
            "lacks": [list(pair) for pair in lacks],
            "alarms_recorded": bool(record and record.settings.alarms is not None),
            "unseen": dict(record.settings.unseen) if record else {},
        }

    def _record(self, params: RestoreParams) -> TableRecord | None:
        with self.store.read() as tx:
            return tx.records.of_copy(params.copy_arn) or tx.records.newest(params.point.table_arn)


def _shown(params: RestoreParams, findings: list[Finding]) -> dict[str, object]:
    point = params.point
    source = (
        point.vault.arn if params.point_from_before else [point.arn, point.created_at.isoformat(), point.size_bytes]
    )
    return {
        "source": source,
        "table": [*params.target, params.name],
        "encryption": [params.encryption, params.key_arn],
        "role": params.role_arn,
        "findings": bound(findings),
    }


def _taken(params: RestoreParams) -> Finding:
    account, region = params.target
    return Finding(
        "table-exists",
        Level.FAIL,
        f"There is a table {params.name} in account {account}, {region} already, and a restore never overwrites one.",
        "Choose another name.",
    )


def _unsaid(params: RestoreParams) -> Finding:
    return Finding(
        "encryption-unsaid",
        Level.FAIL,
        "AWS wants to be told how the table is encrypted when it is restored in another Region than it was in.",
        "Choose an encryption.",
    )


def _record_gone(step: Step, params: RestoreParams) -> Failure:
    account, region = params.target
    return Failure(
        f"AWS has no record of restore job {step.external_id} any more, so its outcome is not known.",
        RECORD_GONE,
        f"AWS forgets jobs 30 days after they end. Look for the table {params.name} in account {account}, {region}.",
    )
