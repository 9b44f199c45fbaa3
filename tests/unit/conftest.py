"""What unit tests share: a migrated store each, a clock that stands still, the switch that rewrites golden files."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from bot.domain.books import Store
from bot.store import default_url, migrate, open_store
from tests.unit.fakes import ManualClock
from tests.unit.golden_files import Golden

UPDATE = "--update-golden"

# A busy machine is slow, and that is no error of what is tested.
settings.register_profile("unit", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unit")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(UPDATE, action="store_true", default=False, help="rewrite the golden files of tests/unit")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Golden:
    """Compares with the files in tests/unit/golden; `pytest tests/unit --update-golden` rewrites them."""
    # pytest reads the options of this file only when tests/unit is named on the command line.
    return Golden(update=bool(request.config.getoption(UPDATE, default=False)))


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("store") / "template.db"
    migrate(default_url(path))
    return path


@pytest.fixture
def store(empty_database: Path, tmp_path: Path) -> Iterator[Store]:
    """A store over an empty database."""
    path = tmp_path / "store.db"
    shutil.copyfile(empty_database, path)
    opened = open_store(default_url(path))
    yield opened
    opened.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()
