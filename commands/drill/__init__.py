"""`/copy-backup drill`: a backup is brought back for trial, compared, and its table deleted again."""

from datetime import datetime

from bot.domain.drills import DrillSeen, last_passed, rule_for
from bot.domain.inventory import TableEntry
from bot.domain.sheets import SheetKind
from bot.slack.blocks import Block, button, section
from bot.slack.ids import OFFER_TABLE_DRILL
from bot.slack.text import code, date
from commands.desk import Desk
from commands.forms.screen import open_form
from commands.subcommands import Call, Subcommand

LIST = "list"
# Slack takes 50 blocks.
MOST = 45
NONE = "No table is to be drilled: name some under `drills` in the configuration, or ask for a drill by hand."


def drill(desk: Desk, call: Call) -> None:
    """Open the form, or tell which drills are due."""
    if call.text.strip().lower() == LIST:
        text, blocks = _listed(desk, desk.clock.now())
        call.tell(text, blocks=blocks)
        return
    open_form(desk, call, SheetKind.DRILL, query=call.text[:200])


def _listed(desk: Desk, now: datetime) -> tuple[str, list[Block]]:
    """Every table that the configuration wants drilled, with its last drill; overdue ones first, each with a button."""
    drilling = desk.tables.drilling
    seen = drilling.seen()
    due = sorted(drilling.due(now), key=lambda one: (not one[1], one[0].name))
    if not due:
        return NONE, [section(NONE)]
    lines = [_line(desk, table, last_passed(seen, table.arn), overdue=overdue) for table, overdue in due[:MOST]]
    more = [f"… and {len(due) - MOST} more."] if len(due) > MOST else []
    blocks = [
        {**section(line), **({"accessory": _run(table)} if overdue else {})}
        for line, (table, overdue) in zip(lines, due, strict=False)
    ]
    return "\n".join([*lines, *more]), [*blocks, *(section(words) for words in more)]


def _line(desk: Desk, table: TableEntry, last: DrillSeen | None, *, overdue: bool) -> str:
    rule = rule_for(table.name, desk.tables.drilling.rules)
    told = f"last passed {date(last.passed_at)}" if last and last.passed_at else "never drilled"
    mark = ":warning: *overdue*, " if overdue else ":white_check_mark: "
    days = rule.every.days if rule else 0
    place = f"{desk.names.account(table.account)} ({table.region})"
    return f"{mark}{code(table.name)} in {place}: {told}; every {days} days"


def _run(table: TableEntry) -> Block:
    return button(OFFER_TABLE_DRILL, "Run drill…", table.key, spoken=f"Ask for a drill of {table.name}")


SUBCOMMANDS = (
    Subcommand(
        "drill",
        "drill orders` brings a copy back for trial, compares it and deletes it again; `drill list` shows what is due.",
        drill,
    ),
)
