"""Changing how long a recovery point that exists is kept: what AWS and locks allow.

Days count from the recovery point's creation. AWS takes a field that is not sent as unset, so a change is always the
whole lifecycle: https://docs.aws.amazon.com/aws-backup/latest/devguide/API_UpdateRecoveryPointLifecycle.html
"""

from dataclasses import replace
from datetime import datetime

from bot.domain.backups import Lifecycle, RecoveryPoint, Vault
from bot.domain.errors import BadInput
from bot.domain.params import SetRetentionParams
from bot.domain.preflight import Finding, Level
from bot.domain.retention import COLD_DAYS, INHERITED, MAX_DAYS, Keep, Retention, check_days
from bot.domain.sentences import changes as words

FOR_GOOD = Lifecycle()
WOULD_SHORTEN = "would-shorten"


def lifecycle_for(retention: Retention) -> Lifecycle:
    """What a person's choice means for a recovery point that exists; there is no source to follow: kept for good."""
    if retention.keep in INHERITED:
        return FOR_GOOD
    return Lifecycle(delete_after_days=MAX_DAYS if retention.keep is Keep.CENTURY else retention.days)


def whole(lifecycle: Lifecycle, point: RecoveryPoint) -> Lifecycle:
    """A new end with everything else of the point's lifecycle, which is resent as it is: cold storage stays."""
    return replace(lifecycle, cold_after_days=point.lifecycle.cold_after_days)


def judge_change(lifecycle: Lifecycle, point: RecoveryPoint, vault: Vault | None, now: datetime) -> tuple[Finding, ...]:
    """Whether a recovery point's lifecycle may become this one."""
    found = (_lock(vault), _days(lifecycle, point, now), _cold(lifecycle), _same(lifecycle, point))
    return tuple(finding for finding in found if finding)


def judge_promise(change: SetRetentionParams) -> Finding | None:
    """What was asked for to keep a point longer never shortens it, whatever was done meanwhile."""
    gets_an_end = change.end is not None and change.point.lifecycle.delete_after_days is None
    # What is as asked already shortens nothing: a try of ours came that far.
    if not change.never_shorter or not (change.days_lost or (gets_an_end and change.point.delete_at is None)):
        return None
    said = words.would_shorten(change.point.delete_at, change.end, change.days_lost)
    return Finding(WOULD_SHORTEN, Level.FAIL, said, "Cancel it, or ask anew for a later end.")


def why_not(change: SetRetentionParams, vault: Vault | None, now: datetime) -> Finding | None:
    """The first reason why a recovery point in this vault (None: not known) may not be given another lifecycle."""
    found = judge_change(change.lifecycle, change.point, vault, now)
    return next((finding for finding in found if finding.level is Level.FAIL), None)


def judge_new_lifecycle(lifecycle: Lifecycle, vault: Vault) -> Finding | None:
    """Whether a vault's lock lets a new backup be kept this long."""
    days, least, most = lifecycle.delete_after_days, vault.min_days, vault.max_days
    if not vault.locked:
        return None
    if days is None and most is not None:
        said = f"The vault keeps backups at most {most:,} days, and this one would have no end."
        return Finding("vault-lock", Level.FAIL, said, f"Choose {most:,} days or fewer.")
    if days is not None and least is not None and days < least:
        said = f"The vault keeps backups at least {least:,} days; this one would be kept {days:,}."
        return Finding("vault-lock", Level.FAIL, said, f"Choose {least:,} days or more.")
    if days is not None and most is not None and days > most:
        said = f"The vault keeps backups at most {most:,} days; this one would be kept {days:,}."
        return Finding("vault-lock", Level.FAIL, said, f"Choose {most:,} days or fewer.")
    return None


def _lock(vault: Vault | None) -> Finding | None:
    if vault is None or not vault.locked:
        return None
    limits = [
        f"at least {vault.min_days:,} days" if vault.min_days else "",
        f"at most {vault.max_days:,} days" if vault.max_days else "",
    ]
    range_ = " and ".join(filter(None, limits))
    return Finding(
        "vault-locked",
        Level.FAIL,
        f"The vault {vault.ref.name} is locked{f' (it keeps backups {range_})' if range_ else ''}, and AWS changes no "
        "retention in a locked vault, neither up nor down.",
        "Make another copy with the retention that is needed, into a vault whose lock allows it.",
    )


def _days(lifecycle: Lifecycle, point: RecoveryPoint, now: datetime) -> Finding | None:
    days = lifecycle.delete_after_days
    if days is None:
        return None
    try:
        check_days(days, point, now)
    except BadInput as problem:
        return Finding("retention-days", Level.FAIL, problem.sentence, "Choose another number of days.")
    return None


def _cold(lifecycle: Lifecycle) -> Finding | None:
    days, cold = lifecycle.delete_after_days, lifecycle.cold_after_days
    if days is None or cold is None or days >= cold + COLD_DAYS:
        return None
    least = cold + COLD_DAYS
    return Finding(
        "retention-cold",
        Level.FAIL,
        f"It moves to cold storage after {cold:,} days, and AWS keeps what is cold for {COLD_DAYS} days at least.",
        f"Choose {least:,} days or more.",
    )


def _same(lifecycle: Lifecycle, point: RecoveryPoint) -> Finding | None:
    if lifecycle != point.lifecycle:
        return None
    return Finding("retention-same", Level.WARN, "It is kept for exactly that long already.")
