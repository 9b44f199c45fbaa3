"""Where and when outcomes are said: routes, quiet hours over changes of the clocks, the digest, failures at once."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time
from typing import Any

import pytest

from bot.domain.books import Store
from bot.domain.copies import adopted
from bot.domain.notices import Manner, Notice, NoticeKind
from bot.domain.ports import Message, Words
from bot.domain.requests import CopyRequest
from bot.domain.routing import TOGETHER, Digest, NoticePolicy, Placement, Quiet, Route, crowded, place
from bot.domain.steps import RECORD_GONE
from bot.slack.describe import Names
from bot.slack.messages import in_words
from bot.workflows.copy_notices import say_of
from bot.workflows.outbox import Relay
from bot.workflows.routing import DigestWriter, Router
from tests.unit.builders import ACCOUNTS, CHANNEL, a_point, a_policy, a_request, stored_request, write_notice
from tests.unit.fakes import NOW, PATIENT, FakeOutlet, ManualClock
from tests.unit.golden_files import marked_texts
from tests.unit.test_relay import in_short

BERLIN = "Europe/Berlin"
NIGHT = Quiet(time(22), time(7), BERLIN)
MORNING = Digest(time(9), BERLIN, "C0DIGEST")
AUDIT, ONCALL = Route("C0AUDIT"), Route("C0ONCALL", about=(NoticeKind.FAILED,), instead=True)


def at(text: str) -> datetime:
    """A moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def a_notice(kind: NoticeKind = NoticeKind.COMPLETED, **facts: object) -> Notice:
    return Notice(7, "CB-42", 7, kind, "key", CHANNEL, "", facts, 0, False, NOW, stream="CB-42")


def placed(kind: NoticeKind, policy: NoticePolicy, now: datetime = NOW, **facts: object) -> Placement:
    return place(a_notice(kind, **facts), a_request(), policy, ACCOUNTS, now)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-11-22T20:59:59", None),
        ("2026-11-22T21:00:00", "2026-11-23T06:00:00"),
        ("2026-11-23T05:59:59", "2026-11-23T06:00:00"),
        ("2026-11-23T06:00:00", None),
        # The night in which Berlin's clocks go forward is an hour shorter, the other one an hour longer.
        ("2026-03-28T21:30:00", "2026-03-29T05:00:00"),
        ("2026-10-24T20:30:00", "2026-10-25T06:00:00"),
        # In summer 22:00 comes an hour earlier by UTC.
        ("2026-07-01T20:00:00", "2026-07-02T05:00:00"),
        ("2026-07-01T19:59:59", None),
    ],
)
def test_quiet_hours_follow_the_wall_clock(now: str, until: str | None) -> None:
    assert NIGHT.until(at(now)) == (at(until) if until else None)


@pytest.mark.parametrize(
    ("now", "until"),
    [
        # 02:30 does not exist on this morning: it is over when the clocks show 03:30.
        ("2026-03-29T00:15:00", "2026-03-29T01:30:00"),
        # 02:30 comes twice on this one, and the hours that begin again are quiet until it comes again.
        ("2026-10-25T00:15:00", "2026-10-25T00:30:00"),
        ("2026-10-25T01:15:00", "2026-10-25T01:30:00"),
        ("2026-10-25T01:30:00", None),
    ],
)
def test_an_end_that_does_not_exist_or_comes_twice_still_comes(now: str, until: str | None) -> None:
    assert Quiet(time(1), time(2, 30), BERLIN).until(at(now)) == (at(until) if until else None)


def test_quiet_hours_within_a_day() -> None:
    lunch = Quiet(time(12), time(14), "UTC")

    assert lunch.until(at("2026-11-22T12:30:00")) == at("2026-11-22T14:00:00")
    assert lunch.until(at("2026-11-22T11:59:59")) is None
    assert lunch.until(at("2026-11-22T14:00:00")) is None


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-22T07:59:59", "2026-11-22T08:00:00"),
        ("2026-11-22T08:00:00", "2026-11-23T08:00:00"),
        ("2026-03-28T09:00:00", "2026-03-29T07:00:00"),
        ("2026-10-24T09:00:00", "2026-10-25T08:00:00"),
    ],
)
def test_the_digest_comes_at_the_same_time_by_the_wall_clock(now: str, expected: str) -> None:
    assert MORNING.next(at(now)) == at(expected)


def test_without_any_policy_everything_is_said_in_its_thread_at_once() -> None:
    assert placed(NoticeKind.COMPLETED, NoticePolicy()) == Placement(Manner.THREAD, "CB-42")


def test_every_route_that_matches_announces_and_each_channel_once() -> None:
    policy = NoticePolicy(routes=(AUDIT, Route("C0AUDIT"), Route(CHANNEL), ONCALL))

    assert placed(NoticeKind.COMPLETED, policy).also == ("C0AUDIT",)
    assert placed(NoticeKind.FAILED, policy).also == ("C0AUDIT", "C0ONCALL")


def test_a_route_instead_leaves_the_message_in_its_thread_only() -> None:
    policy = NoticePolicy(routes=(AUDIT, ONCALL))

    assert placed(NoticeKind.COMPLETED, policy).manner is Manner.THREAD
    assert placed(NoticeKind.FAILED, policy).manner is Manner.QUIETLY


@pytest.mark.parametrize(
    ("when", "matches"),
    [
        ({"table": "orders"}, True),
        ({"table": "ord*", "source_account": "prod"}, True),
        ({"destination_account": "backup", "destination_region": "eu-*", "action": "copy"}, True),
        ({"table": "customers"}, False),
        ({"table": "orders", "source_account": "backup"}, False),
    ],
)
def test_routes_look_at_tables_and_accounts(when: dict[str, str], matches: bool) -> None:
    policy = NoticePolicy(routes=(Route("C0TEAM", tuple(when.items())),))

    assert placed(NoticeKind.COMPLETED, policy).also == (("C0TEAM",) if matches else ())


MIDNIGHT = at("2026-11-22T23:00:00")
NOON = at("2026-11-22T11:00:00")
SEVEN, NINE, NEXT_NINE = at("2026-11-23T06:00:00"), at("2026-11-23T08:00:00"), at("2026-11-23T08:00:00")


@pytest.mark.parametrize(
    ("kind", "facts", "now", "waits"),
    [
        (NoticeKind.COMPLETED, {}, MIDNIGHT, True),
        (NoticeKind.COMPLETED, {}, NOON, False),
        (NoticeKind.EXPIRED, {}, MIDNIGHT, True),
        (NoticeKind.EXPIRED, {"early": False, "unseen": True}, MIDNIGHT, True),
        (NoticeKind.EXPIRED, {"early": True}, MIDNIGHT, False),
        (NoticeKind.EXPIRED, {"early": False, "undeletable": True}, MIDNIGHT, False),
        (NoticeKind.EXPIRING, {"lead_days": 30}, MIDNIGHT, True),
        (NoticeKind.EXPIRING, {"lead_days": 7}, MIDNIGHT, True),
        (NoticeKind.EXPIRING, {"lead_days": 1}, MIDNIGHT, False),
        (NoticeKind.EXPIRING, {"lead_days": 7, "delete_at": int(NOW.timestamp()) + 86_400}, MIDNIGHT, False),
        (NoticeKind.EXPIRING, {"lead_days": 7, "delete_at": int(NOW.timestamp()) + 86_401}, MIDNIGHT, True),
        (NoticeKind.EXPIRING, {"lead_days": 30, "urgent": True}, MIDNIGHT, False),
        (NoticeKind.FAILED, {}, MIDNIGHT, False),
    ],
)
def test_quiet_hours_hold_back_what_can_wait_and_never_a_failure(
    kind: NoticeKind, facts: dict[str, Any], now: datetime, waits: bool
) -> None:
    placement = placed(kind, NoticePolicy(quiet=NIGHT), now, **facts)

    assert placement.not_before == (SEVEN if waits else None)
    assert placement.stream == ("CB-42~later" if waits else "CB-42")


@pytest.mark.parametrize(
    ("kind", "facts", "now", "digest"),
    [
        (NoticeKind.EXPIRING, {"lead_days": 30}, NOON, NEXT_NINE),
        (NoticeKind.EXPIRING, {"lead_days": 7}, NOON, None),
        (NoticeKind.EXPIRING, {"lead_days": 7}, MIDNIGHT, NINE),
        (NoticeKind.COMPLETED, {}, MIDNIGHT, NINE),
        (NoticeKind.COMPLETED, {}, NOON, None),
        (NoticeKind.FAILED, {}, MIDNIGHT, None),
    ],
)
def test_the_digest_tells_of_far_ends_and_of_what_the_night_held_back(
    kind: NoticeKind, facts: dict[str, Any], now: datetime, digest: datetime | None
) -> None:
    placement = placed(kind, NoticePolicy(quiet=NIGHT, digest=MORNING), now, **facts)

    assert (placement.digest_at, placement.not_before) == (digest, digest)


def test_a_digest_never_breaks_the_quiet_hours() -> None:
    early = Digest(time(6), BERLIN, "C0DIGEST")

    placement = placed(NoticeKind.COMPLETED, NoticePolicy(quiet=NIGHT, digest=early), MIDNIGHT)

    assert placement.digest_at == at("2026-11-24T05:00:00")


def relay_of(
    store: Store, outlet: FakeOutlet, clock: ManualClock, notices: NoticePolicy, words: Words = in_short
) -> Relay:
    return Relay(store, outlet, words, a_policy(notices=notices), clock, patience=PATIENT)


def test_a_routed_outcome_is_said_in_the_thread_and_as_a_message_in_the_other_channel(
    store: Store, clock: ManualClock
) -> None:
    outlet, request = FakeOutlet(), stored_request(store)
    write_notice(store, request, NoticeKind.CARD, "card")
    write_notice(store, request, NoticeKind.COMPLETED, "done")

    relay_of(store, outlet, clock, NoticePolicy(routes=(AUDIT,))).deliver_due()

    here = [one for one in outlet.posted if one.channel == CHANNEL]
    there = [one for one in outlet.posted if one.channel == "C0AUDIT"]
    assert [(one.key, one.thread_ts) for one in here] == [("card", None), ("done", here[0].ts)]
    assert [(one.key, one.thread_ts) for one in there] == [("done@C0AUDIT", None)]


def test_a_route_into_a_closed_channel_holds_up_nothing_and_moves_no_request(store: Store, clock: ManualClock) -> None:
    outlet, request = FakeOutlet(closed={"C0AUDIT"}), stored_request(store)
    write_notice(store, request, NoticeKind.CARD, "card")
    write_notice(store, request, NoticeKind.COMPLETED, "done")
    write_notice(store, request, NoticeKind.EXPIRED, "gone")

    relay_of(store, outlet, clock, NoticePolicy(routes=(AUDIT,))).deliver_due()

    assert outlet.keys == ["card", "done", "gone"]
    assert {one.channel for one in outlet.posted} == {CHANNEL}


def test_what_waits_overnight_is_said_in_the_morning_and_told_by_one_digest(store: Store) -> None:
    clock = ManualClock(MIDNIGHT)
    outlet, request = FakeOutlet(), stored_request(store)
    policy = NoticePolicy(quiet=NIGHT, digest=MORNING)
    relay = relay_of(store, outlet, clock, policy)
    digest = DigestWriter(store, outlet, in_short, a_policy(notices=policy), clock)
    write_notice(store, request, NoticeKind.CARD, "card")
    write_notice(store, request, NoticeKind.COMPLETED, "done")
    write_notice(store, request, NoticeKind.EXPIRING, "ends", lead_days=30)
    write_notice(store, request, NoticeKind.FAILED, "failed")

    def run() -> None:
        digest.write_due()
        relay.deliver_due()

    run()
    assert outlet.keys == ["card", "failed"]
    clock.pass_(hours=8, minutes=59)
    run()
    assert outlet.keys == ["card", "failed"]

    clock.pass_(minutes=1)
    run()

    assert outlet.keys[2:] != []
    assert sorted(outlet.keys[2:]) == sorted(["digest:C0DIGEST:3", "done", "ends"])
    told = next(one for one in outlet.posted if one.channel == "C0DIGEST").message.text
    assert "'count': 2" in told
    assert "p1700000000000001" in told
    clock.pass_(hours=48)
    run()
    assert len(outlet.keys) == 5


def test_two_routers_decide_about_a_notice_once(store: Store, clock: ManualClock) -> None:
    request = stored_request(store)
    write_notice(store, request, NoticeKind.COMPLETED, "done")
    policy = a_policy(notices=NoticePolicy(routes=(AUDIT,)))

    assert Router(store, policy, clock).route_new() == 1
    assert Router(store, policy, clock).route_new() == 0


def test_outcomes_that_come_at_once_are_shown_by_one_message_in_each_of_their_channels(
    store: Store, clock: ManualClock
) -> None:
    outlet = FakeOutlet()
    policy = NoticePolicy(routes=(AUDIT,))
    relay = relay_of(store, outlet, clock, policy)
    digest = DigestWriter(store, outlet, in_short, a_policy(notices=policy), clock)
    for number in range(TOGETHER + 1):
        request = stored_request(store, draft_id=f"draft-{number}")
        write_notice(store, request, NoticeKind.CARD, f"card-{number}")
        write_notice(store, request, NoticeKind.COMPLETED, f"done-{number}", together=True)

    for _ in range(20):
        relay.deliver_due()
        digest.write_due()
        clock.pass_(seconds=1)

    done = [one for one in outlet.posted if one.key.startswith("done-")]
    assert [one.key for one in done] == [f"done-{number}" for number in range(TOGETHER + 1)]
    assert not any(one.message.broadcast for one in done)
    gathered = [one for one in outlet.posted if one.key.startswith("digest:")]
    assert sorted(one.channel for one in gathered) == ["C0AUDIT", CHANNEL]
    assert all(f"'count': {TOGETHER + 1}" in one.message.text for one in gathered)


def test_a_channel_is_crowded_by_more_than_a_few_and_another_one_is_not() -> None:
    many = {f"step-{number}": CHANNEL for number in range(TOGETHER + 1)}
    few = {f"other-{number}": "C0OTHER" for number in range(TOGETHER)}

    assert crowded({**many, **few}) == set(many)


def test_what_comes_with_others_in_the_quiet_hours_waits_for_their_end() -> None:
    placement = placed(NoticeKind.COMPLETED, NoticePolicy(quiet=NIGHT, routes=(AUDIT,)), MIDNIGHT, together=True)

    assert (placement.manner, placement.digest_at, placement.not_before) == (Manner.QUIETLY, SEVEN, SEVEN)
    assert placement.also == ()


def test_what_is_told_of_an_adopted_copy_goes_to_its_channel_and_to_those_of_routes_without_buttons(
    store: Store, clock: ManualClock
) -> None:
    outlet = FakeOutlet()
    dr = Route("C0ORDERS", when=(("destination_vault", "main"), ("table", "ord*"), ("source_account", "prod")))
    relay = relay_of(store, outlet, clock, NoticePolicy(routes=(dr, Route("C0NEVER", when=(("table", "users"),)))))
    copy = adopted(a_point(), CHANNEL, None, NOW)
    with store.begin() as tx:
        assert say_of(tx, copy, NoticeKind.EXPIRING, NOW, "ends", {"lead_days": 7})
        assert not say_of(tx, replace(copy, channel=""), NoticeKind.EXPIRED, NOW, "gone", {})

    relay.deliver_due()

    assert sorted((one.channel, one.thread_ts) for one in outlet.posted) == [(CHANNEL, None), ("C0ORDERS", None)]


def test_what_is_told_of_an_adopted_copy_waits_for_the_end_of_the_quiet_hours_unless_it_is_the_last(
    store: Store,
) -> None:
    clock = ManualClock(MIDNIGHT)
    outlet = FakeOutlet()
    relay = relay_of(store, outlet, clock, NoticePolicy(quiet=NIGHT))
    copy = adopted(a_point(), CHANNEL, None, NOW)
    with store.begin() as tx:
        say_of(tx, copy, NoticeKind.EXPIRING, MIDNIGHT, "waits", {"lead_days": 7})
        say_of(tx, copy, NoticeKind.EXPIRING, MIDNIGHT, "last", {"lead_days": 7, "urgent": True})

    relay.deliver_due()
    assert outlet.keys == ["adopted:expiring:last"]
    clock.pass_(hours=7, minutes=1)
    relay.deliver_due()

    assert outlet.keys == ["adopted:expiring:last", "adopted:expiring:waits"]


def test_many_adopted_copies_that_end_at_once_are_told_by_one_message_and_never_again(
    store: Store, clock: ManualClock
) -> None:
    outlet, policy = FakeOutlet(), NoticePolicy()
    relay = relay_of(store, outlet, clock, policy)
    digest = DigestWriter(store, outlet, in_short, a_policy(notices=policy), clock)
    for number in range(TOGETHER + 1):
        copy = adopted(replace(a_point(), arn=f"arn:{number}"), CHANNEL, None, NOW)
        with store.begin() as tx:
            say_of(tx, copy, NoticeKind.EXPIRING, NOW, f"ends-{number}", {"lead_days": 7, "together": True})

    for _ in range(20):
        relay.deliver_due()
        digest.write_due()
        clock.pass_(seconds=1)

    (said,) = outlet.posted
    assert (said.channel, f"'count': {TOGETHER + 1}" in said.message.text) == (CHANNEL, True)
    with store.read() as tx:
        assert tx.outbox.was_written("adopted:expiring:ends-0")


@dataclass
class Pass:
    """Outcomes that come in one pass, and what Slack shows after a while."""

    store: Store
    clock: ManualClock
    outlet: FakeOutlet = field(default_factory=FakeOutlet)

    def adopted_end(self, numbers: Iterable[int], **facts: object) -> None:
        for number in numbers:
            copy = adopted(replace(a_point(f"orders-{number:02}"), arn=f"arn:{number}"), CHANNEL, None, NOW)
            with self.store.begin() as tx:
                more = {"lead_days": 7, "together": True, **facts}
                say_of(tx, copy, NoticeKind.EXPIRING, NOW, f"ends-{number}", more)

    def jobs_end(self, kind: NoticeKind, numbers: Iterable[int], category: str = "") -> None:
        request = stored_request(self.store, draft_id=f"{kind} {category}")
        write_notice(self.store, request, NoticeKind.CARD, f"card-{request.id}")
        for number in numbers:
            facts: dict[str, Any] = {"together": True, "number": number, "category": category}
            write_notice(self.store, request, kind, f"{kind}-{number:02}", **facts)

    def shown(self) -> list[Message]:
        """What the channel shows of them, oldest first; threads are not looked at."""
        policy = NoticePolicy()
        relay = relay_of(self.store, self.outlet, self.clock, policy, in_number)
        digest = DigestWriter(self.store, self.outlet, in_number, a_policy(notices=policy), self.clock)
        for _ in range(60):
            relay.deliver_due()
            digest.write_due()
            self.clock.pass_(seconds=2)
        return [one.message for one in self.outlet.posted if one.thread_ts is None and not one.key.startswith("card-")]


def in_number(notice: Notice, request: CopyRequest | None) -> Message:
    """As people read it, where it is about many; else what it is about."""
    if notice.kind is NoticeKind.DIGEST:
        return in_words(Names(ACCOUNTS))(notice, request)
    return Message(f"{notice.kind} {notice.facts.get('table') or notice.facts.get('number')}", ({"type": "divider"},))


def head_of(message: Message) -> str:
    return marked_texts(list(message.blocks))[0]


def lines_of(message: Message) -> list[str]:
    """The lines of a message about many, without the links to their threads."""
    texts = marked_texts(list(message.blocks))[1:]
    return [line.rpartition("> ")[2].removeprefix("• ") for text in texts for line in text.split("\n")]


def test_of_adopted_copies_each_has_its_line_however_many_end_at_once(store: Store, clock: ManualClock) -> None:
    scene = Pass(store, clock)
    scene.adopted_end(range(50))

    first, second = scene.shown()

    assert [*lines_of(first), *lines_of(second)] == [f"expiring orders-{number:02}" for number in range(50)]
    assert "50 expiry warnings came in at once* (1 of 2), soonest end first" in head_of(first)
    assert "50 expiry warnings came in at once* (2 of 2), soonest end first" in head_of(second)


def test_a_last_copy_and_one_that_ends_tomorrow_are_no_line_among_many(store: Store, clock: ManualClock) -> None:
    scene = Pass(store, clock)
    scene.adopted_end(range(6))
    scene.adopted_end([6], urgent=True)
    scene.adopted_end([7], lead_days=1)

    first, second, many = scene.shown()

    assert {first.text, second.text} == {"expiring orders-06", "expiring orders-07"}
    assert lines_of(many) == [f"expiring orders-{number:02}" for number in range(6)]


def test_failures_come_first_among_many_and_all_of_them_have_a_line(store: Store, clock: ManualClock) -> None:
    scene = Pass(store, clock)
    scene.jobs_end(NoticeKind.COMPLETED, range(45))
    scene.jobs_end(NoticeKind.FAILED, range(2))
    scene.jobs_end(NoticeKind.FAILED, range(2, 3), RECORD_GONE)

    (said,) = scene.shown()

    lines = lines_of(said)
    assert lines[:4] == ["failed 0", "failed 1", "failed 2", "completed 0"]
    assert lines[39:] == ["completed 36", "… and 8 more, each in its thread: see `/copy-backup list all`."]
    assert "*48 outcomes came in at once: 2 failed, 1 not known*" in head_of(said)


def test_more_failures_than_a_message_holds_go_on_in_the_next(store: Store, clock: ManualClock) -> None:
    scene = Pass(store, clock)
    scene.jobs_end(NoticeKind.COMPLETED, range(39))
    scene.jobs_end(NoticeKind.FAILED, range(43))

    first, second = scene.shown()

    assert lines_of(first) == [f"failed {number}" for number in range(40)]
    assert lines_of(second) == [
        *(f"failed {number}" for number in range(40, 43)),
        *(f"completed {number}" for number in range(37)),
        "… and 2 more, each in its thread: see `/copy-backup list all`.",
    ]


def test_an_outcome_without_words_is_only_named_by_the_message_for_many(store: Store, clock: ManualClock) -> None:
    def stammering(notice: Notice, request: CopyRequest | None) -> Message:
        if notice.dedup_key == "done-1":
            raise KeyError("a defect")
        return in_short(notice, request)

    outlet, policy = FakeOutlet(), NoticePolicy()
    relay, request = relay_of(store, outlet, clock, policy), stored_request(store)
    write_notice(store, request, NoticeKind.CARD, "card")
    for number in range(TOGETHER + 1):
        write_notice(store, request, NoticeKind.COMPLETED, f"done-{number}", together=True)
    relay.deliver_due()
    clock.pass_(minutes=1)

    assert DigestWriter(store, outlet, stammering, a_policy(notices=policy), clock).write_due() == TOGETHER + 1
    relay.deliver_due()
    (digest,) = (one.message.text for one in outlet.posted if one.key.startswith("digest:"))
    assert digest.count("'text': 'completed'") == 1
