"""A draft: what a person has chosen so far in the walk, kept in the store so that nothing typed is lost."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.people import Actor


class DraftState(StrEnum):
    OPEN = "OPEN"
    SENDING = "SENDING"
    SENT = "SENT"


class Page(StrEnum):
    """The steps of the walk, in order."""

    BACKUP = "backup"
    DESTINATION = "destination"
    RETENTION = "retention"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class Form:
    """The choices. Keys are the inventory's short names for a table and a recovery point; `account` is an alias.

    `days` is kept as typed, so that going back shows it again even when it cannot be used.
    """

    page: Page = Page.BACKUP
    query: str = ""
    table_key: str = ""
    point_key: str = ""
    account: str = ""
    region: str = ""
    vault: str = ""
    keep: str = ""
    days: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """One walk of one person. `version` grows with every change; `view_hash` is the newest view we know of.

    `due_at` is set while the draft is SENDING: when it passes, a sweep finishes what a crash interrupted.
    """

    id: str
    actor: Actor
    channel: str
    timezone: str
    form: Form
    state: DraftState
    version: int
    created_at: datetime
    updated_at: datetime
    view_id: str = ""
    view_hash: str = ""
    request_id: str | None = None
    due_at: datetime | None = None
