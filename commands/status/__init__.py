"""Asking how things are: the bot itself, one request, all requests."""

from slack_bolt import App

from bot.slack.ids import DISMISS, DISMISS_ALL, LIST_NEWER, LIST_OLDER
from commands.desk import Desk
from commands.status.listeners import StatusListeners, answer_list, answer_status
from commands.subcommands import Subcommand

SUBCOMMANDS = (
    Subcommand("status", "status` tells how the bot is, `status CB-42` how a request is.", answer_status),
    Subcommand(
        "list", "list` shows requests; narrow it: `mine`, `open`, a state (`completed` …), a table.", answer_list
    ),
)


def register(app: App, desk: Desk) -> None:
    """Register the buttons that turn the pages of a list, and those that dismiss what could not be delivered."""
    listeners = StatusListeners(desk)
    for action in (LIST_NEWER, LIST_OLDER):
        app.action(action)(ack=listeners.acknowledge, lazy=[listeners.turn])
    for action in (DISMISS, DISMISS_ALL):
        app.action(action)(ack=listeners.acknowledge, lazy=[listeners.dismiss])
