"""What Slack sends when people do something in the form or in the thread, each with its row in the store before.

A prepare function takes the store and a number, and gives so many bodies, each of a walk or a request of its own.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import cycle, islice
from typing import Any

from bot.domain.backups import VaultRef
from bot.domain.books import Store
from bot.domain.drafts import Form, Page, Place
from bot.domain.retention import Keep
from bot.slack import ids
from commands.copy_backup.form import block_for, place_value
from tests.bench.options import table_keys
from tests.bench.served_bot import ACCOUNTS, add_draft, payload
from tests.contract.store_builders import ANN, NOW, stored_request

Body = dict[str, Any]
Prepare = Callable[[Store, int], list[Body]]

CHANNEL = "C0BACKUPS"
PLACE = Place("backup", "eu-west-1", "dr-vault")
VAULT_THERE = f"{ACCOUNTS['backup']}/eu-west-1/dr-vault"
# What a button of the review carries, by its action id.
MENDING: Mapping[str, str] = {
    ids.COPY_ANYWAY: "-",
    ids.MAKE_VAULT: f"{ACCOUNTS['backup']}/eu-west-1/made-anew",
    ids.OTHER_VAULT: VAULT_THERE,
    ids.BACK_UP_FIRST: "-",
    ids.TURN_ON: f"{ACCOUNTS['backup']}/eu-west-1",
    ids.KEEP_DAYS: "120",
}
# What stands in the fields of each page, and the field of the form behind it.
CHOICES = {
    ids.TABLE: "table_key",
    ids.BACKUP: "point_key",
    ids.ACCOUNT: "account",
    ids.REGION: "region",
    ids.VAULT: "vault",
    ids.KEEP: "keep",
}
TYPED = {ids.DAYS: "days", ids.REASON: "reason"}
FIELDS: Mapping[Page, Sequence[str]] = {
    Page.BACKUP: (ids.TABLE, ids.BACKUP),
    Page.DESTINATION: (ids.ACCOUNT, ids.REGION, ids.VAULT),
    Page.RETENTION: (ids.KEEP, ids.DAYS, ids.REASON),
    Page.REVIEW: (),
}


def commands(store: Store, number: int) -> list[Body]:
    """Somebody types the command with a table to look for: the form is opened behind it."""
    return [
        {
            "command": ids.COMMAND,
            "text": "orders",
            "team_id": ANN.team_id,
            "channel_id": CHANNEL,
            "user_id": ANN.user_id,
            "user_name": "ann",
            "trigger_id": "1.2.3",
            "response_url": "http://127.0.0.1:9/response",
        }
        for _ in range(number)
    ]


def choices(store: Store, number: int) -> list[Body]:
    """Somebody chooses a table: it is kept, and the page drawn anew behind it."""
    return _presses(ids.TABLE)(store, number)


def pages(page: Page) -> Prepare:
    """Somebody submits a page: it is checked and kept, and the next page (from the last: sending) the answer."""

    def prepare(store: Store, number: int) -> list[Body]:
        return [
            payload("view_submission", view=_view(draft_id, form))
            for draft_id, form in _walks(store, number, page, f"page-{page}")
        ]

    return prepare


def backs(store: Store, number: int) -> list[Body]:
    """Somebody goes back from page 3: what is on the page is kept, finished or not, and the page turned."""
    return _presses(ids.BACK, Page.RETENTION, str(list(Page).index(Page.RETENTION) + 1))(store, number)


def recalls(store: Store, number: int) -> list[Body]:
    """Somebody chooses the destination of an earlier request."""
    with store.begin() as tx:
        tx.destinations.used(ANN.user_id, [VaultRef(ACCOUNTS[PLACE.account], PLACE.region, PLACE.vault)], NOW)
    nowhere = {"account": "", "region": "", "vault": ""}
    return _presses(ids.RECENT, Page.DESTINATION, place_value(PLACE), **nowhere)(store, number)


def removals(store: Store, number: int) -> list[Body]:
    """Somebody takes a destination off the list."""
    return _presses(ids.DROP_PLACE, Page.DESTINATION, place_value(PLACE), others=(PLACE,))(store, number)


def button(action: str, page: Page = Page.DESTINATION) -> Prepare:
    """Somebody presses a button of a page, which keeps the page and changes the form."""
    return _presses(action, page)


def mendings(store: Store, number: int) -> list[Body]:
    """Somebody presses a button of the review that mends what stands in the way, each kind in turn."""
    walks = _walks(store, number, Page.REVIEW, "mending")
    return [_press(*walk, action, value) for walk, (action, value) in zip(walks, cycle(MENDING.items()), strict=False)]


def clicks(action: str) -> Prepare:
    """Somebody presses a button in the thread: the click is written down (or a form opened), and judged behind it."""

    def prepare(store: Store, number: int) -> list[Body]:
        requests = [stored_request(store, f"{action}-{one}").id for one in range(number)]
        return [_click(request_id, one, action) for one, request_id in enumerate(requests)]

    return prepare


def reasons(store: Store, number: int) -> list[Body]:
    """Somebody sends the form that asks why a request is rejected: the reason is written down, and judged behind it."""
    return [_reason(stored_request(store, f"reason-{one}").id, one) for one in range(number)]


def _presses(action: str, page: Page = Page.BACKUP, value: str = "-", **changes: Any) -> Prepare:
    def prepare(store: Store, number: int) -> list[Body]:
        return [_press(*walk, action, value) for walk in _walks(store, number, page, action, **changes)]

    return prepare


def _walks(store: Store, number: int, page: Page, what: str, **changes: Any) -> list[tuple[str, Form]]:
    """So many walks of Ann's that have come to a page, with all that is to be chosen up to it chosen."""
    keys = list(islice(cycle(table_keys(store)), number))
    walks = [(f"{what}-{one}", replace(_form(store, key, page), **changes)) for one, key in enumerate(keys)]
    for draft_id, form in walks:
        add_draft(store, draft_id, form)
    return walks


def _form(store: Store, key: str, page: Page) -> Form:
    with store.read() as tx:
        point = next(tx.inventory.points(key))
    account, region, vault = PLACE.where
    form = Form(page=page, table_key=key, point_key=point.key, account=account, region=region, vault=vault)
    return replace(form, keep=Keep.DAYS, days="90", reason="before the migration")


def _press(draft_id: str, form: Form, action: str, value: str) -> Body:
    """A button with this value, or a menu with the option of it."""
    pressed = {"type": "button", "action_id": action, "block_id": action, "value": value}
    if action in (ids.RECENT, ids.TABLE):
        pressed = {"type": "static_select", "action_id": action, "block_id": action}
        pressed |= {"selected_option": {"value": form.table_key if action == ids.TABLE else value}}  # type: ignore[dict-item]
    return payload("block_actions", view=_view(draft_id, form), actions=[pressed])


def _click(request_id: str, number: int, action: str) -> Body:
    return payload(
        "block_actions",
        channel={"id": CHANNEL},
        container={"type": "message", "message_ts": f"1700000000.{number:06}", "channel_id": CHANNEL},
        actions=[{"type": "button", "action_id": action, "block_id": "b", "value": request_id, "action_ts": "1.1"}],
    )


def _reason(request_id: str, number: int) -> Body:
    values = {ids.NOTE: {ids.NOTE: {"type": "plain_text_input", "value": "not this week"}}}
    view = {"id": f"V-reason-{number}", "hash": "h1", "type": "modal", "callback_id": ids.REJECT_FORM}
    metadata = json.dumps([request_id, CHANNEL, f"1700000000.{number:06}", 1])
    return payload("view_submission", view={**view, "private_metadata": metadata, "state": {"values": values}})


def _view(draft_id: str, form: Form) -> Body:
    """The page that a walk stands on, with everything filled in."""
    values = {block_for(field, form): {field: _state(field, form)} for field in FIELDS[form.page]}
    blocks = [{"type": "input", "block_id": block} for block in values]
    view = {"id": "V1", "hash": "h1", "type": "modal", "callback_id": ids.WALK, "private_metadata": draft_id}
    return {**view, "blocks": blocks, "state": {"values": values}}


def _state(field: str, form: Form) -> Body:
    if field in TYPED:
        return {"type": "plain_text_input", "value": getattr(form, TYPED[field])}
    return {"type": "static_select", "selected_option": {"value": str(getattr(form, CHOICES[field]))}}
