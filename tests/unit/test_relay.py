"""The relay: in order, never twice by itself, never silent about what matters."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count

import pytest

from bot.domain.books import Store
from bot.domain.errors import (
    OutletBusy,
    OutletDoubtful,
    OutletError,
    OutletLockedOut,
    OutletRefused,
    OutletUnfinished,
)
from bot.domain.notices import Manner, NewNotice, Notice, NoticeKind, Way
from bot.domain.ports import Message
from bot.domain.requests import CopyRequest, RequestState
from bot.workflows.announce import renew
from bot.workflows.outbox import MOST_ATTEMPTS, PACES, Relay
from tests.unit.builders import CHANNEL, USUAL, a_policy, read_request, stored_request, write_notice
from tests.unit.fakes import PATIENT, FakeOutlet, ManualClock

NO_ANSWER = OutletDoubtful("time-out", code="no_answer")
HUNG_UP = OutletUnfinished("time-out", code="no_answer")
NUMBERS = count()
BUSY = OutletBusy("slow down", retry_after=30, code="ratelimited")


def in_short(notice: Notice, request: CopyRequest | None) -> Message:
    """Words that tell the kind, the state and the version they were made of."""
    if request is None:
        return Message(f"{notice.kind} {notice.facts}", ({"type": "divider"},))
    again = " (maybe again)" if notice.may_repeat else ""
    return Message(f"{notice.kind} {request.state} {request.version}{again}", ({"type": "divider"},))


@dataclass
class Scene:
    store: Store
    clock: ManualClock
    outlet: FakeOutlet
    relay: Relay
    request: CopyRequest

    def write(self, kind: NoticeKind, key: str, request: CopyRequest | None = None, *, audience: str = "") -> None:
        write_notice(self.store, request or self.request, kind, key, audience=audience)

    def now(self) -> CopyRequest:
        return read_request(self.store, self.request.id)

    def texts(self) -> list[str]:
        return [one.message.text for one in self.outlet.posted]


@pytest.fixture
def scene(store: Store, clock: ManualClock) -> Scene:
    outlet = FakeOutlet()
    return Scene(
        store, clock, outlet, Relay(store, outlet, in_short, a_policy(), clock, patience=PATIENT), stored_request(store)
    )


@pytest.fixture
def thread(scene: Scene) -> Scene:
    """A scene whose card and question have been posted."""
    scene.write(NoticeKind.CARD, "card")
    scene.write(NoticeKind.ASK, "ask")
    scene.relay.deliver_due()
    return scene


def test_the_card_is_the_root_and_everything_else_is_in_its_thread(thread: Scene) -> None:
    thread.write(NoticeKind.STARTED, "started")

    thread.relay.deliver_due()

    card, ask, started = thread.outlet.posted
    assert card.thread_ts is None
    assert {ask.thread_ts, started.thread_ts} == {card.ts}
    assert (thread.now().card_ts, thread.now().ask_ts) == (card.ts, ask.ts)


def test_notices_of_a_request_leave_in_the_order_they_were_written(scene: Scene) -> None:
    keys = ["card", "ask", "third", "fourth"]
    for key, kind in zip(keys, [NoticeKind.CARD, NoticeKind.ASK, NoticeKind.APPROVED, NoticeKind.STARTED], strict=True):
        scene.write(kind, key)

    assert scene.relay.deliver_due() == 4
    assert scene.outlet.keys == keys
    assert scene.relay.deliver_due() == 0


def test_a_notice_that_waits_holds_back_those_after_it(thread: Scene) -> None:
    thread.outlet.fail_next("post", OutletDoubtful("500", code="internal_error"))
    thread.write(NoticeKind.STARTED, "first")
    thread.write(NoticeKind.COMPLETED, "second")

    thread.relay.deliver_due()
    assert "second" not in thread.outlet.keys
    thread.clock.pass_(seconds=10)
    thread.relay.deliver_due()

    assert thread.outlet.keys[2:] == ["first", "second"]


def test_a_request_that_waits_holds_back_no_other(scene: Scene) -> None:
    other = stored_request(scene.store, draft_id="draft-2")
    scene.outlet.fail_next("post", NO_ANSWER)
    scene.write(NoticeKind.CARD, "mine")
    scene.write(NoticeKind.CARD, "other", other)

    scene.relay.deliver_due()

    assert scene.outlet.keys == ["other"]


def test_a_busy_slack_holds_its_channel_and_no_other(scene: Scene) -> None:
    here = stored_request(scene.store, draft_id="draft-2")
    elsewhere = stored_request(scene.store, draft_id="draft-3", channel="C0ELSE")
    scene.outlet.fail_next("post", BUSY)
    scene.write(NoticeKind.CARD, "mine")

    scene.relay.deliver_due()
    scene.write(NoticeKind.CARD, "here", here)
    scene.write(NoticeKind.CARD, "elsewhere", elsewhere)
    scene.relay.deliver_due()
    assert scene.outlet.keys == ["elsewhere"]

    scene.clock.pass_(seconds=30)
    scene.relay.deliver_due()
    assert scene.outlet.keys == ["elsewhere", "mine", "here"]


def test_a_post_whose_answer_got_lost_is_looked_for_before_it_is_repeated(scene: Scene) -> None:
    scene.outlet.lose_answer(NO_ANSWER)
    scene.write(NoticeKind.CARD, "card")

    scene.relay.deliver_due()
    scene.clock.pass_(seconds=10)
    scene.relay.deliver_due()

    assert scene.outlet.keys == ["card"]
    assert scene.outlet.calls == ["post", "find"]
    assert scene.now().card_ts == scene.outlet.posted[0].ts


def test_a_post_that_never_arrived_is_repeated_after_the_look(scene: Scene) -> None:
    scene.outlet.fail_next("post", NO_ANSWER)
    scene.write(NoticeKind.CARD, "card")

    scene.relay.deliver_due()
    scene.clock.pass_(seconds=10)
    scene.relay.deliver_due()

    assert scene.outlet.calls == ["post", "find", "post"]
    assert scene.outlet.keys == ["card"]


def test_a_notice_that_surely_was_not_posted_is_repeated_without_a_look(scene: Scene) -> None:
    scene.outlet.fail_next("post", BUSY)
    scene.write(NoticeKind.CARD, "card")

    scene.relay.deliver_due()
    scene.clock.pass_(seconds=60)
    scene.relay.deliver_due()

    assert scene.outlet.calls == ["post", "post"]


def test_a_post_that_slack_was_still_at_is_looked_for_only_when_it_must_have_ended(scene: Scene) -> None:
    other = stored_request(scene.store, draft_id="draft-2")
    scene.outlet.fail_next("post", HUNG_UP)
    scene.write(NoticeKind.CARD, "card")
    scene.write(NoticeKind.ASK, "ask")
    scene.relay.deliver_due()
    scene.write(NoticeKind.CARD, "other", other)

    scene.clock.pass_(seconds=29)
    scene.relay.deliver_due()
    # What comes later in its thread waits for it, and nothing else does.
    assert scene.outlet.keys == ["other"]
    scene.outlet.post(CHANNEL, Message("late", ()), key="card")
    scene.clock.pass_(seconds=1)
    scene.relay.deliver_due()

    assert scene.outlet.keys == ["other", "card", "ask"]


def test_an_update_that_slack_was_still_at_comes_before_the_next_one(thread: Scene) -> None:
    thread.outlet.fail_next("update", HUNG_UP)
    renew_card(thread)
    thread.relay.deliver_due()
    renew_card(thread)

    for _ in range(29):
        thread.clock.pass_(seconds=1)
        thread.relay.deliver_due()
    assert thread.outlet.calls.count("update") == 1

    thread.clock.pass_(seconds=1)
    thread.relay.deliver_due()
    assert thread.outlet.calls.count("update") == 2


def renew_card(scene: Scene) -> None:
    write_notice(scene.store, scene.request, NoticeKind.CARD, f"card-{next(NUMBERS)}")


class Crash(BaseException):
    """The process dies: nothing catches it."""


def test_after_a_crash_in_the_middle_of_a_post_the_relay_looks_first(scene: Scene) -> None:
    class Dying(FakeOutlet):
        def post(self, channel: str, message: Message, *, key: str, thread_ts: str | None = None) -> str:
            super().post(channel, message, key=key, thread_ts=thread_ts)
            raise Crash

    dying = Dying(posted=scene.outlet.posted)
    scene.write(NoticeKind.CARD, "card")
    with pytest.raises(Crash):
        replace(scene.relay, outlet=dying).deliver_due()

    scene.clock.pass_(minutes=2)
    scene.relay.deliver_due()

    assert scene.outlet.calls == ["find"]
    assert scene.now().card_ts == scene.outlet.posted[0].ts


def test_pauses_grow_with_every_failed_attempt(scene: Scene) -> None:
    scene.outlet.fail_next("post", NO_ANSWER)
    scene.outlet.fail_next("find", NO_ANSWER, times=99)
    scene.write(NoticeKind.CARD, "card")

    tried = []
    for second in range(128):
        if scene.relay.deliver_due():
            tried.append(second)
        scene.clock.pass_(seconds=1)

    assert tried == [0, 2, 6, 14, 30, 62, 126]


def test_a_deleted_message_is_posted_anew(thread: Scene) -> None:
    first = thread.outlet.posted[0].ts
    thread.outlet.delete(first)
    with thread.store.begin() as tx:
        renew(tx, thread.now(), thread.clock.now())

    thread.relay.deliver_due()

    assert thread.now().card_ts not in (None, first)
    assert thread.outlet.posted[-1].thread_ts is None


def renewed(thread: Scene, refusal: str) -> str | None:
    """The card's ts after an update that Slack refuses."""
    thread.outlet.fail_next("update", OutletRefused("no", code=refusal))
    with thread.store.begin() as tx:
        renew(tx, thread.now(), thread.clock.now())
    thread.relay.deliver_due()
    with thread.store.read() as tx:
        assert tx.outbox.dead(10) == []
    return thread.now().card_ts


def test_a_card_of_another_installation_is_posted_anew(thread: Scene) -> None:
    first = thread.outlet.posted[0].ts

    assert renewed(thread, "cant_update_message") not in (None, first)


def test_where_nobody_may_edit_so_late_the_card_is_posted_anew_at_the_end_alone(thread: Scene) -> None:
    first = thread.outlet.posted[0].ts

    assert renewed(thread, "edit_window_closed") == first

    with thread.store.begin() as tx:
        tx.requests.move(
            thread.request.id, before=RequestState.PENDING, after=RequestState.REJECTED, at=thread.clock.now()
        )
    assert renewed(thread, "edit_window_closed") not in (None, first)


@pytest.mark.parametrize("code", ["no_permission", "ekm_access_denied", "team_access_not_granted"])
def test_a_channel_that_the_app_has_no_right_to_post_to_is_left_like_a_closed_one(scene: Scene, code: str) -> None:
    scene.outlet.fail_next("post", OutletRefused("no", code=code))
    scene.write(NoticeKind.CARD, "card")

    scene.relay.deliver_due()

    assert scene.now().channel == a_policy().default_channel != scene.request.channel
    assert scene.now().card_ts is not None


def test_a_living_message_is_updated_where_it_stands(thread: Scene) -> None:
    with thread.store.begin() as tx:
        tx.requests.move(
            thread.request.id, before=RequestState.PENDING, after=RequestState.APPROVED, at=thread.clock.now()
        )
        renew(tx, replace(thread.request, version=2), thread.clock.now())

    thread.relay.deliver_due()

    assert thread.texts() == ["card APPROVED 2", "ask PENDING 1"]
    assert thread.outlet.calls == ["post", "post", "update"]


def test_a_living_message_that_is_renewed_again_anyway_is_skipped(thread: Scene) -> None:
    for version in (2, 3, 4):
        with thread.store.begin() as tx:
            renew(tx, replace(thread.request, version=version), thread.clock.now())

    thread.relay.deliver_due()

    assert thread.outlet.calls == ["post", "post", "update"]


@pytest.mark.parametrize("code", ["channel_not_found", "not_in_channel", "is_archived"])
def test_a_card_that_its_channel_refuses_goes_to_the_usual_channel_with_its_thread(scene: Scene, code: str) -> None:
    scene.outlet.fail_next("post", OutletRefused("no", code=code))
    scene.write(NoticeKind.CARD, "card")
    scene.write(NoticeKind.ASK, "ask")

    scene.relay.deliver_due()

    assert {one.channel for one in scene.outlet.posted} == {USUAL}
    assert scene.outlet.keys == ["card", "ask"]
    assert scene.now().channel == USUAL


def test_a_request_whose_channel_closes_midway_goes_on_in_the_usual_one_with_nothing_lost(thread: Scene) -> None:
    thread.outlet.closed.add(CHANNEL)
    for kind in (NoticeKind.APPROVED, NoticeKind.STARTED):
        thread.write(kind, kind)

    thread.relay.deliver_due()

    moved = [one for one in thread.outlet.posted if one.channel == USUAL]
    assert [one.key for one in moved] == [f"CB-1:card:in:{USUAL}", "approved", "started"]
    assert [one.thread_ts for one in moved] == [None, moved[0].ts, moved[0].ts]
    assert thread.now().card_ts == moved[0].ts


@pytest.mark.parametrize("usual", [None, CHANNEL])
def test_without_another_channel_a_refused_card_waits_an_hour_to_be_let_in_again(
    store: Store, clock: ManualClock, usual: str | None
) -> None:
    outlet, request = FakeOutlet(closed={CHANNEL}), stored_request(store)
    write_notice(store, request, NoticeKind.CARD, "card")
    relay = Relay(store, outlet, in_short, a_policy(channel=usual), clock, patience=PATIENT)

    relay.deliver_due()
    outlet.closed.clear()
    clock.pass_(minutes=3)
    relay.deliver_due()

    assert outlet.keys == ["card"]


def test_a_card_that_nobody_lets_in_is_given_up_in_the_end(store: Store, clock: ManualClock) -> None:
    outlet, request = FakeOutlet(closed={CHANNEL}), stored_request(store)
    write_notice(store, request, NoticeKind.CARD, "card")
    relay = Relay(store, outlet, in_short, a_policy(channel=None), clock, patience=PATIENT)

    for _ in range(40):
        relay.deliver_due()
        clock.pass_(minutes=3)

    assert relay.deliver_due() == 0
    # Once at first, then every three minutes until the hour is over.
    assert len(outlet.calls) == 21


def test_a_notice_that_was_given_up_holds_back_no_other(thread: Scene) -> None:
    thread.outlet.fail_next("post", OutletRefused("no", code="msg_too_long"))
    thread.write(NoticeKind.STARTED, "dead")
    thread.write(NoticeKind.COMPLETED, "alive")

    thread.relay.deliver_due()

    assert thread.outlet.keys[2:] == ["alive"]


def test_what_cannot_be_put_into_words_is_given_up_in_the_end(thread: Scene) -> None:
    def stammering(notice: Notice, request: CopyRequest | None) -> Message:
        if notice.kind is NoticeKind.STARTED:
            raise KeyError("a defect")
        return in_short(notice, request)

    thread.write(NoticeKind.STARTED, "dead")
    thread.write(NoticeKind.COMPLETED, "alive")
    relay = replace(thread.relay, words=stammering)

    for _ in range(MOST_ATTEMPTS):
        assert "alive" not in thread.outlet.keys
        relay.deliver_due()
        thread.clock.pass_(minutes=2)
    relay.deliver_due()

    assert thread.outlet.keys[2:] == ["alive"]


def test_a_private_notice_is_whispered(thread: Scene) -> None:
    thread.write(NoticeKind.PRIVATE, "hint", audience="U0ANNA")

    thread.relay.deliver_due()

    assert thread.outlet.whispers == [(CHANNEL, "U0ANNA", "private PENDING 1")]
    assert len(thread.outlet.posted) == 2


@pytest.mark.parametrize(
    ("kind", "said"),
    [(NoticeKind.COMPLETED, 1), (NoticeKind.EXPIRING, 1), (NoticeKind.DELAYED, 0)],
)
def test_when_nobody_can_tell_what_matters_is_said_again_and_the_rest_is_not(
    thread: Scene, kind: NoticeKind, said: int
) -> None:
    thread.outlet.fail_next("post", NO_ANSWER)
    thread.outlet.fail_next("find", OutletRefused("no", code="missing_scope"))
    thread.write(kind, "maybe")

    for _ in range(3):
        thread.relay.deliver_due()
        thread.clock.pass_(minutes=5)

    assert thread.outlet.keys[2:] == ["maybe"] * said
    assert [one.message.text for one in thread.outlet.posted[2:]] == [f"{kind} PENDING 1 (maybe again)"] * said


LOOK_FAILS = OutletDoubtful("500", code="internal_error", operation="conversations.replies")
LOOK_BUSY = OutletBusy("slow down", retry_after=60, code="ratelimited", operation="conversations.replies")


@pytest.mark.parametrize("trouble", [LOOK_FAILS, LOOK_BUSY], ids=["500", "429"])
@pytest.mark.parametrize(
    ("kind", "said"), [(NoticeKind.FAILED, ["failed PENDING 1 (maybe again)"]), (NoticeKind.STALLED, [])]
)
def test_when_looks_fail_for_long_what_matters_is_said_again_and_the_thread_goes_on(
    thread: Scene, trouble: OutletError, kind: NoticeKind, said: list[str]
) -> None:
    thread.outlet.fail_next("post", NO_ANSWER)
    thread.outlet.fail_next("find", trouble, times=1_000)
    thread.write(kind, "maybe")
    thread.write(NoticeKind.REJECTED, "next")

    pass_minutes(thread, 4)
    assert thread.outlet.keys == ["card", "ask"]
    pass_minutes(thread, 6)

    assert thread.texts()[2:] == [*said, "rejected PENDING 1"]


def test_a_look_that_works_in_the_end_finds_what_was_said(thread: Scene) -> None:
    thread.outlet.lose_answer(NO_ANSWER)
    thread.outlet.fail_next("find", LOOK_FAILS, times=6)
    thread.write(NoticeKind.APPROVED, "said")

    pass_minutes(thread, 10)

    assert thread.outlet.keys[2:] == ["said"]
    assert thread.outlet.calls.count("find") == 7


def test_while_slack_wants_no_look_nobody_looks_and_the_rest_of_the_channel_goes_on(thread: Scene) -> None:
    other = stored_request(thread.store, draft_id="draft-2")
    thread.outlet.fail_next("post", NO_ANSWER, times=2)
    thread.outlet.fail_next("find", LOOK_BUSY)
    thread.write(NoticeKind.APPROVED, "mine")
    thread.write(NoticeKind.CARD, "other", other)
    thread.relay.deliver_due()
    third = stored_request(thread.store, draft_id="draft-3")
    thread.write(NoticeKind.CARD, "third", third)

    pass_minutes(thread, 1)

    assert thread.outlet.keys[2:] == ["third"]
    assert thread.outlet.calls.count("find") == 1
    pass_minutes(thread, 2)
    assert sorted(thread.outlet.keys[2:]) == ["mine", "other", "third"]


def test_an_outage_in_which_neither_posts_nor_looks_are_answered_fills_no_thread(thread: Scene) -> None:
    for _ in range(1_000):
        thread.outlet.lose_answer(NO_ANSWER)
    thread.outlet.fail_next("find", LOOK_FAILS, times=1_000)
    thread.write(NoticeKind.FAILED, "maybe")

    pass_minutes(thread, 3 * 60)

    # After 5, 10, 20, 40 minutes, and then once an hour.
    assert thread.outlet.keys[2:] == ["maybe"] * 6


def test_a_clock_that_is_set_back_makes_no_look_wait_longer(thread: Scene) -> None:
    thread.outlet.fail_next("post", NO_ANSWER)
    thread.outlet.fail_next("find", LOOK_BUSY)
    thread.write(NoticeKind.APPROVED, "maybe")
    pass_minutes(thread, 0.5)
    before, now = thread.clock.now(), thread.clock.pass_(hours=-1)
    thread.store.clock_went_back(now, before)

    thread.relay.deliver_due()

    assert thread.outlet.keys[2:] == ["maybe"]


def pass_minutes(scene: Scene, minutes: float) -> None:
    for _ in range(int(minutes * 12)):
        scene.relay.deliver_due()
        scene.clock.pass_(seconds=5)


@pytest.mark.parametrize(
    "error", [NO_ANSWER, BUSY, OutletLockedOut("no", code="invalid_auth"), OutletDoubtful("x", code="fatal_error")]
)
def test_what_may_succeed_later_is_never_given_up(thread: Scene, error: OutletError) -> None:
    thread.outlet.fail_next("post", error, times=30)
    thread.write(NoticeKind.COMPLETED, "done")

    for _ in range(31):
        thread.relay.deliver_due()
        thread.clock.pass_(minutes=3)

    assert thread.outlet.keys[2:] == ["done"]


def test_two_relays_say_everything_once(scene: Scene) -> None:
    scene.write(NoticeKind.CARD, "card")
    inner: list[int] = []
    other = replace(scene.relay)

    def meanwhile(notice: Notice, request: CopyRequest | None) -> Message:
        inner.append(other.deliver_due())
        return in_short(notice, request)

    replace(scene.relay, words=meanwhile).deliver_due()

    assert inner == [0]
    assert scene.outlet.keys == ["card"]


class Slow(FakeOutlet):
    """Takes its time over links and looks; another replica is at work meanwhile."""

    def __init__(self, clock: ManualClock, seconds: float) -> None:
        super().__init__()
        self.clock, self.seconds, self.meanwhile = clock, seconds, list[Relay]()

    def find(self, channel: str, key: str, *, thread_ts: str | None, since: datetime) -> str | None:
        found = super().find(channel, key, thread_ts=thread_ts, since=since)
        self._take_long()
        return found

    def link(self, channel: str, ts: str) -> str:
        self._take_long()
        return super().link(channel, ts)

    def _take_long(self) -> None:
        self.clock.pass_(seconds=self.seconds)
        if self.meanwhile:
            self.meanwhile.pop().deliver_due()


def test_a_look_that_outlasts_the_lease_leaves_the_post_to_whoever_has_the_notice_now(
    store: Store, clock: ManualClock
) -> None:
    outlet, request = Slow(clock, 50), stored_request(store)
    one, other = (Relay(store, outlet, in_short, a_policy(), clock, patience=PATIENT) for _ in range(2))
    write_notice(store, request, NoticeKind.CARD, "card")
    outlet.fail_next("post", NO_ANSWER)
    one.deliver_due()
    clock.pass_(seconds=10)

    outlet.meanwhile.append(other)
    one.deliver_due()

    assert outlet.keys == ["card"]
    assert read_request(store, request.id).card_ts == outlet.posted[0].ts


def test_a_digest_waits_only_a_moment_for_its_links_and_asks_once_for_each_thread(
    store: Store, clock: ManualClock
) -> None:
    outlet = Slow(clock, 4)
    one, other = (Relay(store, outlet, in_short, a_policy(), clock, patience=PATIENT) for _ in range(2))
    lines = [{"text": "x", "channel": CHANNEL, "ts": f"{number // 2}.0"} for number in range(40)]
    facts = {"lines": lines, "count": 40}
    digest = NewNotice("", NoticeKind.DIGEST, "digest", CHANNEL, clock.now(), facts, manner=Manner.ALONE, stream="d")
    with store.begin() as tx:
        tx.outbox.write(digest)

    outlet.meanwhile.append(other)
    one.deliver_due()

    (said,) = outlet.posted
    assert outlet.calls.count("link") == 3
    assert said.message.text.count("https://") == 6


def test_a_pass_comes_to_an_end_even_when_more_is_always_due(scene: Scene) -> None:
    def endless(notice: Notice, request: CopyRequest | None) -> Message:
        scene.write(NoticeKind.APPROVED, f"{notice.dedup_key}+")
        return in_short(notice, request)

    scene.write(NoticeKind.CARD, "card")

    assert replace(scene.relay, words=endless).deliver_due() == PACES[Way.POST].burst


def test_a_notice_is_due_only_when_its_time_has_come(scene: Scene) -> None:
    scene.write(NoticeKind.CARD, "card")
    scene.clock.pass_(seconds=-timedelta(minutes=1).total_seconds())

    assert scene.relay.deliver_due() == 0
