"""What a person enters into an element, turned into its state, and the checks a client makes before it submits."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from typing import Any

from .elements import TEXT_INPUTS, Placed, Values, options_of, placed_elements, state_of, value_of
from .records import JsonObject
from .refusals import ClientRefusal

EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
LINK = re.compile(r"https?://\S+")


def entered(placed: Placed, value: Any) -> JsonObject:
    """Return the element's state once the person entered `value`; None empties it.

    Options are found by their text or value; several ones are given as a list.

    Raises:
        ClientRefusal: when the client would not let them.
    """
    kind = placed.kind
    if kind in ("external_select", "multi_external_select"):
        raise ClientRefusal(f"{placed.names[0]}: its options come from the app; use choose().")
    if value is None or value == []:
        return _emptied(placed)
    if kind in ("checkboxes", "multi_static_select"):
        return _picked_many(placed, value)
    if kind.startswith("multi_"):
        return state_of(placed.element, _several(value))
    return state_of(placed.element, _single(kind)(placed, value))


def _single(kind: str) -> Callable[[Placed, Any], object]:
    if kind in ("static_select", "radio_buttons"):
        return _option
    if kind == "rich_text_input":
        return lambda _, value: rich_text_of(str(value))
    if kind == "datetimepicker":
        return lambda _, value: int(value.timestamp()) if isinstance(value, datetime) else int(value)
    if kind == "datepicker":
        return lambda _, value: value.isoformat() if isinstance(value, date) else str(value)
    return lambda _, value: str(value)


def _emptied(placed: Placed) -> JsonObject:
    many = placed.kind.startswith("multi_") or placed.kind in ("checkboxes", "file_input")
    if placed.kind == "radio_buttons":
        raise ClientRefusal(f"{placed.names[0]}: a radio button can't be taken back.")
    if placed.kind == "static_select" and placed.in_input and not placed.block.get("optional"):
        raise ClientRefusal(f"{placed.names[0]}: a required menu can't be emptied.")
    return state_of(placed.element, [] if many else None)


def _picked_many(placed: Placed, value: Any) -> JsonObject:
    options = [_option(placed, one) for one in _several(value)]
    most = placed.element.get("max_selected_items")
    if most is not None and len(options) > most:
        raise ClientRefusal(f"{placed.names[0]}: at most {most} can be chosen.")
    return state_of(placed.element, options)


def _several(value: Any) -> list[Any]:
    return list(value) if isinstance(value, Iterable) and not isinstance(value, str) else [value]


def _option(placed: Placed, wanted: object) -> JsonObject:
    return pick_option(options_of(placed.element), str(wanted), placed.names[0])


def pick_option(options: list[JsonObject], wanted: str, where: str) -> JsonObject:
    """Return the option with this text or value, or the only one whose text holds the words."""
    exact = [o for o in options if wanted in (o["text"]["text"], o.get("value"))]
    close = exact or [o for o in options if wanted.lower() in o["text"]["text"].lower()]
    if not exact and len(close) > 1:
        raise ClientRefusal(f"{where}: several options hold {wanted!r}: {_texts(close)}.")
    if not close:
        raise ClientRefusal(f"{where}: no option {wanted!r} among {_texts(options)}.")
    return close[0]


def _texts(options: list[JsonObject]) -> list[str]:
    return [o["text"]["text"] for o in options]


def rich_text_of(text: str) -> JsonObject:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": text}]}
    return {"type": "rich_text", "elements": [section]}


def faults_before_submit(blocks: list[JsonObject], values: Values) -> dict[str, str]:
    """Return what the client complains about instead of submitting, by block_id."""
    found: dict[str, str] = {}
    for placed in placed_elements(blocks):
        if placed.in_input:
            value = value_of(values[placed.block_id][placed.action_id])
            for line in _complaints(placed, value):
                found.setdefault(placed.block_id, line)
    return found


def _complaints(placed: Placed, value: object) -> Iterator[str]:
    if value in (None, "", []):
        if not placed.block.get("optional"):
            yield "Please complete this required field."
    elif placed.kind == "plain_text_input":
        yield from _length(placed.element, str(value))
    elif placed.kind == "number_input":
        yield from _number(placed.element, str(value))
    elif placed.kind == "email_text_input" and not EMAIL.fullmatch(str(value)):
        yield "Please enter a valid email address."
    elif placed.kind == "url_text_input" and not LINK.fullmatch(str(value)):
        yield "Please enter a valid URL."


def _length(element: JsonObject, text: str) -> Iterator[str]:
    least, most = element.get("min_length"), element.get("max_length", 3000)
    if least is not None and len(text) < least:
        yield f"Must be at least {least} characters."
    if len(text) > most:
        yield f"Must be at most {most} characters."


def _number(element: JsonObject, text: str) -> Iterator[str]:
    pattern = r"-?\d+(\.\d+)?" if element["is_decimal_allowed"] else r"-?\d+"
    if not re.fullmatch(pattern, text):
        yield "Please enter a number." if element["is_decimal_allowed"] else "Please enter a whole number."
        return
    low, high = element.get("min_value"), element.get("max_value")
    if low is not None and float(text) < float(low):
        yield f"Must be {low} or more."
    if high is not None and float(text) > float(high):
        yield f"Must be {high} or less."


def fires_on_entry(placed: Placed) -> bool:
    """Tell whether entering a value sends block_actions at once.

    Emulator decision: a person who types a text also presses Enter, and fast typing counts as one character event.
    """
    if not placed.sends_actions:
        return False
    if placed.kind not in TEXT_INPUTS and placed.kind != "rich_text_input":
        return True
    multiline = bool(placed.element.get("multiline"))
    config = placed.element.get("dispatch_action_config") or {}
    on = config.get("trigger_actions_on", ["on_enter_pressed"])
    return "on_character_entered" in on or not multiline
