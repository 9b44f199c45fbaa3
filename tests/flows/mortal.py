"""A bot as a process that dies by SIGKILL at a write of its own that a test names."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.chaos.boundaries import Orders
from tests.chaos.clock import tell_time
from tests.chaos.nursery import CLOCK, Nursery
from tests.flows.team import Team


@dataclass
class Mortal:
    """A bot that lives by the world's clock and dies where it is told to."""

    team: Team
    nursery: Nursery
    number: int = 0
    pid: int = 0

    def start(self) -> None:
        self.number += 1
        self.tell_time()
        folder = self.team.worlds.folder
        self.pid = self.nursery.start(self.team.house.environ, folder, self.number)
        log = folder / f"bot-{self.number}.log"
        self.team.wait(lambda: log.exists() and "ready" in log.read_text(encoding="utf-8"), "the bot to be ready")

    def later(self, **by: float) -> None:
        self.team.later(**by)
        self.tell_time()

    def tell_time(self) -> None:
        tell_time(self.team.clock, self.team.worlds.folder / CLOCK)

    def dies_at(self, boundary: str, act: Callable[[], object], *, before: bool) -> None:
        """Do something; when the bot comes to this write, it dies."""
        orders = Orders(self.team.worlds.folder, self.number)
        orders.give([boundary], 1, before=before)
        act()
        self.team.wait(orders.carried_out, f"the bot to die at {boundary}")
        # It is gone by itself, but holds its lock until it is.
        self.nursery.kill(self.pid)
