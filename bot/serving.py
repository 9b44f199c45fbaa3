"""`copy-backup run`: the process around the bot: signals, ports, an orderly end."""

import logging
import signal
import threading
from types import FrameType

from bot.app import Bot
from bot.domain.errors import ConfigurationError
from bot.settings import Settings

log = logging.getLogger(__name__)


def serve(settings: Settings, *, host: str, port: int | None, default_port: int) -> int:
    """Serve until SIGTERM or SIGINT, then finish what is in hand. Returns the exit code."""
    stop = threading.Event()

    def ask_to_stop(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    for warning in settings.warnings:
        log.warning("configuration_warning", extra={"warning": warning})
    bot = Bot(settings)
    try:
        _start(bot, settings, host=host, port=port, default_port=default_port)
        log.info("ready", extra={"mode": "socket" if settings.socket_mode else "http", "port": bot.port})
        stop.wait()
        log.info("stopping")
    finally:
        bot.close()
    log.info("stopped")
    return 0


def _start(bot: Bot, settings: Settings, *, host: str, port: int | None, default_port: int) -> None:
    """Start, on the port that was asked for; in Socket Mode a taken default port only costs the health pages."""
    try:
        bot.listen(host, default_port if port is None else port)
    except ConfigurationError as error:
        if port is not None or not settings.socket_mode:
            raise
        log.warning("no_health_pages", extra={"reason": str(error)})
    bot.start()
