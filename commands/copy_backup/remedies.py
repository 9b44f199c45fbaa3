"""The buttons of the review that mend what stands in the way: each changes the form; then it is looked at again."""

from collections.abc import Mapping
from typing import Any

from slack_sdk import WebClient

from bot.domain import mending
from bot.domain.backups import VaultRef
from bot.domain.drafts import Draft, Form, Page
from bot.domain.retention import Keep
from bot.slack import ids
from bot.workflows.mending import Mending
from commands.copy_backup.review import review_again
from commands.copy_backup.screen import say_in_view, show
from commands.desk import Desk
from commands.errors import answered, kept

ACTIONS = (
    ids.COPY_ANYWAY,
    ids.MAKE_VAULT,
    ids.OTHER_VAULT,
    ids.BACK_UP_FIRST,
    ids.TURN_ON,
    ids.KEEP_DAYS,
)


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
        """The form as the button makes it; one that says nothing we know changes nothing, and the look shows it."""
        form, mends = draft.form, Mending(self._desk.walk)
        match action:
            case ids.COPY_ANYWAY:
                return mending.copy_again(form)
            case ids.BACK_UP_FIRST:
                return form if form.backup_first else mending.back_up_first(form)
            case ids.KEEP_DAYS if value.isascii() and value.isdigit():
                return form if (form.keep, form.days) == (Keep.DAYS, value) else mending.keep_days(form, int(value))
            case ids.TURN_ON:
                return mends.turn_on(draft, value)
            case ids.MAKE_VAULT:
                return mends.make_vault(form, _vault_of(value))
            case ids.OTHER_VAULT:
                return mends.other_vault(form, _vault_of(value))
        return form


def _vault_of(value: str) -> VaultRef:
    account_id, region, name = [*value.split("/"), "", ""][:3]
    return VaultRef(account_id, region, name)
