"""Copies that will end: read their real end from AWS, tell people ahead, say when AWS has removed them."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from bot.domain.books import Store, Tx
from bot.domain.copies import OVERDUE, Copy, CopyEnd, fitting_snoozes, lead_due, leads_missed
from bot.domain.errors import BackupsError, BackupsMissing
from bot.domain.notices import NoticeKind
from bot.domain.ports import Backups, Clock, Nudge, Policy
from bot.domain.requests import Event
from bot.domain.routing import TOGETHER, TOMORROW_DAYS, crowded
from bot.workflows.announce import refresh
from bot.workflows.copy_notices import answer_end, answer_notices, answer_undoing, askers_of, key_of, say_of, seconds
from bot.workflows.last_copies import is_last_anywhere, places_unseen, what_is_left

log = logging.getLogger(__name__)

BATCH = 50
# More copies than this would have to end within the longest lead before any is announced late.
MOST_ENDING = 10_000
LOOK_EVERY = timedelta(hours=24)
# Before people are alarmed the date is read again, unless it was read this recently.
TRUSTED_FOR = timedelta(minutes=10)
UNREAD_FOR = timedelta(minutes=10)
# AWS deletes at a moment of its own choice within 8 hours after the end.
GONE_EVERY = timedelta(minutes=10)
# What AWS could not delete when its time had come stays there under this name.
UNDELETABLE = "EXPIRED"
FACTS: Mapping[CopyEnd, Mapping[str, object]] = {
    CopyEnd.REMOVED: {"early": False},
    CopyEnd.EARLY: {"early": True},
    CopyEnd.UNDELETABLE: {"early": False, "undeletable": True},
    CopyEnd.UNSEEN: {"early": False, "unseen": True},
}


@dataclass
class Expiry:
    store: Store
    backups: Backups
    policy: Policy
    clock: Clock
    nudge: Nudge

    def look_again(self) -> int:
        """Read the end of copies that were not looked at for a day, or never with success."""
        now = self.clock.now()
        with self.store.begin() as tx:
            found = tx.copies.to_look_at(now - LOOK_EVERY, BATCH)
            # What is to be told is looked at by announce(): ends in their order, and leads as of when they were missed.
            copies = [copy for copy in found if not self._is_due(tx, copy, now)]
        for copy in copies:
            self._safely(copy, self._look)
        return len(copies)

    def announce(self) -> int:
        """Say what ends soon, each lead once, and what AWS has removed at its end."""
        now = self.clock.now()
        furthest = timedelta(days=max(self.policy.expiry_lead_days, default=0))
        with self.store.begin() as tx:
            # What has been said already must not keep the rest from its turn, so it is left out before the batch.
            ending = tx.copies.ending(now + furthest, MOST_ENDING)
            copies = [copy for copy in ending if self._is_due(tx, copy, now)][:BATCH]
        with self.store.read() as tx:
            crowd = self._crowd(tx, copies)
        for copy in copies:
            self._safely(copy, partial(self._announce, together=copy.arn in crowd))
        return len(copies)

    def _crowd(self, tx: Tx, copies: Sequence[Copy]) -> frozenset[str]:
        """The copies of which so many are spoken of at once that their channel gets one message for all."""
        if len(copies) <= TOGETHER:
            return frozenset()
        lines = [copy for copy in copies if self._is_line(tx, copy)]
        found = ((copy, tx.requests.get(copy.request_id) if copy.request_id else None) for copy in lines)
        channels = {copy.arn: request.channel if request else copy.channel for copy, request in found}
        return crowded({arn: channel for arn, channel in channels.items() if channel})

    def _is_line(self, tx: Tx, copy: Copy) -> bool:
        """Whether a warning may stand among others; that of a last copy, or of one that ends tomorrow, stands alone."""
        now, end = self.clock.now(), copy.delete_at
        return end is not None and end > now + timedelta(days=TOMORROW_DAYS) and not is_last_anywhere(tx, copy, now)

    def _safely(self, copy: Copy, work: Callable[[Copy], object]) -> None:
        try:
            work(copy)
        except Exception:
            log.exception("copy_went_wrong", extra={"copy": copy.arn, "request": copy.request_id})

    def _look(self, copy: Copy) -> Copy | None:
        """The copy as AWS has it now; None when it is gone (and that has been said)."""
        now = self.clock.now()
        try:
            point = self.backups.point(copy.vault, copy.arn)
        except BackupsMissing:
            self._gone(copy, now, CopyEnd.REMOVED if _is_over(copy, now) else CopyEnd.EARLY)
            return None
        except BackupsError as error:
            log.warning("copy_unread", extra={"copy": copy.arn, "code": error.code})
            return self._unread(copy, now)
        if point.status == UNDELETABLE:
            self._gone(copy, now, CopyEnd.UNDELETABLE)
            return None
        seen = replace(copy, delete_at=point.delete_at, looked_at=now)
        # Before the copy counts as looked at: after a crash in between nobody would look there for a day.
        self._look_at_origin(seen)
        with self.store.begin() as tx:
            if tx.copies.looked(copy.arn, delete_at=point.delete_at, at=now):
                seen = replace(seen, let_go_by=None, snoozed_until=None)
                self._say_change(tx, seen, copy.delete_at, now)
            if _is_over(seen, now):
                answer_end(tx, seen, now)
        return seen

    def _look_at_origin(self, copy: Copy) -> None:
        """The backup that a copy took its end from: people are told when its end moves, or it is gone before."""
        origin, now = copy.origin, self.clock.now()
        if origin is None:
            return
        try:
            end = self.backups.point(origin.vault, origin.arn).delete_at
        except BackupsMissing:
            gone_early = origin.delete_at is None or origin.delete_at > now
            with self.store.begin() as tx:
                if tx.copies.forget_origin(copy.arn) and gone_early:
                    self._say_change(tx, copy, origin.delete_at, now, of="origin", gone=True)
        except BackupsError as error:
            log.info("origin_unread", extra={"copy": copy.arn, "code": error.code})
        else:
            with self.store.begin() as tx:
                if tx.copies.origin_looked(copy.arn, delete_at=end):
                    self._say_change(tx, copy, origin.delete_at, now, of="origin", after=end)
        self.nudge("relay")

    def _announce(self, copy: Copy, *, together: bool = False) -> None:
        now, seen = self.clock.now(), copy.looked_at
        if _is_over(copy, now) or copy.looked_at is None or copy.looked_at < now - TRUSTED_FOR:
            current = self._look(copy)
            if current is None:
                return
            copy = current
        with self.store.begin() as tx:
            # Whoever let it go, or put it off, may have done so a moment ago.
            current = tx.copies.get(copy.arn)
            if current is not None and not _is_over(current, now) and self._is_due(tx, current, now):
                missed = self._missed(tx, current, now, seen) if seen else []
                self._warn(tx, current, now, {"missed": missed, **({"together": True} if together else {})})
        self.nudge("relay")

    def _warn(self, tx: Tx, copy: Copy, now: datetime, more: Mapping[str, object]) -> None:
        """Say that a copy ends soon; what says first whether it is the last one anywhere."""
        end = copy.delete_at
        assert end is not None
        reminder = copy.snoozed_until
        lead = lead_due(end, self.policy.expiry_lead_days, now)
        key = _key(copy, lead) if lead else ""
        if reminder and not (lead and not tx.outbox.was_written(key_of(copy, NoticeKind.EXPIRING, key))):
            key = f"{copy.arn}:{seconds(end)}:again:{seconds(reminder)}"
        last = is_last_anywhere(tx, copy, now)
        facts: dict[str, object] = {
            "lead_days": lead if lead is not None else max(1, (end - now).days),
            "last": last,
            "unseen": places_unseen(tx) if last else 0,
            "snoozes": fitting_snoozes(end, now),
            "reminder": reminder is not None,
            "asked_by": askers_of(tx, copy, reminder) if reminder else [],
            # The last copy is no matter for after the quiet hours.
            "urgent": last,
            **more,
        }
        if say_of(tx, copy, NoticeKind.EXPIRING, now, key, facts):
            self._leave_what_fits(tx, copy, end, key, now)
        if reminder:
            tx.copies.snooze(copy.arn, end=end, before=reminder, until=None)

    def _leave_what_fits(self, tx: Tx, copy: Copy, end: datetime, key: str, now: datetime) -> None:
        """What was said of this end before keeps the buttons that can still be pressed, and says that there is more."""
        newest, fitting = key_of(copy, NoticeKind.EXPIRING, key), {"snoozes": fitting_snoozes(end, now)}
        answer_notices(tx, copy, "newer", now, f"newer:{now.timestamp()}", end=end, facts=fitting, but=newest)

    def _missed(self, tx: Tx, copy: Copy, now: datetime, seen: datetime) -> list[int]:
        """The leads that came while the bot was away; nobody missed what they had put off themselves."""
        end, asleep = copy.delete_at, copy.snoozed_until
        assert end is not None
        missed = leads_missed(end, self.policy.expiry_lead_days, now, max(seen, asleep or seen))
        return [
            lead for lead in missed if not tx.outbox.was_written(key_of(copy, NoticeKind.EXPIRING, _key(copy, lead)))
        ]

    def _is_due(self, tx: Tx, copy: Copy, now: datetime) -> bool:
        """Whether there is something to say, or to look at, about a copy that has not been said."""
        if copy.delete_at is None:
            return False
        if copy.delete_at <= now:
            seen = copy.looked_at
            soon = seen is None or seen < copy.delete_at or seen <= now - GONE_EVERY
            # What AWS has not removed a day later is looked at once a day, as every copy is.
            return soon and (seen is None or seen < copy.delete_at + OVERDUE)
        if copy.let_go_by is not None:
            return False
        if copy.snoozed_until is not None:
            return copy.snoozed_until <= now
        lead = lead_due(copy.delete_at, self.policy.expiry_lead_days, now)
        return lead is not None and not tx.outbox.was_written(key_of(copy, NoticeKind.EXPIRING, _key(copy, lead)))

    def _unread(self, copy: Copy, now: datetime) -> Copy | None:
        """A copy that cannot be read is asked about again soon, but after the others had their turn."""
        if copy.delete_at is not None and copy.delete_at + OVERDUE <= now:
            self._gone(copy, now, CopyEnd.UNSEEN)
            return None
        with self.store.begin() as tx:
            tx.copies.asked(copy.arn, now if _is_over(copy, now) else now - LOOK_EVERY + UNREAD_FOR)
            if _is_over(copy, now):
                answer_end(tx, copy, now)
        return copy

    def _gone(self, copy: Copy, now: datetime, how: CopyEnd) -> None:
        with self.store.begin() as tx:
            if tx.copies.end(copy.arn, how, now):
                say_of(tx, copy, NoticeKind.EXPIRED, now, copy.arn, {**FACTS[how], **_left(tx, copy, how, now)})
                answer_end(tx, copy, now)
                if copy.request_id:
                    _tell_of_request(tx, copy, how, now)
        self.nudge("relay")

    def _say_change(
        self,
        tx: Tx,
        copy: Copy,
        before: datetime | None,
        now: datetime,
        *,
        of: str = "copy",
        after: datetime | None = None,
        gone: bool = False,
    ) -> None:
        """Say which end has moved, from when to when; called only by who noted the change, so once for each."""
        after = copy.delete_at if of == "copy" else after
        facts = {"of": of, "before": seconds(before), "after": seconds(after), "gone": gone}
        key = f"{copy.arn}:{of}:{seconds(before)}:{seconds(after)}:{now.timestamp()}"
        say_of(tx, copy, NoticeKind.END_CHANGED, now, key, facts)
        if of == "copy":
            self._close_buttons(tx, copy, before, now)
        self.nudge("relay")

    def _close_buttons(self, tx: Tx, copy: Copy, before: datetime | None, now: datetime) -> None:
        """What was asked about the end before is asked no more; where an end comes back, its buttons do."""
        moved = f"moved:{now.timestamp()}"
        if before is not None:
            answer_notices(tx, copy, "moved", now, moved, end=before)
            answer_undoing(tx, copy, "moved", now)
        if copy.delete_at is not None:
            again = {"snoozes": fitting_snoozes(copy.delete_at, now)}
            answer_notices(tx, copy, "open", now, moved, end=copy.delete_at, facts=again)


def _left(tx: Tx, copy: Copy, how: CopyEnd, now: datetime) -> Mapping[str, object]:
    """What is left to restore the table from, of a copy that is gone; that it was the last one cannot wait."""
    if not (how.is_gone and copy.table_arn):
        return {}
    left = what_is_left(tx, copy, now)
    last = not left.others
    return {
        "last": last,
        "left": left.others,
        "older": seconds(left.older),
        "places": places_unseen(tx) if last else 0,
        "urgent": last,
    }


def _tell_of_request(tx: Tx, copy: Copy, how: CopyEnd, now: datetime) -> None:
    """Its state stays what it was; its card and its history say from now on that the copy has ended."""
    tx.requests.hold(copy.request_id)
    request = tx.requests.get(copy.request_id)
    if request is not None and refresh(tx, request, now):
        tx.requests.record(Event(request.id, now, how, detail=copy.arn))


def _is_over(copy: Copy, now: datetime) -> bool:
    return copy.delete_at is not None and copy.delete_at <= now


def _key(copy: Copy, lead: int) -> str:
    return f"{copy.arn}:{seconds(copy.delete_at) or 0}:{lead}"
