"""views.*: opening, pushing, updating and publishing views, with trigger ids and hashes checked."""

from collections.abc import Callable

from ..grants import Trigger
from ..records import JsonObject
from ..validation import validate_view
from ..views import View, ViewRefusal
from .call import Call, Handler, Refusal, bad_arguments


def open_view(call: Call) -> JsonObject:
    view = _given_view(call, "modal")
    trigger = _spent_trigger(call)
    return _answer(_tried(lambda: call.workspace.views.open(trigger.user, view)))


def push(call: Call) -> JsonObject:
    view = _given_view(call, "modal")
    trigger = _spent_trigger(call)
    if trigger.from_view is None:
        # Emulator decision: only an interaction inside a modal can push; Slack names no code for the rest.
        raise Refusal("invalid_trigger_id")
    return _answer(_tried(lambda: call.workspace.views.push(trigger.user, view)))


def update(call: Call) -> JsonObject:
    definition = _given_view(call, None)
    view = _addressed(call)
    if view is None:
        raise Refusal("not_found")
    if view.type != definition["type"]:
        raise bad_arguments("view type cannot change [json-pointer:/view/type]")
    return _answer(_tried(lambda: call.workspace.views.update(view, definition, call.text("hash") or None)))


def publish(call: Call) -> JsonObject:
    definition = _given_view(call, "home")
    user = call.required("user_id")
    if not call.workspace.app.home_tab:
        raise Refusal("not_enabled")
    if user not in call.workspace.directory.people:
        raise Refusal("user_not_found")
    expected = call.text("hash") or None
    return _answer(_tried(lambda: call.workspace.views.publish_home(user, definition, expected)))


def _addressed(call: Call) -> View | None:
    view_id, external_id = call.text("view_id"), call.text("external_id")
    if not view_id and not external_id:
        raise bad_arguments("one of view_id and external_id is required")
    views = call.workspace.views
    return views.find(view_id) if view_id else views.find_external(external_id)


def _given_view(call: Call, surface: str | None) -> JsonObject:
    """Return the checked view. Raises Refusal as Slack does, with JSON pointers."""
    try:
        view = call.json("view")
    except ValueError:
        view = None
    if not isinstance(view, dict):
        raise bad_arguments("missing required field: view" if not view else "must be a valid view object")
    problems = validate_view(view)
    if problems:
        raise Refusal(
            problems[0].error or "invalid_arguments",
            response_metadata={"messages": [f"[ERROR] {p.under('/view')}" for p in problems]},
        )
    if surface is not None and view["type"] != surface:
        raise bad_arguments(f"must be a valid enum value: {surface} [json-pointer:/view/type]")
    return view


def _spent_trigger(call: Call) -> Trigger:
    trigger = call.workspace.triggers.spend(call.required("trigger_id"))
    if isinstance(trigger, str):
        raise Refusal(trigger)
    return trigger


def _tried(operation: Callable[[], View]) -> View:
    try:
        return operation()
    except ViewRefusal as refusal:
        raise Refusal(str(refusal)) from None


def _answer(view: View) -> JsonObject:
    return {"view": view.payload()}


METHODS: dict[str, Handler] = {
    "views.open": open_view,
    "views.push": push,
    "views.update": update,
    "views.publish": publish,
}
