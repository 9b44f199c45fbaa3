"""Every message in every state, as people read it: golden files that Slack would take."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.approvals import Ruling, Stage
from bot.domain.backups import Lifecycle
from bot.domain.copies import CopyEnd, Made
from bot.domain.cost import LIST_PRICES, fees
from bot.domain.lifecycles import WOULD_SHORTEN
from bot.domain.notices import Notice, NoticeKind
from bot.domain.params import SetRetentionParams
from bot.domain.people import Actor
from bot.domain.plans import Leg, plan_for_permanent
from bot.domain.ports import Message
from bot.domain.requests import CopyRequest, RequestState, Review, Verdict
from bot.domain.retention import Keep, Retention
from bot.domain.shown import cost_part
from bot.domain.steps import LOOK_DENIED, MAYBE_STARTED, NOT_SHOWN, RECORD_GONE, SEEN, UNANSWERED, Failure, StepState
from bot.slack.describe import Names
from bot.slack.messages import in_words
from tests.unit.builders import (
    ACCOUNTS,
    BEN,
    CHANNEL,
    CHRIS,
    COPIES,
    COPY_ARN,
    a_decision,
    a_point,
    a_request,
    a_step,
    some_params,
)
from tests.unit.expiry_notices import EXPIRY_NOTICES
from tests.unit.fakes import HOME, NOW
from tests.unit.golden_files import Golden, agreed_names, marked_texts
from tests.unit.plan_scenes import PLAN_NOTICES, PLANS, steps
from tests.unit.table_builders import step_of

HOSTILE = "<!channel> & `rm -rf` <@U0BEN> *bold* <https://evil.example|prod> \u202egnirts :a:b:"
REFUSAL = Failure(
    "Access Denied trying to call AWS Backup service",
    "ACCESS_DENIED",
    "The vault does not let copies in. Add this to its access policy:\n\n"
    '{"Effect": "Allow", "Action": "backup:CopyIntoBackupVault"}\n\nThen press Try again.',
)
APPROVED_BY_BEN = (a_decision(BEN),)
RUNNING = a_step(StepState.RUNNING, started_at=NOW, external_id="JOB-1")
ESTIMATED = replace(RUNNING, outside_state="RUNNING", expected_at=NOW + timedelta(minutes=70), expected_from=3)
DONE = a_step(StepState.DONE, started_at=NOW, finished_at=NOW + timedelta(minutes=5), result_arn=COPY_ARN)
FAILED = a_step(StepState.FAILED, failure=REFUSAL)
THERE = Made(1, COPY_ARN, NOW + timedelta(days=90), NOW)
EXPIRED = replace(THERE, end=CopyEnd.REMOVED, ended_at=NOW + timedelta(days=90, hours=3))
LOST = a_step(
    StepState.FAILED,
    external_id="JOB-1",
    failure=Failure("AWS has no record of copy job JOB-1 any more.", RECORD_GONE, "Look for the copy."),
)

DORA = Actor("U0DORA", HOME, "Dora")
BROKEN = (a_decision(DORA, Verdict.BREAK_GLASS, "Fire."),)
STAGES = Ruling(("S0DBA",), then=(Stage(("S0ADMINS", "U0CHRIS"), needed=2),))
PERMANENT = plan_for_permanent(a_point(), ((Leg(COPIES, Retention(Keep.PERMANENT)),),), ACCOUNTS)
COST = {"cost": fees(a_point(), COPIES, LIST_PRICES).facts()}
TWO_PRICED = (a_step(shown=COST), a_step(id=2, params=some_params(keep=Keep.CENTURY), shown=COST))
END = int((NOW + timedelta(days=30)).timestamp())

REQUESTS = {
    "priced": a_request(RequestState.PENDING, a_step(shown=COST)),
    "priced-two": a_request(RequestState.PENDING, *TWO_PRICED),
    "priced-century": a_request(RequestState.PENDING, a_step(params=some_params(keep=Keep.CENTURY), shown=COST)),
    "permanent-and-cold": a_request(
        RequestState.PENDING,
        a_step(params=replace(some_params(), retention=Retention(Keep.DAYS, 120, cold_days=30))),
        a_step(id=2, params=some_params(keep=Keep.PERMANENT)),
    ),
    "pending": a_request(),
    "pending-two-needed": a_request(ruling=Ruling(("S0ADMINS", "U0BEN"), needed=2)),
    "pending-one-of-two": a_request(ruling=Ruling(("S0ADMINS",), needed=2), decisions=APPROVED_BY_BEN),
    "pending-one-of-four": a_request(ruling=Ruling(("S0ADMINS",), needed=4), decisions=APPROVED_BY_BEN),
    "pending-self-allowed": a_request(ruling=Ruling(("S0ADMINS",), allow_self=True)),
    "approved": a_request(RequestState.APPROVED, decisions=APPROVED_BY_BEN),
    "approved-by-two": a_request(
        RequestState.APPROVED,
        ruling=Ruling(("S0ADMINS",), needed=2),
        decisions=(a_decision(BEN), a_decision(CHRIS)),
    ),
    "approved-trying-again": a_request(
        RequestState.APPROVED, a_step(StepState.STARTING, tries=3), decisions=APPROVED_BY_BEN
    ),
    "approved-maybe-started": a_request(
        RequestState.APPROVED,
        a_step(StepState.STARTING, tries=3, outside_state=MAYBE_STARTED),
        decisions=APPROVED_BY_BEN,
    ),
    "running-accepted": a_request(
        RequestState.RUNNING, replace(RUNNING, outside_state="CREATED"), decisions=APPROVED_BY_BEN
    ),
    "running": a_request(RequestState.RUNNING, replace(RUNNING, outside_state="RUNNING"), decisions=APPROVED_BY_BEN),
    "running-estimated": a_request(
        RequestState.RUNNING,
        replace(ESTIMATED, shown_at=NOW + timedelta(minutes=45)),
        decisions=APPROVED_BY_BEN,
    ),
    "running-past-estimate": a_request(
        RequestState.RUNNING,
        replace(ESTIMATED, shown_at=NOW + timedelta(minutes=70)),
        decisions=APPROVED_BY_BEN,
    ),
    "running-hidden": a_request(
        RequestState.RUNNING,
        replace(ESTIMATED, outside_state=NOT_SHOWN),
        decisions=APPROVED_BY_BEN,
    ),
    "running-denied": a_request(
        RequestState.RUNNING,
        replace(
            RUNNING,
            outside_state=LOOK_DENIED,
            unread_since=NOW + timedelta(minutes=20),
            shown_at=NOW + timedelta(minutes=35),
            expected_at=NOW + timedelta(minutes=30),
            expected_from=3,
        ),
        decisions=APPROVED_BY_BEN,
    ),
    "running-one-denied": a_request(
        RequestState.RUNNING, RUNNING, replace(RUNNING, id=2, outside_state=LOOK_DENIED), decisions=APPROVED_BY_BEN
    ),
    "running-unanswered": a_request(
        RequestState.RUNNING,
        replace(RUNNING, outside_state=UNANSWERED, unread_since=NOW + timedelta(minutes=20)),
        decisions=APPROVED_BY_BEN,
    ),
    "running-between-steps": a_request(RequestState.RUNNING, DONE, a_step(), decisions=APPROVED_BY_BEN),
    "completed": a_request(RequestState.COMPLETED, DONE, decisions=APPROVED_BY_BEN),
    "partial": a_request(RequestState.PARTIAL, DONE, FAILED, decisions=APPROVED_BY_BEN),
    "failed": a_request(RequestState.FAILED, FAILED, decisions=APPROVED_BY_BEN),
    "completed-and-expired": replace(a_request(RequestState.COMPLETED, DONE), made=(EXPIRED,)),
    "completed-and-deleted": replace(
        a_request(RequestState.COMPLETED, DONE), made=(replace(EXPIRED, end=CopyEnd.EARLY),)
    ),
    "completed-and-undeletable": replace(
        a_request(RequestState.COMPLETED, DONE), made=(replace(EXPIRED, end=CopyEnd.UNDELETABLE),)
    ),
    "completed-and-unseen": replace(
        a_request(RequestState.COMPLETED, DONE), made=(replace(EXPIRED, end=CopyEnd.UNSEEN),)
    ),
    "completed-and-watched": replace(a_request(RequestState.COMPLETED, DONE), made=(THERE,)),
    "completed-and-one-expired": replace(
        a_request(RequestState.COMPLETED, DONE, replace(DONE, id=2)), made=(EXPIRED, replace(THERE, step_id=2))
    ),
    "partial-and-expired": replace(a_request(RequestState.PARTIAL, DONE, replace(FAILED, id=2)), made=(EXPIRED,)),
    "completed-seen": a_request(RequestState.COMPLETED, replace(DONE, outside_state=SEEN), decisions=APPROVED_BY_BEN),
    "completed-seen-in-part": a_request(
        RequestState.PARTIAL, replace(DONE, outside_state=SEEN), LOST, decisions=APPROVED_BY_BEN
    ),
    "unknown": a_request(RequestState.FAILED, LOST, decisions=APPROVED_BY_BEN),
    "rejected": a_request(
        RequestState.REJECTED, decisions=(a_decision(CHRIS, Verdict.REJECT, "Use the other vault."),)
    ),
    "cancelled": a_request(RequestState.CANCELLED),
    "lapsed": a_request(RequestState.LAPSED),
    "lapsed-one-of-two": a_request(
        RequestState.LAPSED, ruling=Ruling(("S0ADMINS",), needed=2), decisions=APPROVED_BY_BEN
    ),
    "pending-stages": a_request(ruling=STAGES, decisions=APPROVED_BY_BEN),
    "pending-escalated": replace(
        a_request(ruling=Ruling(("S0ADMINS",), escalate_to=("S0OPS",), break_glass=("U0DORA",))), escalated_at=NOW
    ),
    "pending-second-round": replace(a_request(), round=2),
    "pending-irreversible": a_request(
        RequestState.PENDING,
        a_step(
            shown={
                "told": {
                    "irreversible": {"why": "air-gapped", "until": int((NOW + timedelta(days=90)).timestamp())},
                    "findings": [["WARN", "This copy would expire soon."], ["UNSEEN", "The key."], ["FAIL", "Full."]],
                }
            }
        ),
    ),
    "pending-locked-with-cost": a_request(
        RequestState.PENDING,
        a_step(
            shown={
                "told": {"irreversible": {"why": "locked", "until": int((NOW + timedelta(days=90)).timestamp())}},
                **COST,
            }
        ),
    ),
    "pending-for-good": a_request(
        RequestState.PENDING,
        a_step(
            params=some_params(keep=Keep.PERMANENT),
            shown={
                "told": {"irreversible": {"why": "for-good", "until": None}},
                **COST,
            },
        ),
    ),
    "pending-source-permanent": a_request(
        RequestState.PENDING,
        *(
            replace(
                step,
                shown={
                    "told": {"irreversible": {"why": "for-good", "until": None}},
                    **cost_part(step.params, LIST_PRICES),
                },
            )
            for step in steps(*((step.params, StepState.WAITING) for step in PERMANENT))
        ),
    ),
    "pending-to-overrule": a_request(
        RequestState.PENDING,
        a_step(
            shown={
                "told": {
                    "findings": [
                        ["UNSEEN", "I could not see a policy."],
                        ["FAIL", "The copy role does not exist."],
                    ]
                }
            }
        ),
        ruling=replace(Ruling(("S0ADMINS",)), override_findings=True),
    ),
    "pending-many-findings": a_request(
        RequestState.PENDING,
        *(
            a_step(
                id=number,
                shown={
                    "told": {
                        "findings": [
                            *(["UNSEEN", f"I could not see number {one} of {number}."] for one in range(9)),
                            *(["FAIL", f"Number {one} of step {number} would fail."] for one in range(9)),
                        ]
                    }
                },
            )
            for number in range(1, 6)
        ),
        ruling=replace(Ruling(("S0ADMINS",)), override_findings=True),
    ),
    "pending-steps-alike": a_request(
        RequestState.PENDING,
        *(
            a_step(
                id=number,
                shown={
                    "told": {
                        "irreversible": {"why": "locked", "until": END} if number > 1 else None,
                        "findings": [
                            ["UNSEEN", "I could not see a policy."],
                            *([["WARN", "This copy would expire soon."]] if number == 1 else []),
                            *([["FAIL", "The vault is full."]] if number > 1 else []),
                        ],
                    }
                },
            )
            for number in range(1, 4)
        ),
    ),
    "pending-century": a_request(
        RequestState.PENDING,
        a_step(
            params=some_params(keep=Keep.CENTURY),
            shown={
                "told": {"irreversible": {"why": "century", "until": int((NOW + timedelta(days=36_500)).timestamp())}},
                **COST,
            },
        ),
    ),
    "glass-broken": replace(a_request(RequestState.APPROVED, decisions=BROKEN), review=Review(DORA, "Fire.", NOW)),
    "glass-signed": replace(
        a_request(RequestState.RUNNING, RUNNING, decisions=BROKEN), review=Review(DORA, "Fire.", NOW, BEN, NOW)
    ),
    "kept-as-source": a_request(RequestState.PENDING, a_step(params=some_params(keep=Keep.AS_SOURCE))),
    "kept-as-source-without-end": a_request(
        RequestState.PENDING, a_step(params=some_params(a_point(keeps=None), keep=Keep.AS_SOURCE))
    ),
    "kept-a-century": a_request(RequestState.PENDING, a_step(params=some_params(keep=Keep.CENTURY))),
    "kept-one-day": a_request(RequestState.PENDING, a_step(params=some_params(days=1))),
    "hostile": a_request(
        RequestState.PENDING,
        a_step(params=some_params(a_point(HOSTILE * 3, size=-1))),
        reason=f"{HOSTILE}\n> quoted\n\n" + "&" * 2_800,
    ),
}

OUTCOME = {"job_id": "JOB-1", "copy_arn": COPY_ARN, "size_bytes": 5_000_000_000, "seconds": 312}
FAILURE: dict[str, object] = {
    "message": REFUSAL.message,
    "category": REFUSAL.category,
    "remedy": REFUSAL.remedy,
    "job_id": "JOB-1",
}

NOTICES: dict[str, tuple[NoticeKind, dict[str, object]]] = {
    "approved": (NoticeKind.APPROVED, {"by": "U0BEN", "given": 1, "needed": 1}),
    "approved-one-of-two": (NoticeKind.APPROVED, {"by": "U0BEN", "given": 1, "needed": 2}),
    "approved-two-of-two": (NoticeKind.APPROVED, {"by": "U0CHRIS", "given": 2, "needed": 2}),
    "rejected": (NoticeKind.REJECTED, {"by": "U0BEN", "note": "Use the other vault.\nThis one is full."}),
    "rejected-hostile": (NoticeKind.REJECTED, {"by": "U0BEN", "note": HOSTILE + "<" * 2_900}),
    "cancelled": (NoticeKind.CANCELLED, {"by": "U0ANNA"}),
    "lapsed": (NoticeKind.LAPSED, {}),
    "lapsed-one-of-two": (NoticeKind.LAPSED, {}),
    "retried": (NoticeKind.RETRIED, {"by": "U0BEN"}),
    "schedule": (NoticeKind.SCHEDULE, {"what": "paused", "by": "U0BEN"}),
    "started": (NoticeKind.STARTED, {"job_id": "JOB-1", "step": 1}),
    "delayed": (NoticeKind.DELAYED, {"message": "Rate exceeded", "code": "ThrottlingException"}),
    "delayed-in-doubt": (NoticeKind.DELAYED, {"message": "Not authorized.", "code": "x", "unknown": True}),
    "stalled": (NoticeKind.STALLED, {"hours": 14, "job_id": "5E3F…", "step": 1}),
    "stalled-denied": (
        NoticeKind.STALLED,
        {
            "unread": "denied",
            "action": "backup:DescribeCopyJob",
            "message": "User: arn:aws:sts::111111111111:assumed-role/CopyBackupBot/bot is not authorized to perform: "
            "backup:DescribeCopyJob on resource: *",
            "since": int(NOW.timestamp()),
            "job_id": "5E3F…",
            "step": 1,
        },
    ),
    "stalled-denied-hostile": (NoticeKind.STALLED, {"unread": "denied", "message": HOSTILE, "action": "", "step": 1}),
    "stalled-locked-out": (
        NoticeKind.STALLED,
        {
            "unread": "locked out",
            "message": "No access to prod: expired",
            "since": int(NOW.timestamp()),
            "job_id": "5E3F…",
            "step": 1,
        },
    ),
    "stalled-unanswered": (
        NoticeKind.STALLED,
        {
            "unread": "unanswered",
            "message": "Rate exceeded",
            "since": int(NOW.timestamp()),
            "job_id": "5E3F…",
            "step": 1,
        },
    ),
    "stalled-hidden": (NoticeKind.STALLED, {"hidden": True, "job_id": "5E3F…", "step": 1}),
    "delayed-hostile": (NoticeKind.DELAYED, {"message": HOSTILE + "&" * 900, "code": "x"}),
    "completed": (NoticeKind.COMPLETED, {**OUTCOME, "expiry_known": True, "delete_at": END}),
    "completed-beside-failures": (
        NoticeKind.COMPLETED,
        {**OUTCOME, "expiry_known": True, "delete_at": END, "can_retry": True},
    ),
    "completed-without-end": (NoticeKind.COMPLETED, {**OUTCOME, "expiry_known": True, "delete_at": None}),
    "completed-unseen": (NoticeKind.COMPLETED, {**OUTCOME, "expiry_known": False, "delete_at": None}),
    "completed-from-vault": (
        NoticeKind.COMPLETED,
        {**OUTCOME, "seconds": None, "from_vault": True, "expiry_known": True, "delete_at": END},
    ),
    "completed-dated-by-vault": (
        NoticeKind.COMPLETED,
        {**OUTCOME, "seconds": 630, "from_vault": True, "expiry_known": True, "delete_at": END},
    ),
    "failed": (NoticeKind.FAILED, FAILURE),
    "unknown": (
        NoticeKind.FAILED,
        {**FAILURE, "message": "AWS has no record of copy job JOB-1 any more.", "category": RECORD_GONE}
        | {"remedy": "Look for the copy.", "can_retry": False},
    ),
    "failed-translated": (
        NoticeKind.FAILED,
        {
            **FAILURE,
            "cause": "Somebody does not let the copy in.",
            "evidence": [["vault", COPIES.arn], ["AWS names", f"key-{HOSTILE}"]],
        },
    ),
    "failed-before-a-job": (NoticeKind.FAILED, {**FAILURE, "job_id": None, "remedy": ""}),
    "failed-hostile": (NoticeKind.FAILED, {**FAILURE, "message": HOSTILE * 80, "remedy": "&" * 4_000}),
    "approved-first-stage": (
        NoticeKind.APPROVED,
        {"by": "U0ANNA", "given": 1, "needed": 3, "next": ["S0ADMINS", "U0CHRIS"], "oneself": True},
    ),
    "changed": (
        NoticeKind.CHANGED,
        {"what": ["The source backup has changed since it was shown."], "round": 2, "was_approved": True},
    ),
    "changed-pending-second-round": (
        NoticeKind.CHANGED,
        {"what": ["The source backup has changed since it was shown."], "round": 2, "voided": True},
    ),
    "changed-fails": (NoticeKind.CHANGED, {"what": [f"`x` is gone. {HOSTILE}"], "fails": True, "round": 1}),
    "reminded": (NoticeKind.REMINDED, {"who": ["U0BEN", "U0CHRIS"], "missing": 2}),
    "escalated": (NoticeKind.ESCALATED, {"to": ["S0OPS"]}),
    "escalated-half-approved": (NoticeKind.ESCALATED, {"to": ["S0OPS"], "missing": 1}),
    "glass": (
        NoticeKind.GLASS,
        {"by": "U0DORA", "note": f"Fire. {HOSTILE}", "approvers": ["S0ADMINS"], "passed_over": ["U0BEN", "U0CHRIS"]},
    ),
    "signed": (NoticeKind.SIGNED, {"by": "U0BEN"}),
    "asked-again": (NoticeKind.ASKED_AGAIN, {"by": "U0ANNA", "new": "CB-43"}),
    "answered": (NoticeKind.ANSWERED, {"told": "CB-42:lapsed:"}),
    "private": (NoticeKind.PRIVATE, {"sentence": "Your request was not sent."}),
}
REQUESTS |= PLANS
NOTICES |= PLAN_NOTICES | EXPIRY_NOTICES
WORDS = in_words(Names(ACCOUNTS))


def said(kind: NoticeKind, request: CopyRequest, facts: dict[str, object] | None = None) -> Message:
    notice = Notice(1, request.id, 1, kind, "key", CHANNEL, "", facts or {}, 1, False, NOW)
    return WORDS(notice, request)


@pytest.mark.parametrize("name", REQUESTS)
def test_the_card_reads_as_agreed(golden: Golden, name: str) -> None:
    golden.message(f"card-{name}", said(NoticeKind.CARD, REQUESTS[name]))


@pytest.mark.parametrize("name", REQUESTS)
def test_the_question_reads_as_agreed(golden: Golden, name: str) -> None:
    golden.message(f"ask-{name}", said(NoticeKind.ASK, REQUESTS[name]))


@pytest.mark.parametrize("name", NOTICES)
def test_each_notice_reads_as_agreed(golden: Golden, name: str) -> None:
    kind, facts = NOTICES[name]

    known = [REQUESTS[key] for key in (name, name.removeprefix("changed-")) if key in REQUESTS]
    request = known[0] if known else REQUESTS["running"]
    golden.message(f"notice-{name}", said(kind, request, facts))


@pytest.mark.parametrize(
    "name", ["changed", "changed-pending-second-round", "lapsed", "glass", "failed", "completed-beside-failures"]
)
def test_what_asked_is_shown_without_its_buttons_once_it_is_answered(name: str) -> None:
    """All else stays as it was said, and so does what a copy offers."""
    kind, facts = NOTICES[name]
    request = REQUESTS.get(name.removeprefix("changed-"), REQUESTS["pending-second-round"])

    before, after = (said(kind, request, {**facts, **more}) for more in ({}, {"answered": True}))

    answered = [block for block in before.blocks if block not in after.blocks]
    assert any(block["type"] == "actions" for block in answered)
    assert all(block["type"] == "actions" or "Try again" in f"{block}" for block in answered)
    assert [block for block in before.blocks if block in after.blocks] == list(after.blocks)
    offers = [block["block_id"] for block in after.blocks if block["type"] == "actions"]
    assert offers == (["offers:CB-42:1"] if kind is NoticeKind.COMPLETED else [])
    assert after.text == before.text


@pytest.mark.parametrize(("code", "buttons"), [(WOULD_SHORTEN, False), ("source-gone", True)])
def test_what_would_break_its_own_promise_is_nothing_to_approve_again(code: str, buttons: bool) -> None:
    facts: dict[str, object] = {"what": ["It would shorten it."], "fails": True, "round": 1, "code": code}

    blocks = said(NoticeKind.CHANGED, REQUESTS["pending"], facts).blocks

    assert any(block["type"] == "actions" for block in blocks) is buttons


def test_the_dialog_about_another_end_begins_with_how_much_it_shortens_and_names_both_ends() -> None:
    point = a_point(keeps=300)
    assert point.delete_at is not None
    request = a_request(RequestState.PENDING, step_of(SetRetentionParams(point, Lifecycle(60))))

    told = f"{said(NoticeKind.ASK, request).blocks}"

    new = point.created_at + timedelta(days=60)
    assert "THIS SHORTENS IT BY 240 DAYS. With your approval" in told
    ends = (f"until about {end:%b} {end.day}, {end.year} (UTC)" for end in (new, point.delete_at))
    assert f"kept 60 days, {', instead of '.join(ends)}" in told


def test_every_state_and_every_kind_has_its_golden_file() -> None:
    living = {f"{kind}-{name}" for kind in ("card", "ask") for name in REQUESTS}

    assert {request.state for request in REQUESTS.values()} == set(RequestState)
    # What belongs to no request has its own golden files.
    alone = (NoticeKind.OPS, NoticeKind.DIGEST)
    said_once = {kind for kind in NoticeKind if not kind.is_living and kind not in alone}
    assert {kind for kind, _ in NOTICES.values()} == said_once
    assert agreed_names("messages") == living | {f"notice-{name}" for name in NOTICES}


@pytest.mark.parametrize("name", REQUESTS)
def test_only_an_open_question_has_buttons(name: str) -> None:
    request = REQUESTS[name]

    blocks = said(NoticeKind.ASK, request).blocks

    has_buttons = any(block["type"] == "actions" for block in blocks)
    assert has_buttons == (request.state is RequestState.PENDING)


def test_foreign_text_calls_nobody() -> None:
    request, hostile = REQUESTS["hostile"], ("rejected-hostile", "delayed-hostile", "failed-hostile")
    messages = [said(kind, request) for kind in (NoticeKind.CARD, NoticeKind.ASK)]
    messages += [said(NOTICES[name][0], request, NOTICES[name][1]) for name in hostile]

    for message in messages:
        marked = "".join([message.text, *marked_texts(message.blocks)])
        assert "<!channel>" not in marked
        assert "<https://evil" not in marked
        assert "\u202e" not in f"{message}"


def test_new_buttons_come_in_a_block_of_a_new_name() -> None:
    """Slack keeps what belongs to a block's id, so that a question with more approvals has another one."""
    request = REQUESTS["pending"]
    before, after = (said(NoticeKind.ASK, replace(request, version=version)).blocks for version in (3, 4))

    assert {block.get("block_id") for block in before} & {block.get("block_id") for block in after} == {None}
