"""Text for Slack: escaping what people and AWS wrote, dates in the reader's zone, sizes and durations.

https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SECTION_LENGTH = 3_000
# Marks that reorder or hide text: with them a reason could show something else than it says.
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x00-\x08\x0b-\x1f\x7f]")
# What a cut leaves of an entity, a mention or a date.
_HALF = re.compile(r"(?:&[a-z]{0,3}|<(?:[@#!][^<>]{0,99})?)$")
_UNITS = ("bytes", "KB", "MB", "GB", "TB", "PB")


def escape(text: str) -> str:
    """Make foreign text harmless in mrkdwn: no mentions, no links, no code spans that swallow what follows."""
    calm = _INVISIBLE.sub("", text).replace("`", "\u02cb")
    return calm.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(text: str, length: int) -> str:
    """Foreign text for a plain_text field, cut in the middle so that the tail that differs stays."""
    calm = " ".join(_INVISIBLE.sub("", text).split())
    if len(calm) <= length:
        return calm or "–"
    head = (length - 1) // 2
    return f"{calm[:head]}…{calm[-(length - 1 - head) :]}"


def ours(text: str) -> str:
    """Our own words with `code` in them: what stands between backticks is code, all else is escaped."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return escape(text)
    return "".join(f"`{escape(part)}`" if number % 2 and part else escape(part) for number, part in enumerate(parts))


def code(text: str) -> str:
    """Foreign text as a code span."""
    return f"`{escape(text) or '–'}`"


def quoted(text: str, length: int = SECTION_LENGTH) -> list[str]:
    """Foreign text as quotes, in as many pieces of at most `length` characters as it takes; nothing is lost."""
    pieces, current = [], ""
    for line in escape(text).splitlines() or [""]:
        for part in _parts(line, length - 2):
            quote = f">{part}\n"
            if len(current) + len(quote) > length:
                pieces.append(current.rstrip("\n"))
                current = ""
            current += quote
    return [*pieces, current.rstrip("\n")]


def cut(text: str, length: int) -> str:
    """The beginning of a text, with an ellipsis where something is missing; entities, mentions and dates stay whole."""
    return text if len(text) <= length else f"{_HALF.sub('', text[: length - 1])}…"


def packed(texts: Sequence[str], glue: str, length: int) -> Iterator[str]:
    """Texts together, as many as fit into each of at most `length` characters."""
    together = ""
    for text in (cut(one, length) for one in texts):
        if together and len(together) + len(glue) + len(text) > length:
            yield together
            together = ""
        together = f"{together}{glue}{text}" if together else text
    if together:
        yield together


def date(moment: datetime, *, with_time: bool = True) -> str:
    """A date that each reader sees in their own zone (mrkdwn only), with a UTC fallback."""
    tokens = "{date_short} at {time}" if with_time else "{date_short}"
    return f"<!date^{int(moment.timestamp())}^{tokens}|{utc(moment)}>"


def utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def local(moment: datetime, timezone: str) -> str:
    """A date in a given zone, for plain_text where Slack resolves nothing."""
    there = moment.astimezone(_zone(timezone))
    # As strftime would write it, in a fifth of the time: a list of backups has a date or two in every line.
    return f"{there.isoformat(' ', 'minutes')[:16]} {there.tzname()}"


@lru_cache(maxsize=64)
def _zone(timezone: str) -> ZoneInfo:
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def moment(seconds: object) -> datetime | None:
    """A date out of a notice's facts (Unix seconds)."""
    return datetime.fromtimestamp(seconds, UTC) if isinstance(seconds, int | float) else None


def size(number: object) -> str:
    """Bytes in the largest unit that keeps a figure before the point (powers of 1,024, as AWS counts)."""
    if not isinstance(number, int) or isinstance(number, bool) or number < 0:
        return "size unknown"
    if number == 1:
        return "1 byte"
    value, unit = float(number), 0
    # What would be rounded to 1024 is one of the next unit already.
    while value >= 1023.5 and unit < len(_UNITS) - 1:
        value, unit = value / 1024, unit + 1
    return f"{value:.0f} {_UNITS[unit]}" if unit == 0 or value >= 100 else f"{value:.1f} {_UNITS[unit]}"


def ago(moment: datetime, now: datetime) -> str:
    """How long ago something was, in one unit; what is ahead by a clock's error is just now."""
    return passed((now - moment).total_seconds())


def passed(seconds: float) -> str:
    """A length of time as how long ago it was."""
    days = int(seconds // 86_400)
    if days >= 730:
        return f"{days // 365} years ago"
    if days >= 60:
        return f"{days // 30} months ago"
    for length, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        count = int(seconds // length)
        if count > 0:
            return f"1 {unit} ago" if count == 1 else f"{count} {unit}s ago"
    return "just now"


def duration(seconds: object) -> str:
    """A length of time in words of at most two units."""
    if not isinstance(seconds, int | float):
        return "an unknown time"
    left = max(0, int(seconds))
    parts: list[str] = []
    for name, length in (("day", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        count, left = divmod(left, length)
        if not count and parts:
            break
        if count:
            plural = "s" if name == "day" and count > 1 else ""
            parts.append(f"{count} {name}{plural}")
    return " ".join(parts[:2]) or "less than a second"


def left(until: datetime, now: datetime) -> str:
    """How long it is until then, as exactly as people want it: to the hour, nearer to the end to the minutes."""
    seconds = (until - now).total_seconds()
    step = 3_600 if seconds >= 2 * 86_400 else 600 if seconds >= 7_200 else 60
    return duration(max(60, round(seconds / step) * step))


def _parts(line: str, length: int) -> list[str]:
    """Cut a long escaped line without cutting an entity in two."""
    parts = []
    while len(line) > length:
        end = length
        entity = line.rfind("&", end - 5, end)
        if entity != -1 and ";" not in line[entity:end]:
            end = entity
        parts.append(line[:end])
        line = line[end:]
    return [*parts, line]
