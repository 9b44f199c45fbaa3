"""The modals on people's screens and their Home tabs: stack, hash, values, and what closes when."""

import copy
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from .changes import Changes
from .elements import INTERACTIVE, Values, carry_over, initial_values
from .ids import APP, BOT, TEAM
from .records import JsonObject

MAX_STACK = 3
DEFAULTS: JsonObject = {
    "title": None,
    "submit": None,
    "close": None,
    "private_metadata": "",
    "callback_id": "",
    "external_id": "",
    "clear_on_close": False,
    "notify_on_close": False,
}


class ViewRefusal(Exception):
    """A view operation that Slack refuses; the argument is the error code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One view as it stands on a person's screen."""

    id: str
    user: str
    definition: JsonObject
    hash: str
    root_id: str
    previous_id: str | None
    values: Values = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    trouble: str | None = None

    @property
    def blocks(self) -> list[JsonObject]:
        return list(self.definition["blocks"])

    @property
    def type(self) -> str:
        return str(self.definition["type"])

    @property
    def callback_id(self) -> str:
        return str(self.definition["callback_id"])

    @property
    def private_metadata(self) -> str:
        return str(self.definition["private_metadata"])

    @property
    def title(self) -> str:
        return _text(self.definition["title"])

    @property
    def submit_text(self) -> str | None:
        return _text(self.definition["submit"]) or None

    def payload(self, *, with_state: bool = True) -> JsonObject:
        """Return the view as it is sent to the app."""
        return {
            "id": self.id,
            "team_id": TEAM,
            **copy.deepcopy(self.definition),
            "state": {"values": copy.deepcopy(self.values) if with_state else {}},
            "hash": self.hash,
            "previous_view_id": self.previous_id,
            "root_view_id": self.root_id,
            "app_id": APP,
            "app_installed_team_id": TEAM,
            "bot_id": BOT,
        }


def _text(text_object: JsonObject | None) -> str:
    return str(text_object["text"]) if text_object else ""


def with_ids(blocks: list[JsonObject]) -> list[JsonObject]:
    """Return the blocks as Slack stores them: with a block_id and an action_id wherever the app gave none."""
    stored = copy.deepcopy(blocks)
    for block in stored:
        block.setdefault("block_id", secrets.token_urlsafe(4)[:5])
        for element in [*block.get("elements", []), block.get("accessory"), block.get("element")]:
            if isinstance(element, dict) and element.get("type") in INTERACTIVE:
                element.setdefault("action_id", secrets.token_urlsafe(4)[:5])
    return stored


class Views:
    """Open, push, update and close views; every person has one stack and one Home tab."""

    def __init__(self, changes: Changes, now: Callable[[], datetime]) -> None:
        self._changes = changes
        self._now = now
        self._open: dict[str, View] = {}
        self._stacks: dict[str, list[str]] = {}
        self._homes: dict[str, View] = {}
        self._count = 0

    def top(self, user: str) -> View | None:
        with self._changes.reading():
            stack = self._stacks.get(user, [])
            return self._open[stack[-1]] if stack else None

    def stack(self, user: str) -> list[View]:
        with self._changes.reading():
            return [self._open[view_id] for view_id in self._stacks.get(user, [])]

    def home(self, user: str) -> View | None:
        with self._changes.reading():
            return self._homes.get(user)

    def find(self, view_id: str) -> View | None:
        with self._changes.reading():
            homes = {view.id: view for view in self._homes.values()}
            return self._open.get(view_id) or homes.get(view_id)

    def find_external(self, external_id: str) -> View | None:
        with self._changes.reading():
            open_views = [*self._open.values(), *self._homes.values()]
            return next((v for v in open_views if v.definition["external_id"] == external_id), None)

    def open(self, user: str, definition: JsonObject) -> View:
        """Put a new modal on the screen.

        Emulator decision: a modal that was open goes away with its stack. Real clients behave differently from each
        other here, and Slack advises against it.
        """
        with self._changes.changing():
            self._refuse_taken_external_id(definition)
            self.close_all(user)
            return self._put_on_stack(user, definition)

    def push(self, user: str, definition: JsonObject) -> View:
        with self._changes.changing():
            stack = self._stacks.get(user, [])
            if not stack:
                raise ViewRefusal("not_found")
            if len(stack) >= MAX_STACK:
                raise ViewRefusal("push_limit_reached")
            self._refuse_taken_external_id(definition)
            return self._put_on_stack(user, definition)

    def update(self, view: View, definition: JsonObject, expected_hash: str | None = None) -> View:
        """Replace a view's definition, keeping what the person entered where the ids stay."""
        with self._changes.changing():
            now = self.find(view.id)
            if now is None:
                raise ViewRefusal("not_found")
            if expected_hash is not None and expected_hash != now.hash:
                raise ViewRefusal("hash_conflict")
            self._refuse_taken_external_id(definition, but=now.id)
            stored = _stored(definition)
            values = carry_over(now.blocks, now.values, stored["blocks"])
            return self._keep(
                replace(now, definition=stored, values=values, hash=self._new_hash(), errors={}, trouble=None)
            )

    def publish_home(self, user: str, definition: JsonObject, expected_hash: str | None = None) -> View:
        with self._changes.changing():
            old = self._homes.get(user)
            if old is not None:
                return self.update(old, definition, expected_hash)
            view = self._new(user, definition, root=None, previous=None)
            self._homes[user] = view
            return view

    def set_values(self, view_id: str, values: Values) -> View:
        with self._changes.changing():
            return self._keep(replace(self._open_or_home(view_id), values=values))

    def show_errors(self, view_id: str, errors: dict[str, str], trouble: str | None = None) -> None:
        """Show an app's `errors` under the inputs, or the client's own line of trouble."""
        with self._changes.changing():
            if self.find(view_id):
                self._keep(replace(self._open_or_home(view_id), errors=errors, trouble=trouble))

    def close_top(self, user: str) -> View | None:
        with self._changes.changing():
            stack = self._stacks.get(user, [])
            return self._open.pop(stack.pop()) if stack else None

    def close_all(self, user: str) -> list[View]:
        with self._changes.changing():
            return [self._open.pop(view_id) for view_id in self._stacks.pop(user, [])]

    def _put_on_stack(self, user: str, definition: JsonObject) -> View:
        stack = self._stacks.setdefault(user, [])
        root, previous = (stack[0], stack[-1]) if stack else (None, None)
        view = self._new(user, definition, root=root, previous=previous)
        self._open[view.id] = view
        stack.append(view.id)
        return view

    def _new(self, user: str, definition: JsonObject, *, root: str | None, previous: str | None) -> View:
        self._count += 1
        view_id = f"V0LOCAL{self._count:04d}"
        stored = _stored(definition)
        return View(
            id=view_id,
            user=user,
            definition=stored,
            hash=self._new_hash(),
            root_id=root or view_id,
            previous_id=previous,
            values=initial_values(stored["blocks"]),
        )

    def _keep(self, view: View) -> View:
        if view.id in self._open:
            self._open[view.id] = view
        else:
            self._homes[view.user] = view
        return view

    def _open_or_home(self, view_id: str) -> View:
        view = self.find(view_id)
        if view is None:
            raise ViewRefusal("not_found")
        return view

    def _refuse_taken_external_id(self, definition: JsonObject, but: str | None = None) -> None:
        external_id = definition.get("external_id")
        taken = self.find_external(external_id) if external_id else None
        if taken is not None and taken.id != but:
            raise ViewRefusal("duplicate_external_id")

    def _new_hash(self) -> str:
        return f"{int(self._now().timestamp())}.{secrets.token_urlsafe(6)}"


def _stored(definition: JsonObject) -> JsonObject:
    return {**DEFAULTS, **definition, "blocks": with_ids(definition["blocks"])}
