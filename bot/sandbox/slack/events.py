"""The Events API's side: subscribed events on their way to the app, with Slack's three retries."""

import threading
import time
from collections.abc import Sequence
from heapq import heappop, heappush
from itertools import count

from .delivery import Delivery
from .ids import APP, BOT_USER, TEAM, VERIFICATION_TOKEN
from .parcels import Answer, Parcel, Retry, event_id
from .records import JsonObject
from .workspace import Workspace

RETRY_SECONDS = (0.0, 60.0, 300.0)


class EventDesk:
    """Send events in the background; a failed one is tried again at once, after a minute and after five."""

    def __init__(
        self, workspace: Workspace, delivery: Delivery, retry_seconds: Sequence[float] = RETRY_SECONDS
    ) -> None:
        self._workspace = workspace
        self._delivery = delivery
        self._retry_seconds = retry_seconds
        self._due: list[tuple[float, int, Parcel, Retry | None]] = []
        self._numbers = count()
        self._condition = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="slack-events", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self._condition:
            self._stopping = True
            self._condition.notify_all()
        if self._thread.is_alive():
            self._thread.join(5)

    def announce(self, event: JsonObject) -> None:
        """Send an event if the app subscribed to it."""
        if self._workspace.app.hears(subscription_of(event)):
            self._enqueue(0.0, Parcel("events_api", self._wrapped(event)), None)

    def _wrapped(self, event: JsonObject) -> JsonObject:
        now = self._workspace.clock.now().timestamp()
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": TEAM,
            "api_app_id": APP,
            "event": {"event_ts": f"{now:.6f}", **event},
            "type": "event_callback",
            "event_id": event_id(),
            "event_time": int(now),
            "authorizations": [
                {"enterprise_id": None, "team_id": TEAM, "user_id": BOT_USER, "is_bot": True}
                | {"is_enterprise_install": False}
            ],
            "is_ext_shared_channel": False,
        }

    def _enqueue(self, delay: float, parcel: Parcel, retry: Retry | None) -> None:
        with self._condition:
            heappush(self._due, (time.monotonic() + delay, next(self._numbers), parcel, retry))
            self._condition.notify_all()

    def _run(self) -> None:
        while (item := self._next()) is not None:
            parcel, retry = item
            self._retry_later(parcel, retry, self._delivery.deliver(parcel, retry))

    def _next(self) -> tuple[Parcel, Retry | None] | None:
        """Wait for the next event that is due; None when the desk closes."""
        with self._condition:
            while not self._stopping:
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is not None and wait <= 0:
                    _, _, parcel, retry = heappop(self._due)
                    return parcel, retry
                self._condition.wait(wait)
            return None

    def _retry_later(self, parcel: Parcel, retry: Retry | None, answer: Answer) -> None:
        number = retry.number if retry else 0
        if answer.ok or answer.body.get("no_retry") or number >= len(self._retry_seconds):
            return
        self._enqueue(self._retry_seconds[number], parcel, Retry(number + 1, self._reason(answer)))

    def _reason(self, answer: Answer) -> str:
        if answer.error == "operation_timeout":
            return "http_timeout" if self._delivery.over_http else "timeout"
        return "http_error" if answer.status else "connection_failed"


def subscription_of(event: JsonObject) -> str:
    """Return the name under which an app subscribes to this event."""
    if event["type"] != "message":
        return str(event["type"])
    return f"message.{event['channel_type']}"
