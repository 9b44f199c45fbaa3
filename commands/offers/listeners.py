"""A button under a finished copy opens the form for what people want of it, filled with that copy."""

from collections.abc import Mapping
from typing import Any

from slack_sdk import WebClient

from bot.domain.sheets import SheetKind
from bot.slack.ids import OFFER_DRILL, OFFER_KEEP, OFFER_RESTORE, OFFER_SCHEDULE, OFFER_TABLE_DRILL
from commands.desk import Desk
from commands.errors import answered
from commands.forms.screen import open_filled
from commands.payloads import pressed

KINDS: Mapping[str, SheetKind] = {
    OFFER_RESTORE: SheetKind.RESTORE,
    OFFER_DRILL: SheetKind.DRILL,
    OFFER_KEEP: SheetKind.KEEP,
    OFFER_SCHEDULE: SheetKind.SCHEDULE,
    OFFER_TABLE_DRILL: SheetKind.DRILL,
}


class OfferListeners:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def acknowledge(self, ack: Any) -> None:
        ack()

    def open(self, body: dict[str, Any], client: WebClient, respond: Any) -> None:
        """Open the form; who may send it is asked when it is sent."""
        action = body["actions"][0]
        kind, value = KINDS[action["action_id"]], str(action.get("value") or "")

        def answers() -> Mapping[str, str]:
            if action["action_id"] == OFFER_TABLE_DRILL:
                return {"table": value}
            request_id, _, step_id = value.partition("/")
            return self._desk.tables.offers.answers(kind, request_id, int(step_id) if step_id.isdigit() else 0)

        answered(
            lambda: open_filled(self._desk, pressed(body, client, respond), kind, answers),
            lambda sentence: respond(text=sentence, response_type="ephemeral", replace_original=False),
        )
