"""Rich text as a reader sees it."""

from collections.abc import Callable

from .mrkdwn import Reader, format_date
from .records import JsonObject

Leaf = Callable[[JsonObject, Reader], str]

_LEAVES: dict[str, Leaf] = {
    "text": lambda e, reader: str(e["text"]),
    "link": lambda e, reader: f"{e['text']} ({e['url']})" if e.get("text") else str(e["url"]),
    "user": lambda e, reader: reader.person(e["user_id"]),
    "usergroup": lambda e, reader: reader.usergroup(e["usergroup_id"]),
    "channel": lambda e, reader: reader.channel(e["channel_id"]),
    "broadcast": lambda e, reader: f"@{e['range']}",
    "emoji": lambda e, reader: f":{e['name']}:",
    "date": lambda e, reader: format_date(e["timestamp"], e["format"], reader),
    "color": lambda e, reader: str(e["value"]),
    "team": lambda e, reader: str(e["team_id"]),
}


def read_rich_text(block: JsonObject, reader: Reader) -> list[str]:
    """Return the lines of a rich_text block (or of a table cell of that type)."""
    return [line for part in block["elements"] for line in _part(part, reader)]


def _part(part: JsonObject, reader: Reader) -> list[str]:
    kind = part["type"]
    if kind == "rich_text_list":
        indent = "  " * part.get("indent", 0)
        return [
            f"{indent}{f'{number}.' if part['style'] == 'ordered' else '•'} {_joined(item, reader)}"
            for number, item in enumerate(part["elements"], start=part.get("offset", 0) + 1)
        ]
    prefix = {"rich_text_quote": "> ", "rich_text_preformatted": "    "}.get(kind, "")
    return [prefix + line for line in _joined(part, reader).splitlines() or [""]]


def _joined(section: JsonObject, reader: Reader) -> str:
    return "".join(_LEAVES[leaf["type"]](leaf, reader) for leaf in section["elements"])
