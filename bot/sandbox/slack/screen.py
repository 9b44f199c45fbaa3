"""All that one person sees, as JSON, for a page that draws it."""

from .ids import BOT_USER
from .message_wire import message_json
from .records import Conversation, JsonObject, Member, Message
from .views import View
from .workspace import Workspace


def screen_of(workspace: Workspace, user: str) -> JsonObject:
    """Return the screen of one person: the channels they are in, their modals, their Home tab, who is around."""
    with workspace.changes.reading():
        directory = workspace.directory
        home = workspace.views.home(user)
        return {
            "version": workspace.changes.version,
            "now": workspace.clock.now().isoformat(),
            "speed": workspace.clock.speed,
            "app": {"name": workspace.app.name, "user": BOT_USER, "home_tab": workspace.app.home_tab},
            "you": _member(directory.people[user]),
            "people": [_member(member) for member in directory.people.values()],
            "usergroups": [
                {"id": g.id, "handle": g.handle, "users": list(g.users)} for g in directory.usergroups.values()
            ],
            "commands": sorted(workspace.app.commands or ()),
            "command_help": {name: list(words) for name, words in workspace.app.command_help.items()},
            "warnings": list(workspace.traffic.warnings),
            "channels": [_channel(workspace, c, user) for c in directory.conversations.values() if user in c.members],
            "modals": [_view(view) for view in workspace.views.stack(user)],
            "home": _view(home) if home else None,
        }


def _member(member: Member) -> JsonObject:
    return {
        "id": member.id,
        "name": member.real_name,
        "team_id": member.team_id,
        "tz": member.tz,
        "is_bot": member.is_bot,
        "is_guest": member.is_guest,
        "deleted": member.deleted,
    }


def _channel(workspace: Workspace, there: Conversation, user: str) -> JsonObject:
    messages = [m for m in workspace.timeline.all_in(there.id) if m.ephemeral_to in (None, user)]
    return {
        "id": there.id,
        "name": there.name,
        "kind": there.kind,
        "is_archived": there.is_archived,
        "is_ext_shared": there.is_ext_shared,
        "members": list(there.members),
        "messages": [_message(message) for message in messages],
    }


def _message(message: Message) -> JsonObject:
    return {**message_json(message, all_metadata=True), "ephemeral": message.ephemeral}


def _view(view: View) -> JsonObject:
    return {**view.payload(), "errors": view.errors, "trouble": view.trouble}
