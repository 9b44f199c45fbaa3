"""What every payload of Slack's that follows a press says: who pressed, where, and how to answer."""

from collections.abc import Mapping
from typing import Any

from slack_sdk import WebClient

from bot.domain.people import Actor
from bot.domain.sentences import TOO_SLOW
from commands.subcommands import Call


def actor_of(body: Mapping[str, Any]) -> Actor:
    """Whoever did it; in a shared channel their workspace is not the payload's team."""
    user, team = body["user"], body.get("team") or {}
    return Actor(user["id"], str(user.get("team_id") or team.get("id") or ""), str(user.get("name") or ""))


def pressed(body: Mapping[str, Any], client: WebClient, respond: Any) -> Call:
    """A button on a message as the call of a form; its answers leave the message as it is."""
    container = body.get("container") or {}
    channel = str((body.get("channel") or {}).get("id") or container.get("channel_id") or "")

    def tell(**said: Any) -> None:
        respond(**{**said, "replace_original": False})

    return Call("", actor_of(body), channel, str(body.get("trigger_id") or ""), client, tell, TOO_SLOW)
