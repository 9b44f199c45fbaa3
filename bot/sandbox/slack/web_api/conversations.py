"""conversations.* and reactions.add: what exists, who is in it, what was said."""

from dataclasses import replace

from ..ids import BOT_USER, TEAM
from ..message_wire import message_json
from ..records import Conversation, JsonObject, Message
from .call import Call, Handler, Refusal, page, paged

KIND_OF_TYPE = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}


def conversation_json(there: Conversation) -> JsonObject:
    if there.im_with is not None:
        return {"id": there.id, "is_im": True, "user": there.im_with, "created": there.created, "is_archived": False}
    return {
        "id": there.id,
        "name": there.name,
        "name_normalized": there.name,
        "is_channel": True,
        "is_group": False,
        "is_im": False,
        "is_mpim": False,
        "is_private": there.is_private,
        "is_archived": there.is_archived,
        "is_general": there.name == "general",
        "is_member": BOT_USER in there.members,
        "is_shared": there.is_ext_shared,
        "is_ext_shared": there.is_ext_shared,
        "is_org_shared": False,
        "is_pending_ext_shared": False,
        "connected_team_ids": list(there.connected_teams),
        "shared_team_ids": [TEAM, *there.connected_teams],
        "context_team_id": TEAM,
        "created": there.created,
    }


def info(call: Call) -> JsonObject:
    there = call.conversation()
    body = conversation_json(there)
    if call.flag("include_num_members"):
        body["num_members"] = len(there.members)
    return {"channel": body}


def list_conversations(call: Call) -> JsonObject:
    kinds = {KIND_OF_TYPE.get(t, t) for t in call.listed("types") or ["public_channel"]}
    directory = call.workspace.directory
    found = [
        conversation_json(c)
        for c in directory.conversations.values()
        if c.kind in kinds and directory.visible_to_bot(c.id) and not (c.is_archived and call.flag("exclude_archived"))
    ]
    return paged("channels", *page(call, found))


def members(call: Call) -> JsonObject:
    return paged("members", *page(call, call.conversation().members))


def join(call: Call) -> JsonObject:
    there = call.conversation()
    if there.kind != "channels":
        raise Refusal("method_not_supported_for_channel_type")
    if there.is_archived:
        raise Refusal("is_archived")
    already = BOT_USER in there.members
    call.workspace.directory.join(there.id, BOT_USER)
    body: JsonObject = {"channel": conversation_json(call.workspace.directory.conversations[there.id])}
    return body | ({"warning": "already_in_channel"} if already else {})


def open_im(call: Call) -> JsonObject:
    users = call.listed("users")
    if not users:
        there = call.conversation()
        return {"channel": conversation_json(there), "no_op": True, "already_open": True}
    if len(users) > 1:
        # Emulator decision: group messages are beyond this workspace.
        raise Refusal("method_not_supported_for_channel_type")
    person = call.workspace.directory.people.get(users[0])
    if person is None:
        raise Refusal("user_not_found")
    if person.deleted:
        raise Refusal("user_disabled")
    there, already = call.workspace.directory.open_im(person.id)
    body = conversation_json(there) if call.flag("return_im") else {"id": there.id}
    return {"channel": body} | ({"no_op": True, "already_open": True} if already else {})


def history(call: Call) -> JsonObject:
    there = call.joined_conversation()
    roots = [m for m in call.workspace.timeline.roots(there.id) if not m.ephemeral]
    newest_first = sorted(_in_window(call, roots), key=lambda m: m.ts, reverse=True)
    messages, cursor = page(call, newest_first)
    return _told(call, there, messages, cursor)


def replies(call: Call) -> JsonObject:
    there = call.joined_conversation()
    wanted = call.workspace.timeline.find(there.id, call.required("ts"))
    if wanted is None or wanted.ephemeral:
        raise Refusal("thread_not_found")
    root = wanted.thread_ts or wanted.ts
    thread = call.workspace.timeline.thread(there.id, root)
    kept = [m for m in thread if m.ts == root or m in _in_window(call, thread)]
    messages, cursor = page(call, sorted(kept, key=lambda m: m.ts), default=1000)
    return _told(call, there, messages, cursor)


def _told(call: Call, there: Conversation, messages: list[Message], cursor: str) -> JsonObject:
    everything = call.flag("include_all_metadata")
    timeline = call.workspace.timeline
    told = [
        message_json(m, all_metadata=everything, replies=0 if m.is_reply else len(timeline.thread(there.id, m.ts)) - 1)
        for m in messages
    ]
    return paged("messages", told, cursor) | {"has_more": bool(cursor)}


def _in_window(call: Call, messages: list[Message]) -> list[Message]:
    oldest, latest = call.text("oldest", "0"), call.text("latest")
    inclusive = call.flag("inclusive")

    def inside(ts: str) -> bool:
        at = float(ts)
        if inclusive:
            return float(oldest) <= at and (not latest or at <= float(latest))
        return float(oldest) < at and (not latest or at < float(latest))

    return [m for m in messages if inside(m.ts)]


def add_reaction(call: Call) -> JsonObject:
    there = call.joined_conversation()
    message = call.workspace.timeline.find(there.id, call.required("timestamp"))
    name = call.required("name").strip(":")
    if message is None or message.ephemeral:
        raise Refusal("message_not_found")
    if (name, BOT_USER) in message.reactions:
        raise Refusal("already_reacted")
    call.workspace.timeline.post(replace(message, reactions=(*message.reactions, (name, BOT_USER))))
    return {}


METHODS: dict[str, Handler] = {
    "conversations.info": info,
    "conversations.list": list_conversations,
    "conversations.members": members,
    "conversations.join": join,
    "conversations.open": open_im,
    "conversations.history": history,
    "conversations.replies": replies,
    "reactions.add": add_reaction,
}
