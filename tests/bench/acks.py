"""How long people wait for the acknowledgement of whatever they do in the form and in the thread, fifty at once.

`python -m tests.bench.acks [--at-once 50]`. Nearly each writes to the SQLite store before it is acknowledged, and works
on behind it; beside it, in the same run, a Bolt listener that does nothing but acknowledge. Nothing is asserted.
"""

import argparse
import re
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from slack_bolt import App

from bot.domain.drafts import Page
from bot.slack import ids
from tests.bench import ack_bodies as of
from tests.bench.options import app_of
from tests.bench.served_bot import dispatch, fill, new_url, percentile, plain_app, served_bot, store_of

ROUNDS = 6
ANYTHING = re.compile("")
# In the order of a walk, but Refresh last: the AWS behind this bot is empty, and the backups are gone then.
INTERACTIONS: Mapping[str, of.Prepare] = {
    "the command": of.commands,
    "a choice": of.choices,
    "page 1, submitted": of.pages(Page.BACKUP),
    "page 2, submitted": of.pages(Page.DESTINATION),
    "page 3, submitted": of.pages(Page.RETENTION),
    "Back": of.backs,
    "Add another destination": of.button(ids.ADD_PLACE),
    "Remove": of.removals,
    "a last destination": of.recalls,
    "New vault": of.button(ids.NAME_VAULT),
    "Check again": of.button(ids.CHECK_AGAIN, Page.REVIEW),
    "a button that mends": of.mendings,
    "Send request": of.pages(Page.REVIEW),
    "Approve": of.clicks(ids.APPROVE),
    "Reject": of.clicks(ids.REJECT),
    "the reason of a rejection": of.reasons,
    "Cancel": of.clicks(ids.CANCEL),
    "Retry": of.clicks(ids.RETRY),
    "Refresh": of.button(ids.REFRESH, Page.BACKUP),
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.acks", description=__doc__)
    parser.add_argument("--at-once", type=int, default=50, help="interactions at the same moment (default 50)")
    parser.add_argument("--points", type=int, default=20_000, help="recovery points in the store (default 20000)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = new_url(Path(folder))
        fill(url, options.points, options.points // 20)
        store = store_of(url)
        with served_bot(Path(folder), url) as bot:
            for what, prepare in INTERACTIONS.items():
                compare(what, app_of(bot), prepare(store, ROUNDS * options.at_once), options.at_once)
        store.close()


def compare(what: str, app: App, bodies: Sequence[of.Body], number: int) -> None:
    """The same bodies, in turn to us and to a listener that only acknowledges."""
    plain = acknowledging_app()
    ours, theirs = list[float](), list[float]()
    for start in range(0, len(bodies), number):
        some = bodies[start : start + number]
        ours += together(app, some)
        theirs += together(plain, some)
    for part in (0.5, 0.99):
        mine, other = percentile(ours, part), percentile(theirs, part)
        print(
            f"{what:26} p{part * 100:.0f} {mine:7.1f} ms   only acknowledged {other:6.1f} ms   {mine / other:.1f} times"
        )


def together(app: App, bodies: Sequence[of.Body]) -> list[float]:
    """Hand all bodies over at one moment; the seconds until each was acknowledged."""
    barrier = threading.Barrier(len(bodies))

    def one(body: of.Body) -> float:
        barrier.wait()
        start = time.perf_counter()
        dispatch(app, body)
        return time.perf_counter() - start

    with ThreadPoolExecutor(len(bodies)) as people:
        return list(people.map(one, bodies))


def acknowledging_app() -> App:
    app = plain_app()

    def acknowledge(ack: Callable[[], None]) -> None:
        ack()

    app.command(ids.COMMAND)(acknowledge)
    app.action(ANYTHING)(acknowledge)
    app.view(ANYTHING)(acknowledge)
    return app


if __name__ == "__main__":
    main()
