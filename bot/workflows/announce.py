"""Writing notices: the one place that knows their keys, so that nothing is announced twice."""

from collections.abc import Mapping
from datetime import datetime

from bot.domain.books import Tx
from bot.domain.notices import NewNotice, NoticeKind
from bot.domain.requests import CopyRequest


def renew(tx: Tx, request: CopyRequest, now: datetime, *kinds: NoticeKind) -> None:
    """Have living messages (the card, when none is named) brought up to date with the request's present version."""
    for kind in kinds or (NoticeKind.CARD,):
        tx.outbox.write(
            NewNotice(
                request_id=request.id,
                kind=kind,
                dedup_key=f"{request.id}:{kind}:{request.version}",
                channel=request.channel,
                due_at=now,
            )
        )


def refresh(tx: Tx, request: CopyRequest, now: datetime) -> bool:
    """Have the card show what has come up while the request's state stays; False when it is another one by now."""
    moved = tx.requests.move(request.id, before=request.state, after=request.state, at=now)
    if moved:
        renew(tx, tx.requests.get(request.id) or request, now)
    return moved


def renew_both(tx: Tx, request: CopyRequest, now: datetime) -> None:
    """Have the card and the question brought up to date: a decision changes both."""
    renew(tx, request, now, NoticeKind.CARD, NoticeKind.ASK)


def answered(tx: Tx, request: CopyRequest, now: datetime, *kinds: NoticeKind) -> None:
    """Have the buttons taken off what was said with them: what they asked for has been decided."""
    for told in tx.outbox.said_of(request.id, kinds):
        if told.asks:
            key = f"{told.dedup_key}:answered"
            tx.outbox.write(
                NewNotice(
                    request_id=request.id,
                    kind=NoticeKind.ANSWERED,
                    dedup_key=key,
                    channel=told.channel,
                    due_at=now,
                    facts={"told": told.dedup_key},
                    # Nothing that is said has to wait for it.
                    stream=key,
                )
            )


def say(
    tx: Tx,
    request: CopyRequest,
    kind: NoticeKind,
    now: datetime,
    *,
    key: str = "",
    facts: Mapping[str, object] | None = None,
    to: str = "",
) -> bool:
    """Say something in the request's thread (or to one person); `key` tells apart what may be said again."""
    return tx.outbox.write(
        NewNotice(
            request_id=request.id,
            kind=kind,
            dedup_key=f"{request.id}:{kind}:{key}",
            channel=request.channel,
            due_at=now,
            facts=dict(facts or {}),
            audience=to,
        )
    )
