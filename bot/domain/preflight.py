"""Findings: whether a copy will work, judged from what AWS shows, each with its reason and its remedy.

A thing that could not be read is a finding of its own, never a silent pass.
"""

from datetime import datetime, timedelta

from bot.domain.backups import ADVANCED_POINT, RecoveryPoint, Vault, VaultKind, VaultRef, partition_of
from bot.domain.findings import Finding, Level
from bot.domain.kinds import StepKind
from bot.domain.retention import Keep, Retention, effective_days, expected_end, least_days, objection

__all__ = [
    "Finding",
    "Level",
    "is_cold",
    "judge_life",
    "judge_places",
    "judge_retention",
    "judge_vault",
    "why_continuous",
    "why_not_copyable",
]

COPYABLE = frozenset({"COMPLETED", "AVAILABLE"})
# A copy may wait and run for hours; a source that ends sooner than this may be gone before it is read.
SOURCE_MARGIN = timedelta(hours=2)
# Whoever asks for a copy hardly means one that is gone in a day or two.
SHORT_LIFE = timedelta(days=2)
REMEDIES = {
    "retention-days": "Change the number of days.",
    "cold-days": "Change the number of days, or leave cold storage out.",
    "vault-lock": "Change the retention, or choose another vault.",
}


def why_not_copyable(point: RecoveryPoint, now: datetime) -> Finding | None:
    """The first reason, in the point itself, why AWS would not copy it; None when there is none."""
    return _advanced(point) or _status(point) or _warm(point, now) or _alive(point, now) or why_continuous(point)


def why_continuous(point: RecoveryPoint) -> Finding | None:
    """AWS refuses to copy a continuous backup. DynamoDB has none in AWS Backup, so this is only a guard."""
    if ":recovery-point:continuous:" not in point.arn:
        return None
    return Finding(
        "continuous",
        Level.FAIL,
        "This is a continuous backup, and AWS copies snapshots only.",
        "Choose a snapshot of the same table.",
        fix=StepKind.BACK_UP,
    )


def judge_places(point: RecoveryPoint, destination: VaultRef) -> Finding | None:
    """Refuse a destination that is the source itself or lies in another partition."""
    if destination == point.vault:
        return Finding(
            "same-vault",
            Level.FAIL,
            "The backup is in this vault already.",
            "Choose another vault, Region or account.",
            f"The backup's vault is {point.vault.arn}",
        )
    if partition_of(destination.region) != partition_of(point.vault.region):
        return Finding(
            "other-partition",
            Level.FAIL,
            "AWS never copies between the commercial, China and GovCloud partitions.",
            "Choose a Region of the same partition.",
            f"Vaults {point.vault.arn} and {destination.arn}",
        )
    return None


def judge_vault(vault: Vault) -> Finding | None:
    """Refuse a vault that cannot take a copy now."""
    if vault.kind is VaultKind.RESTORE_ACCESS:
        return Finding(
            "restore-access-vault",
            Level.FAIL,
            "A restore access vault is only a view for restores.",
            "Choose a standard vault.",
            _listed(vault),
        )
    if vault.state != "AVAILABLE":
        return Finding(
            "vault-not-available",
            Level.FAIL,
            f"The vault is {vault.state}.",
            "Wait until it is AVAILABLE, or choose another vault.",
            _listed(vault),
        )
    return None


def judge_retention(retention: Retention, point: RecoveryPoint, vault: Vault | None, now: datetime) -> Finding | None:
    """Refuse a retention that AWS or the vault's lock would refuse."""
    problem = objection(retention, point, vault, now)
    return Finding(problem.code, Level.FAIL, problem.sentence, REMEDIES[problem.code]) if problem else None


def judge_life(retention: Retention, point: RecoveryPoint, now: datetime) -> Finding | None:
    """Warn of a copy that would expire almost as soon as it is made."""
    end = expected_end(retention, point)
    if end is None or end > now + SHORT_LIFE:
        return None
    if retention.keep is Keep.DAYS and (retention.days or 0) < least_days(point, now):
        # This is refused, and said there.
        return None
    why = ", since it is kept only until its source's end" if retention.keep is Keep.AS_SOURCE else ""
    return Finding(
        "short-life",
        Level.WARN,
        f"This copy would expire in less than {SHORT_LIFE.days} days{why}.",
        "Go back and choose a number of days if it is meant to last.",
        f"Kept: {_kept(retention, point)}",
    )


def _kept(retention: Retention, point: RecoveryPoint) -> str:
    """What an end is computed from; the end itself stands beside it, in the time zone of whoever reads."""
    if retention.keep is Keep.AS_SOURCE:
        return "as the source, by its CalculatedLifecycle"
    return f"{effective_days(retention, point)} days from the backup's CreationDate"


def _listed(vault: Vault) -> str:
    return f"ListBackupVaults: VaultType {vault.kind}, VaultState {vault.state}"


def _advanced(point: RecoveryPoint) -> Finding | None:
    if ADVANCED_POINT.fullmatch(point.arn):
        return None
    return Finding(
        "not-advanced",
        Level.FAIL,
        "This backup was made before advanced DynamoDB backup was on, and AWS cannot copy it anywhere.",
        "Turn on advanced features for DynamoDB backups in that account and Region, make a new backup, copy that one.",
        fix=StepKind.ENABLE_ADVANCED,
    )


def _status(point: RecoveryPoint) -> Finding | None:
    if point.status in COPYABLE:
        return None
    if point.status == "CREATING":
        return Finding(
            "still-being-made",
            Level.FAIL,
            "This backup is still being made.",
            "Try again when it is complete.",
        )
    return Finding(
        "not-copyable-status",
        Level.FAIL,
        f"This backup is {point.status}, and only a complete one can be copied.",
        "Choose another backup.",
        fix=StepKind.BACK_UP,
    )


def is_cold(point: RecoveryPoint, now: datetime) -> bool:
    """Whether it is in cold storage. Lists do not tell the storage class, but when the backup moves."""
    if point.storage_class is not None:
        return point.storage_class == "COLD"
    return point.cold_at is not None and point.cold_at <= now


def _warm(point: RecoveryPoint, now: datetime) -> Finding | None:
    if not is_cold(point, now):
        return None
    return Finding(
        "cold",
        Level.FAIL,
        "This backup is in cold storage, and AWS cannot copy it from there.",
        "Choose a newer backup.",
        fix=StepKind.BACK_UP,
    )


def _alive(point: RecoveryPoint, now: datetime) -> Finding | None:
    if point.delete_at is None or point.delete_at - SOURCE_MARGIN > now:
        return None
    tense = "has expired" if point.delete_at <= now else "expires within two hours"
    return Finding(
        "expiring",
        Level.FAIL,
        f"This backup {tense}; it may be gone before it is copied.",
        "Choose a newer backup.",
        fix=StepKind.BACK_UP,
    )
