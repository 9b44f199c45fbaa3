"""Looking at a database without changing it: which one it is, how old, whether it can be written."""

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import DBAPIError

from bot.domain.errors import ConfigurationError
from bot.store.engine import make_engine, reaching, safe_name
from bot.store.migrate import HEAD, revision_of


@dataclass(frozen=True, slots=True)
class DatabaseState:
    """`name` shows no password; `revision` None: it has no tables yet; `unwritable` "" or the database's reason."""

    name: str
    version: str
    revision: str | None
    newest: str
    unwritable: str = ""


def look_at(url: str) -> DatabaseState:
    """Look at a database. Raises ConfigurationError when it cannot be reached.

    A SQLite file that is not there yet stays so: connecting would make it.
    """
    missing = _missing_file(url)
    if missing is not None:
        return missing
    engine = make_engine(url)
    try:
        with reaching(engine), engine.connect() as connection:
            version = ".".join(map(str, engine.dialect.server_version_info or ()))
            dialect = "SQLite" if engine.dialect.name == "sqlite" else "PostgreSQL"
            revision = revision_of(connection)
            connection.rollback()
            return DatabaseState(
                safe_name(engine), f"{dialect} {version}", revision, HEAD, _unwritable(connection, revision)
            )
    finally:
        engine.dispose()


def _missing_file(url: str) -> DatabaseState | None:
    try:
        parsed = make_url(url)
    except ValueError:
        return None
    if parsed.get_backend_name() != "sqlite" or not parsed.database or Path(parsed.database).exists():
        return None
    folder = Path(parsed.database).absolute().parent
    if not folder.is_dir():
        raise ConfigurationError(f"the folder {folder} is not there; make it, or name another file")
    return DatabaseState(parsed.database, "a file that is not made yet", None, HEAD, _no_room_in(folder))


def _no_room_in(folder: Path) -> str:
    """Why no file can be made in a folder; "" when one can."""
    trial = folder / ".copy-backup-check"
    try:
        trial.touch()
        trial.unlink()
    except OSError as error:
        return f"{folder}: {error.strerror}"
    return ""


def _unwritable(connection: Connection, revision: str | None) -> str:
    """Try to write and take it back."""
    trial = (
        "CREATE TABLE copy_backup_check (one INTEGER)"
        if revision is None
        else "UPDATE requests SET id = id WHERE id < 0"
    )
    try:
        connection.execute(text(trial))
    except DBAPIError as error:
        return str(error.orig).strip().splitlines()[0]
    finally:
        connection.rollback()
    return ""
