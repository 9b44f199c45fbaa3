"""Writers stand in line for SQLite's one write lock: first come, first served.

Left to itself SQLite lets a writer that finds the lock taken look again after longer and longer pauses, so whoever
writes piece after piece is always faster than the click that waits. All writers of a SQLite file are in one process.
"""

from collections import deque
from threading import Event, Lock


class Line:
    """Who is waiting; the first one is served."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._turns: deque[Turn] = deque()

    def enter(self, turn: "Turn") -> None:
        """Stand at the end; nobody before: it is this one's turn."""
        with self._lock:
            self._turns.append(turn)
            self._call_first()

    def leave(self, turn: "Turn") -> None:
        """Go, from wherever in the line."""
        with self._lock:
            self._turns.remove(turn)
            self._call_first()

    def _call_first(self) -> None:
        if self._turns:
            self._turns[0].called.set()


class Turn:
    """One transaction's place, taken with its first statement."""

    def __init__(self, line: Line) -> None:
        self.called = Event()
        self._line = line
        self._stands = False

    def wait(self, seconds: float) -> None:
        """Stand in line until it is our turn; after `seconds` the database may decide who waits for whom."""
        self._stands = True
        self._line.enter(self)
        self.called.wait(seconds)

    def end(self) -> None:
        """Let the next one in, if we stood in line at all."""
        if self._stands:
            self._stands = False
            self._line.leave(self)
