"""The buttons of the review that mend what stands in the way: each changes the form; then it is looked at again."""

from collections.abc import Mapping
from typing import Any

from slack_sdk import WebClient

from bot.domain import mending
from bot.domain.backups import VaultKind, VaultRef
from bot.domain.drafts import Draft, Form, Page
from bot.domain.errors import BadInput
from bot.domain.retention import Keep
from bot.slack.ids import BACK_UP_FIRST, COPY_ANYWAY, KEEP_DAYS, MAKE_VAULT, OTHER_VAULT, TURN_ON
from commands.copy_backup.review import review_again
from commands.copy_backup.screen import say_in_view, show
from commands.desk import Desk
from commands.errors import answered, kept

ACTIONS = (COPY_ANYWAY, MAKE_VAULT, OTHER_VAULT, BACK_UP_FIRST, TURN_ON, KEEP_DAYS)


class Remedies:
    """The listener keeps the changed form and acknowledges; the look at it is slow work."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def press(self, ack: Any, body: dict[str, Any]) -> None:
        """Keep what the button changes. Pressed twice it changes nothing more."""
        kept(ack, lambda: self._keep(body))

    def look(self, body: dict[str, Any], client: WebClient) -> None:
        """Look at the plan as it is now; where something has to be typed first, show the page for it."""
        view = body["view"]

        def work() -> None:
            draft = self._desk.walk.owned(view["private_metadata"], body["user"]["id"])
            if draft.form.page is Page.REVIEW:
                review_again(client, self._desk, draft, view.get("hash"))
            else:
                show(client, self._desk, draft.id, view.get("hash"))

        answered(work, lambda sentence: say_in_view(client, self._desk, view, sentence))

    def _keep(self, body: Mapping[str, Any]) -> None:
        user, pressed = body["user"]["id"], body["actions"][0]
        draft = self._desk.walk.owned(body["view"]["private_metadata"], user)
        if draft.form.page is Page.REVIEW:
            changed = self._changed(draft, str(pressed["action_id"]), str(pressed.get("value") or ""))
            if changed != draft.form:
                self._desk.walk.keep(draft.id, user, changed)

    def _changed(self, draft: Draft, action: str, value: str) -> Form:
        form = draft.form
        match action:
            case _ if action == COPY_ANYWAY:
                return mending.copy_again(form)
            case _ if action == BACK_UP_FIRST:
                return form if form.backup_first else mending.back_up_first(form)
            case _ if action == KEEP_DAYS and value.isascii() and value.isdigit():
                return form if (form.keep, form.days) == (Keep.DAYS, value) else mending.keep_days(form, int(value))
            case _ if action == TURN_ON:
                place = next((one for one in self._places(draft) if "/".join(one) == value), None)
                return mending.turn_on(form, *place) if place else form
            case _ if action == MAKE_VAULT:
                return self._with_vault(form, value)
            case _ if action == OTHER_VAULT:
                vault = _vault_of(value)
                return mending.other_vault(form, self._alias(vault.account), vault, self._key_there(vault))
        raise BadInput("review", "This button is too old. Go back and forth once, then press it again.")

    def _with_vault(self, form: Form, value: str) -> Form:
        vault = _vault_of(value)
        chosen = self._desk.walk.chosen(form)
        abroad = chosen.point is None or chosen.point.point.vault.account != vault.account
        key = self._key_there(vault) if abroad else ""
        return mending.make_vault(form, self._alias(vault.account), vault, key, needs_key=abroad)

    def _alias(self, account_id: str) -> str:
        return next((one.alias for one in self._desk.walk.policy.accounts if one.id == account_id), "")

    def _places(self, draft: Draft) -> list[tuple[str, str]]:
        """Where the draft's copies come from and go to: a value can be tampered with."""
        chosen = self._desk.walk.chosen(draft.form)
        vaults = [chosen.point.point.vault] if chosen.point else []
        return [(vault.account, vault.region) for vault in (*vaults, *(goal.ref for goal in chosen.goals))]

    def _key_there(self, vault: VaultRef) -> str:
        """The key of another vault of the place, which a copy from another account needs."""
        with self._desk.walk.store.read() as tx:
            there = tx.inventory.vaults(vault.account, vault.region)
        keys = (one.key_arn for one in there if one.kind is VaultKind.STANDARD and one.ref.name != "Default")
        return next((key for key in keys if key), "")


def _vault_of(value: str) -> VaultRef:
    account_id, region, name = [*value.split("/"), "", ""][:3]
    return VaultRef(account_id, region, name)
