"""Whose errand a changing call is: what makes the human behind it visible in CloudTrail.

CloudTrail shows the role session's name in the ARN of whoever acted, so a changing call runs under a session of its own
that carries the request and the person who approved it first: `assumed-role/CopyBackupBot/CB-42-U0BEN`. Source
identity and session tags would say the same, but every role's trust policy would have to allow sts:SetSourceIdentity
and sts:TagSession first, and a role that does not could no longer be assumed at all: they are not sent.
"""

import re
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Protocol

# RoleSessionName: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
LONGEST_NAME = 64
_NOT_ALLOWED = re.compile(r"[^\w+=,.@-]", re.ASCII)
KEPT = 32
KEPT_SECONDS = 900.0


class Errand(Protocol):
    """A request and who approved it first, by user id."""

    @property
    def request_id(self) -> str: ...
    @property
    def approved_by(self) -> str: ...


def session_name(errand: Errand) -> str:
    """Name the role session that carries an errand out: request and first approver, within AWS's limits."""
    said = "-".join(part for part in (errand.request_id, errand.approved_by) if part)
    # AWS wants two characters at least, and a request's id is never shorter; the stroke only guards that.
    return _NOT_ALLOWED.sub("-", said)[:LONGEST_NAME].ljust(2, "-")


class Errands:
    """The few clients of errands that are going on: at most `KEPT`, none for longer than `KEPT_SECONDS`.

    A try and its repeats share one, and nothing signed in somebody's name outlives the errand by much. Clients that
    are let go are not closed, for another thread may be using one: their connections end with the last reference.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: OrderedDict[tuple[str, ...], tuple[float, Any]] = OrderedDict()

    def client(self, key: tuple[str, ...], make: Callable[[], Any]) -> Any:
        """Give the client of an errand, made when it is not kept (any more)."""
        self._let_go_of_old()
        if key not in self._kept:
            self._kept[key] = (self._clock(), make())
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return self._kept[key][1]

    def forget(self, account_id: str) -> None:
        """Let the clients of an account go."""
        for key in [key for key in self._kept if key[0] == account_id]:
            del self._kept[key]

    def close(self) -> None:
        """Close the connections of all clients that are kept."""
        while self._kept:
            _, (_, client) = self._kept.popitem()
            client.close()

    def _let_go_of_old(self) -> None:
        oldest = self._clock() - KEPT_SECONDS
        while self._kept and next(iter(self._kept.values()))[0] <= oldest:
            self._kept.popitem(last=False)
