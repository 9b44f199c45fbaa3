"""AWS calls for 10, 1,000 and 10,000 running copies in one account and Region: of one look, and of half an hour.

`python -m tests.bench.sweeps [--jobs 10 1000 10000] [--staggered 10 400 1000]`. The calls are counted by the local AWS;
beside them those of a bot that asks about each job. A page has a thousand jobs. The staggered ones are started evenly
over ten minutes, and looked at every second for half an hour of the local worlds' time; each that is asked about by
itself is so the less often the older it is. Nothing is asserted. Times are those of this machine, on which the local
AWS runs too.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.aws.backups import Boto3Backups
from bot.domain.books import Store
from bot.domain.params import StepKind
from bot.domain.steps import Step
from bot.sandbox.surroundings import only_loopback
from bot.sandbox.worlds import LocalWorlds
from bot.settings import load_settings
from bot.store import migrate, open_store
from bot.workflows.steps.copy import CopyStep
from bot.workflows.steps.work import Progress, Stage
from bot.workflows.tracking import Tracker
from tests.bench.running import begin, many_jobs, many_running
from tests.bench.served_bot import new_url

# As the bot does it if nothing else is set.
POLL_SECONDS = 30.0
STARTED_OVER, WATCHED_FOR = 600, 1_800


@dataclass
class Asking(CopyStep):
    """Copies that are asked about one by one, by nobody: only the looks are counted."""

    asked: list[int] = field(default_factory=list)

    def poll(self, step: Step, now: datetime) -> Progress:
        self.asked.append(step.id)
        return Progress(Stage.UNDER_WAY, "CREATED")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.sweeps", description=__doc__)
    parser.add_argument("--jobs", type=int, nargs="*", default=[10, 1_000, 10_000], help="(default 10 1000 10000)")
    parser.add_argument("--staggered", type=int, nargs="*", default=[10, 400, 1_000], help="(default 10 400 1000)")
    given = parser.parse_args()
    print(f"{'running jobs':>14} {'calls a look':>14} {'one by one':>12} {'ratio':>8} {'a look takes':>14}")
    for count in given.jobs:
        measure(count)
    print(f"{'staggered jobs':>14} {'in 30 minutes':>14} {'one by one':>12} {'ratio':>8} {'most a look':>14}")
    for count in given.staggered:
        measure_staggered(count)


def measure(count: int) -> None:
    with a_house() as (worlds, store):
        many_running(worlds, store, count)
        calls, seconds = a_look(worlds, store)
    made = sum(calls.values())
    print(f"{count:14,} {made:14,} {count:12,} {made / count:8.3f} {seconds:12.2f} s   {dict(calls)}", flush=True)


def measure_staggered(count: int) -> None:
    with a_house() as (worlds, store):
        looks = half_an_hour(worlds, store, count)
    with a_house() as (worlds, store):
        single = asked_one_by_one(worlds, store, count)
    calls, most = sum(looks, Counter()), max(look.total() for look in looks)
    made = calls.total()
    print(f"{count:14,} {made:14,} {single:12,} {made / single:8.3f} {most:14,}   {dict(calls)}", flush=True)


@contextmanager
def a_house() -> Iterator[tuple[LocalWorlds, Store]]:
    """Local worlds, and a store for a bot in them."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        worlds = stack.enter_context(LocalWorlds(folder))
        stack.enter_context(only_loopback(worlds.aws_environ()))
        migrate(new_url(folder))
        store = open_store(new_url(folder))
        stack.callback(store.close)
        yield worlds, store


def a_look(worlds: LocalWorlds, store: Store) -> tuple[Counter[str], float]:
    """One pass of the tracker over all that runs; AWS Backup's calls, and how long it took."""
    calls = counted(worlds)
    with a_tracker(worlds, store) as tracker:
        start = time.perf_counter()
        tracker.poll_due()
        return calls, time.perf_counter() - start


def half_an_hour(worlds: LocalWorlds, store: Store, count: int) -> list[Counter[str]]:
    """AWS Backup's calls of every pass while copies are started one after the other, and then run."""
    calls = counted(worlds)
    looks = []
    with a_tracker(worlds, store) as tracker:
        for _ in as_time_goes_by(worlds, store, count):
            calls.clear()
            tracker.poll_due()
            looks.append(calls.copy())
    return looks


def asked_one_by_one(worlds: LocalWorlds, store: Store, count: int) -> int:
    """How often the same copies would be looked at if each were asked about by itself."""
    policy = replace(load_settings(worlds.environ()).policy, poll_seconds=POLL_SECONDS)
    backups = Boto3Backups(policy.accounts)
    asking = Asking(backups)
    tracker = Tracker(store, {StepKind.COPY: asking}, policy, worlds.clock, lambda sweep: None)
    for _ in as_time_goes_by(worlds, store, count):
        tracker.poll_due()
    backups.close()
    return len(asking.asked)


def as_time_goes_by(worlds: LocalWorlds, store: Store, count: int) -> Iterator[int]:
    """Each second of the time that copies are watched, in the first of which they are started."""
    worlds.clock.run_at(0)
    jobs = many_jobs(worlds, count)
    for second in range(WATCHED_FOR):
        first, last = (min(count, count * upto // STARTED_OVER) for upto in (second, second + 1))
        begin(worlds, store, jobs[first:last])
        yield second
        worlds.clock.advance(timedelta(seconds=1))


@contextmanager
def a_tracker(worlds: LocalWorlds, store: Store) -> Iterator[Tracker]:
    policy = replace(load_settings(worlds.environ()).policy, poll_seconds=POLL_SECONDS)
    backups = Boto3Backups(policy.accounts)
    copying = CopyStep(backups)
    yield Tracker(store, {StepKind.COPY: copying}, policy, worlds.clock, lambda sweep: None, {StepKind.COPY: copying})
    backups.close()


def counted(worlds: LocalWorlds) -> Counter[str]:
    """AWS Backup's calls from now on."""
    calls = Counter[str]()
    worlds.aws.world.state.on_call = lambda call: calls.update([call.operation] if call.service == "backup" else [])
    return calls


if __name__ == "__main__":
    main()
