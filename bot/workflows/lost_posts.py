"""Looking for what may have been posted before it is posted again, as long as a look is of use."""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.errors import OutletBusy, OutletDoubtful, OutletError, OutletRefused
from bot.domain.notices import Notice
from bot.domain.ports import Clock, Outlet

log = logging.getLogger(__name__)

# Slack's clock and ours may differ a little when we look for what we may have posted.
LOOK_BACK = timedelta(minutes=5)
# Looks that fail are made again at least so often and for so long: a message that is said twice is the smaller evil
# only when its thread would stand still otherwise. Each further time takes twice as long, or an outage in which Slack
# does what it says it did not would fill the thread with repetitions.
FEWEST_LOOKS, PATIENCE, LONGEST_PATIENCE = 5, timedelta(minutes=5), timedelta(hours=1)


class Unwanted(Exception):
    """Nobody can tell whether it was said, and it is better not said than said twice."""


class Unseen(OutletError):
    """Nobody could look now whether it was said; another look is of use after `pause`."""

    def __init__(self, error: OutletError, pause: timedelta) -> None:
        super().__init__(error.message, code=error.code, operation=error.operation)
        self.pause = pause


@dataclass
class Search:
    """The looks for one message that have failed, one after the other."""

    since: datetime
    looks: int = 0
    patience: timedelta = PATIENCE


@dataclass
class Doubts:
    """What this process knows of looks that fail. One that is started anew is as patient as at first."""

    outlet: Outlet
    clock: Clock
    _searches: dict[str, Search] = field(init=False, default_factory=dict)
    _busy: tuple[datetime, datetime] | None = field(init=False, default=None)

    def find(self, notice: Notice, thread_ts: str | None) -> tuple[str | None, bool]:
        """The ts of the message if it was posted, and whether the answer is sure.

        Raises Unseen when a later look may tell, Unwanted when no look will and it is better not said than said twice.
        """
        try:
            found = self._look(notice, thread_ts)
        except (OutletRefused, OutletBusy, OutletDoubtful) as error:
            if not isinstance(error, OutletRefused):
                self._have_patience(notice, error)
            # What matters is said again rather than never.
            if not notice.kind.outlives_doubt:
                self.over(notice)
                raise Unwanted from error
            log.warning("notice_may_repeat", extra={"notice": notice.id, "code": error.code})
            return None, False
        self.over(notice)
        return found, True

    def over(self, notice: Notice) -> None:
        """There is no doubt about this notice any more."""
        self._searches.pop(notice.dedup_key, None)

    def _look(self, notice: Notice, thread_ts: str | None) -> str | None:
        now = self.clock.now()
        # A beginning in our future was noted before the clock was set back.
        if self._busy and self._busy[0] <= now < self._busy[1]:
            rest = (self._busy[1] - now).total_seconds()
            raise OutletBusy("Slack wants no look now", retry_after=rest, code="ratelimited")
        since = notice.created_at - LOOK_BACK
        try:
            return self.outlet.find(notice.channel, notice.dedup_key, thread_ts=thread_ts, since=since)
        except OutletBusy as error:
            # Slack limits reading by itself: this holds up looks and nothing that is to be posted.
            self._busy = now, now + timedelta(seconds=error.retry_after)
            raise

    def _have_patience(self, notice: Notice, error: OutletError) -> None:
        """Raise Unseen until looks have failed for too long."""
        now = self.clock.now()
        search = self._searches.setdefault(notice.dedup_key, Search(now))
        search.since = min(search.since, now)
        search.looks += 1
        if search.looks < FEWEST_LOOKS or now - search.since < search.patience:
            raise Unseen(error, timedelta(seconds=getattr(error, "retry_after", 0))) from error
        search.since, search.looks = now, 0
        search.patience = min(LONGEST_PATIENCE, 2 * search.patience)
