"""Inbound Slack: what people type and click."""

from slack_bolt import App

from commands import approval, copy_backup, drill, expiry, forms, now, offers, restore, schedule, status, unknown
from commands.desk import Desk
from commands.subcommands import Subcommand

# What each family of commands brings; the help shows them in this order.
SUBCOMMANDS: tuple[Subcommand, ...] = (
    *status.SUBCOMMANDS,
    *restore.SUBCOMMANDS,
    *drill.SUBCOMMANDS,
    *schedule.SUBCOMMANDS,
    *approval.SUBCOMMANDS,
    *expiry.SUBCOMMANDS,
    *now.SUBCOMMANDS,
)


def register(app: App, desk: Desk) -> None:
    """Register all listeners; the catch-alls come last."""
    copy_backup.register(app, desk, SUBCOMMANDS)
    approval.register(app, desk)
    forms.register(app, desk)
    expiry.register(app, desk)
    schedule.register(app, desk)
    offers.register(app, desk)
    status.register(app, desk)
    unknown.register(app)
