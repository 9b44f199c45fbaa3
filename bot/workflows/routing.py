"""Deciding, for every outcome that was written, where and when it is said; and the digests: of what could wait, and of
what came to an end all at once.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.domain.books import Store, Tx
from bot.domain.errors import OutletError
from bot.domain.notices import Manner, NewNotice, Notice, NoticeKind
from bot.domain.ports import Clock, Outlet, Policy, Words
from bot.domain.requests import CopyRequest
from bot.domain.routing import (
    GATHERING,
    Placement,
    channels_of,
    is_gathered,
    is_together,
    place,
    place_alone,
    routes_alone,
)
from bot.domain.steps import RECORD_GONE
from bot.workflows.copy_notices import facts_about
from bot.workflows.quoting import quote

log = logging.getLogger(__name__)

BATCH = 100
# Slack shows no more than 50 blocks. What else came in more lines than this is counted: each has its thread.
MOST_LINES = 40
MOST_IN_DIGEST = 1_000
# What is to be said in the same channel waits for these links, and none of it is worth more than a moment.
LINKS_TIME = timedelta(seconds=10)


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
        placement = self._placement(notice, request)
        tx.outbox.route(
            notice.id,
            manner=placement.manner,
            stream=placement.stream,
            not_before=placement.not_before,
            digest_at=placement.digest_at,
        )
        if request is None and is_together(notice) and placement.digest_at:
            # It has no thread to be told in: the message for all of them is all that is said.
            tx.outbox.settle(notice.id, posted_ts=None, superseded=True)
        for channel in placement.also:
            tx.outbox.write(_elsewhere(notice, placement, channel))

    def _placement(self, notice: Notice, request: CopyRequest | None) -> Placement:
        """Where a notice is said; at its own place and at once where that cannot be decided: no other waits for it."""
        policy, now = self.policy, self.clock.now()
        try:
            if request is not None:
                return place(notice, request, policy.notices, policy.accounts, now)
            alias = {account.id: account.alias for account in policy.accounts}
            return place_alone(notice, facts_about(notice.facts, alias), policy.notices, now)
        except Exception:
            log.exception("notice_not_placed", extra={"notice": notice.id, "request": notice.request_id})
            return Placement(notice.manner, notice.stream)


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
            waited = [one for one in tx.outbox.for_digest(now, MOST_IN_DIGEST) if not is_together(one)]
            gathered = [one for one in tx.outbox.for_digest(now + GATHERING, MOST_IN_DIGEST) if is_together(one)]
            if gathered and not is_gathered(gathered, now):
                gathered = []
            tx.outbox.digested([notice.id for notice in (*waited, *gathered)])
            digest = self.policy.notices.digest
            if digest and waited:
                self._write(tx, digest.channel, waited, now)
            for channel, notices in self._by_channel(tx, gathered).items():
                self._write(tx, channel, notices, now, together=True)
        return len(waited) + len(gathered)

    def _by_channel(self, tx: Tx, notices: Iterable[Notice]) -> dict[str, list[Notice]]:
        """What came to an end in one pass, by the channels that it would have been shown in one by one."""
        found: dict[str, list[Notice]] = {}
        for notice in notices:
            for channel in self._channels(notice, tx.requests.get(notice.request_id)):
                found.setdefault(channel, []).append(notice)
        return found

    def _channels(self, notice: Notice, request: CopyRequest | None) -> Sequence[str]:
        policy = self.policy
        if request is not None:
            return channels_of(notice, request, policy.notices, policy.accounts)
        alias = {account.id: account.alias for account in policy.accounts}
        return (notice.channel, *routes_alone(notice, facts_about(notice.facts, alias), policy.notices))

    def _write(self, tx: Tx, channel: str, notices: Sequence[Notice], now: datetime, *, together: bool = False) -> None:
        listed, left = _listed(notices)
        parts = [listed[start : start + MOST_LINES] for start in range(0, len(listed), MOST_LINES)]
        failed = [notice for notice in notices if notice.kind is NoticeKind.FAILED]
        unknown = sum(1 for notice in failed if notice.facts.get("category") == RECORD_GONE)
        warnings = sum(1 for notice in notices if notice.kind is NoticeKind.EXPIRING)
        facts = {
            "count": len(notices),
            "failed": len(failed) - unknown,
            "unknown": unknown,
            "warnings": warnings,
            "together": together,
        }
        for number, part in enumerate(parts, 1):
            lines = [line for notice in part if (line := self._line(tx, notice))]
            place = {"part": number, "parts": len(parts), "left": left if number == len(parts) else 0}
            tx.outbox.write(
                NewNotice(
                    request_id="",
                    kind=NoticeKind.DIGEST,
                    dedup_key=f"digest:{channel}:{notices[-1].id}{f':{number}' if number > 1 else ''}",
                    channel=channel,
                    due_at=now,
                    facts={**facts, **place, "lines": lines},
                    stream=f"digest@{channel}",
                    manner=Manner.ALONE,
                )
            )

    def _line(self, tx: Tx, notice: Notice) -> dict[str, object] | None:
        request = tx.requests.get(notice.request_id) if notice.request_id else None
        if request is None and notice.request_id:
            return None
        text = quote(self.words, notice, request) or str(notice.kind)
        line: dict[str, object] = {"kind": notice.kind, "text": text}
        if request is None:
            return {**line, "request": "", "channel": notice.channel, "ts": ""}
        return {
            **line,
            "request": request.id,
            "asker": request.requester.user_id,
            "name": request.requester.name,
            "channel": request.channel,
            "ts": request.card_ts or "",
        }


def _listed(notices: Sequence[Notice]) -> tuple[list[Notice], int]:
    """Those that get a line, failures first; and how many more there are.

    Failures, and what has no thread to be told in, get one however many they are; the others while there is room.
    """
    failures = [notice for notice in notices if notice.kind is NoticeKind.FAILED]
    others = [notice for notice in notices if notice.kind is not NoticeKind.FAILED]
    threaded = [notice.id for notice in others if notice.request_id]
    sure = len(notices) - len(threaded)
    room = max(MOST_LINES - sure, -sure % MOST_LINES)
    left_out = set(threaded[room:])
    return [*failures, *(notice for notice in others if notice.id not in left_out)], len(left_out)


def link_to(outlet: Outlet, request: CopyRequest | None) -> str:
    """A link to a request's thread; "" where Slack gives none now, since no message is worth waiting for it."""
    if request is None or not request.card_ts:
        return ""
    return link(outlet, request.channel, request.card_ts)


def linked(outlet: Outlet, request: CopyRequest) -> str:
    """A request's id as a link to its thread (mrkdwn); without one where Slack gives none now."""
    address = link_to(outlet, request)
    return f"<{address}|{request.id}>" if address else request.id


def with_links(lines: Iterable[Mapping[str, Any]], outlet: Outlet, clock: Clock) -> list[Mapping[str, Any]]:
    """The lines of a digest, each with a link to its thread, as many as Slack gives in a short time."""
    until, known, found = clock.now() + LINKS_TIME, dict[tuple[str, str], str](), list[Mapping[str, Any]]()
    for line in lines:
        place = (line["channel"], line["ts"])
        if line["ts"] and place not in known and clock.now() < until:
            known[place] = link(outlet, *place)
        found.append({**line, "link": known.get(place, "")})
    return found


def link(outlet: Outlet, channel: str, ts: str) -> str:
    """A link to a message; "" where Slack gives none now."""
    try:
        return outlet.link(channel, ts)
    except OutletError as error:
        log.info("no_link", extra={"channel": channel, "code": error.code})
        return ""
