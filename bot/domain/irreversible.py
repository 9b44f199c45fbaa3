"""What nobody can take back once AWS has done it, and until when."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.backups import Vault, VaultKind
from bot.domain.params import BackUpParams, CopyParams, Params
from bot.domain.retention import MAX_DAYS, effective_days, expected_end

AIR_GAPPED, LOCKED, CENTURY = "air-gapped", "locked", "century"


@dataclass(frozen=True, slots=True)
class Irreversible:
    """`why`: air-gapped, locked or century; `until` None: for ever, or `days` from when it will have been made."""

    why: str
    until: datetime | None
    days: int | None = None


def irreversible(params: Params, vault: Vault | None) -> Irreversible | None:
    """Say what of a step cannot be undone, as far as its vault could be seen.

    A lock with a date is a compliance lock: from that date on nobody, not even AWS, can take it off, and what is copied
    in meanwhile stays too. A lock without a date (governance) is taken off by whoever has the permission, and so is a
    copy in it. https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
    """
    if not isinstance(params, CopyParams | BackUpParams):
        return None
    end, days = _life(params)
    if vault is not None and vault.kind is VaultKind.AIR_GAPPED:
        return Irreversible(AIR_GAPPED, end, days)
    if vault is not None and vault.locked and vault.lock_date is not None:
        return Irreversible(LOCKED, end, days)
    if isinstance(params, CopyParams) and effective_days(params.retention, params.point) == MAX_DAYS:
        return Irreversible(CENTURY, end)
    return None


def _life(params: CopyParams | BackUpParams) -> tuple[datetime | None, int | None]:
    """When it ends, or after how many days where it is not made yet; neither: never."""
    if isinstance(params, BackUpParams):
        return None, params.lifecycle.delete_after_days
    if params.point_from_before and not params.point.arn:
        return None, effective_days(params.retention, params.point)
    return expected_end(params.retention, params.point), None
