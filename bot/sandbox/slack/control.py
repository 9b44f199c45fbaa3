"""The control API under `/_world/`: a page's way to act as any person and to hear of every change."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeAlias

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from .command_line import CommandResult
from .gestures import SubmitResult, Surface
from .parcels import Answer
from .person import Person
from .records import JsonObject
from .refusals import ClientRefusal
from .screen import screen_of
from .traffic import Exchange
from .views import View
from .workspace import Workspace

PersonOf: TypeAlias = Callable[[str], Person]
Action: TypeAlias = Callable[[Person, JsonObject], object]

KEEP_ALIVE_SECONDS = 15.0
FAULTS = frozenset(
    (
        *("rate_limit", "refuse", "fail_before", "fail_after", "drop_before", "drop_after", "slow", "late"),
        *("deliver_twice", "delay_deliveries", "lose_acks", "drop_sockets", "ask_to_reconnect"),
        *("disable_socket_mode", "clear"),
    )
)


class Control:
    """The handlers; every answer is JSON, a refusal of the client is a 409 with its line."""

    def __init__(self, workspace: Workspace, person_of: PersonOf) -> None:
        self._workspace = workspace
        self._person_of = person_of
        self._closing = False
        self._actions: Mapping[str, Action] = {
            "command": lambda p, a: p.command(a["line"], a["channel"], a.get("thread_ts")),
            "say": lambda p, a: p.say(a["channel"], a["text"], a.get("thread_ts")).ts,
            "fill": lambda p, a: p.fill(a["name"], a["value"], self._surface(a)),
            "suggest": lambda p, a: p.suggest(a["name"], a.get("typed", ""), self._surface(a)),
            "choose": lambda p, a: p.choose(a["name"], a.get("typed", ""), a.get("option"), self._surface(a)),
            "pick": lambda p, a: p.pick(a["name"], a["option"], self._surface(a)),
            "press": lambda p, a: p.press(a["button"], self._surface(a), confirm=a.get("confirm", True)),
            "press_seen": lambda p, a: p.press_seen(a["block"], a["element"], a.get("option"), self._surface(a)),
            "submit": lambda p, a: p.submit(),
            "close": lambda p, a: p.close_modal(everything=bool(a.get("everything"))),
            "open_home": lambda p, a: p.open_home(a.get("tab", "home")),
            "shortcut": lambda p, a: p.shortcut(a["callback_id"]),
            "invite": lambda p, a: p.invite(a["channel"], a["user"]),
            "reload": lambda p, a: p.reload(),
        }

    def close(self) -> None:
        """End the streams of updates, so that the server can stop without breaking them off."""
        self._closing = True
        with self._workspace.changes.changing():
            pass

    def routes(self) -> Sequence[BaseRoute]:
        return [
            Route("/_world/screen/{user}", self._screen),
            Route("/_world/people/{user}/{action}", self._act, methods=["POST"]),
            Route("/_world/updates", self._updates),
            Route("/_world/traffic", self._traffic),
            Route("/_world/clock", self._clock, methods=["POST"]),
            Route("/_world/faults/{name}", self._fault, methods=["POST"]),
        ]

    def _screen(self, request: Request) -> Response:
        user = request.path_params["user"]
        if user not in self._workspace.directory.people:
            return _missing(f"There is nobody called {user}.")
        return JSONResponse(screen_of(self._workspace, user))

    async def _act(self, request: Request) -> Response:
        """Let a person do something; the body holds the arguments."""
        user, name = request.path_params["user"], request.path_params["action"]
        action = self._actions.get(name)
        if action is None or user not in self._workspace.directory.people:
            return _missing(f"{user} can't {name}: unknown person or action.")
        arguments = await _arguments(request)
        try:
            result = await run_in_threadpool(action, self._person_of(user), arguments)
        except ClientRefusal as refusal:
            return JSONResponse({"refusal": str(refusal), "fields": refusal.fields}, 409)
        except KeyError as missing:
            return JSONResponse({"error": f"{name}: {missing} is missing or unknown"}, 400)
        return JSONResponse({"result": _plain(result)})

    def _surface(self, arguments: JsonObject) -> Surface | None:
        """Return the message or view that `channel` and `ts`, or `view`, address; None for the modal on top."""
        if "view" in arguments:
            view = self._workspace.views.find(arguments["view"])
            if view is None:
                raise ClientRefusal("That view is no longer open.")
            return view
        if "ts" not in arguments:
            return None
        message = self._workspace.timeline.find(arguments["channel"], arguments["ts"])
        if message is None:
            raise ClientRefusal("That message is gone.")
        return message

    async def _updates(self, request: Request) -> Response:
        """Stream the state's version at every change, as server-sent events."""
        return StreamingResponse(self._versions(), media_type="text/event-stream")

    async def _versions(self) -> AsyncIterator[str]:
        loop, changed = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            loop.call_soon_threadsafe(changed.set)

        with self._workspace.changes.watched_by(wake):
            while not self._closing:
                changed.clear()
                yield f"event: change\ndata: {self._workspace.changes.version}\n\n"
                while not await _happens(changed, KEEP_ALIVE_SECONDS):
                    yield ": still here\n\n"

    def _traffic(self, request: Request) -> Response:
        """List the crossings, those after number `after` only if it is given; the first one is number 1."""
        after = request.query_params.get("after", "0")
        numbered = self._workspace.traffic.numbered(int(after) if after.isdigit() else 0)
        return JSONResponse([{"number": number, **_exchange(exchange)} for number, exchange in numbered])

    async def _clock(self, request: Request) -> Response:
        """Move the world on by `advance_seconds`, let it run at `speed` times real time, or both."""
        arguments, clock = await _arguments(request), self._workspace.clock
        try:
            with self._workspace.changes.changing():
                if "speed" in arguments:
                    clock.run_at(float(arguments["speed"]))
                now = clock.advance(timedelta(seconds=float(arguments.get("advance_seconds", 0))))
        except (TypeError, ValueError, OverflowError) as wrong:
            return JSONResponse({"error": str(wrong)}, 400)
        return JSONResponse({"now": now.isoformat(), "speed": clock.speed})

    async def _fault(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in FAULTS:
            return _missing(f"There is no fault {name}; there are {', '.join(sorted(FAULTS))}.")
        switch = getattr(self._workspace.faults, name)
        arguments = await _arguments(request)
        try:
            await run_in_threadpool(lambda: switch(**arguments))
        except TypeError as wrong:
            return JSONResponse({"error": str(wrong)}, 400)
        return JSONResponse({"result": None})


async def _happens(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True


async def _arguments(request: Request) -> JsonObject:
    body = await request.body()
    decoded = await request.json() if body else {}
    return decoded if isinstance(decoded, dict) else {}


def _missing(line: str) -> Response:
    return JSONResponse({"error": line}, 404)


def _plain(result: object) -> Any:
    """Return what a page needs to know of a gesture's result."""
    if isinstance(result, CommandResult):
        return {"error": result.error, "seen": result.seen}
    if isinstance(result, SubmitResult):
        return {"outcome": result.outcome, "errors": result.errors, "error": result.answer.error}
    if isinstance(result, Answer):
        return {"ok": result.ok, "error": result.error, "sent": result.sent}
    return result.id if isinstance(result, View) else result


def _exchange(exchange: Exchange) -> JsonObject:
    return {**dataclasses.asdict(exchange), "at": exchange.at.isoformat()}
