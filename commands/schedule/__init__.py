"""`/copy-backup schedule`: copies that are made again and again, by a backup plan's rule or by the bot itself."""

from slack_bolt import App

from bot.domain.sheets import SheetKind
from bot.slack import ids
from bot.workflows.scheduling import BY_BOT, BY_PLAN
from commands.desk import Desk
from commands.forms.screen import open_form
from commands.schedule.listeners import ScheduleListeners
from commands.schedule.listing import listing
from commands.subcommands import Call, Subcommand

LIST = "list"
BOT = "bot"


def schedule(desk: Desk, call: Call) -> None:
    """Open the form, or list the schedules with what can be done to them."""
    word = call.text.strip().lower()
    if word == LIST:
        text, blocks = listing(desk.tables.schedules.living(), desk.names)
        call.tell(text, blocks=blocks)
        return
    open_form(desk, call, SheetKind.SCHEDULE, by=BY_BOT if word == BOT else BY_PLAN)


def plan(desk: Desk, call: Call) -> None:
    """The same form, for a backup plan."""
    open_form(desk, call, SheetKind.SCHEDULE, by=BY_PLAN)


def register(app: App, desk: Desk) -> None:
    """Register the buttons of the list."""
    listeners = ScheduleListeners(desk)
    for action in (ids.SCHEDULE_PAUSE, ids.SCHEDULE_RESUME, ids.SCHEDULE_DELETE):
        app.action(action)(ack=listeners.acknowledge, lazy=[listeners.change])


SUBCOMMANDS = (
    Subcommand(
        "schedule",
        "schedule` has copies made again and again, by a backup plan or by me; `schedule list` shows, pauses, resumes "
        "and deletes my own.",
        schedule,
    ),
    Subcommand("plan", "plan` adds, changes or removes a copy of a backup plan's rule.", plan),
)
