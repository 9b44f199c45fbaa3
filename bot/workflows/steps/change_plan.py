"""The step that adds, changes or removes a copy action of a plan's rule, if the plan is still as people saw it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.backup_plans import (
    MOST_COPIES,
    BackupPlan,
    BackupPlans,
    Change,
    Document,
    changed,
    copies_of,
    copy_to,
    differences,
    same,
)
from bot.domain.backups import Vault
from bot.domain.errors import BackupsError, BackupsRefused
from bot.domain.params import ChangePlanParams, Params
from bot.domain.ports import Backups
from bot.domain.preflight import Finding, Level, judge_vault
from bot.domain.steps import Failure, Step
from bot.workflows.steps.sights import bound, only, refused, see
from bot.workflows.steps.work import Look, Progress, Stage

PLAN_CHANGED = "PLAN_CHANGED"
SEE = "Type `/copy-backup schedule` to see the plan as it is now, and ask again."
AGAIN = f"Nothing was written. {SEE}"
REMEDY = "Mend what AWS names, then press Try again."


@dataclass
class ChangePlanStep:
    """AWS knows no lock on a plan: it is read and compared just before it is written, and read back afterwards."""

    plans: BackupPlans
    backups: Backups

    def look(self, params: Params, now: datetime) -> Look:
        params = only(params, ChangePlanParams)
        plan, findings = self._see_plan(params)
        if plan is not None:
            findings += _judge(params, plan)
        if params.change is not Change.REMOVE:
            findings += self._judge_destination(params)
        return Look(params, tuple(findings), _shown(params, findings))

    def filled(self, params: Params, before: Sequence[Step]) -> Params:
        return params

    def start(self, step: Step, approved_by: str) -> str:
        """Write the plan, unless somebody changed it; a plan that says already what is wanted is left alone."""
        params = only(step.params, ChangePlanParams)
        plan = self.plans.plan(params.plan)
        wanted = _wanted(params)
        if same(plan.document, wanted):
            return ""
        if plan.version != params.version:
            raise BackupsRefused(_what_changed(params, plan), code=PLAN_CHANGED)
        self.plans.update(params.plan, wanted, request_id=step.request_id, approved_by=approved_by)
        return ""

    def poll(self, step: Step, now: datetime) -> Progress:
        """Read the plan back: the copy is there, kept as long as was asked for, or is gone; else people are told."""
        params = only(step.params, ChangePlanParams)
        plan = self.plans.plan(params.plan)
        if _kept(params, plan.document) != _kept(params, _wanted(params)):
            words = "; ".join(differences(_wanted(params), plan.document)) or "it does not say so"
            return Progress(
                Stage.FAILED, failure=Failure(f"Read back, the plan is not as written: {words}.", PLAN_CHANGED, SEE)
            )
        return Progress(Stage.DONE, "UPDATED", finished_at=now, facts={"version": plan.version})

    def failure(self, error: BackupsError, params: Params) -> Failure:
        return refused(error, AGAIN if error.code == PLAN_CHANGED else REMEDY)

    def _see_plan(self, params: ChangePlanParams) -> tuple[BackupPlan | None, list[Finding]]:
        if params.plan.is_read_only:
            return None, [read_only(params.plan.name)]
        gone = Finding("plan-gone", Level.FAIL, f"The backup plan {params.plan.name} is not there any more.", AGAIN)
        return see(lambda: self.plans.plan(params.plan), f"the backup plan {params.plan.name}", "plan-unseen", gone)

    def _judge_destination(self, params: ChangePlanParams) -> list[Finding]:
        place = params.destination
        vaults, findings = see(
            lambda: self.backups.vaults(place.account, place.region),
            f"the vaults of account {place.account} in {place.region}",
            "vault-unseen",
        )
        if vaults is None:
            return findings
        vault = next((vault for vault in vaults if vault.ref == place), None)
        if vault is None:
            sentence = f"There is no vault {place.name} in account {place.account}, {place.region} (any more)."
            return [Finding("vault-gone", Level.FAIL, sentence, "Choose another vault.")]
        return [finding for finding in (judge_vault(vault), _judge_days(params, vault)) if finding]


def read_only(name: str) -> Finding:
    """A plan that only the organization may change."""
    return Finding(
        "organization-plan",
        Level.FAIL,
        f"The backup plan {name} belongs to a policy of the organization, so it can only be read here.",
        "Ask whoever keeps the organization's backup policies to change it there.",
    )


def _kept(params: ChangePlanParams, document: Document) -> tuple[object, object] | None:
    """The days that the rule keeps its copies in the destination, warm and in all; None without such copies."""
    rules = (rule for rule in document.get("Rules") or () if rule.get("RuleName") == params.rule)
    action = next((copy_to(rule, params.destination.arn) for rule in rules), None)
    if action is None:
        return None
    lifecycle = action.get("Lifecycle") or {}
    return lifecycle.get("MoveToColdStorageAfterDays"), lifecycle.get("DeleteAfterDays")


def _wanted(params: ChangePlanParams) -> Document:
    return changed(params.document, params.rule, params.change, params.destination.arn, params.lifecycle)


def _judge(params: ChangePlanParams, plan: BackupPlan) -> list[Finding]:
    # A plan that says already what is wanted was written by an earlier try of ours.
    if plan.version != params.version and not same(plan.document, _wanted(params)):
        return [Finding("plan-changed", Level.FAIL, _what_changed(params, plan), AGAIN)]
    rule = next((one for one in params.document.get("Rules") or () if one.get("RuleName") == params.rule), None)
    if rule is None:
        return [Finding("rule-gone", Level.FAIL, f"The plan has no rule {params.rule} (any more).", AGAIN)]
    present = copy_to(rule, params.destination.arn) is not None
    if params.change is Change.ADD and present:
        return [
            Finding("copies-already", Level.FAIL, "The rule copies to this vault already.", "Change that copy instead.")
        ]
    if params.change is not Change.ADD and not present:
        return [Finding("copies-not", Level.FAIL, "The rule does not copy to this vault.", "Choose one of its copies.")]
    if params.change is Change.ADD and len(copies_of(rule)) >= MOST_COPIES:
        sentence = f"The rule has {MOST_COPIES} copies already, and AWS allows no more."
        return [Finding("too-many-copies", Level.FAIL, sentence, "Remove one of them first, or use another rule.")]
    return []


def _judge_days(params: ChangePlanParams, vault: Vault) -> Finding | None:
    """A copy's days against the vault's lock; the backup's own lifecycle counts where the copy has none."""
    days, limited = _days(params), vault.locked or vault.kind.name == "AIR_GAPPED"
    too_few = days is not None and vault.min_days is not None and days < vault.min_days
    too_many = vault.max_days is not None and (days is None or days > vault.max_days)
    if not limited or not (too_few or too_many):
        return None
    limits = f"{vault.min_days or 1} to {vault.max_days or 36_500} days"
    given = "for ever" if days is None else f"{days} days"
    sentence = f"The vault keeps copies {limits}; this one would be kept {given}."
    return Finding("vault-lock", Level.FAIL, sentence, "Change the number of days, or choose another vault.")


def _days(params: ChangePlanParams) -> int | None:
    if params.lifecycle.delete_after_days is not None:
        return params.lifecycle.delete_after_days
    rules = [one for one in params.document.get("Rules") or () if one.get("RuleName") == params.rule]
    given = (rules[0].get("Lifecycle") or {}).get("DeleteAfterDays") if rules else None
    return int(given) if given is not None else None


def _what_changed(params: ChangePlanParams, plan: BackupPlan) -> str:
    words: Sequence[str] = differences(params.document, plan.document)
    what = "; ".join(words[:6]) if words else "it was saved again without a difference"
    return f"Somebody has changed the backup plan {params.plan.name} since people saw it: {what}."


def _shown(params: ChangePlanParams, findings: list[Finding]) -> dict[str, object]:
    return {
        "plan": [params.plan.account, params.plan.region, params.plan.id],
        "version": params.version,
        "rule": params.rule,
        "change": [params.change, params.destination.arn],
        "kept": [params.lifecycle.delete_after_days, params.lifecycle.cold_after_days],
        "findings": bound(findings),
    }
