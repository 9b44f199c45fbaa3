"""The inventory: what was read stays when reading fails, and many who ask at once share one reading."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import pytest

from bot.domain.books import Store
from bot.domain.errors import BackupsThrottled
from bot.domain.inventory import InventoryBook, Piece
from bot.domain.notices import NoticeKind
from bot.domain.ports import Holdings
from bot.domain.routing import NoticePolicy
from bot.domain.search import words_of
from bot.workflows.inventory import Inventory
from tests.contract.fake_backups import FakeBackups
from tests.contract.store_threads import DEADLINE, at_once
from tests.unit.builders import ACCOUNTS, BACKUP, COPIES, MAIN, PROD, a_policy, notices_of
from tests.unit.fakes import NOW, ManualClock


@pytest.fixture
def backups(clock: ManualClock) -> FakeBackups:
    fake = FakeBackups(ACCOUNTS, clock=clock)
    fake.add_point(MAIN, "orders")
    fake.add_point(COPIES, "archive")
    return fake


@pytest.fixture
def inventory(store: Store, backups: FakeBackups, clock: ManualClock) -> Inventory:
    return Inventory(store, backups, a_policy(), clock)


def names(inventory: Inventory, query: str = "") -> list[str]:
    return sorted(table.name for table in inventory.tables(query))


def test_every_configured_account_and_region_is_read(inventory: Inventory, backups: FakeBackups) -> None:
    inventory.refresh()

    assert names(inventory) == ["archive", "orders"]
    assert sorted(backups.calls) == [("holdings", PROD), ("holdings", PROD), ("holdings", BACKUP)]


def test_an_account_that_cannot_be_read_keeps_its_last_picture_and_says_why(
    inventory: Inventory, backups: FakeBackups
) -> None:
    inventory.refresh()
    backups.lock_out(BACKUP)
    backups.add_point(MAIN, "users")

    inventory.refresh()

    assert names(inventory) == ["archive", "orders", "users"]
    problems = [(area.account, area.region) for area in inventory.problems()]
    assert problems == [(BACKUP, "eu-west-1")]
    assert "sts:AssumeRole" in inventory.problems()[0].error


class ClosedBook:
    """An inventory book that takes nothing of one account."""

    def __init__(self, inner: InventoryBook) -> None:
        self._inner = inner

    def apply(self, piece: Piece) -> bool:
        if piece.account == BACKUP:
            raise OSError("database is locked")
        return self._inner.apply(piece)


def test_an_area_that_cannot_be_kept_costs_the_others_nothing(
    store: Store, backups: FakeBackups, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    @contextmanager
    def begin() -> Iterator[SimpleNamespace]:
        with store.begin() as tx:
            yield SimpleNamespace(inventory=ClosedBook(tx.inventory))

    Inventory(cast("Store", SimpleNamespace(begin=begin, read=store.read)), backups, a_policy(), clock).refresh()

    assert names(Inventory(store, backups, a_policy(), clock)) == ["orders"]
    assert "inventory_not_kept" in caplog.text


def test_the_age_is_that_of_the_oldest_part_of_the_picture(
    inventory: Inventory, backups: FakeBackups, clock: ManualClock
) -> None:
    assert inventory.age() is None
    inventory.refresh()
    clock.pass_(minutes=3)
    backups.lock_out(BACKUP)
    inventory.refresh()
    clock.pass_(minutes=1)

    assert inventory.age() == timedelta(minutes=4)
    assert {area.account: clock.now() - area.read_at for area in inventory.areas() if area.read_at} == {
        PROD: timedelta(minutes=1),
        BACKUP: timedelta(minutes=4),
    }


def test_a_clock_that_was_put_back_makes_nothing_younger_than_now(store: Store, backups: FakeBackups) -> None:
    ahead, behind = ManualClock(NOW + timedelta(hours=1)), ManualClock(NOW)
    Inventory(store, backups, a_policy(), ahead).refresh()

    assert Inventory(store, backups, a_policy(), behind).age() == timedelta()


def test_a_problem_is_over_when_the_account_is_read_again(inventory: Inventory, backups: FakeBackups) -> None:
    backups.lock_out(BACKUP)
    inventory.refresh()
    assert names(inventory) == ["orders"]
    backups.let_in(BACKUP)

    inventory.refresh()

    assert names(inventory) == ["archive", "orders"]
    assert inventory.problems() == []


def test_operators_are_told_once_of_an_account_whose_role_is_not_there_and_again_when_it_goes_again(
    store: Store, backups: FakeBackups, clock: ManualClock
) -> None:
    operated = a_policy(notices=NoticePolicy(ops_channel="C0OPS"))
    inventory = Inventory(store, backups, operated, clock)

    def told_after(readings: int) -> list[object]:
        for _ in range(readings):
            clock.pass_(minutes=5)
            inventory.refresh()
        return [(kind, facts["account"]) for kind, facts in notices_of(store, clock.now())]

    inventory.refresh()
    backups.lock_out(PROD)

    # What is mended by the next reading, as credentials that have run out are, is no trouble of theirs.
    assert told_after(1) == []
    assert told_after(3) == [(NoticeKind.OPS, PROD)]
    backups.let_in(PROD)
    assert told_after(1) == []
    backups.lock_out(PROD)
    assert told_after(3) == [(NoticeKind.OPS, PROD)]


def test_operators_are_not_told_of_what_passes_by_itself(
    store: Store, backups: FakeBackups, clock: ManualClock
) -> None:
    inventory = Inventory(store, backups, a_policy(notices=NoticePolicy(ops_channel="C0OPS")), clock)
    for _ in range(3):
        backups.fail_next("holdings", BackupsThrottled("Rate exceeded", code="ThrottlingException"))
        inventory.refresh()

    assert notices_of(store, clock.now()) == []


def test_what_is_gone_from_aws_is_gone_from_the_list(inventory: Inventory, backups: FakeBackups) -> None:
    inventory.refresh()
    backups.remove_vault(COPIES)

    inventory.refresh()

    assert names(inventory) == ["orders"]


def test_a_fresh_picture_is_not_read_again(inventory: Inventory, backups: FakeBackups, clock: ManualClock) -> None:
    inventory.refresh()
    calls = len(backups.calls)
    clock.pass_(seconds=29)
    inventory.refresh_if_older_than(timedelta(seconds=30))
    assert len(backups.calls) == calls

    clock.pass_(seconds=2)
    inventory.refresh_if_older_than(timedelta(seconds=30))
    assert len(backups.calls) == 2 * calls


def test_an_account_that_fails_is_not_asked_at_every_turn(
    inventory: Inventory, backups: FakeBackups, clock: ManualClock
) -> None:
    backups.fail_next("holdings", BackupsThrottled("slow down"), times=3)
    inventory.refresh()
    calls = len(backups.calls)

    inventory.refresh_if_older_than(timedelta(seconds=30))

    assert len(backups.calls) == calls


def test_several_who_ask_at_once_share_one_reading(inventory: Inventory, backups: FakeBackups) -> None:
    at_once([lambda: inventory.refresh_if_older_than(timedelta(seconds=30))] * 5)

    assert len(backups.calls) == 3


def test_places_known_to_hold_little_are_read_side_by_side(store: Store, clock: ManualClock) -> None:
    meeting = threading.Barrier(3)

    class Meeting(FakeBackups):
        known = False

        def holdings(self, account: str, region: str) -> Holdings:
            if self.known:
                meeting.wait(DEADLINE)
            return super().holdings(account, region)

    backups = Meeting(ACCOUNTS, clock=clock)
    backups.add_point(MAIN, "orders")
    inventory = Inventory(store, backups, a_policy(), clock)
    inventory.refresh()
    assert not inventory.problems()
    backups.known = True

    inventory.refresh()

    assert not meeting.broken


def test_several_who_wait_for_one_reading_share_one_thread(store: Store, clock: ManualClock) -> None:
    class Held(FakeBackups):
        gate = threading.Event()

        def holdings(self, account: str, region: str) -> Holdings:
            assert self.gate.wait(DEADLINE)
            return super().holdings(account, region)

    held = Held(ACCOUNTS, clock=clock)
    inventory = Inventory(store, held, a_policy(), clock)

    at_once([lambda: inventory.refresh_within(0.01, timedelta(seconds=30))] * 5)
    waiting = [thread for thread in threading.enumerate() if thread.name == "inventory-now"]
    held.gate.set()
    for thread in waiting:
        thread.join(DEADLINE)

    assert len(waiting) == 1
    assert len(held.calls) == 3


def test_nobody_waits_longer_than_asked_and_the_reading_goes_on(store: Store, clock: ManualClock) -> None:
    class Slow(FakeBackups):
        def __init__(self) -> None:
            super().__init__(clock=clock)
            self.open = threading.Event()
            self.done = threading.Event()

        def holdings(self, account: str, region: str) -> Holdings:
            assert self.open.wait(DEADLINE)
            found = super().holdings(account, region)
            if (account, region) == (PROD, "us-east-1"):
                self.done.set()
            return found

    slow = Slow()
    slow.add_point(MAIN, "orders")
    inventory = Inventory(store, slow, a_policy(), clock)

    inventory.refresh_within(0.01, timedelta(seconds=30))
    assert names(inventory) == []
    slow.open.set()
    assert slow.done.wait(DEADLINE)
    inventory.refresh_if_older_than(timedelta(seconds=30))

    assert names(inventory) == ["orders"]
    assert slow.calls.count(("holdings", PROD)) == 2


@pytest.mark.parametrize("query", ["ord", "ORD", "ers or", "orders us-east", f"{PROD} ord", "  ord  "])
def test_a_search_finds_every_word_in_any_case(inventory: Inventory, query: str) -> None:
    inventory.refresh()

    assert names(inventory, query) == ["orders"]


@pytest.mark.parametrize("query", ["ordres", "orders archive", "%", "_", "\\"])
def test_a_search_finds_nothing_else(inventory: Inventory, query: str) -> None:
    inventory.refresh()

    assert names(inventory, query) == []


def test_what_people_type_is_split_into_words_that_are_looked_for_once() -> None:
    assert words_of("  Orders\tEU ") == ["orders", "eu"]
    assert words_of("") == []
    assert words_of("a " * 500) == ["a"]
    assert words_of("x" * 1000) == ["x" * 1000]
