"""Keeps other people's web pages away: only this machine's own names, only requests of the page's own origin."""

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

NAMES = frozenset({"127.0.0.1", "localhost", "::1"})
READING = frozenset({"GET", "HEAD"})


class LoopbackOnly:
    """ASGI middleware that refuses what a strange page, or a name rebound to this machine, would send."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        why = refusal(scope["method"], Headers(scope=scope)) if scope["type"] == "http" else None
        if why is None:
            await self._app(scope, receive, send)
        else:
            await JSONResponse({"error": why}, 403)(scope, receive, send)


def refusal(method: str, headers: Headers) -> str | None:
    """Tell why a request is refused, or None.

    A name that is not ours in `Host` is DNS rebinding. A browser sends `Origin` with every request that changes
    something, so a strange one there is a foreign page; programs such as slack_sdk send none.
    """
    host = headers.get("host", "")
    if urlsplit(f"//{host}").hostname not in NAMES:
        return f"This is a workspace on 127.0.0.1; it does not answer for {host!r}."
    origin = headers.get("origin")
    if method not in READING and origin is not None and urlsplit(origin).netloc != host:
        return f"{origin} is another origin; only this workspace's own page may do that."
    return None
