"""What nobody can take back once AWS has done it, and until when."""

from dataclasses import dataclass
from datetime import datetime

from bot.domain.backups import Vault, VaultKind
from bot.domain.params import CopyParams, Params
from bot.domain.retention import MAX_DAYS, effective_days, expected_end


@dataclass(frozen=True, slots=True)
class Irreversible:
    """`why`: air-gapped, locked or century; `until` None: for ever, or nobody knows."""

    why: str
    until: datetime | None


def irreversible(params: Params, vault: Vault | None) -> Irreversible | None:
    """Say what of a step cannot be undone, as far as its vault could be seen.

    A list does not tell a compliance lock from a governance lock, and both refuse to delete, so every lock counts.
    https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html
    """
    end = expected_end(params.retention, params.point) if isinstance(params, CopyParams) else None
    if vault is not None and vault.kind is VaultKind.AIR_GAPPED:
        return Irreversible("air-gapped", end)
    if vault is not None and vault.locked:
        return Irreversible("locked", end)
    if isinstance(params, CopyParams) and effective_days(params.retention, params.point) == MAX_DAYS:
        return Irreversible("century", end)
    return None
