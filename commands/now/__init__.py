"""`/copy-backup now`, `sequence`, `keep`: what is typed completely is sent, what is missing is asked for in a form."""

from functools import partial

from bot.domain.errors import BadInput
from bot.domain.orders import KEEP, TABLE, TO, places_text, read_order
from bot.domain.reasons import REASON
from bot.domain.sheets import Sheet, SheetKind
from bot.workflows.forms import typed_sheet_id
from bot.workflows.submitting import NotSeen
from commands.desk import Desk
from commands.forms import frame
from commands.forms.screen import open_filled, open_form, review_view
from commands.modal import sent_text
from commands.subcommands import Call, Subcommand


def now(desk: Desk, call: Call) -> None:
    """Back a table up and copy the new backup."""
    _order(desk, call, SheetKind.NOW)


def sequence(desk: Desk, call: Call) -> None:
    """Copy a table's newest backup along a way."""
    _order(desk, call, SheetKind.SEQUENCE)


def keep(desk: Desk, call: Call) -> None:
    """Change how long the copies of a request are kept."""
    typed, _, reason = call.text.partition(" because ")
    of, _, how_long = typed.strip().partition(" ")
    _send_or_ask(desk, call, SheetKind.KEEP, {TABLE: of, KEEP: how_long.strip(), REASON: reason.strip()})


def _order(desk: Desk, call: Call, kind: SheetKind) -> None:
    try:
        order = read_order(call.text)
    except BadInput as problem:
        call.tell(f"{problem.sentence}\nYou typed: {call.text[:1_000]}")
        return
    answers = {TABLE: order.table, TO: places_text(order), KEEP: order.keep, REASON: order.reason}
    _send_or_ask(desk, call, kind, answers)


def _send_or_ask(desk: Desk, call: Call, kind: SheetKind, answers: dict[str, str]) -> None:
    forms = desk.tables.forms
    if not answers[REASON]:
        open_form(desk, call, kind, **answers)
        return
    sheet = forms.begin(kind, call.actor, call.channel, "", typed_sheet_id(call.trigger_id), **answers)
    try:
        forms.check(sheet)
    except BadInput:
        open_form(desk, call, kind, **answers)
        return
    if kind is SheetKind.KEEP and desk.tables.ordering.is_final(sheet):
        # What nobody can take back is looked at once more before it goes out.
        open_filled(desk, call, kind, lambda: answers, review_view)
    elif forms.claim(sheet):
        _send(desk, call, sheet)


def _send(desk: Desk, call: Call, sheet: Sheet) -> None:
    """Send it, or show it first where pre-flight found something that nobody should send unseen."""
    try:
        text = sent_text(desk.tables.forms.send(sheet.id))
    except NotSeen as error:
        # Pre-flight may have taken longer than Slack lets a view be opened: then a button opens it.
        offer = partial(call.tell, error.why, blocks=frame.to_be_seen(sheet, error.why))
        open_filled(desk, call, sheet.kind, lambda: sheet.answers, review_view, offer)
    else:
        call.tell(text)


SUBCOMMANDS = (
    Subcommand(
        "now",
        "now orders to backup/eu-west-1/dr-vault keep 90d because …` backs the table up and copies the new backup.",
        now,
    ),
    Subcommand(
        "sequence",
        "sequence orders to dr-chain keep 90d because …` copies the newest backup along a route or, with `then` "
        "between hops and commas between ways, wherever you say.",
        sequence,
    ),
    Subcommand(
        "keep",
        "keep CB-7 2y because …` keeps the copies of a request longer, or shorter; `forever` takes their end away.",
        keep,
    ),
)
