"""Databases of their own on a PostgreSQL server, so that tests never meet anybody's data."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from bot.store.tables import metadata

SERVER = "COPY_BACKUP_TEST_POSTGRES_URL"


def server_url() -> str:
    """The superuser's URL of the server to test on; without one the test is skipped, or fails where CI is set."""
    url = os.environ.get(SERVER, "")
    if not url:
        missing = f"{SERVER} is not set: it names a PostgreSQL server (as superuser) on which databases may be made"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return url


@contextmanager
def fresh_database(server: str) -> Iterator[str]:
    """Create an empty database, give its URL, drop it afterwards."""
    name = f"copy_backup_test_{uuid4().hex}"
    with _administering(server) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        # No test pulls the plug, and waiting for the disk after every commit takes most of the time.
        connection.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = off").format(sql.Identifier(name)))
    try:
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with _administering(server) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def empty_tables(url: str) -> None:
    """Delete every row and start requests at CB-1 again; on small tables this is much faster than TRUNCATE."""
    deletes = [
        sql.SQL("DELETE FROM {}").format(sql.Identifier(table.name)) for table in reversed(metadata.sorted_tables)
    ]
    restart = sql.SQL("ALTER SEQUENCE requests_id_seq RESTART")
    with _administering(url) as connection:
        connection.execute(sql.SQL("; ").join([*deletes, restart]))


def somebody_waits(url: str) -> bool:
    """Whether a transaction in this database waits for a lock that another one holds."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with _administering(url) as connection:
        (number,) = connection.execute(waiting).fetchone() or (0,)
    return bool(number)


def _administering(url: str) -> psycopg.Connection:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)
