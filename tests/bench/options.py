"""How fast options answer while somebody types, beside a Bolt listener that answers a constant, in the same run.

`python -m tests.bench.options [--points 100000 1000000] [--tables 5000]`. Nothing is asserted. The targets: p99 within
25 ms of the constant at 100,000 points, within twice that at 1,000,000; less than 200 MB of memory at 100,000.
"""

import argparse
import json
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from slack_bolt import App

from bot.app import Bot
from bot.domain.books import Store
from bot.domain.drafts import Form
from bot.slack.ids import BACKUP, TABLE
from tests.bench.served_bot import (
    NOW,
    WORDS,
    add_draft,
    dispatch,
    fill,
    new_url,
    payload,
    percentile,
    plain_app,
    served_bot,
    store_of,
)

ROUNDS = 600
DRAFT = "draft-bench"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.options", description=__doc__)
    parser.add_argument("--points", type=int, nargs="*", default=[100_000], help="recovery points (default 100000)")
    parser.add_argument("--tables", type=int, default=5_000, help="tables (default 5000)")
    options = parser.parse_args()
    for points in options.points:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), points, options.tables)


def measure(folder: Path, points: int, tables: int) -> None:
    """Seed, then alternate between our answers and the constant one."""
    print(f"\n{points:,} recovery points of {tables:,} tables", flush=True)
    url = new_url(folder)
    start = time.perf_counter()
    fill(url, points, tables)
    print(f"  seeded in {time.perf_counter() - start:.0f} s", flush=True)
    store = store_of(url)
    add_draft(store, DRAFT, Form())
    keys = table_keys(store)
    with served_bot(folder, url) as bot:
        first, _ = timed(lambda: ask(app_of(bot), TABLE, ""))
        constant = constant_app(json.loads(ask(app_of(bot), TABLE, "")))
        print(f"  the very first keystroke, which reads all tables: {first * 1000:.0f} ms")
        for what, bodies in (("tables", table_words(keys)), ("backups of a table", backup_words(keys))):
            compare(what, app_of(bot), constant, bodies)
        print(f"  memory: {memory():.0f} MB resident, {peak():.0f} MB at most (seeding included)")
    store.close()


def compare(what: str, app: App, constant: App, bodies: Iterator[tuple[str, str, str]]) -> None:
    """Time both in turn, so that both feel the same machine."""
    ours, theirs, sizes = list[float](), list[float](), list[int]()
    for _ in range(ROUNDS):
        action, block, value = next(bodies)
        seconds, answer = timed(lambda: ask(app, action, value, block))  # noqa: B023  # called at once
        ours.append(seconds)
        sizes.append(len(json.loads(answer)["options"]))
        theirs.append(timed(lambda: ask(constant, TABLE, value))[0])  # noqa: B023  # called at once
    for part in (0.5, 0.99):
        mine, other = percentile(ours, part), percentile(theirs, part)
        ratio = f"{mine - other:+.1f} ms, {mine / other:.1f} times"
        print(f"  {what:20} p{part * 100:.0f} {mine:6.1f} ms   constant {other:5.1f} ms   {ratio}")
    print(f"  {'':20} {sum(sizes) / len(sizes):.0f} options on average", flush=True)


def table_words(keys: list[str]) -> Iterator[tuple[str, str, str]]:
    """What people type into the select of tables: nothing, a beginning, words in any order, what does not exist."""
    random.seed(1)
    while True:
        one, other, number = random.choice(WORDS), random.choice(WORDS), random.randrange(len(keys))
        for value in (
            "",
            one[:2],
            f"{other} {one}",
            f"prod {one} {number % 100}",
            f"{number:05}",
            "nothing",
            "x" * 1000,
        ):
            yield TABLE, TABLE, value


def backup_words(keys: list[str]) -> Iterator[tuple[str, str, str]]:
    """What people type into the select of backups, each time another table: nothing, a date, a place, a size."""
    random.seed(2)
    while True:
        day = f"{NOW - timedelta(days=random.randrange(30)):%Y-%m-%d}"
        for value in ("", day[:7], day, "daily prod", "gb", "nothing"):
            yield BACKUP, f"{BACKUP}:{random.choice(keys)}", value


def ask(app: App, action: str, value: str, block: str = TABLE) -> str:
    """One keystroke; the answer's body."""
    view = {"id": "V1", "type": "modal", "private_metadata": DRAFT, "callback_id": "copy_backup.walk", "blocks": []}
    return dispatch(app, payload("block_suggestion", action_id=action, block_id=block, value=value, view=view)).body


def constant_app(answer: dict[str, Any]) -> App:
    """A listener that always gives the same options, as many as ours give."""
    app = plain_app()

    def constant(ack: Any) -> None:
        ack(options=answer["options"])

    app.options(TABLE)(constant)
    return app


def table_keys(store: Store) -> list[str]:
    with store.read() as tx:
        return [entry.key for place in tx.inventory.revisions() for entry in tx.inventory.held(*place)]


def app_of(bot: Bot) -> App:
    return bot._app


def timed(work: Callable[[], str]) -> tuple[float, str]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def memory() -> float:
    """Resident now, in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 1e6


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


if __name__ == "__main__":
    main()
