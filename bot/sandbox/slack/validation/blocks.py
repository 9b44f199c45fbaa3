"""What each block may hold and on which surface it may appear."""

from collections.abc import Iterator
from typing import Any

from . import compositions as c
from .elements import ELEMENTS, IN_ACTIONS, IN_CONTEXT_ACTIONS, IN_INPUT, IN_SECTION
from .problem import Problem
from .schema import (
    Check,
    anything,
    at_least_one_of,
    boolean,
    by_type,
    every,
    integer,
    listed,
    one_of,
    record,
    string,
)


def _block(required: dict[str, Check] | None = None, optional: dict[str, Check] | None = None) -> Check:
    return record({"type": anything, **(required or {})}, {"block_id": c.identifier, **(optional or {})})


def _unlooked(value: Any, at: str) -> Iterator[Problem]:
    """Accept a block that Slack knows and this workspace only passes on."""
    yield from c.identifier(value.get("block_id", "x"), f"{at}/block_id")


def _files_do_not_dispatch(block: Any, at: str) -> Iterator[Problem]:
    if block.get("dispatch_action") and (block.get("element") or {}).get("type") == "file_input":
        yield Problem("dispatch_action is not supported for file_input", f"{at}/dispatch_action")


_context_item = by_type(
    {
        "image": ELEMENTS["image"],
        "plain_text": c.plain_text(),
        "mrkdwn": c.any_text(),
    }
)
_cell = by_type(
    {
        "raw_text": record({"type": anything, "text": string(least=0)}),
        "raw_number": record({"type": anything, "value": anything}, {"text": string()}),
        "rich_text": record({"type": anything, "elements": c.rich_text_elements}),
    }
)
_column = record({}, {"align": one_of("left", "center", "right"), "is_wrapped": boolean})


def _column_or_nothing(value: Any, at: str) -> Iterator[Problem]:
    if value is not None:
        yield from _column(value, at)


_card = every(
    _block(
        {},
        {
            "title": c.any_text(150),
            "subtitle": c.any_text(150),
            "body": c.any_text(200),
            "hero_image": ELEMENTS["image"],
            "icon": ELEMENTS["image"],
            "actions": listed(by_type({"button": ELEMENTS["button"]}), 2),
        },
    ),
    at_least_one_of("title", "body", "hero_image", "actions"),
)
_task = record(
    {"task_id": string(), "title": string()},
    {
        "type": one_of("task_card"),
        "block_id": c.identifier,
        "status": one_of("pending", "in_progress", "complete", "error"),
        "details": c.rich_text,
        "output": c.rich_text,
        "sources": listed(anything, least=0),
    },
)


def _plan_title(value: Any, at: str) -> Iterator[Problem]:
    yield from (string() if isinstance(value, str) else c.plain_text())(value, at)


BLOCKS: dict[str, Check] = {
    "header": _block({"text": c.plain_text(150)}, {"level": integer(1, 4)}),
    "section": every(
        _block(
            {},
            {
                "text": c.any_text(),
                "fields": listed(c.any_text(2000), 10),
                "accessory": by_type(ELEMENTS, allowed=IN_SECTION),
                "expand": boolean,
            },
        ),
        c.text_or_fields,
    ),
    "divider": _block(),
    "context": _block({"elements": listed(_context_item, 10)}),
    "actions": _block({"elements": listed(by_type(ELEMENTS, allowed=IN_ACTIONS), 25)}),
    "context_actions": _block({"elements": listed(by_type(ELEMENTS, allowed=IN_CONTEXT_ACTIONS), 5)}),
    "input": every(
        _block(
            {"label": c.plain_text(2000), "element": by_type(ELEMENTS, allowed=IN_INPUT)},
            {"hint": c.plain_text(2000), "optional": boolean, "dispatch_action": boolean},
        ),
        _files_do_not_dispatch,
    ),
    "image": every(
        _block(
            {"alt_text": string(2000)},
            {"image_url": c.link, "slack_file": anything, "title": c.plain_text(2000)},
        ),
        c.image_source,
    ),
    "rich_text": _block({"elements": c.rich_text_elements}),
    "markdown": _block({"text": string(12_000)}),
    "alert": _block({"text": c.any_text()}, {"level": one_of("default", "info", "warning", "error", "success")}),
    "table": _block(
        {"rows": listed(listed(_cell, 20), 100)}, {"column_settings": listed(_column_or_nothing, 20, least=0)}
    ),
    "card": _card,
    "carousel": _block({"elements": listed(by_type({"card": _card}), 10)}),
    "task_card": _task,
    "plan": _block({"title": _plan_title}, {"tasks": listed(_task, least=0)}),
    "container": _unlooked,
    "video": _unlooked,
    "data_table": _unlooked,
    "data_visualization": _unlooked,
}

EVERYWHERE = ("actions", "context", "divider", "header", "image", "input", "rich_text", "section", "video")
# Emulator decision: where the list of surfaces and what people saw disagree (card in modals, table in Home), the
# narrower reading counts, so that a bot that passes here passes there.
ON_SURFACE: dict[str, tuple[str, ...]] = {
    "message": (
        *EVERYWHERE,
        *("context_actions", "markdown", "plan", "task_card", "container", "table", "card", "carousel"),
        *("data_table", "data_visualization"),
    ),
    "modal": (*EVERYWHERE, "alert"),
    "home": (*EVERYWHERE, "card", "carousel"),
}


def blocks_of(surface: str, most: int) -> Check:
    """Make the check of a surface's list of blocks."""
    block = by_type(BLOCKS, allowed=ON_SURFACE[surface])
    return every(listed(block, most, least=0), _block_ids_differ)


def _block_ids_differ(blocks: Any, at: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, block in enumerate(blocks if isinstance(blocks, list) else []):
        block_id = block.get("block_id") if isinstance(block, dict) else None
        if isinstance(block_id, str) and block_id in seen:
            yield Problem(f"block_id {block_id} already exists", f"{at}/{index}/block_id")
        if isinstance(block_id, str):
            seen.add(block_id)
