"""Where a person sent copies before: noted when a request is sent, offered first in the next walk."""

from collections.abc import Sequence
from datetime import datetime

from bot.domain.backups import Account, VaultRef
from bot.domain.books import Tx
from bot.domain.drafts import Form, Place

MOST_RECENT = 5
# Some of what is kept may be configured, or there, no more.
READ = 4 * MOST_RECENT


def note_destinations(tx: Tx, user_id: str, form: Form, accounts: Sequence[Account], at: datetime) -> None:
    """Keep where this form sends copies. A named route is offered anyway, so its hops are not kept."""
    if form.route:
        return
    ids = {account.alias: account.id for account in accounts}
    here = Place(form.account, form.region, form.new_vault.strip() or form.vault)
    places = [place for place in (*form.others, here) if place.account in ids and place.vault]
    tx.destinations.used(user_id, [VaultRef(ids[one.account], one.region, one.vault) for one in places], at)


def recent_places(tx: Tx, user_id: str, accounts: Sequence[Account]) -> tuple[Place, ...]:
    """Where this person sent copies last, newest first: what is configured still, and not known to be gone."""
    aliases = {(account.id, region): account.alias for account in accounts for region in account.regions}
    found = [vault for vault in tx.destinations.last(user_id, READ) if (vault.account, vault.region) in aliases]
    there = [vault for vault in found if _may_be_there(tx, vault)]
    return tuple(Place(aliases[one.account, one.region], one.region, one.name) for one in there[:MOST_RECENT])


def _may_be_there(tx: Tx, vault: VaultRef) -> bool:
    known = tx.inventory.vaults(vault.account, vault.region)
    return not known or any(one.ref == vault for one in known)
