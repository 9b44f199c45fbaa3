"""The slash command and its modal."""

from collections.abc import Sequence

from slack_bolt import App

from bot.slack.ids import (
    ACCOUNT,
    BACK,
    BACKUP,
    CHECK_AGAIN,
    COMMAND,
    KEEP,
    MAKE_ANEW,
    REFRESH,
    REGION,
    ROUTE,
    TABLE,
    UNTIL,
    VAULT,
    WALK,
)
from commands.copy_backup.command import SlashCommand
from commands.copy_backup.destinations import DestinationListeners
from commands.copy_backup.listeners import WalkListeners
from commands.copy_backup.options import WalkOptions
from commands.copy_backup.remedies import ACTIONS, Remedies
from commands.desk import Desk
from commands.subcommands import Subcommand


def register(app: App, desk: Desk, subcommands: Sequence[Subcommand] = ()) -> None:
    """Register every listener of the walk."""
    command, walk, options = SlashCommand(desk, subcommands), WalkListeners(desk), WalkOptions(desk)
    remedies = Remedies(desk)
    app.command(COMMAND)(ack=command.acknowledge, lazy=[command.open])
    for choice in (TABLE, ROUTE, ACCOUNT, REGION, KEEP, UNTIL):
        app.action(choice)(ack=walk.choose, lazy=[walk.redraw])
    app.action(BACKUP)(ack=walk.choose, lazy=[walk.show_obstacle])
    app.action(REFRESH)(ack=walk.choose, lazy=[walk.refresh])
    app.action(MAKE_ANEW)(ack=walk.choose, lazy=[walk.back_up_first])
    destinations = DestinationListeners(desk)
    for button in destinations.presses:
        app.action(button)(ack=destinations.press, lazy=[walk.redraw])
    app.action(BACK)(ack=walk.go_back, lazy=[walk.redraw])
    app.action(CHECK_AGAIN)(ack=walk.acknowledge, lazy=[walk.check_again])
    for remedy in ACTIONS:
        app.action(remedy)(ack=remedies.press, lazy=[remedies.look])
    app.view(WALK)(ack=walk.submit, lazy=[walk.after_submit])
    app.options(TABLE)(options.tables)
    app.options(BACKUP)(options.backups)
    app.options(VAULT)(options.vaults)
