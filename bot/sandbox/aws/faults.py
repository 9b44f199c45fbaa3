"""Faults one can switch on: what goes wrong, for which calls, how often."""

import random
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from bot.sandbox.aws.errors import AwsError, not_authorized

Kind = Literal["error", "deny", "slow", "lose request", "lose response"]


@dataclass
class Fault:
    """One fault: `times` counts down its remaining hits (None: until lifted), `share` hits only a part."""

    kind: Kind
    operation: str
    account: str | None = None
    region: str | None = None
    times: int | None = None
    share: float = 1.0
    code: str = ""
    message: str = ""
    status: int = 500
    delay: float = 0.0
    hits: int = 0
    lifted: threading.Event = field(default_factory=threading.Event)

    def matches(self, service: str, operation: str, account: str, region: str) -> bool:
        return (
            self.times != 0
            and self.operation in ("*", operation, f"{service}:{operation}", f"{service}:*")
            and self.account in (None, account)
            and self.region in (None, region)
        )

    def lift(self) -> None:
        """End the fault, also for calls it is slowing down right now."""
        self.times = 0
        self.lifted.set()


class Faults:
    """Switch faults on and off. Operations are named `StartCopyJob`, `backup:StartCopyJob`, `sts:*` or `*`."""

    def __init__(self, seed: int = 0) -> None:
        self._faults: list[Fault] = []
        self.ordered: list[Fault] = []
        """Every fault that was ever switched on, with how often it hit."""
        self._lock = threading.Lock()
        self._random = random.Random(seed)

    def throttle(
        self,
        operation: str = "*",
        *,
        times: int | None = None,
        share: float = 1.0,
        account: str | None = None,
        region: str | None = None,
    ) -> Fault:
        """Answer `Rate exceeded` to the next `times` calls, or to a share of them."""
        return self._add(
            Fault("error", operation, account, region, times, share, "ThrottlingException", "Rate exceeded", 400)
        )

    def fail(
        self,
        operation: str = "*",
        *,
        status: int = 500,
        code: str = "ServiceUnavailableException",
        message: str = "The request failed due to a temporary failure of the server.",
        times: int | None = 1,
        share: float = 1.0,
        account: str | None = None,
        region: str | None = None,
    ) -> Fault:
        """Answer any error, a 500 of the service by default."""
        return self._add(Fault("error", operation, account, region, times, share, code, message, status))

    def expire_token(self, operation: str = "*", *, times: int | None = 1, account: str | None = None) -> Fault:
        message = "The security token included in the request is expired"
        return self._add(Fault("error", operation, account, None, times, 1.0, "ExpiredTokenException", message, 403))

    def deny(self, account: str, operation: str, *, times: int | None = None) -> Fault:
        """Refuse an operation in an account as if no identity-based policy allowed it."""
        return self._add(Fault("deny", operation, account, times=times))

    def slow(
        self,
        operation: str = "*",
        *,
        seconds: float,
        times: int | None = None,
        share: float = 1.0,
        account: str | None = None,
    ) -> Fault:
        """Hold answers back for so many seconds of real time (lifting the fault lets them go)."""
        return self._add(Fault("slow", operation, account, times=times, share=share, delay=seconds))

    def lose_response(
        self, operation: str = "StartCopyJob", *, times: int | None = 1, account: str | None = None
    ) -> Fault:
        """Let the call take effect, then drop the connection instead of answering."""
        return self._add(Fault("lose response", operation, account, times=times))

    def lose_request(
        self, operation: str = "StartCopyJob", *, times: int | None = 1, account: str | None = None
    ) -> Fault:
        """Drop the connection before the call takes effect."""
        return self._add(Fault("lose request", operation, account, times=times))

    def clear(self) -> None:
        with self._lock:
            for fault in self._faults:
                fault.lift()
            self._faults.clear()

    def active(self) -> list[Fault]:
        with self._lock:
            return [fault for fault in self._faults if fault.times != 0]

    def strike(self, service: str, operation: str, account: str, region: str) -> list[Fault]:
        """Take the faults that hit this call, counting each down; a call can only be refused once."""
        struck: list[Fault] = []
        with self._lock:
            for fault in self._faults:
                if fault.matches(service, operation, account, region) and self._count(fault):
                    struck.append(fault)
                    if fault.kind in ("error", "deny", "lose request"):
                        break
        return struck

    def _count(self, fault: Fault) -> bool:
        if fault.share < 1.0 and self._random.random() >= fault.share:
            return False
        fault.hits += 1
        if fault.times is not None:
            fault.times -= 1
        return True

    def _add(self, fault: Fault) -> Fault:
        with self._lock:
            self._faults.append(fault)
            self.ordered.append(fault)
        return fault


def hold_back(struck: Iterable[Fault]) -> None:
    """Wait as long as the slow ones among these faults ask for."""
    for fault in struck:
        if fault.kind == "slow":
            fault.lifted.wait(fault.delay)


def refuse(struck: Iterable[Fault], *, caller: str, action: str) -> None:
    """Raise the first refusal among these faults."""
    for fault in struck:
        if fault.kind == "error":
            raise AwsError(fault.code, fault.message, status=fault.status)
        if fault.kind == "deny":
            raise not_authorized(caller, action, "*")


def any_of(struck: Iterable[Fault], kind: Kind) -> bool:
    return any(fault.kind == kind for fault in struck)
