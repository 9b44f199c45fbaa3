"""Copies that will end: read their real date from AWS, tell people ahead, stop watching what is gone."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.books import Store, Tx
from bot.domain.copies import Copy, lead_due
from bot.domain.errors import BackupsError, BackupsMissing
from bot.domain.notices import NoticeKind
from bot.domain.ports import Backups, Clock, Nudge, Policy
from bot.workflows.announce import say

log = logging.getLogger(__name__)

BATCH = 50
# More copies than this would have to end within the longest lead before any is announced late.
MOST_ENDING = 10_000
LOOK_EVERY = timedelta(hours=24)
# Before people are alarmed the date is read again, unless it was read this recently.
TRUSTED_FOR = timedelta(minutes=10)
UNREAD_FOR = timedelta(minutes=10)


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
            copies = tx.copies.to_look_at(now - LOOK_EVERY, BATCH)
        for copy in copies:
            self._safely(copy, self._look)
        return len(copies)

    def announce(self) -> int:
        """Say what ends soon, each lead once, and what has ended."""
        now = self.clock.now()
        furthest = timedelta(days=max(self.policy.expiry_lead_days, default=0))
        with self.store.begin() as tx:
            # What has been said already must not keep the rest from its turn, so it is left out before the batch.
            ending = tx.copies.ending(now + furthest, MOST_ENDING)
            copies = [copy for copy in ending if self._is_due(tx, copy, now)][:BATCH]
        for copy in copies:
            self._safely(copy, self._announce)
        return len(copies)

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
            self._gone(copy, now)
            return None
        except BackupsError as error:
            log.warning("copy_unread", extra={"copy": copy.arn, "code": error.code})
            self._look_later(copy, now)
            return copy
        with self.store.begin() as tx:
            tx.copies.looked(copy.arn, delete_at=point.delete_at, at=now)
        return replace(copy, delete_at=point.delete_at, looked_at=now)

    def _announce(self, copy: Copy) -> None:
        now = self.clock.now()
        if copy.delete_at is not None and copy.delete_at <= now:
            self._gone(copy, now)
            return
        if copy.looked_at is None or copy.looked_at < now - TRUSTED_FOR:
            current = self._look(copy)
            if current is None:
                return
            copy = current
        if copy.delete_at is None:
            return
        lead = lead_due(copy.delete_at, self.policy.expiry_lead_days, now)
        if lead is None:
            return
        with self.store.begin() as tx:
            self._say(tx, copy, NoticeKind.EXPIRING, now, _key(copy, lead), {"lead_days": lead})
        self.nudge("relay")

    def _is_due(self, tx: Tx, copy: Copy, now: datetime) -> bool:
        """Whether there is something to say about a copy that has not been said."""
        if copy.delete_at is None or copy.delete_at <= now:
            return copy.delete_at is not None
        lead = lead_due(copy.delete_at, self.policy.expiry_lead_days, now)
        return lead is not None and not tx.outbox.was_written(
            f"{copy.request_id}:{NoticeKind.EXPIRING}:{_key(copy, lead)}"
        )

    def _look_later(self, copy: Copy, now: datetime) -> None:
        """A copy that cannot be read is asked about again soon, but after the others had their turn."""
        with self.store.begin() as tx:
            tx.copies.looked(copy.arn, delete_at=copy.delete_at, at=now - LOOK_EVERY + UNREAD_FOR)

    def _gone(self, copy: Copy, now: datetime) -> None:
        early = copy.delete_at is None or copy.delete_at > now
        with self.store.begin() as tx:
            if tx.copies.close(copy.arn):
                self._say(tx, copy, NoticeKind.EXPIRED, now, copy.arn, {"early": early})
        self.nudge("relay")

    def _say(self, tx: Tx, copy: Copy, kind: NoticeKind, now: datetime, key: str, facts: dict[str, object]) -> None:
        facts = {
            **facts,
            "copy_arn": copy.arn,
            "vault_arn": copy.vault.arn,
            "table": copy.table_name,
            "delete_at": int(copy.delete_at.timestamp()) if copy.delete_at else None,
        }
        request = tx.requests.get(copy.request_id)
        if request:
            say(tx, request, kind, now, key=key, facts=facts)


def _key(copy: Copy, lead: int) -> str:
    end = int(copy.delete_at.timestamp()) if copy.delete_at else 0
    return f"{copy.arn}:{end}:{lead}"
