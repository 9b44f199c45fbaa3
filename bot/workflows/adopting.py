"""Adopting copies that were made elsewhere (in the console, by backup plans): they are watched until they end, too."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.domain.backups import RecoveryPoint, VaultRef
from bot.domain.books import Store, Tx
from bot.domain.copies import AdoptRule, Copy, adopted
from bot.domain.errors import BadInput
from bot.domain.inventory import PointEntry
from bot.domain.notices import NoticeKind
from bot.domain.people import Actor
from bot.domain.ports import Clock, Nudge, Policy
from bot.domain.requests import Event
from bot.domain.search import words_of
from bot.workflows.copy_notices import say_of

log = logging.getLogger(__name__)

# Slack shows no more options in one list, and takes so many blocks in one message.
MOST_FOUND, MOST_LISTED = 100, 20
# So many are adopted in one transaction, and so many are in memory at a time.
CHUNK, MOST_READ = 200, 2_000
FIELD = "adopt"
CHOOSE = "Choose one or more backups."
GONE = "is not there any more, or has no end. Choose another one."
Picture = frozenset[tuple[str, str, int, datetime | None]]
"""Areas (account id, Region), each with its revision and when it was last read whole."""


@dataclass
class Adopting:
    store: Store
    policy: Policy
    clock: Clock
    nudge: Nudge
    _followed: dict[AdoptRule, Picture] = field(default_factory=dict)

    def find(self, query: str) -> Sequence[PointEntry]:
        """Backups with an end that nobody watches, found by table, vault, account and Region; soonest end first."""
        words = [(word, self._areas(word)) for word in words_of(query)]
        with self.store.read() as tx:
            return tx.inventory.unwatched(self.clock.now(), words, None, MOST_FOUND, areas=self._areas())

    def adopt(self, actor: Actor, channel: str, keys: Sequence[str]) -> Sequence[Copy]:
        """Watch these backups (by the inventory's short names) from now on, for a channel. Safe to repeat.

        Raises BadInput when one of them is gone or has no end; then none is adopted.
        """
        now = self.clock.now()
        with self.store.begin() as tx:
            entries = tx.inventory.entries(keys)
            if not keys:
                raise BadInput(FIELD, CHOOSE)
            ending = [one for one in entries if one.point.delete_at is not None and one.point.delete_at > now]
            if len(ending) < len(set(keys)):
                raise BadInput(FIELD, f"One of these {GONE}")
            copies = [adopted(entry.point, channel, actor, now) for entry in ending]
            for copy in copies:
                self._begin(tx, copy, actor)
        self.nudge("relay")
        self.nudge("expire")
        return copies

    def listed(self) -> Sequence[Copy]:
        """What is adopted, soonest end first; one more than a message shows tells that there are more."""
        with self.store.read() as tx:
            return tx.copies.adopted(MOST_LISTED + 1)

    def adopt_configured(self) -> int:
        """Adopt what the configuration names; the number adopted. What people dropped stays dropped."""
        count = 0
        for rule in self.policy.notices.adopt:
            try:
                count += self._adopt_by(rule)
            except Exception:
                # One rule that goes wrong must not keep the others from being followed.
                log.exception("adoption_went_wrong", extra={"account": rule.account, "vault": rule.vault})
        return count

    def _begin(self, tx: Tx, copy: Copy, actor: Actor) -> None:
        if not tx.copies.add(copy) and not tx.copies.watch_again(copy):
            return
        now = self.clock.now()
        facts = {"what": "adopted", "by": actor.user_id}
        say_of(tx, copy, NoticeKind.WATCHED, now, f"adopted:{copy.arn}:{now.timestamp()}", facts)
        tx.requests.record(Event("", now, "adopted", actor, detail=f"{copy.arn[:300]} for {copy.channel}"))

    def _adopt_by(self, rule: AdoptRule) -> int:
        """Adopt by one rule; nothing is looked for while no picture of its areas has changed since the last time."""
        channel = rule.channel or self.policy.default_channel
        if channel is None:
            return 0
        with self.store.read() as tx:
            picture, vaults = self._picture(tx, rule), list(self._vaults(tx, rule))
        if self._followed.get(rule) == picture:
            return 0
        count = 0
        # What is adopted is not found again.
        while points := self._unwatched(rule, vaults):
            count += self._adopt_all(points, channel)
        self._followed[rule] = picture
        return count

    def _unwatched(self, rule: AdoptRule, vaults: Sequence[VaultRef]) -> Sequence[RecoveryPoint]:
        if not vaults:
            return ()
        with self.store.read() as tx:
            found = tx.inventory.unwatched(self.clock.now(), (), vaults, MOST_READ, rule.table)
            return [entry.point for entry in found]

    def _adopt_all(self, points: Sequence[RecoveryPoint], channel: str) -> int:
        """How many of these are watched now that were not: of some a request has finished meanwhile."""
        count = 0
        for start in range(0, len(points), CHUNK):
            with self.store.begin() as tx:
                chunk = [adopted(point, channel, None, self.clock.now()) for point in points[start : start + CHUNK]]
                count += sum(tx.copies.add(copy) for copy in chunk)
        return count

    def _picture(self, tx: Tx, rule: AdoptRule) -> Picture:
        """How often each area that a rule speaks of has changed, and when it was read: its vaults come last."""
        read = {(area.account, area.region): area.read_at for area in tx.inventory.areas()}
        changed = tx.inventory.revisions()
        ours = {
            (one.id, region) for one in self.policy.accounts if rule.has_account(one.alias) for region in one.regions
        }
        return frozenset((*place, changed.get(place, 0), read.get(place)) for place in ours)

    def _vaults(self, tx: Tx, rule: AdoptRule) -> Iterator[VaultRef]:
        for account in self.policy.accounts:
            for region in account.regions if rule.has_account(account.alias) else ():
                yield from (one.ref for one in tx.inventory.vaults(account.id, region) if rule.has_vault(one.ref.name))

    def _areas(self, word: str = "") -> list[tuple[str, str]]:
        """The configured places that a word speaks of, by alias, account id or Region; without one all of them."""
        return [
            (account.id, region)
            for account in self.policy.accounts
            for region in account.regions
            if word in f"{account.alias} {account.id} {region}".casefold()
        ]
