"""The switches that make the workspace fail as Slack and the network do; each counts down and is then over."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from .changes import Changes

DeliveryFault = Literal["twice", "delay", "lose_ack"]


@dataclass(slots=True)
class Switch:
    """One fault that is switched on: how often still, and its number (status, seconds) or code."""

    kind: str
    left: int
    number: float = 0
    code: str = ""


class Faults:
    """Switch faults on; the Web API and the couriers take them off one by one."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._calls: dict[str, list[Switch]] = {}
        self._late: dict[str, list[Switch]] = {}
        self._deliveries: list[Switch] = []
        self.on_sockets: Callable[[str | None], None] = lambda reason: None
        self.redeliver_unacked = True
        self.socket_mode_enabled = True
        self.token_error: str | None = None
        """Refuse every bot token with this code (`token_revoked`, `account_inactive` …) while it is set."""

    def rate_limit(self, method: str, times: int = 1, *, retry_after: int = 1) -> None:
        """Answer the next calls of a method with 429 and Retry-After."""
        self._call(method, Switch("rate_limit", times, retry_after))

    def refuse(self, method: str, error: str, times: int = 1) -> None:
        """Answer the next calls of a method with `ok: false` and this error."""
        self._call(method, Switch("refuse", times, code=error))

    def fail_before(self, method: str, times: int = 1, *, status: int = 500) -> None:
        """Answer with a server error and do nothing."""
        self._call(method, Switch("fail_before", times, status))

    def fail_after(self, method: str, times: int = 1, *, status: int = 500) -> None:
        """Do what was asked, then answer with a server error."""
        self._call(method, Switch("fail_after", times, status))

    def drop_before(self, method: str, times: int = 1) -> None:
        """Do nothing and reset the connection."""
        self._call(method, Switch("drop_before", times))

    def drop_after(self, method: str, times: int = 1) -> None:
        """Do what was asked, then reset the connection without an answer."""
        self._call(method, Switch("drop_after", times))

    def slow(self, method: str, seconds: float, times: int = 1) -> None:
        """Do what was asked at once and answer late."""
        self._call(method, Switch("slow", times, seconds))

    def late(self, method: str, seconds: float, times: int = 1) -> None:
        """Do what was asked only after some time, also for a caller that has hung up meanwhile."""
        with self._changes.reading():
            self._late.setdefault(method, []).append(Switch("late", times, seconds))

    def deliver_twice(self, times: int = 1) -> None:
        """Send the next deliveries to the app a second time, as after a lost acknowledgement."""
        self._delivery(Switch("twice", times))

    def delay_deliveries(self, seconds: float, times: int = 1) -> None:
        """Hold the next deliveries back while their trigger ids grow old."""
        self._delivery(Switch("delay", times, seconds))

    def lose_acks(self, times: int = 1) -> None:
        """Let the app's next acknowledgements get lost on the way back."""
        self._delivery(Switch("lose_ack", times))

    def drop_sockets(self) -> None:
        """Cut every Socket Mode connection without a word."""
        self.on_sockets(None)

    def ask_to_reconnect(self, reason: str = "refresh_requested") -> None:
        """Send every connection a `disconnect` message: warning, refresh_requested, link_disabled …"""
        self.on_sockets(reason)

    def disable_socket_mode(self) -> None:
        """Switch Socket Mode off in the app's settings: connections end, new ones are refused."""
        self.socket_mode_enabled = False
        self.on_sockets("link_disabled")

    def clear(self) -> None:
        with self._changes.reading():
            self._calls.clear()
            self._late.clear()
            self._deliveries.clear()
        self.token_error, self.socket_mode_enabled = None, True

    def take_for_call(self, method: str) -> Switch | None:
        """Return the fault that strikes this call, if any; `*` stands for every method."""
        with self._changes.reading():
            return _take(self._calls.get(method, [])) or _take(self._calls.get("*", []))

    def take_lateness(self, method: str) -> float:
        """Return the seconds after which this call is begun."""
        with self._changes.reading():
            late = _take(self._late.get(method, []))
        return late.number if late else 0

    def take_for_delivery(self, kind: DeliveryFault) -> Switch | None:
        with self._changes.reading():
            return _take([s for s in self._deliveries if s.kind == kind])

    def _call(self, method: str, switch: Switch) -> None:
        with self._changes.reading():
            self._calls.setdefault(method, []).append(switch)

    def _delivery(self, switch: Switch) -> None:
        with self._changes.reading():
            self._deliveries.append(switch)


def _take(switches: list[Switch]) -> Switch | None:
    for switch in switches:
        if switch.left > 0:
            switch.left -= 1
            return switch
    return None
