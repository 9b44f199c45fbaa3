"""Copying again what a copy holds, from the notice that it will end: the walk's form, filled in."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bot.domain.backups import MOMENT, holder_of, is_same_backup
from bot.domain.books import Store, Tx
from bot.domain.copies import Copy
from bot.domain.drafts import Form, Page
from bot.domain.errors import Gone
from bot.domain.inventory import PointEntry
from bot.domain.ports import Clock, Policy
from bot.domain.preflight import why_not_copyable

NOTHING = "I know no backup any more that this copy could be made from again, not even the copy itself."


@dataclass
class CopyingAgain:
    store: Store
    policy: Policy
    clock: Clock

    def form(self, copy: Copy) -> Form:
        """A walk's form: the backup that the copy was made from and the same destination, as far as they are there.

        The copy itself is copied where nothing else of the same backup is left, or can be copied; then the destination
        is for people to choose. Raises Gone when nothing is left.
        """
        with self.store.read() as tx:
            source = self._source(tx, copy)
            entries = sorted(self._same(tx, copy), key=lambda entry: _preference(entry, copy, source))
            vaults = {vault.ref for vault in tx.inventory.vaults(copy.vault.account, copy.vault.region)}
        if not entries:
            raise Gone(NOTHING)
        chosen = entries[0]
        form = Form(page=Page.DESTINATION, table_key=chosen.table_key, point_key=chosen.key, again=True, filled=1)
        account = holder_of(copy.vault, self.policy.accounts)
        if account is None or chosen.point.vault == copy.vault:
            return form
        form = replace(form, account=account.alias, region=copy.vault.region)
        # Where the vault itself is gone, another one of that place is for people to choose.
        return replace(form, page=Page.RETENTION, vault=copy.vault.name) if copy.vault in vaults else form

    def _same(self, tx: Tx, copy: Copy) -> Iterator[PointEntry]:
        """What holds the same backup and can be copied: a copy has the creation date of what it was made from."""
        for entry in tx.inventory.made_since(copy.table_arn, copy.created_at - MOMENT):
            same = is_same_backup(entry.point.created_at, copy.created_at)
            if same and why_not_copyable(entry.point, self.clock.now()) is None:
                yield entry

    def _source(self, tx: Tx, copy: Copy) -> str:
        """The ARN of the backup that a request of ours has copied."""
        request = tx.requests.get(copy.request_id) if copy.request_id else None
        step = request.step(copy.step_id) if request else None
        return step.copy.point.arn if step and step.copy else ""


def _preference(entry: PointEntry, copy: Copy, source: str) -> tuple[bool, bool, str]:
    """The source first, then any other, the copy itself last."""
    return entry.point.arn != source, entry.point.arn == copy.arn, entry.point.arn
