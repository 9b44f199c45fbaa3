"""Pre-flight: look at the source and the destination as they are now, and judge whether the copy will work."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar

from bot.domain.backups import RecoveryPoint, Vault, VaultRef
from bot.domain.errors import BackupsDenied, BackupsError, BackupsLockedOut, BackupsMissing
from bot.domain.params import CopyParams
from bot.domain.ports import Backups
from bot.domain.preflight import (
    Finding,
    Level,
    judge_life,
    judge_places,
    judge_retention,
    judge_vault,
    why_not_copyable,
)
from bot.domain.retention import Keep
from bot.workflows.steps.work import Look

Seen = TypeVar("Seen")


def look(params: CopyParams, backups: Backups, now: datetime) -> Look:
    """Read source and destination and judge them.

    Raises a retryable BackupsError when AWS could not be asked; everything else becomes a finding.
    """
    point, source = (None, None) if params.point_from_before else _see_source(params, backups)
    vault, destination = (None, None) if params.vault_from_before else _see_vault(params, backups)
    current = replace(params, point=point or params.point)
    findings = [
        source,
        why_not_copyable(current.point, now) if point else None,
        judge_places(current.point, current.destination),
        destination,
        judge_vault(vault) if vault else None,
        judge_retention(current.retention, current.point, vault, now),
        judge_life(current.retention, current.point, now),
    ]
    seen = tuple(finding for finding in findings if finding)
    return Look(current, seen, _shown(current, vault, seen), vault)


def _see_source(params: CopyParams, backups: Backups) -> tuple[RecoveryPoint | None, Finding | None]:
    point = params.point
    gone = Finding(
        "source-gone",
        Level.FAIL,
        "This backup is not there any more.",
        "Choose another backup.",
    )
    return _see(lambda: backups.point(point.vault, point.arn), gone, "source-unseen", f"backup in {point.vault.name}")


def _see_vault(params: CopyParams, backups: Backups) -> tuple[Vault | None, Finding | None]:
    place = params.destination
    what = f"vaults of account {place.account} in {place.region}"
    missing = _gone_vault(place)
    try:
        vaults, finding = _see(lambda: backups.vaults(place.account, place.region), missing, "vault-unseen", what)
    except BackupsLockedOut as error:
        # The copy itself runs in the source account, so a destination that we cannot enter need not stop it.
        return None, _unseen("vault-unseen", what, error)
    if finding or vaults is None:
        return None, finding
    vault = next((vault for vault in vaults if vault.ref == place), None)
    return (vault, None) if vault else (None, missing)


def _gone_vault(place: VaultRef) -> Finding:
    return Finding(
        "vault-gone",
        Level.FAIL,
        f"There is no vault {place.name} in account {place.account}, {place.region} (any more).",
        "Choose another vault, or have it created.",
    )


def _unseen(code: str, what: str, error: BackupsError) -> Finding:
    return Finding(
        code,
        Level.UNSEEN,
        f"The bot may not look at the {what}: {error.message}",
        "AWS will judge it when the copy starts. To have it checked before, let the bot's role read it.",
    )


def _see(read: Callable[[], Seen], gone: Finding, unseen: str, what: str) -> tuple[Seen | None, Finding | None]:
    try:
        return read(), None
    except BackupsMissing:
        return None, gone
    except BackupsDenied as error:
        return None, _unseen(unseen, what, error)
    except BackupsError as error:
        if error.retryable:
            raise
        return None, Finding(unseen, Level.UNSEEN, f"AWS did not show the {what}: {error.message}")


def _shown(params: CopyParams, vault: Vault | None, findings: tuple[Finding, ...]) -> dict[str, object]:
    """What was shown; warnings come and go with the clock, so they bind nobody.

    What an earlier step of the plan makes is not there to be seen when people approve, so it is left out.
    """
    point = params.point
    source = [point.arn, point.vault.arn, point.table_arn, point.created_at.isoformat(), point.size_bytes]
    # An earlier step of the plan takes the end away that a permanent copy must not inherit.
    ends = params.retention.keep is not Keep.PERMANENT and point.delete_at is not None
    end = point.delete_at.isoformat() if ends and point.delete_at else None
    limits = [vault.kind, vault.locked, vault.min_days, vault.max_days, vault.key_arn] if vault else None
    return {
        "source": point.vault.arn if params.point_from_before else source,
        "source_end": None if params.point_from_before else end,
        "destination": params.destination.arn,
        "vault": None if params.vault_from_before else limits,
        "retention": [params.retention.keep, params.retention.days, params.retention.cold_days],
        "role": params.role_arn,
        "findings": sorted(finding.code for finding in findings if finding.level is not Level.WARN),
    }
