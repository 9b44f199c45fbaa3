"""Messages and views as plain readable text, for the demo's printed thread and for tests."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

from .elements import TEXT_INPUTS, Values, initial_values, value_of
from .mrkdwn import Reader, read_mrkdwn
from .records import JsonObject, Message
from .rich_text import read_rich_text
from .views import View
from .workspace import Workspace

Lines: TypeAlias = Iterator[str]


def render_message(message: Message, workspace: Workspace | None = None, tz: str = "UTC") -> str:
    """Return a message as this reader sees it: who and when, then the blocks (or the text without blocks)."""
    reader = Reader(workspace, tz)
    return "\n".join([_byline(message, reader), *content_lines(message, reader)])


def _byline(message: Message, reader: Reader) -> str:
    at = datetime.fromtimestamp(float(message.ts), ZoneInfo(reader.tz))
    name = reader.person(message.user).removeprefix("@")
    marks = [name, f"{at:%H:%M}"]
    if message.ephemeral_to:
        marks.append(f"only visible to {reader.person(message.ephemeral_to).removeprefix('@')}")
    if message.edited_ts and not message.blocks:
        marks.append("edited")
    return " · ".join(marks)


def content_lines(message: Message, reader: Reader) -> list[str]:
    """Return what stands below the byline."""
    if not message.blocks:
        lines = read_mrkdwn(message.text, reader).splitlines()
    else:
        lines = list(_blocks(message.blocks, initial_values(message.blocks), reader))
    for attachment in message.attachments:
        text = attachment.get("text") or attachment.get("fallback") or ""
        lines += [f"| {line}" for line in read_mrkdwn(text, reader).splitlines()]
        blocks = attachment.get("blocks") or []
        lines += [f"| {line}" for line in _blocks(blocks, initial_values(blocks), reader)]
    return lines + [f":{name}:" for name, _ in message.reactions]


def render_view(view: View, workspace: Workspace | None = None, tz: str = "UTC") -> str:
    """Return a modal or Home tab as text: title, blocks with what was entered, errors, buttons."""
    reader = Reader(workspace, tz)
    lines = [f"=== {view.title} ==="] if view.type == "modal" else []
    lines += _blocks(view.blocks, view.values, reader, view.errors)
    if view.trouble:
        lines.append(f"! {view.trouble}")
    if view.type == "modal":
        close = view.definition["close"]["text"] if view.definition["close"] else "Cancel"
        lines.append(" ".join([f"[{close}]", *([f"[{view.submit_text}]"] if view.submit_text else [])]))
    return "\n".join(lines)


def _blocks(blocks: list[JsonObject], values: Values, reader: Reader, errors: dict[str, str] | None = None) -> Lines:
    for block in blocks:
        render = _RENDER.get(block["type"])
        if render is None:
            yield f"({block['type']})"
        else:
            yield from render(block, values, reader)
        if errors and block.get("block_id") in errors:
            yield f"! {errors[block['block_id']]}"


def _text(text: JsonObject, reader: Reader) -> str:
    return read_mrkdwn(text["text"], reader) if text["type"] == "mrkdwn" else str(text["text"])


def _header(block: JsonObject, _: Values, reader: Reader) -> Lines:
    yield f"# {_text(block['text'], reader)}"


def _section(block: JsonObject, values: Values, reader: Reader) -> Lines:
    if block.get("text"):
        yield from _text(block["text"], reader).splitlines()
    for one in block.get("fields") or []:
        lines = _text(one, reader).splitlines()
        yield lines[0] if len(lines) == 1 else f"{lines[0].rstrip(':')}: {' '.join(lines[1:])}"
    if block.get("accessory"):
        yield _element(block, block["accessory"], values, reader)


def _context(block: JsonObject, _: Values, reader: Reader) -> Lines:
    parts = [e["alt_text"] if e["type"] == "image" else _text(e, reader) for e in block["elements"]]
    yield f"({' · '.join(parts)})"


def _actions(block: JsonObject, values: Values, reader: Reader) -> Lines:
    yield " ".join(_element(block, element, values, reader) for element in block["elements"])


def _input(block: JsonObject, values: Values, reader: Reader) -> Lines:
    optional = " (optional)" if block.get("optional") else ""
    yield f"{_text(block['label'], reader)}{optional}: {_element(block, block['element'], values, reader)}"
    if block.get("hint"):
        yield f"  ({_text(block['hint'], reader)})"


def _table(block: JsonObject, _: Values, reader: Reader) -> Lines:
    for row in block["rows"]:
        yield " | ".join(_cell(cell, reader) for cell in row)


def _cell(cell: JsonObject, reader: Reader) -> str:
    if cell["type"] == "rich_text":
        return " ".join(read_rich_text(cell, reader))
    return str(cell.get("text", cell.get("value", "")))


def _task(block: JsonObject, _: Values, reader: Reader) -> Lines:
    yield f"{_TASK_MARKS[block.get('status', 'pending')]} {block['title']}"
    for part in ("details", "output"):
        if block.get(part):
            yield from (f"    {line}" for line in read_rich_text(block[part], reader))


def _plan(block: JsonObject, values: Values, reader: Reader) -> Lines:
    title = block["title"]
    yield title if isinstance(title, str) else _text(title, reader)
    for task in block.get("tasks") or []:
        yield from _task(task, values, reader)


def _card(block: JsonObject, values: Values, reader: Reader) -> Lines:
    yield from (_text(block[part], reader) for part in ("title", "subtitle", "body") if block.get(part))
    if block.get("actions"):
        yield " ".join(_element(block, button, values, reader) for button in block["actions"])


def _element(block: JsonObject, element: JsonObject, values: Values, reader: Reader) -> str:
    kind = element["type"]
    if kind == "image":
        return f"[image: {element['alt_text']}]"
    if kind == "overflow":
        return " ".join(f"[… {o['text']['text']}]" for o in element["options"])
    if "text" in element:
        return f"[{_text(element['text'], reader)}]"
    state = values.get(block.get("block_id", ""), {}).get(element.get("action_id", ""))
    if kind in ("radio_buttons", "checkboxes"):
        return _ticks(element, state, reader)
    shown = _shown(value_of(state), reader) if state else ""
    placeholder = element.get("placeholder")
    empty = f"‹{placeholder['text']}›" if placeholder else "‹›"
    return shown or (empty if kind in TEXT_INPUTS else f"{empty} ▾")


def _ticks(element: JsonObject, state: JsonObject | None, reader: Reader) -> str:
    value = value_of(state) if state else None
    chosen = value if isinstance(value, list) else [value]
    on, off = ("(•)", "( )") if element["type"] == "radio_buttons" else ("[x]", "[ ]")
    return " ".join(f"{on if o in chosen else off} {_text(o['text'], reader)}" for o in element["options"])


def _shown(value: object, reader: Reader) -> str:
    if isinstance(value, list):
        return ", ".join(_shown(one, reader) for one in value)
    if not isinstance(value, dict):
        return "" if value is None else _named(str(value), reader)
    if value.get("type") == "rich_text":
        return " ".join(read_rich_text(value, reader))
    return _text(value["text"], reader)


def _named(value: str, reader: Reader) -> str:
    """Show a chosen person or channel by name, anything else as it is."""
    if reader.workspace and value in reader.workspace.directory.people:
        return reader.person(value)
    if reader.workspace and value in reader.workspace.directory.conversations:
        return reader.channel(value)
    return value


_TASK_MARKS = {"pending": "[ ]", "in_progress": "[…]", "complete": "[✓]", "error": "[✗]"}

_RENDER: dict[str, Callable[[JsonObject, Values, Reader], Lines]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "table": _table,
    "task_card": _task,
    "plan": _plan,
    "card": _card,
    "divider": lambda block, values, reader: iter(["---"]),
    "rich_text": lambda block, values, reader: iter(read_rich_text(block, reader)),
    "markdown": lambda block, values, reader: iter(str(block["text"]).splitlines()),
    "alert": lambda block, values, reader: iter([f"! {_text(block['text'], reader)}"]),
    "image": lambda block, values, reader: iter([f"[image: {block['alt_text']}]"]),
}
