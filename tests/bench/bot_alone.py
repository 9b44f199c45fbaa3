"""The bot of `tests.bench.memory`, in a process that imports nothing else: started as `copy-backup run` starts it."""

import os
import resource
import sys
import time
from pathlib import Path

from bot.app import Bot
from bot.footprint import stay_small
from bot.settings import load_settings


def main(readings: int) -> None:
    stay_small()
    bot = Bot(load_settings(dict(os.environ)))
    bot.listen("127.0.0.1", 0)
    print(f"before it has read anything: {memory():.0f} MB", flush=True)
    bot.start()
    for number in range(readings):
        start = time.perf_counter()
        bot._desk.inventory.refresh()
        seconds = time.perf_counter() - start
        print(
            f"reading {number + 1}: {seconds:5.1f} s, {memory():.0f} MB resident, {peak():.0f} MB at most", flush=True
        )
    print(f"{len(bot._desk.inventory.tables(''))} tables in the first list: {memory():.0f} MB resident")
    bot.close()


def memory() -> float:
    """Resident now, in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


if __name__ == "__main__":
    main(int(sys.argv[1]))
