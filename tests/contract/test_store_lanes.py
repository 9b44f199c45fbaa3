"""What the outbox book promises about lanes, streams, routing, digests and dead letters."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.books import Store
from bot.domain.notices import Lane, Manner, NewNotice, Notice, NoticeKind, Pace, Way
from tests.contract.store_builders import ANN, BEN, NOW, after, new_notice, stored_request, write_notices

PACE = Pace(timedelta(seconds=1), burst=3)
HERE = Lane("C0BACKUPS", Way.POST)


def claimed(store: Store, lane: Lane = HERE, *, seconds: float = 0, pace: Pace = PACE) -> list[str]:
    with store.begin() as tx:
        return [n.dedup_key for n in tx.outbox.claim_lane(lane, after(seconds), after(seconds + 60), pace)]


def lanes(store: Store, seconds: float = 0) -> set[Lane]:
    with store.read() as tx:
        return set(tx.outbox.lanes(after(seconds)))


def alone(key: str, channel: str = "C0OPS") -> NewNotice:
    return NewNotice("", NoticeKind.OPS, key, channel, NOW, stream=f"ops@{channel}", manner=Manner.ALONE)


def test_lanes_are_told_apart_by_channel_and_way(store: Store) -> None:
    one, two = stored_request(store, "draft-1"), stored_request(store, "draft-2")
    with store.begin() as tx:
        tx.requests.place(one.id, channel="C0BACKUPS", card_ts="1.1", ask_ts=None)
    write_notices(store, [new_notice(one.id, "card", NoticeKind.CARD), new_notice(one.id, "ask", NoticeKind.ASK)])
    write_notices(store, [replace(new_notice(two.id, "private", NoticeKind.PRIVATE), audience="U0BEN"), alone("ops")])

    assert lanes(store) == {
        Lane("C0BACKUPS", Way.UPDATE),
        Lane("C0BACKUPS", Way.POST),
        Lane("C0BACKUPS", Way.WHISPER),
        Lane("C0OPS", Way.POST),
    }


def test_a_lane_gives_what_its_pace_allows(store: Store) -> None:
    for number in range(6):
        write_notices(store, [new_notice(stored_request(store, f"draft-{number}").id, f"k{number}")])

    assert claimed(store) == ["k0", "k1", "k2"]
    assert claimed(store, seconds=0.9) == []
    assert claimed(store, seconds=1) == ["k3"]
    assert claimed(store, seconds=3) == ["k4", "k5"]


def test_an_update_that_a_later_one_makes_needless_costs_nothing_of_the_pace(store: Store) -> None:
    for number in range(6):
        request = stored_request(store, f"draft-{number}")
        with store.begin() as tx:
            tx.requests.place(request.id, channel="C0BACKUPS", card_ts=f"{number}.1", ask_ts=None)
        write_notices(store, [new_notice(request.id, f"{number}-{age}", NoticeKind.CARD) for age in ("old", "new")])

    assert claimed(store, Lane("C0BACKUPS", Way.UPDATE)) == ["0-new", "1-new", "2-new"]
    assert claimed(store, Lane("C0BACKUPS", Way.UPDATE), seconds=1) == ["3-new"]


def test_the_first_of_a_message_is_posted_even_if_a_later_one_waits(store: Store) -> None:
    request = stored_request(store)
    write_notices(store, [new_notice(request.id, age, NoticeKind.CARD) for age in ("old", "new")])

    assert claimed(store) == ["old"]


def test_a_stream_keeps_its_order_across_lanes(store: Store) -> None:
    request = stored_request(store)
    with store.begin() as tx:
        tx.requests.place(request.id, channel="C0BACKUPS", card_ts="1.1", ask_ts=None)
    write_notices(store, [new_notice(request.id, "card", NoticeKind.CARD), new_notice(request.id, "said")])

    assert claimed(store) == []
    assert claimed(store, Lane("C0BACKUPS", Way.UPDATE)) == ["card"]


def test_a_held_channel_is_no_lane_and_gives_nothing(store: Store) -> None:
    write_notices(store, [new_notice(stored_request(store).id, "k")])
    with store.begin() as tx:
        tx.outbox.hold("C0BACKUPS", after(30), now=NOW)

    assert lanes(store, 29) == set()
    assert claimed(store, seconds=29) == []
    assert lanes(store, 30) == {HERE}
    assert claimed(store, seconds=30) == ["k"]


def test_a_hold_on_updates_leaves_posts_alone(store: Store) -> None:
    request = stored_request(store)
    with store.begin() as tx:
        tx.requests.place(request.id, channel="C0BACKUPS", card_ts="1.1", ask_ts=None)
        tx.outbox.hold(Way.UPDATE, after(30), now=NOW)
    write_notices(store, [new_notice(request.id, "card", NoticeKind.CARD)])
    write_notices(store, [new_notice(stored_request(store, "draft-2").id, "other")])

    assert lanes(store) == {HERE}
    assert claimed(store) == ["other"]


def test_a_hold_from_before_the_clock_was_set_back_is_over(store: Store) -> None:
    write_notices(store, [new_notice(stored_request(store).id, "k", due_at=after(-7200))])
    with store.begin() as tx:
        tx.outbox.hold("C0BACKUPS", after(30), now=NOW)

    assert lanes(store, -3600) == {HERE}
    assert claimed(store, seconds=-3600) == ["k"]


def test_a_channel_that_refuses_is_asked_with_one_notice_until_it_accepts(store: Store) -> None:
    for number in range(3):
        write_notices(store, [new_notice(stored_request(store, f"draft-{number}").id, f"k{number}")])
    with store.begin() as tx:
        tx.outbox.refuse("C0BACKUPS", "is_archived", after(10), now=NOW)
        tx.outbox.refuse("C0BACKUPS", "is_archived", after(20), now=after(10))

    assert claimed(store, seconds=19) == []
    with store.begin() as tx:
        (notice,) = tx.outbox.claim_lane(HERE, after(20), after(80), PACE)
        assert notice.refused_since == NOW
        tx.outbox.accept("C0BACKUPS", after(20))
    assert claimed(store, seconds=21) == ["k1", "k2"]


def test_a_claim_is_prolonged_until_somebody_else_has_taken_the_notice(store: Store) -> None:
    write_notices(store, [new_notice(stored_request(store).id, "k")])
    with store.begin() as tx:
        (first,) = tx.outbox.claim(NOW, after(60), 1)
        assert tx.outbox.prolong(first, after(120))
    with store.begin() as tx:
        assert tx.outbox.claim(after(119), after(180), 1) == []
        # Nobody took it, so it is still ours although its lease ran out.
        assert tx.outbox.prolong(first, after(130))
        (second,) = tx.outbox.claim(after(131), after(190), 1)

        assert not tx.outbox.prolong(first, after(200))
        assert tx.outbox.prolong(second, after(200))


def test_who_comes_back_after_the_lease_ran_out_does_not_end_the_claim_of_another(store: Store) -> None:
    write_notices(store, [new_notice(stored_request(store).id, "k")])
    with store.begin() as tx:
        (first,) = tx.outbox.claim(NOW, after(60), 1)
        (second,) = tx.outbox.claim(after(61), after(120), 1)

        tx.outbox.give_back(first)
        tx.outbox.postpone(first, after(62), doubtful=False, error="timeout")

        assert tx.outbox.claim(after(119), after(180), 1) == []
        (third,) = tx.outbox.claim(after(120), after(180), 1)
    assert (second.attempts, third.attempts, third.doubtful) == (2, 3, True)


def test_a_claim_that_is_given_back_was_no_attempt(store: Store) -> None:
    write_notices(store, [new_notice(stored_request(store).id, "k")])
    with store.begin() as tx:
        (first,) = tx.outbox.claim(NOW, after(60), 1)
        tx.outbox.give_back(first)

    with store.begin() as tx:
        (again,) = tx.outbox.claim(NOW, after(60), 1)
    assert (first.attempts, again.attempts, again.doubtful) == (1, 1, False)


def test_what_belongs_to_no_request_has_a_line_of_its_own(store: Store) -> None:
    write_notices(store, [alone("first"), alone("second"), alone("other", "C0ELSE")])

    with store.begin() as tx:
        notices = tx.outbox.claim(NOW, after(60), 10)

    assert [notice.dedup_key for notice in notices] == ["first", "other"]
    assert {(notice.request_id, notice.manner) for notice in notices} == {("", Manner.ALONE)}


def test_dead_letters_are_reported_once(store: Store) -> None:
    write_notices(store, [new_notice(stored_request(store, f"draft-{number}").id, f"k{number}") for number in range(3)])
    with store.begin() as tx:
        assert not tx.outbox.chores(NOW).dead
        assert tx.outbox.bury_channel("C0BACKUPS", "is_archived", before=after(-1), again=after(60)) == (0, 0)
        assert tx.outbox.bury_channel("C0BACKUPS", "is_archived", before=NOW, again=after(60)) == (3, 0)

    with store.begin() as tx:
        assert tx.outbox.chores(NOW).dead
        first, second = tx.outbox.unreported(2)
        tx.outbox.report([first.notice.id, second.notice.id])
    with store.begin() as tx:
        (third,) = tx.outbox.unreported(10)
        assert (third.notice.dedup_key, third.error) == ("k2", "is_archived")
        assert [letter.notice.dedup_key for letter in tx.outbox.dead(2)] == ["k2", "k1"]


def test_a_dead_letter_is_dismissed_once_and_shown_no_more(store: Store) -> None:
    write_notices(store, [new_notice(stored_request(store, f"draft-{number}").id, f"k{number}") for number in range(4)])
    with store.begin() as tx:
        tx.outbox.bury_channel("C0BACKUPS", "is_archived", before=NOW, again=after(60))
        k3, k2, k1, k0 = (letter.notice.id for letter in tx.outbox.dead(9))
        assert tx.overview.counts(NOW).dead == 4

    with store.begin() as tx:
        (gone,) = tx.outbox.dismiss(k1, k1, by=BEN, at=after(1), limit=9)
        assert (gone.notice.dedup_key, gone.error) == ("k1", "is_archived")
        assert tx.outbox.dismiss(k1, k1, by=ANN, at=after(2), limit=9) == []
        assert (tx.outbox.dismissed_by(k1), tx.outbox.dismissed_by(k0)) == (BEN, None)
        assert [letter.notice.id for letter in tx.outbox.dead(9)] == [k3, k2, k0]
        assert tx.overview.counts(NOW).dead == 3

    with store.begin() as tx:
        # What has died since is not among what was shown; the newest of them go first.
        assert [letter.notice.id for letter in tx.outbox.dismiss(1, k2, by=ANN, at=after(3), limit=1)] == [k2]
        assert [letter.notice.id for letter in tx.outbox.dismiss(1, k2, by=ANN, at=after(3), limit=9)] == [k0]
        assert tx.outbox.dismissed_by(k1) == BEN
        assert [letter.notice.id for letter in tx.outbox.dead(9)] == [k3]
        # Operators are told of it all the same.
        assert len(tx.outbox.unreported(9)) == 4


def test_what_is_not_dead_cannot_be_dismissed(store: Store) -> None:
    write_notices(store, [new_notice(stored_request(store).id, "k")])

    with store.begin() as tx:
        assert tx.outbox.dismiss(1, 99, by=BEN, at=NOW, limit=9) == []
        assert [notice.dedup_key for notice in tx.outbox.claim(NOW, after(60), 9)] == ["k"]


def test_what_keeps_a_standing_card_true_is_not_given_up_with_its_channel(store: Store) -> None:
    request = stored_request(store)
    with store.begin() as tx:
        tx.requests.place(request.id, channel="C0BACKUPS", card_ts="1.1", ask_ts=None)
    write_notices(
        store, [new_notice(request.id, "card", NoticeKind.CARD), new_notice(request.id, "ask", NoticeKind.ASK)]
    )

    with store.begin() as tx:
        assert tx.outbox.bury_channel("C0BACKUPS", "is_archived", before=NOW, again=after(60)) == (1, 1)

    with store.begin() as tx:
        assert [letter.notice.dedup_key for letter in tx.outbox.dead(10)] == ["ask"]
        assert tx.outbox.claim(after(59), after(100), 10) == []
        assert [notice.dedup_key for notice in tx.outbox.claim(after(60), after(100), 10)] == ["card"]


def test_a_standing_card_waits_no_longer_once_its_channel_takes_something(store: Store) -> None:
    request = stored_request(store)
    with store.begin() as tx:
        tx.requests.place(request.id, channel="C0BACKUPS", card_ts="1.1", ask_ts=None)
    later = replace(new_notice(request.id, "later"), not_before=after(900), stream="later")
    write_notices(store, [new_notice(request.id, "card", NoticeKind.CARD), later])
    with store.begin() as tx:
        tx.outbox.accept("C0BACKUPS", NOW)
        tx.outbox.refuse("C0BACKUPS", "is_archived", NOW, now=NOW)
        tx.outbox.bury_channel("C0BACKUPS", "is_archived", before=NOW, again=after(3600))
        assert tx.outbox.claim(after(60), after(100), 10) == []

        tx.outbox.accept("C0BACKUPS", after(60))

        assert [notice.dedup_key for notice in tx.outbox.claim(after(60), after(100), 10)] == ["card"]


def test_an_outcome_waits_until_it_is_routed_and_holds_back_its_stream(store: Store) -> None:
    request = stored_request(store)
    write_notices(store, [new_notice(request.id, "done", NoticeKind.COMPLETED), new_notice(request.id, "said")])

    assert claimed(store) == []
    with store.begin() as tx:
        assert tx.outbox.chores(NOW).unrouted
        (notice,) = tx.outbox.unrouted(10)
        tx.outbox.route(notice.id, manner=Manner.QUIETLY, stream=notice.stream)
    assert claimed(store) == ["done"]
    with store.begin() as tx:
        assert not tx.outbox.chores(NOW).unrouted
        (again,) = tx.outbox.claim(after(60), after(120), 1)
    assert again.manner is Manner.QUIETLY


def test_what_was_put_off_does_not_hold_back_what_cannot_wait(store: Store) -> None:
    request = stored_request(store)
    write_notices(store, [new_notice(request.id, "done", NoticeKind.COMPLETED)])
    with store.begin() as tx:
        (notice,) = tx.outbox.unrouted(10)
        later = f"{request.id}~later"
        tx.outbox.route(notice.id, manner=Manner.QUIETLY, stream=later, not_before=after(100), digest_at=after(100))
    write_notices(store, [new_notice(request.id, "said")])

    assert claimed(store) == ["said"]
    assert claimed(store, seconds=59) == []
    assert sorted(claimed(store, seconds=100)) == ["done", "said"]


def test_a_digest_tells_of_each_notice_once(store: Store) -> None:
    request = stored_request(store)
    write_notices(store, [new_notice(request.id, key, NoticeKind.COMPLETED) for key in ("a", "b")])
    for when in (100, 200):
        with store.begin() as tx:
            notice: Notice = tx.outbox.unrouted(10)[0]
            tx.outbox.route(notice.id, manner=Manner.QUIETLY, stream="later", digest_at=after(when))

    with store.begin() as tx:
        assert not tx.outbox.chores(after(99)).digest
        assert tx.outbox.chores(after(100)).digest
        (first,) = tx.outbox.for_digest(after(100), 10)
        tx.outbox.digested([first.id])
        assert tx.outbox.for_digest(after(100), 10) == []
        assert [one.dedup_key for one in tx.outbox.for_digest(after(200), 10)] == ["b"]


@pytest.mark.parametrize("hours", [1, 30])
def test_after_the_clock_was_set_back_nothing_waits_for_what_was_near(store: Store, hours: int) -> None:
    request = stored_request(store, approved=True)
    back = -3600 * hours
    write_notices(store, [new_notice(request.id, "due")])
    other = stored_request(store, "draft-2")
    write_notices(store, [replace(new_notice(other.id, "evening"), not_before=after(3 * 3600))])
    with store.begin() as tx:
        tx.steps.release(request.steps[0].id, after(20))

    store.clock_went_back(after(back), NOW)

    assert claimed(store, seconds=back) == ["due"]
    with store.begin() as tx:
        assert len(tx.steps.claim([request.steps[0].state], after(back), after(back + 60), 10)) == 1
    assert claimed(store, seconds=3 * 3600 - 1) == ["due"]
    assert claimed(store, seconds=3 * 3600) == ["evening"]
