"""Looking at the app's own standing in Slack: who it is, what it was granted, which channels it is in."""

from dataclasses import dataclass

from slack_sdk import WebClient

from bot.slack.errors import crossing


@dataclass(frozen=True, slots=True)
class Standing:
    """Who the token belongs to; `scopes` None where Slack did not tell them."""

    user: str
    team: str
    scopes: frozenset[str] | None


@dataclass(frozen=True, slots=True)
class ChannelState:
    name: str
    member: bool
    archived: bool
    shared: bool


def standing(client: WebClient) -> Standing:
    """Raises OutletError. https://docs.slack.dev/reference/methods/auth.test"""
    with crossing("auth.test"):
        told = client.auth_test()
    headers = {str(name).lower(): value for name, value in (told.headers or {}).items()}
    # slack_sdk gives a header as text or as a list of texts.
    given = headers.get("x-oauth-scopes")
    text = ",".join(given) if isinstance(given, list) else given
    scopes = None if text is None else frozenset(one.strip() for one in text.split(",") if one.strip())
    return Standing(str(told.get("user") or told["user_id"]), str(told.get("team") or told["team_id"]), scopes)


def open_socket(client: WebClient, app_token: str) -> None:
    """Ask for a socket's address without connecting. Raises OutletError where Socket Mode cannot be used.

    https://docs.slack.dev/reference/methods/apps.connections.open
    """
    with crossing("apps.connections.open"):
        client.apps_connections_open(app_token=app_token)


def channel(client: WebClient, channel_id: str) -> ChannelState:
    """Raises OutletError. https://docs.slack.dev/reference/methods/conversations.info"""
    with crossing("conversations.info"):
        told = client.conversations_info(channel=channel_id)["channel"]
    return ChannelState(
        name=str(told.get("name") or channel_id),
        member=bool(told.get("is_member")),
        archived=bool(told.get("is_archived")),
        shared=bool(told.get("is_ext_shared") or told.get("is_pending_ext_shared")),
    )
