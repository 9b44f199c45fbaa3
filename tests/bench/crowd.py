"""A crowd of copies completes at once: how long until all of it is told at Slack's pace, in order, and acks meanwhile.

`python -m tests.bench.crowd [--jobs 1000]`, which takes about twenty minutes: it is Slack's time. The local Slack
refuses more than sixty posts and fifty updates a minute. The bot runs in this process on signed HTTP, beside both local
worlds. Nothing is asserted.
"""

import argparse
import logging
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

from sqlalchemy import select

from bot.domain.books import Store
from bot.domain.notices import NoticeKind, Way
from bot.sandbox.slack import BACKUPS, BOT_USER, DORA, Message
from bot.sandbox.surroundings import only_loopback
from bot.sandbox.worlds import LocalWorlds
from bot.store import migrate, open_store
from bot.store.engine import make_engine
from bot.store.tables import notices
from bot.workflows.outbox import PACES
from tests.bench.running import many_running
from tests.bench.served_bot import new_url, percentile
from tests.flows.house import LEAN, House

TOLD = "The copy has completed"
IDLE_ACKS = 40


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.crowd", description=__doc__)
    parser.add_argument("--jobs", type=int, default=1_000, help="copies that complete at once (default 1000)")
    count = parser.parse_args().jobs
    logging.disable(logging.WARNING)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        worlds = stack.enter_context(LocalWorlds(folder))
        stack.enter_context(only_loopback(worlds.aws_environ()))
        url = new_url(folder)
        migrate(url)
        store = open_store(url)
        give_cards(worlds, store, many_running(worlds, store, count))
        house = House(worlds, config=LEAN, database_url=url)
        house.start()
        measure(worlds, count)
        print_order(url)
        house.shut()
        store.close()


def give_cards(worlds: LocalWorlds, store: Store, request_ids: Sequence[str]) -> None:
    """Each request's card stands in the channel already, since its copy has been running."""
    timeline = worlds.slack.workspace.timeline
    with store.begin() as tx:
        for request_id in request_ids:
            ts = timeline.new_ts(BACKUPS)
            timeline.post(Message(channel=BACKUPS, ts=ts, user=BOT_USER, text=f"{request_id}: Copying", by_app=True))
            tx.requests.place(request_id, channel=BACKUPS, card_ts=ts, ask_ts=None)


def measure(worlds: LocalWorlds, count: int) -> None:
    idle = [ack(worlds) for _ in range(IDLE_ACKS)]
    worlds.slack.limits.enforce(chat_postMessage=60)
    worlds.aws.world.job_timing(created=timedelta(0), running=timedelta(seconds=1))
    over, meanwhile = threading.Event(), list[float]()

    def people() -> None:
        while not over.wait(1.0):
            meanwhile.append(ack(worlds))

    beside = threading.Thread(target=people)
    beside.start()
    begun = time.monotonic()
    worlds.aws.world.release_copies()
    while (told := told_of(worlds)) < count:
        print(f"\r{time.monotonic() - begun:6.0f} s: {told:,} told", end="", flush=True)
        over.wait(5.0)
    seconds = time.monotonic() - begun
    over.set()
    beside.join()
    print_figures(worlds, count, seconds)
    print_acks(idle, meanwhile)


def ack(worlds: LocalWorlds) -> float:
    """Seconds until a command that is typed was acknowledged."""
    start = time.perf_counter()
    worlds.slack.person(DORA).command("/copy-backup help", channel=BACKUPS)
    return time.perf_counter() - start


def told_of(worlds: LocalWorlds) -> int:
    there = worlds.slack.workspace.timeline.all_in(BACKUPS)
    return sum(message.is_reply and TOLD in str(message.blocks) for message in there)


def print_figures(worlds: LocalWorlds, count: int, seconds: float) -> None:
    """The floor is Slack's: each end is told by a post, after an update of its card, of which fifty a minute pass."""
    posts, updates = PACES[Way.POST], PACES[Way.UPDATE]
    floor = max((count - pace.burst) * pace.every.total_seconds() for pace in (posts, updates))
    busy = sum(call.status == 429 for call in worlds.slack.traffic.calls())
    print(
        f"\r{count:,} copies told after {seconds:,.0f} s; at Slack's pace {floor:,.0f} s: {seconds / floor:.2f} times"
    )
    print(f"Slack said 429 to {busy} calls")


def print_acks(idle: Sequence[float], meanwhile: Sequence[float]) -> None:
    for part in (0.5, 0.99):
        before, during = percentile(idle, part), percentile(meanwhile, part)
        print(
            f"ack p{part * 100:.0f}: {during:6.1f} ms meanwhile, {before:6.1f} ms at rest: {during / before:.1f} times"
        )


def print_order(url: str) -> None:
    """Whether people read of the ends in the order in which they were written down."""
    engine = make_engine(url)
    which = select(notices.c.posted_ts).where(notices.c.kind == NoticeKind.COMPLETED).order_by(notices.c.id)
    with engine.connect() as connection:
        posted = [str(ts) for ts in connection.scalars(which)]
    engine.dispose()
    turned = sum(float(after) < float(before) for before, after in pairwise(posted))
    print(f"{len(posted):,} ends in the outbox, {turned} told before the one written down before it")


if __name__ == "__main__":
    main()
