"""What a button that mends changes of a form where more has to be known than the form: keys, accounts, its places."""

from dataclasses import dataclass

from bot.domain import mending
from bot.domain.backups import VaultKind, VaultRef
from bot.domain.drafts import Draft, Form
from bot.workflows.walk import Walk


@dataclass(frozen=True, slots=True)
class Mending:
    """Each gives the form as it would be; keeping it is the caller's."""

    walk: Walk

    def turn_on(self, draft: Draft, place: str) -> Form:
        """DynamoDB turned on in one of the draft's own places, "account/Region"; any other changes nothing."""
        known = next((one for one in self._places(draft) if "/".join(one) == place), None)
        return mending.turn_on(draft.form, *known) if known else draft.form

    def make_vault(self, form: Form, vault: VaultRef) -> Form:
        """The missing vault made on the way; with a key of the place where the copy comes from another account."""
        chosen = self.walk.chosen(form)
        abroad = chosen.point is None or chosen.point.point.vault.account != vault.account
        key = self._key_there(vault) if abroad else ""
        return mending.make_vault(form, self._alias(vault.account), vault, key, needs_key=abroad)

    def other_vault(self, form: Form, vault: VaultRef) -> Form:
        """A vault of another name in the place of the one that cannot take the copy."""
        return mending.other_vault(form, self._alias(vault.account), vault, self._key_there(vault))

    def _alias(self, account_id: str) -> str:
        return next((one.alias for one in self.walk.policy.accounts if one.id == account_id), "")

    def _places(self, draft: Draft) -> list[tuple[str, str]]:
        """Where the draft's copies come from and go to: what a button says can be tampered with."""
        chosen = self.walk.chosen(draft.form)
        vaults = [chosen.point.point.vault] if chosen.point else []
        return [(vault.account, vault.region) for vault in (*vaults, *(goal.ref for goal in chosen.goals))]

    def _key_there(self, vault: VaultRef) -> str:
        """The key of another vault of the place, which a copy from another account needs."""
        with self.walk.store.read() as tx:
            there = tx.inventory.vaults(vault.account, vault.region)
        keys = (one.key_arn for one in there if one.kind is VaultKind.STANDARD and one.ref.name != "Default")
        return next((key for key in keys if key), "")
