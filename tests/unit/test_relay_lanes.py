"""The relay's lanes: paced as Slack allows, none waits for one that is stuck, a dead token pauses all at no cost."""

import threading
from collections import Counter
from dataclasses import dataclass, replace

import pytest

from bot.domain.books import Store
from bot.domain.errors import OutletBusy, OutletDoubtful, OutletLockedOut, OutletRefused
from bot.domain.notices import NewNotice, Notice, NoticeKind, Way
from bot.domain.ports import Message
from bot.domain.requests import CopyRequest
from bot.domain.routing import NoticePolicy, Route
from bot.workflows.announce import renew, say
from bot.workflows.outbox import LANE_PATIENCE, MOST_ATTEMPTS, PACES, Relay
from bot.workflows.refusals import Refusals
from tests.unit.builders import CHANNEL, USUAL, a_policy, read_request, stored_request, write_notice
from tests.unit.fakes import NOW, PATIENT, FakeOutlet, ManualClock
from tests.unit.test_relay import in_short

OPS = "C0OPS"
BURST = PACES[Way.POST].burst
REVOKED = OutletLockedOut("no", code="token_revoked", operation="chat.postMessage")


@dataclass
class Scene:
    store: Store
    clock: ManualClock
    outlet: FakeOutlet
    relay: Relay

    def cards(self, count: int, channel: str = CHANNEL) -> None:
        """So many requests whose card is still to be posted."""
        for number in range(count):
            request = stored_request(self.store, draft_id=f"{channel}-{number}", channel=channel)
            write_notice(self.store, request, NoticeKind.CARD, f"{request.id}:card")

    def posted(self) -> Counter[str]:
        return Counter(one.channel for one in self.outlet.posted)

    def attempts(self) -> set[int]:
        """How often each waiting notice was tried; claims them."""
        with self.store.begin() as tx:
            return {notice.attempts - 1 for notice in tx.outbox.claim(self.clock.now(), self.clock.now(), 1_000)}


def make_scene(
    store: Store, clock: ManualClock, outlet: FakeOutlet, *, usual: str | None = USUAL, patience: float = PATIENT
) -> Scene:
    policy = a_policy(channel=usual, notices=NoticePolicy(ops_channel=OPS))
    return Scene(store, clock, outlet, Relay(store, outlet, in_short, policy, clock, patience=patience))


@pytest.fixture
def scene(store: Store, clock: ManualClock) -> Scene:
    return make_scene(store, clock, FakeOutlet())


def test_a_crowd_in_one_channel_leaves_one_a_second_after_a_short_burst(scene: Scene) -> None:
    scene.cards(30)

    left = []
    for _ in range(12):
        before = len(scene.outlet.posted)
        scene.relay.deliver_due()
        left.append(len(scene.outlet.posted) - before)
        scene.clock.pass_(seconds=1)

    assert left == [BURST, *[1] * 11]


def test_a_pause_between_two_passes_is_caught_up_but_never_beyond_a_burst(scene: Scene) -> None:
    scene.cards(30)
    scene.relay.deliver_due()

    scene.clock.pass_(seconds=3)
    scene.relay.deliver_due()
    assert len(scene.outlet.posted) == BURST + 3

    scene.clock.pass_(minutes=5)
    scene.relay.deliver_due()
    assert len(scene.outlet.posted) == BURST + 3 + BURST


def test_channels_are_paced_each_for_itself(scene: Scene) -> None:
    for channel in ("C0ONE", "C0TWO", "C0THREE"):
        scene.cards(BURST + 3, channel)

    scene.relay.deliver_due()

    assert scene.posted() == {"C0ONE": BURST, "C0TWO": BURST, "C0THREE": BURST}


def test_a_busy_answer_ends_the_lane_at_once_and_the_rest_waits_without_a_call(scene: Scene) -> None:
    scene.cards(200)
    scene.cards(1, "C0ELSE")
    scene.outlet.fail_next_in(
        CHANNEL, OutletBusy("slow", retry_after=30, code="ratelimited", operation="chat.postMessage")
    )

    for _ in range(29):
        scene.relay.deliver_due()
        scene.clock.pass_(seconds=1)

    assert scene.posted() == {"C0ELSE": 1}
    assert scene.outlet.calls.count("post") == 2
    scene.clock.pass_(seconds=1)
    scene.relay.deliver_due()
    assert scene.posted()[CHANNEL] == BURST
    assert scene.attempts() == {0}


def test_many_requests_in_a_channel_that_refuses_hold_up_no_other(store: Store, clock: ManualClock) -> None:
    scene = make_scene(store, clock, FakeOutlet(closed={CHANNEL}), usual=None)
    scene.cards(150)
    scene.cards(3, "C0ELSE")

    scene.relay.deliver_due()

    assert scene.posted() == {"C0ELSE": 3, OPS: 1}
    # One of them finds out, and all wait until it is asked again.
    assert scene.outlet.calls.count("post") == 1 + 3 + 1
    for _ in range(60):
        clock.pass_(seconds=1)
        scene.relay.deliver_due()
    assert scene.outlet.calls.count("post") == 1 + 3 + 1


class Hanging(FakeOutlet):
    """A Slack that does not answer about one channel until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.let_go = threading.Event()

    def post(self, channel: str, message: Message, *, key: str, thread_ts: str | None = None) -> str:
        if channel == CHANNEL:
            self.let_go.wait(30)
            raise OutletDoubtful("time-out", code="no_answer")
        return super().post(channel, message, key=key, thread_ts=thread_ts)


def test_a_channel_that_hangs_holds_up_no_other(store: Store, clock: ManualClock) -> None:
    outlet = Hanging()
    scene = make_scene(store, clock, outlet, patience=LANE_PATIENCE)
    scene.cards(40)
    scene.cards(2, "C0ELSE")

    scene.relay.deliver_due()
    assert scene.posted() == {"C0ELSE": 2}
    scene.cards(2, "C0THIRD")
    scene.relay.deliver_due()
    assert scene.posted() == {"C0ELSE": 2, "C0THIRD": 2}

    outlet.let_go.set()
    scene.relay.close()


def test_updates_have_a_pace_of_their_own_and_do_not_eat_up_the_posts(scene: Scene) -> None:
    scene.cards(BURST)
    scene.relay.deliver_due()
    scene.clock.pass_(minutes=1)
    with scene.store.begin() as tx:
        for number in range(1, BURST + 1):
            request = tx.requests.get(f"CB-{number}")
            assert request is not None
            renew(tx, replace(request, version=9), scene.clock.now())
            say(tx, request, NoticeKind.STARTED, scene.clock.now())

    scene.relay.deliver_due()

    # Lanes are served side by side, so of several requests nobody knows whose call comes first.
    assert Counter(scene.outlet.calls) == {"post": 2 * BURST, "update": BURST}


def test_a_busy_update_holds_updates_and_no_post(scene: Scene) -> None:
    scene.cards(2)
    scene.relay.deliver_due()
    busy = OutletBusy("slow", retry_after=60, code="ratelimited", operation="chat.update")
    scene.outlet.fail_next("update", busy)
    with scene.store.begin() as tx:
        for number in (1, 2):
            request = tx.requests.get(f"CB-{number}")
            assert request is not None
            renew(tx, replace(request, version=9), scene.clock.now())
    scene.cards(1, "C0ELSE")

    scene.relay.deliver_due()

    assert scene.posted()["C0ELSE"] == 1
    assert scene.outlet.calls.count("update") == 1


def test_a_revoked_token_pauses_all_lanes_with_one_call_each_and_burns_no_attempt(scene: Scene) -> None:
    scene.cards(100)
    scene.outlet.fail_next("post", REVOKED)
    scene.outlet.fail_next("check", REVOKED, times=20)

    for _ in range(60):
        scene.relay.deliver_due()
        scene.clock.pass_(seconds=1)

    assert scene.outlet.calls.count("post") == 1
    # Probes come after 5, 10, 20, 40 … seconds, and at most once a minute.
    assert scene.outlet.calls.count("check") == 3
    assert scene.relay.line.pause is not None
    assert scene.relay.line.pause.code == "token_revoked"
    assert scene.attempts() == {0}


def test_a_dead_token_is_noticed_while_nothing_is_to_be_said(scene: Scene) -> None:
    scene.outlet.fail_next("check", OutletDoubtful("time-out", code="no_answer"))
    scene.relay.line.look()
    assert scene.relay.line.pause is None

    scene.outlet.fail_next("check", REVOKED)
    scene.relay.line.look()
    scene.cards(1)
    assert scene.relay.deliver_due() == 0
    assert scene.outlet.calls == ["check", "check"]


def test_the_line_resumes_by_itself_and_everything_leaves_once(scene: Scene) -> None:
    scene.cards(3)
    scene.outlet.fail_next("post", REVOKED)
    scene.outlet.fail_next("check", REVOKED)

    for _ in range(20):
        scene.relay.deliver_due()
        scene.clock.pass_(seconds=1)

    assert scene.relay.line.pause is None
    assert scene.outlet.keys == ["CB-1:card", "CB-2:card", "CB-3:card"]


def test_a_clock_that_is_set_back_stops_neither_lanes_nor_probes(scene: Scene) -> None:
    scene.cards(BURST + 2)
    scene.relay.deliver_due()
    scene.outlet.fail_next("post", REVOKED)
    scene.clock.pass_(seconds=2)
    scene.relay.deliver_due()
    assert scene.relay.line.pause is not None

    scene.clock.pass_(hours=-1)
    scene.store.clock_went_back(scene.clock.now(), NOW)
    scene.relay.deliver_due()

    assert len(scene.outlet.posted) == BURST + 2


def test_a_hold_from_before_the_clock_was_set_back_does_not_count(scene: Scene) -> None:
    scene.cards(1)
    with scene.store.begin() as tx:
        tx.outbox.hold(CHANNEL, scene.clock.now(), now=scene.clock.now())
        tx.outbox.hold(CHANNEL, scene.clock.pass_(minutes=1), now=NOW)
    scene.clock.pass_(hours=-1)
    scene.store.clock_went_back(scene.clock.now(), NOW)

    scene.relay.deliver_due()

    assert len(scene.outlet.posted) == 1


def test_what_dies_in_a_closed_channel_reaches_operators_in_one_message(store: Store, clock: ManualClock) -> None:
    scene = make_scene(store, clock, FakeOutlet(closed={CHANNEL}), usual=None)
    scene.cards(30)

    for _ in range(35):
        scene.relay.deliver_due()
        clock.pass_(minutes=2)

    told = [one.message.text for one in scene.outlet.posted if one.channel == OPS]
    assert len(told) == 2
    assert "'refused'" in told[0]
    assert "'count': 30" in told[1]
    assert "card PENDING 1" in told[1]
    with store.begin() as tx:
        assert len(tx.outbox.dead(100)) == 30
        assert tx.outbox.unreported(100) == []


def test_what_operators_cannot_be_told_makes_no_dead_letter_about_itself(store: Store, clock: ManualClock) -> None:
    scene = make_scene(store, clock, FakeOutlet(closed={OPS}))
    request = stored_request(store)
    write_notice(store, request, NoticeKind.CARD, "card")
    scene.relay.deliver_due()
    scene.outlet.fail_next("post", OutletRefused("no", code="msg_too_long"))
    write_notice(store, request, NoticeKind.STARTED, "dead")

    for _ in range(40):
        scene.relay.deliver_due()
        clock.pass_(minutes=2)

    with store.begin() as tx:
        dead = tx.outbox.dead(100)
        assert tx.outbox.unreported(100) == []
    assert sorted(letter.notice.kind for letter in dead) == [NoticeKind.OPS, NoticeKind.STARTED]


def test_a_channel_that_lets_the_bot_in_again_gets_all_that_waited(store: Store, clock: ManualClock) -> None:
    scene = make_scene(store, clock, FakeOutlet(closed={CHANNEL}), usual=None)
    scene.cards(4)
    scene.relay.deliver_due()

    scene.outlet.closed.clear()
    for _ in range(4):
        clock.pass_(minutes=2)
        scene.relay.deliver_due()

    assert scene.posted()[CHANNEL] == 4
    with store.begin() as tx:
        assert tx.outbox.dead(10) == []


def test_operators_are_told_once_of_each_time_that_a_channel_is_closed(store: Store, clock: ManualClock) -> None:
    scene = make_scene(store, clock, FakeOutlet(), usual=None)
    told = []
    for incident in range(2):
        scene.outlet.closed.add(CHANNEL)
        for number in range(3):
            request = stored_request(store, draft_id=f"{incident}-{number}")
            write_notice(store, request, NoticeKind.CARD, f"{request.id}:card")
        for _ in range(4):
            scene.relay.deliver_due()
            clock.pass_(minutes=2)
        scene.outlet.closed.clear()
        for _ in range(4):
            scene.relay.deliver_due()
            clock.pass_(minutes=2)
        told.append(scene.posted()[OPS])

    assert scene.posted()[CHANNEL] == 6
    assert told == [1, 2]


def test_a_card_comes_up_to_date_once_its_channel_is_open_again_however_late(store: Store, clock: ManualClock) -> None:
    """What it was to be told meanwhile is given up, and operators hear of that; the card must not stay untrue."""
    scene = make_scene(store, clock, FakeOutlet(), usual=None)
    request = stored_request(store)
    write_notice(store, request, NoticeKind.CARD, "card")
    scene.relay.deliver_due()
    scene.outlet.closed.add(CHANNEL)
    write_notice(store, request, NoticeKind.CARD, "newer")
    write_notice(store, request, NoticeKind.STARTED, "said")

    for _ in range(100):
        scene.relay.deliver_due()
        clock.pass_(minutes=3)

    with store.begin() as tx:
        assert [letter.notice.dedup_key for letter in tx.outbox.dead(10)] == ["said"]
        assert [one.channel for one in tx.overview.closed_channels()] == [CHANNEL]
    assert scene.posted()[OPS] == 2
    scene.outlet.closed.clear()
    (card,) = (one for one in scene.outlet.posted if one.channel == CHANNEL)
    untrue = card.message
    for _ in range(21):
        scene.relay.deliver_due()
        clock.pass_(minutes=3)
    assert card.message is not untrue
    with store.begin() as tx:
        assert tx.overview.closed_channels() == []
        assert tx.outbox.lanes(clock.now()) == []


def test_what_comes_late_into_a_closed_channel_waits_an_hour_of_its_own(store: Store, clock: ManualClock) -> None:
    scene = make_scene(store, clock, FakeOutlet(closed={CHANNEL}), usual=None)
    scene.cards(1)
    scene.relay.deliver_due()
    clock.pass_(minutes=50)
    request = stored_request(store, draft_id="late", at=clock.now())
    with store.begin() as tx:
        tx.outbox.write(NewNotice(request.id, NoticeKind.CARD, "late", CHANNEL, clock.now()))
    for _ in range(6):
        clock.pass_(minutes=3)
        scene.relay.deliver_due()
    with store.begin() as tx:
        assert [letter.notice.dedup_key for letter in tx.outbox.dead(10)] == ["CB-1:card"]

    scene.outlet.closed.clear()
    clock.pass_(minutes=3)
    scene.relay.deliver_due()

    assert "late" in scene.outlet.keys


def test_a_dead_letter_without_words_is_reported_and_stops_no_lane(scene: Scene) -> None:
    def stammering(notice: Notice, request: CopyRequest | None) -> Message:
        if notice.dedup_key == "dead":
            raise KeyError("a defect")
        return in_short(notice, request)

    scene.cards(1)
    write_notice(scene.store, read_request(scene.store, "CB-1"), NoticeKind.APPROVED, "dead")
    relay = replace(scene.relay, words=stammering)
    for _ in range(MOST_ATTEMPTS + 1):
        relay.deliver_due()
        scene.clock.pass_(minutes=2)
    scene.cards(1, "C0ELSE")

    relay.deliver_due()

    assert scene.posted() == {CHANNEL: 1, "C0ELSE": 1, OPS: 1}
    (told,) = (one.message.text for one in scene.outlet.posted if one.channel == OPS)
    assert "'error': 'it cannot be put into words'" in told


def test_an_outcome_that_cannot_be_placed_is_said_in_its_thread_and_stops_no_lane(
    store: Store, clock: ManualClock
) -> None:
    scene = make_scene(store, clock, FakeOutlet())
    # Nothing that a route could look at has this name.
    policy = a_policy(notices=NoticePolicy(routes=(Route("C0AUDIT", when=(("a defect", "*"),)),)))
    scene.relay = Relay(store, scene.outlet, in_short, policy, clock, patience=PATIENT)
    scene.cards(1)
    write_notice(store, read_request(store, "CB-1"), NoticeKind.COMPLETED, "done")
    scene.cards(1, "C0ELSE")

    scene.relay.deliver_due()

    assert sorted(scene.outlet.keys) == ["CB-1:card", "CB-2:card", "done"]


class Unreportable(Refusals):
    """Refusals whose report does not work, whatever it may be."""

    def report(self) -> int:
        raise RuntimeError("a defect")


def test_what_goes_wrong_beside_the_lanes_is_raised_when_they_are_served(scene: Scene) -> None:
    scene.relay.refusals = Unreportable(scene.store, in_short, a_policy(), scene.clock)
    scene.cards(1)

    with pytest.raises(RuntimeError):
        scene.relay.deliver_due()

    assert scene.posted() == {CHANNEL: 1}


def test_a_thread_that_takes_nothing_is_begun_anew_with_the_card(scene: Scene) -> None:
    scene.cards(1)
    scene.relay.deliver_due()
    request = read_request(scene.store, "CB-1")
    scene.outlet.fail_next("post", OutletRefused("no", code="thread_not_found"))
    write_notice(scene.store, request, NoticeKind.STARTED, "started")

    scene.relay.deliver_due()

    first, card, started = scene.outlet.posted
    assert card.thread_ts is None
    assert started.thread_ts == card.ts != first.ts


def test_a_whisper_whose_fate_is_unknown_is_marked_when_it_is_repeated(scene: Scene) -> None:
    scene.cards(1)
    scene.relay.deliver_due()
    scene.outlet.fail_next("whisper", OutletDoubtful("time-out", code="no_answer"))
    write_notice(scene.store, read_request(scene.store, "CB-1"), NoticeKind.PRIVATE, "hint", audience="U0ANNA")

    for _ in range(2):
        scene.relay.deliver_due()
        scene.clock.pass_(seconds=5)

    assert [text for _, _, text in scene.outlet.whispers] == ["private PENDING 1 (maybe again)"]
