"""One bot for one SQLite file: a lock beside it, held as long as the process lives and let go by any end of it.

SQLite itself would let two processes in, but a bot believes that what is leased when it starts belongs to nobody.
PostgreSQL takes as many bots as wanted, and needs no lock.
"""

import fcntl
import logging
import os
from pathlib import Path

from sqlalchemy import make_url

from bot.domain.errors import ConfigurationError

log = logging.getLogger(__name__)

_UNWRITABLE = "{path} cannot be written ({why}); the database needs a folder to write in"


class Sole:
    """The right to use a database alone. Raises ConfigurationError when another process has it."""

    def __init__(self, url: str) -> None:
        self._file = _lock(Path(path)) if (path := _path(url)) else None

    def let_go(self) -> None:
        """Give the right back. The file stays: deleting it could let a third process lock another file of that name."""
        file, self._file = self._file, None
        if file is not None:
            os.close(file)


def _path(url: str) -> str | None:
    parsed = make_url(url)
    return parsed.database if parsed.get_backend_name() == "sqlite" else None


def _lock(database: Path) -> int | None:
    # Two names may lead to one file.
    database = database.resolve()
    path = database.with_name(f"{database.name}.lock")
    try:
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise ConfigurationError(_UNWRITABLE.format(path=path, why=error.strerror)) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(file, 20, 0).decode("ascii", "replace").strip() or "unknown"
        os.close(file)
        raise ConfigurationError(
            f"another bot (process {holder}) is using the database {database}. Stop that one first, or give this one a "
            "database of its own; several bots on one database need PostgreSQL"
        ) from error
    except OSError as error:
        # Some network file systems know no locks; without one it is as it was before there was one.
        log.warning("no_lock", extra={"path": str(path), "reason": error.strerror})
        os.close(file)
        return None
    os.ftruncate(file, 0)
    os.pwrite(file, str(os.getpid()).encode(), 0)
    return file
