"""Backups found as one types: the same as by looking at every label, however far back they are."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.backups import RecoveryPoint, VaultRef
from bot.domain.books import Store
from bot.domain.inventory import PointEntry, PointLine
from bot.domain.ports import Holdings
from bot.domain.search import fold
from bot.slack.describe import Names
from bot.slack.text import local
from bot.workflows.inventory import Inventory
from commands.copy_backup.views.options import SoughtPoints, label_of, point_option
from tests.contract.fake_backups import FakeBackups
from tests.unit.builders import ACCOUNTS, MAIN, PROD, a_point, a_policy
from tests.unit.fakes import NOW, ManualClock

ZONE = "Pacific/Auckland"
NAMES = Names(ACCOUNTS)
REGION = "us-east-1"
VAULTS = ("main", "until-2026-11", "Archive_1")


SOUGHT = SoughtPoints(NAMES, ZONE, NOW)


def keep(store: Store, points: Sequence[RecoveryPoint]) -> None:
    with store.read() as tx:
        pieces = list(tx.inventory.pieces(PROD, REGION, Holdings((), tuple(points)), NOW))
    for piece in pieces:
        with store.begin() as tx:
            assert tx.inventory.apply(piece)


def made(number: int) -> RecoveryPoint:
    """Backups over two years, of all kinds."""
    created = NOW - number * timedelta(hours=26, minutes=7)
    return replace(
        a_point(storage="COLD" if number % 7 == 0 else "WARM", status="PARTIAL" if number % 11 == 0 else "COMPLETED"),
        arn=f"arn:aws:backup:{REGION}:{PROD}:recovery-point:{number:05}",
        vault=VaultRef(PROD, REGION, VAULTS[number % 3]),
        created_at=created,
        size_bytes=number * 99_999_999,
        delete_at=None if number % 5 == 0 else created + timedelta(days=400),
    )


POINTS = [made(number) for number in range(700)]


@pytest.fixture(scope="module")
def inventory(tmp_path_factory: pytest.TempPathFactory) -> Inventory:
    from bot.store import default_url, migrate, open_store

    url = default_url(tmp_path_factory.mktemp("points") / "points.db")
    migrate(url)
    store = open_store(url)
    keep(store, POINTS)
    return Inventory(store, FakeBackups(ACCOUNTS), a_policy(), ManualClock())


def found(inventory: Inventory, query: str, limit: int = 100) -> list[str]:
    (table,) = inventory.tables("")
    return [entry.point.arn for entry in inventory.find_points(table.key, query, SOUGHT, limit)]


LABELS = [(point, SOUGHT.whole(PointEntry("", "", point))) for point in POINTS]


def plainly(query: str, limit: int = 100) -> list[str]:
    """The plainest way: look at every label."""
    words = fold(query).split()
    return [point.arn for point, text in LABELS if all(word in text for word in words)][:limit]


@pytest.mark.parametrize(
    "query",
    [
        "",
        "2026-11",
        "2026-1",
        "2025-0",
        "2025-",
        "2025",
        "copied storage",
        "· gb",
        "2025-03-14",
        "2025-03-14 prod",
        "2026-11 archive",
        "2026-11 2025-10",
        "GB us-east",
        "cold",
        "partial",
        "04:",
        "until 2027",
        "no end",
        "nothing like it",
        "2026-13",
        "%",
        "_",
        "🎉",
        "9" * 1000,
        "prod " * 200,
    ],
)
def test_a_search_finds_what_looking_at_every_label_finds(inventory: Inventory, query: str) -> None:
    assert found(inventory, query) == plainly(query)


parts = st.sampled_from([text[start : start + 9] for _, text in LABELS[::97] for start in range(0, 60, 3)])


@settings(max_examples=40)
@given(st.lists(parts, min_size=1, max_size=3).map(" ".join))
def test_any_pieces_of_labels_find_what_looking_at_every_label_finds(inventory: Inventory, query: str) -> None:
    assert found(inventory, query) == plainly(query)


def test_the_oldest_of_many_backups_is_found_by_its_date(inventory: Inventory) -> None:
    oldest = POINTS[-1]
    day = local(oldest.created_at, ZONE)[:10]

    assert oldest.arn in found(inventory, day)
    assert len(found(inventory, "")) == 100


def test_a_backup_is_found_by_all_that_its_option_shows() -> None:
    for point in POINTS[:40]:
        entry = PointEntry("", "", point)
        shown = label_of(point_option(entry, NAMES, ZONE, NOW))
        assert all(word in SOUGHT.whole(entry) for word in shown.split())


def test_a_date_alone_reads_few_of_many_backups(inventory: Inventory) -> None:
    (table,) = inventory.tables("")
    read: list[PointLine] = []

    class Telling(SoughtPoints):
        def brief(self, line: PointLine) -> str:
            read.append(line)
            return super().brief(line)

    inventory.find_points(table.key, "2025-03-14", Telling(NAMES, ZONE, NOW))

    assert 0 < len(read) < 20


def test_what_lies_in_an_account_that_the_configuration_dropped_is_not_found(store: Store) -> None:
    keep(store, [a_point(), replace(a_point(), arn="arn:other", vault=VaultRef("999999999999", REGION, "x"))])
    inventory = Inventory(store, FakeBackups(ACCOUNTS), a_policy(), ManualClock())
    (table,) = inventory.tables("")

    assert [entry.point.vault for entry in inventory.points(table.key)] == [MAIN]


def test_dates_are_those_of_the_readers_zone(inventory: Inventory) -> None:
    point = POINTS[3]
    there = point.created_at + timedelta(hours=13)

    assert point.arn in found(inventory, f"{there:%Y-%m-%d %H:%M}")
