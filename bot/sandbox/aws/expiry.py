"""The end of recovery points whose time has come: they go, or stay as EXPIRED where they cannot be deleted."""

from datetime import datetime

from bot.sandbox.aws.books import Books
from bot.sandbox.aws.events import point_event
from bot.sandbox.aws.state import WorldState


def expire(state: WorldState, books: Books, now: datetime) -> None:
    """Let the points go whose moment within AWS's 8 hours has passed."""
    for when, point in books.due(now):
        if point.undeletable:
            point.status = "EXPIRED"
            point.status_message = "The recovery point has expired, and AWS Backup could not delete it."
        else:
            books.remove_point(point)
        state.announce(point_event(point, "EXPIRED" if point.undeletable else "DELETING", when))
