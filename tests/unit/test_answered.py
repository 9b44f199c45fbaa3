"""What was said with buttons loses them with the decision that they asked for, and never the words."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.domain.approvals import Ruling
from bot.domain.books import StepChange, Store
from bot.domain.errors import OutletBusy, OutletDoubtful, OutletRefused
from bot.domain.notices import NewNotice, NoticeKind
from bot.domain.people import Actor
from bot.domain.requests import RequestState, Verdict
from bot.domain.steps import Failure, StepState
from bot.slack.messages import in_words
from bot.slack.names import Names
from bot.workflows.announce import answered, renew_both, say
from bot.workflows.outbox import Relay
from tests.unit.builders import ACCOUNTS, ANNA, BEN, CHANNEL, CHRIS, COPIES, COPY_ARN, a_click, a_policy, a_vault
from tests.unit.deciding_scene import Scene, make_scene
from tests.unit.fakes import HOME, NOW, PATIENT, FakeOutlet, ManualClock, Posted

DORA, EVE = Actor("U0DORA", HOME, "Dora"), Actor("U0EVE", HOME, "Eve")
END = int((NOW + timedelta(days=30)).timestamp())
RULING = Ruling(("S0ADMINS",), needed=2, break_glass=("U0EVE",), answer_seconds=8 * 3_600)


@dataclass
class Thread:
    """A request in its thread, with the relay that says what happens to it."""

    scene: Scene
    outlet: FakeOutlet
    relay: Relay

    def deliver(self) -> None:
        """Let everything leave; Slack takes so much at once and no more."""
        for _ in range(3):
            self.clock.pass_(seconds=5)
            self.relay.deliver_due()

    @property
    def clock(self) -> ManualClock:
        return self.scene.clock

    def press(self, actor: Actor, verdict: Verdict, on: Posted | None = None) -> str:
        """Press a button of the question, or of what was said in the thread; what the person is told."""
        request = self.scene.now()
        click = a_click(request, actor, verdict, message_ts=on.ts if on else request.ask_ts or "", note="Why.")
        said = self.scene.judge(replace(click, dedup_key=f"{click.dedup_key}:{click.message_ts}:{request.version}"))
        self.deliver()
        return said

    def told(self, kind: NoticeKind) -> Posted:
        """The newest message of a kind."""
        return [one for one in self.outlet.posted if one.key.split(":")[1] == kind][-1]

    def state(self) -> RequestState:
        return self.scene.now().state

    def change(self, least: int = 7) -> Posted:
        """Somebody changes the vault, and an approver's click finds it out; what the thread says of it."""
        self.scene.backups.add_vault(a_vault(COPIES, least=least))
        assert self.press(BEN, Verdict.APPROVE) != ""
        return self.told(NoticeKind.CHANGED)

    def lapse(self) -> None:
        self.clock.pass_(hours=9)
        assert self.scene.waiting.lapse_unanswered() == 1
        self.deliver()

    def end(self, state: RequestState, kind: NoticeKind, **facts: object) -> Posted:
        """The approved copy fails, and the thread tells of it as a kind."""
        request = self.scene.now()
        step, now = request.steps[0], self.clock.now()
        change = StepChange(next_poll_at=None, failure=Failure("No.", "X", "Mend it."))
        with self.scene.store.begin() as tx:
            tx.steps.move(step.id, before=StepState.WAITING, after=StepState.FAILED, change=change)
            tx.requests.move(request.id, before=RequestState.APPROVED, after=state, at=now)
            say(tx, request, kind, now, key=step.token, facts={"message": "No.", "step": step.id, **facts})
        self.deliver()
        return self.told(kind)


@pytest.fixture
def thread(store: Store, clock: ManualClock) -> Thread:
    scene, outlet = make_scene(store, clock, RULING), FakeOutlet()
    with store.begin() as tx:
        renew_both(tx, scene.request, clock.now())
    thread = Thread(scene, outlet, Relay(store, outlet, in_words(Names(ACCOUNTS)), a_policy(), clock, patience=PATIENT))
    thread.relay.deliver_due()
    return thread


def buttons(posted: Posted) -> list[str]:
    rows = [block["elements"] for block in posted.message.blocks if block["type"] == "actions"]
    return [button["text"]["text"] for row in rows for button in row]  # type: ignore[attr-defined]  # plain JSON


def approve(thread: Thread) -> None:
    assert thread.press(BEN, Verdict.APPROVE) == ""
    assert thread.press(CHRIS, Verdict.APPROVE) == ""


@pytest.mark.parametrize(
    ("decide", "state"),
    [
        (approve, RequestState.APPROVED),
        (lambda thread: thread.press(CHRIS, Verdict.REJECT), RequestState.REJECTED),
        (lambda thread: thread.press(ANNA, Verdict.CANCEL), RequestState.CANCELLED),
        (lambda thread: thread.press(EVE, Verdict.BREAK_GLASS), RequestState.APPROVED),
        (Thread.lapse, RequestState.LAPSED),
    ],
    ids=["approved", "rejected", "cancelled", "glass", "lapsed"],
)
def test_approve_again_goes_with_the_decision(
    thread: Thread, decide: Callable[[Thread], object], state: RequestState
) -> None:
    changed = thread.change()
    before = changed.message.text
    assert buttons(changed) == ["Approve again"]

    decide(thread)

    assert (thread.state(), buttons(changed), changed.message.text) == (state, [], before)
    assert buttons(thread.told(NoticeKind.ASK)) == []


def test_approve_again_stays_while_approvals_are_missing(thread: Thread) -> None:
    changed = thread.change()

    assert thread.press(BEN, Verdict.APPROVE, changed) == ""

    assert (thread.state(), buttons(changed)) == (RequestState.PENDING, ["Approve again"])


def test_of_two_changes_only_the_last_is_approved_again(thread: Thread) -> None:
    first = thread.change()

    second = thread.change(least=8)

    assert first is not second
    assert (buttons(first), buttons(second)) == ([], ["Approve again"])


def test_ask_again_goes_once_it_is_asked_again(thread: Thread) -> None:
    thread.lapse()
    lapsed = thread.told(NoticeKind.LAPSED)
    assert buttons(lapsed) == ["Ask again"]
    assert thread.press(BEN, Verdict.ASK_AGAIN, lapsed) != ""
    assert buttons(lapsed) == ["Ask again"]

    assert thread.press(ANNA, Verdict.ASK_AGAIN, lapsed) == ""

    assert buttons(lapsed) == []


def test_sign_goes_with_the_signature(thread: Thread) -> None:
    thread.press(EVE, Verdict.BREAK_GLASS)
    glass = thread.told(NoticeKind.GLASS)
    assert thread.press(EVE, Verdict.SIGN, glass) != ""
    assert buttons(glass) == ["Sign the review"]

    assert thread.press(BEN, Verdict.SIGN, glass) == ""

    assert buttons(glass) == []


def test_try_again_goes_when_it_is_tried_again_and_comes_with_the_next_failure(thread: Thread) -> None:
    approve(thread)
    first = thread.end(RequestState.FAILED, NoticeKind.FAILED, can_retry=True)
    assert buttons(first) == ["Try again"]

    assert thread.press(ANNA, Verdict.RETRY, first) == ""
    assert buttons(first) == []
    second = thread.end(RequestState.FAILED, NoticeKind.FAILED, can_retry=True)

    assert (buttons(first), buttons(second)) == ([], ["Try again"])
    assert thread.press(ANNA, Verdict.RETRY, second) == ""
    assert (buttons(first), buttons(second)) == ([], [])


def test_what_a_copy_offers_stays_when_what_failed_beside_it_is_tried_again(thread: Thread) -> None:
    approve(thread)
    done = thread.end(RequestState.PARTIAL, NoticeKind.COMPLETED, can_retry=True)
    offers = ["Restore…", "Drill…", "Keep longer…", "Copy regularly…"]
    assert buttons(done) == [*offers, "Try again"]

    assert thread.press(ANNA, Verdict.RETRY, done) == ""

    assert buttons(done) == offers
    assert "Try again" not in f"{done.message}"


def test_a_failure_that_nobody_could_try_again_is_left_as_it_was_said(thread: Thread) -> None:
    approve(thread)
    hopeless = thread.end(RequestState.FAILED, NoticeKind.FAILED, can_retry=False)
    updates = thread.outlet.calls.count("update")

    assert thread.press(ANNA, Verdict.RETRY, hopeless) == ""

    # The card and the question, nothing else.
    assert thread.outlet.calls.count("update") == updates + 2


def test_a_message_that_is_gone_is_not_said_anew_for_the_sake_of_its_buttons(thread: Thread) -> None:
    changed = thread.change()
    thread.outlet.delete(changed.ts)

    thread.press(CHRIS, Verdict.REJECT)

    assert [one.key for one in thread.outlet.posted if NoticeKind.CHANGED in one.key] == []
    assert thread.told(NoticeKind.REJECTED).channel == CHANNEL


@pytest.mark.parametrize("code", ["cant_update_message", "edit_window_closed", "not_in_channel", "is_archived"])
def test_buttons_that_slack_lets_nobody_take_off_stop_nothing_and_move_no_request(thread: Thread, code: str) -> None:
    changed, request = thread.change(), thread.scene.now()
    thread.outlet.fail_next("update", OutletRefused("no", code=code))
    with thread.scene.store.begin() as tx:
        key = f"{changed.key}:answered"
        say(tx, request, NoticeKind.ANSWERED, thread.clock.now(), key=key, facts={"told": changed.key})

    assert thread.relay.deliver_due() == 1

    assert thread.scene.now().channel == CHANNEL
    with thread.scene.store.read() as tx:
        assert tx.outbox.dead(10) == []
    assert thread.press(CHRIS, Verdict.REJECT) == ""
    assert thread.press(BEN, Verdict.APPROVE, changed) != ""


@pytest.mark.parametrize(
    "error",
    [OutletDoubtful("time-out", code="no_answer"), OutletBusy("slow down", retry_after=20, code="ratelimited")],
)
def test_buttons_are_taken_off_later_when_slack_does_not_answer_now(
    thread: Thread, error: OutletDoubtful | OutletBusy
) -> None:
    changed = thread.change()
    thread.outlet.fail_next("update", error)
    with thread.scene.store.begin() as tx:
        answered(tx, thread.scene.request, thread.clock.now(), NoticeKind.CHANGED)

    thread.relay.deliver_due()
    assert buttons(changed) == ["Approve again"]
    thread.clock.pass_(seconds=15)
    thread.deliver()

    assert buttons(changed) == []


def test_what_is_decided_before_it_was_said_is_said_without_buttons_in_the_end(thread: Thread) -> None:
    """Its words may have been made before the decision, and then Slack answers late."""
    thread.scene.backups.add_vault(a_vault(COPIES, least=7))
    thread.outlet.fail_next("post", OutletDoubtful("time-out", code="no_answer"), times=4)
    thread.press(BEN, Verdict.APPROVE)
    thread.press(CHRIS, Verdict.REJECT)
    assert [one.key for one in thread.outlet.posted if NoticeKind.REJECTED in one.key] == []

    for _ in range(3):
        thread.clock.pass_(seconds=40)
        thread.deliver()

    assert buttons(thread.told(NoticeKind.CHANGED)) == []
    kinds = [one.key.split(":")[1] for one in thread.outlet.posted]
    assert kinds == ["card", "ask", "changed", "rejected"]
    with thread.scene.store.begin() as tx:
        assert tx.outbox.lanes(thread.clock.now()) == []


def test_while_buttons_are_still_to_be_taken_off_no_other_message_passes_for_one_of_the_request(
    thread: Thread,
) -> None:
    changed, request = thread.change(), thread.scene.request

    with thread.scene.store.begin() as tx:
        answered(tx, request, thread.clock.now(), NoticeKind.CHANGED)
        assert tx.outbox.stands(request.id, changed.ts)
        assert not tx.outbox.stands(request.id, "1600000000.000001")


def test_what_is_answered_before_its_quiet_hours_end_waits_for_that_and_is_shown_as_answered_then(
    thread: Thread,
) -> None:
    request, now = thread.scene.now(), thread.clock.now()
    facts = {"copy_arn": COPY_ARN, "vault_arn": COPIES.arn, "table": "orders", "delete_at": END, "lead_days": 30}
    ends = NewNotice(request.id, NoticeKind.EXPIRING, "ends", CHANNEL, now, facts, not_before=now + timedelta(hours=8))
    answer = {"told": "ends", "answered": {"how": "over", "by": "", "at": END}}
    with thread.scene.store.begin() as tx:
        tx.outbox.write(ends)
        tx.outbox.write(
            replace(ends, kind=NoticeKind.ANSWERED, dedup_key="a", facts=answer, stream="a", not_before=None)
        )
    thread.deliver()

    thread.clock.pass_(hours=7)
    with thread.scene.store.read() as tx:
        # Until then it is not tried again and again.
        assert tx.outbox.lanes(thread.clock.now()) == []
    thread.clock.pass_(hours=1, minutes=1)
    thread.deliver()

    (told,) = (one for one in thread.outlet.posted if one.key == "ends")
    assert buttons(told) == []
    assert "nothing is left to decide" in told.message.text
