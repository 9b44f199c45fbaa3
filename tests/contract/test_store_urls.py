"""What people are told about a database URL that cannot be used, and how a usable one is set up."""

import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import make_url

from bot.domain.errors import ConfigurationError
from bot.store import default_url, migrate, open_store
from bot.store.engine import make_engine
from tests.contract.store_postgres import server_url

PASSWORD = "s3cret-pa55"


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def ping(url: str) -> None:
    store = open_store(url)
    try:
        store.ping()
    finally:
        store.close()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("", "cannot be read"),
        ("copy-backup.db", "cannot be read"),
        (f"postgresql://bot:{PASSWORD}@host:port/db", "cannot be read"),
        (f"mysql://bot:{PASSWORD}@host/db", "'mysql', which is not supported"),
        (f"postgresql+asyncpg://bot:{PASSWORD}@host/db", "'postgresql.asyncpg', which is not supported"),
        (f"postgresql://bot:pa@ss{PASSWORD}@host/db", "write %40 for @"),
        (f"postgresql://bot:pa/ss@{PASSWORD}@host/db", "write %40 for @"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("sqlite:///file:x?mode=memory&uri=true", "in memory"),
    ],
)
def test_a_url_that_cannot_be_used_is_refused_before_anything_connects(url: str, told: str) -> None:
    with pytest.raises(ConfigurationError, match=told) as caught:
        open_store(url)

    assert PASSWORD not in str(caught.value)
    assert PASSWORD not in repr(caught.value.__cause__)


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    url = f"postgresql://bot:{PASSWORD}@127.0.0.1:{closed_port()}/backups"

    for attempt in (migrate, ping):
        with pytest.raises(ConfigurationError, match=r"bot:\*\*\*@127\.0\.0\.1:\d+/backups cannot be used") as caught:
            attempt(url)
        assert PASSWORD not in str(caught.value)
        assert PASSWORD not in repr(caught.value.__cause__)


@pytest.mark.parametrize("in_query", [f"password={PASSWORD}", f"nonsense={PASSWORD}"])
def test_options_of_a_url_are_never_shown(in_query: str) -> None:
    url = f"postgresql://bot@127.0.0.1:{closed_port()}/backups?{in_query}"

    with pytest.raises(ConfigurationError) as caught:
        migrate(url)

    assert PASSWORD not in str(caught.value)


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"no-such-folder/store\.db cannot be used: unable to open"):
        migrate(default_url(tmp_path / "no-such-folder" / "store.db"))


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("not a database, and longer than a header of a hundred bytes " * 10)

    with pytest.raises(ConfigurationError, match="not a database"):
        migrate(default_url(path))

    assert path.read_text().startswith("not a database")


def test_nothing_is_opened_before_it_is_needed(tmp_path: Path) -> None:
    open_store(default_url(tmp_path / "store.db")).close()

    assert list(tmp_path.iterdir()) == []


def test_sqlite_is_durable_checked_and_patient(tmp_path: Path) -> None:
    engine = make_engine(default_url(tmp_path / "store.db"))

    with engine.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    engine.dispose()

    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 15_000}


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_is_reached_under_each_of_its_schemes(scheme: str) -> None:
    parts = urlsplit(server_url())
    url = parts._replace(scheme=scheme).geturl()

    store = open_store(url)
    store.ping()
    store.close()


def test_a_default_url_leads_back_to_its_file(tmp_path: Path) -> None:
    path = tmp_path / "with space & ümlaut.db"

    assert make_url(default_url(path)).database == str(path)


def test_a_store_that_answers_is_silent(store_url: str) -> None:
    store = open_store(store_url)

    store.ping()
    store.close()
