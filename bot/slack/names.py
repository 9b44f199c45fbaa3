"""What people call the accounts and places of AWS."""

from collections.abc import Iterable

from bot.domain.backups import Account, VaultRef
from bot.slack.text import code, escape

Pairs = list[tuple[str, str]]


class Names:
    """What people call the accounts."""

    def __init__(self, accounts: Iterable[Account]) -> None:
        self._alias = {account.id: account.alias for account in accounts}

    def account(self, account_id: str) -> str:
        return escape(self._alias.get(account_id, account_id))

    def place(self, vault: VaultRef) -> str:
        """Account, Region and vault, as people say it."""
        return f"{self.account(vault.account)} · {vault.region} · {code(vault.name)}"
