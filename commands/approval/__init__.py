"""Deciding about a request in its thread."""

from slack_bolt import App

from bot.slack.ids import APPROVE, CANCEL, REJECT, REJECT_FORM, RETRY
from commands.approval.listeners import ApprovalListeners
from commands.desk import Desk


def register(app: App, desk: Desk) -> None:
    """Register every listener of the thread."""
    listeners = ApprovalListeners(desk)
    for action in (APPROVE, CANCEL, RETRY):
        app.action(action)(ack=listeners.click, lazy=[listeners.judge])
    app.action(REJECT)(ack=listeners.acknowledge, lazy=[listeners.ask_reason])
    app.view(REJECT_FORM)(ack=listeners.submit_reason, lazy=[listeners.judge_reason])
