"""A sheet: a form under way (restore, drill, schedule), its answers kept so that nothing typed is lost."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bot.domain.people import Actor

MANY = "\n"
"""What parts the values of a field of which several may be chosen."""


class SheetKind(StrEnum):
    RESTORE = "restore"
    DRILL = "drill"
    SCHEDULE = "schedule"
    NOW = "now"
    SEQUENCE = "sequence"
    KEEP = "keep"
    EXTEND = "extend"


class SheetState(StrEnum):
    OPEN = "OPEN"
    SENDING = "SENDING"
    SENT = "SENT"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One form of one person. `answers` maps a field to what was chosen or typed there.

    `due_at` is set while it is SENDING: when it passes, a sweep finishes what a crash interrupted.
    """

    id: str
    kind: SheetKind
    actor: Actor
    channel: str
    timezone: str
    created_at: datetime
    answers: Mapping[str, str] = field(default_factory=dict)
    state: SheetState = SheetState.OPEN
    view_id: str = ""
    request_id: str | None = None
    due_at: datetime | None = None

    def answer(self, name: str) -> str:
        return self.answers.get(name, "")
