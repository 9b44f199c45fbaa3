"""What nobody can take back once AWS has done it, and until when."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.backups import Vault, VaultKind
from bot.domain.params import BackUpParams, CopyParams, Params, SetRetentionParams
from bot.domain.retention import MAX_DAYS, Keep, effective_days, expected_end

AIR_GAPPED, LOCKED, CENTURY, FOR_GOOD = "air-gapped", "locked", "century", "for-good"


@dataclass(frozen=True, slots=True)
class Irreversible:
    """`why`: one of the four; `until` None: for ever, or `days` from the creation of a backup that is not made yet."""

    why: str
    until: datetime | None
    days: int | None = None


def irreversible(params: Params, vault: Vault | None) -> Irreversible | None:
    """Say what of a step cannot be undone, as far as its vault could be seen.

    A lock with a date is a compliance lock: from that date on nobody, not even AWS, can take it off, and what is copied
    in meanwhile stays too. A lock without a date (governance) is taken off by whoever has the permission, and so is a
    copy in it. https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
    What loses its end, or gets one in 100 years, can be deleted, but is paid for until somebody thinks of it.
    """
    if isinstance(params, SetRetentionParams):
        return Irreversible(FOR_GOOD, None) if params.loses_its_end else None
    if not isinstance(params, CopyParams | BackUpParams):
        return None
    end, days = _life(params)
    if vault is not None and vault.kind is VaultKind.AIR_GAPPED:
        return Irreversible(AIR_GAPPED, end, days)
    if vault is not None and vault.locked and vault.lock_date is not None:
        return Irreversible(LOCKED, end, days)
    return _paid_for(params)


def _paid_for(params: CopyParams | BackUpParams) -> Irreversible | None:
    """What can be deleted, and whose end is too far away for anybody to think of it."""
    if isinstance(params, BackUpParams):
        days = params.lifecycle.delete_after_days
        return Irreversible(FOR_GOOD, None) if days is None else _century(days, None)
    if params.retention.keep is Keep.PERMANENT:
        return Irreversible(FOR_GOOD, None)
    # A copy that is still to be copied from has the creation date of the backup by then, so its end is known.
    return _century(effective_days(params.retention, params.point), expected_end(params.retention, params.point))


def _century(days: int | None, end: datetime | None) -> Irreversible | None:
    if days != MAX_DAYS:
        return None
    return Irreversible(CENTURY, end) if end else Irreversible(CENTURY, None, days)


def _life(params: CopyParams | BackUpParams) -> tuple[datetime | None, int | None]:
    """When it ends, or after how many days where it is not made yet; neither: never."""
    if isinstance(params, BackUpParams):
        return None, params.lifecycle.delete_after_days
    if params.point_from_before and not params.point.arn:
        return None, effective_days(params.retention, params.point)
    return expected_end(params.retention, params.point), None
