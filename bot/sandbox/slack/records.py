"""What the workspace remembers: people, groups, channels and messages as immutable records."""

from dataclasses import dataclass, field
from typing import Any, TypeAlias

JsonObject: TypeAlias = dict[str, Any]
"""A JSON object as it crosses the wire; its shape is Slack's, checked by `validation`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A person or bot as the workspace's directory knows them."""

    id: str
    name: str
    real_name: str
    team_id: str
    tz: str = "UTC"
    email: str | None = None
    locale: str = "en-US"
    is_bot: bool = False
    is_admin: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    deleted: bool = False

    @property
    def is_guest(self) -> bool:
        return self.is_restricted or self.is_ultra_restricted


@dataclass(frozen=True, slots=True, kw_only=True)
class Usergroup:
    id: str
    handle: str
    name: str
    users: tuple[str, ...] = ()
    disabled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A channel, public or private, or a direct message (`im_with` names the person the bot talks to)."""

    id: str
    name: str
    members: tuple[str, ...] = ()
    is_private: bool = False
    is_archived: bool = False
    im_with: str | None = None
    connected_teams: tuple[str, ...] = ()
    created: int = 0

    @property
    def kind(self) -> str:
        """Return the word that Slack's scopes use for this conversation (`channels:read`, `groups:read` …)."""
        if self.im_with is not None:
            return "im"
        return "groups" if self.is_private else "channels"

    @property
    def is_ext_shared(self) -> bool:
        return bool(self.connected_teams)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message as it stands now; an edit replaces the record."""

    channel: str
    ts: str
    user: str
    text: str = ""
    blocks: list[JsonObject] = field(default_factory=list)
    attachments: list[JsonObject] = field(default_factory=list)
    metadata: JsonObject | None = None
    thread_ts: str | None = None
    ephemeral_to: str | None = None
    by_app: bool = False
    broadcast: bool = False
    edited_ts: str | None = None
    reactions: tuple[tuple[str, str], ...] = ()

    @property
    def ephemeral(self) -> bool:
        return self.ephemeral_to is not None

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def buttons(self) -> list[str]:
        """Return the labels of the message's buttons, in reading order."""
        elements = [e for b in self.blocks for e in [*b.get("elements", []), b.get("accessory") or {}]]
        return [e["text"]["text"] for e in elements if isinstance(e, dict) and e.get("type") == "button"]
