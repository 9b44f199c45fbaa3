"""The one who kills the bots at the boundaries that the script names, starts them again, and counts."""

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox.aws.gate import DROPPED
from bot.sandbox.aws.state import ApiCall
from bot.sandbox.slack.traffic import Exchange
from bot.sandbox.worlds import LocalWorlds
from tests.chaos.boundaries import Orders
from tests.chaos.nursery import Nursery
from tests.chaos.script import Kill, Where

TICK = 0.005


@dataclass
class Reaper:
    """Watches the calls that the worlds see, and gives the bots orders to die at their own commits.

    Of two replicas, each kill hits the other one. `boundaries`: how often each was hit.
    """

    worlds: LocalWorlds
    nursery: Nursery
    environ: dict[str, str]
    replicas: int
    kills: int = 0
    boundaries: Counter[str] = field(default_factory=Counter)
    # Process ids by the replica's number; the first one is the next to be killed.
    _pids: dict[int, int] = field(default_factory=dict)
    _order: Kill | None = None
    _count: int = 0
    _fallen: threading.Event = field(default_factory=threading.Event)
    _done: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def start(self) -> None:
        self.worlds.slack.traffic.on_note = self._saw_slack
        self.worlds.aws.world.state.on_call = self._saw_aws
        for number in range(self.replicas):
            self._start(number)

    def carry_out(self, orders: tuple[Kill, ...]) -> None:
        """Kill and start again, order by order, until all are carried out or the stories are over."""
        for order in orders:
            self._arm(order)
            self._wait()
            if self._done.is_set():
                return
            self._strike()
            self._done.wait(order.downtime)
            self._start(self._victim)

    def restart(self) -> None:
        """Kill every bot once more and start it again."""
        for number in tuple(self._pids):
            self.kills += self.nursery.kill(self._pids[number])
            self._start(number)

    def resume(self) -> None:
        """Carry out orders again, after retiring."""
        self._done.clear()

    def retire(self) -> None:
        """Kill nobody any more."""
        self._done.set()
        self._fallen.set()

    def end(self) -> None:
        """Bury everybody."""
        self.retire()
        for pid in self._pids.values():
            self.nursery.kill(pid)

    @property
    def _victim(self) -> int:
        """The number of the replica that is killed next."""
        return next(iter(self._pids))

    def _start(self, number: int) -> None:
        """Start a replica, which is then the last to be killed."""
        self._pids.pop(number, None)
        self._pids[number] = self.nursery.start(self.environ, self.worlds.folder, number)

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
            self._give(order)
        else:
            self._fallen.wait(order.patience)

    def _give(self, order: Kill) -> None:
        """Have the bot die at its own commit."""
        orders = Orders(self.worlds.folder, self._victim)
        before = orders.carried_out()
        orders.give(order.calls, order.number, before=order.before)
        for _ in range(int(order.patience / TICK)):
            if self._fallen.wait(TICK) or orders.carried_out() != before:
                break
        orders.take_back()
        for boundary in orders.carried_out()[len(before) :]:
            with self._lock:
                self.kills += 1
                self.boundaries[f"{'before' if order.before else 'after'} {boundary}"] += 1
                self.nursery.kill(self._pids[self._victim])
                self._order = None

    def _strike(self) -> None:
        """Kill, unless the call that the order names was seen and has done it."""
        with self._lock:
            waiting, self._order = self._order is not None, None
        if waiting:
            self.kills += self.nursery.kill(self._pids[self._victim])

    def _saw_slack(self, exchange: Exchange) -> None:
        if exchange.kind == "web_api":
            self._saw(Where.SLACK, exchange.name, dropped=exchange.error == "dropped")

    def _saw_aws(self, call: ApiCall) -> None:
        self._saw(Where.AWS, call.operation, dropped=call.outcome == DROPPED)

    def _saw(self, where: Where, call: str, *, dropped: bool) -> None:
        """Kill inside the call: it has taken effect (or was dropped), and nobody has heard the answer yet."""
        with self._lock:
            order = self._order
            if order is None or (order.where, order.calls) != (where, (call,)) or self._fallen.is_set():
                return
            self._count += 1
            if self._count == order.number:
                self.boundaries[f"{'before' if dropped else 'after'} {call}"] += 1
                self.kills += self.nursery.kill(self._pids[self._victim])
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
            drop[order.where](*order.calls)
