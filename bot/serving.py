"""`copy-backup run`: the process around the bot: signals, ports, an orderly end."""

import logging
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from bot.app import Bot
from bot.domain.errors import ConfigurationError
from bot.domain.ports import Clock
from bot.footprint import stay_small
from bot.settings import Settings

log = logging.getLogger(__name__)


def serve(settings: Settings, *, host: str, port: int | None, default_port: int, clock: Clock | None = None) -> int:
    """Serve until SIGTERM or SIGINT, then finish what is in hand; the machine's clock unless another is given.

    Returns the exit code.
    """
    stay_small()
    with _heard(signal.SIGTERM, signal.SIGINT) as wait_for_signal:
        for warning in settings.warnings:
            log.warning("configuration_warning", extra={"warning": warning})
        bot = Bot(settings, clock=clock)
        try:
            _start(bot, settings, host=host, port=port, default_port=default_port)
            log.info("ready", extra={"mode": "socket" if settings.socket_mode else "http", "port": bot.port})
            wait_for_signal()
            log.info("stopping")
        finally:
            bot.close()
    log.info("stopped")
    return 0


@contextmanager
def _heard(*signals: signal.Signals) -> Iterator[Callable[[], object]]:
    """Give a function that returns once one of these signals has come, before or while it waits.

    An Event will not do: a signal that comes just before the main thread sleeps on a lock does not wake it, and the
    process would never end. What Python's own handler writes to a socket is not missed.
    """
    ear, mouth = socket.socketpair()
    mouth.setblocking(False)
    before = {number: signal.signal(number, _no_more) for number in signals}
    woken = signal.set_wakeup_fd(mouth.fileno(), warn_on_full_buffer=False)
    try:
        yield lambda: ear.recv(1)
    finally:
        signal.set_wakeup_fd(woken)
        for number, handler in before.items():
            signal.signal(number, handler)
        ear.close()
        mouth.close()


def _no_more(number: int, frame: FrameType | None) -> None:
    """All that has to be done about a signal is to hear it."""


def _start(bot: Bot, settings: Settings, *, host: str, port: int | None, default_port: int) -> None:
    """Start, on the port that was asked for; in Socket Mode a taken default port only costs the health pages."""
    try:
        bot.listen(host, default_port if port is None else port)
    except ConfigurationError as error:
        if port is not None or not settings.socket_mode:
            raise
        log.warning("no_health_pages", extra={"reason": str(error)})
    bot.start()
