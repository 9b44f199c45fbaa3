"""The payloads of interactions as Slack spells them; pure functions of what the person did."""

import time
from dataclasses import dataclass

from .elements import STATE_KEYS, Placed, Values
from .ids import APP, TEAM, TEAM_DOMAIN, VERIFICATION_TOKEN
from .message_wire import message_json
from .records import Conversation, JsonObject, Member, Message
from .views import View


@dataclass(frozen=True, slots=True)
class Grants:
    """The rights that travel with an interaction."""

    trigger_id: str
    response_url: str = ""


def _common(kind: str, person: Member) -> JsonObject:
    return {
        "type": kind,
        "team": {"id": TEAM, "domain": TEAM_DOMAIN},
        "user": {
            "id": person.id,
            "username": person.name,
            "name": person.name,
            "team_id": person.team_id,
        },
        "api_app_id": APP,
        "token": VERIFICATION_TOKEN,
        "enterprise": None,
        "is_enterprise_install": False,
    }


def _channel(there: Conversation) -> JsonObject:
    if there.im_with is not None:
        return {"id": there.id, "name": "directmessage"}
    return {"id": there.id, "name": "privategroup" if there.is_private else there.name}


def slash_command(person: Member, there: Conversation, command: str, text: str, grants: Grants) -> JsonObject:
    """Return a command's form; it never carries a thread."""
    channel = _channel(there)
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": TEAM,
        "team_domain": TEAM_DOMAIN,
        "channel_id": channel["id"],
        "channel_name": channel["name"],
        "user_id": person.id,
        "user_name": person.name,
        "command": command,
        "text": text,
        "api_app_id": APP,
        "is_enterprise_install": "false",
        "response_url": grants.response_url,
        "trigger_id": grants.trigger_id,
    }


def action(placed: Placed, state: JsonObject | None) -> JsonObject:
    """Return the one entry of `actions`: the element, what was chosen, and when."""
    element = placed.element
    entry: JsonObject = {
        "type": element["type"],
        "action_id": placed.action_id,
        "block_id": placed.block_id,
        "action_ts": f"{time.time():.6f}",
    }
    for key in ("text", "value", "style", "placeholder", "url", "confirm"):
        if key in element and element["type"] not in STATE_KEYS:
            entry[key] = element[key]
    return entry | {k: v for k, v in (state or {}).items() if k != "type"}


def actions_in_view(person: Member, view: View, entry: JsonObject, grants: Grants) -> JsonObject:
    return {
        **_common("block_actions", person),
        "container": {"type": "view", "view_id": view.id},
        "trigger_id": grants.trigger_id,
        "view": view.payload(),
        "actions": [entry],
    }


def actions_in_message(
    person: Member, there: Conversation, message: Message, values: Values, entry: JsonObject, grants: Grants
) -> JsonObject:
    container: JsonObject = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": message.ephemeral,
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    payload: JsonObject = {
        **_common("block_actions", person),
        "container": container,
        "channel": _channel(there),
        "state": {"values": values},
        "response_url": grants.response_url,
        "trigger_id": grants.trigger_id,
        "actions": [entry],
    }
    if not message.ephemeral:
        # Emulator decision: the text of an ephemeral message isn't sent back with a click on it.
        payload["message"] = message_json(message, all_metadata=True)
    return payload


def view_submission(person: Member, view: View, grants: Grants, response_urls: list[JsonObject]) -> JsonObject:
    return {
        **_common("view_submission", person),
        "trigger_id": grants.trigger_id,
        "view": view.payload(),
        "response_urls": response_urls,
    }


def view_closed(person: Member, view: View, *, is_cleared: bool) -> JsonObject:
    return {
        **_common("view_closed", person),
        "view": view.payload(with_state=False),
        "is_cleared": is_cleared,
    }


def suggestion_in_view(person: Member, view: View, placed: Placed, typed: str) -> JsonObject:
    return {
        **_common("block_suggestion", person),
        "container": {"type": "view", "view_id": view.id},
        "action_id": placed.action_id,
        "block_id": placed.block_id,
        "value": typed,
        "view": view.payload(),
    }


def suggestion_in_message(
    person: Member, there: Conversation, message: Message, placed: Placed, typed: str
) -> JsonObject:
    return {
        **_common("block_suggestion", person),
        "container": {"type": "message", "message_ts": message.ts, "channel_id": message.channel},
        "action_id": placed.action_id,
        "block_id": placed.block_id,
        "value": typed,
        "channel": _channel(there),
        "message": message_json(message),
    }


def shortcut(person: Member, callback_id: str, grants: Grants) -> JsonObject:
    return {
        **_common("shortcut", person),
        "callback_id": callback_id,
        "action_ts": f"{time.time():.6f}",
        "trigger_id": grants.trigger_id,
    }


def message_shortcut(
    person: Member, there: Conversation, message: Message, callback_id: str, grants: Grants
) -> JsonObject:
    return {
        **_common("message_action", person),
        "callback_id": callback_id,
        "action_ts": f"{time.time():.6f}",
        "trigger_id": grants.trigger_id,
        "response_url": grants.response_url,
        "message_ts": message.ts,
        "channel": _channel(there),
        "message": message_json(message),
    }
