"""The world's clock as another process reads it: both run on the monotonic clock that a machine's processes share."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.sandbox.clock import WorldClock


def tell_time(clock: WorldClock, path: Path) -> None:
    """Write down how the world's clock goes from now on; to be called after every change of it."""
    mark = time.monotonic()
    draft = path.with_suffix(".draft")
    draft.write_text(
        json.dumps({"base": clock.now().timestamp(), "mark": mark, "speed": clock.speed}), encoding="utf-8"
    )
    draft.replace(path)


class ToldClock:
    """The port `Clock`: the world's, as it was written down last."""

    def __init__(self, path: Path) -> None:
        self._path, self._stamp = path, 0
        self._base, self._mark, self._speed = 0.0, 0.0, 1.0

    def now(self) -> datetime:
        stamp = self._path.stat().st_mtime_ns
        if stamp != self._stamp:
            told = json.loads(self._path.read_text(encoding="utf-8"))
            self._base, self._mark, self._speed = told["base"], told["mark"], told["speed"]
            self._stamp = stamp
        gone = timedelta(seconds=(time.monotonic() - self._mark) * self._speed)
        return datetime.fromtimestamp(self._base, UTC) + gone
