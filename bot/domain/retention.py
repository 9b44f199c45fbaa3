"""How long a copy is kept: what people may choose, what AWS is told, and the date it comes to.

A copy's days count from the creation of the *backup* it was made from, not from the copying, since the copy keeps
the source's CreationDate (https://docs.aws.amazon.com/aws-backup/latest/devguide/recov-point-create-a-copy.html).
AWS does not say so for every type, so a computed date is an estimate until DescribeRecoveryPoint tells the real one.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

from bot.domain.backups import Lifecycle, RecoveryPoint, Vault, VaultKind
from bot.domain.errors import BadInput

MIN_DAYS = 1
MAX_DAYS = 36_500
# A copy that ends on the day it is made helps nobody, and AWS deletes within hours after the date.
DAYS_AHEAD = 2
# What has moved to cold storage stays there for so long at least.
# https://docs.aws.amazon.com/aws-backup/latest/devguide/API_Lifecycle.html
COLD_DAYS = 90
DELETION_WINDOW = timedelta(hours=8)


class Keep(StrEnum):
    """PERMANENT is true only where an earlier step takes the end from the source, which the copy then inherits."""

    AS_SOURCE = "as_source"
    DAYS = "days"
    CENTURY = "century"
    PERMANENT = "permanent"


INHERITED = frozenset({Keep.AS_SOURCE, Keep.PERMANENT})


@dataclass(frozen=True, slots=True)
class Retention:
    """A person's choice; `days` is set only for Keep.DAYS.

    `cold_days`: move the copy to cold storage after so many days; None where it is not moved, or inherits that too.
    """

    keep: Keep
    days: int | None = None
    cold_days: int | None = None

    def lifecycle(self) -> Lifecycle | None:
        """What StartCopyJob is told; None leaves Lifecycle out, and the copy inherits the source's."""
        if self.keep in INHERITED:
            return None
        return Lifecycle(MAX_DAYS if self.keep is Keep.CENTURY else self.days, self.cold_days)


@dataclass(frozen=True, slots=True)
class Objection:
    """Why AWS or the vault would refuse a choice, and the allowed number of days that is nearest to it, if any.

    `field`: "days" or "cold", or "keep" where no number was chosen.
    """

    code: str
    field: str
    sentence: str
    nearest: int | None = None


def expected_end(retention: Retention, point: RecoveryPoint) -> datetime | None:
    """When the copy is expected to end (aware UTC); None when it follows a source without an end."""
    days = effective_days(retention, point)
    if days is None:
        return point.delete_at if retention.keep is Keep.AS_SOURCE else None
    return point.created_at + timedelta(days=days)


def effective_days(retention: Retention, point: RecoveryPoint) -> int | None:
    """Days from the backup's creation that the copy will be kept; None: no end."""
    if retention.keep is Keep.CENTURY:
        return MAX_DAYS
    if retention.keep is Keep.DAYS:
        return retention.days
    return point.lifecycle.delete_after_days if retention.keep is Keep.AS_SOURCE else None


def cold_after(retention: Retention, point: RecoveryPoint) -> int | None:
    """Days from the backup's creation after which the copy moves to cold storage; None: it stays warm."""
    return point.lifecycle.cold_after_days if retention.keep in INHERITED else retention.cold_days


def least_days(point: RecoveryPoint, now: datetime) -> int:
    """The smallest number of days that still leaves the copy alive for a while."""
    age = max(timedelta(0), now - point.created_at)
    return max(MIN_DAYS, age.days + DAYS_AHEAD)


def days_until(day: date, point: RecoveryPoint, zone: tzinfo) -> int:
    """The least number of days that lets the copy live until this day has come where `zone` is."""
    target = datetime.combine(day, time.min, zone).astimezone(UTC)
    days = max(0, (target - point.created_at).days - 1)
    while (point.created_at + timedelta(days=days)).astimezone(zone).date() < day:
        days += 1
    return days


def allowed_days(point: RecoveryPoint, vault: Vault | None, now: datetime, cold_days: int | None = None) -> range:
    """The numbers of days that AWS and the vault's limits (None: not known) allow, counted from the creation."""
    least, most = least_days(point, now), MAX_DAYS
    if cold_days is not None:
        least = max(least, cold_days + COLD_DAYS)
    if vault is not None and _has_limits(vault):
        least, most = max(least, vault.min_days or least), min(most, vault.max_days or most)
    return range(least, most + 1)


def nearest_days(days: int | None, allowed: range) -> int | None:
    """The allowed number that is nearest to a wish (None: no end); None when nothing is allowed."""
    if not allowed:
        return None
    return allowed[-1] if days is None else min(max(days, allowed[0]), allowed[-1])


def objection(retention: Retention, point: RecoveryPoint, vault: Vault | None, now: datetime) -> Objection | None:
    """The first reason why AWS or the vault (None: not known) would refuse this choice; None when there is none."""
    field = "days" if retention.keep is Keep.DAYS else "keep"
    allowed = allowed_days(point, vault, now, retention.cold_days)
    nearest = nearest_days(effective_days(retention, point), allowed)
    if retention.keep is Keep.DAYS:
        try:
            check_days(retention.days or 0, point, now, nearest)
        except BadInput as problem:
            return Objection("retention-days", field, problem.sentence, nearest)
    if retention.cold_days is not None and retention.keep not in INHERITED:
        too_cold = _cold_problem(retention.cold_days, effective_days(retention, point) or 0, point, now)
        if too_cold:
            return too_cold
    locked = lock_problem(retention, point, vault) if vault is not None else None
    return Objection("vault-lock", field, locked, nearest) if locked else None


def check_days(days: int, point: RecoveryPoint, now: datetime, nearest: int | None = None) -> None:
    """Refuse a number of days that AWS refuses or that would already be over. Raises BadInput on field 'days'."""
    least = nearest or least_days(point, now)
    if not MIN_DAYS <= days <= MAX_DAYS:
        choose = f"Choose {least:,} or more." if days < MIN_DAYS else f"Choose {nearest or MAX_DAYS:,} or less."
        raise BadInput("days", f"AWS keeps a copy between {MIN_DAYS} and {MAX_DAYS:,} days. {choose}")
    if days < least_days(point, now):
        age = (now - point.created_at).days
        ago = _days(age) if age > 0 else "less than a day"
        raise BadInput(
            "days",
            f"Days count from the backup's creation, {ago} ago, so this copy {too_soon(days, point, now)}. "
            f"Choose {least:,} or more.",
        )


def too_soon(days: int, point: RecoveryPoint, now: datetime) -> str:
    """What is wrong with a copy that is kept fewer than the least days, as the end of a sentence."""
    if point.created_at + timedelta(days=days) <= now:
        return "would already be over"
    return "would end within a day, and it has to last longer than that"


def lock_problem(retention: Retention, point: RecoveryPoint, vault: Vault) -> str | None:
    """Say in one sentence why a vault's retention limits refuse this choice; None when they do not."""
    if not _has_limits(vault):
        return None
    days = effective_days(retention, point)
    if days is None:
        if vault.max_days is None:
            return None
        what = "this copy would have" if retention.keep is Keep.PERMANENT else "this backup has"
        return f"The vault keeps copies at most {_days(vault.max_days)}, and {what} no end. Choose a number of days."
    if vault.min_days is not None and days < vault.min_days:
        return f"The vault keeps copies at least {_days(vault.min_days)}; this choice comes to {_days(days)}."
    if vault.max_days is not None and days > vault.max_days:
        return f"The vault keeps copies at most {_days(vault.max_days)}; this choice comes to {_days(days)}."
    return None


def _cold_problem(cold: int, days: int, point: RecoveryPoint, now: datetime) -> Objection | None:
    least, most = max(timedelta(0), now - point.created_at).days + 1, days - COLD_DAYS
    rule = f"What moves to cold storage stays there for {COLD_DAYS} days at least, and this copy is kept {_days(days)}."
    if least <= cold <= most:
        return None
    longer = max(least, cold) + COLD_DAYS
    keep = f", or keep the copy {longer:,} days or more" if longer <= MAX_DAYS else ""
    if least > most:
        return Objection("cold-days", "cold", f"{rule} Leave cold storage out{keep}.")
    if cold > most:
        return Objection("cold-days", "cold", f"{rule} Choose {most:,} or less{keep}.", most)
    over = "Days count from the backup's creation, so that this day is over already."
    return Objection("cold-days", "cold", f"{over} Choose {least:,} or more.", least)


def _has_limits(vault: Vault) -> bool:
    return vault.locked or vault.kind is VaultKind.AIR_GAPPED


def _days(number: int) -> str:
    return "1 day" if number == 1 else f"{number:,} days"
