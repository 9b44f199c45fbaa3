"""How a database URL becomes an engine that behaves the same on both databases."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.engine import Connection
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from bot.domain.errors import ConfigurationError
from bot.store.codec import to_json
from bot.store.line import Turn

EXPECTED = "expected sqlite:///path/to/file.db or postgresql://user:password@host:5432/database"
# How long a writer waits for SQLite's one write lock.
_BUSY_MILLISECONDS = 15_000
# The execution option that carries a transaction's place in the line of writers.
TURN = "copy_backup_turn"
_SQLITE_PRAGMAS = (
    f"PRAGMA busy_timeout = {_BUSY_MILLISECONDS}",
    "PRAGMA journal_mode = WAL",
    # An approval that was acknowledged must survive a power cut.
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)
# A server that vanished without a word must not hold a sweep for ever.
_POSTGRES_DEFAULTS = {
    "connect_timeout": "10",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
    "application_name": "copy-backup",
}


def default_url(path: Path | str) -> str:
    """The URL of the SQLite database in this file."""
    return URL.create("sqlite", database=str(path)).render_as_string()


def make_engine(url: str) -> Engine:
    """Build the engine for a URL; nothing is connected yet.

    Raises ConfigurationError for a URL that no supported database has; the text never shows the password.
    """
    parsed = _parse(url)
    return _sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _postgres(parsed)


def reading_engine(engine: Engine) -> Engine:
    """The engine for transactions that only read: each sees one moment, none can write or waits for a writer."""
    if engine.dialect.name != "sqlite":
        # The pool is shared; the options go back with the connection.
        return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    reader = create_engine(engine.url, json_serializer=to_json, pool_size=16, max_overflow=16)
    event.listen(reader, "connect", _prepare_sqlite)
    event.listen(reader, "connect", _allow_reading_only)
    event.listen(reader, "begin", _begin_reading)
    return reader


def safe_name(engine: Engine) -> str:
    """The engine's URL, without its password and options, for people to read."""
    return engine.url.set(query={}).render_as_string(hide_password=True)


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        # The original error may quote the URL, password included, so it is not even kept as the cause.
        raise ConfigurationError(f"the database URL cannot be read; {EXPECTED}") from None
    if parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        return parsed
    if parsed.drivername not in ("postgres", "postgresql", "postgresql+psycopg"):
        raise ConfigurationError(f"the database URL names {parsed.drivername!r}, which is not supported; {EXPECTED}")
    if "@" in f"{parsed.host}{parsed.database}":
        # What follows the first @ was taken for the host, and would be shown to people as such.
        raise ConfigurationError("in the database URL, write %40 for @ and %2F for / in the user name and password")
    return parsed.set(drivername="postgresql+psycopg")


def _sqlite(url: URL) -> Engine:
    if url.database in (None, "", ":memory:") or url.query.get("mode") == "memory":
        raise ConfigurationError(f"a database in memory forgets what was approved; {EXPECTED}")
    engine = create_engine(url, json_serializer=to_json, pool_size=16, max_overflow=16)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_immediately)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    # The driver's own transactions begin too late (at the first write), so they are switched off; see below.
    connection.isolation_level = None
    for pragma in _SQLITE_PRAGMAS:
        connection.execute(pragma)


def _allow_reading_only(connection: sqlite3.Connection, _: ConnectionPoolEntry) -> None:
    connection.execute("PRAGMA query_only = ON")


def _begin_immediately(connection: Connection) -> None:
    # Taking the write lock first makes what is read stay true until the commit; a read that turns into a write
    # later would fail at once instead of waiting.
    turn: Turn | None = connection.get_execution_options().get(TURN)
    if turn is not None:
        turn.wait(_BUSY_MILLISECONDS / 1000)
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_reading(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _postgres(url: URL) -> Engine:
    defaults = {key: value for key, value in _POSTGRES_DEFAULTS.items() if key not in url.query}
    try:
        return create_engine(
            url.update_query_dict(defaults),
            json_serializer=to_json,
            isolation_level="READ COMMITTED",
            pool_pre_ping=True,
            pool_size=16,
            max_overflow=16,
            # A proxy that pools transactions (pgbouncer) does not keep a session's prepared statements.
            connect_args={"prepare_threshold": None},
        )
    except ModuleNotFoundError as error:
        raise ConfigurationError("PostgreSQL needs its driver: install copy-backup[postgres]") from error


@contextmanager
def reaching(engine: Engine) -> Iterator[None]:
    """Turn what a database or its driver refuses into a ConfigurationError that names it without its password."""
    try:
        yield
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0]
        raise ConfigurationError(f"the database {safe_name(engine)} cannot be used: {reason}") from error
