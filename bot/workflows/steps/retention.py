"""The step that changes how long a recovery point is kept, in the account that holds it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.backups import Lifecycle, RecoveryPoint
from bot.domain.cost import LIST_PRICES, Prices
from bot.domain.errors import BackupsError, BackupsMissing
from bot.domain.keeping import Errand, Lifecycles
from bot.domain.lifecycles import judge_change, judge_promise, whole
from bot.domain.params import Params, SetRetentionParams
from bot.domain.ports import Backups
from bot.domain.preflight import COPYABLE, Finding, Level
from bot.domain.shown import cost_part
from bot.domain.steps import Failure, Step
from bot.workflows.steps.copy import result_in
from bot.workflows.steps.seeing import once, see, see_vault
from bot.workflows.steps.work import Look, Progress, Stage

NOT_TAKEN = "RETENTION_NOT_TAKEN"
PATIENCE = timedelta(minutes=10)


@dataclass
class SetRetentionStep:
    """Reads the point, sends its whole lifecycle, reads it back."""

    backups: Backups
    lifecycles: Lifecycles
    prices: Prices = LIST_PRICES

    def look(self, params: Params, now: datetime) -> Look:
        params = _change(params)
        vault, problem = see_vault(self.backups, params.point.vault)
        if params.point_from_before and not params.point.arn:
            # Nothing of it is there yet but, perhaps, the vault with its lock.
            found = judge_change(params.lifecycle, params.point, vault, now)
            return Look(params, _there(problem, *found), _shown(params))
        point, gone = self._point(params)
        params = _seen(params, point) if point else params
        judged = (*judge_change(params.lifecycle, params.point, vault, now), judge_promise(params)) if point else ()
        return Look(
            params,
            _there(problem, gone, self._successor(params), *judged),
            {**_shown(params), **cost_part(params, self.prices)},
            vault,
        )

    def filled(self, params: Params, before: Sequence[Step]) -> Params:
        params = _change(params)
        if not params.point_from_before:
            return params
        place = params.point.vault
        point = self.backups.point(place, result_in(place, before))
        last = before[0].result_arn if before and params.only_with else None
        return replace(params, point=point, lifecycle=whole(params.lifecycle, point), only_with_arn=last or "")

    def start(self, step: Step, approved_by: str) -> str:
        params = _change(step.params)
        errand = Errand(step.request_id, approved_by)
        self.lifecycles.set_lifecycle(params.point.vault, params.point.arn, params.lifecycle, errand)
        return ""

    def poll(self, step: Step, now: datetime) -> Progress:
        params = _change(step.params)
        try:
            point = self.backups.point(params.point.vault, params.point.arn)
        except BackupsMissing as error:
            return Progress(Stage.FAILED, failure=self.failure(error, params))
        if point.lifecycle == params.lifecycle:
            return Progress(Stage.DONE, "CHANGED", result_arn=point.arn, facts=_outcome(point))
        if now - (step.started_at or now) < PATIENCE:
            return Progress(Stage.UNDER_WAY, "CHANGING")
        said = f"AWS took the change and shows another retention: {_told(point.lifecycle)}."
        return Progress(Stage.FAILED, failure=Failure(said, NOT_TAKEN, "Look at the backup in AWS Backup."))

    def failure(self, error: BackupsError, params: Params) -> Failure:
        return Failure(error.message, error.code, _remedy(error, _change(params)))

    def _point(self, params: SetRetentionParams) -> tuple[RecoveryPoint | None, Finding | None]:
        place = params.point.vault
        what = f"backup in {place.name}"
        return see(lambda: self.backups.point(place, params.point.arn), what, place.account, _gone())

    def _successor(self, params: SetRetentionParams) -> Finding | None:
        """An intermediate copy is given up only once the last one is seen, whole, where it belongs."""
        place = params.only_with
        if place is None:
            return None
        what = f"last copy in {place.name}"
        last, problem = see(lambda: self.backups.point(place, params.only_with_arn), what, place.account)
        if last is not None and last.status in COPYABLE:
            return None
        why = f" {problem.sentence}" if problem else ""
        return Finding(
            "last-copy-unseen",
            Level.FAIL,
            f"The last copy was not seen complete in {place.name}, so the one before it stays as it is.{why}",
            "Look at the last copy in AWS Backup, then press Try again.",
        )


def _change(params: Params) -> SetRetentionParams:
    if not isinstance(params, SetRetentionParams):
        raise TypeError(f"a step that changes retention was given {type(params).__name__}")
    return params


def _seen(params: SetRetentionParams, point: RecoveryPoint) -> SetRetentionParams:
    """The point as it is now; once it is as asked, what people saw before stays: a try of ours came that far."""
    lifecycle = whole(params.lifecycle, point)
    if point.lifecycle == lifecycle and params.point.table_arn and not params.point_from_before:
        return replace(params, lifecycle=lifecycle)
    return replace(params, point=point, lifecycle=lifecycle)


def _gone() -> Finding:
    return Finding("source-gone", Level.FAIL, "This backup is not there any more.", "Choose another backup.")


def _there(*findings: Finding | None) -> tuple[Finding, ...]:
    return once(findings)


def _outcome(point: RecoveryPoint) -> dict[str, object]:
    return {"delete_at": int(point.delete_at.timestamp()) if point.delete_at else None, "point_arn": point.arn}


def _told(lifecycle: Lifecycle) -> str:
    return "no end" if lifecycle.delete_after_days is None else f"{lifecycle.delete_after_days} days"


def _remedy(error: BackupsError, params: SetRetentionParams) -> str:
    said, place = error.message.casefold(), params.point.vault
    if "lock" in said:
        return "A locked vault changes no retention. Make another copy with the retention that is needed."
    if isinstance(error, BackupsMissing):
        return "The backup is gone. Ask again with another one."
    if "lifecycle" in said:
        return "Ask again with another retention: 1 to 36,500 days, and 90 days or more after the move to cold storage."
    return (
        f"Let the bot's role in account {place.account} do backup:UpdateRecoveryPointLifecycle, then press Try again."
    )


def _shown(params: SetRetentionParams) -> dict[str, object]:
    """What was shown; of a point that an earlier step makes only where it will be."""
    point, lifecycle = params.point, params.lifecycle
    source = [point.arn, point.vault.arn, point.table_arn, point.created_at.isoformat()]
    end = point.delete_at.isoformat() if point.delete_at else None
    return {
        "source": point.vault.arn if params.point_from_before else source,
        "source_end": None if params.point_from_before else end,
        "lifecycle": lifecycle.delete_after_days,
        "only_with": params.only_with.arn if params.only_with else None,
    }
