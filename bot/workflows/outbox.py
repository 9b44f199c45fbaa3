"""The relay: the only one who talks. Claims notices in order, delivers, settles, looks before it repeats."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.books import Store
from bot.domain.errors import OutletBusy, OutletDoubtful, OutletError, OutletLockedOut, OutletRefused
from bot.domain.notices import Notice, NoticeKind
from bot.domain.ports import Clock, Message, Outlet, Policy, Words
from bot.domain.requests import CopyRequest

log = logging.getLogger(__name__)

# Longer than one delivery takes when Slack answers only just within its time-out; a killed relay costs this long.
LEASE = timedelta(seconds=45)
BATCH = 20
# A pass that never ended would look like one that hangs.
BATCHES = 20
# A defect of ours is not mended by trying, and what comes after it in the thread must not wait for ever.
MOST_ATTEMPTS = 5
# With pauses of two minutes: somebody has an hour to let the bot back into its channel.
MOST_REFUSALS = 30
LONGEST_PAUSE = timedelta(minutes=2)
LOCKED_OUT_PAUSE = timedelta(seconds=30)
# Slack's clock and ours may differ a little when we look for what we may have posted.
LOOK_BACK = timedelta(minutes=5)
CHANNEL_CODES = frozenset(
    {"channel_not_found", "not_in_channel", "is_archived", "restricted_action", "restricted_action_read_only_channel"}
)


@dataclass
class Relay:
    store: Store
    outlet: Outlet
    words: Words
    policy: Policy
    clock: Clock

    def deliver_due(self) -> int:
        """Deliver what is due, in batches, as long as a pass may take; the number of notices worked on."""
        count = 0
        for _ in range(BATCHES):
            now = self.clock.now()
            with self.store.begin() as tx:
                notices = tx.outbox.claim(now, now + LEASE, BATCH)
            for notice in notices:
                if self.clock.now() > now + LEASE / 3:
                    self._give_back(notice)
                else:
                    self._deliver_safely(notice)
            count += len(notices)
            if not notices:
                break
        return count

    def _give_back(self, notice: Notice) -> None:
        """Slack is slow: a notice whose lease might run out under way is better claimed anew."""
        with self.store.begin() as tx:
            tx.outbox.postpone(notice.id, self.clock.now(), doubtful=notice.doubtful, error="waited too long")

    def _deliver_safely(self, notice: Notice) -> None:
        try:
            self._deliver(notice)
        except OutletError as error:
            self._postpone(notice, error)
        except Exception:
            # A notice that cannot be put into words must not stop the others; its lease brings it back for a while.
            log.exception("notice_went_wrong", extra={"notice": notice.id, "request": notice.request_id})
            if notice.attempts >= MOST_ATTEMPTS:
                self._bury(notice, "it cannot be put into words")

    def _deliver(self, notice: Notice) -> None:
        with self.store.begin() as tx:
            request = tx.requests.get(notice.request_id)
            newer = notice.kind.is_living and tx.outbox.has_newer(notice)
        if request is None:
            self._bury(notice, "its request is gone")
            return
        deliver = self._renew if notice.kind.is_living else self._say
        deliver(notice, request, newer)

    def _renew(self, notice: Notice, request: CopyRequest, newer: bool) -> None:
        """Post a living message the first time, later keep it true; skip one that is renewed again anyway."""
        known = request.card_ts if notice.kind is NoticeKind.CARD else request.ask_ts
        if known and newer:
            self._settle(notice, known, superseded=True)
            return
        message = self.words(notice, request)
        if known:
            known = self._update(notice, request, known, message)
        if not known:
            known = self._post(notice, request, message)
        self._settle(notice, known)

    def _update(self, notice: Notice, request: CopyRequest, ts: str, message: Message) -> str | None:
        """Update a message; None when it was deleted and has to be posted anew."""
        try:
            self.outlet.update(notice.channel, ts, message)
        except OutletRefused as error:
            if error.code != "message_not_found":
                raise
            log.warning("message_deleted", extra={"request": request.id, "kind": notice.kind})
            return None
        return ts

    def _say(self, notice: Notice, request: CopyRequest, _newer: bool) -> None:
        message = self.words(notice, request)
        if notice.audience:
            self.outlet.whisper(notice.channel, notice.audience, message.text, thread_ts=request.card_ts)
            self._settle(notice, None)
            return
        self._settle(notice, self._post(notice, request, message))

    def _post(self, notice: Notice, request: CopyRequest, message: Message) -> str:
        thread_ts = None if notice.kind is NoticeKind.CARD else request.card_ts or self._card_first(notice, request)
        if notice.doubtful:
            since = notice.created_at - LOOK_BACK
            found = self._find(notice, thread_ts, since)
            if found:
                return found
        return self.outlet.post(notice.channel, message, key=notice.dedup_key, thread_ts=thread_ts)

    def _card_first(self, notice: Notice, request: CopyRequest) -> str:
        """A request that had to move to another channel begins there with its card, whatever comes next."""
        card = replace(notice, kind=NoticeKind.CARD, dedup_key=f"{request.id}:card:in:{notice.channel}", doubtful=True)
        ts = self._post(card, request, self.words(card, request))
        with self.store.begin() as tx:
            tx.requests.place(request.id, channel=notice.channel, card_ts=ts, ask_ts=None)
        return ts

    def _find(self, notice: Notice, thread_ts: str | None, since: datetime) -> str | None:
        try:
            return self.outlet.find(notice.channel, notice.dedup_key, thread_ts=thread_ts, since=since)
        except OutletRefused as error:
            # Nobody can tell whether it was said. What matters is said again rather than never.
            if notice.kind.outlives_doubt:
                log.warning("notice_may_repeat", extra={"notice": notice.id, "code": error.code})
                return None
            raise

    def _settle(self, notice: Notice, ts: str | None, *, superseded: bool = False) -> None:
        with self.store.begin() as tx:
            tx.outbox.settle(notice.id, posted_ts=ts, superseded=superseded)
            if notice.kind.is_living and not superseded:
                card = ts if notice.kind is NoticeKind.CARD else None
                ask = ts if notice.kind is NoticeKind.ASK else None
                tx.requests.place(notice.request_id, channel=notice.channel, card_ts=card, ask_ts=ask)

    def _postpone(self, notice: Notice, error: OutletError) -> None:
        now = self.clock.now()
        log.warning("notice_not_delivered", extra={"notice": notice.id, "kind": notice.kind, "code": error.code})
        if isinstance(error, OutletRefused):
            self._refused(notice, error, now)
            return
        pause, doubtful = _pause(notice, error)
        with self.store.begin() as tx:
            tx.outbox.postpone(notice.id, now + pause, doubtful=doubtful, error=error.code or error.message)
            if isinstance(error, OutletBusy):
                tx.outbox.hold(notice.channel, now + pause)

    def _refused(self, notice: Notice, error: OutletRefused, now: datetime) -> None:
        """A channel that takes nothing any more: go on in the usual channel, or wait to be let in again."""
        if error.code not in CHANNEL_CODES or notice.audience:
            self._bury(notice, error.code or error.message)
            return
        default = self.policy.default_channel
        with self.store.begin() as tx:
            if default and default != notice.channel:
                log.warning("request_moves", extra={"request": notice.request_id, "why": error.code, "to": default})
                tx.requests.rehome(notice.request_id, default)
                tx.outbox.redirect(notice.request_id, default)
                tx.outbox.postpone(notice.id, now, doubtful=False, error=error.code)
                return
            if notice.attempts < MOST_REFUSALS:
                tx.outbox.postpone(notice.id, now + LONGEST_PAUSE, doubtful=notice.doubtful, error=error.code)
                return
        self._bury(notice, error.code)

    def _bury(self, notice: Notice, why: str) -> None:
        log.error("notice_given_up", extra={"notice": notice.id, "request": notice.request_id, "why": why})
        with self.store.begin() as tx:
            tx.outbox.bury(notice.id, why)


def _pause(notice: Notice, error: OutletError) -> tuple[timedelta, bool]:
    """How long to wait, and whether the message may have reached Slack."""
    if isinstance(error, OutletBusy):
        return timedelta(seconds=error.retry_after), notice.doubtful
    if isinstance(error, OutletLockedOut):
        return LOCKED_OUT_PAUSE, notice.doubtful
    backoff = min(LONGEST_PAUSE, timedelta(seconds=2 ** min(notice.attempts, 10)))
    return backoff, notice.doubtful or isinstance(error, OutletDoubtful)
