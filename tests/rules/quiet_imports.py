"""Import the modules named on the command line in a process where nothing but importing is allowed."""

import importlib
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

FORBIDDEN = {"socket.connect", "socket.bind", "socket.getaddrinfo", "sqlite3.connect", "subprocess.Popen", "os.system"}
OURS = ("COPY_BACKUP_", "SLACK_")


class Breach(BaseException):
    """Something happened while importing. Not an Exception, so that no handler on the way hides it."""


class WatchedEnvironment(dict[str, str]):
    """The environment, where reading one of our settings is told."""

    def __getitem__(self, name: str) -> str:
        _judge_variable(name)
        return super().__getitem__(name)

    def get(self, name: str, default: str | None = None) -> str | None:  # type: ignore[override]
        _judge_variable(name)
        return super().get(name, default)

    def __contains__(self, name: object) -> bool:
        _judge_variable(str(name))
        return super().__contains__(name)


def main(modules: list[str]) -> None:
    """Import one after the other; exit with 1 and a line for every breach."""
    watched = WatchedEnvironment(os.environ)
    # That the process's own environment stays as it was is wanted: only reading is watched.
    os.environ = watched  # type: ignore[assignment]  # noqa: B003
    sys.addaudithook(_judge_event)
    breaches = list(_breaches(modules))
    print("\n".join(breaches))
    sys.exit(1 if breaches else 0)


def _breaches(modules: list[str]) -> Iterator[str]:
    for module in modules:
        try:
            importlib.import_module(module)
        except (Breach, Exception, SystemExit) as breach:
            yield f"importing {module}: {breach!r}"
        extra = [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()]
        if extra:
            yield f"importing {module}: threads run on: {extra}"
            return


def _judge_event(event: str, arguments: tuple[object, ...]) -> None:
    if event in FORBIDDEN and not _asks_for_ipv6(event, arguments):
        raise Breach(f"{event} {arguments}")
    if event == "open" and isinstance(arguments[1], str) and set(arguments[1]) & set("wax+"):
        path = str(arguments[0])
        if path != os.devnull:
            raise Breach(f"writes to {Path(path)}")


def _asks_for_ipv6(event: str, arguments: tuple[object, ...]) -> bool:
    """Whether this is urllib3, which binds and closes a socket while it is imported to see whether IPv6 is there."""
    return event == "socket.bind" and arguments[1] == ("::1", 0)


def _judge_variable(name: str) -> None:
    if name.startswith(OURS):
        raise Breach(f"reads the variable {name}")


if __name__ == "__main__":
    main(sys.argv[1:])
