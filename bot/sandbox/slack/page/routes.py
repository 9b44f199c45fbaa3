"""Serves the page's files, what it tells a newcomer, and its menu of failures."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from ..workspace import Workspace
from .failures import Failure, slack_failures

FOLDER = Path(__file__).with_name("static")
TYPES = {".html": "text/html", ".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
# Nothing is fetched from elsewhere, nothing inline runs, nobody frames the page: what a bot writes stays text.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


@dataclass(frozen=True, slots=True)
class GuideStep:
    """One step of what a newcomer does; it is done once some message holds one of the words `seen`."""

    text: str
    seen: tuple[str, ...]


class Page:
    """The page of one workspace; other worlds offer their failures to it."""

    def __init__(self, workspace: Workspace) -> None:
        self._failures = list(slack_failures(workspace.faults))
        self._guide: Sequence[GuideStep] = (
            GuideStep("Start your bot with the variables that were printed in the terminal.", ()),
            GuideStep("Type one of its commands in a channel, or open its Home tab.", ()),
        )

    def offer(self, *failures: Failure) -> None:
        """Put failures at the head of the menu."""
        self._failures[:0] = failures

    def guide(self, *steps: GuideStep) -> None:
        """Tell a newcomer what to do, in these steps."""
        self._guide = steps

    def routes(self) -> Sequence[BaseRoute]:
        return [
            Route("/", self._index),
            Route("/page/{name}", self._file),
            Route("/_world/page", self._menu),
            Route("/_world/failures/{id}", self._order, methods=["POST"]),
        ]

    @cached_property
    def _files(self) -> dict[str, Path]:
        return {path.name: path for path in FOLDER.iterdir() if path.suffix in TYPES}

    async def _index(self, request: Request) -> Response:
        response = _served(self._files["index.html"])
        # Without this the browser finds the modules one import after the other.
        modules = (name for name in sorted(self._files) if name.endswith(".js"))
        response.headers["Link"] = ", ".join(f"</page/{name}>; rel=modulepreload" for name in modules)
        return response

    async def _file(self, request: Request) -> Response:
        path = self._files.get(request.path_params["name"])
        return _served(path) if path else Response("There is no such file.", 404, HEADERS)

    async def _menu(self, request: Request) -> Response:
        guide = [{"text": step.text, "seen": list(step.seen)} for step in self._guide]
        return JSONResponse({"guide": guide, "failures": [failure.shown() for failure in self._failures]})

    async def _order(self, request: Request) -> Response:
        """Order a failure: `{"on": true, "text": …}`; the answer is what the page offers then."""
        found = next((failure for failure in self._failures if failure.id == request.path_params["id"]), None)
        if found is None:
            return JSONResponse({"error": "There is no such failure."}, 404)
        wish = await request.json() if await request.body() else {}
        text = str(wish.get("text") or found.text or "")
        await run_in_threadpool(found.order, bool(wish.get("on", True)), text)
        return await self._menu(request)


def _served(path: Path) -> Response:
    return Response(path.read_bytes(), headers=HEADERS, media_type=TYPES[path.suffix])
