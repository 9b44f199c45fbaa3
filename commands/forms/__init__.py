"""Forms for restores, drills and schedules: one way of opening, keeping, reviewing and sending them."""

from slack_bolt import App

from bot.slack import ids
from commands.desk import Desk
from commands.forms.listeners import FormListeners
from commands.forms.options import FormOptions

CHOICES = (
    ids.SHEET_TABLE,
    ids.SHEET_POINT,
    ids.SHEET_PLACE,
    ids.SHEET_ENCRYPTION,
    ids.SHEET_BY,
    ids.SHEET_PLAN,
    ids.SHEET_RULE,
    ids.SHEET_CHANGE,
    ids.SHEET_HOW,
)


def register(app: App, desk: Desk) -> None:
    """Register every listener of the forms."""
    forms, options = FormListeners(desk), FormOptions(desk)
    for choice in CHOICES:
        app.action(choice)(ack=forms.choose, lazy=[forms.redraw])
    app.action(ids.SHEET_LOOK)(ack=forms.acknowledge, lazy=[forms.look])
    app.action(ids.SHEET_BACK)(ack=forms.acknowledge, lazy=[forms.redraw])
    app.view(ids.SHEET)(ack=forms.submit, lazy=[forms.after_submit])
    app.view(ids.SHEET_REVIEW)(ack=forms.send, lazy=[forms.after_send])
    app.options(ids.SHEET_TABLE)(options.tables)
    app.options(ids.SHEET_POINT)(options.points)
    app.options(ids.SHEET_PLAN)(options.plans)
    app.options(ids.SHEET_VAULT)(options.vaults)
    app.options(ids.SHEET_WAYS)(options.ways)
