"""What a form's fields name: a place (account and Region), a vault, a table, a backup; and the copy back to a place."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from bot.domain.backups import Account, RecoveryPoint, Vault, VaultKind, VaultRef
from bot.domain.books import Store
from bot.domain.errors import BadInput
from bot.domain.inventory import PointEntry, TableEntry
from bot.domain.params import CopyParams
from bot.domain.ports import Policy
from bot.domain.preflight import why_not_copyable
from bot.domain.retention import Keep, Retention, least_days

Found = TypeVar("Found")

# A copy that is made only to be restored from is not needed for longer.
COPY_BACK_DAYS = 7


@dataclass
class Places:
    store: Store
    policy: Policy

    def all(self) -> Sequence[tuple[Account, str]]:
        """Every configured account with each of its Regions."""
        return [(account, region) for account in self.policy.accounts for region in account.regions]

    def place(self, answer: str, name: str = "place") -> tuple[Account, str]:
        """The account and Region that `account id/Region` names. Raises BadInput."""
        account_id, _, region = answer.partition("/")
        for account, known in self.all():
            if (account.id, known) == (account_id, region):
                return account, region
        raise BadInput(name, "Choose one of the configured accounts and Regions.")

    def account(self, account_id: str, name: str) -> Account:
        """A configured account. Raises BadInput."""
        found = next((account for account in self.policy.accounts if account.id == account_id), None)
        if found is None:
            raise BadInput(name, f"The account {account_id} is not one of the accounts this bot is configured for.")
        return found

    def table(self, key: str) -> TableEntry:
        with self.store.read() as tx:
            found = tx.inventory.table(key) if key else None
        if found is None:
            raise BadInput("table", "Choose a table." if not key else "This table has no backup any more.")
        return found

    def point(self, key: str, table_key: str) -> PointEntry:
        with self.store.read() as tx:
            found = tx.inventory.point(key) if key else None
        if found is None or found.table_key != table_key:
            raise BadInput("point", "Choose a backup." if not key else "This backup is not there any more.")
        return found

    def vaults(self, account_id: str, region: str) -> Sequence[Vault]:
        """Vaults that can take a copy."""
        with self.store.read() as tx:
            found = tx.inventory.vaults(account_id, region)
        return [vault for vault in found if vault.kind is not VaultKind.RESTORE_ACCESS]

    def vault(self, answer: str, name: str = "vault") -> Vault:
        """The vault that `account id/Region/name` names. Raises BadInput."""
        account_id, _, rest = answer.partition("/")
        region, _, vault = rest.partition("/")
        found = next((one for one in self.vaults(account_id, region) if one.ref.name == vault), None)
        if found is None:
            raise BadInput(name, "Choose a vault." if not answer else "This vault is not there any more.")
        return found

    def known_vault(self, answer: str) -> Vault | None:
        """The vault that an answer names, if it names one that is there."""
        return or_none(lambda: self.vault(answer)) if answer else None


def key_of(vault: VaultRef) -> str:
    """How a form's answer names a vault."""
    return f"{vault.account}/{vault.region}/{vault.name}"


def copy_back(point: RecoveryPoint, vault: Vault, role_arn: str, now: datetime) -> CopyParams:
    """The copy of a backup to where it is to be restored, kept for as long as that may take.

    Raises BadInput where AWS would not copy this backup.
    """
    problem = why_not_copyable(point, now)
    if problem:
        raise BadInput("point", f"{problem.sentence} {problem.remedy}")
    days = max(least_days(point, now) + COPY_BACK_DAYS, vault.min_days or 0)
    return CopyParams(point, vault.ref, Retention(Keep.DAYS, min(days, vault.max_days or days)), role_arn)


def foreseen(copy: CopyParams) -> RecoveryPoint:
    """The recovery point that a copy will make, as far as it is known before."""
    end = copy.point.created_at + timedelta(days=copy.retention.days or 0)
    return replace(copy.point, arn="", vault=copy.destination, delete_at=end, cold_at=None)


def mark() -> str:
    """A few letters that tell one drill's table from another's."""
    return secrets.token_hex(4)


def or_none(read: Callable[[], Found]) -> Found | None:
    """What an answer names, None where it names nothing that is there."""
    try:
        return read()
    except BadInput:
        return None
