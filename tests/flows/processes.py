"""`copy-backup` as a process of its own, the way an operator runs it."""

import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from bot.sandbox.surroundings import PROXIES

PATIENCE = 60.0


@dataclass
class Running:
    """A process whose log is read as it comes."""

    process: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    _news: threading.Condition = field(default_factory=threading.Condition)

    @property
    def log(self) -> str:
        return "".join(self.lines)

    def logs(self, words: str) -> str:
        """Wait for a line of the log that holds these words."""
        with self._news:
            found = self._news.wait_for(lambda: [line for line in self.lines if words in line], PATIENCE)
        assert found, f"no line with {words!r} in:\n{self.log}"
        return str(found[0])

    def end(self) -> int:
        """Send SIGTERM and wait for the end; the exit code."""
        self.process.terminate()
        return self.process.wait(PATIENCE)

    def read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._news:
                self.lines.append(line)
                self._news.notify_all()


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "bot", *arguments]


def surroundings(environ: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with the world's settings, and without what would lead elsewhere."""
    kept = {name: value for name, value in os.environ.items() if name not in PROXIES and not name.startswith("SLACK_")}
    return {**kept, **environ}


@contextmanager
def running(environ: Mapping[str, str], *arguments: str) -> Iterator[Running]:
    """Run a command until the end of the block, where it is killed if it has not ended."""
    process = subprocess.Popen(
        command(*arguments), env=surroundings(environ), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    told = Running(process)
    reader = threading.Thread(target=told.read, name="log-reader")
    reader.start()
    try:
        yield told
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(PATIENCE)
        reader.join(PATIENCE)
        assert process.stderr is not None
        process.stderr.close()


def finished(environ: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    return subprocess.run(
        command(*arguments), env=surroundings(environ), capture_output=True, text=True, timeout=100, check=False
    )


def get(url: str) -> tuple[int, str]:
    """Status and body of a page."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
