"""Whole payloads as Slack judges them: a message, a modal, a Home tab, the answer to a type-ahead."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from . import compositions as c
from .blocks import blocks_of
from .problem import Problem
from .schema import Check, anything, at_least_one_of, boolean, every, listed, record, string

MESSAGE_BLOCKS = 50
VIEW_BLOCKS = 100
ATTACHMENTS = 100
MARKDOWN_CHARACTERS = 12_000
VIEW_BYTES = 250_000

_identified: dict[str, Check] = {
    "private_metadata": string(3000, least=0),
    "callback_id": string(255, least=0),
    "external_id": string(255, least=0),
}
_VIEWS: dict[str, Check] = {
    "modal": record(
        {"type": anything, "title": c.plain_text(24), "blocks": blocks_of("modal", VIEW_BLOCKS)},
        {
            **_identified,
            "submit": c.plain_text(24),
            "close": c.plain_text(24),
            "clear_on_close": boolean,
            "notify_on_close": boolean,
        },
    ),
    "home": record({"type": anything, "blocks": blocks_of("home", VIEW_BLOCKS)}, _identified),
}


def validate_view(view: Mapping[str, Any]) -> list[Problem]:
    """Return what Slack would refuse about a modal or Home view; pointers start at the view itself."""
    kind = view.get("type")
    if kind is None:
        return [Problem("missing required field: type", "")]
    if kind not in _VIEWS:
        return [Problem(f"unsupported type: {kind}", "/type")]
    if len(json.dumps(view)) > VIEW_BYTES:
        return [Problem("view is too large", "", error="view_too_large")]
    return [*_VIEWS[kind](view, ""), *_submit_where_inputs(view), *_focus_once(view), *_response_urls(view)]


def _submit_where_inputs(view: Mapping[str, Any]) -> Iterator[Problem]:
    has_input = any(block.get("type") == "input" for block in _well_formed(view))
    if view["type"] == "modal" and has_input and not view.get("submit"):
        yield Problem("missing required field: submit", "")


def _focus_once(view: Mapping[str, Any]) -> Iterator[Problem]:
    focused = [pointer for pointer, element in _elements(view) if element.get("focus_on_load")]
    for pointer in focused[1:]:
        yield Problem("only one element may have focus_on_load", f"{pointer}/focus_on_load")


def _response_urls(view: Mapping[str, Any]) -> Iterator[Problem]:
    for pointer, element in _elements(view):
        allowed = view["type"] == "modal" and pointer.endswith("/element")
        if element.get("response_url_enabled") and not allowed:
            yield Problem("response_url_enabled is for inputs in modals only", f"{pointer}/response_url_enabled")


def _elements(payload: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for index, block in enumerate(_well_formed(payload)):
        found = {"element": block.get("element"), "accessory": block.get("accessory")}
        for name, element in found.items():
            if isinstance(element, dict):
                yield f"/blocks/{index}/{name}", element
        elements = block.get("elements")
        for at, element in enumerate(elements if isinstance(elements, list) else []):
            if isinstance(element, dict):
                yield f"/blocks/{index}/elements/{at}", element


def _well_formed(payload: Mapping[str, Any]) -> list[dict[str, Any]]:
    blocks = payload.get("blocks")
    return [b if isinstance(b, dict) else {} for b in blocks] if isinstance(blocks, list) else []


_message_blocks = blocks_of("message", MESSAGE_BLOCKS)


def validate_message(payload: Mapping[str, Any]) -> list[Problem]:
    """Return what Slack would refuse about a message's blocks and attachments."""
    return [
        *_message_blocks(payload.get("blocks") or [], "/blocks"),
        *_one_table(payload),
        *_markdown_sum(payload),
        *_attachments(payload),
    ]


def _one_table(payload: Mapping[str, Any]) -> Iterator[Problem]:
    tables = [b for b in _well_formed(payload) if b.get("type") in ("table", "data_table")]
    if len(tables) > 1:
        yield Problem("only one table block allowed", "/blocks", error="only_one_table_allowed")


def _markdown_sum(payload: Mapping[str, Any]) -> Iterator[Problem]:
    texts = [str(b.get("text", "")) for b in _well_formed(payload) if b.get("type") == "markdown"]
    if len(texts) > 1 and sum(map(len, texts)) > MARKDOWN_CHARACTERS:
        yield Problem(f"markdown text must be less than {MARKDOWN_CHARACTERS + 1} characters in all", "/blocks")


def _attachments(payload: Mapping[str, Any]) -> Iterator[Problem]:
    attachments = payload.get("attachments") or []
    if len(attachments) > ATTACHMENTS:
        yield Problem(f"no more than {ATTACHMENTS} items allowed", "/attachments", error="too_many_attachments")
    for index, attachment in enumerate(attachments):
        blocks = attachment.get("blocks") if isinstance(attachment, dict) else None
        yield from _message_blocks(blocks or [], f"/attachments/{index}/blocks")


_suggested = listed(c.option, 100, least=0)
_suggestions = every(
    record(
        {},
        {
            "options": _suggested,
            "option_groups": listed(record({"label": c.plain_text(75), "options": _suggested}), 100, least=0),
        },
    ),
    at_least_one_of("options", "option_groups"),
)


def validate_options(answer: Mapping[str, Any]) -> list[Problem]:
    """Return what Slack would refuse about the answer to a block_suggestion; an empty list of options is fine."""
    return list(_suggestions(dict(answer), ""))
