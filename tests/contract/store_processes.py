"""Several processes that do the same thing at the same moment."""

import multiprocessing
from collections.abc import Callable
from multiprocessing.synchronize import Barrier

from bot.store import migrate
from tests.contract.store_threads import DEADLINE


def migrate_at_once(url: str, processes: int) -> list[int | None]:
    """Migrate one database in several processes that start together; their exit codes, 0 for success."""
    # A fork server loads the modules once; forking this process would take pytest's threads and connections along.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["alembic.command", "bot.store", "psycopg", __name__])
    together = context.Barrier(processes)
    started = [context.Process(target=_together, args=(together, migrate, url)) for _ in range(processes)]
    for process in started:
        process.start()
    for process in started:
        process.join(DEADLINE)
    return [process.exitcode for process in started]


def _together(barrier: Barrier, work: Callable[[str], None], url: str) -> None:
    barrier.wait(DEADLINE)
    work(url)
