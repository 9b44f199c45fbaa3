"""The runner: the intent before the call, one job however often it is tried, and the truth about what came of it."""

from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from bot.domain.backups import CopyJobState, Lifecycle
from bot.domain.books import Store
from bot.domain.copies import Copy, adopted
from bot.domain.errors import (
    BackupsDenied,
    BackupsError,
    BackupsMissing,
    BackupsRefused,
    BackupsThrottled,
    BackupsUnreachable,
)
from bot.domain.notices import NoticeKind
from bot.domain.params import StepKind
from bot.domain.requests import CopyRequest, RequestState
from bot.domain.steps import MAYBE_STARTED, RECORD_GONE, Step, StepState
from bot.workflows.preflight import look
from bot.workflows.runner import MOST_TRIES, Runner
from bot.workflows.steps.copy import CopyStep
from bot.workflows.tracking import Tracker
from tests.contract.fake_backups import FakeBackups
from tests.unit.builders import (
    BEN,
    CHRIS,
    COPIES,
    MAIN,
    a_decision,
    a_policy,
    a_vault,
    copy_of,
    notices_of,
    read_request,
    some_params,
    stored_request,
)
from tests.unit.fakes import ManualClock, Nudges

THROTTLED = BackupsThrottled("Rate exceeded", code="ThrottlingException")
DENIED = BackupsDenied("Not authorized.", code="AccessDeniedException")
UNREACHABLE = BackupsUnreachable("time-out", code="ReadTimeoutError")


@dataclass
class Scene:
    """A runner over a store and an AWS, with one approved request."""

    store: Store
    clock: ManualClock
    backups: FakeBackups
    runner: Runner
    tracker: Tracker
    nudges: Nudges
    request_id: str

    @property
    def request(self) -> CopyRequest:
        return read_request(self.store, self.request_id)

    @property
    def step(self) -> Step:
        return self.request.steps[0]

    @property
    def job(self) -> str:
        return next(iter(self.backups.jobs))

    def notices(self) -> list[NoticeKind]:
        """What was said since the last look, without the renewals of the card."""
        return [kind for kind, _ in self.facts()]

    def facts(self) -> list[tuple[NoticeKind, dict[str, object]]]:
        return [(kind, facts) for kind, facts in notices_of(self.store, self.clock.now()) if not kind.is_living]

    def lose_the_answer(self, then: BackupsError) -> None:
        """The first call to start the copy takes effect and its answer gets lost; all that come after it end so."""
        self.backups.lose_answers()
        self.runner.start_due()
        self.backups.fail_next("start_copy", then, times=10_000)

    def watched(self) -> list[Copy]:
        with self.store.begin() as tx:
            return list(tx.copies.to_look_at(self.clock.now() + timedelta(days=400), 10))


def make_scene(store: Store, clock: ManualClock, *, steps: int = 1) -> Scene:
    backups, nudges = FakeBackups(clock=clock), Nudges()
    backups.add_vault(COPIES)
    yesterday = clock.now() - timedelta(days=1)
    params = some_params(backups.add_point(MAIN, "orders", created_at=yesterday, lifecycle=Lifecycle(35)))
    approved = look(params, backups, clock.now()).shown
    request = stored_request(store, params, shown=approved, approved=True, steps=steps)
    copying = CopyStep(backups, store=store)
    works = {StepKind.COPY: copying}
    runner = Runner(store, works, a_policy(), clock, nudges)
    tracker = Tracker(store, works, a_policy(), clock, nudges, {StepKind.COPY: copying})
    return Scene(store, clock, backups, runner, tracker, nudges, request.id)


@pytest.fixture
def scene(store: Store, clock: ManualClock) -> Scene:
    return make_scene(store, clock)


class Crash(BaseException):
    """The process dies: nothing catches it."""


def test_an_approved_copy_is_started_with_its_stored_token(scene: Scene) -> None:
    assert scene.runner.start_due() == 1

    assert [order.token for order in scene.backups.orders] == ["token-draft-1-0"]
    assert (scene.request.state, scene.step.state) == (RequestState.RUNNING, StepState.RUNNING)
    assert (scene.step.external_id, scene.step.started_at) == (scene.job, scene.clock.now())
    assert scene.facts() == [(NoticeKind.STARTED, {"job_id": scene.job, "step": scene.step.id})]
    assert "relay" in scene.nudges.names


def test_the_order_says_who_approved_first(scene: Scene) -> None:
    with scene.store.begin() as tx:
        for who in (CHRIS, BEN):
            tx.requests.decide(scene.request_id, a_decision(who))

    scene.runner.start_due()

    assert [(order.request_id, order.approved_by) for order in scene.backups.orders] == [
        (scene.request_id, CHRIS.user_id)
    ]


def test_the_intent_is_committed_before_aws_is_called(scene: Scene) -> None:
    seen: list[StepState] = []

    class Watching(CopyStep):
        def start(self, step: Step, approved_by: str) -> str:
            seen.append(scene.step.state)
            return super().start(step, approved_by)

    replace(scene.runner, works={StepKind.COPY: Watching(scene.backups)}).start_due()

    assert seen == [StepState.STARTING]


def test_after_a_crash_between_call_and_commit_the_same_token_finds_the_same_job(scene: Scene) -> None:
    class Dying(CopyStep):
        def start(self, step: Step, approved_by: str) -> str:
            super().start(step, approved_by)
            raise Crash

    with pytest.raises(Crash):
        replace(scene.runner, works={StepKind.COPY: Dying(scene.backups)}).start_due()
    assert scene.step.state is StepState.STARTING

    assert scene.runner.start_due() == 0
    scene.clock.pass_(minutes=6)
    assert scene.runner.start_due() == 1

    assert [order.token for order in scene.backups.orders] == ["token-draft-1-0"] * 2
    assert len(scene.backups.jobs) == 1
    assert scene.step.external_id == scene.job


def test_an_answer_that_got_lost_starts_no_second_job(scene: Scene) -> None:
    scene.backups.lose_answers()

    scene.runner.start_due()
    scene.clock.pass_(minutes=6)
    scene.runner.start_due()

    assert len(scene.backups.jobs) == 1
    assert scene.request.state is RequestState.RUNNING
    assert scene.notices() == [NoticeKind.DELAYED, NoticeKind.STARTED]


def test_a_start_that_may_succeed_later_is_tried_with_growing_pauses_and_said_once(scene: Scene) -> None:
    scene.backups.fail_next("start_copy", THROTTLED, times=3)

    pauses = []
    for _ in range(3):
        scene.runner.start_due()
        due = scene.step.next_poll_at
        assert due is not None
        pauses.append(due - scene.clock.now())
        scene.clock.pass_(seconds=pauses[-1].total_seconds())
    scene.runner.start_due()

    assert pauses == sorted(set(pauses))
    assert scene.request.state is RequestState.RUNNING
    assert scene.notices() == [NoticeKind.DELAYED, NoticeKind.STARTED]


def try_until(scene: Scene, minutes: float) -> None:
    """Let the runner have its tries for so long."""
    for _ in range(int(minutes * 12)):
        scene.clock.pass_(seconds=5)
        scene.runner.start_due()


def test_a_job_whose_answer_got_lost_is_found_when_aws_refuses_the_repeat(scene: Scene) -> None:
    scene.backups.lose_answers()
    scene.runner.start_due()
    begun = scene.clock.now()
    scene.backups.fail_next("start_copy", DENIED, times=100)

    try_until(scene, 1)

    assert (scene.request.state, scene.step.external_id) == (RequestState.RUNNING, scene.job)
    assert scene.step.started_at == begun
    assert scene.notices() == [NoticeKind.DELAYED, NoticeKind.STARTED]
    scene.backups.finish(scene.job)
    scene.clock.pass_(minutes=1)
    scene.tracker.poll_due()
    assert scene.request.state is RequestState.COMPLETED


def test_a_job_whose_answer_got_lost_is_found_when_the_tries_are_used_up(scene: Scene) -> None:
    scene.lose_the_answer(then=UNREACHABLE)

    try_until(scene, 100)

    assert (scene.request.state, scene.step.external_id) == (RequestState.RUNNING, scene.job)
    assert len(scene.backups.jobs) == 1


def test_a_job_that_a_bot_started_and_died_is_found_when_aws_refuses_the_repeat(scene: Scene) -> None:
    class Dying(CopyStep):
        def start(self, step: Step, approved_by: str) -> str:
            super().start(step, approved_by)
            raise Crash

    with pytest.raises(Crash):
        replace(scene.runner, works={StepKind.COPY: Dying(scene.backups)}).start_due()
    scene.backups.fail_next("start_copy", DENIED, times=100)

    try_until(scene, 2)

    assert (scene.request.state, scene.step.external_id) == (RequestState.RUNNING, scene.job)


def test_a_job_that_aws_does_not_list_at_once_is_not_said_to_have_failed_before(scene: Scene) -> None:
    scene.lose_the_answer(then=DENIED)
    hidden = scene.backups.hide_job(scene.job)

    try_until(scene, 1)
    assert scene.notices() == [NoticeKind.DELAYED]

    scene.backups.show_job(hidden)
    try_until(scene, 5)
    assert scene.notices() == [NoticeKind.STARTED]


def test_a_start_that_never_reached_aws_and_is_then_refused_fails_once_no_job_shows_up(scene: Scene) -> None:
    scene.backups.fail_next("start_copy", UNREACHABLE)
    scene.runner.start_due()
    scene.backups.fail_next("start_copy", DENIED, times=100)

    try_until(scene, 3)
    assert scene.notices() == [NoticeKind.DELAYED]
    try_until(scene, 10)

    assert (scene.request.state, scene.notices()) == (RequestState.FAILED, [NoticeKind.FAILED])
    assert scene.step.failure is not None
    assert scene.step.failure.message == "Not authorized."


def test_a_start_that_never_reaches_aws_fails_when_the_tries_are_used_up(scene: Scene) -> None:
    scene.backups.fail_next("start_copy", UNREACHABLE, times=100)

    try_until(scene, 200)

    assert (scene.request.state, scene.notices()) == (RequestState.FAILED, [NoticeKind.DELAYED, NoticeKind.FAILED])


def test_where_nobody_can_look_it_may_have_started_which_is_said_once(scene: Scene) -> None:
    scene.lose_the_answer(then=DENIED)
    scene.backups.fail_next("copies_begun", DENIED, times=60)

    try_until(scene, 120)
    told = scene.facts()
    assert [(kind, facts.get("unknown")) for kind, facts in told] == [
        (NoticeKind.DELAYED, None),
        (NoticeKind.DELAYED, True),
    ]
    assert (scene.request.state, scene.step.outside_state) == (RequestState.APPROVED, MAYBE_STARTED)
    copied = scene.step.copy
    assert copied is not None
    with scene.store.read() as tx:
        # Others of the table need not wait until that is known.
        assert tx.steps.at_work_on(copied.point.table_arn) is None

    try_until(scene, 300)
    assert (scene.request.state, scene.step.external_id) == (RequestState.RUNNING, scene.job)


def test_where_nobody_could_look_for_thirty_days_the_outcome_is_not_known(scene: Scene) -> None:
    scene.lose_the_answer(then=DENIED)
    scene.backups.fail_next("copies_begun", DENIED, times=10_000)

    for _ in range(30):
        scene.runner.start_due()
        scene.clock.pass_(days=1)
        assert scene.request.state is RequestState.APPROVED
    scene.runner.start_due()

    assert scene.step.failure is not None
    assert scene.step.failure.category == RECORD_GONE


@pytest.mark.parametrize("before", [[], [THROTTLED]], ids=["at once", "after a call that had no effect"])
def test_a_refusal_without_doubt_fails_at_once_and_nothing_is_looked_for(
    scene: Scene, before: list[BackupsThrottled]
) -> None:
    for error in before:
        scene.backups.fail_next("start_copy", error)
    scene.backups.fail_next("start_copy", DENIED, times=100)

    scene.runner.start_due()
    try_until(scene, 0.1)

    assert scene.request.state is RequestState.FAILED
    assert "copies_begun" not in {method for method, _ in scene.backups.calls}


def test_the_job_of_another_request_is_not_taken_for_the_lost_one(scene: Scene) -> None:
    scene.runner.start_due()
    scene.backups.fail(scene.job, "An internal error occurred.")
    scene.clock.pass_(seconds=30)
    scene.tracker.poll_due()
    shown = look(copy_of(scene.step), scene.backups, scene.clock.now()).shown
    again = stored_request(scene.store, copy_of(scene.step), draft_id="draft-2", shown=shown, approved=True)
    scene.backups.fail_next("start_copy", UNREACHABLE)
    scene.backups.fail_next("start_copy", DENIED, times=100)

    scene.runner.start_due()
    try_until(scene, 15)

    assert read_request(scene.store, again.id).state is RequestState.FAILED


def test_a_look_that_may_succeed_later_keeps_the_copy_waiting(scene: Scene) -> None:
    scene.backups.fail_next("point", BackupsUnreachable("time-out", code="ReadTimeoutError"))

    scene.runner.start_due()

    assert (scene.request.state, scene.step.state, scene.step.tries) == (RequestState.APPROVED, StepState.WAITING, 1)
    assert scene.backups.orders == []
    assert scene.facts() == [(NoticeKind.DELAYED, {"message": "time-out", "code": "ReadTimeoutError", "step": 1})]


@pytest.mark.parametrize("call", ["start_copy", "point"])
def test_what_does_not_start_for_an_hour_fails(scene: Scene, call: str) -> None:
    scene.backups.fail_next(call, THROTTLED, times=100)

    for _ in range(MOST_TRIES + 5):
        scene.runner.start_due()
        scene.clock.pass_(minutes=6)

    assert (scene.request.state, scene.step.state) == (RequestState.FAILED, StepState.FAILED)
    assert scene.step.failure is not None
    assert scene.step.failure.message == "Rate exceeded"
    assert scene.notices() == [NoticeKind.DELAYED, NoticeKind.FAILED]


def test_a_refusal_fails_at_once_in_the_words_of_aws(scene: Scene) -> None:
    scene.backups.fail_next("start_copy", BackupsRefused("No.", code="InvalidParameterValueException"))

    scene.runner.start_due()

    assert scene.request.state is RequestState.FAILED
    kind, facts = scene.facts()[0]
    assert (kind, facts["message"], facts["category"]) == (NoticeKind.FAILED, "No.", "InvalidParameterValueException")
    assert facts["remedy"]


def test_a_copy_that_would_fail_now_is_never_started(scene: Scene) -> None:
    scene.backups.remove_vault(COPIES)

    scene.runner.start_due()

    assert scene.backups.orders == []
    assert (scene.request.state, scene.request.round) == (RequestState.PENDING, 2)
    assert (scene.step.state, scene.step.next_poll_at) == (StepState.WAITING, None)
    ((kind, facts),) = scene.facts()
    assert (kind, facts["fails"], facts["was_approved"]) == (NoticeKind.CHANGED, True, True)


def test_what_changed_since_the_approval_is_never_started(scene: Scene) -> None:
    scene.backups.add_vault(a_vault(least=7))

    scene.runner.start_due()

    assert scene.backups.orders == []
    assert (scene.request.state, scene.request.round) == (RequestState.PENDING, 2)
    assert scene.request.answer_by == scene.clock.now() + timedelta(hours=24)
    assert scene.notices() == [NoticeKind.CHANGED]
    assert scene.runner.start_due() == 0


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"delete_at": None}, "The end of the source backup has changed since it was shown."),
        ({"size_bytes": 1}, "The source backup has changed since it was shown."),
    ],
)
def test_a_change_of_the_source_is_named(scene: Scene, change: dict[str, object], sentence: str) -> None:
    scene.backups.change_point(copy_of(scene.step).point.arn, **change)

    scene.runner.start_due()

    ((_, facts),) = scene.facts()
    assert facts["what"] == [sentence]


def test_one_step_that_goes_wrong_holds_up_no_other(scene: Scene) -> None:
    yesterday = scene.clock.now() - timedelta(days=1)
    params = some_params(scene.backups.add_point(MAIN, "customers", created_at=yesterday, lifecycle=Lifecycle(35)))
    shown = look(params, scene.backups, scene.clock.now()).shown
    other = stored_request(scene.store, params, draft_id="draft-2", shown=shown, approved=True)

    class Stumbling(CopyStep):
        def start(self, step: Step, approved_by: str) -> str:
            if step.request_id == scene.request_id:
                raise RuntimeError("a defect")
            return super().start(step, approved_by)

    replace(scene.runner, works={StepKind.COPY: Stumbling(scene.backups)}).start_due()

    assert scene.step.state is StepState.STARTING
    assert read_request(scene.store, other.id).state is RequestState.RUNNING


def test_a_request_nobody_approved_is_never_started(store: Store, clock: ManualClock, scene: Scene) -> None:
    pending = stored_request(store, copy_of(scene.step), draft_id="draft-2")
    with store.begin() as tx:
        tx.steps.release(pending.steps[0].id, clock.now())

    scene.runner.start_due()

    assert [order.request_id for order in scene.backups.orders] == [scene.request_id]


def started(scene: Scene) -> Scene:
    scene.runner.start_due()
    scene.notices()
    scene.clock.pass_(seconds=30)
    return scene


def test_a_job_that_runs_is_shown_on_the_card_once_per_change(scene: Scene) -> None:
    started(scene).backups.run(scene.job)
    before = scene.request.version

    for _ in range(3):
        scene.tracker.poll_due()
        scene.clock.pass_(minutes=1)

    assert scene.step.outside_state == CopyJobState.RUNNING
    assert scene.request.version == before + 1
    assert scene.notices() == []


def test_a_job_is_asked_about_more_and_more_seldom(scene: Scene) -> None:
    started(scene)

    pauses = []
    for _ in range(20):
        scene.tracker.poll_due()
        due = scene.step.next_poll_at
        assert due is not None
        pauses.append(due - scene.clock.now())
        scene.clock.pass_(seconds=pauses[-1].total_seconds())
        scene.clock.pass_(minutes=10)

    assert pauses == sorted(pauses)
    assert (pauses[0], pauses[-1]) == (timedelta(seconds=30), timedelta(seconds=300))


def test_a_finished_copy_is_told_with_its_real_end_and_watched(scene: Scene) -> None:
    copy = started(scene).backups.finish(scene.job)

    scene.tracker.poll_due()

    assert (scene.request.state, scene.step.state) == (RequestState.COMPLETED, StepState.DONE)
    assert scene.request.finished_at == scene.clock.now()
    assert copy.delete_at is not None
    assert scene.facts() == [
        (
            NoticeKind.COMPLETED,
            {
                "job_id": scene.job,
                "copy_arn": copy.arn,
                "size_bytes": 5_000_000_000,
                "seconds": 30,
                "expiry_known": True,
                "delete_at": int(copy.delete_at.timestamp()),
                "step": scene.step.id,
            },
        )
    ]
    assert [(one.arn, one.delete_at, one.looked_at) for one in scene.watched()] == [
        (copy.arn, copy.delete_at, scene.clock.now())
    ]


def test_a_copy_that_was_adopted_before_its_end_was_seen_is_the_requests(scene: Scene) -> None:
    copy = started(scene).backups.finish(scene.job)
    with scene.store.begin() as tx:
        assert tx.copies.add(adopted(copy, "C0ELSEWHERE", None, scene.clock.now()))

    scene.tracker.poll_due()

    assert [(one.arn, one.request_id, one.step_id, one.channel) for one in scene.watched()] == [
        (copy.arn, scene.request_id, scene.step.id, "")
    ]


def test_a_copy_that_the_bot_may_not_see_is_done_all_the_same(scene: Scene) -> None:
    copy = started(scene).backups.finish(scene.job)
    scene.backups.fail_next("point", BackupsDenied("Insufficient privileges", code="AccessDeniedException"))

    scene.tracker.poll_due()

    facts = scene.facts()[0][1]
    assert (facts["copy_arn"], facts["expiry_known"], facts["delete_at"]) == (copy.arn, False, None)
    assert scene.request.state is RequestState.COMPLETED
    assert [(one.arn, one.looked_at) for one in scene.watched()] == [(copy.arn, None)]


def test_a_failed_job_is_told_in_the_words_of_aws_with_a_remedy(scene: Scene) -> None:
    started(scene).backups.fail(scene.job, "Access Denied trying to call AWS Backup service", "ACCESS_DENIED")

    scene.tracker.poll_due()

    assert (scene.request.state, scene.step.state) == (RequestState.FAILED, StepState.FAILED)
    kind, facts = scene.facts()[0]
    assert (kind, facts["message"]) == (NoticeKind.FAILED, "Access Denied trying to call AWS Backup service")
    assert COPIES.arn in str(facts["remedy"])


def test_a_job_of_which_aws_has_no_record_has_an_unknown_outcome(scene: Scene) -> None:
    started(scene).backups.forget_job(scene.job)
    scene.clock.pass_(days=31)

    scene.tracker.poll_due()

    assert scene.step.failure is not None
    assert scene.step.failure.category == RECORD_GONE
    assert "its outcome is not known" in scene.step.failure.message


def test_a_poll_that_fails_changes_nothing(scene: Scene) -> None:
    started(scene).backups.fail_next("copy_job", THROTTLED)
    version = scene.request.version

    scene.tracker.poll_due()

    assert (scene.step.state, scene.request.version, scene.notices()) == (StepState.RUNNING, version, [])


def test_a_job_is_brought_to_its_end_once(scene: Scene) -> None:
    started(scene).backups.finish(scene.job)

    scene.tracker.poll_due()
    scene.clock.pass_(hours=1)

    assert scene.tracker.poll_due() == 0
    assert scene.notices() == [NoticeKind.COMPLETED]


def test_a_step_waits_for_the_one_before_it(store: Store, clock: ManualClock) -> None:
    scene = make_scene(store, clock, steps=2)

    started(scene).runner.start_due()
    assert [step.state for step in scene.request.steps] == [StepState.RUNNING, StepState.WAITING]

    scene.backups.finish(scene.job)
    scene.tracker.poll_due()
    scene.runner.start_due()
    assert [step.state for step in scene.request.steps] == [StepState.DONE, StepState.RUNNING]
    scene.backups.finish_all()
    scene.clock.pass_(minutes=1)
    scene.tracker.poll_due()

    assert [order.token for order in scene.backups.orders] == ["token-draft-1-0", "token-draft-1-1"]
    assert scene.request.state is RequestState.COMPLETED


def test_what_fails_after_a_step_was_done_is_partly_done(store: Store, clock: ManualClock) -> None:
    scene = make_scene(store, clock, steps=2)
    started(scene).backups.finish(scene.job)
    scene.tracker.poll_due()
    scene.backups.fail_next("start_copy", BackupsMissing("gone", code="ResourceNotFoundException"))

    scene.runner.start_due()

    assert scene.request.state is RequestState.PARTIAL


def test_two_runners_at_once_start_a_step_once(scene: Scene) -> None:
    first, second = scene.runner, replace(scene.runner)

    assert (first.start_due(), second.start_due()) == (1, 0)
    assert len(scene.backups.orders) == 1


def test_the_order_carries_what_was_approved(scene: Scene) -> None:
    scene.runner.start_due()

    order = scene.backups.orders[0]
    params = copy_of(scene.step)
    assert (order.params, order.request_id) == (params, scene.request_id)
