"""The fields of the forms for what can be typed after `now`, `sequence` and `keep`."""

from bot.domain.orders import KEEP, TABLE, TO
from bot.domain.sheets import Sheet
from bot.slack.blocks import Block
from commands.forms.frame import typed
from commands.modal import field

LONGEST_TABLE, LONGEST_WAYS, LONGEST_KEEP = 1_100, 2_000, 20
MOST_HINT = 2_000
_KEPT = (
    "Counted from the backup's creation: 90d, 12w, 2y, 100y. A copy that is there follows its source no more: "
    "“forever” takes its end away."
)


def order_blocks(sheet: Sheet, places: str) -> list[Block]:
    """Table, destinations, how long; `places` says what can be typed as a destination."""
    hint = f"{places}. Commas part ways, “then” parts hops; “new … key ARN” makes the vault."
    return [
        field(TABLE, "Table", typed(TABLE, sheet.answer(TABLE), longest=LONGEST_TABLE, placeholder="orders")),
        field(TO, "To", typed(TO, sheet.answer(TO), longest=LONGEST_WAYS), hint=hint[:MOST_HINT]),
        _keep(sheet, "Where a hop names no time of its own. 90d, 12w, 2y, 100y, or source.", optional=True),
    ]


def keep_blocks(sheet: Sheet) -> list[Block]:
    """Whose copies, and how long from now on."""
    return [
        field(TABLE, "Request", typed(TABLE, sheet.answer(TABLE), longest=LONGEST_KEEP, placeholder="CB-7")),
        _keep(sheet, _KEPT, optional=False),
    ]


def _keep(sheet: Sheet, hint: str, *, optional: bool) -> Block:
    element = typed(KEEP, sheet.answer(KEEP), longest=LONGEST_KEEP, placeholder="90d")
    return field(KEEP, "Keep the copy", element, hint=hint, optional=optional)
