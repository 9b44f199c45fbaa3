"""Who may call which Web API method: tokens and scopes."""

from ..configuration import AppConfiguration
from ..ids import APP_TOKEN, BOT_TOKEN, WORKFLOW_TOKEN
from ..workspace import Workspace
from .call import Call, Refusal

APP_LEVEL_METHODS = ("apps.connections.open",)

ANY_KIND = ("channels", "groups", "im", "mpim")

SCOPES: dict[str, str] = {
    "chat.postMessage": "chat:write",
    "chat.update": "chat:write",
    "chat.delete": "chat:write",
    "chat.postEphemeral": "chat:write",
    "conversations.info": "*:read",
    "conversations.list": "*:read",
    "conversations.members": "*:read",
    "conversations.history": "*:history",
    "conversations.replies": "*:history",
    "conversations.join": "channels:join",
    "conversations.open": "im:write",
    "users.info": "users:read",
    "users.list": "users:read",
    "users.lookupByEmail": "users:read.email",
    "usergroups.list": "usergroups:read",
    "usergroups.users.list": "usergroups:read",
    "team.info": "team:read",
    "reactions.add": "reactions:write",
}
"""The scope each method needs; a star stands for the kind of the addressed conversation; not named: none."""


def check_token(workspace: Workspace, method: str, token: str | None) -> None:
    """Raise Refusal unless the token is right for the method."""
    if not token:
        raise Refusal("not_authed")
    right, wrong = (APP_TOKEN, BOT_TOKEN) if method in APP_LEVEL_METHODS else (BOT_TOKEN, APP_TOKEN)
    if token == wrong:
        raise Refusal("not_allowed_token_type")
    if token not in (right, WORKFLOW_TOKEN):
        raise Refusal("invalid_auth")
    if workspace.faults.token_error is not None:
        raise Refusal(workspace.faults.token_error)


def check_scopes(method: str, call: Call) -> None:
    """Raise Refusal(missing_scope) with `needed` and `provided` unless the manifest asks for the method's scope."""
    needed = needed_scopes(method, call)
    app = call.workspace.app
    if needed and not app.grants(*needed):
        raise Refusal("missing_scope", needed=",".join(needed), provided=",".join(provided_scopes(app)))


def needed_scopes(method: str, call: Call) -> list[str]:
    scope = SCOPES.get(method)
    if scope is None:
        return []
    if not scope.startswith("*"):
        return [scope]
    there = call.workspace.directory.conversations.get(call.text("channel"))
    kinds = [there.kind] if there else ANY_KIND
    return [scope.replace("*", kind) for kind in kinds]


def provided_scopes(app: AppConfiguration) -> list[str]:
    return sorted(app.scopes or ())
