"""Slack's rate limits per method, to be switched on where a test or trial wants them."""

import math
import time
from collections import deque
from collections.abc import Callable

WINDOW_SECONDS = 60.0
CALLS_PER_MINUTE = {1: 1, 2: 20, 3: 50, 4: 100}

TIERS: dict[str, int] = {
    "apps.connections.open": 1,
    "conversations.list": 2,
    "users.list": 2,
    "usergroups.list": 2,
    "usergroups.users.list": 2,
    "chat.update": 3,
    "chat.delete": 3,
    "conversations.info": 3,
    "conversations.history": 3,
    "conversations.replies": 3,
    "conversations.join": 3,
    "conversations.open": 3,
    "functions.completeSuccess": 3,
    "functions.completeError": 3,
    "reactions.add": 3,
    "team.info": 3,
    "users.lookupByEmail": 3,
    "chat.postEphemeral": 4,
    "conversations.members": 4,
    "users.info": 4,
    "views.open": 4,
    "views.push": 4,
    "views.update": 4,
    "views.publish": 4,
}
"""The published tier of each method; methods with a special limit are left out and never limited here."""


class RateLimits:
    """Count the calls of each method over a sliding minute of real time; off until `enforce` is called."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._calls: dict[str, deque[float]] = {}
        self._allowed: dict[str, int] = {}

    def enforce(self, **per_minute: int) -> None:
        """Enforce the tiers; a keyword such as `users_info=2` sets a method's own number of calls a minute."""
        self._allowed = {method: CALLS_PER_MINUTE[tier] for method, tier in TIERS.items()}
        for name, allowed in per_minute.items():
            self._allowed[name.replace("_", ".")] = allowed

    def seconds_to_wait(self, method: str) -> int:
        """Count a call; return 0 when it may pass, else the whole seconds for Retry-After."""
        allowed = self._allowed.get(method)
        if allowed is None:
            return 0
        calls, now = self._calls.setdefault(method, deque()), self._now()
        while calls and now - calls[0] >= WINDOW_SECONDS:
            calls.popleft()
        if len(calls) >= allowed:
            return max(1, math.ceil(WINDOW_SECONDS - (now - calls[0])))
        calls.append(now)
        return 0
