"""What the copy book promises."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.books import StepChange, Store
from bot.domain.copies import CopyClick, CopyEnd, Made, Origin, Wish, adopted
from tests.contract.store_builders import ANN, BEN, COPIES, NOW, a_copy, a_point, after, read_request, stored_request

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


def test_another_end_than_aws_told_before_is_noticed_once(store: Store) -> None:
    copy = a_copy(stored_request(store))
    with store.begin() as tx:
        tx.copies.add(replace(copy, looked_at=None, delete_at=None))

    with store.begin() as tx:
        assert not tx.copies.looked(copy.arn, delete_at=after(5), at=after(1))
        assert not tx.copies.looked(copy.arn, delete_at=after(5), at=after(2))
        assert tx.copies.looked(copy.arn, delete_at=None, at=after(3))
        assert not tx.copies.looked(copy.arn, delete_at=None, at=after(4))
        assert tx.copies.looked(copy.arn, delete_at=after(6), at=after(5))
        assert not tx.copies.looked("arn:unknown", delete_at=after(6), at=after(5))


def test_asking_in_vain_is_no_look(store: Store) -> None:
    copy = replace(a_copy(stored_request(store)), delete_at=None)
    with store.begin() as tx:
        tx.copies.add(copy)
        tx.copies.asked(copy.arn, after(1))
        assert tx.copies.get(copy.arn) == replace(copy, looked_at=after(1))

    with store.begin() as tx:
        assert not tx.copies.looked(copy.arn, delete_at=after(5), at=after(2))
        tx.copies.look_soon(copy.arn)
        assert tx.copies.get(copy.arn) == replace(copy, delete_at=after(5), looked_at=None)


def test_the_end_of_what_a_copy_was_made_from_is_watched_until_it_is_forgotten(store: Store) -> None:
    copy = replace(a_copy(stored_request(store)), origin=Origin("arn:source", COPIES, after(9)))
    with store.begin() as tx:
        tx.copies.add(copy)

    with store.begin() as tx:
        assert tx.copies.get(copy.arn) == copy
        assert not tx.copies.origin_looked(copy.arn, delete_at=after(9))
        assert tx.copies.origin_looked(copy.arn, delete_at=None)
        assert tx.copies.forget_origin(copy.arn)
        assert not tx.copies.forget_origin(copy.arn)
        assert not tx.copies.origin_looked(copy.arn, delete_at=after(1))
        assert tx.copies.get(copy.arn) == replace(copy, origin=None)


def test_a_copy_is_let_go_once_and_only_for_the_end_that_was_seen(store: Store) -> None:
    copy = replace(a_copy(stored_request(store)), looked_at=NOW)
    end = copy.delete_at or NOW
    with store.begin() as tx:
        tx.copies.add(copy)

    with store.begin() as tx:
        assert not tx.copies.let_go(copy.arn, end=after(1), by=BEN)
        assert tx.copies.let_go(copy.arn, end=end, by=BEN)
        assert not tx.copies.let_go(copy.arn, end=end, by=ANN)
        assert tx.copies.get(copy.arn) == replace(copy, let_go_by=BEN)
        assert tx.copies.let_go(copy.arn, end=end, by=None)
        assert not tx.copies.let_go(copy.arn, end=end, by=None)
        tx.copies.let_go(copy.arn, end=end, by=BEN)
        assert tx.copies.looked(copy.arn, delete_at=after(7), at=NOW)
        assert tx.copies.get(copy.arn) == replace(copy, delete_at=after(7))


def test_a_copy_is_put_off_by_whoever_saw_it_as_it_is(store: Store) -> None:
    copy = a_copy(stored_request(store))
    end = copy.delete_at or NOW
    with store.begin() as tx:
        tx.copies.add(copy)

    with store.begin() as tx:
        assert tx.copies.snooze(copy.arn, end=end, before=None, until=after(9))
        assert not tx.copies.snooze(copy.arn, end=end, before=None, until=after(8))
        assert not tx.copies.snooze(copy.arn, end=after(1), before=after(9), until=None)
        assert tx.copies.let_go(copy.arn, end=end, by=BEN)
        assert not tx.copies.snooze(copy.arn, end=end, before=after(9), until=after(8))
        assert tx.copies.snooze(copy.arn, end=end, before=after(9), until=None)
        assert tx.copies.let_go(copy.arn, end=end, by=None)
        assert tx.copies.get(copy.arn) == copy


def test_what_others_made_is_watched_without_a_request(store: Store) -> None:
    ours, theirs = a_copy(stored_request(store)), adopted(a_point(7), "C0BACKUPS", BEN, NOW)
    with store.begin() as tx:
        assert tx.copies.add(ours)
        assert tx.copies.add(theirs)
        assert not tx.copies.add(theirs)

    with store.begin() as tx:
        assert tx.copies.adopted(10) == [theirs]
        assert tx.copies.of_table(theirs.table_arn) == [theirs]
        assert tx.copies.get(theirs.arn) == theirs
        assert tx.copies.close(theirs.arn)
        assert tx.copies.get(theirs.arn) is None
        # Whoever dropped it does not want it back by itself.
        assert not tx.copies.add(theirs)
        assert tx.copies.adopted(10) == []


@pytest.mark.parametrize("dropped", [False, True])
def test_what_was_adopted_before_its_request_knew_of_it_is_the_requests_from_then_on(
    store: Store, dropped: bool
) -> None:
    request = stored_request(store)
    ours = a_copy(request)
    early = adopted(replace(a_point(7), arn=ours.arn), "C0BACKUPS", None, NOW)
    other = adopted(a_point(8), "C0BACKUPS", None, NOW)
    with store.begin() as tx:
        tx.copies.add(early)
        tx.copies.add(other)
        if dropped:
            tx.copies.close(early.arn)

    with store.begin() as tx:
        assert tx.copies.add(ours)
        assert not tx.copies.add(replace(ours, channel="C0LATER"))
        assert not tx.copies.add(early)
        assert not tx.copies.watch_again(early)

    with store.begin() as tx:
        assert tx.copies.get(ours.arn) == ours
        assert tx.copies.adopted(10) == [other]


def test_a_click_on_a_notice_is_kept_once_and_comes_to_one_outcome(store: Store) -> None:
    click = CopyClick("click-1", "arn:copy", BEN, Wish.LET_GO, after(9), "C0BACKUPS", "1700000000.000100", NOW)
    with store.begin() as tx:
        assert tx.copy_clicks.add(click, after(30))
        assert not tx.copy_clicks.add(click, after(30))

    with store.begin() as tx:
        assert tx.copy_clicks.claim(NOW, after(60), 10) == []
        assert tx.copy_clicks.claim(NOW, after(60), 1, key="click-1") == [click]
        assert tx.copy_clicks.claim(NOW, after(60), 1, key="click-1") == []
        assert tx.copy_clicks.claim(after(61), after(90), 10) == [click]
        assert tx.copy_clicks.settle("click-1", "counted")
        assert not tx.copy_clicks.settle("click-1", "refused")
        assert tx.copy_clicks.claim(after(99), after(120), 10) == []


def test_a_request_tells_what_became_of_its_copy(store: Store) -> None:
    request = stored_request(store)
    step, copy = request.steps[0], a_copy(request)
    assert request.made == ()
    with store.begin() as tx:
        tx.copies.add(copy)
        done = StepChange(next_poll_at=None, result_arn=copy.arn)
        assert tx.steps.move(step.id, before=step.state, after=step.state, change=done)
    unread = Made(step.id, copy.arn, copy.delete_at, None)
    assert read_request(store, request.id).made == (unread,)

    with store.begin() as tx:
        tx.copies.looked(copy.arn, delete_at=after(99), at=after(5))
    read = replace(unread, delete_at=after(99), told_at=after(5))
    assert read_request(store, request.id).made == (read,)

    with store.begin() as tx:
        assert tx.copies.end(copy.arn, CopyEnd.EARLY, after(9))
        assert not tx.copies.end(copy.arn, CopyEnd.REMOVED, after(99))
        assert tx.copies.get(copy.arn) is None
    assert read_request(store, request.id).made == (replace(read, end=CopyEnd.EARLY, ended_at=after(9)),)


def test_what_is_watched_again_has_not_ended(store: Store) -> None:
    theirs = adopted(a_point(7), "C0BACKUPS", BEN, NOW)
    with store.begin() as tx:
        tx.copies.add(theirs)
        tx.copies.end(theirs.arn, CopyEnd.UNSEEN, NOW)

        assert tx.copies.watch_again(theirs)
        assert tx.copies.end(theirs.arn, CopyEnd.REMOVED, NOW)


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
