"""A message as Slack puts it on the wire."""

import copy

from .ids import APP, BOT, BOT_USER, TEAM
from .records import JsonObject, Message


def message_json(message: Message, *, all_metadata: bool = False, replies: int = 0) -> JsonObject:
    """Return the message as the Web API and payloads carry it.

    Without `all_metadata` only the metadata's event_type is told.
    """
    body: JsonObject = {
        "type": "message",
        "user": message.user,
        "ts": message.ts,
        "text": message.text,
        "team": TEAM,
    }
    if message.by_app:
        body |= {"bot_id": BOT, "app_id": APP, "bot_profile": {"id": BOT, "app_id": APP, "user_id": BOT_USER}}
    for key, value in (("blocks", message.blocks), ("attachments", message.attachments)):
        if value:
            body[key] = copy.deepcopy(value)
    if message.thread_ts:
        body |= {"thread_ts": message.thread_ts}
    if replies:
        body |= {"thread_ts": message.ts, "reply_count": replies}
    if message.edited_ts and not message.blocks:
        body["edited"] = {"user": message.user, "ts": message.edited_ts}
    if message.broadcast:
        body["subtype"] = "thread_broadcast"
    return body | _reactions(message) | _metadata(message, everything=all_metadata)


def _reactions(message: Message) -> JsonObject:
    names = sorted({name for name, _ in message.reactions})
    users = {name: [u for n, u in message.reactions if n == name] for name in names}
    found = [{"name": n, "users": users[n], "count": len(users[n])} for n in names]
    return {"reactions": found} if found else {}


def _metadata(message: Message, *, everything: bool) -> JsonObject:
    if message.metadata is None:
        return {}
    told = message.metadata if everything else {"event_type": message.metadata["event_type"]}
    return {"metadata": copy.deepcopy(told)}
