"""Step 1: the table, searched as one types, and one of its backups."""

from bot.domain.drafts import Draft
from bot.domain.inventory import Area
from bot.slack.blocks import Block, context, section, words
from bot.slack.describe import Names
from bot.slack.ids import BACKUP, TABLE
from bot.slack.text import cut, escape
from bot.workflows.inventory import MAX_TABLES
from bot.workflows.walk import Choices, Chosen
from commands.copy_backup.form import block_of
from commands.copy_backup.views.frame import field, page
from commands.copy_backup.views.options import point_option, table_option


def backup_page(draft: Draft, chosen: Chosen, choices: Choices, names: Names, problem: str = "") -> Block:
    blocks: list[Block] = []
    if not choices.has_tables:
        blocks.append(section(_nothing(choices)))
    elif draft.form.query and chosen.table is None:
        blocks.append(context(_searching(draft, choices)))
    blocks.append(field(TABLE, "Table", _table_select(chosen, names), dispatch=True, hint="Type a part of its name."))
    if chosen.table is not None:
        blocks.append(field(block_of(BACKUP, chosen.table.key), "Backup", _backup_select(draft, chosen, names)))
        blocks.append(context(_how_many(chosen.table.backups)))
    blocks.extend(context(_unreadable(area, names)) for area in choices.problems[:5])
    return page(draft.id, 1, blocks, submit="Next", problem=problem)


def _table_select(chosen: Chosen, names: Names) -> Block:
    select: Block = {
        "type": "external_select",
        "action_id": TABLE,
        "min_query_length": 0,
        "placeholder": words("Search tables"),
    }
    return {**select, "initial_option": table_option(chosen.table, names)} if chosen.table else select


def _backup_select(draft: Draft, chosen: Chosen, names: Names) -> Block:
    select: Block = {
        "type": "external_select",
        "action_id": BACKUP,
        "min_query_length": 0,
        "placeholder": words("Choose a backup"),
    }
    if chosen.point is None:
        return select
    return {**select, "initial_option": point_option(chosen.point, names, draft.timezone, draft.updated_at)}


def _how_many(backups: int) -> str:
    if backups == 1:
        return "1 backup."
    return f"{backups:,} backups, newest first. Type a date (like 2026-11-20) to narrow."


def _searching(draft: Draft, choices: Choices) -> str:
    query = escape(cut(draft.form.query, 75))
    if not choices.matches:
        return f"No table matches “{query}”. Open the list to see all tables, or type to search."
    number = f"{choices.matches} or more" if choices.matches >= MAX_TABLES else f"{choices.matches}"
    return f"Tables that match “{query}”: {number}. Open the list to see them; type to search all tables."


def _nothing(choices: Choices) -> str:
    if choices.problems:
        return "*I could not read any backups.* What stands in the way is below; an operator has to mend it."
    return (
        "*There are no DynamoDB backups in the configured accounts and Regions.* "
        "Make one in AWS Backup, then type `/copy-backup` again."
    )


def _unreadable(area: Area, names: Names) -> str:
    return f":warning: {names.account(area.account)} · {area.region} could not be read: {escape(cut(area.error, 300))}"
