"""The step that puts a schedule in force: from then on its copies are made under this one approval, until its end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

from bot.domain.backups import VaultRef
from bot.domain.books import Store
from bot.domain.errors import BackupsError
from bot.domain.params import Params, RecurParams
from bot.domain.ports import Backups
from bot.domain.preflight import Finding, Level, judge_vault
from bot.domain.routes import Hop
from bot.domain.schedules import LONGEST, NextFire, Schedule, ScheduleState, shortest_pause
from bot.domain.steps import Failure, Step
from bot.workflows.steps.sights import bound, only, refused, see
from bot.workflows.steps.work import Look, Progress, Stage

OFTEN = timedelta(hours=1)


@dataclass
class RecurStep:
    """Nothing is asked of AWS to start: the schedule is a row, and each of its runs is a request of its own."""

    backups: Backups
    store: Store
    next_fire: NextFire

    def look(self, params: Params, now: datetime) -> Look:
        params = only(params, RecurParams)
        findings = [*self._judge_time(params, now), *self._judge_destinations(params), *self._judge_tables(params)]
        return Look(params, tuple(findings), _shown(params, findings))

    def filled(self, params: Params, before: Sequence[Step]) -> Params:
        return params

    def start(self, step: Step, approved_by: str) -> str:
        """Put the schedule in force; starting it twice makes one."""
        params = only(step.params, RecurParams)
        with self.store.begin() as tx:
            request = tx.requests.get(step.request_id)
            if request is None:
                raise LookupError(f"step {step.id} belongs to no request")
            approved = max((decision.at for decision in request.decisions), default=request.created_at)
            tx.schedules.add(
                Schedule(
                    id=step.id,
                    request_id=request.id,
                    owner=request.requester,
                    channel=request.channel,
                    params=params,
                    state=ScheduleState.ACTIVE,
                    next_run_at=self.next_fire(params.cron, params.timezone, approved),
                )
            )
        return ""

    def poll(self, step: Step, now: datetime) -> Progress:
        with self.store.read() as tx:
            schedule = tx.schedules.get(step.id)
        due = schedule.next_run_at if schedule else None
        facts = {"next_run_at": int(due.timestamp()) if due else None}
        return Progress(Stage.DONE, "ACTIVE", finished_at=now, facts=facts)

    def failure(self, error: BackupsError, params: Params) -> Failure:
        return refused(error, "Press Try again.")

    def _judge_time(self, params: RecurParams, now: datetime) -> list[Finding]:
        if not now < params.until <= now + LONGEST:
            sentence = "A standing approval ends after now and within a year."
            return [Finding("schedule-end", Level.FAIL, sentence, "Choose another end.")]
        try:
            first = self.next_fire(params.cron, params.timezone, now)
        except ValueError as error:
            return [Finding("schedule-cron", Level.FAIL, f"The times cannot be read: {error}.", "Change them.")]
        if first is None or first >= params.until:
            sentence = "No run would fall between now and the end of the approval."
            return [Finding("schedule-never", Level.FAIL, sentence, "Change the times or the end.")]
        return self._judge_pace(params, now)

    def _judge_pace(self, params: RecurParams, now: datetime) -> list[Finding]:
        """A copy costs its whole size and takes its time; what looks for one every few minutes is hardly meant."""
        pause = shortest_pause(params, now, self.next_fire)
        if pause is None or pause >= OFTEN:
            return []
        minutes = max(1, round(pause.total_seconds() / 60))
        often = "every minute" if minutes == 1 else f"{minutes} minutes after one another"
        sentence = f"Runs fall due {often}, more often than hourly."
        remedy = (
            "Send this only if that is meant; AWS makes backups seldom more often. 0 3 * * * is once a day, at 3:00."
        )
        return [Finding("schedule-often", Level.WARN, sentence, remedy)]

    def _judge_destinations(self, params: RecurParams) -> list[Finding]:
        """Each vault of each way; an account that cannot be entered is told once."""
        found: list[Finding] = []
        for _, vault, _ in params.copies:
            found += [finding for finding in self._judge_destination(vault) if finding not in found]
        return found

    def _judge_destination(self, place: VaultRef) -> list[Finding]:
        vaults, findings = see(
            lambda: self.backups.vaults(place.account, place.region),
            f"the vaults of account {place.account} in {place.region}",
            "vault-unseen",
        )
        vault = next((vault for vault in vaults or () if vault.ref == place), None)
        if vaults is not None and vault is None:
            sentence = f"There is no vault {place.name} in account {place.account}, {place.region} (any more)."
            return [Finding("vault-gone", Level.FAIL, sentence, "Choose another vault.")]
        problem = judge_vault(vault) if vault else None
        return [*findings, *([problem] if problem else [])]

    def _judge_tables(self, params: RecurParams) -> list[Finding]:
        with self.store.read() as tx:
            tables = tx.inventory.held(params.source, params.region)
        here = [table.name for table in tables if (table.account, table.region) == (params.source, params.region)]
        if any(fnmatchcase(name, params.pattern) for name in here):
            return []
        sentence = f"No table with a backup in that account and Region fits {params.pattern} now."
        return [Finding("schedule-no-table", Level.WARN, sentence, "Tables that come later are copied too.")]


def _shown(params: RecurParams, findings: list[Finding]) -> dict[str, object]:
    ways = [[_hop(hop) for hop in way] for way in params.ways]
    return {
        **({"ways": ways} if ways else {}),
        "tables": [params.source, params.region, params.pattern],
        "destination": params.destination.arn,
        "retention": [params.retention.keep, params.retention.days],
        "role": params.role_arn,
        "times": [params.cron, params.timezone, params.until.isoformat()],
        "findings": bound(findings),
    }


def _hop(hop: Hop) -> list[object]:
    return [hop.vault.arn, hop.keep.days if hop.keep else None, hop.then_days]
