"""What is sent to the app, and what comes back."""

import secrets
import uuid
from dataclasses import dataclass, field
from typing import Literal

from .records import JsonObject

ParcelKind = Literal["slash_commands", "interactive", "events_api"]


@dataclass(frozen=True, slots=True)
class Parcel:
    """One payload on its way to the app; its id stays the same when it is sent again."""

    kind: ParcelKind
    payload: JsonObject
    id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def name(self) -> str:
        """Return the word a reader knows it by: `slash_commands`, `block_actions`, `app_home_opened` …"""
        if self.kind == "slash_commands":
            return self.kind
        inner = self.payload["event"] if self.kind == "events_api" else self.payload
        return str(inner["type"])


@dataclass(frozen=True, slots=True)
class Retry:
    """Which repetition of an event this is, and why."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a delivery: the app's answer, or how it failed.

    `error` is `operation_timeout`, `dispatch_failed` (nobody there, or an answer other than 200) or None.
    `sent` is false when the person thought better of it in a confirm dialog.
    """

    ok: bool
    body: JsonObject = field(default_factory=dict)
    error: str | None = None
    status: int = 200
    sent: bool = True


def timed_out() -> Answer:
    return Answer(ok=False, error="operation_timeout", status=0)


def not_dispatched(status: int = 0) -> Answer:
    # Emulator decision: Slack's word for an app that nobody answers for, over either transport.
    return Answer(ok=False, error="dispatch_failed", status=status)


def event_id() -> str:
    return f"Ev{secrets.token_hex(5).upper()}"
