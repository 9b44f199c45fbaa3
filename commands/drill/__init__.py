"""`/copy-backup drill`: a backup is brought back for trial, compared, and its table deleted again."""

from datetime import datetime

from bot.domain.drills import last_passed, rule_for
from bot.domain.sheets import SheetKind
from bot.slack.text import code, date
from commands.desk import Desk
from commands.forms.screen import open_form
from commands.subcommands import Call, Subcommand

LIST = "list"


def drill(desk: Desk, call: Call) -> None:
    """Open the form, or tell which drills are due."""
    if call.text.strip().lower() == LIST:
        call.tell(_listed(desk, desk.clock.now()))
        return
    open_form(desk, call, SheetKind.DRILL, query=call.text[:200])


def _listed(desk: Desk, now: datetime) -> str:
    """Every table that the configuration wants drilled, with its last drill; overdue ones first."""
    lines = []
    for table, overdue in desk.tables.drilling.due(now):
        rule = rule_for(table.name, desk.tables.drilling.rules)
        last = last_passed(desk.tables.drilling.seen(), table.arn)
        told = f"last passed {date(last.passed_at)}" if last and last.passed_at else "never drilled"
        mark = ":warning: *overdue*, " if overdue else ":white_check_mark: "
        days = rule.every.days if rule else 0
        place = f"{desk.names.account(table.account)} ({table.region})"
        lines.append(f"{mark}{code(table.name)} in {place}: {told}; every {days} days")
    if not lines:
        return "No table is to be drilled: name some under `drills` in the configuration, or ask for a drill by hand."
    return "\n".join(sorted(lines, key=lambda line: "overdue" not in line)[:50])


SUBCOMMANDS = (
    Subcommand(
        "drill",
        "drill orders` brings a copy back for trial, compares it and deletes it again; `drill list` shows what is due.",
        drill,
    ),
)
