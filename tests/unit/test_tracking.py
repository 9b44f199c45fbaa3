"""Tracking many jobs at once, jobs that do not begin, jobs that AWS has forgotten, and what the card may promise."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.backups import CopyJob, CopyJobState, Lifecycle, RecoveryPoint, VaultRef
from bot.domain.books import StepChange, Store
from bot.domain.errors import BackupsDenied, BackupsThrottled
from bot.domain.estimates import Estimate, estimate
from bot.domain.notices import NoticeKind
from bot.domain.params import CopyParams, StepKind
from bot.domain.requests import CopyRequest, RequestState
from bot.domain.routing import TOGETHER
from bot.domain.steps import NOT_SHOWN, RECORD_GONE, SEEN, Step, StepState
from bot.slack.messages.card import status_line
from bot.workflows.preflight import look
from bot.workflows.runner import Runner
from bot.workflows.sightings import FEW, sight
from bot.workflows.steps.copy import CopyStep
from bot.workflows.steps.traces import traces
from bot.workflows.steps.work import Progress
from bot.workflows.tracking import Tracker
from tests.contract.fake_backups import FakeBackups
from tests.unit.builders import (
    COPIES,
    MAIN,
    a_point,
    a_policy,
    a_step,
    copy_of,
    notices_of,
    read_request,
    some_params,
    stored_request,
)
from tests.unit.fakes import NOW, ManualClock, Nudges

THROTTLED = BackupsThrottled("Rate exceeded", code="ThrottlingException")


class Office:
    """A tracker over many requests whose copies have been started."""

    def __init__(self, store: Store, clock: ManualClock) -> None:
        self.store, self.clock, self.backups = store, clock, FakeBackups(clock=clock)
        self.backups.add_vault(COPIES)
        copying = CopyStep(self.backups, store=store)
        works, policy = {StepKind.COPY: copying}, a_policy()
        self.runner = Runner(store, works, policy, clock, Nudges())
        self.tracker = Tracker(store, works, policy, clock, Nudges(), {StepKind.COPY: copying})
        self.ids: list[str] = []

    def start_again(self, number: int = 0) -> str:
        """Have the copy of a request made once more, as another request's; the id of its job."""
        source = copy_of(self.request(number).steps[0]).point
        self.ids.append(self._ask(source))
        return self._begin()[0]

    def start(self, count: int, table: str = "", size_bytes: int = 5_000_000_000, vault: VaultRef = MAIN) -> list[str]:
        """Have so many copies started; the ids of their jobs, in the order of the requests."""
        for _ in range(count):
            made = self.clock.now() - timedelta(days=1)
            point = self.backups.add_point(
                vault,
                table or f"orders-{len(self.ids)}",
                created_at=made,
                lifecycle=Lifecycle(35),
                size_bytes=size_bytes,
            )
            self.ids.append(self._ask(point))
        return self._begin(count)

    def _begin(self, count: int = 1) -> list[str]:
        while self.runner.start_due():
            pass
        self.told()
        self.clock.pass_(seconds=30)
        return [read_request(self.store, one).steps[0].external_id or "" for one in self.ids[-count:]]

    def _ask(self, point: RecoveryPoint) -> str:
        params = some_params(point)
        shown = look(params, self.backups, self.clock.now()).shown
        return stored_request(
            self.store, params, shown=shown, approved=True, draft_id=f"draft-{len(self.ids)}", at=self.clock.now()
        ).id

    def why_unknown(self) -> str:
        """What is said of the first request's copy, of which nobody knows how it ended."""
        failure = self.request().steps[0].failure
        assert failure is not None
        assert failure.category == RECORD_GONE
        return failure.message

    def poll(self) -> Counter[str]:
        """One pass; how often which method of the port was called."""
        self.backups.calls.clear()
        self.tracker.poll_due()
        return Counter(method for method, _ in self.backups.calls)

    def told(self) -> list[tuple[NoticeKind, dict[str, object]]]:
        return [(kind, facts) for kind, facts in notices_of(self.store, self.clock.now()) if not kind.is_living]

    def request(self, number: int = 0) -> CopyRequest:
        return read_request(self.store, self.ids[number])

    def states(self) -> Counter[RequestState]:
        return Counter(read_request(self.store, request_id).state for request_id in self.ids)


@pytest.fixture
def office(store: Store, clock: ManualClock) -> Office:
    return Office(store, clock)


def test_a_few_jobs_are_asked_about_one_by_one(office: Office) -> None:
    office.start(3)

    assert office.poll() == {"copy_job": 3}


def test_many_jobs_of_one_place_are_seen_in_one_list_and_not_asked_about(office: Office) -> None:
    jobs = office.start(FEW + 2)
    for job in jobs[:20]:
        office.backups.run(job)

    assert office.poll() == {"copy_jobs": 2}

    states = Counter(office.request(number).steps[0].outside_state for number in range(FEW + 2))
    assert states == {CopyJobState.RUNNING: 20, CopyJobState.CREATED: FEW - 18}


def test_of_many_jobs_those_that_ended_are_found_in_the_lists_too(office: Office) -> None:
    jobs = office.start(FEW + 2)
    for job in jobs[:2]:
        office.backups.finish(job)
    office.backups.fail(jobs[2], "An internal error occurred.", "FATAL_ERROR")

    calls = office.poll()

    # The two copies are looked at for their real end.
    assert calls == {"copy_jobs": 4, "point": 2}
    assert office.states() == {
        RequestState.COMPLETED: 2,
        RequestState.FAILED: 1,
        RequestState.RUNNING: FEW - 1,
    }


def test_many_jobs_that_were_started_one_after_the_other_are_seen_in_lists_too(office: Office) -> None:
    for _ in range(FEW + 5):
        office.start(1)
        office.poll()
    calls: Counter[str] = Counter()
    for _ in range(120):
        office.clock.pass_(seconds=5)
        calls += office.poll()

    # Jobs that were started over half an hour are looked at together, here every 30 to 75 seconds.
    assert calls.keys() == {"copy_jobs"}
    assert calls["copy_jobs"] <= 2 * 10 * 60 / 30


def test_a_job_that_joins_many_is_looked_at_with_them(office: Office) -> None:
    office.start(FEW + 1)
    office.clock.pass_(minutes=15)
    office.poll()
    (late,) = office.start(1)
    office.backups.finish(late)

    assert office.poll() == {}
    office.clock.pass_(seconds=17)
    assert office.poll() == {"copy_jobs": 3, "point": 1}


def test_where_many_are_looked_at_much_later_a_job_that_joins_them_has_all_looked_at_now(office: Office) -> None:
    office.start(FEW + 1)
    office.clock.pass_(hours=2)
    office.poll()
    office.start(1)

    assert office.poll() == {"copy_jobs": 1}
    office.clock.pass_(seconds=29)
    assert office.poll() == {}
    office.clock.pass_(seconds=1)
    assert office.poll() == {"copy_jobs": 1}


def test_what_ends_among_many_is_told_within_the_pause_of_the_youngest(office: Office) -> None:
    job = office.start(FEW + 1)[0]
    office.clock.pass_(hours=20)
    (young,) = office.start(1)
    office.poll()
    for one in (job, young):
        office.backups.finish(one)
    office.clock.pass_(seconds=30)

    office.poll()

    assert office.states()[RequestState.COMPLETED] == 2


def test_jobs_elsewhere_are_asked_about_one_by_one_however_many_run_here(office: Office) -> None:
    office.start(FEW + 1)
    office.start(2, vault=replace(MAIN, region="eu-west-1"))

    assert office.poll() == {"copy_jobs": 1, "copy_job": 2}


def test_a_job_that_no_list_holds_is_asked_about_by_itself(office: Office) -> None:
    jobs = office.start(FEW + 2)
    office.backups.forget_job(jobs[0])

    assert office.poll() == {"copy_jobs": 5, "copy_job": 1, "points_of": 1}


def test_when_the_list_cannot_be_read_nothing_changes_and_nothing_is_asked_one_by_one(office: Office) -> None:
    office.start(FEW + 2)
    office.backups.fail_next("copy_jobs", THROTTLED)

    assert office.poll() == {"copy_jobs": 1}
    assert office.states() == {RequestState.RUNNING: FEW + 2}
    office.clock.pass_(minutes=1)
    assert office.poll() == {"copy_jobs": 1}


def test_after_an_outage_all_that_finished_is_told_in_one_pass_in_the_order_in_which_it_ended(office: Office) -> None:
    jobs = office.start(5)
    ended = [jobs[3], jobs[0], jobs[4], jobs[2], jobs[1]]
    for job in ended:
        office.clock.pass_(minutes=7)
        office.backups.finish(job)
    office.clock.pass_(hours=9)

    office.poll()

    told = [facts["job_id"] for kind, facts in office.told() if kind is NoticeKind.COMPLETED]
    assert told == ended


def test_what_failed_meanwhile_has_its_own_time_and_its_place_in_that_order(office: Office) -> None:
    jobs = office.start(3)
    office.clock.pass_(hours=1)
    office.backups.finish(jobs[0])
    office.clock.pass_(hours=1)
    office.backups.fail(jobs[1], "An internal error occurred.", "FATAL_ERROR")
    ended = office.clock.now()
    office.clock.pass_(hours=1)
    office.backups.finish(jobs[2])
    office.clock.pass_(hours=24)

    office.poll()

    assert [(kind, facts["job_id"]) for kind, facts in office.told()] == [
        (NoticeKind.COMPLETED, jobs[0]),
        (NoticeKind.FAILED, jobs[1]),
        (NoticeKind.COMPLETED, jobs[2]),
    ]
    assert office.request(1).steps[0].finished_at == ended


@pytest.mark.parametrize("count", [1, FEW + 1])
def test_a_job_that_ends_as_partial_is_no_copy_and_its_state_is_told(office: Office, count: int) -> None:
    """Seen by itself and in a list alike; where AWS gives no message, its state is what there is to tell."""
    jobs = office.start(count)
    office.backups.end_partly(jobs[0])

    office.poll()

    request = office.request()
    (step,) = request.steps
    assert (request.state, step.state) == (RequestState.FAILED, StepState.FAILED)
    assert step.failure is not None
    assert (step.failure.category, step.failure.message) == (
        "PARTIAL",
        "AWS ended the copy job as PARTIAL without a message.",
    )
    assert step.failure.remedy
    assert [kind for kind, _ in office.told()] == [NoticeKind.FAILED]
    assert step.result_arn is None


@pytest.mark.parametrize(("count", "together"), [(TOGETHER, False), (TOGETHER + 1, True)])
def test_so_many_that_end_in_one_pass_are_told_together(office: Office, count: int, together: bool) -> None:
    for job in office.start(count):
        office.backups.finish(job)

    office.poll()

    told = [bool(facts.get("together")) for kind, facts in office.told() if kind is NoticeKind.COMPLETED]
    assert told == [together] * count


def test_one_step_that_goes_wrong_does_not_hold_up_the_others(office: Office) -> None:
    jobs = office.start(2)
    office.backups.finish(jobs[1])
    first = office.request(0).steps[0]
    with office.store.begin() as tx:
        # What nobody foresaw: a step without the id of its job.
        tx.steps.move(first.id, before=StepState.RUNNING, after=StepState.WAITING, change=_due(office))
        tx.steps.move(first.id, before=StepState.WAITING, after=StepState.RUNNING, change=_due(office, external_id=""))

    office.poll()

    assert office.request(1).state is RequestState.COMPLETED


class Odd(CopyStep):
    """Says of one job what no database can hold."""

    def poll(self, step: Step, now: datetime) -> Progress:
        progress = super().poll(step, now)
        return replace(progress, outside_state="\ud800") if step.request_id == "CB-1" else progress


def test_one_step_of_which_nothing_can_be_told_keeps_no_other_from_being_told_of(office: Office) -> None:
    jobs = office.start(3)
    for job in jobs:
        office.backups.run(job)
    office.tracker.works = {StepKind.COPY: Odd(office.backups)}

    office.poll()

    states = [office.request(number).steps[0].outside_state for number in range(3)]
    assert states == [CopyJobState.CREATED, CopyJobState.RUNNING, CopyJobState.RUNNING]


class Unlistable(FakeBackups):
    """Answers for one Region what nobody understands."""

    def copy_jobs(
        self, account: str, region: str, state: CopyJobState, *, ended_after: datetime | None = None
    ) -> tuple[CopyJob, ...]:
        if region == MAIN.region:
            raise KeyError("a defect")
        return super().copy_jobs(account, region, state, ended_after=ended_after)


def test_one_region_whose_list_is_not_understood_keeps_no_other_from_being_looked_at(clock: ManualClock) -> None:
    backups, elsewhere = Unlistable(clock=clock), replace(MAIN, region="eu-central-1")
    steps = [
        a_step(StepState.RUNNING, some_params(a_point(vault=vault)), id=number, external_id=f"JOB-{number}")
        for number, vault in enumerate([MAIN] * (FEW + 1) + [elsewhere] * (FEW + 1))
    ]

    seen = sight(backups, steps)

    assert seen.unread == dict.fromkeys(range(FEW + 1))
    assert {account for method, account in backups.calls} == {elsewhere.account}


def _due(office: Office, external_id: str | None = None) -> StepChange:
    return StepChange(next_poll_at=office.clock.now(), external_id=external_id)


def stalled_after(office: Office, passing: Sequence[timedelta]) -> list[int]:
    """How many hours people are told of, when somebody looks after each of these times."""
    hours: list[int] = []
    for by in passing:
        office.clock.pass_(seconds=by.total_seconds())
        office.poll()
        hours += [int(str(facts["hours"])) for kind, facts in office.told() if kind is NoticeKind.STALLED]
    return hours


def test_a_job_that_does_not_begin_is_explained_after_two_hours_and_then_every_twelve(office: Office) -> None:
    office.start(1)

    told = stalled_after(office, [timedelta(minutes=20)] * 3 * 30)

    assert told == [2, 14, 26]
    assert office.request().state is RequestState.RUNNING


def test_who_looks_late_tells_once_how_long_it_has_been(office: Office) -> None:
    office.start(1)

    assert stalled_after(office, [timedelta(hours=40), timedelta(minutes=30)]) == [40]


def test_a_job_that_runs_for_long_is_not_said_to_be_waiting(office: Office) -> None:
    (job,) = office.start(1)
    office.backups.run(job)

    assert stalled_after(office, [timedelta(hours=6)] * 4) == []


def test_the_card_tells_how_long_it_has_been_more_and_more_seldom(office: Office) -> None:
    (job,) = office.start(1)
    office.backups.run(job)
    versions = set()
    for _ in range(24 * 6):
        office.clock.pass_(minutes=10)
        office.poll()
        versions.add(office.request().version)

    assert 5 < len(versions) < 20
    shown = office.request().steps[0].shown_at
    assert shown is not None
    assert office.clock.now() - shown < timedelta(hours=12)


def test_the_end_of_a_forgotten_job_is_read_off_its_copy(office: Office) -> None:
    (job,) = office.start(1)
    office.clock.pass_(minutes=10)
    office.backups.finish(job)
    ended = office.clock.now()
    office.backups.forget_job(job)
    office.clock.pass_(days=31)

    office.poll()

    step, ((_, facts),) = office.request().steps[0], office.told()
    assert (step.finished_at, step.outside_state) == (ended, CopyJobState.COMPLETED)
    assert (facts["from_vault"], facts["seconds"]) == (True, 630)


@pytest.mark.parametrize("told", [None, NOW - timedelta(days=1)], ids=["no end", "the end of its source"])
def test_where_the_copy_tells_no_end_of_its_own_it_was_only_seen(office: Office, told: datetime | None) -> None:
    (job,) = office.start(1)
    copy = office.backups.finish(job)
    office.backups.change_point(copy.arn, completed_at=told)
    office.backups.forget_job(job)
    office.clock.pass_(days=31)

    office.poll()

    step = office.request().steps[0]
    assert (step.finished_at, step.outside_state) == (office.clock.now(), SEEN)
    assert estimate(replace(step, id=99), [step]) is None


def test_a_job_that_aws_has_forgotten_is_settled_from_the_vault(office: Office) -> None:
    (job,) = office.start(1)
    copy = office.backups.finish(job)
    office.backups.change_point(copy.arn, completed_at=None)
    office.backups.forget_job(job)
    office.clock.pass_(days=31)

    office.poll()

    ((kind, facts),) = office.told()
    assert (kind, facts["copy_arn"], facts["from_vault"], facts["seconds"]) == (
        NoticeKind.COMPLETED,
        copy.arn,
        True,
        None,
    )
    assert facts["delete_at"] == int((copy.delete_at or NOW).timestamp())
    assert office.request().state is RequestState.COMPLETED


def test_a_job_that_aws_does_not_show_yet_is_looked_at_again_and_nothing_is_said(office: Office) -> None:
    (job,) = office.start(1)
    record = office.backups.hide_job(job)

    office.poll()
    assert (office.request().state, office.told()) == (RequestState.RUNNING, [])

    office.backups.show_job(record)
    office.clock.pass_(minutes=5)
    office.backups.finish(job)
    office.poll()
    assert [kind for kind, _ in office.told()] == [NoticeKind.COMPLETED]


def test_a_job_that_aws_does_not_show_for_long_is_said_once_to_be_hidden_and_never_to_have_failed(
    office: Office,
) -> None:
    (job,) = office.start(1)
    record = office.backups.hide_job(job)

    said = []
    for _ in range(29):
        office.clock.pass_(days=1)
        office.poll()
        said += office.told()

    facts = {"hidden": True, "job_id": job, "step": office.request().steps[0].id}
    assert said == [(NoticeKind.STALLED, facts)]
    assert (office.request().state, office.request().steps[0].outside_state) == (RequestState.RUNNING, NOT_SHOWN)

    office.backups.show_job(record)
    office.backups.run(job)
    office.clock.pass_(minutes=10)
    office.poll()
    assert office.request().steps[0].outside_state == CopyJobState.RUNNING


def test_a_copy_that_was_made_since_ends_the_wait_for_its_hidden_job(office: Office) -> None:
    (job,) = office.start(1)
    copy = office.backups.finish(job)
    office.backups.forget_job(job)

    office.poll()

    ((kind, facts),) = office.told()
    assert (kind, facts["copy_arn"]) == (NoticeKind.COMPLETED, copy.arn)


@pytest.mark.parametrize("made", [None, NOW - timedelta(hours=1)], ids=["no date", "before"])
def test_a_copy_that_may_have_been_there_before_says_nothing_of_a_young_job(
    office: Office, made: datetime | None
) -> None:
    (job,) = office.start(1)
    copy = office.backups.finish(job)
    office.backups.change_point(copy.arn, completed_at=made)
    office.backups.forget_job(job)

    office.poll()

    assert (office.request().state, office.told()) == (RequestState.RUNNING, [])


@pytest.mark.parametrize("changes", [{"source_vault_arn": "another"}, {"created_at": NOW}])
def test_another_backup_of_the_table_is_not_taken_for_the_copy(office: Office, changes: dict[str, object]) -> None:
    (job,) = office.start(1)
    copy = office.backups.finish(job)
    office.backups.change_point(copy.arn, **changes)
    office.backups.forget_job(job)
    office.clock.pass_(days=31)

    office.poll()

    assert office.why_unknown()


@pytest.mark.parametrize("days", [31, 100])
def test_a_copy_that_may_have_ended_since_is_not_said_to_have_failed_or_been_deleted(office: Office, days: int) -> None:
    (job,) = office.start(1)
    office.clock.pass_(days=days)
    office.backups.forget_job(job)

    office.poll()

    failure = office.request().steps[0].failure
    assert failure is not None
    assert ("has come to its own end since" in failure.remedy) is (days == 100)


def test_a_vault_that_cannot_be_read_now_is_looked_into_again(office: Office) -> None:
    (job,) = office.start(1)
    office.backups.finish(job)
    office.backups.forget_job(job)
    office.backups.fail_next("points_of", THROTTLED)

    office.poll()
    assert office.request().state is RequestState.RUNNING
    office.clock.pass_(minutes=1)
    office.poll()
    assert office.request().state is RequestState.COMPLETED


def test_a_vault_that_may_not_be_read_leaves_the_outcome_unknown(office: Office) -> None:
    (job,) = office.start(1)
    office.backups.forget_job(job)
    office.clock.pass_(days=31)
    office.backups.fail_next("points_of", BackupsDenied("Insufficient privileges", code="AccessDeniedException"))

    office.poll()

    said = office.why_unknown()
    assert "did not let me look for the copy in the vault (Insufficient privileges)" in said


def test_a_vault_that_may_not_be_read_says_nothing_of_a_young_job(office: Office) -> None:
    (job,) = office.start(1)
    office.backups.forget_job(job)
    office.backups.fail_next("points_of", BackupsDenied("Insufficient privileges", code="AccessDeniedException"))

    office.poll()

    assert (office.request().state, office.told()) == (RequestState.RUNNING, [])


@pytest.mark.parametrize("dated", [True, False])
def test_a_copy_that_an_earlier_request_made_is_not_taken_for_this_ones(office: Office, dated: bool) -> None:
    (first,) = office.start(1)
    copy = office.backups.finish(first)
    if not dated:
        office.backups.change_point(copy.arn, completed_at=None)
    office.poll()
    office.told()
    office.backups.forget_job(office.start_again())
    office.clock.pass_(days=31)

    office.poll()

    ((kind, facts),) = office.told()
    assert (kind, facts["category"]) == (NoticeKind.FAILED, RECORD_GONE)
    assert "I see no complete copy in the vault that it can have made" in str(facts["message"])


def test_of_two_copies_only_the_one_that_was_made_since_the_start_is_the_jobs(office: Office) -> None:
    (job,) = office.start(1)
    copy = office.backups.finish(job)
    office.backups.put(replace(copy, arn=f"{copy.arn}0", completed_at=None))
    office.backups.forget_job(job)
    office.clock.pass_(days=31)

    office.poll()

    ((kind, facts),) = office.told()
    assert (kind, facts["copy_arn"]) == (NoticeKind.COMPLETED, copy.arn)


def test_of_two_copies_that_could_both_be_it_none_is_taken(office: Office) -> None:
    (job,) = office.start(1)
    copy = office.backups.finish(job)
    office.backups.put(replace(copy, arn=f"{copy.arn}0"))
    office.backups.forget_job(job)
    office.clock.pass_(days=31)

    office.poll()

    said = office.why_unknown()
    assert "I see 2 copies of this backup in the vault and cannot tell which" in said


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("AVAILABLE", RequestState.COMPLETED),
        ("EXPIRED", RequestState.COMPLETED),
        ("CREATING", RequestState.FAILED),
        ("PARTIAL", RequestState.FAILED),
    ],
)
def test_only_a_complete_copy_is_a_copy(office: Office, status: str, state: RequestState) -> None:
    (job,) = office.start(1)
    copy = office.backups.finish(job)
    office.backups.change_point(copy.arn, status=status)
    office.backups.forget_job(job)
    office.clock.pass_(days=31)

    office.poll()

    assert office.request().state is state


@pytest.mark.parametrize(
    ("its_source", "taken"),
    [(NOW - timedelta(days=1), True), (NOW - timedelta(hours=20), False), (None, True)],
    ids=["the source's own date", "another date", "nobody knows the source's"],
)
def test_a_copy_from_before_the_start_is_left_out_unless_the_date_may_be_its_sources(
    its_source: datetime | None, taken: bool
) -> None:
    params = some_params(replace(a_point(), completed_at=its_source))
    step = replace(a_step(StepState.RUNNING, params), started_at=NOW)
    copy = replace(
        params.point, arn="copy", source_vault_arn=params.point.vault.arn, completed_at=NOW - timedelta(days=1)
    )

    assert bool(traces(step, params, [copy], ()).count) is taken


def test_the_card_estimates_the_end_from_earlier_copies_of_the_table(office: Office) -> None:
    (job,) = office.start(1, "orders", size_bytes=1_000_000_000)
    office.clock.pass_(minutes=10)
    office.backups.finish(job)
    office.poll()
    (job,) = office.start(1, "orders", size_bytes=2_000_000_000)
    office.backups.run(job)

    office.poll()

    step = office.request(1).steps[0]
    assert step.started_at is not None
    assert (step.expected_at, step.expected_from) == (step.started_at + timedelta(minutes=21), 1)


def test_an_estimate_that_is_past_leaves_the_card_at_the_next_look(office: Office) -> None:
    (job,) = office.start(1, "orders")
    office.clock.pass_(minutes=100)
    office.backups.finish(job)
    office.poll()
    (job,) = office.start(1, "orders")
    office.backups.run(job)
    # The card grows old more and more slowly: after 80 minutes it would tell again after 120.
    for minutes in (80, 19, 10):
        office.clock.pass_(minutes=minutes)
        office.poll()

    step = office.request(1).steps[0]

    assert (step.shown_at, step.expected_at is not None) == (office.clock.now(), True)
    assert "takes longer than estimated" in status_line(office.request(1))


def ran(minutes: float, size: int = 5_000_000_000, params: CopyParams | None = None) -> Step:
    step = a_step(StepState.DONE, params or some_params(a_point(size=size)), id=7)
    return replace(step, started_at=NOW, finished_at=NOW + timedelta(minutes=minutes))


def test_without_history_there_is_no_estimate() -> None:
    step = a_step(StepState.RUNNING, started_at=NOW)

    assert estimate(step, []) is None
    assert estimate(replace(step, started_at=None), [ran(5)]) is None


def test_the_estimate_is_the_median_at_the_speed_of_earlier_copies() -> None:
    step = a_step(StepState.RUNNING, some_params(a_point(size=10_000_000_000)), started_at=NOW)
    history = [ran(10), ran(12), ran(500)]

    assert estimate(step, history) == Estimate(NOW + timedelta(minutes=24), 3)


def test_without_sizes_the_estimate_is_the_median_time() -> None:
    step = a_step(StepState.RUNNING, some_params(a_point(size=0)), started_at=NOW)

    assert estimate(step, [ran(10, 0), ran(20, 0)]) == Estimate(NOW + timedelta(minutes=15), 2)


def test_copies_over_another_route_or_of_another_table_say_nothing() -> None:
    elsewhere = some_params(destination=replace(COPIES, region="eu-central-1"))
    step = a_step(StepState.RUNNING, started_at=NOW)

    others = [ran(10, params=elsewhere), ran(10, params=some_params(a_point("customers")))]

    assert estimate(step, others) is None
