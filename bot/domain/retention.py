"""How long a copy is kept: what people may choose, what AWS is told, and the date it comes to.

A copy's days count from the creation of the *backup* it was made from, not from the copying, since the copy keeps
the source's CreationDate (https://docs.aws.amazon.com/aws-backup/latest/devguide/recov-point-create-a-copy.html).
AWS does not say so for every type, so a computed date is an estimate until DescribeRecoveryPoint tells the real one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.backups import Lifecycle, RecoveryPoint, Vault, VaultKind
from bot.domain.errors import BadInput

MIN_DAYS = 1
MAX_DAYS = 36_500
# A copy that ends on the day it is made helps nobody, and AWS deletes within hours after the date.
DAYS_AHEAD = 2
DELETION_WINDOW = timedelta(hours=8)


class Keep(StrEnum):
    AS_SOURCE = "as_source"
    DAYS = "days"
    CENTURY = "century"


@dataclass(frozen=True, slots=True)
class Retention:
    """A person's choice; `days` is set only for Keep.DAYS."""

    keep: Keep
    days: int | None = None

    def lifecycle(self) -> Lifecycle | None:
        """What StartCopyJob is told; None leaves Lifecycle out, and the copy inherits the source's."""
        if self.keep is Keep.AS_SOURCE:
            return None
        return Lifecycle(delete_after_days=MAX_DAYS if self.keep is Keep.CENTURY else self.days)


def expected_end(retention: Retention, point: RecoveryPoint) -> datetime | None:
    """When the copy is expected to end (aware UTC); None when it follows a source without an end."""
    days = effective_days(retention, point)
    if days is None:
        return point.delete_at
    return point.created_at + timedelta(days=days)


def effective_days(retention: Retention, point: RecoveryPoint) -> int | None:
    """Days from the backup's creation that the copy will be kept; None: no end."""
    if retention.keep is Keep.CENTURY:
        return MAX_DAYS
    if retention.keep is Keep.DAYS:
        return retention.days
    return point.lifecycle.delete_after_days


def least_days(point: RecoveryPoint, now: datetime) -> int:
    """The smallest number of days that still leaves the copy alive for a while."""
    age = max(timedelta(0), now - point.created_at)
    return max(MIN_DAYS, age.days + DAYS_AHEAD)


def check_days(days: int, point: RecoveryPoint, now: datetime) -> None:
    """Refuse a number of days that AWS refuses or that would already be over. Raises BadInput on field 'days'."""
    if not MIN_DAYS <= days <= MAX_DAYS:
        raise BadInput("days", f"AWS keeps a copy between {MIN_DAYS} and {MAX_DAYS:,} days.")
    least = least_days(point, now)
    if days < least:
        age = (now - point.created_at).days
        ago = _days(age) if age > 0 else "less than a day"
        raise BadInput(
            "days",
            f"Days count from the backup's creation, {ago} ago, so this copy would already be over "
            f"or end at once. Choose {least:,} or more.",
        )


def lock_problem(retention: Retention, point: RecoveryPoint, vault: Vault) -> str | None:
    """Say in one sentence why a vault's retention limits refuse this choice; None when they do not."""
    if not (vault.locked or vault.kind is VaultKind.AIR_GAPPED):
        return None
    days = effective_days(retention, point)
    if days is None:
        if vault.max_days is None:
            return None
        longest = _days(vault.max_days)
        return f"The vault keeps copies at most {longest}, and this backup has no end. Choose a number of days."
    if vault.min_days is not None and days < vault.min_days:
        return f"The vault keeps copies at least {_days(vault.min_days)}; this choice comes to {_days(days)}."
    if vault.max_days is not None and days > vault.max_days:
        return f"The vault keeps copies at most {_days(vault.max_days)}; this choice comes to {_days(days)}."
    return None


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number:,} days"
