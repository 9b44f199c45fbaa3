"""Inbound Slack: what people type and click."""

from slack_bolt import App

from commands import approval, copy_backup, unknown
from commands.desk import Desk


def register(app: App, desk: Desk) -> None:
    """Register all listeners; the catch-alls come last."""
    copy_backup.register(app, desk)
    approval.register(app, desk)
    unknown.register(app)
