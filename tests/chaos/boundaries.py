"""Every place where the bot commits a transaction, read from its sources, and how one is hit from inside a process.

A boundary is a function of the use cases that writes: `workflows.runner.Runner._begin`. A process that carries an
order kills itself there: before its commit, so that nothing of it is kept, or after it, so that nobody heard of it.
"""

import ast
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

from sqlalchemy import Connection, Engine, event

ROOT = Path(__file__).parents[2] / "bot"
# What sweeps come to whether there is work or not; a kill there is one at a random moment.
IDLE = frozenset(
    f"workflows.{name}"
    for name in (
        "deciding.Deciding.judge_left_over",
        "expiry.Expiry.announce",
        "expiry.Expiry.look_again",
        "forms.Forms.finish_stuck",
        "forms.Forms.forget_old",
        "inventory.Inventory._read_one",
        "requests.Sending.finish_stuck",
        "requests.Sending.forget_old",
        "runner.Runner._claim",
        "tracking.Tracker._claim",
    )
)


@cache
def boundaries() -> tuple[str, ...]:
    """Every function below bot/workflows that opens a transaction which may write, in order of their names."""
    found = {name for path in sorted((ROOT / "workflows").rglob("*.py")) for name in _in_file(path)}
    return tuple(sorted(found))


def _in_file(path: Path) -> Iterator[str]:
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    yield from _in_scope(ast.parse(path.read_text(encoding="utf-8")).body, module)


def _in_scope(body: list[ast.stmt], inside: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _in_scope(node.body, f"{inside}.{node.name}")
        elif isinstance(node, ast.FunctionDef) and any(_begins(one) for one in ast.walk(node)):
            yield f"{inside}.{node.name}"


def _begins(node: ast.AST) -> bool:
    """Whether this is `with ….store.begin() as tx`."""
    if not isinstance(node, ast.With):
        return False
    calls = [item.context_expr for item in node.items if isinstance(item.context_expr, ast.Call)]
    return any(isinstance(call.func, ast.Attribute) and call.func.attr == "begin" for call in calls)


@dataclass
class Orders:
    """A process's order to die, in a file that whoever gives it writes and takes away; what was hit, in another."""

    folder: Path
    number: int

    @property
    def path(self) -> Path:
        return self.folder / f"order-{self.number}"

    @property
    def hits(self) -> Path:
        return self.folder / f"hits-{self.number}"

    def give(self, some: Sequence[str], nth: int, *, before: bool) -> None:
        """Have the process die when it comes to one of these boundaries for the nth time from now on."""
        draft = self.path.with_suffix(".draft")
        draft.write_text(json.dumps({"boundaries": list(some), "nth": nth, "before": before}), encoding="utf-8")
        draft.replace(self.path)

    def take_back(self) -> None:
        self.path.unlink(missing_ok=True)

    def carried_out(self) -> list[str]:
        """The boundaries that were hit so far."""
        return self.hits.read_text(encoding="utf-8").splitlines() if self.hits.exists() else []


class Obedient:
    """Listens to every commit of this process, and kills it at the one that its order names."""

    def __init__(self, orders: Orders) -> None:
        self._orders = orders
        self._order: dict[str, Any] = {}
        self._stamp, self._counts = 0, Counter[str]()
        event.listen(Engine, "commit", self._commits)

    def _commits(self, connection: Connection) -> None:
        if not self._has_order():
            return
        boundary = _boundary(sys._getframe())
        self._counts[boundary] += 1
        if boundary in self._order["boundaries"] and self._counts[boundary] == self._order["nth"]:
            self._die(connection, boundary)

    def _has_order(self) -> bool:
        try:
            stamp = self._orders.path.stat().st_mtime_ns
            if stamp != self._stamp:
                self._order = json.loads(self._orders.path.read_text(encoding="utf-8"))
                self._stamp, self._counts = stamp, Counter()
        except FileNotFoundError:
            return False
        return True

    def _die(self, connection: Connection, boundary: str) -> None:
        if not self._order["before"]:
            dbapi = connection.connection.dbapi_connection
            assert dbapi is not None
            dbapi.commit()
        with self._orders.hits.open("a", encoding="utf-8") as hits:
            hits.write(f"{boundary}\n")
        os.kill(os.getpid(), signal.SIGKILL)


def _boundary(frame: FrameType | None) -> str:
    """Which use case commits: the innermost frame that is one."""
    while frame is not None:
        module = str(frame.f_globals.get("__name__", ""))
        if module.startswith("bot.workflows"):
            return f"{module.removeprefix('bot.')}.{frame.f_code.co_qualname}"
        frame = frame.f_back
    return ""
