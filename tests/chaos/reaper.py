"""The one who kills the bots at the boundaries that the script names, starts them again, and counts."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bot.sandbox.aws.gate import DROPPED
from bot.sandbox.aws.state import ApiCall
from bot.sandbox.slack.traffic import Exchange
from bot.sandbox.worlds import LocalWorlds
from tests.chaos.nursery import Nursery
from tests.chaos.script import Kill, Where

# Orders that nothing sets off (no further copy job is started, say) are carried out then all the same.
LONGEST_WAIT = 5.0
TICK = 0.001


@dataclass
class Reaper:
    """Watches the calls that the worlds see and the file that the database writes.

    Of two replicas, each kill hits the other one.
    """

    worlds: LocalWorlds
    nursery: Nursery
    environ: dict[str, str]
    replicas: int
    kills: int = 0
    at_boundaries: int = 0
    _pids: list[int] = field(default_factory=list)
    _order: Kill | None = None
    _count: int = 0
    _fallen: threading.Event = field(default_factory=threading.Event)
    _done: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        self.worlds.slack.traffic.on_note = self._saw_slack
        self.worlds.aws.world.state.on_call = self._saw_aws
        self._pids = [self._start(number) for number in range(self.replicas)]

    def carry_out(self, orders: tuple[Kill, ...]) -> None:
        """Kill and start again, order by order, until all are carried out or the stories are over."""
        for order in orders:
            self._arm(order)
            self._wait()
            if self._done.is_set():
                return
            self._strike()
            self._done.wait(order.downtime)
            self._pids[0] = self._start(0)
            self._pids.reverse()

    def restart(self) -> None:
        """Kill every bot once more and start it again."""
        for number, pid in enumerate(self._pids):
            self.kills += self.nursery.kill(pid)
            self._pids[number] = self._start(number)

    def retire(self) -> None:
        """Kill nobody any more."""
        self._done.set()
        self._fallen.set()

    def end(self) -> None:
        """Bury everybody."""
        self.retire()
        for pid in self._pids:
            self.nursery.kill(pid)

    def _start(self, number: int) -> int:
        return self.nursery.start(self.environ, self.worlds.folder / f"bot-{number}.log")

    def _arm(self, order: Kill) -> None:
        with self._lock:
            self._order, self._count = order, 0
            self._fallen.clear()
        self._warn()

    def _wait(self) -> None:
        order = self._order
        if order is None:
            return
        if order.where is Where.CLOCK:
            self._fallen.wait(order.number / 10)
        elif order.where is Where.DATABASE:
            self._watch_file(order)
        else:
            self._fallen.wait(LONGEST_WAIT)

    def _watch_file(self, order: Kill) -> None:
        """SQLite writes each commit to its log first; without such a file the order becomes one of the clock."""
        log = self.worlds.folder / "copy-backup.sqlite3-wal"
        writes, last = 0, _written(log)
        for _ in range(int(LONGEST_WAIT / TICK)):
            if self._fallen.wait(TICK):
                return
            now = _written(log)
            writes += now != last
            last = now
            if writes >= order.number:
                self.at_boundaries += 1
                return

    def _strike(self) -> None:
        """Kill, unless the call that the order names was seen and has done it."""
        with self._lock:
            waiting, self._order = self._order is not None, None
        if waiting:
            self.kills += self.nursery.kill(self._pids[0])

    def _saw_slack(self, exchange: Exchange) -> None:
        if exchange.kind == "web_api":
            self._saw(Where.SLACK, exchange.name, dropped=exchange.error == "dropped")

    def _saw_aws(self, call: ApiCall) -> None:
        self._saw(Where.AWS, call.operation, dropped=call.outcome == DROPPED)

    def _saw(self, where: Where, call: str, *, dropped: bool) -> None:
        """Kill inside the call: it has taken effect (or was dropped), and nobody has heard the answer yet."""
        with self._lock:
            order = self._order
            if order is None or (order.where, order.call) != (where, call) or self._fallen.is_set():
                return
            self._count += 1
            if self._count == order.number:
                self.at_boundaries += 1
                self.kills += self.nursery.kill(self._pids[0])
                self._order = None
                self._fallen.set()
                return
        self._warn()

    def _warn(self) -> None:
        """Have the call that is going to be hit dropped before it takes effect, if the order says so."""
        order = self._order
        if order is None or not order.before or self._count != order.number - 1:
            return
        drop: dict[Where, Callable[[str], object]] = {
            Where.SLACK: self.worlds.slack.faults.drop_before,
            Where.AWS: self.worlds.aws.world.faults.lose_request,
        }
        if order.where in drop:
            drop[order.where](order.call)


def _written(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0
