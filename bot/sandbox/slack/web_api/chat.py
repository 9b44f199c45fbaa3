"""chat.*: posting, editing and deleting messages, with the refusals that real channels give."""

import json
from dataclasses import replace

from ..ids import BOT_USER, TEAM_DOMAIN
from ..message_wire import message_json
from ..records import Conversation, JsonObject, Message
from ..validation import validate_message
from ..views import with_ids
from .call import Call, Handler, Refusal

TEXT_CUT = 40_000
TEXT_OF_UPDATE = 4_000
# Emulator decision: Slack has `metadata_too_large` but publishes no number.
METADATA_BYTES = 8_000


def post_message(call: Call) -> JsonObject:
    there = _addressed(call)
    _refuse_unpostable(call, there)
    content = _content(call)
    root = _thread_root(call, there)
    message = Message(
        channel=there.id,
        ts=call.workspace.timeline.new_ts(there.id),
        user=BOT_USER,
        by_app=True,
        thread_ts=root,
        broadcast=bool(root) and call.flag("reply_broadcast"),
        **content,
    )
    call.workspace.timeline.post(message)
    return {
        "channel": there.id,
        "ts": message.ts,
        "message": message_json(message, all_metadata=True),
    }


def _addressed(call: Call) -> Conversation:
    wanted = call.required("channel")
    directory = call.workspace.directory
    if wanted in directory.people:
        # Emulator decision: a user id stands for the bot's own direct message with that person.
        return directory.open_im(wanted)[0]
    by_name = {c.name: c.id for c in directory.conversations.values() if c.im_with is None}
    found = directory.visible_to_bot(by_name.get(wanted.removeprefix("#"), wanted))
    if found is None:
        raise Refusal("channel_not_found")
    return found


def _refuse_unpostable(call: Call, there: Conversation) -> None:
    if there.is_archived:
        raise Refusal("is_archived")
    public_grant = call.workspace.app.scopes is not None and call.workspace.app.grants("chat:write.public")
    if BOT_USER not in there.members and not (there.kind == "channels" and public_grant):
        raise Refusal("not_in_channel")


def _thread_root(call: Call, there: Conversation) -> str | None:
    thread_ts = call.text("thread_ts")
    if not thread_ts:
        return None
    root = call.workspace.timeline.find(there.id, thread_ts)
    if root is None:
        # Emulator decision: what Slack does with a parent that is gone is not documented; refusing shows the mistake.
        raise Refusal("thread_not_found")
    if root.is_reply or root.ephemeral:
        # Emulator decision: Slack asks for the parent's ts and says nothing of the rest; this code comes nearest.
        raise Refusal("cannot_reply_to_message")
    return thread_ts


def _content(call: Call) -> JsonObject:
    """Return the checked text, blocks, attachments and metadata of a message that is posted."""
    blocks, attachments = json_list(call, "blocks"), json_list(call, "attachments")
    text, markdown = call.text("text"), call.text("markdown_text")
    if markdown and (text or blocks):
        raise Refusal("markdown_text_conflict")
    if not (text or markdown or blocks or attachments):
        raise Refusal("no_text")
    refuse_invalid_message(blocks or [], attachments or [])
    if blocks and not text:
        call.workspace.traffic.warn("A message has blocks but no text: screen readers and notifications get nothing.")
    return {
        "text": (text or markdown)[:TEXT_CUT],
        "blocks": with_ids(blocks or []),
        "attachments": attachments or [],
        "metadata": _metadata(call),
    }


def json_list(call: Call, name: str) -> list[JsonObject] | None:
    """Return an argument that holds a JSON list. Raises Refusal when it doesn't."""
    try:
        value = call.json(name)
    except ValueError:
        value = False
    if value is None or value == "":
        return None
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise Refusal("invalid_blocks_format" if name == "blocks" else "invalid_attachments")
    return value


def refuse_invalid_message(blocks: list[JsonObject], attachments: list[JsonObject]) -> None:
    problems = validate_message({"blocks": blocks, "attachments": attachments})
    if problems:
        raise Refusal(
            problems[0].error or "invalid_blocks",
            errors=[str(p) for p in problems],
            response_metadata={"messages": [f"[ERROR] {p}" for p in problems]},
        )


def _metadata(call: Call) -> JsonObject | None:
    try:
        metadata = call.json("metadata")
    except ValueError:
        raise Refusal("invalid_metadata_format") from None
    if not metadata:
        return None
    shaped = isinstance(metadata, dict) and isinstance(metadata.get("event_type"), str)
    if not shaped or not isinstance(metadata.get("event_payload"), dict):
        raise Refusal("invalid_metadata_format")
    if len(json.dumps(metadata)) > METADATA_BYTES:
        raise Refusal("metadata_too_large")
    return dict(metadata)


def update(call: Call) -> JsonObject:
    there = call.joined_conversation()
    message = _own_message(call, there, "ts", "cant_update_message")
    if there.is_archived:
        raise Refusal("is_archived")
    new = _edited(call, message)
    call.workspace.timeline.edit(new)
    return {
        "channel": there.id,
        "ts": new.ts,
        "text": new.text,
        "message": message_json(new, all_metadata=True),
    }


def _edited(call: Call, message: Message) -> Message:
    """Apply chat.update's rules: text without blocks drops the blocks, metadata and attachments stay unless sent."""
    blocks, attachments = json_list(call, "blocks"), json_list(call, "attachments")
    text = call.text("text")
    if not text and blocks is None and attachments is None:
        raise Refusal("no_text")
    if len(text) > TEXT_OF_UPDATE:
        raise Refusal("msg_too_long")
    refuse_invalid_message(blocks or [], attachments or [])
    return replace(
        message,
        text=text if text or blocks is None else message.text,
        blocks=with_ids(blocks or []) if text or blocks is not None else message.blocks,
        attachments=message.attachments if attachments is None else attachments,
        metadata=_metadata(call) if "metadata" in call.arguments else message.metadata,
    )


def _own_message(call: Call, there: Conversation, name: str, not_own: str) -> Message:
    message = call.workspace.timeline.find(there.id, call.required(name))
    if message is None or message.ephemeral:
        raise Refusal("message_not_found")
    if message.user != BOT_USER:
        raise Refusal(not_own)
    return message


def delete(call: Call) -> JsonObject:
    there = call.conversation()
    message = _own_message(call, there, "ts", "cant_delete_message")
    call.workspace.timeline.delete(there.id, message.ts)
    return {"channel": there.id, "ts": message.ts}


def post_ephemeral(call: Call) -> JsonObject:
    there = call.joined_conversation()
    user = call.required("user")
    if there.is_archived:
        raise Refusal("is_archived")
    if user not in there.members:
        raise Refusal("user_not_in_channel")
    content = _content(call) | {"metadata": None}
    message = Message(
        channel=there.id,
        ts=call.workspace.timeline.new_ts(there.id),
        user=BOT_USER,
        by_app=True,
        ephemeral_to=user,
        thread_ts=call.text("thread_ts") or None,
        **content,
    )
    call.workspace.timeline.post(message)
    return {"message_ts": message.ts}


def get_permalink(call: Call) -> JsonObject:
    there = call.conversation()
    message = call.workspace.timeline.find(there.id, call.required("message_ts"))
    if message is None or message.ephemeral:
        raise Refusal("message_not_found")
    link = f"https://{TEAM_DOMAIN}.slack.com/archives/{there.id}/p{message.ts.replace('.', '')}"
    if message.is_reply:
        link += f"?thread_ts={message.thread_ts}&cid={there.id}"
    return {"channel": there.id, "permalink": link}


METHODS: dict[str, Handler] = {
    "chat.postMessage": post_message,
    "chat.update": update,
    "chat.delete": delete,
    "chat.postEphemeral": post_ephemeral,
    "chat.getPermalink": get_permalink,
}
