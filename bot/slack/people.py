"""Who is who in Slack: asked live, since who may decide counts at the moment of the click; failing closed.

usergroups.users.list may be asked about 20 times a minute (tier 2). So people who click at the same time share one
answer, what is only shown may be a little old, and while Slack wants to be left alone nobody is asked and no click
counts. https://docs.slack.dev/apis/web-api/rate-limits
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from slack_sdk import WebClient

from bot.domain.errors import OutletBusy, OutletLockedOut, OutletRefused
from bot.domain.people import Actor, Person
from bot.domain.ports import Clock
from bot.slack.errors import crossing

Answer = TypeVar("Answer")

# For what is only shown: who would be asked, who is reminded.
GROUP_AGE = timedelta(seconds=30)
PERSON_AGE = timedelta(minutes=5)
# Nobody waits in front of a form for hundreds of calls; beyond these, people of a group count as they are listed.
MOST_PERSONS = 40


@dataclass(frozen=True, slots=True)
class _Reading:
    """The members of a group; `at` is when the asking began, so nothing in it is older."""

    users: frozenset[str]
    at: datetime


class SlackPeople:
    """The People port over users.info, usergroups.users.list, conversations.info and auth.test."""

    def __init__(self, client: WebClient, clock: Clock, *, shared_channels: bool = False) -> None:
        self._client = client
        self._clock = clock
        self._shared_channels = shared_channels
        self._self: Actor | None = None
        self._groups: dict[str, _Reading] = {}
        self._persons: dict[str, tuple[Person | None, datetime]] = {}
        self._left_alone: dict[str, datetime] = {}
        self._turns: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def person(self, user_id: str) -> Person:
        """https://docs.slack.dev/reference/methods/users.info"""
        person = self._asked("users.info", lambda: self._person(user_id))
        self._persons[user_id] = (person, self._clock.now())
        return person

    def persons(self, user_ids: Collection[str]) -> Mapping[str, Person]:
        """Who these people are, for showing and counting; who is not there any more is left out."""
        found: dict[str, Person] = {}
        for number, user_id in enumerate(sorted(user_ids)):
            person = self._known(user_id) if number < MOST_PERSONS else Person(user_id, self.home_team())
            if person is not None:
                found[user_id] = person
        return found

    def approvers(self, ids: Sequence[str], *, since: datetime | None = None) -> frozenset[str]:
        """User groups resolved by usergroups.users.list; people who cannot act any more are left out by their click."""
        groups = [one for one in ids if one.startswith("S")]
        users = frozenset(one for one in ids if not one.startswith("S"))
        return users.union(*(self._members(group, since) for group in groups))

    def home_team(self) -> str:
        return self.myself().team_id

    def myself(self) -> Actor:
        """https://docs.slack.dev/reference/methods/auth.test"""
        if self._self is None:
            with crossing("auth.test"):
                told = self._client.auth_test()
            self._self = Actor(str(told["user_id"]), str(told["team_id"]), str(told.get("user") or ""))
        return self._self

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
        shared = info.get("is_ext_shared") or info.get("is_pending_ext_shared")
        closed = info.get("is_archived") or (shared and not self._shared_channels)
        return bool(info.get("is_member")) and not closed

    def _members(self, group: str, since: datetime | None) -> frozenset[str]:
        """The members as they were at `since` or later (None: lately)."""
        with self._turns[group]:
            now = self._clock.now()
            known = self._groups.get(group)
            if known and (known.at > since if since else now - known.at < GROUP_AGE):
                return known.users
            users = self._asked("usergroups.users.list", lambda: self._group(group))
            self._groups[group] = _Reading(users, now)
            return users

    def _group(self, group: str) -> frozenset[str]:
        """https://docs.slack.dev/reference/methods/usergroups.users.list"""
        with crossing("usergroups.users.list"):
            return frozenset(str(user) for user in self._client.usergroups_users_list(usergroup=group)["users"])

    def _known(self, user_id: str) -> Person | None:
        person, at = self._persons.get(user_id, (None, None))
        if at and self._clock.now() - at < PERSON_AGE:
            return person
        try:
            return self.person(user_id)
        except OutletRefused:
            self._persons[user_id] = (None, self._clock.now())
            return None

    def _person(self, user_id: str) -> Person:
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

    def _asked(self, method: str, ask: Callable[[], Answer]) -> Answer:
        """Ask, unless Slack wants this method to be left alone for now: asking then only makes it longer."""
        until = self._left_alone.get(method)
        now = self._clock.now()
        if until and now < until:
            left = (until - now).total_seconds()
            raise OutletBusy("Slack wants to be left alone", retry_after=left, code="ratelimited", operation=method)
        try:
            return ask()
        except OutletBusy as error:
            self._left_alone[method] = now + timedelta(seconds=error.retry_after)
            raise
