"""Step 1: the table, searched as one types, and one of its backups."""

from collections.abc import Sequence

from bot.domain.backups import Account, VaultKind
from bot.domain.drafts import Draft
from bot.domain.inventory import Area
from bot.domain.new_backups import can_be_made_anew
from bot.domain.preflight import why_not_copyable
from bot.slack.blocks import Block, actions, button, context, section, words
from bot.slack.describe import Names
from bot.slack.ids import BACKUP, MAKE_ANEW, REFRESH, TABLE
from bot.slack.text import code, cut, date, escape, ours, passed
from bot.workflows.choosing import Choices, Chosen, Reading
from bot.workflows.inventory import MAX_TABLES
from commands.copy_backup.form import block_of
from commands.copy_backup.views.frame import page, wrong
from commands.copy_backup.views.options import point_option, table_option
from commands.modal import field

# The block that tells why the chosen backup cannot be copied, and what can be done.
OBSTACLE = "obstacle"
FRESHNESS = "freshness"
LISTED = "Type a part of its name, account or Region. Tables without a backup in AWS Backup are not listed."
GONE = ":no_entry: The backup you chose is not there any more. Choose another one."
READING = ":hourglass_flowing_sand: Reading AWS…"
SLOW = ":hourglass_flowing_sand: AWS is slow, and I am still reading. Press Refresh again in a moment."


def backup_page(draft: Draft, chosen: Chosen, choices: Choices, names: Names, problem: str = "") -> Block:
    blocks: list[Block] = []
    if not choices.has_tables:
        blocks.append(section(_nothing(choices)))
    elif draft.form.query and chosen.table is None:
        blocks.append(context(_searching(draft, choices)))
    blocks.extend(wrong(draft.form, TABLE))
    blocks.append(field(TABLE, "Table", _table_select(chosen, names), dispatch=True, hint=LISTED))
    if chosen.table is not None:
        blocks.extend(wrong(draft.form, BACKUP))
        backup = block_of(BACKUP, chosen.table.key)
        blocks.append(field(backup, "Backup", _backup_select(draft, chosen, names), dispatch=True))
        blocks.extend(_obstacle(draft, chosen))
        blocks.append(context(_how_many(chosen.table.backups)))
    blocks.append(_freshness(choices))
    blocks.extend(context(_unreadable(area, names)) for area in choices.problems[:5])
    if len(choices.problems) > 5:
        blocks.append(context(f":warning: {len(choices.problems) - 5} more could not be read."))
    return page(draft.id, 1, blocks, submit="Next", problem=problem)


def has_obstacle(draft: Draft, chosen: Chosen) -> bool:
    """Whether something stands in the way of the chosen backup that the page has to tell."""
    return bool(_obstacle(draft, chosen))


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
    vault = chosen.source_vault
    air_gapped = frozenset({vault.ref} if vault and vault.kind is VaultKind.AIR_GAPPED else ())
    option = point_option(chosen.point, names, draft.timezone, draft.updated_at, air_gapped)
    return {**select, "initial_option": option}


def _obstacle(draft: Draft, chosen: Chosen) -> list[Block]:
    """Why the chosen backup cannot be copied, with the way out where there is one."""
    if chosen.point is None:
        return [section(GONE, OBSTACLE)] if draft.form.point_key else []
    finding = why_not_copyable(chosen.point.point, draft.updated_at)
    if finding is None:
        return []
    table = code(chosen.point.point.table_name)
    if draft.form.backup_first:
        text = (
            f":new: {table} is backed up anew first, and that backup is copied. Choose another backup to change that."
        )
        return [section(text, OBSTACLE)]
    told = section(f":no_entry: {ours(finding.sentence)} {ours(finding.remedy)}", OBSTACLE)
    vault = chosen.source_vault
    takes_backups = vault is None or vault.kind is VaultKind.STANDARD
    if not (takes_backups and can_be_made_anew(finding, chosen.point.point)):
        return [told]
    offer = context(
        f"Or I do it under the same approval: back {table} up now into the same vault (turning the advanced features "
        "on first if they are off), then copy the new backup."
    )
    press = button(MAKE_ANEW, "Back up now and copy the new one", chosen.point.key)
    return [told, offer, actions("back_up_first", [press])]


def _freshness(choices: Choices) -> Block:
    block = section(_age(choices), FRESHNESS)
    return {**block, "accessory": button(REFRESH, "Refresh", "refresh", spoken="Read the backups from AWS again")}


def _age(choices: Choices) -> str:
    read = (
        f"Read {passed(choices.age.total_seconds())}." if choices.age is not None else "Nothing was read from AWS yet."
    )
    also = {Reading.NO: "", Reading.NOW: f" {READING}", Reading.SLOW: f" {SLOW}"}[choices.reading]
    return f"{read}{also}"


def _how_many(backups: int) -> str:
    if backups == 1:
        return "1 backup."
    return f"{backups:,} backups, newest first. Type a date (like 2026-11-20) to narrow; ⊘ marks what cannot be copied."


def _searching(draft: Draft, choices: Choices) -> str:
    query = escape(cut(draft.form.query, 75))
    if not choices.matches:
        return f"No table matches “{query}”. Open the list to see all tables, or type to search."
    number = f"{choices.matches} or more" if choices.matches >= MAX_TABLES else f"{choices.matches}"
    return f"Tables that match “{query}”: {number}. Open the list to see them; type to search all tables."


def _nothing(choices: Choices) -> str:
    if choices.problems:
        return "*I could not read any backups.* What stands in the way is below; an operator has to mend it."
    if choices.age is None:
        return "*I have not read AWS yet.* Wait a moment, then press Refresh."
    return (
        f"*There are no DynamoDB backups in {_places(choices.accounts)}.* Make one in AWS Backup, then press Refresh. "
        "Another account or Region has to be added to my configuration first."
    )


def _places(accounts: Sequence[Account]) -> str:
    """Where I look, as far as one sentence has room for it."""
    named = ", ".join(f"{escape(account.alias)} ({', '.join(account.regions)})" for account in accounts[:4])
    return f"{cut(named, 1_000)} and {len(accounts) - 4} more accounts" if len(accounts) > 4 else cut(named, 1_000)


def _unreadable(area: Area, names: Names) -> str:
    where = f"{names.account(area.account)} · {area.region}"
    known = "" if area.read_at is None else f" (What you see of it was read on {date(area.read_at)}.)"
    return f":warning: {where} could not be read: {escape(cut(area.error, 300))}{known}"
