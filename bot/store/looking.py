"""Looking at a database without making or changing anything there: which one it is, how old, whether it can be written.

SQLite's files are opened here by themselves, never by an engine, which would make a file and set its journal's mode.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from bot.domain.errors import ConfigurationError
from bot.store.engine import make_engine, reaching, safe_name
from bot.store.migrate import HEAD, is_known, revision_of

# Seconds: how long a writer of the file is waited for.
PATIENCE = 5.0


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """`name` shows no password; `revision` None: it has no tables yet; `unwritable` "" or the database's reason."""

    name: str
    version: str
    revision: str | None
    newest: str
    unwritable: str = ""

    @property
    def is_newer(self) -> bool:
        """Whether a newer version of this program made it, so that this one cannot work with it."""
        return self.revision not in (None, self.newest) and not is_known(str(self.revision))


def require_database(url: str) -> None:
    """Return if the database is there and up to date. Raises ConfigurationError, which says what to do."""
    engine = make_engine(url)
    try:
        revision = _file_revision(engine) if engine.dialect.name == "sqlite" else _server_revision(engine)
        if revision is None:
            raise ConfigurationError(f"there is no history in {safe_name(engine)}; is COPY_BACKUP_DATABASE_URL right?")
        if revision != HEAD:
            raise ConfigurationError(
                f"the database {safe_name(engine)} is of another version of Copy Backup: use that one, or bring an "
                "older database up to date with `copy-backup migrate`"
            )
    finally:
        engine.dispose()


def look_at(url: str) -> DatabaseState:
    """Look at a database. Raises ConfigurationError when it cannot be reached. A file that is not there stays so."""
    engine = make_engine(url)
    try:
        return _file_state(engine) if engine.dialect.name == "sqlite" else _server_state(engine)
    finally:
        engine.dispose()


def _file_state(engine: Engine) -> DatabaseState:
    path = _file_of(engine)
    if not path.exists():
        if not path.parent.is_dir():
            raise ConfigurationError(f"the folder {path.parent} is not there; make it, or name another file")
        return DatabaseState(str(path), "a file that is not made yet", None, HEAD, _no_room_in(path.parent))
    revision = _file_revision(engine)
    return DatabaseState(
        safe_name(engine), f"SQLite {sqlite3.sqlite_version}", revision, HEAD, _unwritable_file(path, revision)
    )


def _file_revision(engine: Engine) -> str | None:
    """The revision of a file; None while it is not there, or has no tables of ours."""
    path = _file_of(engine)
    if not path.exists():
        return None
    try:
        with _opened(path, "ro" if _in_use(path) else "ro&immutable=1") as connection:
            ours = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'alembic_version'"
            if connection.execute(ours).fetchone() is None:
                return None
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        raise ConfigurationError(f"the database {safe_name(engine)} cannot be used: {error}") from error
    return None if row is None else str(row[0])


def _in_use(path: Path) -> bool:
    """Whether something is written beside the file; if not, even reading would make such files, unless told not to."""
    return any(Path(f"{path}{beside}").exists() for beside in ("-wal", "-journal"))


def _unwritable_file(path: Path, revision: str | None) -> str:
    try:
        with _opened(path, "rw") as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(_trial(revision))
            connection.execute("ROLLBACK")
    except sqlite3.Error as error:
        return str(error)
    return ""


@contextmanager
def _opened(path: Path, mode: str) -> Iterator[sqlite3.Connection]:
    address = f"{path.as_uri()}?mode={mode}"
    with closing(sqlite3.connect(address, uri=True, isolation_level=None, timeout=PATIENCE)) as connection:
        yield connection


def _file_of(engine: Engine) -> Path:
    """The file that the engine would open, whether its URL names a path or a file: URL of SQLite's."""
    (name, *_), options = engine.dialect.create_connect_args(engine.url)
    return Path(unquote(urlsplit(name).path) if options.get("uri") else name).absolute()


def _no_room_in(folder: Path) -> str:
    """Why no file can be made in a folder; "" when one can."""
    trial = folder / ".copy-backup-check"
    try:
        trial.touch()
        trial.unlink()
    except OSError as error:
        return f"{folder}: {error.strerror}"
    return ""


def _server_state(engine: Engine) -> DatabaseState:
    with reaching(engine), engine.connect() as connection:
        version = ".".join(map(str, engine.dialect.server_version_info or ()))
        revision = revision_of(connection)
        connection.rollback()
        return DatabaseState(
            safe_name(engine), f"PostgreSQL {version}", revision, HEAD, _unwritable_server(connection, revision)
        )


def _server_revision(engine: Engine) -> str | None:
    with reaching(engine), engine.connect() as connection:
        return revision_of(connection)


def _unwritable_server(connection: Connection, revision: str | None) -> str:
    try:
        connection.execute(text(_trial(revision)))
    except DBAPIError as error:
        return str(error.orig).strip().splitlines()[0]
    finally:
        connection.rollback()
    return ""


def _trial(revision: str | None) -> str:
    """What is tried, and taken back, to learn whether a database can be written."""
    if revision is None:
        return "CREATE TABLE copy_backup_check (one INTEGER)"
    return "UPDATE requests SET id = id WHERE id < 0"
