"""Several schedules side by side: each worker is a process, with worlds and a nursery of its own."""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass

from tests.chaos.aim import aimed, drawn
from tests.chaos.nursery import Nursery
from tests.chaos.schedule import Outcome, play
from tests.contract.store_postgres import fresh_database

SQLITE, POSTGRES = "SQLite, one bot", "PostgreSQL, two bots"


@dataclass(frozen=True, slots=True)
class Task:
    """One schedule to play; `server` is the PostgreSQL server to make its database on, "" stands for SQLite.

    `aimed`: at the write boundary of its number.
    """

    seed: int
    number: int
    server: str = ""
    cold: bool = False
    aimed: bool = False

    @property
    def database(self) -> str:
        return POSTGRES if self.server else SQLITE


def work_off(tasks: list[Task], workers: int) -> Iterator[tuple[Task, Outcome]]:
    """Play the schedules and give what came of each, as it ends."""
    # Spawned, not forked: a worker's local AWS and local Slack want a process that has no threads yet.
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawning) as pool:
        yield from pool.map(_play, tasks)


def _play(task: Task) -> tuple[Task, Outcome]:
    nursery = _nursery(task.cold)
    with fresh_database(task.server) if task.server else nullcontext("") as url:
        return task, play((aimed if task.aimed else drawn)(task.seed, task.number), nursery, url)


_nurseries: dict[bool, Nursery] = {}


def _nursery(cold: bool) -> Nursery:
    """The worker's own, which ends with it: its input closes then."""
    if cold not in _nurseries:
        _nurseries[cold] = Nursery(cold=cold)
    return _nurseries[cold]
