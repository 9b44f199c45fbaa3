"""How long people wait for the acknowledgement of a choice, a submitted page, a click on Approve, fifty at once.

`python -m tests.bench.acks [--at-once 50]`. Each writes to the SQLite store before it is acknowledged, and goes on
working behind it; beside it, in the same run, a Bolt listener that does nothing but acknowledge. Nothing is asserted.
"""

import argparse
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from slack_bolt import App

from bot.domain.books import Store
from bot.domain.drafts import Form
from bot.slack.ids import APPROVE, BACKUP, TABLE, WALK
from tests.bench.options import app_of, table_keys
from tests.bench.served_bot import (
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
from tests.contract.store_builders import stored_request

ROUNDS = 6
Body = dict[str, Any]


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
            for what, prepare in (("a choice", choices), ("a submitted page", pages), ("a click on Approve", clicks)):
                compare(what, app_of(bot), prepare(store, ROUNDS * options.at_once), options.at_once)
        store.close()


def compare(what: str, app: App, bodies: Sequence[Body], number: int) -> None:
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
            f"{what:20} p{part * 100:.0f} {mine:7.1f} ms   only acknowledged {other:6.1f} ms   {mine / other:.1f} times"
        )


def together(app: App, bodies: Sequence[Body]) -> list[float]:
    """Hand all bodies over at one moment; the seconds until each was acknowledged."""
    barrier = threading.Barrier(len(bodies))

    def one(body: Body) -> float:
        barrier.wait()
        start = time.perf_counter()
        dispatch(app, body)
        return time.perf_counter() - start

    with ThreadPoolExecutor(len(bodies)) as people:
        return list(people.map(one, bodies))


def choices(store: Store, number: int) -> list[Body]:
    """Somebody chooses a table: it is kept, and the page drawn anew behind it."""
    keys = table_keys(store)
    return [_choice(_draft(store, f"choice-{one}", Form()), keys[one % len(keys)]) for one in range(number)]


def pages(store: Store, number: int) -> list[Body]:
    """Somebody submits the first page: it is checked and kept, and the next page is the acknowledgement."""
    keys = table_keys(store)
    return [_page(store, _draft(store, f"page-{one}", Form()), keys[one % len(keys)]) for one in range(number)]


def clicks(store: Store, number: int) -> list[Body]:
    """Somebody approves: the click is written down, and judged behind it."""
    return [_click(stored_request(store, f"request-{one}").id, one) for one in range(number)]


def _draft(store: Store, draft_id: str, form: Form) -> str:
    add_draft(store, draft_id, form)
    return draft_id


def _choice(draft_id: str, key: str) -> Body:
    action = {"type": "external_select", "action_id": TABLE, "block_id": TABLE, "selected_option": {"value": key}}
    return payload("block_actions", view=_view(draft_id, {TABLE: {TABLE: action}}), actions=[action])


def _page(store: Store, draft_id: str, key: str) -> Body:
    with store.read() as tx:
        point = next(tx.inventory.points(key))
    values = {
        TABLE: {TABLE: {"type": "external_select", "selected_option": {"value": key}}},
        f"{BACKUP}:{key}": {BACKUP: {"type": "external_select", "selected_option": {"value": point.key}}},
    }
    return payload("view_submission", view=_view(draft_id, values))


def _click(request_id: str, number: int) -> Body:
    return payload(
        "block_actions",
        channel={"id": "C0BACKUPS"},
        container={"type": "message", "message_ts": f"1700000000.{number:06}", "channel_id": "C0BACKUPS"},
        actions=[{"type": "button", "action_id": APPROVE, "block_id": "b", "value": request_id, "action_ts": "1.1"}],
    )


def _view(draft_id: str, values: Body) -> Body:
    blocks = [{"type": "input", "block_id": block} for block in values]
    view = {"id": "V1", "hash": "h1", "type": "modal", "callback_id": WALK, "private_metadata": draft_id}
    return {**view, "blocks": blocks, "state": {"values": values}}


def acknowledging_app() -> App:
    app = plain_app()

    def acknowledge(ack: Callable[[], None]) -> None:
        ack()

    app.action(TABLE)(acknowledge)
    app.action(APPROVE)(acknowledge)
    app.view(WALK)(acknowledge)
    return app


if __name__ == "__main__":
    main()
