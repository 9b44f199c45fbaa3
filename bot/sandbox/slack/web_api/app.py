"""auth.test, apps.connections.open and functions.*: the app speaking of itself."""

from collections.abc import Callable

from ..ids import APP, BOT, BOT_USER, TEAM, TEAM_DOMAIN
from ..records import JsonObject
from .call import Call, Handler, Refusal


def auth_test(call: Call) -> JsonObject:
    return {
        "url": f"https://{TEAM_DOMAIN}.slack.com/",
        "team": "Acme",
        "user": call.workspace.directory.people[BOT_USER].name,
        "team_id": TEAM,
        "user_id": BOT_USER,
        "bot_id": BOT,
        "app_id": APP,
        "is_enterprise_install": False,
    }


def connections_open(new_url: Callable[[], str]) -> Handler:
    """Make the handler of apps.connections.open from the function that mints WebSocket addresses."""

    def open_connection(call: Call) -> JsonObject:
        if not call.workspace.faults.socket_mode_enabled:
            # Emulator decision: which code Slack gives once Socket Mode is off is not documented where read.
            raise Refusal("socket_mode_not_enabled")
        return {"url": new_url()}

    return open_connection


def complete_success(call: Call) -> JsonObject:
    return _finish(call, {"outputs": call.json("outputs") or {}})


def complete_error(call: Call) -> JsonObject:
    return _finish(call, {"error": call.required("error")})


def _finish(call: Call, outcome: JsonObject) -> JsonObject:
    execution = call.required("function_execution_id")
    done = call.workspace.completed_functions
    if execution in done:
        raise Refusal("function_execution_not_found")
    with call.workspace.changes.changing():
        done[execution] = outcome
    return {}


METHODS: dict[str, Handler] = {
    "auth.test": auth_test,
    "functions.completeSuccess": complete_success,
    "functions.completeError": complete_error,
}
