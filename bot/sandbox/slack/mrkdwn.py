"""Slack's mark-up as a reader sees it: mentions by name, dates in the reader's zone, entities resolved."""

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from .workspace import Workspace

ANGLE = re.compile(r"<([^<>]+)>")
BOLD = re.compile(r"(?<![\w*])\*(\S(?:[^*\n]*\S)?)\*(?![\w*])")
TOKEN = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Reader:
    """From whose place a text is read: the workspace for the names, the time zone for the dates."""

    workspace: Workspace | None = None
    tz: str = "UTC"

    def person(self, user_id: str) -> str:
        member = self.workspace.directory.people.get(user_id) if self.workspace else None
        return f"@{member.real_name if member else user_id}"

    def channel(self, channel_id: str) -> str:
        there = self.workspace.directory.conversations.get(channel_id) if self.workspace else None
        return f"#{there.name if there else channel_id}"

    def usergroup(self, group_id: str) -> str:
        group = self.workspace.directory.usergroups.get(group_id) if self.workspace else None
        return f"@{group.handle if group else group_id}"

    def now(self) -> datetime | None:
        return self.workspace.clock.now() if self.workspace else None


def read_mrkdwn(text: str, reader: Reader) -> str:
    """Return mrkdwn as readable plain text."""
    resolved = ANGLE.sub(lambda match: _resolved(match[1], reader), text)
    return html.unescape(BOLD.sub(r"\1", resolved))


def _resolved(inside: str, reader: Reader) -> str:
    target, _, label = inside.partition("|")
    if target.startswith("@"):
        return reader.person(target[1:])
    if target.startswith("#"):
        return f"#{label}" if label else reader.channel(target[1:])
    if target.startswith("!subteam^"):
        return reader.usergroup(target.removeprefix("!subteam^"))
    if target.startswith("!date^"):
        return _date(target, label, reader)
    if target.startswith("!"):
        return f"@{target[1:]}"
    return f"{label} ({target})" if label and label != target else target


def _date(target: str, fallback: str, reader: Reader) -> str:
    parts = target.split("^")
    if len(parts) < 3 or not parts[1].isdigit():
        return fallback
    return format_date(int(parts[1]), parts[2], reader)


def format_date(timestamp: int, pattern: str, reader: Reader) -> str:
    """Fill a date pattern such as `{date_short_pretty} at {time}` for this reader."""
    zone = ZoneInfo(reader.tz)
    at = datetime.fromtimestamp(timestamp, zone)
    now = reader.now()
    today = now.astimezone(zone) if now else None

    def token(match: re.Match[str]) -> str:
        name = match[1]
        if name == "ago":
            return _ago(at, today)
        if name.endswith("_pretty"):
            return _pretty(at, today) or _FORMATS[name.removesuffix("_pretty")](at)
        return _FORMATS[name](at) if name in _FORMATS else match[0]

    return TOKEN.sub(token, pattern)


def _pretty(at: datetime, today: datetime | None) -> str | None:
    if today is None:
        return None
    return {-1: "yesterday", 0: "today", 1: "tomorrow"}.get((at.date() - today.date()).days)


def _ago(at: datetime, today: datetime | None) -> str:
    gap = at - (today or at)
    ahead, gap = gap > timedelta(0), abs(gap)
    for unit, seconds in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        count = int(gap.total_seconds() // seconds)
        if count:
            words = f"{count} {unit}{'s' if count > 1 else ''}"
            return f"in {words}" if ahead else f"{words} ago"
    return "just now"


def _ordinal(day: int) -> str:
    suffix = "th" if 10 <= day % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")
    return f"{day}{suffix}"


def _clock(at: datetime, seconds: str = "") -> str:
    return f"{at.hour % 12 or 12}:{at:%M}{seconds} {at:%p}"


_FORMATS: dict[str, Callable[[datetime], str]] = {
    "date_num": lambda at: f"{at:%Y-%m-%d}",
    "date": lambda at: f"{at:%B} {_ordinal(at.day)}, {at.year}",
    "date_slash": lambda at: f"{at:%m/%d/%Y}",
    "date_short": lambda at: f"{at:%b} {at.day}, {at.year}",
    "date_long": lambda at: f"{at:%A}, {at:%B} {_ordinal(at.day)}, {at.year}",
    "time": _clock,
    "time_secs": lambda at: _clock(at, f":{at:%S}"),
}
