"""Room for what is read side by side: many small things at a time, or few large ones."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Room:
    """Holds so much at a time. What is larger than the half of it counts as the half, so that two always fit."""

    def __init__(self, size: int) -> None:
        self._half = max(size // 2, 1)
        self._free = 2 * self._half
        self._changed = threading.Condition()

    @contextmanager
    def taken(self, size: int) -> Iterator[None]:
        """Wait until there is room for `size`, and take it."""
        needed = min(max(size, 0), self._half)
        with self._changed:
            self._changed.wait_for(lambda: self._free >= needed)
            self._free -= needed
        try:
            yield
        finally:
            with self._changed:
                self._free += needed
                self._changed.notify_all()
