"""Jobs that cannot be read: told once for each outage, never as a failure, and the card claims nothing meanwhile."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.books import Store
from bot.domain.errors import BackupsDenied, BackupsError, BackupsLockedOut, BackupsThrottled, BackupsUnreachable
from bot.domain.notices import NoticeKind
from bot.domain.overview import Unread
from bot.domain.requests import RequestState
from bot.domain.steps import LOOK_DENIED, UNANSWERED, StepState
from bot.slack.messages.card import status_line
from bot.workflows.sightings import FEW
from bot.workflows.unread import facts_of, outside_state, what_to_do
from tests.unit.builders import PROD, a_step
from tests.unit.fakes import NOW, ManualClock
from tests.unit.test_tracking import Office

DENIED = BackupsDenied(
    "User: arn:aws:sts::111111111111:assumed-role/CopyBackupBot/bot is not authorized to perform: "
    "backup:DescribeCopyJob on resource: * because no identity-based policy allows it",
    code="AccessDeniedException",
    operation="DescribeCopyJob",
)
LOCKED_OUT = BackupsLockedOut("No access to prod: expired", code="ExpiredToken", operation="AssumeRole")
THROTTLED = BackupsThrottled("Rate exceeded", code="ThrottlingException")
SILENT = BackupsUnreachable("Read timed out", code="ReadTimeoutError")


@pytest.fixture
def office(store: Store, clock: ManualClock) -> Office:
    return Office(store, clock)


def told_after(office: Office, error: BackupsError | None, minutes: Sequence[float]) -> list[dict[str, object]]:
    """What was said in passes after these pauses, while every look ends like this (None: AWS answers)."""
    said = []
    for pause in minutes:
        office.clock.pass_(minutes=pause)
        if error is not None:
            office.backups.fail_next("copy_job", error)
        office.poll()
        said += office.told()
    assert {kind for kind, _ in said} <= {NoticeKind.STALLED}
    return [facts for _, facts in said]


def running(office: Office) -> str:
    (job,) = office.start(1)
    office.backups.run(job)
    office.poll()
    return job


def standing(office: Office) -> list[Unread]:
    with office.store.read() as tx:
        return list(tx.overview.unread())


def test_a_job_that_may_not_be_read_is_told_once_with_the_permission_and_never_as_failed(office: Office) -> None:
    job = running(office)
    office.clock.pass_(minutes=10)
    since = office.clock.now()

    said = told_after(office, DENIED, [0, *[10] * 30, *[60] * 30])

    step = office.request().steps[0]
    assert said == [
        {
            "unread": "denied",
            "action": "backup:DescribeCopyJob",
            "message": DENIED.message,
            "since": int(since.timestamp()),
            "job_id": job,
            "step": step.id,
        }
    ]
    assert (office.request().state, step.state, step.outside_state) == (
        RequestState.RUNNING,
        StepState.RUNNING,
        LOOK_DENIED,
    )


def test_the_card_claims_nothing_while_aws_lets_nobody_look_and_is_right_again_after(office: Office) -> None:
    running(office)

    told_after(office, DENIED, [10] * 3)

    assert "AWS does not let me look now, in vain since" in status_line(office.request())
    assert "AWS is copying" not in status_line(office.request())
    assert standing(office) == [Unread(PROD, 1, office.request().steps[0].unread_since)]

    assert told_after(office, None, [10]) == []
    assert "AWS is copying" in status_line(office.request())
    assert office.request().steps[0].unread_since is None
    assert standing(office) == []


def test_a_short_refusal_is_not_told_and_forgotten_with_the_next_answer(office: Office) -> None:
    running(office)

    assert told_after(office, DENIED, [5, 5]) == []
    assert told_after(office, None, [5]) == []
    assert told_after(office, DENIED, [5, 5]) == []
    assert "AWS is copying" in status_line(office.request())


def test_each_outage_is_told(office: Office) -> None:
    running(office)

    said = told_after(office, DENIED, [10] * 6)
    assert told_after(office, None, [10]) == []
    said += told_after(office, DENIED, [10] * 6)

    assert len(said) == 2


@pytest.mark.parametrize("error", [THROTTLED, SILENT])
def test_an_aws_that_gives_no_answer_is_told_later_and_in_other_words(office: Office, error: BackupsError) -> None:
    running(office)

    assert told_after(office, error, [10, 10, 9]) == []
    (facts,) = told_after(office, error, [15] * 20)

    assert (facts["unread"], facts["action"]) == ("unanswered", "")
    assert office.request().steps[0].outside_state == UNANSWERED
    assert "AWS gives me no answer about it now, in vain since" in status_line(office.request())


def test_that_aws_denies_it_is_told_after_a_silence_too_and_not_the_other_way_round(office: Office) -> None:
    running(office)

    said = told_after(office, THROTTLED, [15] * 4)
    said += told_after(office, DENIED, [15] * 4)
    said += told_after(office, THROTTLED, [15] * 8)

    assert [facts["unread"] for facts in said] == ["unanswered", "denied"]


def test_a_job_that_ended_meanwhile_is_told_when_it_can_be_read_again(office: Office) -> None:
    job = running(office)
    told_after(office, DENIED, [10] * 4)
    office.backups.finish(job)

    office.clock.pass_(minutes=10)
    office.poll()

    assert [kind for kind, _ in office.told()] == [NoticeKind.COMPLETED]
    assert (office.request().state, standing(office)) == (RequestState.COMPLETED, [])


def test_many_jobs_whose_list_is_denied_are_told_too(office: Office) -> None:
    jobs = office.start(FEW + 1)
    for job in jobs:
        office.backups.run(job)
    office.poll()

    said = []
    for _ in range(4):
        office.clock.pass_(minutes=10)
        office.backups.fail_next("copy_jobs", DENIED)
        office.poll()
        said += office.told()

    assert sorted(str(facts["job_id"]) for _, facts in said) == sorted(jobs)
    assert [one.number for one in standing(office)] == [FEW + 1]


def test_the_log_says_what_to_do(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    running(office)

    with caplog.at_level(logging.WARNING):
        told_after(office, DENIED, [1])

    (line,) = [record for record in caplog.records if record.getMessage() == "step_unread"]
    assert "backup:DescribeCopyJob" in vars(line)["what_to_do"]


@pytest.mark.parametrize(
    ("error", "words"), [(DENIED, "copy-backup iam"), (LOCKED_OUT, "copy-backup check"), (THROTTLED, "nothing")]
)
def test_each_kind_has_its_advice(error: BackupsError, words: str) -> None:
    assert words in what_to_do(error)


def test_a_refused_role_counts_as_denied_and_is_told_apart() -> None:
    step = replace(a_step(StepState.RUNNING, started_at=NOW), unread_since=NOW + timedelta(minutes=1))
    later = NOW + timedelta(minutes=16)

    assert outside_state(step, LOCKED_OUT, later) == LOOK_DENIED
    assert (facts_of(step, LOCKED_OUT, later)["unread"], facts_of(step, LOCKED_OUT, later)["action"]) == (
        "locked out",
        "",
    )


def test_an_outage_of_an_earlier_try_counts_no_more() -> None:
    step = replace(a_step(StepState.RUNNING, started_at=NOW), unread_since=NOW - timedelta(days=1))

    assert (step.in_vain_since, outside_state(step, DENIED, NOW)) == (None, "")
