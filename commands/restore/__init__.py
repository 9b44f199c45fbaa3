"""`/copy-backup restore`: a lost table comes back, by way of a copy back where that is needed."""

from bot.domain.sheets import SheetKind
from commands.desk import Desk
from commands.forms.screen import open_form
from commands.subcommands import Call, Subcommand


def restore(desk: Desk, call: Call) -> None:
    """Open the form, with the table that was typed chosen."""
    open_form(desk, call, SheetKind.RESTORE, query=call.text[:200])


SUBCOMMANDS = (Subcommand("restore", "restore orders` restores a backup or copy of a table to a new table.", restore),)
