"""The HTTP and WebSocket face of the workspace, served from a thread of its own."""

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Sequence
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from .page import LoopbackOnly
from .records import JsonObject
from .responses import Responses
from .sockets import SocketHub
from .transports import Transports
from .web_api.dispatch import WebApi

START_SECONDS = 10
# How long answers that are under way may take when the workspace stops; most are through at once.
LAST_WORDS_SECONDS = 0.25


def make_asgi(
    api: WebApi, hub: SocketHub, responses: Responses, transports: Transports, more: Sequence[BaseRoute]
) -> Starlette:
    """Put the routes together: Web API, Socket Mode, response URLs, and what else is given."""

    async def call(request: Request) -> Response:
        method = request.path_params["method"]
        body = await request.body()
        await asyncio.sleep(api.lateness(method))
        reply = api.answer(method, request.headers, body, request.url.query)
        if reply.delay:
            await asyncio.sleep(reply.delay)
        if reply.dropped:
            transports.cut((request.client.host, request.client.port) if request.client else None)
        return JSONResponse(reply.body, reply.status, reply.headers)

    async def respond(request: Request) -> Response:
        body = _response_body(request.headers.get("content-type", ""), await request.body())
        status, answer = responses.use_url(request.path_params["token"], body)
        return JSONResponse(answer, status)

    return Starlette(
        routes=[
            Route("/api/{method}", call, methods=["GET", "POST"]),
            Route("/response/{token}", respond, methods=["POST"]),
            WebSocketRoute("/link/", hub.serve),
            *more,
        ],
        middleware=[Middleware(LoopbackOnly)],
    )


def _response_body(content_type: str, body: bytes) -> JsonObject:
    text = body.decode("utf-8", "replace")
    if content_type.startswith("application/x-www-form-urlencoded"):
        text = dict(parse_qsl(text)).get("payload", "{}")
    try:
        decoded = json.loads(text)
    except ValueError:
        return {}
    return decoded if isinstance(decoded, dict) else {}


class _Server(uvicorn.Server):
    """uvicorn's server, telling the moment it listens and stopping at once instead of at its next tick."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[asyncio.AbstractEventLoop], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._stop = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._on_ready(asyncio.get_running_loop())

    async def main_loop(self) -> None:
        await self._stop.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # uvicorn's own shutdown rests a tenth of a second, which a suite of many short worlds feels.
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        await asyncio.sleep(0)
        if self.server_state.tasks:
            await asyncio.wait(self.server_state.tasks, timeout=LAST_WORDS_SECONDS)
        for task in self.server_state.tasks:
            task.cancel()
        await asyncio.gather(*self.server_state.tasks, return_exceptions=True)

    def end(self) -> None:
        """Leave the main loop. Call it on the server's loop."""
        self.should_exit = True
        self._stop.set()


class ServerThread:
    """Run an ASGI application on 127.0.0.1 in a daemon thread."""

    def __init__(self, app: Starlette, transports: Transports, port: int) -> None:
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        self._ready = threading.Event()
        self.loop: asyncio.AbstractEventLoop | None = None
        config = uvicorn.Config(
            app,
            http=transports.protocol(),
            ws="websockets-sansio",
            # Slack pings its sockets too. Here the pings also wake slack_sdk's client, which holds a lock while it
            # waits for a frame, so that closing it takes half a second instead of three.
            ws_ping_interval=0.5,
            ws_ping_timeout=None,
            ws_per_message_deflate=False,
            lifespan="off",
            log_config=None,
            log_level="warning",
            timeout_graceful_shutdown=1,
        )
        self._server = _Server(config, self._listening)
        self._thread = threading.Thread(
            target=self._server.run, args=([self._listener],), name="local-slack", daemon=True
        )

    def start(self) -> None:
        self._thread.start()
        if not self._ready.wait(START_SECONDS):
            raise TimeoutError("The local Slack did not start.")

    def stop(self) -> None:
        if self.loop is not None:
            self.loop.call_soon_threadsafe(self._server.end)
            self._thread.join(START_SECONDS)
            self.loop = None
        self._listener.close()

    def _listening(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._ready.set()
