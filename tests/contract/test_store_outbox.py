"""What the outbox book promises."""

from dataclasses import replace

import pytest
from sqlalchemy.exc import IntegrityError

from bot.domain.books import Store
from bot.domain.notices import LATER, Manner, Notice, NoticeKind
from tests.contract.store_builders import NOW, after, new_notice, stored_request, write_notices


def claimed(store: Store, *, seconds: float = 0, limit: int = 10) -> list[Notice]:
    with store.begin() as tx:
        return list(tx.outbox.claim(after(seconds), after(seconds + 60), limit))


def keys(notices: list[Notice]) -> list[str]:
    return [notice.dedup_key for notice in notices]


def test_a_notice_comes_back_as_it_was_written(store: Store) -> None:
    request = stored_request(store)
    facts = {"text": "späť", "n": 1, "list": [1, None, True], "deep": {"a": 0.5}}
    written = replace(new_notice(request.id, "k", NoticeKind.PRIVATE), facts=facts, audience="U0BEN")
    write_notices(store, [written])

    (notice,) = claimed(store)

    assert (notice.request_id, notice.kind, notice.dedup_key) == (request.id, NoticeKind.PRIVATE, "k")
    assert (notice.channel, notice.audience, notice.facts) == ("C0BACKUPS", "U0BEN", facts)
    assert (notice.attempts, notice.doubtful, notice.created_at) == (1, False, NOW)


def test_a_key_is_written_once_for_ever(store: Store) -> None:
    request = stored_request(store)
    write_notices(store, [new_notice(request.id, "k")])
    (notice,) = claimed(store)

    with store.begin() as tx:
        tx.outbox.settle(notice.id, posted_ts="1.1")
        assert tx.outbox.was_written("k")
        assert not tx.outbox.was_written("another")
        assert not tx.outbox.write(new_notice(request.id, "k"))
        # The refused notice leaves the transaction usable.
        assert tx.outbox.write(new_notice(request.id, "another"))

    assert keys(claimed(store)) == ["another"]


def test_a_notice_of_no_request_is_refused(store: Store) -> None:
    with pytest.raises(IntegrityError), store.begin() as tx:
        tx.outbox.write(new_notice("CB-7", "k"))


def test_a_notice_is_claimed_when_it_is_due(store: Store) -> None:
    request = stored_request(store)
    write_notices(store, [new_notice(request.id, "k", due_at=after(10))])

    assert claimed(store, seconds=9) == []
    (notice,) = claimed(store, seconds=10)
    assert notice.created_at == after(10)


def test_only_the_first_unsent_notice_of_a_request_is_claimed(store: Store) -> None:
    one, two = stored_request(store, "draft-1"), stored_request(store, "draft-2")
    write_notices(store, [new_notice(one.id, "1a"), new_notice(one.id, "1b"), new_notice(two.id, "2a")])

    first = claimed(store)
    with store.begin() as tx:
        tx.outbox.settle(first[0].id, posted_ts="1.1")
    second = claimed(store)

    assert keys(first) == ["1a", "2a"]
    assert keys(second) == ["1b"]
    assert second[0].seq > first[0].seq


def test_a_notice_that_is_not_due_keeps_later_ones_waiting(store: Store) -> None:
    request = stored_request(store)
    write_notices(store, [new_notice(request.id, "first", due_at=after(100)), new_notice(request.id, "second")])

    assert claimed(store, seconds=99) == []
    assert keys(claimed(store, seconds=100)) == ["first"]


def test_a_claimed_notice_is_nobody_elses_until_the_lease_runs_out(store: Store) -> None:
    request = stored_request(store)
    write_notices(store, [new_notice(request.id, "k")])

    assert keys(claimed(store)) == ["k"]
    assert claimed(store, seconds=59) == []
    assert keys(claimed(store, seconds=60)) == ["k"]


def test_an_attempt_that_never_came_back_is_doubtful(store: Store) -> None:
    request = stored_request(store)
    write_notices(store, [new_notice(request.id, "k")])
    claimed(store)

    (again,) = claimed(store, seconds=60)

    assert (again.attempts, again.doubtful) == (2, True)


@pytest.mark.parametrize("doubtful", [True, False])
def test_an_attempt_that_came_back_is_as_doubtful_as_it_says(store: Store, doubtful: bool) -> None:
    request = stored_request(store)
    write_notices(store, [new_notice(request.id, "k")])
    (first,) = claimed(store)
    with store.begin() as tx:
        tx.outbox.postpone(first, after(5), doubtful=doubtful, error="internal_error")

    assert claimed(store, seconds=4) == []
    (again,) = claimed(store, seconds=5)
    assert (again.attempts, again.doubtful, again.created_at) == (2, doubtful, NOW)


def test_doubt_stays_when_a_later_attempt_never_came_back(store: Store) -> None:
    request = stored_request(store)
    write_notices(store, [new_notice(request.id, "k")])
    (first,) = claimed(store)
    with store.begin() as tx:
        tx.outbox.postpone(first, NOW, doubtful=False, error="ratelimited")
    (second,) = claimed(store)

    (third,) = claimed(store, seconds=60)

    assert (second.doubtful, third.doubtful) == (False, True)


@pytest.mark.parametrize("how", ["sent", "superseded", "buried"])
def test_a_notice_that_ended_is_over_and_lets_the_next_one_go(store: Store, how: str) -> None:
    request = stored_request(store)
    write_notices(store, [new_notice(request.id, "first"), new_notice(request.id, "second")])
    (first,) = claimed(store)

    with store.begin() as tx:
        if how == "buried":
            tx.outbox.bury(first.id, "channel_not_found")
        else:
            tx.outbox.settle(first.id, posted_ts=None, superseded=how == "superseded")

    assert keys(claimed(store)) == ["second"]
    assert keys(claimed(store, seconds=1000)) == ["second"]


def test_a_late_attempt_does_not_bring_back_a_notice_that_ended(store: Store) -> None:
    request = stored_request(store)
    write_notices(store, [new_notice(request.id, "k")])
    (notice,) = claimed(store)
    claimed(store, seconds=60)

    with store.begin() as tx:
        tx.outbox.settle(notice.id, posted_ts="1.1")
        tx.outbox.postpone(notice, NOW, doubtful=True, error="timeout")

    assert claimed(store, seconds=1000) == []


def test_a_redirected_request_speaks_in_the_other_channel(store: Store) -> None:
    one, two = stored_request(store, "draft-1"), stored_request(store, "draft-2")
    write_notices(store, [new_notice(one.id, "1a"), new_notice(one.id, "1b"), new_notice(two.id, "2a")])

    with store.begin() as tx:
        tx.outbox.redirect(one.id, "C0OTHER")

    assert {notice.dedup_key: notice.channel for notice in claimed(store)} == {"1a": "C0OTHER", "2a": "C0BACKUPS"}


def test_nothing_leaves_for_a_held_channel(store: Store) -> None:
    one, two = stored_request(store, "draft-1"), stored_request(store, "draft-2")
    elsewhere = replace(new_notice(two.id, "elsewhere"), channel="C0OTHER")
    write_notices(store, [new_notice(one.id, "held"), elsewhere])

    with store.begin() as tx:
        tx.outbox.hold("C0BACKUPS", after(30), now=NOW)

    assert keys(claimed(store, seconds=29)) == ["elsewhere"]
    assert keys(claimed(store, seconds=30)) == ["held"]


def test_a_hold_also_holds_what_is_written_later(store: Store) -> None:
    request = stored_request(store)
    with store.begin() as tx:
        tx.outbox.hold("C0BACKUPS", after(30), now=NOW)
    write_notices(store, [new_notice(request.id, "later")])

    assert claimed(store, seconds=29) == []
    assert keys(claimed(store, seconds=30)) == ["later"]


def test_a_shorter_hold_does_not_end_a_longer_one(store: Store) -> None:
    request = stored_request(store)
    write_notices(store, [new_notice(request.id, "k")])
    with store.begin() as tx:
        tx.outbox.hold("C0BACKUPS", after(30), now=NOW)
        tx.outbox.hold("C0BACKUPS", after(10), now=NOW)

    assert claimed(store, seconds=29) == []


def test_a_living_message_is_superseded_only_by_its_own_kind_and_request(store: Store) -> None:
    one, two = stored_request(store, "draft-1"), stored_request(store, "draft-2")
    card, ask, said = NoticeKind.CARD, NoticeKind.ASK, NoticeKind.STARTED
    write_notices(store, [new_notice(one.id, "card-1", card), new_notice(one.id, "ask-1", ask)])
    write_notices(store, [new_notice(two.id, "other", card), new_notice(one.id, "said-1", said)])
    (first,) = [notice for notice in claimed(store) if notice.dedup_key == "card-1"]

    with store.begin() as tx:
        assert not tx.outbox.has_newer(first)
        assert not tx.outbox.has_newer(replace(first, kind=said))
        tx.outbox.write(new_notice(one.id, "card-2", card))
        assert tx.outbox.has_newer(first)
        assert not tx.outbox.has_newer(replace(first, kind=said))


def test_a_newer_notice_that_ended_does_not_count(store: Store) -> None:
    request = stored_request(store)
    write_notices(store, [new_notice(request.id, key, NoticeKind.CARD) for key in ("old", "new")])
    (old,) = claimed(store)
    with store.begin() as tx:
        tx.outbox.settle(old.id, posted_ts="1.1")
    (new,) = claimed(store)
    with store.begin() as tx:
        tx.outbox.settle(new.id, posted_ts="1.1")

    with store.begin() as tx:
        assert not tx.outbox.has_newer(old)


def test_what_was_said_of_an_adopted_copy_is_found_whether_it_could_wait_or_not(store: Store) -> None:
    said = replace(new_notice("", "now", NoticeKind.WATCHED), stream="copy:a", manner=Manner.ALONE)
    elsewhere = replace(said, dedup_key="elsewhere", stream="copy:a@C0OTHER", manner=Manner.ELSEWHERE)
    another = replace(said, dedup_key="another", stream="copy:b")
    write_notices(store, [said, replace(said, dedup_key="later"), elsewhere, another])
    with store.begin() as tx:
        (waits,) = (one for one in tx.outbox.said_in("copy:a", (NoticeKind.WATCHED,)) if one.dedup_key == "later")
        tx.outbox.route(waits.id, manner=Manner.ALONE, stream=f"copy:a{LATER}")
    for notice in claimed(store):
        with store.begin() as tx:
            tx.outbox.settle(notice.id, posted_ts=f"1.{notice.dedup_key}")

    with store.read() as tx:
        assert keys(list(tx.outbox.said_in("copy:a", (NoticeKind.WATCHED,)))) == ["now", "later"]
        assert tx.outbox.said_in("copy:a", (NoticeKind.EXPIRING,)) == []
        stand = [ts for ts in ("1.now", "1.later", "1.elsewhere", "1.another") if tx.outbox.stands_in("copy:a", ts)]
    assert stand == ["1.now", "1.later"]
