"""From Slack's payload to the answers of a sheet, and from a field back to its block."""

import hashlib
from collections.abc import Mapping
from typing import Any

from bot.domain.sheets import MANY


def block_of(name: str, *parents: str) -> str:
    """A block id that changes with the choices it hangs on, so that Slack drops what was chosen before."""
    if not parents:
        return name
    return f"{name}:{hashlib.sha256('|'.join(parents).encode()).hexdigest()[:12]}"


def read(view: Mapping[str, Any]) -> dict[str, str]:
    """What the view on the screen holds, by field; a field's block begins with its name."""
    values: Mapping[str, Mapping[str, Mapping[str, Any]]] = (view.get("state") or {}).get("values") or {}
    answers = {}
    for block, elements in values.items():
        for element in elements.values():
            answers[block.partition(":")[0]] = _value(element)
    return answers


def block_on(view: Mapping[str, Any], name: str) -> str:
    """The block on the screen that an error about a field belongs to; Slack refuses errors for other blocks."""
    on_screen = [str(block["block_id"]) for block in view.get("blocks", []) if block.get("type") == "input"]
    return next((block for block in on_screen if block.partition(":")[0] == name), on_screen[-1])


def is_on(view: Mapping[str, Any], name: str) -> bool:
    """Whether a field is on the screen."""
    blocks = (str(block.get("block_id", "")) for block in view.get("blocks", []) if block.get("type") == "input")
    return any(block.partition(":")[0] == name for block in blocks)


def sheet_id_of(view: Mapping[str, Any]) -> str:
    return str(view.get("private_metadata") or "")


def _value(element: Mapping[str, Any]) -> str:
    if "selected_options" in element:
        return MANY.join(str(one.get("value") or "") for one in element["selected_options"] or ())
    option = element.get("selected_option")
    if option:
        return str(option.get("value") or "")
    return str(element.get("value") or element.get("selected_date") or "")
