"""A database without space: nothing is half written, it is told as what it is, and work goes on when there is room."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError

from bot.domain.errors import StoreFull, StoreTrouble
from bot.store import default_url, migrate
from bot.store.engine import make_engine
from bot.store.sql import SqlStore
from tests.contract.store_builders import NOW, new_notice, new_request, stored_request, write_notices

ROOMY = 1_000_000


class Disk:
    """The room that SQLite has: PRAGMA max_page_count, for every connection."""

    def __init__(self, store: SqlStore) -> None:
        self.pages = ROOMY
        event.listen(store._engine, "checkout", self._limit)

    def fill(self) -> None:
        # SQLite takes no limit below what it uses already.
        self.pages = 1

    def make_room(self) -> None:
        self.pages = ROOMY

    def _limit(self, connection: object, *_: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {self.pages}")  # type: ignore[attr-defined]  # the driver's own


@pytest.fixture
def full(tmp_path: Path) -> Iterator[tuple[SqlStore, Disk]]:
    url = default_url(tmp_path / "small.db")
    migrate(url)
    store = SqlStore(make_engine(url))
    yield store, Disk(store)
    store.close()


def fill_up(store: SqlStore, disk: Disk, request_id: str) -> int:
    """Write notices until there is no room; how many found it."""
    disk.fill()
    for number in range(10_000):
        try:
            write_notices(store, [new_notice(request_id, f"k{number}")])
        except StoreFull:
            return number
    raise AssertionError("the disk never was full")


def test_a_full_disk_is_told_with_what_to_do_and_nothing_is_half_written(full: tuple[SqlStore, Disk]) -> None:
    store, disk = full
    request = stored_request(store)
    count = fill_up(store, disk, request.id)

    # The transaction is all or nothing, also for what was written before the room ended.
    with pytest.raises(StoreFull, match="make room on its disk"):
        write_notices(store, [new_notice(request.id, f"more-{number}") for number in range(200)])

    with store.read() as tx:
        assert tx.requests.get(request.id) == request
        assert not tx.outbox.was_written("more-0")
        assert not tx.outbox.was_written(f"k{count}")


def test_what_is_there_can_be_read_and_work_goes_on_when_there_is_room(full: tuple[SqlStore, Disk]) -> None:
    store, disk = full
    request = stored_request(store)
    count = fill_up(store, disk, request.id)
    with store.read() as tx:
        assert len(tx.outbox.lanes(NOW)) == 1

    disk.make_room()

    write_notices(store, [new_notice(request.id, f"k{count}")])
    with store.begin() as tx:
        tx.requests.add(new_request("draft-2"))
        assert tx.outbox.was_written(f"k{count}")


def test_a_defect_stays_a_defect(full: tuple[SqlStore, Disk]) -> None:
    store, _ = full

    with pytest.raises(IntegrityError), store.begin() as tx:
        tx.outbox.write(new_notice("CB-7", "k"))


def test_a_database_that_cannot_be_written_is_trouble_and_no_defect(tmp_path: Path) -> None:
    url = default_url(tmp_path / "read-only.db")
    migrate(url)
    store = SqlStore(make_engine(url))
    event.listen(store._engine, "checkout", lambda connection, *_: connection.execute("PRAGMA query_only = ON"))

    with pytest.raises(StoreTrouble, match="does not do its work"):
        stored_request(store)
    store.close()
