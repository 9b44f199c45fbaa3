"""A database that is silent while a form is open: told above what the person typed, which stays where it is."""

from contextlib import AbstractContextManager
from typing import Any

import pytest

from bot.domain.books import Store, Tx
from bot.domain.errors import StoreTrouble
from bot.domain.sentences import errors as words
from commands.copy_backup.listeners import WalkListeners
from commands.forms.listeners import FormListeners
from tests.unit.fakes import FakeOutlet, ManualClock
from tests.unit.slack_client import ScriptedClient
from tests.unit.walk_scene import make_desk, make_walk_scene

FIELD = {"type": "input", "block_id": "reason", "label": {}, "element": {"type": "plain_text_input"}}
VIEW: dict[str, Any] = {
    "id": "V1",
    "hash": "h1",
    "type": "modal",
    "callback_id": "a",
    "private_metadata": "draft-1",
    "title": {"type": "plain_text", "text": "T"},
    "submit": {"type": "plain_text", "text": "Go on"},
    "close": None,
    "state": {"values": {}},
    "blocks": [FIELD],
}
BODY: dict[str, Any] = {"view": VIEW, "user": {"id": "U0ANNA"}, "actions": []}


class SilentStore:
    """A database that answers nothing."""

    def __init__(self, real: Store) -> None:
        self._real = real

    def begin(self) -> AbstractContextManager[Tx]:
        raise StoreTrouble("no answer")

    def read(self) -> AbstractContextManager[Tx]:
        raise StoreTrouble("no answer")

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


@pytest.mark.parametrize("listeners", [WalkListeners, FormListeners])
def test_a_silent_database_is_told_above_what_was_typed(
    store: Store, clock: ManualClock, listeners: type[WalkListeners | FormListeners]
) -> None:
    desk = make_desk(make_walk_scene(store, clock), FakeOutlet())
    desk.walk.store = SilentStore(store)
    desk.tables.forms.store = SilentStore(store)
    client = ScriptedClient([{"ok": True, "view": VIEW}] * 2)

    listeners(desk).redraw(BODY, client)
    first = client.asked[-1][1]["view"]
    listeners(desk).redraw({**BODY, "view": {**VIEW, **first}}, client)

    for _, asked in client.asked:
        assert asked["view_id"] == "V1"
        said, *fields = asked["view"]["blocks"]
        assert words.DATABASE_SILENT in said["text"]["text"]
        assert fields == [FIELD]
        assert set(asked["view"]) == {"type", "callback_id", "private_metadata", "title", "submit", "blocks"}
