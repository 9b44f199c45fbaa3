"""The fields of the form that asks for a drill."""

from bot.domain.drills import PREFIX
from bot.domain.sheets import Sheet
from bot.slack.blocks import Block, context
from bot.slack.describe import Names
from bot.slack.text import code, escape
from commands.forms.restore_fields import Offer, place_fields, table_fields


def drill_blocks(sheet: Sheet, offer: Offer, names: Names) -> list[Block]:
    """Table and copy; where and under which name it is restored follows from them."""
    blocks = [*table_fields(sheet, offer, names)]
    chosen = offer.chosen
    fixed = chosen.account is not None
    blocks += place_fields(sheet, offer, names, fixed=fixed)
    if chosen.account is not None:
        place = f"{escape(chosen.account.alias)} ({chosen.region})"
        blocks.append(
            context(
                f"It is restored in {place} to a table of its own, whose name begins with {code(PREFIX)}, held against "
                "what was recorded when the copy was made, and deleted again. You are told how long it took."
            )
        )
    return blocks
