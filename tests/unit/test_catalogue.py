"""Tables found as one types: in memory, and yet as fresh as the store; the same as by the plainest way to search."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.backups import Account
from bot.domain.books import Store
from bot.domain.inventory import TableEntry
from bot.domain.ports import Holdings
from bot.domain.search import fold
from bot.workflows.catalogue import IN_SIGHT, Catalogue
from tests.unit.builders import ACCOUNTS, BACKUP, COPIES, MAIN, PROD, a_point
from tests.unit.fakes import NOW

PROD_PLACE, BACKUP_PLACE = (PROD, "us-east-1"), (BACKUP, "eu-west-1")
ALIASES = {account.id: account.alias for account in ACCOUNTS}
Held = dict[tuple[str, str], list[TableEntry]]


class HeldStore:
    """The part of a store that a catalogue reads; counts how often each area is read."""

    def __init__(self, held: Held) -> None:
        self.held_now = held
        self.numbers = dict.fromkeys(held, 1)
        self.reads: list[tuple[str, str]] = []

    def read(self) -> "HeldStore":
        return self

    def __enter__(self) -> SimpleNamespace:
        return SimpleNamespace(inventory=self)

    def __exit__(self, *_: object) -> None:
        pass

    def revisions(self) -> dict[tuple[str, str], int]:
        return dict(self.numbers)

    def held(self, account: str, region: str) -> list[TableEntry]:
        self.reads.append((account, region))
        return self.held_now[account, region]

    def put(self, place: tuple[str, str], *entries: TableEntry) -> None:
        self.held_now[place] = list(entries)
        self.numbers[place] = self.numbers.get(place, 0) + 1


def an_entry(
    name: str = "orders", age: int = 0, *, backups: int = 1, account: str = PROD, region: str = "us-east-1"
) -> TableEntry:
    key = f"{name}-{account}-{region}"
    return TableEntry(key, f"arn:{key}", name, account, region, backups, NOW - timedelta(hours=age))


def a_catalogue(*entries: TableEntry, **more: TableEntry) -> Catalogue:
    return over(HeldStore({PROD_PLACE: list(entries), BACKUP_PLACE: list(more.values())}))


def over(store: HeldStore) -> Catalogue:
    return Catalogue(cast("Store", store), ACCOUNTS)


def names(catalogue: Catalogue, query: str = "", limit: int = 100) -> list[str]:
    return [entry.name for entry in catalogue.search(query, limit)]


words = st.text(st.sampled_from("aAbBé%_\\.-1'ß🎉 "), max_size=6)
entries = st.builds(
    an_entry,
    st.text(st.sampled_from("aAbB_.-1"), min_size=1, max_size=5),
    st.integers(0, 5),
    backups=st.integers(1, 3),
    account=st.sampled_from([PROD, BACKUP, "999999999999"]),
    region=st.sampled_from(["us-east-1", "eu-west-1"]),
)


def plainly(held: Held, query: str) -> list[TableEntry]:
    """The plainest way: look into every table, then put them in order."""
    keys = {entry.key for area in held.values() for entry in area}
    found = []
    for key in keys:
        same = [entry for area in held.values() for entry in area if entry.key == key]
        one = replace(same[0], backups=sum(e.backups for e in same), newest=max(e.newest for e in same))
        texts = [one.name, one.account, ALIASES.get(one.account, ""), one.region]
        if all(any(fold(word) in fold(text) for text in texts) for word in query.split()):
            found.append(one)
    return sorted(found, key=lambda entry: (-entry.newest.timestamp(), entry.name, entry.key))


@given(st.lists(entries, max_size=12), st.lists(entries, max_size=6), st.lists(words, max_size=3).map(" ".join))
def test_search_finds_what_the_plainest_search_finds(
    here: list[TableEntry], there: list[TableEntry], query: str
) -> None:
    held = {
        PROD_PLACE: list({entry.key: entry for entry in here}.values()),
        BACKUP_PLACE: list({entry.key: entry for entry in there}.values()),
    }

    assert over(HeldStore(held)).search(query, 100) == plainly(held, query)


def test_the_newest_come_first_and_no_more_than_asked_for() -> None:
    catalogue = a_catalogue(an_entry("old", 9), an_entry("newest", 0), an_entry("middle", 5))

    assert names(catalogue) == ["newest", "middle", "old"]
    assert names(catalogue, limit=2) == ["newest", "middle"]


def test_a_table_called_exactly_so_is_never_hidden_by_newer_ones() -> None:
    newer = [an_entry(f"orders-{n:03}", 1) for n in range(150)]
    catalogue = a_catalogue(*newer, an_entry("orders", 900))

    assert names(catalogue, "orders")[:2] == ["orders", "orders-000"]
    assert len(names(catalogue, "prod orders")) == 100
    assert names(catalogue, "PROD Orders")[0] == "orders"


def test_a_table_called_exactly_so_stays_in_its_place_while_it_is_in_sight() -> None:
    newer = [an_entry(f"orders-{n:03}", 1) for n in range(IN_SIGHT - 1)]

    assert names(a_catalogue(*newer, an_entry("orders", 900)), "orders")[-1] == "orders"


def test_words_match_the_accounts_name_its_id_and_the_region_in_any_order() -> None:
    catalogue = a_catalogue(an_entry("orders"), an_entry("users", account=BACKUP, region="eu-west-1"))

    assert names(catalogue, "us-east ord prod") == ["orders"]
    assert names(catalogue, f"{BACKUP} EU-WEST") == ["users"]
    assert names(catalogue, "orders backup") == []


def test_one_word_does_not_reach_from_the_name_into_the_account() -> None:
    assert names(a_catalogue(an_entry("orders")), f"orders{PROD}") == []


@pytest.mark.parametrize(
    "query", ["%", "_", "o%s", "ord_rs", "\\", "'", "a\x00b", "\ud83d", "🎉", "x" * 1000, "ord " * 250]
)
def test_whatever_is_typed_is_taken_as_it_is_typed(query: str) -> None:
    found = names(a_catalogue(an_entry("orders")), query)

    assert found == (["orders"] if query.startswith("ord ") else [])


def test_case_is_more_than_the_alphabet_of_english() -> None:
    account = Account("Straße-Éins", PROD, ("us-east-1",), "role")
    catalogue = Catalogue(cast("Store", HeldStore({PROD_PLACE: [an_entry()]})), [account])

    # The last one is E with a combining accent, as some keyboards write it.
    for query in ("STRASSE", "éins", "E\u0301INS"):
        assert names(catalogue, query) == ["orders"]


def test_an_account_that_the_configuration_dropped_is_not_searched() -> None:
    store = HeldStore({PROD_PLACE: [an_entry()], ("999999999999", "us-east-1"): [an_entry("secrets")]})

    assert names(over(store)) == ["orders"]


def test_only_what_changed_is_read_again() -> None:
    store = HeldStore({PROD_PLACE: [an_entry()], BACKUP_PLACE: [an_entry("users")]})
    catalogue = over(store)
    assert names(catalogue) == ["orders", "users"]
    assert names(catalogue, "ord") == ["orders"]
    assert sorted(store.reads) == [PROD_PLACE, BACKUP_PLACE]

    store.put(BACKUP_PLACE, an_entry("archive", 1))

    assert names(catalogue) == ["orders", "archive"]
    assert store.reads[2:] == [BACKUP_PLACE]


def test_what_another_replica_wrote_is_found_at_the_next_keystroke(store: Store) -> None:
    catalogue = Catalogue(store, ACCOUNTS)
    assert names(catalogue) == []

    for (account, region), vault in ((PROD_PLACE, MAIN), (BACKUP_PLACE, COPIES)):
        holdings = Holdings((), (replace(a_point(), vault=vault),))
        with store.read() as tx:
            pieces = list(tx.inventory.pieces(account, region, holdings, NOW))
        for piece in pieces:
            with store.begin() as tx:
                assert tx.inventory.apply(piece)

    (table,) = catalogue.search("", 10)
    assert (table.name, table.backups) == ("orders", 2)
