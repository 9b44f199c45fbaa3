"""Looking at a database tells what it is and leaves every byte of it as it was, however its URL names it."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.domain.errors import ConfigurationError
from bot.store import default_url, migrate, require_database
from bot.store.looking import look_at
from bot.store.migrate import HEAD

Address = Callable[[Path], str]


def file_url(path: Path) -> str:
    return f"sqlite:///{path.as_uri()}?uri=true"


def bytes_in(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(params=[default_url, file_url], ids=["path", "file-url"])
def address(request: pytest.FixtureRequest) -> Address:
    named: Address = request.param
    return named


def a_file(path: Path, *statements: str, mode: str = "DELETE") -> Path:
    """A file whose journal is in this mode; with all of our tables unless statements say what is in it."""
    if not statements:
        migrate(default_url(path))
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA journal_mode = {mode}")
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_a_file_that_is_up_to_date_is_told_and_stays_as_it_is(address: Address, tmp_path: Path, mode: str) -> None:
    path = a_file(tmp_path / "our copies.db", mode=mode)
    before = bytes_in(tmp_path)

    state = look_at(address(path))
    require_database(address(path))

    assert (state.revision, state.newest, state.unwritable) == (HEAD, HEAD, "")
    assert state.version == f"SQLite {sqlite3.sqlite_version}"
    assert bytes_in(tmp_path) == before


def test_somebody_elses_file_is_empty_to_us_and_stays_as_it_is(address: Address, tmp_path: Path) -> None:
    path = a_file(tmp_path / "theirs.db", "CREATE TABLE letters (one TEXT)", "INSERT INTO letters VALUES ('dear all')")
    before = bytes_in(tmp_path)

    state = look_at(address(path))
    with pytest.raises(ConfigurationError, match="there is no history in"):
        require_database(address(path))

    assert (state.revision, state.unwritable) == (None, "")
    assert bytes_in(tmp_path) == before


def test_a_file_that_is_not_there_is_not_made(address: Address, tmp_path: Path) -> None:
    state = look_at(address(tmp_path / "copies.db"))
    with pytest.raises(ConfigurationError, match="there is no history in"):
        require_database(address(tmp_path / "copies.db"))

    assert (state.version, state.revision, state.unwritable) == ("a file that is not made yet", None, "")
    assert bytes_in(tmp_path) == {}


def test_a_folder_that_is_not_there_is_told(address: Address, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no-such is not there; make it"):
        look_at(address(tmp_path / "no-such" / "copies.db"))


def test_a_database_of_another_version_is_told(address: Address, tmp_path: Path) -> None:
    path = a_file(tmp_path / "copies.db")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()

    assert look_at(address(path)).revision == "9999"
    with pytest.raises(ConfigurationError, match="is of another version of Copy Backup"):
        require_database(address(path))


def test_what_is_no_database_is_told(address: Address, tmp_path: Path) -> None:
    path = tmp_path / "letters.txt"
    path.write_text("Dear all, this is no database. " * 100)

    for look in (look_at, require_database):
        with pytest.raises(ConfigurationError, match="cannot be used: file is not a database"):
            look(address(path))


def test_what_a_running_bot_has_not_put_into_its_file_yet_is_seen(address: Address, tmp_path: Path) -> None:
    path = a_file(tmp_path / "copies.db", mode="WAL")
    running = sqlite3.connect(path)
    running.execute("UPDATE alembic_version SET version_num = '0042'")
    running.commit()

    assert look_at(address(path)).revision == "0042"
    running.close()


def test_a_file_that_somebody_writes_is_told_as_such(
    address: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.looking.PATIENCE", 0.1)
    path = a_file(tmp_path / "copies.db")
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")

    assert look_at(address(path)).unwritable == "database is locked"
    writer.close()


def test_a_database_of_postgresql_is_looked_at_and_stays_as_it_is(postgres_url: str) -> None:
    state = look_at(postgres_url)
    require_database(postgres_url)

    assert (state.revision, state.newest, state.unwritable) == (HEAD, HEAD, "")
    assert state.version.startswith("PostgreSQL ")
