"""People in Slack, as far as the rules care about them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """A person in Slack: the pair of user and workspace ids is who they are, the name is only for reading."""

    user_id: str
    team_id: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """Who asks or clicks, as Slack tells it at that moment; `timezone` is an IANA name."""

    user_id: str
    team_id: str
    name: str = ""
    timezone: str = "UTC"
    is_bot: bool = False
    is_deactivated: bool = False
    is_guest: bool = False

    @property
    def actor(self) -> Actor:
        return Actor(user_id=self.user_id, team_id=self.team_id, name=self.name)
