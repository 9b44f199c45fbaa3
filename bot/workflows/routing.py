"""Deciding, for every outcome that was written, where and when it is said; and the digest of what could wait."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.books import Store, Tx
from bot.domain.errors import OutletError
from bot.domain.notices import Manner, NewNotice, Notice, NoticeKind
from bot.domain.ports import Clock, Outlet, Policy, Words
from bot.domain.requests import CopyRequest
from bot.domain.routing import Placement, place

log = logging.getLogger(__name__)

BATCH = 100
# Slack shows no more than 50 blocks; who reads a digest of more lines than this looks at `list` instead.
MOST_LINES = 40
MOST_IN_DIGEST = 1_000


@dataclass
class Router:
    store: Store
    policy: Policy
    clock: Clock

    def route_new(self) -> int:
        """Decide about what was written since the last time; the number of notices decided about."""
        count = 0
        while self._is_anything_new():
            with self.store.begin() as tx:
                notices = tx.outbox.unrouted(BATCH)
                for notice in notices:
                    self._route(tx, notice)
            if not notices:
                break
            count += len(notices)
        return count

    def _is_anything_new(self) -> bool:
        with self.store.read() as tx:
            return tx.outbox.chores(self.clock.now()).unrouted

    def _route(self, tx: Tx, notice: Notice) -> None:
        request = tx.requests.get(notice.request_id)
        if request is None:
            tx.outbox.route(notice.id, manner=notice.manner, stream=notice.stream)
            return
        placement = place(notice, request, self.policy.notices, self.policy.accounts, self.clock.now())
        tx.outbox.route(
            notice.id,
            manner=placement.manner,
            stream=placement.stream,
            not_before=placement.not_before,
            digest_at=placement.digest_at,
        )
        for channel in placement.also:
            tx.outbox.write(_elsewhere(notice, placement, channel))


def _elsewhere(notice: Notice, placement: Placement, channel: str) -> NewNotice:
    return NewNotice(
        request_id=notice.request_id,
        kind=notice.kind,
        dedup_key=f"{notice.dedup_key}@{channel}",
        channel=channel,
        due_at=notice.created_at,
        facts=notice.facts,
        # A stream of its own for each channel: one that is stuck holds up neither the thread nor another channel.
        stream=f"{placement.stream}@{channel}",
        manner=Manner.ELSEWHERE,
        not_before=placement.not_before,
    )


@dataclass
class DigestWriter:
    store: Store
    outlet: Outlet
    words: Words
    policy: Policy
    clock: Clock

    def write_due(self) -> int:
        """Write the digest whose time has come; the number of notices that it tells of."""
        now = self.clock.now()
        with self.store.read() as tx:
            if not tx.outbox.chores(now).digest:
                return 0
        with self.store.begin() as tx:
            notices = tx.outbox.for_digest(now, MOST_IN_DIGEST)
            lines = [line for notice in notices[:MOST_LINES] if (line := self._line(tx, notice))]
            tx.outbox.digested([notice.id for notice in notices])
            digest = self.policy.notices.digest
            if digest and notices:
                self._write(tx, digest.channel, notices, lines, now)
        return len(notices)

    def _write(
        self, tx: Tx, channel: str, notices: Sequence[Notice], lines: list[dict[str, object]], now: datetime
    ) -> None:
        tx.outbox.write(
            NewNotice(
                request_id="",
                kind=NoticeKind.DIGEST,
                dedup_key=f"digest:{channel}:{notices[-1].id}",
                channel=channel,
                due_at=now,
                facts={"lines": lines, "count": len(notices)},
                stream=f"digest@{channel}",
                manner=Manner.ALONE,
            )
        )

    def _line(self, tx: Tx, notice: Notice) -> dict[str, object] | None:
        request = tx.requests.get(notice.request_id)
        if request is None:
            return None
        return {
            "request": request.id,
            "kind": notice.kind,
            "text": self.words(notice, request).text,
            "asker": request.requester.user_id,
            "name": request.requester.name,
            "channel": request.channel,
            "ts": request.card_ts or "",
        }


def link_to(outlet: Outlet, request: CopyRequest | None) -> str:
    """A link to a request's thread; "" where Slack gives none now, since no message is worth waiting for it."""
    if request is None or not request.card_ts:
        return ""
    return link(outlet, request.channel, request.card_ts)


def link(outlet: Outlet, channel: str, ts: str) -> str:
    """A link to a message; "" where Slack gives none now."""
    try:
        return outlet.link(channel, ts)
    except OutletError as error:
        log.info("no_link", extra={"channel": channel, "code": error.code})
        return ""
