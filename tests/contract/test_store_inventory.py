"""What the inventory book promises."""

import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.domain.backups import Lifecycle, RecoveryPoint, Vault, VaultKind, VaultRef
from bot.domain.books import Store
from bot.domain.copies import adopted
from bot.domain.inventory import Area, Piece, PointEntry, TableEntry
from bot.domain.ports import Holdings
from bot.domain.search import Span
from bot.store.patterns import ESCAPE, like
from bot.store.readings import PART, Change, Finish
from tests.contract.store_builders import BACKUP, COPIES, MAIN, NOW, PROD, a_point, after, table_arn
from tests.contract.store_threads import at_once

REGION = "us-east-1"


def known(store: Store, *points: RecoveryPoint, vaults: tuple[Vault, ...] = (), seconds: float = 0) -> None:
    """What the prod account holds in its first Region, as just read."""
    assert read_in(store, PROD, REGION, Holdings(vaults, points), after(seconds))


def read_in(store: Store, account: str, region: str, holdings: Holdings, at: datetime = NOW) -> bool:
    """Keep a reading, piece by piece, as the inventory does; False when another one was faster."""
    with store.read() as tx:
        pieces = list(tx.inventory.pieces(account, region, holdings, at))
    return all(applied(store, piece) for piece in pieces)


def applied(store: Store, piece: Piece) -> bool:
    with store.begin() as tx:
        return tx.inventory.apply(piece)


def found(store: Store) -> list[str]:
    """The names of all tables, each once."""
    with store.read() as tx:
        return sorted({table.name for place in tx.inventory.revisions() for table in tx.inventory.held(*place)})


def the_table(store: Store, name: str = "orders") -> TableEntry:
    with store.read() as tx:
        held = [table for place in tx.inventory.revisions() for table in tx.inventory.held(*place)]
        table = tx.inventory.table(next(entry.key for entry in held if entry.name == name))
    assert table is not None
    return table


def the_points(store: Store, name: str = "orders") -> list[PointEntry]:
    key = the_table(store, name).key
    with store.read() as tx:
        return list(tx.inventory.points(key))


def assert_counts_hold(store: Store, names: Iterable[str]) -> None:
    """Every table is told with exactly the backups that are listed for it."""
    for name in names:
        table, points = the_table(store, name), the_points(store, name)
        assert (table.backups, table.newest) == (len(points), points[0].point.created_at), name


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
    read_in(store, BACKUP, "eu-west-1", Holdings((), (a_point(2, vault=COPIES, made_at=after(9)),)))

    table = the_table(store)

    assert (table.account, table.region) == (PROD, REGION)
    assert (table.backups, table.newest) == (2, after(9))
    assert [entry.point.vault for entry in the_points(store)] == [COPIES, MAIN]
    with store.read() as tx:
        assert [(entry.backups, entry.newest) for entry in tx.inventory.held(BACKUP, "eu-west-1")] == [(1, after(9))]


def test_one_point_in_two_vaults_is_two_backups(store: Store) -> None:
    known(store, a_point(1), replace(a_point(1), vault=VaultRef(PROD, REGION, "second")))

    entries = the_points(store)

    assert the_table(store).backups == 2
    assert len({entry.key for entry in entries}) == 2


def test_a_point_comes_back_as_it_was_read_newest_first(store: Store) -> None:
    old, new = (
        a_point(1, made_at=after(-5)),
        replace(a_point(2), delete_at=None, storage_class="COLD", cold_at=after(3), lifecycle=Lifecycle(35, 3)),
    )
    known(store, old, new)

    entries = the_points(store)

    assert [entry.point for entry in entries] == [new, old]
    assert {entry.table_key for entry in entries} == {the_table(store).key}
    # UTC of pydantic's own kind is equal to UTC, and yet not written the same.
    assert repr(entries[0].point) == repr(new)
    with store.read() as tx:
        assert tx.inventory.point(entries[1].key) == entries[1]
        assert tx.inventory.point("nothing") is None


def test_keys_are_short_and_stay_the_same_from_reading_to_reading(store: Store) -> None:
    known(store, a_point(1))
    before, (point_before,) = the_table(store).key, the_points(store)

    known(store, a_point(1), a_point(2))

    assert the_table(store).key == before
    assert (len(before), len(point_before.key)) == (24, 24)
    assert point_before in the_points(store)


def test_what_vanished_is_gone_and_what_changed_is_new(store: Store) -> None:
    vanishing, changing, staying = a_point(1), a_point(2), a_point(3)
    known(store, vanishing, changing, staying, a_point(1, "customers"))
    changed = replace(changing, status="EXPIRED")

    known(store, changed, staying)

    assert found(store) == ["orders"]
    assert the_table(store).backups == 2
    assert {entry.point for entry in the_points(store)} == {changed, staying}


def test_reading_one_area_leaves_the_others_alone(store: Store) -> None:
    read_in(store, BACKUP, "eu-west-1", Holdings((Vault(COPIES),), (a_point(9, vault=COPIES),)))
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


def test_a_time_finds_what_was_made_gets_cold_or_ends_then(store: Store) -> None:
    day = timedelta(days=1)
    made = a_point(1, made_at=NOW)
    ends = replace(a_point(2, made_at=NOW - 100 * day), delete_at=NOW)
    chills = replace(a_point(3, made_at=NOW - 200 * day), cold_at=NOW, delete_at=None)
    known(store, made, ends, chills, a_point(4, made_at=NOW - 300 * day))
    span = Span("2026-11-22", NOW, after(1))

    with store.read() as tx:
        key = tx.inventory.held(PROD, REGION)[0].key
        assert [entry.point for entry in tx.inventory.points(key, [span])] == [made, ends, chills]
        assert list(tx.inventory.points(key, [Span("2026-11-22", after(1), after(2))])) == []
        assert list(tx.inventory.points(key, [span, Span("2026-11-22", after(1), after(2))])) == []


@pytest.mark.parametrize(("word", "count"), [("2026-11", 1), ("2026-1%", 0), ("2026-__", 0)])
def test_a_time_may_be_the_name_of_a_vault(store: Store, word: str, count: int) -> None:
    known(store, replace(a_point(1), vault=VaultRef(PROD, REGION, "until-2026-11")))

    with store.read() as tx:
        key = tx.inventory.held(PROD, REGION)[0].key
        assert len(list(tx.inventory.points(key, [Span(word, after(1), after(2))]))) == count


def test_vaults_come_back_as_they_were_read_by_name(store: Store) -> None:
    locked = Vault(
        VaultRef(PROD, REGION, "archive"), VaultKind.AIR_GAPPED, key_arn="arn:key", locked=True, min_days=7, points=3
    )
    known(store, vaults=(Vault(MAIN), locked))

    with store.begin() as tx:
        assert tx.inventory.vaults(PROD, REGION) == [locked, Vault(MAIN)]
        assert tx.inventory.vaults(BACKUP, REGION) == []


def test_air_gapped_vaults_are_told_from_all_others(store: Store) -> None:
    gapped = Vault(VaultRef(PROD, REGION, "gapped"), kind=VaultKind.AIR_GAPPED)
    known(store, vaults=(Vault(MAIN), gapped, Vault(VaultRef(PROD, REGION, "view"), kind=VaultKind.RESTORE_ACCESS)))

    with store.read() as tx:
        assert tx.inventory.air_gapped() == {gapped.ref}


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
    assert_counts_hold(store, half[:5])
    known(store)

    assert len(half) == 50
    assert found(store) == []


def rows_of(piece: Piece) -> int:
    return len(piece.change) if isinstance(piece.change, Change) else 0


def test_a_reading_is_written_in_small_pieces_and_each_leaves_a_true_picture(store: Store) -> None:
    before = [a_point(n, f"table-{n % 7}") for n in range(700)]
    known(store, *before)
    after_it = [a_point(n, f"table-{n % 9}") for n in range(300, 5_000)]
    with store.read() as tx:
        pieces = list(tx.inventory.pieces(PROD, REGION, Holdings((Vault(MAIN),), tuple(after_it)), after(60)))

    for piece in pieces:
        assert applied(store, piece)
        assert set(found(store)) >= {f"table-{n}" for n in range(7)}
        assert_counts_hold(store, found(store))

    assert len(pieces) > 5
    assert max(map(rows_of, pieces)) <= PART + 1
    assert sum(len(the_points(store, name)) for name in found(store)) == 4_700


def test_a_table_with_more_changes_than_a_piece_holds_is_right_at_the_end(store: Store) -> None:
    known(store, *(a_point(n) for n in range(1_500)))
    with store.read() as tx:
        holdings = Holdings((), tuple(a_point(n) for n in range(1_200, 4_000)))
        pieces = list(tx.inventory.pieces(PROD, REGION, holdings, NOW))

    for piece in pieces:
        assert found(store) == ["orders"]
        assert applied(store, piece)

    assert max(map(rows_of, pieces)) <= PART + 1
    assert_counts_hold(store, ["orders"])
    assert the_table(store).backups == 2_800


def test_what_a_crash_left_half_written_the_next_reading_mends(store: Store) -> None:
    known(store, *(a_point(n, f"table-{n % 5}") for n in range(2_000)))
    holdings = Holdings((Vault(MAIN),), tuple(a_point(n, f"table-{n % 5}") for n in range(1_000, 5_000)))
    with store.read() as tx:
        pieces = list(tx.inventory.pieces(PROD, REGION, holdings, NOW))

    assert applied(store, pieces[0])
    assert applied(store, pieces[1])
    assert read_in(store, PROD, REGION, holdings)

    assert_counts_hold(store, found(store))
    assert sum(len(the_points(store, name)) for name in found(store)) == 4_000
    with store.read() as tx:
        assert tx.inventory.vaults(PROD, REGION) == [Vault(MAIN)]
        (unchanged,) = tx.inventory.pieces(PROD, REGION, holdings, NOW)
        assert isinstance(unchanged.change, Finish)


def test_two_readings_of_an_area_never_mix(store: Store) -> None:
    one, other = (Holdings((), tuple(a_point(n, f"{name}-{n % 5}") for n in range(2_500))) for name in ("one", "other"))
    with store.read() as tx:
        ones = list(tx.inventory.pieces(PROD, REGION, one, NOW))
        others = list(tx.inventory.pieces(PROD, REGION, other, NOW))

    assert applied(store, ones[0])
    assert not applied(store, others[0])
    assert all(applied(store, piece) for piece in ones[1:])

    assert all(name.startswith("one-") for name in found(store))
    assert_counts_hold(store, found(store))


def test_only_an_area_that_changed_has_a_new_revision(store: Store) -> None:
    def revision() -> int:
        with store.read() as tx:
            return tx.inventory.revisions()[PROD, REGION]

    known(store, a_point(1))
    first = revision()
    known(store, a_point(1), vaults=(Vault(MAIN),), seconds=60)
    with store.begin() as tx:
        tx.inventory.failed(PROD, REGION, "AccessDenied", after(61))
    assert revision() == first

    known(store, a_point(1), a_point(2))
    assert revision() > first


def test_readings_of_one_area_at_once_leave_one_of_them(store: Store) -> None:
    readings = [tuple(a_point(n, f"table-{worker}") for n in range(20)) for worker in range(4)]

    def read(points: tuple[RecoveryPoint, ...]) -> Callable[[], bool]:
        return lambda: read_in(store, PROD, REGION, Holdings((), points))

    kept = at_once([read(points) for points in readings])

    assert any(kept)
    (table,) = found(store)
    assert_counts_hold(store, [table])
    assert len(the_points(store, table)) == 20


def test_readings_of_many_areas_at_once_are_all_counted(store: Store) -> None:
    def read(number: int) -> Callable[[], bool]:
        points = tuple(a_point(100 * number + n) for n in range(10))
        return lambda: read_in(store, PROD, f"us-east-{number}", Holdings((), points))

    assert all(at_once([read(number) for number in range(8)]))

    assert the_table(store).backups == 10 * 8
    assert_counts_hold(store, ["orders"])


def test_vaults_that_were_listed_just_now_take_the_place_of_those_that_were_known(store: Store) -> None:
    old, new = Vault(MAIN, points=1), Vault(VaultRef(PROD, REGION, "new"), locked=True, min_days=7)
    elsewhere = Vault(VaultRef(PROD, "eu-west-1", "other"))
    known(store, a_point(1), vaults=(old,))
    read_in(store, PROD, "eu-west-1", Holdings((elsewhere,), ()))

    with store.begin() as tx:
        tx.inventory.saw_vaults(PROD, REGION, (new, replace(old, points=2)))

    with store.read() as tx:
        assert list(tx.inventory.vaults(PROD, REGION)) == [replace(old, points=2), new]
        assert list(tx.inventory.vaults(PROD, "eu-west-1")) == [elsewhere]
    assert found(store) == ["orders"]


def test_vaults_of_a_place_that_was_never_read_can_be_seen(store: Store) -> None:
    with store.begin() as tx:
        tx.inventory.saw_vaults(BACKUP, "eu-west-1", (Vault(COPIES),))

    with store.read() as tx:
        assert list(tx.inventory.vaults(BACKUP, "eu-west-1")) == [Vault(COPIES)]
        assert tx.inventory.areas() == []


def test_a_backup_is_found_by_its_arn_in_each_vault_it_is_in(store: Store) -> None:
    point, other = a_point(), a_point(2)
    known(store, point, replace(point, vault=VaultRef(PROD, REGION, "second")), other)

    with store.read() as tx:
        found = [(entry.point.arn, entry.point.vault.name) for entry in tx.inventory.called(point.arn)]
        assert sorted(found) == [(point.arn, "main"), (point.arn, "second")]
        assert [list(tx.inventory.called(arn)) for arn in ("%", "_", point.arn[:-1], "arn:")] == [[], [], [], []]


def test_what_nobody_watches_and_has_an_end_is_found_by_table_vault_and_place(store: Store) -> None:
    ledger = replace(a_point(1, "ledger"), delete_at=after(60))
    endless, over = replace(a_point(2), delete_at=None), replace(a_point(3), delete_at=after(-1))
    orders, dropped = a_point(4, "orders_eu"), a_point(5, "users")
    known(store, ledger, endless, over, orders, dropped)
    with store.begin() as tx:
        tx.copies.add(adopted(orders, "C0BACKUPS", None, NOW))
        tx.copies.add(adopted(dropped, "C0BACKUPS", None, NOW))
        tx.copies.close(dropped.arn)

    def unwatched(*words: tuple[str, list[tuple[str, str]]], vaults: list[VaultRef] | None = None) -> list[str]:
        with store.read() as tx:
            return [entry.point.arn for entry in tx.inventory.unwatched(NOW, words, vaults, 10)]

    assert unwatched() == [ledger.arn, dropped.arn]
    assert unwatched(("ledg", [])) == unwatched(("main", []), ("ledger", [])) == [ledger.arn]
    assert unwatched(("%", [])) == unwatched(("_", [])) == unwatched(("elsewhere", [(BACKUP, REGION)])) == []
    assert unwatched(("prod", [(PROD, REGION)])) == [ledger.arn, dropped.arn]
    # The configuration brings nothing back that people dropped.
    assert unwatched(vaults=[MAIN]) == [ledger.arn]
    assert unwatched(vaults=[COPIES]) == []


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("*", ["Orders", "orders", "orders-eu", "orders_eu"]),
        ("orders*", ["orders", "orders-eu", "orders_eu"]),
        ("orders?eu", ["orders-eu", "orders_eu"]),
        ("orders_eu", ["orders_eu"]),
        ("orders[!_]eu", ["orders-eu"]),
        ("%", []),
        ("[oO]rders", ["Orders", "orders"]),
    ],
)
def test_what_nobody_watches_is_found_by_a_pattern_of_its_table(store: Store, pattern: str, names: list[str]) -> None:
    known(store, *(a_point(number, name) for number, name in enumerate(["orders", "Orders", "orders-eu", "orders_eu"])))

    with store.read() as tx:
        found = tx.inventory.unwatched(NOW, (), [MAIN], 10, pattern)
        first = tx.inventory.unwatched(NOW, (), [MAIN], 1, pattern)

    assert sorted(entry.point.table_name for entry in found) == names
    assert list(first) == list(found)[:1]


@given(st.text("ab%_\\[]!*?-", max_size=8), st.text("ab%_\\[]!-", max_size=5))
@example("[]", "[]")
@example("[!]", "[!]")
@example("[]a]", "]")
def test_the_pattern_in_sql_matches_all_that_the_pattern_does(pattern: str, name: str) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        (matches,) = connection.execute("SELECT ? LIKE ? ESCAPE ?", (name, like(pattern), ESCAPE)).fetchone()

    assert matches or not fnmatchcase(name, pattern)


def test_what_was_made_since_is_told_newest_first_wherever_it_is(store: Store) -> None:
    older, same, newer = (a_point(n, made_at=after(n)) for n in (1, 2, 3))
    known(store, older, same, newer, a_point(9, "users", made_at=after(9)))

    with store.read() as tx:
        made = [entry.point.arn for entry in tx.inventory.made_since(table_arn(), after(2))]
        assert made == [newer.arn, same.arn]
        assert list(tx.inventory.made_since("no table", after(2))) == []
