"""Records for unit tests, with only the fields that a test cares about."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.approvals import Rule, Ruling
from bot.domain.backups import Account, Lifecycle, RecoveryPoint, Vault, VaultKind, VaultRef
from bot.domain.books import Store
from bot.domain.calls import first_call
from bot.domain.clicks import Click
from bot.domain.drafts import Draft, DraftState, Form
from bot.domain.notices import NewNotice, NoticeKind
from bot.domain.params import CopyParams, StepKind
from bot.domain.people import Actor
from bot.domain.ports import Policy
from bot.domain.requests import CopyRequest, Decision, NewRequest, RequestState, Verdict
from bot.domain.retention import Keep, Retention
from bot.domain.routing import NoticePolicy
from bot.domain.steps import NewStep, Step, StepState
from bot.workflows.routing import Router
from tests.unit.fakes import HOME, NOW, ManualClock

PROD, BACKUP = "111111111111", "222222222222"
ANNA, BEN, CHRIS = Actor("U0ANNA", HOME, "Anna"), Actor("U0BEN", HOME, "Ben"), Actor("U0CHRIS", HOME, "Chris")
ROLE = f"arn:aws:iam::{PROD}:role/service-role/AWSBackupDefaultServiceRole"
SAID_TS = "1700000000.000001"
CHANNEL, USUAL = "C0DBA", "C0BACKUPS"
MAIN = VaultRef(PROD, "us-east-1", "main")
COPIES = VaultRef(BACKUP, "eu-west-1", "copies")
COPY_ARN = f"arn:aws:backup:eu-west-1:{BACKUP}:recovery-point:9c8d"
MADE = datetime(2026, 11, 20, 3, 0, tzinfo=NOW.tzinfo)
ACCOUNTS = (
    Account("prod", PROD, ("us-east-1", "eu-west-1"), ROLE),
    Account("backup", BACKUP, ("eu-west-1",), f"arn:aws:iam::{BACKUP}:role/Copies"),
)
ANY_RULE = Rule(approvers=("S0ADMINS",))


def a_policy(
    *rules: Rule,
    channel: str | None = USUAL,
    leads: tuple[int, ...] = (30, 7, 1),
    notices: NoticePolicy | None = None,
) -> Policy:
    return Policy(ACCOUNTS, rules or (ANY_RULE,), leads, channel, poll_seconds=30, notices=notices or NoticePolicy())


def a_point(
    table: str = "orders",
    *,
    made: datetime = MADE,
    keeps: int | None = 35,
    status: str = "COMPLETED",
    storage: str | None = "WARM",
    vault: VaultRef = MAIN,
    size: int = 5_000_000_000,
) -> RecoveryPoint:
    """A complete backup of a table, kept for some days (None: without an end)."""
    return RecoveryPoint(
        arn=f"arn:aws:backup:{vault.region}:{vault.account}:recovery-point:1a2b",
        vault=vault,
        table_arn=f"arn:aws:dynamodb:{vault.region}:{vault.account}:table/{table}",
        table_name=table,
        created_at=made,
        status=status,
        size_bytes=size,
        lifecycle=Lifecycle(delete_after_days=keeps),
        delete_at=None if keeps is None else made + timedelta(days=keeps),
        storage_class=storage,
    )


def a_vault(ref: VaultRef = COPIES, *, least: int | None = None, most: int | None = None, points: int = 12) -> Vault:
    """A vault; with a limit it is locked."""
    return Vault(ref, locked=bool(least or most), min_days=least, max_days=most, points=points)


def an_air_gapped_vault(*, least: int | None = 7, most: int | None = 90) -> Vault:
    return Vault(COPIES, kind=VaultKind.AIR_GAPPED, min_days=least, max_days=most)


def some_params(
    point: RecoveryPoint | None = None,
    *,
    keep: Keep = Keep.DAYS,
    days: int | None = 90,
    destination: VaultRef = COPIES,
) -> CopyParams:
    retention = Retention(keep, days if keep is Keep.DAYS else None)
    return CopyParams(point or a_point(), destination, retention, ROLE)


def copy_of(step: Step) -> CopyParams:
    """The parameters of a step that has to be a copy."""
    assert step.copy is not None
    return step.copy


def a_step(state: StepState = StepState.WAITING, params: CopyParams | None = None, **more: object) -> Step:
    step = Step(1, "CB-42", StepKind.COPY, params or some_params(), None, state, token="token-1")
    return replace(step, **more)  # type: ignore[arg-type]  # a builder takes what a test cares about


def a_request(
    state: RequestState = RequestState.PENDING,
    *steps: Step,
    ruling: Ruling | None = None,
    decisions: tuple[Decision, ...] = (),
    reason: str = "Before the schema change on Monday.",
) -> CopyRequest:
    return CopyRequest(
        id="CB-42",
        draft_id="draft-1",
        requester=ANNA,
        channel=CHANNEL,
        reason=reason,
        ruling=ruling or Ruling(approvers=("S0ADMINS",)),
        fingerprint="fingerprint",
        state=state,
        created_at=NOW,
        answer_by=NOW + timedelta(hours=8),
        version=3,
        steps=steps or (a_step(),),
        decisions=decisions,
    )


def a_decision(actor: Actor = BEN, verdict: Verdict = Verdict.APPROVE, note: str = "") -> Decision:
    return Decision(actor, verdict, note, NOW)


def a_draft(form: Form | None = None, *, state: DraftState = DraftState.OPEN, draft_id: str = "draft-1") -> Draft:
    return Draft(
        id=draft_id,
        actor=ANNA,
        channel=CHANNEL,
        timezone="Europe/Berlin",
        form=form or Form(),
        state=state,
        version=4,
        created_at=NOW,
        updated_at=NOW,
    )


def a_click(
    request: CopyRequest,
    actor: Actor = BEN,
    verdict: Verdict = Verdict.APPROVE,
    *,
    key: str = "",
    note: str = "",
    message_ts: str = "",
) -> Click:
    """A click on a button of the request's present question."""
    return Click(
        dedup_key=key or f"{actor.user_id}:{verdict}",
        request_id=request.id,
        actor=actor,
        verdict=verdict,
        note=note,
        channel=request.channel,
        message_ts=message_ts or _button_of(request, verdict),
        at=NOW,
        round=request.round,
    )


def _button_of(request: CopyRequest, verdict: Verdict) -> str:
    """Where such a button stands: in the question, or in something said in the thread (see notices_of)."""
    in_thread = verdict in (Verdict.RETRY, Verdict.SIGN, Verdict.ASK_AGAIN)
    return SAID_TS if in_thread else request.ask_ts or "1700000000.000002"


def stored_request(
    store: Store,
    params: CopyParams | None = None,
    *,
    draft_id: str = "draft-1",
    shown: Mapping[str, object] | None = None,
    ruling: Ruling | None = None,
    steps: int = 1,
    approved: bool = False,
    at: datetime = NOW,
    channel: str = CHANNEL,
) -> CopyRequest:
    """A request of Anna's in the store; when approved, its first step is due."""
    new = NewRequest(
        draft_id=draft_id,
        requester=ANNA,
        channel=channel,
        reason="Before the schema change on Monday.",
        ruling=ruling or Ruling(approvers=("S0ADMINS",)),
        fingerprint="fingerprint",
        created_at=at,
        answer_by=at + timedelta(hours=8),
        call_at=first_call(ruling, at, at + timedelta(hours=8)) if ruling else None,
        steps=tuple(
            NewStep(params or some_params(), f"token-{draft_id}-{number}", number - 1 if number else None, shown or {})
            for number in range(steps)
        ),
    )
    with store.begin() as tx:
        request = tx.requests.add(new)
        if approved:
            tx.requests.move(request.id, before=RequestState.PENDING, after=RequestState.APPROVED, at=at)
            tx.steps.release(request.steps[0].id, at)
    return read_request(store, request.id)


def read_request(store: Store, request_id: str) -> CopyRequest:
    with store.begin() as tx:
        request = tx.requests.get(request_id)
    assert request is not None
    return request


def write_notice(
    store: Store, request: CopyRequest, kind: NoticeKind, key: str, *, audience: str = "", **facts: object
) -> None:
    """Write a notice that is due."""
    notice = NewNotice(request.id, kind, key, request.channel, NOW, facts, audience)
    with store.begin() as tx:
        assert tx.outbox.write(notice)


def notices_of(store: Store, at: datetime) -> list[tuple[NoticeKind, dict[str, object]]]:
    """Everything that waits in the outbox, in order, and then is sent."""
    found: list[tuple[NoticeKind, dict[str, object]]] = []
    while True:
        # Outcomes do not leave before it is decided where they are said.
        Router(store, a_policy(), ManualClock(at)).route_new()
        with store.begin() as tx:
            claimed = tx.outbox.claim(at, at + timedelta(minutes=1), 50)
            for notice in claimed:
                tx.outbox.settle(notice.id, posted_ts=SAID_TS)
        if not claimed:
            return found
        found += [(notice.kind, dict(notice.facts)) for notice in claimed]
