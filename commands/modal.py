"""What every form is made of: the modal itself, its fields, what is wrong first of all, and that it was sent."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.requests import CopyRequest
from bot.slack.blocks import Block, section, words
from bot.slack.describe import people
from bot.slack.text import cut

MOST_BLOCKS = 100
# What of a view in a payload may be sent back; the rest (id, hash, state …) is Slack's own.
_SENDABLE = ("type", "callback_id", "private_metadata", "title", "submit", "close")
_TROUBLE = "trouble"


def modal(
    callback_id: str,
    metadata: str,
    title: str,
    blocks: Sequence[Block],
    *,
    submit: str | None = None,
    close: str = "Cancel",
    external_id: str = "",
) -> Block:
    """A view on top of the channel; without `submit` it can only be closed."""
    view: Block = {
        "type": "modal",
        "callback_id": callback_id,
        "private_metadata": metadata,
        "title": words(title),
        "close": words(close),
        "blocks": list(blocks),
    }
    if submit:
        view["submit"] = words(submit)
    if external_id:
        view["external_id"] = external_id
    return view


def field(
    block_id: str, label: str, element: Block, *, hint: str = "", dispatch: bool = False, optional: bool = False
) -> Block:
    """An input block; `dispatch` sends a choice at once, for what hangs on it."""
    block: Block = {"type": "input", "block_id": block_id, "label": words(label), "element": element}
    if hint:
        block["hint"] = words(hint)
    if dispatch:
        block["dispatch_action"] = True
    if optional:
        block["optional"] = True
    return block


def trouble(problem: str) -> list[Block]:
    """What stands above everything the person chose; nothing where there is no problem."""
    return [section(f":warning: {cut(problem, 2_900)}")] if problem else []


def with_trouble(view: Mapping[str, Any], problem: str) -> Block:
    """The view that Slack sent, with what is wrong first of all; what was typed stays, since its fields are the same.

    Said again it stands there once.
    """
    kept = {member: view[member] for member in _SENDABLE if view.get(member)}
    blocks = [block for block in view["blocks"] if block.get("block_id") != _TROUBLE]
    return {**kept, "blocks": [section(f":warning: {cut(problem, 2_900)}", _TROUBLE), *blocks][:MOST_BLOCKS]}


def sent_text(request: CopyRequest) -> str:
    return (
        f":white_check_mark: *{request.id} is sent.* It is in <#{request.channel}>; "
        f"{people(request.ruling.everybody)} can approve it in its thread. I will tell you there what happens."
    )
