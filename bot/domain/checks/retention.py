"""Judge how long the copy is kept, with the nearest number of days that AWS and the vault allow."""

from datetime import datetime

from bot.domain.backups import Vault
from bot.domain.findings import Finding, Level, fine
from bot.domain.params import CopyParams, StepKind
from bot.domain.preflight import REMEDIES
from bot.domain.retention import Keep, cold_after, effective_days, objection


def retention(params: CopyParams, vault: Vault | None, now: datetime) -> Finding:
    """The range of AWS, what is still ahead, and the vault's lock; `vault` None: its lock is not seen."""
    evidence = _told(params) + (f"; the vault's limits: {_limits(vault)}" if vault is not None else "")
    problem = objection(params.retention, params.point, vault, now)
    if problem is None:
        return fine("retention", "AWS and the vault accept how long the copy is kept.", evidence)
    remedy, fix = REMEDIES[problem.code], ""
    if problem.nearest is not None:
        what = "Move it to cold storage after" if problem.field == "cold" else "Keep the copy"
        other = ", or choose another vault" if problem.code == "vault-lock" else ""
        remedy = f"{what} {problem.nearest:,} days (counted from the backup's creation){other}."
    if problem.code == "vault-lock" and params.retention.keep is Keep.AS_SOURCE:
        fix = StepKind.SET_RETENTION
    return Finding(problem.code, Level.FAIL, problem.sentence, remedy, evidence, fix)


def _told(params: CopyParams) -> str:
    days, cold = effective_days(params.retention, params.point), cold_after(params.retention, params.point)
    kept = f"{days} days from the backup's creation" if days is not None else "no end"
    return f"Kept: {kept}" + (f", cold after {cold} days" if cold is not None else "")


def _limits(vault: Vault) -> str:
    least = f"at least {vault.min_days:,} days" if vault.min_days else ""
    most = f"at most {vault.max_days:,} days" if vault.max_days else ""
    return ", ".join(filter(None, (least, most))) or "none"
