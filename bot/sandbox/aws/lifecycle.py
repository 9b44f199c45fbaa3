"""Retention arithmetic of AWS Backup: what numbers are refused and what a copy ends up with."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.sandbox.aws.errors import invalid_parameter
from bot.sandbox.aws.records import Lifecycle, RecoveryPoint

COLD_MINIMUM_DAYS = 90
LONGEST_DAYS = 36500
KEEP = -1


def read_lifecycle(given: Mapping[str, Any] | None) -> Lifecycle | None:
    """Turn the wire's Lifecycle into ours, -1 left as it is. Raises AwsError on numbers AWS refuses."""
    if not given:
        return None
    lifecycle = Lifecycle(given.get("MoveToColdStorageAfterDays"), given.get("DeleteAfterDays"))
    check_numbers(lifecycle)
    return lifecycle


def check_numbers(lifecycle: Lifecycle) -> None:
    delete, cold = lifecycle.delete_after, lifecycle.cold_after
    if delete is not None and delete != KEEP and not 1 <= delete <= LONGEST_DAYS:
        raise invalid_parameter("Invalid lifecycle. DeleteAfterDays cannot be less than 1 or more than 36500 days")
    if cold is not None and cold != KEEP and not 1 <= cold <= LONGEST_DAYS:
        # Emulator decision: AWS's words for this number are not public; the twin sentence is used.
        raise invalid_parameter(
            "Invalid lifecycle. MoveToColdStorageAfterDays cannot be less than 1 or more than 36500 days"
        )
    if delete not in (None, KEEP) and cold not in (None, KEEP) and delete < cold + COLD_MINIMUM_DAYS:
        raise invalid_parameter(
            "Invalid lifecycle. DeleteAfterDays cannot be less than 90 days apart from MoveToColdStorageAfterDays"
        )


def for_copy(asked: Lifecycle | None, source: Lifecycle) -> Lifecycle:
    """Give the lifecycle a copy gets.

    Left out means inherited; -1 means the source's. Emulator decision: a field left out of a given
    lifecycle is the source's for deletion (as in a plan's copy rule) and none for cold storage.
    """
    if asked is None:
        return source
    delete = source.delete_after if asked.delete_after in (None, KEEP) else asked.delete_after
    cold = source.cold_after if asked.cold_after == KEEP else asked.cold_after
    return Lifecycle(cold, delete)


def for_point(asked: Lifecycle | None) -> Lifecycle:
    """Give the lifecycle of a point itself: what is left out or -1 is unset, i.e. kept indefinitely."""
    if asked is None:
        return Lifecycle()
    return Lifecycle(*(None if days == KEEP else days for days in (asked.cold_after, asked.delete_after)))


def write_lifecycle(lifecycle: Lifecycle) -> dict[str, int]:
    days = {"MoveToColdStorageAfterDays": lifecycle.cold_after, "DeleteAfterDays": lifecycle.delete_after}
    return {name: count for name, count in days.items() if count is not None}


def write_calculated(point: RecoveryPoint) -> dict[str, Any]:
    moments = {"MoveToColdStorageAt": point.cold_at, "DeleteAt": point.delete_at}
    return {name: moment for name, moment in moments.items() if moment is not None}


def age_days(point: RecoveryPoint, age: timedelta) -> int:
    """Count the whole days a point has lived."""
    return age // timedelta(days=1)
