"""Copies that are about to end: what people decide on the notices that say so, and which copies are watched."""

from slack_bolt import App

from bot.slack.ids import (
    ADOPT_FORM,
    ADOPT_POINTS,
    COPY_DROP,
    COPY_ONCE_MORE,
    EXTEND,
    KEEP_TELLING,
    LET_GO,
    LET_LAST_GO,
    SNOOZE_DAY,
    SNOOZE_WEEK,
)
from commands.desk import Desk
from commands.expiry.adopt import ADOPT, AdoptListeners
from commands.expiry.listeners import ExpiryListeners
from commands.subcommands import Subcommand

SUBCOMMANDS: tuple[Subcommand, ...] = (ADOPT,)


def register(app: App, desk: Desk) -> None:
    """Register the buttons of notices about copies."""
    listeners = ExpiryListeners(desk)
    for action in (LET_GO, LET_LAST_GO, KEEP_TELLING, SNOOZE_DAY, SNOOZE_WEEK):
        app.action(action)(ack=listeners.click, lazy=[listeners.judge])
    adopting = AdoptListeners(desk)
    app.action(COPY_DROP)(ack=adopting.keep_drop, lazy=[adopting.drop])
    app.view(ADOPT_FORM)(adopting.submit)
    app.options(ADOPT_POINTS)(adopting.options)
    app.action(EXTEND)(ack=listeners.acknowledge, lazy=[listeners.extend])
    app.action(COPY_ONCE_MORE)(ack=listeners.acknowledge, lazy=[listeners.copy_again])
