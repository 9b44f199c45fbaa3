"""The messages of every conversation, in order, each under a timestamp that is its own."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from .changes import Changes
from .records import Message

MICROS = 1_000_000


class Timeline:
    """Post, edit and delete messages; hand them out as a reader sees them."""

    def __init__(self, changes: Changes, now: Callable[[], datetime]) -> None:
        self._changes = changes
        self._now = now
        self._messages: dict[str, dict[str, Message]] = {}
        self._last: dict[str, int] = {}

    def new_ts(self, channel: str) -> str:
        """Mint the channel's next timestamp: the time, moved on by a microsecond where it is taken."""
        with self._changes.reading():
            micros = max(int(self._now().timestamp() * MICROS), self._last.get(channel, 0) + 1)
            self._last[channel] = micros
        return f"{micros // MICROS}.{micros % MICROS:06d}"

    def post(self, message: Message) -> Message:
        with self._changes.changing():
            self._messages.setdefault(message.channel, {})[message.ts] = message
        return message

    def edit(self, message: Message) -> Message:
        """Put the new version in the old one's place and mark it as edited now."""
        return self.post(replace(message, edited_ts=f"{self._now().timestamp():.6f}"))

    def delete(self, channel: str, ts: str) -> None:
        with self._changes.changing():
            self._messages.get(channel, {}).pop(ts, None)

    def find(self, channel: str, ts: str) -> Message | None:
        with self._changes.reading():
            return self._messages.get(channel, {}).get(ts)

    def all_in(self, channel: str) -> list[Message]:
        with self._changes.reading():
            return list(self._messages.get(channel, {}).values())

    def roots(self, channel: str, *, seen_by: str | None = None) -> list[Message]:
        """Return what the channel itself shows: roots and broadcast replies; with a reader, theirs alone too."""
        return [
            m for m in self.all_in(channel) if (not m.is_reply or m.broadcast) and m.ephemeral_to in (None, seen_by)
        ]

    def thread(self, channel: str, root_ts: str, *, seen_by: str | None = None) -> list[Message]:
        """Return the root and its replies."""
        return [m for m in self.all_in(channel) if root_ts in (m.ts, m.thread_ts) and m.ephemeral_to in (None, seen_by)]

    def ephemerals_of(self, user: str) -> list[Message]:
        with self._changes.reading():
            channels = list(self._messages)
        found = [m for channel in channels for m in self.all_in(channel) if m.ephemeral_to == user]
        return sorted(found, key=lambda m: m.ts)

    def forget_ephemerals_of(self, user: str) -> None:
        """Drop what only this reader saw, as a reload of the client does."""
        for message in self.ephemerals_of(user):
            self.delete(message.channel, message.ts)
