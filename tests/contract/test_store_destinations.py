"""What the book of destinations promises."""

from bot.domain.backups import VaultRef
from bot.domain.books import Store
from tests.contract.store_builders import BACKUP, COPIES, MAIN, after
from tests.contract.store_threads import at_once

OTHER = VaultRef(BACKUP, "eu-central-1", "copies")


def used(store: Store, *vaults: VaultRef, seconds: float = 0, by: str = "U0ANN") -> None:
    with store.begin() as tx:
        tx.destinations.used(by, vaults, after(seconds))


def last(store: Store, limit: int = 10, by: str = "U0ANN") -> list[VaultRef]:
    with store.read() as tx:
        return list(tx.destinations.last(by, limit))


def test_the_last_destination_comes_first(store: Store) -> None:
    used(store, MAIN, seconds=1)
    used(store, COPIES, seconds=2)
    used(store, OTHER, seconds=3)
    used(store, MAIN, seconds=4)

    assert last(store) == [MAIN, OTHER, COPIES]
    assert last(store, 2) == [MAIN, OTHER]


def test_everybody_has_destinations_of_their_own(store: Store) -> None:
    used(store, MAIN)
    used(store, COPIES, by="U0BEN")

    assert (last(store), last(store, by="U0BEN"), last(store, by="U0CHRIS")) == ([MAIN], [COPIES], [])


def test_one_that_is_named_twice_is_kept_once(store: Store) -> None:
    used(store, MAIN, COPIES, MAIN)

    assert sorted(vault.name for vault in last(store)) == ["copies", "main"]


def test_an_older_use_does_not_undo_a_newer_one(store: Store) -> None:
    used(store, COPIES, seconds=9)
    used(store, MAIN, seconds=5)
    used(store, COPIES, seconds=1)

    assert last(store) == [COPIES, MAIN]


def test_many_uses_at_once_are_one_row(store: Store) -> None:
    at_once([lambda: used(store, MAIN, COPIES), lambda: used(store, COPIES, MAIN)] * 4)

    assert len(last(store)) == 2
