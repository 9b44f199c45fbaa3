"""The bot's own recurring copies: a standing approval with an end, and when the next run is due."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

from bot.domain.backups import VaultRef
from bot.domain.params import RecurParams
from bot.domain.people import Actor

# Whoever approves a schedule approves every run of it, so there is an end to it that one can oversee.
LONGEST = timedelta(days=366)
REMIND_BEFORE = timedelta(days=7)
# More than a year of runs every ten minutes: whoever was away for longer is told "many".
MOST_MISSED = 1_000
# So many of the next runs show how often a schedule runs.
MOST_LOOKED_AT = 50

NextFire = Callable[[str, str, datetime], datetime | None]
"""The first moment after a given one that five cron fields in a time zone name; None: never.

Raises ValueError for fields or a zone that cannot be read.
"""

Arrived = tuple[str, VaultRef]
"""A backup (its ARN where the table is) and a vault into which a run has copied it, over whatever hops."""


class ScheduleState(StrEnum):
    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    ENDED = "ENDED"
    DELETED = "DELETED"

    @property
    def is_over(self) -> bool:
        return self in (ScheduleState.ENDED, ScheduleState.DELETED)


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule as stored; `id` is the step of the request by which it was approved.

    `next_run_at` is the moment that cron named, however late it is noticed; `last_requests` what the last run became.
    """

    id: int
    request_id: str
    owner: Actor
    channel: str
    params: RecurParams
    state: ScheduleState
    next_run_at: datetime | None
    last_run_at: datetime | None = None
    last_requests: tuple[str, ...] = ()
    reminded: bool = False


def shortest_pause(params: RecurParams, now: datetime, next_fire: NextFire) -> timedelta | None:
    """The shortest time between two of the next runs, as cron says it, whatever the clocks do; None: there are not two.

    Raises ValueError for fields that cannot be read.
    """
    runs, at = list[datetime](), next_fire(params.cron, "UTC", now)
    while at is not None and at < params.until and len(runs) < MOST_LOOKED_AT:
        runs.append(at)
        at = next_fire(params.cron, "UTC", at)
    return min((later - sooner for sooner, later in pairwise(runs)), default=None)


def missed_runs(params: RecurParams, due: datetime, now: datetime, next_fire: NextFire) -> tuple[int, datetime | None]:
    """How many runs after `due` have passed unnoticed, and when the next one after `now` is due."""
    missed, at = 0, next_fire(params.cron, params.timezone, due)
    while at is not None and at <= now and missed < MOST_MISSED:
        missed, at = missed + 1, next_fire(params.cron, params.timezone, at)
    return missed, next_fire(params.cron, params.timezone, now)
