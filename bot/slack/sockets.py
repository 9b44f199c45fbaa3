"""Closing a Socket Mode connection, which slack_sdk does not do while it is young."""

import logging
import threading
from collections.abc import Callable
from typing import Any

log = logging.getLogger(__name__)

HANGING_UP_SECONDS, HANGING_UP_ROUNDS = 0.1, 100


def hang_up(client: Any, close: Callable[[], object]) -> None:
    """Close the socket, however young it is.

    slack_sdk's own close marks the session as ended and waits for its thread; a session that begins at that moment
    takes the mark back and is received from for ever. So it is marked until the thread has gone.
    """
    closing = threading.Thread(target=close, name="hang-up", daemon=True)
    closing.start()
    for _ in range(HANGING_UP_ROUNDS):
        client.current_session_state.terminated = True
        closing.join(HANGING_UP_SECONDS)
        if not closing.is_alive():
            return
    log.warning("socket_stays_open")
