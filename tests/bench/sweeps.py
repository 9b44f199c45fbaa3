"""AWS calls of one look at all running copies, for 10, 1,000 and 10,000 of them in one account and Region.

`python -m tests.bench.sweeps [--jobs 10 1000 10000]`. The calls are counted by the local AWS; beside them those of a
loop that asks about each job. A page has a thousand jobs. Nothing is asserted. Times are those of this machine, on
which the local AWS runs too.
"""

import argparse
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

from bot.aws.backups import Boto3Backups
from bot.domain.books import Store
from bot.domain.params import StepKind
from bot.sandbox.surroundings import only_loopback
from bot.sandbox.worlds import LocalWorlds
from bot.settings import load_settings
from bot.store import migrate, open_store
from bot.workflows.steps.copy import CopyStep
from bot.workflows.tracking import Tracker
from tests.bench.running import many_running
from tests.bench.served_bot import new_url


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.sweeps", description=__doc__)
    parser.add_argument("--jobs", type=int, nargs="+", default=[10, 1_000, 10_000], help="(default 10 1000 10000)")
    print(f"{'running jobs':>14} {'calls a look':>14} {'one by one':>12} {'ratio':>8} {'a look takes':>14}")
    for count in parser.parse_args().jobs:
        measure(count)


def measure(count: int) -> None:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        worlds = stack.enter_context(LocalWorlds(folder))
        stack.enter_context(only_loopback(worlds.aws_environ()))
        migrate(new_url(folder))
        store = open_store(new_url(folder))
        many_running(worlds, store, count)
        calls, seconds = a_look(worlds, store)
        store.close()
    made = sum(calls.values())
    print(f"{count:14,} {made:14,} {count:12,} {made / count:8.3f} {seconds:12.2f} s   {dict(calls)}", flush=True)


def a_look(worlds: LocalWorlds, store: Store) -> tuple[Counter[str], float]:
    """One pass of the tracker over all that runs; AWS Backup's calls, and how long it took."""
    policy = load_settings(worlds.environ()).policy
    backups, calls = Boto3Backups(policy.accounts), Counter[str]()
    copying = CopyStep(backups)
    tracker = Tracker(
        store, {StepKind.COPY: copying}, policy, worlds.clock, lambda sweep: None, {StepKind.COPY: copying}
    )
    worlds.aws.world.state.on_call = lambda call: calls.update([call.operation] if call.service == "backup" else [])
    start = time.perf_counter()
    tracker.poll_due()
    seconds = time.perf_counter() - start
    backups.close()
    return calls, seconds


if __name__ == "__main__":
    main()
