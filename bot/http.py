"""The bot over HTTP: Slack's requests (in HTTP mode) and the health of the process."""

import json
import logging
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from slack_bolt import App, BoltRequest
from waitress.server import create_server
from waitress.wasyncore import dispatcher

log = logging.getLogger(__name__)

SLACK_PATH = "/slack/events"
METRICS_PATH = "/metrics"
# Slack's largest payloads are views of 250 KB, form-encoded.
LARGEST_BODY = 2 * 1024 * 1024
THREADS = 16
GOODBYE_SECONDS = 5.0

Environ = dict[str, Any]
StartResponse = Callable[[str, list[tuple[str, str]]], object]
Health = Callable[[], tuple[bool, dict[str, object]]]
Exposition = Callable[[], tuple[bytes, str]]


class Web:
    """A WSGI application: /healthz, /readyz, /metrics and, when there is an app to serve, /slack/events."""

    def __init__(
        self, liveness: Health, readiness: Health, app: App | None = None, metrics: Exposition | None = None
    ) -> None:
        self._health = {"/healthz": liveness, "/readyz": readiness}
        self._app = app
        self._metrics = metrics

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path, method = environ.get("PATH_INFO", ""), environ.get("REQUEST_METHOD", "GET")
        if path in self._health and method in ("GET", "HEAD"):
            well, details = self._health[path]()
            return _answer(start_response, "200 OK" if well else "503 Service Unavailable", details)
        if path == METRICS_PATH and self._metrics is not None and method in ("GET", "HEAD"):
            body, kind = self._metrics()
            start_response("200 OK", [("Content-Type", kind), ("Content-Length", str(len(body)))])
            return [body]
        if path == SLACK_PATH and self._app is not None:
            return self._slack(self._app, environ, start_response)
        return _answer(start_response, "404 Not Found", {"error": "not found"})

    def _slack(self, app: App, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("REQUEST_METHOD") != "POST":
            return _answer(start_response, "405 Method Not Allowed", {"error": "POST only"})
        body = environ["wsgi.input"].read(LARGEST_BODY).decode("utf-8", errors="replace")
        if not _has_plain_signature(environ):
            return _answer(start_response, "401 Unauthorized", {"error": "invalid request"})
        try:
            answer = app.dispatch(
                BoltRequest(body=body, query=environ.get("QUERY_STRING", ""), headers=_headers(environ))
            )
        except Exception as error:
            # Listeners answer for themselves: what comes out here is a body that no Slack sends.
            log.warning("unreadable_request", extra={"error": type(error).__name__})
            return _answer(start_response, "400 Bad Request", {"error": "unreadable request"})
        headers = [(name, value) for name, values in answer.headers.items() for value in values]
        start_response(f"{answer.status} {'OK' if answer.status == 200 else 'Slack'}", headers)
        return [str(answer.body or "").encode()]


class WebServer:
    """Waitress in a thread of its own: a production WSGI server in one process."""

    def __init__(self, application: Web, host: str, port: int) -> None:
        """Bind at once. Raises OSError when the port is taken."""
        self._server = create_server(
            application,
            host=host,
            port=port,
            threads=THREADS,
            max_request_body_size=LARGEST_BODY,
            ident=None,
            # Clients that begin a request and never end it must not keep the health checks out.
            connection_limit=1_000,
            channel_timeout=20,
            cleanup_interval=5,
        )
        self._thread = threading.Thread(target=self._server.run, name="web", daemon=True)

    @property
    def port(self) -> int:
        return int(self._server.effective_port)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Accept nothing more, let the requests in hand finish."""
        # Only the loop's own thread may close sockets: one that is closed under its select ends it with an error.
        self._server.trigger.pull_trigger(lambda: dispatcher.close(self._server))
        self._server.task_dispatcher.shutdown(cancel_pending=False)
        self._server.trigger.pull_trigger(self._let_go)
        self._thread.join(GOODBYE_SECONDS)
        self._server.trigger.close()

    def _let_go(self) -> None:
        """Let the loop end when everything that is open has been flushed."""
        for channel in list(self._server.active_channels.values()):
            channel.close_when_flushed = True
        # Not closed yet: whoever pulls it at this moment would write to a file that is not there any more.
        self._server.trigger.del_channel()


def _has_plain_signature(environ: Environ) -> bool:
    """Whether the signature's headers have the form that Bolt can verify; it fails on others."""
    timestamp, signature = environ.get("HTTP_X_SLACK_REQUEST_TIMESTAMP", ""), environ.get("HTTP_X_SLACK_SIGNATURE", "")
    return timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 16 and signature.isascii()


def _headers(environ: Environ) -> dict[str, str | Sequence[str]]:
    headers: dict[str, str | Sequence[str]] = {
        name[5:].replace("_", "-").lower(): value for name, value in environ.items() if name.startswith("HTTP_")
    }
    return {**headers, "content-type": environ.get("CONTENT_TYPE", "")}


def _answer(start_response: StartResponse, status: str, content: dict[str, object]) -> Iterable[bytes]:
    body = json.dumps(content).encode()
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
