"""Bringing a database up to date, however many processes try at once."""

from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from bot.domain.errors import ConfigurationError
from bot.store.engine import make_engine, reaching

if TYPE_CHECKING:
    from alembic.config import Config

# The newest revision in migrations/versions. Comparing with it is all that a database which is up to date costs;
# Alembic, slow to import, is only loaded when there is work.
HEAD = "0014"

# Any constant will do, as long as nothing else in the same database server uses it for its advisory locks.
_LOCK = 4_221_906_118


def migrate(url: str) -> None:
    """Bring the database up to date; do nothing when it is. Safe to call from several processes at once.

    Raises ConfigurationError when the database cannot be reached or comes from a newer version of this program.
    """
    engine = make_engine(url)
    try:
        with reaching(engine), engine.begin() as connection:
            if revision_of(connection) != HEAD:
                _upgrade(connection)
    finally:
        engine.dispose()


def revision_of(connection: Connection) -> str | None:
    """The revision of a database; None while it has no tables of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def is_known(revision: str) -> bool:
    """Whether a database of this revision can be brought up to date; else a newer version has made it."""
    from alembic.script import ScriptDirectory

    return revision in {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "bot.store:migrations")
    return config


def _upgrade(connection: Connection) -> None:
    from alembic import command

    _wait_for_others(connection)
    config = _config()
    config.attributes["connection"] = connection
    revision = revision_of(connection)
    if revision is not None and not is_known(revision):
        raise ConfigurationError(
            f"the database is at revision {revision!r}, which this version does not know: it was made by a newer "
            "version of Copy Backup; run that one, or restore an older database"
        )
    command.upgrade(config, "head")


def _wait_for_others(connection: Connection) -> None:
    # SQLite's transactions here begin with the write lock, so only PostgreSQL needs one more.
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
