"""The few Block Kit shapes that messages and views share."""

from collections.abc import Mapping, Sequence

Block = dict[str, object]


def header(text: str) -> Block:
    return {"type": "header", "text": {"type": "plain_text", "text": text[:150], "emoji": False}}


def section(text: str, block_id: str | None = None) -> Block:
    block: Block = {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}
    return {**block, "block_id": block_id} if block_id else block


def fields(pairs: Sequence[tuple[str, str]]) -> Block:
    """A section of name and value pairs (10 at most)."""
    return {
        "type": "section",
        "fields": [{"type": "mrkdwn", "text": f"*{name}*\n{value}"[:2000], "verbatim": True} for name, value in pairs],
    }


def context(text: str) -> Block:
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": text, "verbatim": True}]}


def actions(block_id: str, elements: Sequence[Mapping[str, object]]) -> Block:
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def button(
    action_id: str,
    label: str,
    value: str,
    *,
    style: str | None = None,
    confirm: Mapping[str, object] | None = None,
    spoken: str = "",
) -> Block:
    """A button; `spoken` is what a screen reader says instead of the label."""
    block: Block = {"type": "button", "action_id": action_id, "text": words(label), "value": value}
    if style:
        block["style"] = style
    if confirm:
        block["confirm"] = dict(confirm)
    if spoken:
        block["accessibility_label"] = spoken[:75]
    return block


def confirm(title: str, text: str, yes: str, no: str, *, style: str | None = None) -> Block:
    """A confirm dialog; the text is plain, cut to Slack's 300 characters."""
    block: Block = {
        "title": words(title[:100]),
        "text": words(text if len(text) <= 300 else f"{text[:299]}…"),
        "confirm": words(yes),
        "deny": words(no),
    }
    return {**block, "style": style} if style else block


def words(text: str) -> Block:
    """Plain text; emoji codes stay as typed, so that a table called a:b:c keeps its name."""
    return {"type": "plain_text", "text": text, "emoji": False}


def option(label: str, value: str, description: str = "") -> Block:
    entry: Block = {"text": words(label[:75]), "value": value}
    return {**entry, "description": words(description[:75])} if description else entry
