"""Databases for contract tests: each test that asks for `store` runs on SQLite and on PostgreSQL."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.domain.books import Store
from bot.store import default_url, migrate, open_store
from tests.contract.store_postgres import empty_tables, fresh_database, server_url

DATABASES = ("sqlite", "postgres")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("store") / "template.db"
    migrate(default_url(path))
    return path


@pytest.fixture(scope="session")
def postgres_database() -> Iterator[str]:
    """The URL of this session's own, migrated PostgreSQL database."""
    with fresh_database(server_url()) as url:
        migrate(url)
        yield url


@pytest.fixture
def postgres_url(postgres_database: str) -> str:
    """The URL of a migrated PostgreSQL database without any rows, for what only PostgreSQL can do."""
    empty_tables(postgres_database)
    return postgres_database


@pytest.fixture(params=DATABASES)
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a migrated database without any rows."""
    if request.param == "sqlite":
        path = tmp_path / "store.db"
        shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
        return default_url(path)
    url: str = request.getfixturevalue("postgres_url")
    return url


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """A store over an empty database."""
    opened = open_store(store_url)
    yield opened
    opened.close()


@pytest.fixture(params=DATABASES)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database in which nothing was made yet, not even tables."""
    if request.param == "sqlite":
        yield default_url(tmp_path / "empty.db")
        return
    with fresh_database(server_url()) as url:
        yield url
