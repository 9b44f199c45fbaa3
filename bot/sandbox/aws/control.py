"""The world by hand over HTTP: JSON under `/_world/`, for whoever plays with the local AWS from outside."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from werkzeug.wrappers import Request, Response

from bot.sandbox.aws.errors import AwsError
from bot.sandbox.aws.faults import Fault
from bot.sandbox.aws.jobs import KINDS
from bot.sandbox.aws.world import AwsWorld, per_gigabyte

PREFIX = "/_world"

Body = dict[str, Any]
Handler = Callable[[AwsWorld, Body], Any]


def answer(world: AwsWorld, request: Request) -> Response:
    """Answer one request to the control API; what a method refuses is a 400 that says why."""
    handler = ROUTES.get((request.method, request.path.removeprefix(PREFIX).rstrip("/") or "/"))
    if handler is None:
        return _json({"error": "no such door", "doors": [f"{verb} {PREFIX}{path}" for verb, path in ROUTES]}, 404)
    if request.method == "POST" and request.content_length and request.mimetype != "application/json":
        # A form on some web page must not be able to move this world.
        return _json({"error": "send application/json"}, 415)
    try:
        return _json(handler(world, _body(request)))
    except (AwsError, KeyError, TypeError, ValueError) as error:
        return _json({"error": f"{type(error).__name__}: {error}"}, 400)


def overview(world: AwsWorld, body: Body) -> Any:
    accounts = world.state.directory.accounts.values()
    return {
        "now": world.clock.now(),
        "home_account": world.state.home_account,
        "accounts": {account.id: account.organization for account in accounts},
        "faults": [_fault(fault) for fault in world.faults.active()],
        "quotas": asdict(world.state.quotas),
        "calls": len(world.state.calls),
    }


def move_clock(world: AwsWorld, body: Body) -> Any:
    """Advance by `advance_seconds`, run at `speed` times real time (0 freezes), or both."""
    if "speed" in body:
        world.clock.run_at(float(body["speed"]))
    world.clock.advance(timedelta(seconds=float(body.get("advance_seconds", 0))))
    world.settle()
    return {"now": world.clock.now()}


def reset(world: AwsWorld, body: Body) -> Any:
    world.reset()
    return overview(world, body)


def set_timing(world: AwsWorld, body: Body) -> Any:
    """Set `created_seconds` and either `running_seconds` or `running_seconds_per_gb`, for all or some `kinds`."""
    rate = body.get("running_seconds_per_gb")
    running = timedelta(seconds=float(body.get("running_seconds", 2)))
    created = timedelta(seconds=float(body.get("created_seconds", 1)))
    rule = per_gigabyte(float(rate)) if rate is not None else running
    world.job_timing(created, rule, kinds=body.get("kinds", KINDS))
    return {}


def add_fault(world: AwsWorld, body: Body) -> Any:
    """Switch a fault on: `fault` names the method of Faults, the rest are its arguments."""
    names = ("throttle", "fail", "expire_token", "deny", "slow", "lose_response", "lose_request")
    name = body.pop("fault", None)
    if name not in names:
        raise ValueError(f"fault is one of {', '.join(names)}")
    return _fault(getattr(world.faults, name)(**body))


def clear_faults(world: AwsWorld, body: Body) -> Any:
    world.faults.clear()
    return {}


def list_calls(world: AwsWorld, body: Body) -> Any:
    """List the calls seen, from number `since` on."""
    calls = world.calls[int(body.get("since", 0)) :]
    return {"calls": [asdict(call) for call in calls]}


def _through(name: str) -> Handler:
    """Hand a body's members to the world's method of that name."""

    def call(world: AwsWorld, body: Body) -> Any:
        return {"result": getattr(world, name)(**{key: _moment(key, value) for key, value in body.items()})}

    return call


ROUTES: Mapping[tuple[str, str], Handler] = {
    ("GET", "/"): overview,
    ("POST", "/reset"): reset,
    ("POST", "/clock"): move_clock,
    ("POST", "/timing"): set_timing,
    ("POST", "/quotas"): _through("set_quotas"),
    ("GET", "/calls"): list_calls,
    ("POST", "/faults"): add_fault,
    ("DELETE", "/faults"): clear_faults,
    ("POST", "/accounts"): _through("add_account"),
    ("POST", "/cross-account-backup"): _through("set_cross_account_backup"),
    ("POST", "/control-policies"): _through("set_control_policy"),
    ("POST", "/tag-policies"): _through("set_tag_policy"),
    ("POST", "/regions"): _through("set_region_enabled"),
    ("POST", "/advanced"): _through("set_advanced"),
    ("POST", "/features"): _through("set_feature"),
    ("POST", "/vaults"): _through("create_vault"),
    ("DELETE", "/vaults"): _through("delete_vault"),
    ("POST", "/vaults/admit"): _through("allow_copies_into"),
    ("POST", "/tables"): _through("create_table"),
    ("POST", "/points"): _through("add_recovery_point"),
    ("POST", "/points/many"): _through("add_recovery_points"),
    ("POST", "/points/status"): _through("set_point_status"),
    ("POST", "/points/scans"): _through("add_scan"),
    ("POST", "/points/undeletable"): _through("set_undeletable"),
    ("DELETE", "/points"): _through("delete_recovery_point"),
    ("POST", "/plans"): _through("create_plan"),
    ("POST", "/plans/run"): _through("run_plan"),
    ("GET", "/copies"): _through("copy_jobs"),
    ("POST", "/copies/fail-next"): _through("fail_next_copy"),
    ("POST", "/copies/hold"): _through("hold_next_copies"),
    ("POST", "/copies/release"): _through("release_copies"),
    ("GET", "/events"): _through("events_after"),
}


def _body(request: Request) -> Body:
    if request.method == "GET" or not request.content_length:
        return dict(request.args)
    body = json.loads(request.get_data())
    if not isinstance(body, dict):
        raise ValueError("the body is a JSON object")
    return body


def _moment(key: str, value: Any) -> Any:
    """Read the members that are moments or spans; a moment without an offset is UTC."""
    if key in ("created_at", "newest") and isinstance(value, str):
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if key == "every":
        return timedelta(seconds=float(value))
    return int(value) if key == "after" else value


def _fault(fault: Fault) -> Body:
    shown = ("kind", "operation", "account", "region", "times", "share", "code", "status", "delay", "hits")
    return {name: getattr(fault, name) for name in shown}


def _json(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body, default=_plain), status, mimetype="application/json")


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
