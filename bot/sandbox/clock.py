"""One movable clock for the local worlds: real time, shifted by hand and sped up on demand."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class WorldClock:
    """Tell the world's time as aware UTC; `advance` moves it on, `speed` lets it run faster than real time.

    `seconds` tells the real time that passes, in seconds from anywhere on.
    """

    def __init__(
        self, start: datetime | None = None, *, speed: float = 1.0, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._lock = threading.Lock()
        self._base = start or datetime.now(UTC)
        self._seconds = seconds
        self._mark = seconds()
        self._speed = speed

    def now(self) -> datetime:
        with self._lock:
            return self._now()

    @property
    def speed(self) -> float:
        """How many times as fast as real time the world runs; 0 while it stands still."""
        with self._lock:
            return self._speed

    def advance(self, by: timedelta) -> datetime:
        """Move the world on by `by` and return its new time. Raises ValueError for a step back."""
        if by < timedelta(0):
            raise ValueError("The world's clock only moves forward.")
        with self._lock:
            self._settle()
            self._base += by
            return self._base

    def run_at(self, speed: float) -> None:
        """Let the world run `speed` times as fast as real time (0 freezes it)."""
        if speed < 0:
            raise ValueError("The world's clock only moves forward.")
        with self._lock:
            self._settle()
            self._speed = speed

    def _now(self) -> datetime:
        return self._base + timedelta(seconds=(self._seconds() - self._mark) * self._speed)

    def _settle(self) -> None:
        self._base, self._mark = self._now(), self._seconds()
