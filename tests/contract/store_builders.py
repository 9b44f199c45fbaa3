"""Rows for store tests, with only the fields that a test cares about."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.domain.approvals import Ruling
from bot.domain.backups import Lifecycle, RecoveryPoint, VaultRef
from bot.domain.books import Store
from bot.domain.clicks import Click
from bot.domain.copies import Copy
from bot.domain.drafts import Draft, DraftState, Form
from bot.domain.notices import NewNotice, NoticeKind
from bot.domain.params import CopyParams, SetRetentionParams
from bot.domain.people import Actor
from bot.domain.requests import CopyRequest, Decision, NewRequest, RequestState, Verdict
from bot.domain.retention import Keep, Retention
from bot.domain.steps import NewStep

# Microseconds on purpose: both databases have to keep them.
NOW = datetime(2026, 11, 22, 10, 30, 0, 123456, tzinfo=UTC)
LEASE = NOW + timedelta(seconds=60)
ANSWER_BY = NOW + timedelta(hours=1)
ANN = Actor("U0ANN", "T0HOME", "Ann")
BEN = Actor("U0BEN", "T0HOME", "Ben")
PROD, BACKUP = "111111111111", "222222222222"
MAIN = VaultRef(PROD, "us-east-1", "main")
COPIES = VaultRef(BACKUP, "eu-west-1", "copies")


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def table_arn(name: str = "orders", *, account: str = PROD, region: str = "us-east-1") -> str:
    return f"arn:aws:dynamodb:{region}:{account}:table/{name}"


def a_point(
    number: int = 1, table: str = "orders", *, vault: VaultRef = MAIN, made_at: datetime = NOW
) -> RecoveryPoint:
    """A backup of a table of the prod account, wherever the vault is."""
    return RecoveryPoint(
        arn=f"arn:aws:backup:{vault.region}:{vault.account}:recovery-point:{table}-{number}",
        vault=vault,
        table_arn=table_arn(table),
        table_name=table,
        created_at=made_at,
        status="COMPLETED",
        size_bytes=5_000_000_000,
        delete_at=made_at + timedelta(days=35),
    )


def some_params() -> CopyParams:
    return CopyParams(a_point(), COPIES, Retention(Keep.DAYS, 90), f"arn:aws:iam::{PROD}:role/Backup")


def new_request(draft_id: str = "draft-1", *, steps: int = 1, answer_by: datetime = ANSWER_BY) -> NewRequest:
    return NewRequest(
        draft_id=draft_id,
        requester=ANN,
        channel="C0BACKUPS",
        reason="before the migration",
        ruling=Ruling(approvers=("U0BEN", "S0ADMINS"), needed=2),
        fingerprint="fingerprint",
        created_at=NOW,
        answer_by=answer_by,
        steps=tuple(
            NewStep(some_params(), f"token-{draft_id}-{number}", number - 1 if number else None)
            for number in range(steps)
        ),
    )


def stored_request(store: Store, draft_id: str = "draft-1", *, steps: int = 1, approved: bool = False) -> CopyRequest:
    """A request in the store, approved on demand."""
    with store.begin() as tx:
        request = tx.requests.add(new_request(draft_id, steps=steps))
        if approved:
            tx.requests.move(request.id, before=RequestState.PENDING, after=RequestState.APPROVED, at=NOW)
    return read_request(store, request.id)


def read_request(store: Store, request_id: str) -> CopyRequest:
    with store.begin() as tx:
        request = tx.requests.get(request_id)
    assert request is not None
    return request


def asked_end(store: Store, arn: str, draft_id: str = "draft-2") -> CopyRequest:
    """A request for another end of this recovery point."""
    change = SetRetentionParams(replace(a_point(), arn=arn), Lifecycle(400))
    with store.begin() as tx:
        return tx.requests.add(replace(new_request(draft_id), steps=(NewStep(change, f"token-{draft_id}", None),)))


def decision(actor: Actor = BEN, verdict: Verdict = Verdict.APPROVE) -> Decision:
    return Decision(actor, verdict, "fine", NOW)


def new_notice(
    request_id: str, key: str, kind: NoticeKind = NoticeKind.STARTED, *, due_at: datetime = NOW
) -> NewNotice:
    return NewNotice(request_id, kind, dedup_key=key, channel="C0BACKUPS", due_at=due_at, facts={"n": 1})


def write_notices(store: Store, notices: Iterable[NewNotice]) -> None:
    with store.begin() as tx:
        for notice in notices:
            assert tx.outbox.write(notice)


def a_draft(draft_id: str = "draft-1", *, updated_at: datetime = NOW) -> Draft:
    return Draft(
        id=draft_id,
        actor=ANN,
        channel="C0BACKUPS",
        timezone="Europe/Berlin",
        form=Form(query="orders"),
        state=DraftState.OPEN,
        version=1,
        created_at=NOW,
        updated_at=updated_at,
    )


def a_click(key: str = "click-1", *, at: datetime = NOW) -> Click:
    return Click(key, "CB-1", BEN, Verdict.APPROVE, "fine", "C0BACKUPS", "1700000000.000100", at)


def a_copy(request: CopyRequest | None = None, number: int = 1) -> Copy:
    """A copy that a request's first step has made; without one, the very first request's."""
    return Copy(
        arn=f"arn:aws:backup:eu-west-1:{BACKUP}:recovery-point:copy-{number}",
        request_id=request.id if request else "CB-1",
        step_id=request.steps[0].id if request else 1,
        vault=COPIES,
        table_name="orders",
        size_bytes=5_000_000_000,
        created_at=NOW,
        delete_at=NOW + timedelta(days=number),
        looked_at=None,
    )
