"""The local AWS on a loopback port, for AWS_ENDPOINT_URL."""

import threading
from collections.abc import Callable, Iterable
from typing import Any, Self

from botocore.exceptions import ConnectionClosedError
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server
from werkzeug.wrappers import Request

from bot.sandbox.aws import control
from bot.sandbox.aws.plugin import install, uninstall
from bot.sandbox.aws.state import HOME_ACCOUNT, on_stage
from bot.sandbox.aws.warmup import prepare
from bot.sandbox.aws.world import AwsWorld
from bot.sandbox.clock import WorldClock

LOOPBACK = "127.0.0.1"


class LocalAws:
    """A threaded server that speaks AWS. One at a time per process, because moto's back ends are global."""

    def __init__(self, clock: WorldClock | None = None, port: int = 0, *, home_account: str = HOME_ACCOUNT) -> None:
        self._port = port
        self._server: BaseWSGIServer | None = None
        self._thread: threading.Thread | None = None
        self.world: AwsWorld = install(clock, home_account=home_account)

    @property
    def url(self) -> str:
        if self._server is None:
            raise RuntimeError("The local AWS is not started.")
        return f"http://{LOOPBACK}:{self._server.server_port}"

    def start(self) -> Self:
        if on_stage() is not self.world.state:
            # It was stopped before, or another world came: it begins anew.
            self.world.reset()
        # The socket listens as soon as it is made; requests that come before the thread runs just wait.
        self._server = make_server(
            LOOPBACK, self._port, _Front(self.world), threaded=True, request_handler=_QuietRequestHandler
        )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="local-aws", daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        if self._server is None or self._thread is None:
            return
        # Calls that a fault holds back are let go first, so that nothing is waited for.
        self.world.faults.clear()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        uninstall(self.world)
        self._server = self._thread = None

    def reset(self, clock: WorldClock | None = None) -> None:
        self.world.reset(clock)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exc: object) -> None:
        self.stop()


class _QuietRequestHandler(MotoRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Leave requests out of the log: `world.calls` has them."""

    def connection_dropped(self, error: BaseException, environ: dict[str, Any] | None = None) -> None:
        """Close the socket: werkzeug alone would keep it open and let the client wait for an answer."""
        self.close_connection = True


class _Front:
    """Stand before moto's dispatcher: open the world's own door, make a dropped connection a real one."""

    def __init__(self, world: AwsWorld) -> None:
        self._world = world
        self._moto = DomainDispatcherApplication(create_backend_app)
        prepare(self._moto)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith(control.PREFIX):
            return control.answer(self._world, Request(environ))(environ, start_response)
        try:
            answer: Iterable[bytes] = self._moto(environ, start_response)
        except ConnectionClosedError as lost:
            # werkzeug takes a ConnectionError for a client that is gone and answers nothing.
            raise ConnectionResetError(str(lost)) from lost
        return answer
