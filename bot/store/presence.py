"""Whether a database of ours is where the settings say, found out without making or changing anything there."""

import sqlite3
from pathlib import Path

from sqlalchemy import URL

from bot.domain.errors import ConfigurationError
from bot.store.engine import make_engine, reaching, safe_name
from bot.store.migrate import HEAD, revision_of


def require_database(url: str) -> None:
    """Return if the database is there and up to date. Raises ConfigurationError, which says what to do."""
    engine = make_engine(url)
    try:
        if engine.dialect.name == "sqlite" and not _has_file(engine.url):
            raise _nothing(safe_name(engine))
        with reaching(engine), engine.connect() as connection:
            revision = revision_of(connection)
        if revision is None:
            raise _nothing(safe_name(engine))
        if revision != HEAD:
            raise ConfigurationError(
                f"the database {safe_name(engine)} is of another version of Copy Backup: use that one, or bring an "
                "older database up to date with `copy-backup migrate`"
            )
    finally:
        engine.dispose()


def _has_file(url: URL) -> bool:
    """Whether the file holds our tables. Connecting would make one that is not there, and write into any other."""
    path = Path(str(url.database))
    if str(path).startswith("file:"):
        return True
    if not path.is_file():
        return False
    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    except sqlite3.Error:
        return True
    try:
        return connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchone() is not None
    except sqlite3.Error:
        return True
    finally:
        connection.close()


def _nothing(name: str) -> ConfigurationError:
    return ConfigurationError(f"there is no history in {name}; is COPY_BACKUP_DATABASE_URL right?")
