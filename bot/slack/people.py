"""Who is who in Slack: asked live, remembered briefly, and failing closed."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from slack_sdk import WebClient

from bot.domain.errors import OutletLockedOut, OutletRefused
from bot.domain.people import Person
from bot.domain.ports import Clock
from bot.slack.errors import crossing

# usergroups.users.list allows about 20 calls a minute (tier 2); people clicking together share one answer.
REMEMBER = timedelta(seconds=5)

Known = TypeVar("Known")


class SlackPeople:
    """The People port over users.info, usergroups.users.list, conversations.info and auth.test."""

    def __init__(self, client: WebClient, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], tuple[datetime, Any]] = {}
        self._home: str | None = None

    def person(self, user_id: str) -> Person:
        """https://docs.slack.dev/reference/methods/users.info"""
        return self._remembered(("user", user_id), lambda: self._ask_person(user_id))

    def approvers(self, ids: Sequence[str]) -> frozenset[str]:
        """User groups resolved by usergroups.users.list; people who cannot act any more are left out by their click."""
        groups = [one for one in ids if one.startswith("S")]
        users = frozenset(one for one in ids if not one.startswith("S"))
        return users.union(*(self._group(group) for group in groups))

    def home_team(self) -> str:
        """https://docs.slack.dev/reference/methods/auth.test"""
        if self._home is None:
            with crossing("auth.test"):
                self._home = str(self._client.auth_test()["team_id"])
        return self._home

    def can_post_to(self, channel: str) -> bool:
        """https://docs.slack.dev/reference/methods/conversations.info"""
        try:
            with crossing("conversations.info"):
                info = self._client.conversations_info(channel=channel)["channel"]
        except OutletRefused:
            return False
        except OutletLockedOut as error:
            # A direct message needs im:read, which the bot does without: no place for a request either.
            if error.code == "missing_scope":
                return False
            raise
        closed = info.get("is_archived") or info.get("is_ext_shared") or info.get("is_pending_ext_shared")
        return bool(info.get("is_member")) and not closed

    def _ask_person(self, user_id: str) -> Person:
        with crossing("users.info"):
            user = self._client.users_info(user=user_id)["user"]
        profile = user.get("profile") or {}
        return Person(
            user_id=user["id"],
            team_id=str(user.get("team_id") or ""),
            name=str(profile.get("display_name") or user.get("real_name") or user.get("name") or ""),
            timezone=str(user.get("tz") or "UTC"),
            is_bot=bool(user.get("is_bot") or user.get("is_app_user")),
            is_deactivated=bool(user.get("deleted")),
            is_guest=bool(user.get("is_restricted") or user.get("is_ultra_restricted") or user.get("is_stranger")),
        )

    def _group(self, group: str) -> frozenset[str]:
        return self._remembered(("group", group), lambda: self._ask_group(group))

    def _ask_group(self, group: str) -> frozenset[str]:
        with crossing("usergroups.users.list"):
            return frozenset(str(user) for user in self._client.usergroups_users_list(usergroup=group)["users"])

    def _remembered(self, key: tuple[str, str], ask: Callable[[], Known]) -> Known:
        now = self._clock.now()
        with self._lock:
            known = self._known.get(key)
        if known and timedelta(0) <= now - known[0] < REMEMBER:
            return known[1]  # type: ignore[no-any-return]
        answer = ask()
        with self._lock:
            self._known[key] = (now, answer)
        return answer
