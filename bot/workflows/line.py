"""The line to Slack as a whole: paused while the token is not accepted, tried by one probe, resumed by itself."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.errors import OutletError, OutletLockedOut
from bot.domain.ports import Clock

log = logging.getLogger(__name__)

FIRST_PROBE = timedelta(seconds=5)
LONGEST_PROBE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Pause:
    """Since when nothing leaves, and what Slack says of the token."""

    since: datetime
    code: str


@dataclass
class Line:
    """`probe` raises an OutletError as long as Slack does not accept the token."""

    probe: Callable[[], None]
    clock: Clock
    pause: Pause | None = None
    _probed_at: datetime | None = field(default=None, init=False)
    _wait: timedelta = field(default=FIRST_PROBE, init=False)

    def cut(self, error: OutletLockedOut) -> None:
        """Let nothing leave until a probe gets through."""
        now = self.clock.now()
        if self.pause is None:
            log.error(
                "line_paused",
                extra={
                    "code": error.code,
                    "what_to_do": "Slack does not accept SLACK_BOT_TOKEN (or it lacks a scope). Install the app again "
                    "and start the bot with the new token; nothing is lost meanwhile.",
                },
            )
            self.pause, self._probed_at = Pause(now, error.code), now

    def is_open(self) -> bool:
        """Whether something may leave; while paused, ask Slack from time to time."""
        if self.pause is None:
            return True
        now = self.clock.now()
        # A probe in our future was made before the clock was set back.
        if self._probed_at is not None and self._probed_at <= now < self._probed_at + self._wait:
            return False
        self._probed_at = now
        try:
            self.probe()
        except OutletError as error:
            log.info("line_still_paused", extra={"code": error.code})
            self._wait = min(LONGEST_PROBE, self._wait * 2)
            return False
        self._resume(now)
        return True

    def look(self) -> None:
        """Find out that the token is dead before somebody has something to say."""
        if self.pause is not None:
            return
        try:
            self.probe()
        except OutletLockedOut as error:
            self.cut(error)
        except OutletError as error:
            log.info("token_not_looked_at", extra={"code": error.code})

    def worked(self) -> None:
        """Note that something got through: the next pause begins with quick probes again."""
        self._wait = FIRST_PROBE

    def _resume(self, now: datetime) -> None:
        if self.pause is not None:
            log.warning("line_resumed", extra={"seconds": round((now - self.pause.since).total_seconds())})
        self.pause = None
        self._wait = min(LONGEST_PROBE, self._wait * 2)
