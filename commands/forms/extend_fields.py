"""The fields of the form that keeps a copy longer."""

from collections.abc import Sequence

from bot.domain.copies import Copy
from bot.domain.sheets import Sheet
from bot.slack.blocks import Block, context, option, section
from bot.slack.describe import Names
from bot.slack.ids import SHEET_HOW
from bot.slack.text import code, date
from bot.workflows.extending import BY_DATE, BY_DAYS, CENTURY, HOW, MORE_DAYS, UNTIL_DAY
from commands.forms.frame import chosen, typed
from commands.modal import field

MOST_ASKED = 5
WAYS = {
    BY_DAYS: "So many days longer",
    BY_DATE: "Until a date",
    CENTURY: "100 years, from the backup's creation",
}


def extend_blocks(sheet: Sheet, copy: Copy, names: Names, locked: str, asked: Sequence[str] = ()) -> list[Block]:
    """Which copy, its end as it is, and how much longer; `locked` says why it cannot be changed, if so.

    `asked`: what is asked for about its end already, ready for Slack.
    """
    now = f"it ends {date(copy.delete_at)}" if copy.delete_at else "it has no end"
    blocks = [section(f"The copy of {code(copy.table_name)} in {names.place(copy.vault)}: {now}.")]
    if locked:
        blocks.append(section(f":lock: {locked}"))
    blocks += [section(f":warning: {sentence}") for sentence in asked[:MOST_ASKED]]
    options = [option(label, way) for way, label in WAYS.items()]
    how = sheet.answer(HOW) or BY_DAYS
    blocks.append(field(HOW, "Keep it", chosen(SHEET_HOW, "Choose", options, how), dispatch=True))
    if how == BY_DAYS:
        element = typed(MORE_DAYS, sheet.answer(MORE_DAYS), longest=6)
        blocks.append(field(MORE_DAYS, "Days longer", element, hint="Counted from the end it has now."))
    if how == BY_DATE:
        picker: Block = {"type": "datepicker", "action_id": UNTIL_DAY}
        if sheet.answer(UNTIL_DAY):
            picker["initial_date"] = sheet.answer(UNTIL_DAY)
        blocks.append(field(UNTIL_DAY, "Until", picker, hint="It is kept until this day has come where you are."))
    blocks.append(
        context("This becomes a request of its own, decided in its own thread. The notice's thread links to it.")
    )
    return blocks
