"""Deciding about a request in its thread, and reading what became of it."""

from slack_bolt import App

from bot.slack.ids import APPROVE, ASK_AGAIN, BREAK_GLASS, CANCEL, GLASS_FORM, REJECT, REJECT_FORM, RETRY, SIGN
from commands.approval.history import HISTORY
from commands.approval.listeners import ApprovalListeners
from commands.desk import Desk
from commands.subcommands import Subcommand

SUBCOMMANDS: tuple[Subcommand, ...] = (HISTORY,)


def register(app: App, desk: Desk) -> None:
    """Register every listener of the thread."""
    listeners = ApprovalListeners(desk)
    for action in (APPROVE, CANCEL, RETRY, SIGN, ASK_AGAIN):
        app.action(action)(ack=listeners.click, lazy=[listeners.judge])
    app.action(REJECT)(ack=listeners.acknowledge, lazy=[listeners.ask_reason])
    app.action(BREAK_GLASS)(ack=listeners.acknowledge, lazy=[listeners.ask_confirmation])
    app.view(REJECT_FORM)(ack=listeners.submit_reason, lazy=[listeners.judge_reason])
    app.view(GLASS_FORM)(ack=listeners.submit_confirmation, lazy=[listeners.judge_confirmation])
