"""What the copy book promises."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.books import Store
from tests.contract.store_builders import NOW, a_copy, after, stored_request

FAR = NOW + timedelta(days=400)


def test_a_copy_comes_back_as_it_was_added(store: Store) -> None:
    copy = replace(a_copy(stored_request(store)), size_bytes=9_000_000_000_000, looked_at=after(1))

    with store.begin() as tx:
        tx.copies.add(copy)

    with store.begin() as tx:
        assert tx.copies.ending(FAR, 10) == [copy]


def test_a_copy_added_twice_is_watched_once_and_stays_as_it_is(store: Store) -> None:
    copy = a_copy(stored_request(store))

    with store.begin() as tx:
        tx.copies.add(copy)
        tx.copies.looked(copy.arn, delete_at=after(5), at=after(1))
        tx.copies.add(copy)
        assert tx.copies.ending(FAR, 10) == [replace(copy, delete_at=after(5), looked_at=after(1))]


def test_copies_that_end_are_told_soonest_first(store: Store) -> None:
    request = stored_request(store)
    later, sooner, last = (a_copy(request, number) for number in (5, 2, 9))
    endless = replace(a_copy(request, 1), delete_at=None)
    with store.begin() as tx:
        for copy in (later, sooner, last, endless):
            tx.copies.add(copy)

    with store.begin() as tx:
        assert tx.copies.ending(NOW + timedelta(days=6), 10) == [sooner, later]
        assert tx.copies.ending(NOW + timedelta(days=6), 1) == [sooner]
        assert tx.copies.ending(NOW + timedelta(days=1), 10) == []


def test_copies_never_looked_at_come_before_those_looked_at_long_ago(store: Store) -> None:
    request = stored_request(store)
    never = a_copy(request, 1)
    long_ago, lately = replace(a_copy(request, 2), looked_at=after(-99)), replace(a_copy(request, 3), looked_at=NOW)
    with store.begin() as tx:
        for copy in (lately, long_ago, never):
            tx.copies.add(copy)

    with store.begin() as tx:
        assert tx.copies.to_look_at(NOW, 10) == [never, long_ago]
        assert tx.copies.to_look_at(NOW, 1) == [never]


def test_a_look_is_remembered_even_when_there_is_no_end(store: Store) -> None:
    copy = a_copy(stored_request(store))
    with store.begin() as tx:
        tx.copies.add(copy)
        tx.copies.looked(copy.arn, delete_at=None, at=after(1))

    with store.begin() as tx:
        assert tx.copies.ending(FAR, 10) == []
        assert tx.copies.to_look_at(after(2), 10) == [replace(copy, delete_at=None, looked_at=after(1))]


def test_a_copy_is_closed_once_and_watched_no_more(store: Store) -> None:
    copy = a_copy(stored_request(store))
    with store.begin() as tx:
        tx.copies.add(copy)

    with store.begin() as tx:
        assert tx.copies.close(copy.arn)
        assert not tx.copies.close(copy.arn)
        assert not tx.copies.close("arn:unknown")
        tx.copies.add(copy)
        assert tx.copies.ending(FAR, 10) == []
        assert tx.copies.to_look_at(FAR, 10) == []
