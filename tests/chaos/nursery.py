"""Processes of `copy-backup run` that start in a fraction of a second: forked from one that has everything imported.

`python -m tests.chaos.nursery` reads one JSON object a line, {"environ": …, "log": path, "number": …}, and answers with
a pid. What it starts is the bot as it is, with the world's clock for the port `Clock`, and it hears orders to die.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path

from bot import logs
from bot.serving import serve
from bot.settings import load_settings
from tests.chaos.boundaries import Obedient, Orders
from tests.chaos.clock import ToldClock
from tests.flows.processes import command, surroundings

# The world's time, in its folder beside the configuration.
CLOCK = "clock"
MOST_LOOKS = 1_000
PRELOADED = (
    "bot.app",
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

    def start(self, environ: Mapping[str, str], folder: Path, number: int) -> int:
        """Start a bot whose log, orders and clock are in this folder; its process id."""
        log = folder / f"bot-{number}.log"
        if self._forker is None:
            with log.open("ab") as out:
                process = subprocess.Popen(
                    command("run", "--port", "0"), env=surroundings(environ), stdout=out, stderr=out
                )
            self._cold = [*(one for one in self._cold if one.poll() is None), process]
            return process.pid
        assert self._forker.stdin is not None
        assert self._forker.stdout is not None
        order = {"environ": dict(environ), "log": str(log), "number": number}
        print(json.dumps(order), file=self._forker.stdin, flush=True)
        return int(self._forker.stdout.readline())

    def kill(self, pid: int) -> bool:
        """Kill a bot without a word, if it still lives; it is reaped by whoever started it."""
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return False
        self._wait_until_gone(pid)
        return True

    def _wait_until_gone(self, pid: int) -> None:
        """As whoever restarts a service does: until it has ended, it holds its lock."""
        for process in self._cold:
            if process.pid == pid:
                process.wait()
        for _ in range(MOST_LOOKS):
            try:
                os.kill(pid, 0)
            except ProcessLookupError:
                return
            threading.Event().wait(0.01)

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
            _be_born(order["environ"], Path(order["log"]), order["number"])
        born.append(pid)
        print(pid, flush=True)
    for pid in born:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            continue


def _be_born(environ: Mapping[str, str], log: Path, number: int) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    os.environ.update(environ)
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for target, source in ((0, nothing), (1, out), (2, out)):
        os.dup2(source, target)
    code = 1
    try:
        Obedient(Orders(log.parent, number))
        settings = load_settings()
        logs.set_up(settings.log_format)
        code = serve(settings, host="127.0.0.1", port=0, default_port=0, clock=ToldClock(log.parent / CLOCK))
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


if __name__ == "__main__":
    raise_bots()
