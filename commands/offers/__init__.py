"""What can be done with a copy, where people read that it was made: restore it, try it, keep it, copy again."""

from slack_bolt import App

from commands.desk import Desk
from commands.offers.listeners import KINDS, OfferListeners


def register(app: App, desk: Desk) -> None:
    """Register the buttons under the message that tells of a copy."""
    listeners = OfferListeners(desk)
    for action in KINDS:
        app.action(action)(ack=listeners.acknowledge, lazy=[listeners.open])
