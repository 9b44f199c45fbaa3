"""The one lock of the workspace's state, and the waiting room of those who watch it change."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


class Changes:
    """Guard the state, count its versions, wake whoever waits for the next one."""

    def __init__(self) -> None:
        self._condition = threading.Condition(threading.RLock())
        self._version = 0
        self._watchers: list[Callable[[], None]] = []

    @contextmanager
    def reading(self) -> Iterator[None]:
        with self._condition:
            yield

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Hold the lock for a change and wake the waiting, also when the change failed half-way."""
        with self._condition:
            try:
                yield
            finally:
                self._version += 1
                self._condition.notify_all()
                for watcher in self._watchers:
                    watcher()

    @contextmanager
    def watched_by(self, watcher: Callable[[], None]) -> Iterator[None]:
        """Call the watcher, which must return at once, at every change while the block runs."""
        with self._condition:
            self._watchers.append(watcher)
        try:
            yield
        finally:
            with self._condition:
                self._watchers.remove(watcher)

    @property
    def version(self) -> int:
        with self._condition:
            return self._version

    def wait_for_newer(self, than: int, timeout: float) -> int:
        """Wait until the version is above `than` or `timeout` seconds are over; return the version then."""
        with self._condition:
            self._condition.wait_for(lambda: self._version > than, timeout)
            return self._version

    def wait_until(self, predicate: Callable[[], T], timeout: float, what: str = "") -> T:
        """Return the predicate's first true value.

        The predicate runs without the lock, once for each version of the state, so it may look at other things too,
        but only a change of this workspace makes it look again.

        Raises:
            TimeoutError: when it stays false for `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        while True:
            seen = self.version
            found = predicate()
            if found:
                return found
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"Waited {timeout} s in vain for {what or 'the workspace to change'}.")
            self.wait_for_newer(seen, left)
