"""Processes of `copy-backup run` that start in a fraction of a second: forked from one that has everything imported.

`python -m tests.chaos.nursery` reads one JSON object a line, {"environ": …, "log": path}, and answers with a pid.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from bot.cli import main
from tests.flows.processes import command, surroundings

RUN = ("run", "--port", "0")
PRELOADED = (
    "bot.app",
    "bot.serving",
    "bot.logs",
    "bot.settings",
    "botocore.client",
    "boto3.session",
    "alembic.command",
)


class Nursery:
    """Starts bots; `cold` starts each as an operator does, with an interpreter of its own, which takes seconds."""

    def __init__(self, *, cold: bool = False) -> None:
        self._cold: list[subprocess.Popen[bytes]] = []
        self._forker: subprocess.Popen[str] | None = None
        if not cold:
            self._forker = subprocess.Popen(
                [sys.executable, "-m", "tests.chaos.nursery"],
                env=surroundings({}),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )

    def start(self, environ: Mapping[str, str], log: Path) -> int:
        """Start a bot that appends its log to a file; its process id."""
        if self._forker is None:
            with log.open("ab") as out:
                process = subprocess.Popen(command(*RUN), env=surroundings(environ), stdout=out, stderr=out)
            self._cold.append(process)
            return process.pid
        assert self._forker.stdin is not None
        assert self._forker.stdout is not None
        print(json.dumps({"environ": dict(environ), "log": str(log)}), file=self._forker.stdin, flush=True)
        return int(self._forker.stdout.readline())

    def kill(self, pid: int) -> bool:
        """Kill a bot without a word, if it still lives; it is reaped by whoever started it."""
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        return True

    def close(self) -> None:
        for process in self._cold:
            process.kill()
            process.wait()
        if self._forker is not None:
            assert self._forker.stdin is not None
            assert self._forker.stdout is not None
            self._forker.stdin.close()
            self._forker.stdout.close()
            self._forker.wait()


def raise_bots() -> None:
    """Fork a bot for every line that comes in; when no more can come, kill those that still live."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for name in PRELOADED:
        importlib.import_module(name)
    born = []
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            _be_born(order["environ"], order["log"])
        born.append(pid)
        print(pid, flush=True)
    for pid in born:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _be_born(environ: Mapping[str, str], log: str) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.update(environ)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, nothing), (1, out), (2, out)):
        os.dup2(source, target)
    code = 1
    try:
        code = main(RUN)
    finally:
        os._exit(code)


if __name__ == "__main__":
    raise_bots()
