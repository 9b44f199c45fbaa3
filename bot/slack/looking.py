"""Looking at the app's own standing in Slack: who it is, what it was granted, which channels it is in."""

from dataclasses import dataclass

from slack_sdk import WebClient

from bot.slack.errors import crossing

APP_PAGE = "https://api.slack.com/apps"
BOT_TOKEN_IS = f"SLACK_BOT_TOKEN is on the page OAuth & Permissions at {APP_PAGE}."
APP_TOKEN_IS = f"Basic Information at {APP_PAGE}: a token with connections:write, and Socket Mode turned on."


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


def bot_token_refused(code: str) -> str:
    """Why the bot does not start, and what to do."""
    return (
        f"SLACK_BOT_TOKEN: Slack does not accept it ({code}). {BOT_TOKEN_IS} Where it was revoked, or lacks scopes, "
        "install the app again there; then set SLACK_BOT_TOKEN to the token that is shown (xoxb-…) and start again."
    )


def app_token_refused(why: str) -> str:
    """The same of the token for Socket Mode."""
    return (
        f"SLACK_APP_TOKEN: Slack does not open a socket with it ({why}). What is needed is on {APP_TOKEN_IS} "
        "Set SLACK_APP_TOKEN to it (xapp-…) and start again."
    )


def no_answer(url: str, why: str) -> str:
    return f"SLACK_API_URL: no answer from {url} ({why})."
