"""Pause, resume, delete: the buttons of the list of schedules."""

from typing import Any

from bot.domain.schedules import ScheduleState
from bot.slack.ids import SCHEDULE_DELETE, SCHEDULE_PAUSE, SCHEDULE_RESUME
from commands.desk import Desk
from commands.errors import answered
from commands.payloads import actor_of
from commands.schedule.listing import listing

STATES = {
    SCHEDULE_PAUSE: ScheduleState.PAUSED,
    SCHEDULE_RESUME: ScheduleState.ACTIVE,
    SCHEDULE_DELETE: ScheduleState.DELETED,
}


class ScheduleListeners:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def acknowledge(self, ack: Any) -> None:
        ack()

    def change(self, body: dict[str, Any], respond: Any) -> None:
        """Do it, and show the list as it is now; a refusal is told beside the list."""

        def work() -> None:
            action = body["actions"][0]
            number = str(action.get("value") or "")
            self._desk.tables.schedules.change(
                int(number) if number.isdigit() else 0, actor_of(body), STATES[action["action_id"]]
            )
            text, blocks = listing(self._desk.tables.schedules.living(), self._desk.names)
            respond(text=text, blocks=blocks, response_type="ephemeral", replace_original=True)

        answered(work, lambda sentence: respond(text=sentence, response_type="ephemeral", replace_original=False))
