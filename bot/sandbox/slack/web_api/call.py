"""One Web API call: its arguments in either encoding, its workspace, and the way to refuse it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ..ids import BOT_USER
from ..records import Conversation, JsonObject
from ..workspace import Workspace


class Refusal(Exception):
    """A business error: HTTP 200 with `ok: false`, the code, and what Slack says besides."""

    def __init__(self, error: str, **more: object) -> None:
        super().__init__(error)
        self.error = error
        self.more = more

    def body(self) -> JsonObject:
        return {"ok": False, "error": self.error, **self.more}


def bad_arguments(*messages: str) -> Refusal:
    return Refusal("invalid_arguments", response_metadata={"messages": [f"[ERROR] {line}" for line in messages]})


@dataclass(frozen=True, slots=True)
class Call:
    """What a method's handler gets."""

    workspace: Workspace
    arguments: JsonObject

    def text(self, name: str, default: str = "") -> str:
        value = self.arguments.get(name)
        return default if value is None else str(value)

    def required(self, name: str) -> str:
        """Return a text argument. Raises Refusal when it is missing or empty."""
        value = self.text(name)
        if not value:
            raise bad_arguments(f"missing required field: {name}")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.arguments.get(name)
        return default if value is None else str(value).lower() in ("1", "true")

    def number(self, name: str, default: int) -> int:
        value = self.text(name)
        if value and not value.isdigit():
            raise bad_arguments(f"must provide an integer [json-pointer:/{name}]")
        return int(value) if value else default

    def json(self, name: str) -> Any:
        """Return an argument that holds JSON, sent as such or as its text. Raises ValueError for broken JSON."""
        value = self.arguments.get(name)
        return json.loads(value) if isinstance(value, str) and value.strip() else value

    def listed(self, name: str) -> list[str]:
        """Return a comma-joined or JSON list argument."""
        value = self.arguments.get(name)
        if isinstance(value, list):
            return [str(item) for item in value]
        return [item.strip() for item in str(value or "").split(",") if item.strip()]

    def conversation(self, name: str = "channel") -> Conversation:
        """Return the addressed conversation. Raises Refusal when the bot can't see it."""
        found = self.workspace.directory.visible_to_bot(self.required(name))
        if found is None:
            raise Refusal("channel_not_found")
        return found

    def joined_conversation(self, name: str = "channel") -> Conversation:
        """Return the addressed conversation. Raises Refusal unless the bot is a member."""
        there = self.conversation(name)
        if BOT_USER not in there.members:
            raise Refusal("not_in_channel")
        return there


Handler: TypeAlias = Callable[[Call], JsonObject]


def page(call: Call, items: Sequence[Any], *, default: int = 100, most: int = 1000) -> tuple[list[Any], str]:
    """Cut the asked-for page out of a list; return it and the cursor of the next one (empty at the end)."""
    limit = min(max(call.number("limit", default), 1), most)
    start = _cursor_start(call.text("cursor"))
    end = start + limit
    return list(items[start:end]), f"next:{end}" if end < len(items) else ""


def _cursor_start(cursor: str) -> int:
    if not cursor:
        return 0
    prefix, _, number = cursor.partition(":")
    if prefix != "next" or not number.isdigit():
        raise Refusal("invalid_cursor")
    return int(number)


def paged(key: str, items: list[Any], cursor: str) -> JsonObject:
    return {key: items, "response_metadata": {"next_cursor": cursor}}
