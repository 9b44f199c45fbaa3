"""What the inventory book promises."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.backups import RecoveryPoint, Vault, VaultKind, VaultRef
from bot.domain.books import Area, Store, TableEntry
from bot.domain.ports import Holdings
from tests.contract.store_builders import BACKUP, COPIES, MAIN, NOW, PROD, a_point, after, table_arn
from tests.contract.store_threads import at_once

REGION = "us-east-1"


def known(store: Store, *points: RecoveryPoint, vaults: tuple[Vault, ...] = (), seconds: float = 0) -> None:
    """What the prod account holds in its first Region, as just read."""
    with store.begin() as tx:
        tx.inventory.replace(PROD, REGION, Holdings(vaults, points), after(seconds))


def found(store: Store, *words: str, limit: int = 100) -> list[str]:
    with store.begin() as tx:
        return [table.name for table in tx.inventory.tables(words, limit)]


def the_table(store: Store, name: str = "orders") -> TableEntry:
    with store.begin() as tx:
        (table,) = [table for table in tx.inventory.tables([name], 100) if table.name == name]
    return table


def test_a_table_is_told_with_its_place_its_backups_and_the_newest(store: Store) -> None:
    known(store, a_point(1), a_point(2, made_at=after(60)), a_point(3, made_at=after(-60)))

    table = the_table(store)

    assert (table.name, table.arn, table.account, table.region) == ("orders", table_arn(), PROD, REGION)
    assert (table.backups, table.newest) == (3, after(60))
    with store.begin() as tx:
        assert tx.inventory.table(table.key) == table
        assert tx.inventory.table("nothing") is None


def test_copies_elsewhere_count_for_the_table_they_came_from(store: Store) -> None:
    known(store, a_point(1))
    with store.begin() as tx:
        tx.inventory.replace(BACKUP, "eu-west-1", Holdings((), (a_point(2, vault=COPIES, made_at=after(9)),)), NOW)

    table = the_table(store)

    assert (table.account, table.region) == (PROD, REGION)
    assert (table.backups, table.newest) == (2, after(9))
    with store.begin() as tx:
        assert [entry.point.vault for entry in tx.inventory.points(table.key, 10)] == [COPIES, MAIN]


def test_one_point_in_two_vaults_is_two_backups(store: Store) -> None:
    known(store, a_point(1), replace(a_point(1), vault=VaultRef(PROD, REGION, "second")))

    table = the_table(store)

    with store.begin() as tx:
        entries = tx.inventory.points(table.key, 10)
    assert table.backups == 2
    assert len({entry.key for entry in entries}) == 2


def test_a_point_comes_back_as_it_was_read_newest_first(store: Store) -> None:
    old, new = (
        a_point(1, made_at=after(-5)),
        replace(a_point(2), delete_at=None, storage_class="COLD", cold_at=after(3)),
    )
    known(store, old, new)
    table = the_table(store)

    with store.begin() as tx:
        entries = tx.inventory.points(table.key, 10)
        assert [entry.point for entry in entries] == [new, old]
        assert {entry.table_key for entry in entries} == {table.key}
        assert tx.inventory.point(entries[1].key) == entries[1]
        assert tx.inventory.points(table.key, 1) == [entries[0]]
        assert tx.inventory.point("nothing") is None


def test_keys_are_short_and_stay_the_same_from_reading_to_reading(store: Store) -> None:
    known(store, a_point(1))
    before = the_table(store).key
    with store.begin() as tx:
        (point_before,) = tx.inventory.points(before, 10)

    known(store, a_point(1), a_point(2))

    assert the_table(store).key == before
    assert (len(before), len(point_before.key)) == (24, 24)
    with store.begin() as tx:
        assert tx.inventory.point(point_before.key) == point_before


def test_what_vanished_is_gone_and_what_changed_is_new(store: Store) -> None:
    vanishing, changing, staying = a_point(1), a_point(2), a_point(3)
    known(store, vanishing, changing, staying, a_point(1, "customers"))
    changed = replace(changing, status="EXPIRED")

    known(store, changed, staying)

    assert found(store) == ["orders"]
    assert the_table(store).backups == 2
    with store.begin() as tx:
        points = {entry.point for entry in tx.inventory.points(the_table(store).key, 10)}
    assert points == {changed, staying}


def test_reading_one_area_leaves_the_others_alone(store: Store) -> None:
    with store.begin() as tx:
        tx.inventory.replace(BACKUP, "eu-west-1", Holdings((Vault(COPIES),), (a_point(9, vault=COPIES),)), NOW)
    known(store, a_point(1), vaults=(Vault(MAIN),))

    known(store)

    assert the_table(store).backups == 1
    with store.begin() as tx:
        assert tx.inventory.vaults(BACKUP, "eu-west-1") == [Vault(COPIES)]
        assert tx.inventory.vaults(PROD, REGION) == []


def test_the_same_reading_again_changes_nothing_but_its_time(store: Store) -> None:
    known(store, a_point(1), a_point(2))
    before = the_table(store)

    known(store, a_point(2), a_point(1), seconds=60)

    assert the_table(store) == before
    with store.begin() as tx:
        assert [area.read_at for area in tx.inventory.areas()] == [after(60)]


def test_a_point_that_is_listed_twice_is_one_backup(store: Store) -> None:
    known(store, a_point(1), a_point(1))

    assert the_table(store).backups == 1


def test_a_backup_of_something_that_is_no_table_is_left_out(store: Store) -> None:
    known(store, replace(a_point(1), table_arn="arn:aws:ec2:us-east-1:111111111111:volume/vol-1"), a_point(2))

    assert the_table(store).backups == 1
    assert found(store) == ["orders"]


def test_every_word_must_be_in_the_name_the_account_or_the_region(store: Store) -> None:
    eu = replace(a_point(3, "Orders-archive"), table_arn=table_arn("Orders-archive", region="eu-west-1"))
    known(store, a_point(1, "orders"), a_point(2, "customers"), eu)

    assert sorted(found(store, "ORD")) == ["Orders-archive", "orders"]
    assert found(store, "order", "eu-west") == ["Orders-archive"]
    assert found(store, "cust", PROD[:5]) == ["customers"]
    assert found(store, "orders", "customers") == []
    assert len(found(store)) == 3


def test_one_word_does_not_reach_from_the_name_into_the_account(store: Store) -> None:
    known(store, a_point(1, "orders"))

    assert found(store, f"orders{PROD}") == []
    assert found(store, "s1") == []


@pytest.mark.parametrize("word", ["%", "_", "o%s", "ord_rs", "/", "\\", "'", "a\x00b", "\ud83d", "É"])
def test_a_word_is_taken_as_it_is_typed(store: Store, word: str) -> None:
    known(store, a_point(1, "orders"))

    assert found(store, word) == []


def test_an_underscore_in_a_name_is_found_by_an_underscore(store: Store) -> None:
    known(store, a_point(1, "my_orders"), a_point(2, "my-orders"))

    assert found(store, "y_o") == ["my_orders"]


def test_tables_are_told_by_their_newest_backup(store: Store) -> None:
    made = {"old": -50, "newest": 50, "middle": 0}
    known(store, *(a_point(1, name, made_at=after(seconds)) for name, seconds in made.items()))

    assert found(store) == ["newest", "middle", "old"]
    assert found(store, limit=2) == ["newest", "middle"]


def test_vaults_come_back_as_they_were_read_by_name(store: Store) -> None:
    locked = Vault(
        VaultRef(PROD, REGION, "archive"), VaultKind.AIR_GAPPED, key_arn="arn:key", locked=True, min_days=7, points=3
    )
    known(store, vaults=(Vault(MAIN), locked))

    with store.begin() as tx:
        assert tx.inventory.vaults(PROD, REGION) == [locked, Vault(MAIN)]
        assert tx.inventory.vaults(BACKUP, REGION) == []


def test_a_failure_keeps_what_was_known_and_says_when_it_was_tried(store: Store) -> None:
    known(store, a_point(1), vaults=(Vault(MAIN),))

    with store.begin() as tx:
        tx.inventory.failed(PROD, REGION, "AccessDenied", after(60))
        tx.inventory.failed(BACKUP, "eu-west-1", "Throttled", after(61))

    with store.begin() as tx:
        assert tx.inventory.areas() == [
            Area(PROD, REGION, read_at=NOW, tried_at=after(60), error="AccessDenied"),
            Area(BACKUP, "eu-west-1", read_at=None, tried_at=after(61), error="Throttled"),
        ]
    assert found(store) == ["orders"]


def test_a_success_takes_the_error_away(store: Store) -> None:
    with store.begin() as tx:
        tx.inventory.failed(PROD, REGION, "AccessDenied", NOW)

    known(store, seconds=60)

    with store.begin() as tx:
        assert tx.inventory.areas() == [Area(PROD, REGION, read_at=after(60), tried_at=after(60))]


def test_a_point_with_a_naive_end_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        known(store, replace(a_point(1), delete_at=NOW.replace(tzinfo=None)))


def test_thousands_of_points_are_read_in_replaced_and_removed(store: Store) -> None:
    many = [a_point(n, f"table-{n % 50}", made_at=NOW + timedelta(seconds=n)) for n in range(3_000)]

    known(store, *many)
    known(store, *(replace(point, status="EXPIRED") for point in many[:1_500]))
    half = found(store)
    known(store)

    assert len(half) == 50
    assert found(store) == []


def test_readings_of_one_area_at_once_leave_one_of_them(store: Store) -> None:
    readings = [tuple(a_point(n, f"table-{worker}") for n in range(20)) for worker in range(4)]

    def read(points: tuple[RecoveryPoint, ...]) -> Callable[[], None]:
        def job() -> None:
            with store.begin() as tx:
                tx.inventory.replace(PROD, "us-east-1", Holdings((), points), NOW)

        return job

    at_once([read(points) for points in readings])

    with store.begin() as tx:
        tables = tx.inventory.tables([], 100)
        counts = {table.name: len(tx.inventory.points(table.key, 100)) for table in tables}
    assert counts == {table.name: table.backups for table in tables}
    assert list(counts.values()) == [20]


def test_readings_of_many_areas_at_once_are_all_counted(store: Store) -> None:
    def read(number: int) -> Callable[[], None]:
        def job() -> None:
            points = tuple(a_point(100 * number + n) for n in range(10))
            with store.begin() as tx:
                tx.inventory.replace(PROD, f"us-east-{number}", Holdings((), points), NOW)

        return job

    at_once([read(number) for number in range(8)])

    with store.begin() as tx:
        (table,) = tx.inventory.tables(["orders"], 10)
        assert table.backups == 10 * 8
        assert len(tx.inventory.points(table.key, 1000)) == 10 * 8
