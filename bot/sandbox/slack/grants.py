"""The short-lived rights an interaction gives to the app: trigger ids and response URLs."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from .changes import Changes

RESPONSE_USES = 5
RESPONSE_LIFE = timedelta(minutes=30)


@dataclass(slots=True)
class Trigger:
    user: str
    from_view: str | None
    born: float
    used: bool = False


class TriggerIds:
    """Mint trigger ids and spend them once.

    Emulator decision: their life is counted in real seconds, also when the world's clock runs faster, since it bounds
    the bot's own speed.
    """

    def __init__(self, changes: Changes, life_seconds: float) -> None:
        self._changes = changes
        self.life_seconds = life_seconds
        self._triggers: dict[str, Trigger] = {}

    def mint(self, user: str, from_view: str | None = None) -> str:
        with self._changes.reading():
            trigger_id = f"{len(self._triggers) + 1}.{int(time.time())}.{secrets.token_hex(16)}"
            self._triggers[trigger_id] = Trigger(user, from_view, time.monotonic())
        return trigger_id

    def spend(self, trigger_id: str) -> Trigger | str:
        """Return the trigger, or the error code Slack would answer."""
        with self._changes.reading():
            trigger = self._triggers.get(trigger_id)
            if trigger is None:
                return "invalid_trigger_id"
            if trigger.used:
                return "exchanged_trigger_id"
            if time.monotonic() - trigger.born >= self.life_seconds:
                return "expired_trigger_id"
            trigger.used = True
            return trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseGrant:
    """Where a response URL leads: whose interaction, in which channel, on which message."""

    user: str
    channel: str
    message_ts: str | None = None
    thread_ts: str | None = None
    until: datetime
    uses_left: int = RESPONSE_USES


class ResponseUrls:
    """Hand out response URLs that die after five uses or thirty minutes of world time."""

    def __init__(self, changes: Changes, now: Callable[[], datetime]) -> None:
        self._changes = changes
        self._now = now
        self._grants: dict[str, ResponseGrant] = {}
        self.base_url = ""

    def mint(self, user: str, channel: str, message_ts: str | None = None, thread_ts: str | None = None) -> str:
        token = secrets.token_hex(12)
        with self._changes.reading():
            self._grants[token] = ResponseGrant(
                user=user,
                channel=channel,
                message_ts=message_ts,
                thread_ts=thread_ts,
                until=self._now() + RESPONSE_LIFE,
            )
        return f"{self.base_url}{token}"

    def use(self, token: str) -> ResponseGrant | str:
        """Spend one use and return the grant, or the error code Slack would answer."""
        with self._changes.reading():
            grant = self._grants.get(token)
            if grant is None:
                return "no_such_url"
            if self._now() >= grant.until:
                return "expired_url"
            if grant.uses_left == 0:
                return "used_url"
            self._grants[token] = replace(grant, uses_left=grant.uses_left - 1)
            return grant
