"""From an HTTP request to a Web API answer: decode, admit, call, and let the switched-on faults strike."""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from ..faults import Switch
from ..records import JsonObject
from ..traffic import Exchange
from ..workspace import Workspace
from . import app, chat, conversations, people, views
from .call import Call, Handler, Refusal
from .gate import check_scopes, check_token, needed_scopes, provided_scopes
from .limits import RateLimits

log = logging.getLogger("copy_backup.sandbox.slack")


@dataclass(slots=True)
class Reply:
    """What goes back over HTTP; `dropped` means that the connection is reset instead."""

    body: JsonObject
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0
    dropped: bool = False


class WebApi:
    """Answer every method of the table; complain loudly about any other."""

    def __init__(self, workspace: Workspace, new_socket_url: Callable[[], str]) -> None:
        self._workspace = workspace
        self.limits = RateLimits()
        self._methods: dict[str, Handler] = {
            **app.METHODS,
            **chat.METHODS,
            **conversations.METHODS,
            **people.METHODS,
            **views.METHODS,
            "apps.connections.open": app.connections_open(new_socket_url),
        }

    def lateness(self, method: str) -> float:
        """The seconds after which a call that has come is to be answered."""
        return self._workspace.faults.take_lateness(method)

    def answer(self, method: str, headers: Mapping[str, str], body: bytes, query: str = "") -> Reply:
        arguments = decode(headers.get("content-type", ""), body) | dict(parse_qsl(query))
        token = arguments.pop("token", None) or _bearer(headers.get("authorization", ""))
        fault = self._workspace.faults.take_for_call(method)
        reply = self._struck_before(fault) or self._limited(method) or self._called(method, token, arguments)
        reply = _struck_after(reply, fault)
        self._note(method, arguments, reply)
        return reply

    def _struck_before(self, fault: Switch | None) -> Reply | None:
        if fault is None:
            return None
        if fault.kind == "rate_limit":
            return rate_limited(int(fault.number))
        if fault.kind == "refuse":
            return Reply(Refusal(fault.code).body())
        if fault.kind == "fail_before":
            return Reply({"ok": False, "error": "internal_error"}, status=int(fault.number))
        if fault.kind == "drop_before":
            return Reply({}, dropped=True)
        return None

    def _limited(self, method: str) -> Reply | None:
        wait = self.limits.seconds_to_wait(method)
        return rate_limited(wait) if wait else None

    def _called(self, method: str, token: str | None, arguments: JsonObject) -> Reply:
        call = Call(self._workspace, arguments)
        handler = self._methods.get(method)
        if handler is None:
            log.error("UNKNOWN SLACK METHOD %s: the local workspace doesn't know it.", method)
            return Reply(Refusal("unknown_method", req_method=method).body())
        headers = {
            "x-oauth-scopes": ",".join(provided_scopes(self._workspace.app)),
            "x-accepted-oauth-scopes": ",".join(needed_scopes(method, call)),
        }
        try:
            with self._workspace.changes.reading():
                check_token(self._workspace, method, token)
                check_scopes(method, call)
                return Reply({"ok": True, **handler(call)}, headers=headers)
        except Refusal as refusal:
            return Reply(refusal.body(), headers=headers)

    def _note(self, method: str, arguments: JsonObject, reply: Reply) -> None:
        self._workspace.traffic.note(
            Exchange(
                at=self._workspace.clock.now(),
                kind="web_api",
                name=method,
                request=arguments,
                answer=reply.body,
                status=reply.status,
                error="dropped" if reply.dropped else reply.body.get("error"),
            )
        )


def rate_limited(retry_after: int) -> Reply:
    return Reply({"ok": False, "error": "ratelimited"}, status=429, headers={"retry-after": str(retry_after)})


def _struck_after(reply: Reply, fault: Switch | None) -> Reply:
    if fault is None:
        return reply
    if fault.kind == "fail_after":
        return Reply({"ok": False, "error": "internal_error"}, status=int(fault.number))
    if fault.kind == "drop_after":
        reply.dropped = True
    if fault.kind == "slow":
        reply.delay = fault.number
    return reply


def decode(content_type: str, body: bytes) -> JsonObject:
    """Return the arguments of a JSON or form body; a broken one gives none."""
    if not body:
        return {}
    if content_type.startswith("application/json"):
        try:
            decoded = json.loads(body)
        except ValueError:
            return {}
        return decoded if isinstance(decoded, dict) else {}
    return dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))


def _bearer(header: str) -> str | None:
    scheme, _, token = header.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
