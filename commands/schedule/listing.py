"""The list of the bot's own schedules, with its buttons."""

from collections.abc import Sequence

from bot.domain.schedules import Schedule, ScheduleState
from bot.slack.blocks import Block, actions, button, confirm, section
from bot.slack.describe import Names, one_line
from bot.slack.ids import SCHEDULE_DELETE, SCHEDULE_PAUSE, SCHEDULE_RESUME
from bot.slack.text import date

# Two blocks each; Slack takes 50.
MOST = 20
NONE = "There is no schedule of mine. `/copy-backup schedule` makes one."


def listing(schedules: Sequence[Schedule], names: Names) -> tuple[str, list[Block]]:
    """Text and blocks of the list."""
    if not schedules:
        return NONE, [section(NONE)]
    blocks: list[Block] = []
    for schedule in schedules[:MOST]:
        blocks.append(section(_line(schedule, names)))
        blocks.append(actions(f"schedule:{schedule.id}:{schedule.state}", _buttons(schedule)))
    if len(schedules) > MOST:
        blocks.append(section(f"… and {len(schedules) - MOST} more."))
    return "\n".join(_line(schedule, names) for schedule in schedules[:MOST]), blocks


def _line(schedule: Schedule, names: Names) -> str:
    if schedule.state is ScheduleState.PAUSED:
        state = ":double_vertical_bar: *Paused.*"
    else:
        state = f":repeat: Next run {date(schedule.next_run_at)}." if schedule.next_run_at else ":repeat: No run left."
    last = (
        f" Last run {date(schedule.last_run_at)} ({', '.join(schedule.last_requests) or 'nothing'})."
        if schedule.last_run_at
        else ""
    )
    return f"*{schedule.request_id}* · {one_line(schedule.params, names)}\n{state}{last}"


def _buttons(schedule: Schedule) -> list[Block]:
    value = str(schedule.id)
    turn = (
        button(SCHEDULE_RESUME, "Resume", value, spoken=f"Resume schedule {schedule.request_id}")
        if schedule.state is ScheduleState.PAUSED
        else button(SCHEDULE_PAUSE, "Pause", value, spoken=f"Pause schedule {schedule.request_id}")
    )
    sure = confirm(
        f"Delete the schedule of {schedule.request_id}?",
        "Copies that were made stay. A new one needs a new approval.",
        "Delete",
        "Keep it",
    )
    delete = button(
        SCHEDULE_DELETE, "Delete", value, style="danger", confirm=sure, spoken=f"Delete schedule {schedule.request_id}"
    )
    return [turn, delete]
