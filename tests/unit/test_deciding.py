"""Deciding: written down first, judged by the tables and by Slack as they are, and counted once."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

import pytest

from bot.domain.approvals import Ruling
from bot.domain.books import StepChange, Store, Tx
from bot.domain.errors import OutletDoubtful
from bot.domain.notices import NoticeKind
from bot.domain.people import Actor, Person
from bot.domain.requests import RequestState, Verdict
from bot.domain.sentences import BOT, DEACTIVATED, ELSEWHERE, GONE, GUEST, OTHER_WORKSPACE
from bot.domain.steps import Failure, StepState
from tests.contract.store_threads import at_once
from tests.unit.builders import (
    ANNA,
    BEN,
    CHRIS,
    a_click,
    notices_of,
)
from tests.unit.deciding_scene import OUTSIDER, SILENCE, TWO, Scene, make_scene
from tests.unit.fakes import HOME, ManualClock


@pytest.fixture
def scene(store: Store, clock: ManualClock) -> Scene:
    return make_scene(store, clock)


def test_an_approval_makes_the_copy_due_and_is_told(scene: Scene) -> None:
    assert scene.click(BEN, note="fine") == ""

    request = scene.now()
    assert request.state is RequestState.APPROVED
    assert [(one.actor, one.verdict, one.note) for one in request.decisions] == [(BEN, Verdict.APPROVE, "fine")]
    assert request.steps[0].next_poll_at == scene.clock.now()
    assert scene.said() == [NoticeKind.APPROVED]
    assert set(scene.nudges.names) == {"relay", "start"}


def test_a_rejection_ends_the_request_with_its_reason(scene: Scene) -> None:
    assert scene.click(BEN, Verdict.REJECT, note="Use the other vault.") == ""

    assert scene.now().state is RequestState.REJECTED
    assert scene.now().finished_at == scene.clock.now()
    kinds = dict(notices_of(scene.store, scene.clock.now()))
    assert kinds[NoticeKind.REJECTED] == {"by": "U0BEN", "note": "Use the other vault."}


def test_who_asked_can_cancel(scene: Scene) -> None:
    assert scene.click(ANNA, Verdict.CANCEL) == ""
    assert scene.now().state is RequestState.CANCELLED
    assert scene.said() == [NoticeKind.CANCELLED]


def test_nobody_else_can_cancel(scene: Scene) -> None:
    assert scene.click(BEN, Verdict.CANCEL) == (
        "Only the person who asked can cancel a request. Approvers can reject it."
    )
    assert scene.now().state is RequestState.PENDING


def test_a_late_click_changes_nothing_and_names_who_decided(scene: Scene) -> None:
    scene.click(BEN, Verdict.REJECT)

    assert scene.click(CHRIS) == "CB-1 was rejected by <@U0BEN>; your click changed nothing."
    assert scene.now().state is RequestState.REJECTED


@pytest.mark.parametrize(
    ("actor", "verdict", "sentence"),
    [
        (ANNA, Verdict.APPROVE, "You asked for this, so somebody else has to decide about it."),
        (OUTSIDER, Verdict.APPROVE, "You are not one of the approvers of this request."),
        (OUTSIDER, Verdict.REJECT, "You are not one of the approvers of this request."),
        (
            Actor("U0BEN", "T0PARTNER"),
            Verdict.APPROVE,
            "Only people of the workspace that owns this bot can decide about a request.",
        ),
    ],
)
def test_a_click_of_the_wrong_person_counts_for_nothing(
    scene: Scene, actor: Actor, verdict: Verdict, sentence: str
) -> None:
    assert scene.click(actor, verdict) == sentence

    assert scene.now() == replace(scene.request)
    assert scene.said() == []


def test_who_somebody_is_counts_at_the_click(scene: Scene) -> None:
    scene.people.known["U0BEN"] = Person("U0BEN", HOME, is_deactivated=True)

    assert scene.click(BEN) == "This account is deactivated."


@pytest.mark.parametrize("guests", [True, False])
@pytest.mark.parametrize(
    ("who", "sentence"),
    [
        ({"is_guest": True}, ""),
        ({"is_guest": True, "is_bot": True}, BOT),
        ({"is_guest": True, "is_deactivated": True}, DEACTIVATED),
        ({"is_guest": True, "team_id": "T0PARTNER"}, OTHER_WORKSPACE),
    ],
)
def test_a_guest_counts_where_the_rule_allows_guests_and_no_other_stranger_does(
    store: Store, clock: ManualClock, guests: bool, who: dict[str, bool], sentence: str
) -> None:
    told = sentence if guests else sentence or f"{GUEST} Ask <!subteam^S0ADMINS>."
    scene = make_scene(store, clock, Ruling(("S0ADMINS",), allow_guests=guests))
    scene.people.known["U0BEN"] = replace(Person("U0BEN", HOME), **who)  # type: ignore[arg-type]  # fields of a Person

    assert scene.click(BEN) == told
    assert scene.now().state is (RequestState.PENDING if told else RequestState.APPROVED)


def test_who_left_the_group_cannot_approve_any_more(scene: Scene) -> None:
    scene.people.groups["S0ADMINS"] = frozenset({"U0CHRIS"})

    assert scene.click(BEN) == "You are not one of the approvers of this request."


def test_self_approval_counts_where_the_rule_allows_it(store: Store, clock: ManualClock) -> None:
    scene = make_scene(store, clock, Ruling(("S0ADMINS", "U0ANNA"), allow_self=True))

    assert scene.click(ANNA) == ""
    assert scene.now().state is RequestState.APPROVED


def test_every_needed_approval_is_waited_for(store: Store, clock: ManualClock) -> None:
    scene = make_scene(store, clock, TWO)

    assert scene.click(BEN) == ""
    assert scene.now().state is RequestState.PENDING
    assert scene.now().steps[0].next_poll_at is None
    assert scene.click(CHRIS) == ""

    assert scene.now().state is RequestState.APPROVED
    assert scene.said() == [NoticeKind.APPROVED, NoticeKind.APPROVED]


def test_a_person_decides_once(store: Store, clock: ManualClock) -> None:
    scene = make_scene(store, clock, TWO)
    scene.click(BEN)

    assert scene.click(BEN, key="again") == "You have decided about this request already."
    assert scene.click(BEN, Verdict.REJECT) == "You have decided about this request already."
    assert scene.now().state is RequestState.PENDING


def test_one_rejection_outweighs_an_approval(store: Store, clock: ManualClock) -> None:
    scene = make_scene(store, clock, TWO)
    scene.click(BEN)

    assert scene.click(CHRIS, Verdict.REJECT) == ""
    assert scene.now().state is RequestState.REJECTED


def test_a_click_delivered_twice_counts_once_and_is_not_told_off(scene: Scene) -> None:
    click = a_click(scene.request)

    assert [scene.judge(click), scene.judge(click)] == ["", ""]
    assert len(scene.now().decisions) == 1
    assert scene.said() == [NoticeKind.APPROVED]


def test_of_two_deciders_at_the_same_moment_exactly_one_wins(scene: Scene) -> None:
    answers = at_once([lambda: scene.click(BEN), lambda: scene.click(CHRIS, Verdict.REJECT)])

    assert sorted(map(bool, answers)) == [False, True]
    winner = RequestState.APPROVED if answers[0] == "" else RequestState.REJECTED
    assert scene.now().state is winner
    assert len(scene.said()) == 1


def test_two_approvals_at_the_same_moment_are_both_counted(store: Store, clock: ManualClock) -> None:
    scene = make_scene(store, clock, TWO)

    assert at_once([lambda: scene.click(BEN), lambda: scene.click(CHRIS)]) == ["", ""]
    assert scene.now().state is RequestState.APPROVED


def test_the_same_click_judged_by_two_threads_counts_once(scene: Scene) -> None:
    click = a_click(scene.request)

    assert at_once([lambda: scene.judge(click)] * 4) == [""] * 4
    assert scene.said() == [NoticeKind.APPROVED]


def test_when_slack_does_not_say_who_is_who_nothing_counts_and_the_click_is_judged_later(scene: Scene) -> None:
    scene.people.silent = SILENCE

    with pytest.raises(OutletDoubtful):
        scene.click(BEN)
    assert scene.now().state is RequestState.PENDING

    scene.clock.pass_(minutes=1)
    assert scene.deciding.judge_left_over() == 1
    assert scene.now().state is RequestState.PENDING

    scene.people.silent = None
    scene.clock.pass_(minutes=1)
    scene.deciding.judge_left_over()
    assert scene.now().state is RequestState.APPROVED
    assert scene.whispered() == []


def test_a_click_whose_listener_died_is_judged_by_the_sweep(scene: Scene) -> None:
    scene.deciding.write_down(a_click(scene.request, OUTSIDER))
    scene.deciding.write_down(a_click(scene.request, BEN))

    assert scene.deciding.judge_left_over() == 0
    scene.clock.pass_(minutes=1)
    assert scene.deciding.judge_left_over() == 2

    assert scene.now().state is RequestState.APPROVED
    assert len(scene.whispered()) == 1


class Crash(BaseException):
    """The process dies: nothing catches it."""


class DyingStore:
    """A store whose process dies right after the transaction in which somebody's decision was written."""

    def __init__(self, inner: Store) -> None:
        self._inner = inner
        self._decided = False

    @contextmanager
    def begin(self) -> Iterator[Tx]:
        if self._decided:
            raise Crash
        with self._inner.begin() as tx:
            yield tx
            request = tx.requests.get("CB-1")
            self._decided = bool(request and request.decisions)

    @contextmanager
    def read(self) -> Iterator[Tx]:
        if self._decided:
            raise Crash
        with self._inner.read() as tx:
            yield tx

    def take_over(self, now: datetime) -> None:
        self._inner.take_over(now)

    def clock_went_back(self, now: datetime, before: datetime) -> None:
        self._inner.clock_went_back(now, before)

    def ping(self) -> None:
        self._inner.ping()

    def close(self) -> None:
        """The inner store is closed by its owner."""


def test_a_click_that_counted_before_a_crash_is_not_told_that_it_came_too_late(scene: Scene) -> None:
    def dying(name: str) -> None:
        raise Crash

    click = a_click(scene.request)
    scene.deciding.write_down(click)
    with pytest.raises(Crash):
        replace(scene.deciding, store=DyingStore(scene.store), nudge=dying).judge(click.dedup_key)

    scene.clock.pass_(minutes=1)
    scene.deciding.judge_left_over()

    assert scene.now().state is RequestState.APPROVED
    assert scene.whispered() == []


@pytest.mark.parametrize(
    "wrong",
    [{"channel": "C0ELSE"}, {"message_ts": "1700000000.000099"}],
)
def test_a_button_of_another_message_counts_for_nothing(scene: Scene, wrong: dict[str, str]) -> None:
    with scene.store.begin() as tx:
        tx.requests.place(scene.request.id, channel=scene.request.channel, card_ts="1.1", ask_ts="1700000000.000002")

    click = replace(a_click(scene.request), **wrong)  # type: ignore[arg-type]  # fields of a Click

    assert scene.judge(click) == ELSEWHERE


def test_a_click_may_overtake_the_note_of_where_the_buttons_stand(scene: Scene) -> None:
    assert scene.now().ask_ts is None
    assert scene.click(BEN) == ""


def test_a_click_on_a_request_that_is_not_there_is_told_so(scene: Scene) -> None:
    assert scene.judge(replace(a_click(scene.request), request_id="CB-999")) == GONE
    assert scene.judge(replace(a_click(scene.request, CHRIS), request_id="nonsense")) == GONE


def test_a_click_after_the_time_to_answer_counts_for_nothing(scene: Scene) -> None:
    scene.clock.pass_(hours=8)

    assert scene.click(BEN) == "The time to answer CB-1 has passed; your click changed nothing."


def test_silence_is_no(scene: Scene) -> None:
    scene.clock.pass_(hours=7, minutes=59)
    assert scene.waiting.lapse_unanswered() == 0
    scene.clock.pass_(minutes=1)

    assert scene.waiting.lapse_unanswered() == 1

    assert scene.now().state is RequestState.LAPSED
    assert scene.said() == [NoticeKind.LAPSED]
    assert scene.waiting.lapse_unanswered() == 0
    assert scene.click(BEN) == "CB-1 lapsed without enough approvals in time; your click changed nothing."


def test_what_was_decided_does_not_lapse(scene: Scene) -> None:
    scene.click(BEN)
    scene.clock.pass_(days=2)

    assert scene.waiting.lapse_unanswered() == 0
    assert scene.now().state is RequestState.APPROVED


def failed(scene: Scene) -> Scene:
    """The copy was approved and has failed."""
    scene.click(BEN)
    step = scene.now().steps[0]
    change = StepChange(next_poll_at=None, failure=Failure("No.", "X", "Mend it."), tries=3)
    with scene.store.begin() as tx:
        tx.steps.move(step.id, before=StepState.WAITING, after=StepState.FAILED, change=change)
        tx.requests.move(
            scene.request.id, before=RequestState.APPROVED, after=RequestState.FAILED, at=scene.clock.now()
        )
    scene.said()
    return scene


@pytest.mark.parametrize("actor", [ANNA, CHRIS])
def test_what_failed_can_be_tried_again_under_the_same_approval_as_a_new_job(scene: Scene, actor: Actor) -> None:
    token = failed(scene).now().steps[0].token

    assert scene.click(actor, Verdict.RETRY) == ""

    step = scene.now().steps[0]
    assert scene.now().state is RequestState.APPROVED
    assert scene.now().finished_at is None
    assert (step.state, step.failure, step.tries, step.next_poll_at) == (
        StepState.WAITING,
        None,
        0,
        scene.clock.now(),
    )
    assert step.token != token
    assert scene.said() == [NoticeKind.RETRIED]


def test_an_outsider_cannot_have_it_tried_again(scene: Scene) -> None:
    assert failed(scene).click(OUTSIDER, Verdict.RETRY) == "You are not one of the approvers of this request."
    assert scene.now().state is RequestState.FAILED


def test_what_did_not_fail_cannot_be_tried_again(scene: Scene) -> None:
    scene.click(CHRIS, Verdict.REJECT)
    scene.said()

    assert scene.click(ANNA, Verdict.RETRY) == (
        "CB-1 is not in a state that can be tried again; your click changed nothing."
    )


def test_two_presses_of_try_again_start_one_attempt(scene: Scene) -> None:
    failed(scene)

    answers = at_once(
        [lambda: scene.click(ANNA, Verdict.RETRY), lambda: scene.click(CHRIS, Verdict.RETRY)],
    )

    assert sorted(map(bool, answers)) == [False, True]
    assert scene.said() == [NoticeKind.RETRIED]


def test_whether_a_click_would_count_is_told_without_counting_it(scene: Scene) -> None:
    assert scene.deciding.may(a_click(scene.request, BEN, Verdict.REJECT)) == ""
    assert scene.deciding.may(a_click(scene.request, OUTSIDER, Verdict.REJECT)) != ""
    assert scene.now().decisions == ()
