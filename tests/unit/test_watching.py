"""What a click on a notice about a copy comes to: once, for the end that was seen, by people of the house."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.approvals import Rule
from bot.domain.books import Store
from bot.domain.copies import Copy, CopyClick, Wish
from bot.domain.errors import Gone, NotAllowed, OutletDoubtful, PersonError
from bot.domain.notices import NoticeKind
from bot.domain.people import Actor, Person
from bot.domain.requests import CopyRequest
from bot.workflows.watching import GONE, GUEST, LAST_NOW, OTHER_END, OVER, STRANGER, TOO_SHORT, WAITS, Watching
from tests.contract.store_builders import asked_end
from tests.unit.builders import (
    ANNA,
    BEN,
    CHRIS,
    COPIES,
    COPY_ARN,
    SAID_TS,
    a_policy,
    notices_of,
    read_request,
    stored_request,
    write_notice,
)
from tests.unit.fakes import HOME, NOW, FakePeople, ManualClock, Nudges

END = NOW + timedelta(days=20)
END_SECONDS = int(END.timestamp())
OTHER_ARN = f"{COPY_ARN}-other"
DORA, EVE = Actor("U0DORA", HOME, "Dora"), Actor("U0EVE", HOME, "Eve")


@dataclass
class Scene:
    store: Store
    clock: ManualClock
    people: FakePeople
    watching: Watching
    request: CopyRequest
    count: int = 0

    def click(self, wish: Wish = Wish.LET_GO, actor: Actor = BEN, **more: object) -> str:
        """What the person is told; "" when it counted."""
        self.count += 1
        plain = CopyClick(
            f"click-{self.count}", COPY_ARN, actor, wish, END, self.request.channel, SAID_TS, self.clock.now()
        )
        click = replace(plain, **more)  # type: ignore[arg-type]  # a builder takes what a test cares about
        self.watching.write_down(click)
        return self.watching.judge(click.dedup_key)

    def copy(self) -> Copy | None:
        with self.store.read() as tx:
            return tx.copies.get(COPY_ARN)

    def said(self) -> list[object]:
        told = notices_of(self.store, self.clock.now())
        return [facts.get("what") for kind, facts in told if kind is NoticeKind.WATCHED]

    def answers(self) -> list[tuple[object, object, object]]:
        """What is shown on the notice since the last look: what was decided, by whom and when."""
        told = notices_of(self.store, self.clock.now())
        answers = (facts["answered"] for kind, facts in told if kind is NoticeKind.ANSWERED)
        return [(one["how"], one["by"], one["at"]) for one in answers if isinstance(one, dict)]

    def make_it_the_last(self) -> None:
        with self.store.begin() as tx:
            tx.copies.close(OTHER_ARN)

    def whispered(self) -> list[object]:
        told = notices_of(self.store, self.clock.now())
        return [facts["sentence"] for kind, facts in told if kind is NoticeKind.PRIVATE]

    def history(self) -> list[str]:
        with self.store.read() as tx:
            return [line.event.what for line in tx.history.newest(50, self.request.id)]


@pytest.fixture
def scene(store: Store, clock: ManualClock) -> Scene:
    request = stored_request(store)
    copy = Copy(COPY_ARN, request.id, request.steps[0].id, COPIES, "orders", 1, NOW, END, NOW, table_arn="arn:t")
    with store.begin() as tx:
        tx.copies.add(copy)
        # It is not the last one.
        tx.copies.add(replace(copy, arn=OTHER_ARN, delete_at=None))
    write_notice(store, request, NoticeKind.EXPIRING, "ends", lead_days=30, copy_arn=COPY_ARN, delete_at=END_SECONDS)
    notices_of(store, clock.now())
    people = FakePeople()
    return Scene(
        store, clock, people, Watching(store, people, a_policy(), clock, Nudges()), read_request(store, request.id)
    )


def test_a_click_counts_once_however_often_it_is_delivered(scene: Scene) -> None:
    assert scene.click(dedup_key="same") == ""
    assert scene.click(dedup_key="same") == ""

    assert scene.said() == ["let go"]
    assert scene.history() == ["let it go"]


def test_of_two_people_who_let_a_copy_go_the_second_reads_who_was_first(scene: Scene) -> None:
    scene.click()

    assert scene.click(actor=ANNA) == f"This copy was let go already by <@{BEN.user_id}>."
    assert scene.said() == ["let go"]
    assert sorted(scene.history()) == ["click refused", "let it go"]


def test_whoever_lets_a_copy_go_reads_that_it_is_asked_to_be_kept_longer(scene: Scene) -> None:
    asked = asked_end(scene.store, COPY_ARN)

    assert scene.click(Wish.LET_GO) == ""

    (facts,) = (facts for kind, facts in notices_of(scene.store, NOW) if kind is NoticeKind.WATCHED)
    assert (facts["other"], facts["other_channel"]) == (asked.id, asked.channel)


def test_letting_go_is_undone_and_done_again(scene: Scene) -> None:
    for wish in (Wish.LET_GO, Wish.KEEP_TELLING, Wish.LET_GO, Wish.KEEP_TELLING):
        assert scene.click(wish) == ""

    assert "Nobody has let this copy go" in scene.click(Wish.KEEP_TELLING)
    assert scene.said() == ["let go", "told again", "let go", "told again"]


def test_a_button_of_an_end_that_is_no_more_changes_nothing(scene: Scene) -> None:
    with scene.store.begin() as tx:
        tx.copies.looked(COPY_ARN, delete_at=END + timedelta(days=9), at=NOW)

    assert {scene.click(wish) for wish in (Wish.LET_GO, Wish.KEEP_TELLING, Wish.DAY)} == {OTHER_END}
    assert scene.said() == []


@pytest.mark.parametrize(("wish", "days"), [(Wish.DAY, 1), (Wish.WEEK, 7)])
def test_a_notice_is_put_off_and_the_same_wish_again_is_answered(scene: Scene, wish: Wish, days: int) -> None:
    assert scene.click(wish) == ""

    copy = scene.copy()
    assert copy is not None
    assert copy.snoozed_until == scene.clock.now() + timedelta(days=days)
    assert scene.click(wish) == "I remind you at that time already."
    assert scene.said() == ["snoozed"]


@pytest.mark.parametrize("wishes", [(Wish.WEEK, Wish.DAY), (Wish.DAY, Wish.WEEK)])
def test_of_two_wishes_when_to_be_reminded_the_earlier_one_is_kept(scene: Scene, wishes: tuple[Wish, Wish]) -> None:
    assert [scene.click(wish, actor) for wish, actor in zip(wishes, (BEN, ANNA), strict=True)] == ["", ""]

    copy = scene.copy()
    assert copy is not None
    assert copy.snoozed_until == scene.clock.now() + timedelta(days=1)


def test_each_of_two_people_who_put_it_off_is_told_the_date_that_holds(scene: Scene) -> None:
    day, week = (int((scene.clock.now() + timedelta(days=days)).timestamp()) for days in (1, 7))

    assert scene.click(Wish.WEEK) == scene.click(Wish.DAY, ANNA) == scene.click(Wish.WEEK, CHRIS) == ""

    told = [facts for kind, facts in notices_of(scene.store, scene.clock.now()) if kind is NoticeKind.WATCHED]
    assert [(facts["until"], facts.get("instead"), facts.get("promised")) for facts in told] == [
        (week, None, None),
        (day, week, None),
        (day, None, True),
    ]


def test_nothing_is_put_off_past_the_end(scene: Scene) -> None:
    scene.clock.pass_(days=14)
    assert scene.click(Wish.WEEK) == TOO_SHORT

    scene.clock.pass_(days=5)
    assert scene.click(Wish.DAY) == TOO_SHORT


def test_what_was_let_go_cannot_be_put_off(scene: Scene) -> None:
    scene.click()

    assert "was let go" in scene.click(Wish.DAY)


def test_after_its_end_nothing_is_left_to_decide(scene: Scene) -> None:
    scene.clock.pass_(days=21)

    told = scene.click()
    assert told == OVER.replace("{table}", "orders")
    assert "Type `/copy-backup restore orders`" in told


@pytest.mark.parametrize(
    "person",
    [
        Person(BEN.user_id, HOME, is_bot=True),
        Person(BEN.user_id, HOME, is_deactivated=True),
        Person(BEN.user_id, "T0OTHER"),
    ],
)
def test_strangers_and_bots_decide_nothing(scene: Scene, person: Person) -> None:
    scene.people.known[BEN.user_id] = person

    assert scene.click() == STRANGER
    assert scene.said() == []
    assert scene.history() == ["click refused"]


def test_guests_decide_nothing_and_are_told_who_can(scene: Scene) -> None:
    scene.people.known[BEN.user_id] = Person(BEN.user_id, HOME, is_guest=True)

    assert scene.click() == GUEST
    assert scene.said() == []


def test_the_notice_shows_who_decided_and_when_and_so_again_after_each_decision(scene: Scene) -> None:
    at = int(scene.clock.now().timestamp())

    shown = []
    for wish, actor in ((Wish.WEEK, ANNA), (Wish.LET_GO, BEN), (Wish.KEEP_TELLING, CHRIS), (Wish.LET_GO, ANNA)):
        assert scene.click(wish, actor) == ""
        shown += scene.answers()

    told_again = ("told again", CHRIS.user_id, at)
    assert shown == [
        ("snoozed", ANNA.user_id, at),
        ("let go", BEN.user_id, at),
        # The notice, and the message with the button.
        told_again,
        told_again,
        ("let go", ANNA.user_id, at),
    ]


def test_a_click_that_did_not_count_is_shown_nowhere(scene: Scene) -> None:
    scene.click()
    scene.answers()

    assert scene.click(actor=ANNA) != ""
    assert scene.click(Wish.DAY, CHRIS) != ""
    assert scene.answers() == []


def test_the_last_copy_anywhere_is_let_go_only_by_who_asked_for_it_and_those_who_approve(scene: Scene) -> None:
    scene.make_it_the_last()

    said = scene.click(Wish.LET_LAST_GO, EVE)

    assert said == (
        f"This is the last copy anywhere. Only <@{scene.request.requester.user_id}>, who asked for it, or those who "
        "approve for it (<!subteam^S0ADMINS>) may let it go, so your click changed nothing."
    )
    assert scene.said() == []
    assert scene.click(Wish.LET_LAST_GO, DORA) == ""
    assert scene.click(Wish.KEEP_TELLING, EVE) == ""
    assert scene.click(Wish.LET_LAST_GO, scene.request.requester) == ""


def test_what_has_become_the_last_copy_is_let_go_only_once_people_have_read_that(scene: Scene) -> None:
    scene.make_it_the_last()

    assert scene.click(Wish.LET_GO, BEN) == LAST_NOW

    told = notices_of(scene.store, scene.clock.now())
    (shown,) = (facts["answered"] for kind, facts in told if kind is NoticeKind.ANSWERED)
    assert isinstance(shown, dict)
    assert (shown["how"], shown["last"], shown["snoozes"]) == ("open", True, [Wish.DAY, Wish.WEEK])
    assert scene.click(Wish.LET_LAST_GO, BEN) == ""


def test_what_is_the_last_one_no_more_may_be_let_go_by_anybody(scene: Scene) -> None:
    assert scene.click(Wish.LET_LAST_GO, EVE) == ""


def test_where_no_rule_covers_the_last_copy_who_asked_for_it_is_left(scene: Scene) -> None:
    scene.make_it_the_last()
    nobody = a_policy(Rule(approvers=("S0ADMINS",), when=(("table", "users"),)))
    scene.watching = replace(scene.watching, policy=nobody)

    assert "Only <@U0ANNA>, who asked for it, may let it go" in scene.click(Wish.LET_LAST_GO, BEN)
    assert scene.click(Wish.LET_LAST_GO, ANNA) == ""


def test_somebody_of_another_workspace_decides_nothing(scene: Scene) -> None:
    assert scene.click(actor=replace(BEN, team_id="T0OTHER")) == STRANGER


@pytest.mark.parametrize("forged", [{"channel": "C0OTHER"}, {"message_ts": "1.000001"}])
def test_a_click_from_elsewhere_counts_for_nothing(scene: Scene, forged: dict[str, Any]) -> None:
    assert "does not belong to the copy" in scene.click(**forged)
    assert scene.said() == []


def test_a_copy_that_nobody_watches_is_answered_kindly(scene: Scene) -> None:
    assert scene.click(copy_arn="arn:forged\x00") == GONE
    with scene.store.begin() as tx:
        tx.copies.close(COPY_ARN)

    assert scene.click() == GONE


def test_while_slack_is_silent_a_click_waits_and_is_judged_later(scene: Scene) -> None:
    scene.people.silent = OutletDoubtful("time-out", code="no_answer")
    assert scene.click() == WAITS

    scene.people.silent = None
    scene.clock.pass_(minutes=2)

    assert scene.watching.judge_left_over() == 1
    assert scene.said() == ["let go"]


def test_a_click_whose_listener_died_is_judged_and_a_refusal_told(scene: Scene) -> None:
    first = CopyClick("a", COPY_ARN, BEN, Wish.LET_GO, END, scene.request.channel, SAID_TS, NOW)
    second = replace(first, dedup_key="b", actor=ANNA, at=NOW + timedelta(seconds=1))
    for click in (first, second):
        scene.watching.write_down(click)
    scene.clock.pass_(minutes=2)

    assert scene.watching.judge_left_over() == 2

    assert scene.watching.judge_left_over() == 0
    assert scene.whispered() == [f"This copy was let go already by <@{BEN.user_id}>."]


def test_only_those_whom_the_rule_lets_ask_may_extend(scene: Scene, clock: ManualClock) -> None:
    rule = Rule(approvers=("S0ADMINS",), askers=((ANNA.user_id,),))
    watching = replace(scene.watching, policy=a_policy(rule))
    copy = scene.copy()
    assert copy is not None

    watching.check_asker(ANNA, copy)
    with pytest.raises(PersonError, match="lets only some people ask"):
        watching.check_asker(BEN, copy)
    by_length = Rule(approvers=("S0ADMINS",), askers=((ANNA.user_id,),), when=(("retention", "> 365d"),))
    replace(watching, policy=a_policy(by_length, Rule(approvers=("S0ADMINS",)))).check_asker(BEN, copy)
    nobody = a_policy(Rule(approvers=("S0ADMINS",), when=(("table", "users"),)))
    with pytest.raises(NotAllowed, match="No approval rule covers"):
        replace(watching, policy=nobody).check_asker(ANNA, copy)


def test_what_we_made_ourselves_cannot_be_dropped(scene: Scene) -> None:
    assert "I made this copy myself" in scene.click(Wish.DROP)
    assert scene.copy() is not None


def test_a_form_is_not_opened_for_what_is_gone(scene: Scene) -> None:
    with pytest.raises(Gone):
        scene.watching.admit(CopyClick("x", "arn:x", BEN, Wish.EXTEND, END, "C", "1", NOW))
