"""Bound to what was seen, stage by stage, with break-glass, reminders, help and asking again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain import sentences
from bot.domain.approvals import Ruling, Stage
from bot.domain.books import Store
from bot.domain.errors import BackupsUnreachable
from bot.domain.notices import NoticeKind
from bot.domain.people import Actor, Person
from bot.domain.requests import RequestState, Verdict
from bot.domain.steps import fingerprint_of
from tests.unit.builders import ANNA, BEN, CHRIS, COPIES, a_click, a_vault, notices_of, read_request
from tests.unit.deciding_scene import DORA, Scene, make_scene
from tests.unit.fakes import HOME, ManualClock

EVE = Actor("U0EVE", HOME, "Eve")
TWO = Ruling(("S0ADMINS",), needed=2, answer_seconds=3_600)
GLASS = Ruling(("S0ADMINS",), needed=2, break_glass=("U0EVE", "U0ANNA"))
STAGES = Ruling(("S0DBA",), then=(Stage(("S0ADMINS",), 2),))


def facts_of(scene: Scene, kind: NoticeKind) -> list[dict[str, object]]:
    return [facts for one, facts in notices_of(scene.store, scene.clock.now()) if one is kind]


def history(scene: Scene) -> list[str]:
    with scene.store.read() as tx:
        return [str(line.event.what) for line in tx.history.newest(50, scene.request.id)]


def test_a_change_between_two_approvals_voids_the_first_and_says_what_changed(store: Store, clock: ManualClock) -> None:
    scene = make_scene(store, clock, TWO)
    assert scene.click(BEN) == ""
    clock.pass_(minutes=50)
    scene.backups.add_vault(a_vault(COPIES, least=7))

    assert scene.click(CHRIS) == sentences.changed_now("CB-1")

    request = scene.now()
    assert (request.state, request.round, request.decisions) == (RequestState.PENDING, 2, ())
    assert request.answer_by == clock.now() + timedelta(hours=1)
    before, now = ({"0": one.steps[0].shown} for one in (scene.request, request))
    assert request.fingerprint == fingerprint_of(now) != fingerprint_of(before)
    (facts,) = facts_of(scene, NoticeKind.CHANGED)
    assert (facts["round"], facts["voided"], facts["was_approved"]) == (2, True, False)
    assert facts["what"]
    assert history(scene)[-2:] == ["change", "click refused"]


def test_a_new_round_is_approved_as_it_is_then(store: Store, clock: ManualClock) -> None:
    scene = make_scene(store, clock, TWO)
    scene.click(BEN)
    scene.backups.add_vault(a_vault(COPIES, least=7))
    scene.click(CHRIS)
    scene = replace(scene, request=scene.now())

    assert scene.click(BEN, key="again") == ""
    assert scene.click(CHRIS, key="once more") == ""
    assert scene.now().state is RequestState.APPROVED


def test_a_button_of_an_earlier_round_says_yes_to_nothing(store: Store, clock: ManualClock) -> None:
    scene = make_scene(store, clock)
    scene.backups.add_vault(a_vault(COPIES, least=7))
    scene.click(BEN)

    assert scene.click(CHRIS) == sentences.seen_before("CB-1")
    assert scene.click(CHRIS, Verdict.REJECT) == ""
    assert scene.now().state is RequestState.REJECTED


def test_what_would_fail_now_is_not_approved_until_it_is_mended(store: Store, clock: ManualClock) -> None:
    scene = make_scene(store, clock)
    scene.backups.remove_vault(COPIES)

    assert "so your click did not count" in scene.click(BEN)
    assert "so your click did not count" in scene.click(CHRIS)
    assert (scene.now().state, scene.now().round) == (RequestState.PENDING, 1)
    assert len(facts_of(scene, NoticeKind.CHANGED)) == 1

    scene.backups.add_vault(COPIES)
    assert scene.click(BEN, key="again") == ""
    assert scene.now().state is RequestState.APPROVED


def test_when_aws_is_silent_the_approval_counts_since_the_start_looks_again(store: Store, clock: ManualClock) -> None:
    scene = make_scene(store, clock)
    scene.backups.fail_next("point", BackupsUnreachable("time-out", code="ReadTimeoutError"))

    assert scene.click(BEN) == ""
    assert scene.now().state is RequestState.APPROVED


def test_stages_decide_one_after_the_other(store: Store, clock: ManualClock) -> None:
    scene = make_scene(store, clock, STAGES)
    scene.people.groups["S0DBA"] = frozenset({"U0EVE", "U0BEN"})

    assert scene.click(CHRIS) == sentences.not_your_turn("<!subteam^S0DBA>")
    assert scene.click(EVE) == ""
    assert scene.click(EVE, key="again") == sentences.DECIDED_ALREADY
    assert scene.click(CHRIS, key="now") == ""
    assert scene.now().state is RequestState.PENDING
    assert scene.click(BEN) == ""

    assert scene.now().state is RequestState.APPROVED
    told = facts_of(scene, NoticeKind.APPROVED)
    assert [(facts["given"], facts["needed"], facts["next"]) for facts in told] == [
        (1, 3, ["S0ADMINS"]),
        (2, 3, []),
        (3, 3, []),
    ]


def test_an_approver_of_a_later_stage_may_say_no_at_once(store: Store, clock: ManualClock) -> None:
    scene = make_scene(store, clock, STAGES)

    assert scene.click(CHRIS, Verdict.REJECT) == ""
    assert scene.now().state is RequestState.REJECTED


def test_break_glass_goes_ahead_and_leaves_a_review_open(store: Store, clock: ManualClock) -> None:
    scene = make_scene(store, clock, GLASS)
    scene.click(BEN)

    assert scene.click(EVE, Verdict.BREAK_GLASS, note="The house burns.") == ""

    request = scene.now()
    assert request.state is RequestState.APPROVED
    assert request.steps[0].next_poll_at == clock.now()
    assert request.review is not None
    assert (request.review.by, request.review.reason, request.review.signed_by) == (EVE, "The house burns.", None)
    (facts,) = facts_of(scene, NoticeKind.GLASS)
    assert (facts["passed_over"], facts["note"]) == (["U0CHRIS", "U0DORA"], "The house burns.")


def test_who_asked_may_break_the_glass_where_the_rule_names_them(store: Store, clock: ManualClock) -> None:
    scene = make_scene(store, clock, GLASS)

    assert scene.click(ANNA, Verdict.BREAK_GLASS, note="Fire.") == ""
    assert scene.now().state is RequestState.APPROVED


@pytest.mark.parametrize(
    ("ruling", "actor", "sentence"),
    [
        (TWO, BEN, sentences.NO_GLASS),
        (GLASS, BEN, sentences.NOT_YOUR_GLASS),
        (GLASS, Actor("U0EVE", "T0PARTNER"), sentences.OTHER_WORKSPACE),
    ],
)
def test_nobody_else_breaks_the_glass(
    store: Store, clock: ManualClock, ruling: Ruling, actor: Actor, sentence: str
) -> None:
    scene = make_scene(store, clock, ruling)

    assert scene.click(actor, Verdict.BREAK_GLASS, note="Please.") == sentence
    assert scene.now().state is RequestState.PENDING


def test_a_review_is_signed_once_by_another_approver(store: Store, clock: ManualClock) -> None:
    scene = make_scene(store, clock, GLASS)
    scene.people.groups["S0ADMINS"] |= {"U0EVE", "U0ANNA"}
    scene.click(EVE, Verdict.BREAK_GLASS, note="Fire.")
    scene.said()

    assert scene.click(EVE, Verdict.SIGN) == sentences.NOT_YOUR_REVIEW
    assert scene.click(ANNA, Verdict.SIGN) == sentences.OWN_REVIEW
    assert scene.click(Actor("U0FAY", HOME), Verdict.SIGN) == sentences.NO_APPROVER
    assert scene.click(BEN, Verdict.SIGN) == ""
    assert scene.click(CHRIS, Verdict.SIGN) == sentences.NO_REVIEW

    review = scene.now().review
    assert review is not None
    assert (review.signed_by, review.signed_at) == (BEN, clock.now())
    assert scene.said() == [NoticeKind.ANSWERED, NoticeKind.SIGNED]


def test_only_those_who_can_still_decide_are_reminded(store: Store, clock: ManualClock) -> None:
    scene = make_scene(store, clock, replace(TWO, remind_seconds=600, answer_seconds=28_800))
    scene.people.groups["S0ADMINS"] |= {"U0ANNA", "U0GONE"}
    scene.people.known["U0GONE"] = Person("U0GONE", HOME, is_deactivated=True)
    scene.click(BEN)
    scene.said()

    clock.pass_(minutes=9)
    assert scene.waiting.call_people() == 0
    clock.pass_(minutes=1)
    assert scene.waiting.call_people() == 1
    assert scene.waiting.call_people() == 0

    assert facts_of(scene, NoticeKind.REMINDED) == [{"who": ["U0CHRIS", "U0DORA"], "missing": 1}]
    assert scene.now().call_at == scene.request.created_at + timedelta(minutes=30)


def test_those_who_are_called_to_help_may_decide(store: Store, clock: ManualClock) -> None:
    ruling = Ruling(("S0ADMINS",), escalate_seconds=3_600, escalate_to=("S0OPS",))
    scene = make_scene(store, clock, ruling)
    scene.people.groups["S0OPS"] = frozenset({"U0EVE"})
    assert scene.click(EVE) == sentences.NO_APPROVER

    clock.pass_(hours=1)
    assert scene.waiting.call_people() == 1

    assert facts_of(scene, NoticeKind.ESCALATED) == [{"to": ["S0OPS"], "missing": 0}]
    assert scene.click(EVE, key="now") == ""
    assert scene.now().state is RequestState.APPROVED


def test_help_is_called_for_the_stage_that_waits_and_told_how_many_are_missing(
    store: Store, clock: ManualClock
) -> None:
    ruling = Ruling(("U0BEN",), then=(Stage(("U0CHRIS",)),), escalate_seconds=3_600, escalate_to=("U0EVE",))
    scene = make_scene(store, clock, ruling)
    assert scene.click(BEN) == ""

    clock.pass_(hours=2)
    scene.waiting.call_people()

    assert facts_of(scene, NoticeKind.ESCALATED) == [{"to": ["U0EVE"], "missing": 1}]
    assert [stage.approvers for stage in scene.now().standing.stages] == [("U0BEN",), ("U0CHRIS", "U0EVE")]
    assert scene.click(EVE) == ""
    assert scene.now().state is RequestState.APPROVED


def test_a_lapsed_request_is_asked_again_once_by_who_asked(store: Store, clock: ManualClock) -> None:
    scene = make_scene(store, clock)
    clock.pass_(hours=8)
    scene.waiting.lapse_unanswered()
    scene.said()

    assert scene.click(BEN, Verdict.ASK_AGAIN) == sentences.ONLY_ASKER_ASKS_AGAIN
    assert scene.click(ANNA, Verdict.ASK_AGAIN) == ""
    assert scene.click(ANNA, Verdict.ASK_AGAIN, key="twice") == ""

    new = read_request(store, "CB-2")
    assert (new.requester, new.reason, new.state) == (ANNA, scene.request.reason, RequestState.PENDING)
    assert new.steps[0].params == scene.now().steps[0].params
    assert new.steps[0].token != scene.now().steps[0].token
    assert scene.now().state is RequestState.LAPSED
    with store.read() as tx:
        assert tx.requests.get("CB-3") is None


def test_what_has_not_lapsed_is_not_asked_again(store: Store, clock: ManualClock) -> None:
    scene = make_scene(store, clock)
    scene.click(BEN, Verdict.REJECT)
    scene.said()

    assert scene.click(ANNA, Verdict.ASK_AGAIN) == sentences.cannot_ask_again("CB-1")


def test_a_forged_request_is_refused_and_stands_in_the_history(store: Store, clock: ManualClock) -> None:
    scene = make_scene(store, clock)

    assert scene.judge(replace(a_click(scene.request, DORA), request_id="CB-1'; DROP TABLE")) == sentences.GONE

    with store.read() as tx:
        line = tx.history.newest(1)[0]
    assert (line.event.request_id, line.event.actor) == ("", DORA)
    assert "DROP TABLE" in line.event.detail
