"""The buttons of the destination page: each keeps what is on the page, changes the form, and shows it anew."""

from collections.abc import Callable
from functools import partial
from typing import Any

from bot.domain.drafts import Draft, Form
from bot.slack.ids import ADD_PLACE, DROP_PLACE, NAME_VAULT, RECENT, TAKE_VAULT
from bot.workflows.destinations import dropped, making, not_making, recalled
from commands.copy_backup.form import read, where_of
from commands.desk import Desk
from commands.errors import kept

Press = Callable[[Draft, str], Form]


class DestinationListeners:
    """What each button does; the slow half, which shows the page, is the walk's."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @property
    def presses(self) -> dict[str, Press]:
        """By action id: what a press (with the button's or option's value) makes of a draft."""
        return {
            RECENT: self._recall,
            NAME_VAULT: lambda draft, _: making(draft.form),
            TAKE_VAULT: lambda draft, _: not_making(draft.form),
            ADD_PLACE: lambda draft, _: self._desk.walk.add_place(draft),
            DROP_PLACE: lambda draft, value: dropped(draft.form, where_of(value)),
        }

    def press(self, ack: Any, body: dict[str, Any]) -> None:
        """Keep the page and what the button makes of it."""
        kept(ack, lambda: self._alter(body))

    def _alter(self, body: dict[str, Any]) -> None:
        view, user = body["view"], body["user"]["id"]
        action = body["actions"][0]
        draft = self._desk.walk.owned(view["private_metadata"], user)
        press = self.presses[action["action_id"]]
        value = _value_of(action)
        self._desk.walk.alter(draft.id, user, partial(read, view), lambda kept: press(kept, value))

    def _recall(self, draft: Draft, value: str) -> Form:
        """Only what was offered: an option can be tampered with."""
        offered = self._desk.walk.choices(draft.form, draft.actor.user_id).recent
        place = next((place for place in offered if place.where == where_of(value)), None)
        return recalled(draft.form, place) if place else draft.form


def _value_of(action: dict[str, Any]) -> str:
    chosen = action.get("selected_option") or {}
    value = str(chosen.get("value") or action.get("value") or "")
    return "" if value == "-" else value
