"""A copy that we made and watch until it ends."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.backups import VaultRef


@dataclass(frozen=True, slots=True)
class Copy:
    """A recovery point that a request made. `delete_at` is as AWS reports it; None: no end, or not read yet.

    `looked_at` is when AWS was last asked about it; None: never with success.
    """

    arn: str
    request_id: str
    step_id: int
    vault: VaultRef
    table_name: str
    size_bytes: int | None
    created_at: datetime
    delete_at: datetime | None
    looked_at: datetime | None


def lead_due(delete_at: datetime, lead_days: tuple[int, ...], now: datetime) -> int | None:
    """The lead (in days) whose notice is due now: the tightest one reached; None before the first and after the end."""
    if now >= delete_at:
        return None
    reached = [days for days in lead_days if delete_at - now <= timedelta(days=days)]
    return min(reached, default=None)
