"""Running things at the same moment, with a deadline instead of hope."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event
from time import monotonic
from typing import TypeVar

T = TypeVar("T")

DEADLINE = 60.0


def at_once(jobs: Sequence[Callable[[], T]]) -> list[T]:
    """Start every job at the same moment, each in its own thread; their results in order, or the first error."""
    together = Barrier(len(jobs))

    def run(job: Callable[[], T]) -> T:
        together.wait(DEADLINE)
        return job()

    with ThreadPoolExecutor(len(jobs)) as pool:
        futures = [pool.submit(run, job) for job in jobs]
        return [future.result(DEADLINE) for future in futures]


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait until a condition holds. Raises TimeoutError at the deadline."""
    end, pause = monotonic() + DEADLINE, Event()
    while not holds():
        if monotonic() > end:
            raise TimeoutError("the condition did not come to hold")
        pause.wait(0.005)
