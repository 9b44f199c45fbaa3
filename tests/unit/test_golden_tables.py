"""Restores, drills, changed plans and schedules as people read them: golden files that Slack would take."""

from dataclasses import replace

import pytest

from bot.domain.backup_plans import Change
from bot.domain.live_tables import not_brought_back
from bot.domain.notices import Notice, NoticeKind
from bot.domain.ports import Message
from bot.domain.requests import CopyRequest, RequestState, Verdict
from bot.domain.restores import Encryption
from bot.domain.steps import Step, StepState
from bot.slack.describe import Names
from bot.slack.messages import in_words
from tests.unit.builders import ACCOUNTS, CHANNEL, a_decision, a_request
from tests.unit.fakes import NOW
from tests.unit.golden_files import Golden, agreed_names, marked_texts
from tests.unit.plan_scenes import NEW_BACKUP
from tests.unit.table_builders import (
    ORDERS,
    SETTINGS,
    a_drill,
    along_ways,
    changing_plan,
    comparing,
    copying_back,
    deleting,
    recurring,
    restoring,
    step_of,
)

FOLDER = "table_messages"
HOSTILE = "<!channel> `rm` *bold* <https://evil.example|prod>"
WORDS = in_words(Names(ACCOUNTS))
KEY = "arn:aws:kms:eu-west-1:111111111111:key/1a2b"
SOON = int(NOW.timestamp())
ARN = ORDERS.replace("orders", "orders-restored")
LACKS = [list(pair) for pair in not_brought_back("orders-restored", "us-east-1", SETTINGS, ARN)]
RESTORED = {"job_id": "JOB-2", "table_arn": ARN, "seconds": 421, "recorded_at": SOON, "was_gone": False}
RESTORED |= {"alarms_recorded": True, "unseen": {}}
UNRECORDED: dict[str, object] = {"lacks": [], "alarms_recorded": False}
COMPARED = {
    "basis": "record",
    "expected": 5,
    "is_exact": True,
    "found": 5,
    "complete": True,
    "sampled": 5,
    "missing": 0,
    "different": 0,
    "agrees": True,
    "recorded_at": SOON,
}

REQUESTS: dict[str, CopyRequest] = {
    "restore": a_request(RequestState.PENDING, step_of(copying_back()), step_of(restoring(), 2, 1)),
    "restore-here": a_request(
        RequestState.PENDING,
        step_of(
            restoring(point_from_before=False, encryption=Encryption.CUSTOMER, key_arn="arn:aws:kms:eu-west-1:1:key/a")
        ),
    ),
    "drill": a_request(RequestState.PENDING, *a_drill()),
    "drill-done": a_request(RequestState.COMPLETED, *a_drill(is_done=True), decisions=(a_decision(),)),
    "plan-add": a_request(RequestState.PENDING, step_of(changing_plan())),
    "plan-change": a_request(
        RequestState.PENDING, step_of(changing_plan(Change.CHANGE, destination=changing_plan().destination))
    ),
    "plan-remove": a_request(RequestState.PENDING, step_of(changing_plan(Change.REMOVE))),
    "recurring": a_request(RequestState.PENDING, step_of(recurring())),
    "recurring-styled": a_request(RequestState.PENDING, step_of(recurring(pattern="*o*"))),
    "recurring-lapsed": a_request(RequestState.LAPSED, step_of(recurring())),
    "recurring-rejected": a_request(
        RequestState.REJECTED, step_of(recurring()), decisions=(a_decision(verdict=Verdict.REJECT),)
    ),
    "recurring-in-force": a_request(
        RequestState.COMPLETED,
        replace(step_of(recurring()), state=StepState.DONE, finished_at=NOW),
        decisions=(a_decision(),),
    ),
    "recurring-ways": a_request(RequestState.PENDING, step_of(along_ways())),
    "hostile": a_request(
        RequestState.PENDING, step_of(restoring(name=HOSTILE)), step_of(recurring(pattern=HOSTILE), 2)
    ),
}
DONE: dict[str, tuple[Step, dict[str, object]]] = {
    "restored": (step_of(restoring()), {**RESTORED, "lacks": LACKS, "unseen": dict(SETTINGS.unseen)}),
    "restored-nothing-lacks": (step_of(restoring()), {**RESTORED, "lacks": []}),
    "restored-unrecorded": (step_of(restoring()), {**RESTORED, **UNRECORDED, "recorded_at": None}),
    "restored-table-gone-at-copy": (step_of(restoring()), {**RESTORED, **UNRECORDED, "was_gone": True}),
    "restored-alarms-unseen": (
        step_of(restoring()),
        {**RESTORED, **UNRECORDED, "lacks": LACKS[:1], "unseen": {"CloudWatch alarms": "not authorized"}},
    ),
    "restored-with-many-alarms": (
        step_of(restoring()),
        {**RESTORED, "lacks": [[f"CloudWatch alarm {n}", "aws cloudwatch put-metric-alarm"] for n in range(42)]},
    ),
    "restored-for-drill": (step_of(restoring(is_drill=True)), {**RESTORED, "lacks": LACKS}),
    "compared": (step_of(comparing()), COMPARED),
    "compared-differs": (
        step_of(comparing()),
        {**COMPARED, "agrees": False, "found": 4, "missing": 1, "different": 1},
    ),
    "compared-live": (step_of(comparing()), {**COMPARED, "basis": "live", "is_exact": False}),
    "compared-partly": (step_of(comparing()), {**COMPARED, "complete": False, "found": 1_000_000}),
    "compared-with-nothing": (step_of(comparing()), {**COMPARED, "basis": "nothing", "expected": None}),
    "drilled": (step_of(deleting(), 4), {}),
    "plan-changed": (step_of(changing_plan()), {"version": "version-2"}),
    "in-force": (step_of(recurring()), {"next_run_at": SOON}),
}
RUN: dict[str, object] = {"requests": ["CB-50"], "missed": 0, "unchanged": [], "refused": [], "next_run_at": SOON}
RUNS: dict[str, dict[str, object]] = {
    "ran": {**RUN, "what": "ran"},
    "ran-after-missed": {
        **RUN,
        "what": "ran",
        "missed": 3,
        "unchanged": ["orders-eu"],
        "refused": [f"{HOSTILE}: cold"],
    },
    "skipped": {**RUN, "what": "skipped", "before": ["CB-49"]},
    "nothing": {**RUN, "what": "nothing", "missed": 1, "requests": []},
    "failed": {**RUN, "what": "failed", "reason": f"Nobody could approve {HOSTILE}."},
    "ends": {"what": "ends", "until": SOON},
    "ended": {"what": "ended", "until": SOON},
    "paused": {"what": "paused", "by": "U0BEN"},
    "resumed": {"what": "resumed", "by": "U0BEN", "next_run_at": SOON},
    "deleted": {"what": "deleted", "by": "U0BEN"},
}


def said(kind: NoticeKind, request: CopyRequest, facts: dict[str, object] | None = None) -> Message:
    return WORDS(Notice(1, request.id, 1, kind, "key", CHANNEL, "", facts or {}, 1, False, NOW), request)


@pytest.mark.parametrize("kind", [NoticeKind.CARD, NoticeKind.ASK])
@pytest.mark.parametrize("name", REQUESTS)
def test_card_and_question_read_as_agreed(golden: Golden, name: str, kind: NoticeKind) -> None:
    golden.message(f"{kind}-{name}", said(kind, REQUESTS[name]), FOLDER)


@pytest.mark.parametrize("name", DONE)
def test_each_finished_step_reads_as_agreed(golden: Golden, name: str) -> None:
    step, facts = DONE[name]
    steps = REQUESTS["drill-done"].steps if name == "drilled" else (step,)

    request = a_request(RequestState.RUNNING, *steps)
    golden.message(f"done-{name}", said(NoticeKind.COMPLETED, request, {**facts, "step": step.id}), FOLDER)


@pytest.mark.parametrize("name", RUNS)
def test_what_becomes_of_a_schedule_reads_as_agreed(golden: Golden, name: str) -> None:
    golden.message(f"schedule-{name}", said(NoticeKind.SCHEDULE, REQUESTS["recurring"], RUNS[name]), FOLDER)


def test_every_golden_file_is_still_meant() -> None:
    living = {f"{kind}-{name}" for kind in (NoticeKind.CARD, NoticeKind.ASK) for name in REQUESTS}
    made = living | {f"done-{name}" for name in DONE} | {f"schedule-{name}" for name in RUNS}

    assert agreed_names(FOLDER) == made


def test_foreign_text_calls_nobody() -> None:
    messages = [said(kind, REQUESTS["hostile"]) for kind in (NoticeKind.CARD, NoticeKind.ASK)]
    messages += [said(NoticeKind.SCHEDULE, REQUESTS["recurring"], facts) for facts in RUNS.values()]

    for message in messages:
        marked = "".join([message.text, *marked_texts(message.blocks)])
        assert "<!channel>" not in marked
        assert "<https://evil" not in marked


def test_a_drill_that_has_failed_keeps_its_table_and_says_how_to_delete_it() -> None:
    failed = step_of(comparing(), 3, 2, state=StepState.FAILED)

    facts: dict[str, object] = {"message": "differs", "remedy": "`aws dynamodb delete-table`", "step": 3}
    message = said(NoticeKind.FAILED, a_request(RequestState.PARTIAL, failed), facts)

    assert "`aws dynamodb delete-table`" in str(message.blocks)


def test_what_has_failed_is_named_by_the_kind_of_its_job() -> None:
    """A backup job is looked up in AWS's console on another page than a copy job."""
    failed = step_of(NEW_BACKUP, 1, state=StepState.FAILED)
    facts: dict[str, object] = {"message": "Table not found", "remedy": "", "step": 1, "job_id": "B-1"}

    message = said(NoticeKind.FAILED, a_request(RequestState.FAILED, failed), facts)

    assert "backup job `B-1`" in str(message.blocks)
    assert "copy job" not in str(message.blocks)
