"""Who is who in Slack: asked live, since who may decide counts at the moment of the click; failing closed."""

from collections.abc import Sequence

from slack_sdk import WebClient

from bot.domain.errors import OutletLockedOut, OutletRefused
from bot.domain.people import Actor, Person
from bot.slack.errors import crossing


class SlackPeople:
    """The People port over users.info, usergroups.users.list, conversations.info and auth.test."""

    def __init__(self, client: WebClient) -> None:
        self._client = client
        self._self: Actor | None = None

    def person(self, user_id: str) -> Person:
        """https://docs.slack.dev/reference/methods/users.info"""
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

    def approvers(self, ids: Sequence[str]) -> frozenset[str]:
        """User groups resolved by usergroups.users.list; people who cannot act any more are left out by their click."""
        groups = [one for one in ids if one.startswith("S")]
        users = frozenset(one for one in ids if not one.startswith("S"))
        return users.union(*(self._group(group) for group in groups))

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
        closed = info.get("is_archived") or info.get("is_ext_shared") or info.get("is_pending_ext_shared")
        return bool(info.get("is_member")) and not closed

    def _group(self, group: str) -> frozenset[str]:
        with crossing("usergroups.users.list"):
            return frozenset(str(user) for user in self._client.usergroups_users_list(usergroup=group)["users"])
