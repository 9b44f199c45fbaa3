"""Processes of `copy-backup run` that start in a fraction of a second: forked from one that has everything imported.

`python -m tests.chaos.nursery` reads a JSON object a line: {"environ": …, "log": path, "number": …}, and answers with a
pid; or {"kill": pid}, and answers with 1 if it still lived. What it starts is the bot as it is, with the world's clock
for the port `Clock`, and it hears orders to die.
"""

import importlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from bot import logs
from bot.serving import serve
from bot.settings import load_settings
from tests.chaos.boundaries import Obedient, Orders
from tests.chaos.clock import ToldClock
from tests.flows.processes import command, surroundings

# The world's time, in its folder beside the configuration.
CLOCK = "clock"
MOST_SECONDS = 10.0
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
        self._lock = threading.Lock()
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
        return self._ask({"environ": dict(environ), "log": str(log), "number": number})

    def kill(self, pid: int) -> bool:
        """Kill a bot without a word and wait until it is gone, since it holds its lock until then; if it still lives.

        Only processes that were started here: a number that has become somebody else's is left alone.
        """
        if self._forker is not None:
            return bool(self._ask({"kill": pid}))
        process = next((one for one in self._cold if one.pid == pid and one.poll() is None), None)
        if process is None:
            return False
        process.kill()
        process.wait()
        return True

    def _ask(self, order: Mapping[str, object]) -> int:
        """Give the forker an order; its answer."""
        assert self._forker is not None
        assert self._forker.stdin is not None
        assert self._forker.stdout is not None
        with self._lock:
            print(json.dumps(order), file=self._forker.stdin, flush=True)
            return int(self._forker.stdout.readline())

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
    """Fork a bot, or kill one, for every line that comes in; when no more can come, kill those that still live."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for name in PRELOADED:
        importlib.import_module(name)
    # By its descriptor a process is known even when its number has become another one's.
    born: dict[int, int] = {}
    for line in sys.stdin:
        order = json.loads(line)
        print(_kill(born, order["kill"]) if "kill" in order else _fork(born, order), flush=True)
    for pid in tuple(born):
        _kill(born, pid)


def _fork(born: dict[int, int], order: Mapping[str, Any]) -> int:
    pid = os.fork()
    if pid == 0:
        _be_born(order["environ"], Path(order["log"]), order["number"])
    with suppress(ProcessLookupError):
        born[pid] = os.pidfd_open(pid)
    return pid


def _kill(born: dict[int, int], pid: int) -> int:
    """Kill a bot and wait until it is gone; 1 if it still lived."""
    descriptor = born.pop(pid, None)
    if descriptor is None:
        return 0
    try:
        signal.pidfd_send_signal(descriptor, signal.SIGKILL)
    except ProcessLookupError:
        return 0
    else:
        select.select([descriptor], [], [], MOST_SECONDS)
        return 1
    finally:
        os.close(descriptor)


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
