"""Step 3: how long the copy is kept, and why it is asked for."""

from bot.domain.drafts import Draft
from bot.domain.inventory import PointEntry
from bot.domain.retention import MAX_DAYS, Keep, least_days
from bot.slack.blocks import Block, option, words
from bot.slack.describe import Names
from bot.slack.ids import DAYS, KEEP, REASON
from bot.slack.text import local
from bot.workflows.walk import REASON_LENGTH, Choices, Chosen
from commands.copy_backup.views.frame import field, page


def retention_page(draft: Draft, chosen: Chosen, choices: Choices, names: Names, problem: str = "") -> Block:
    blocks = [field(KEEP, "Keep the copy", _keep_select(draft, chosen), dispatch=True)]
    if draft.form.keep == Keep.DAYS:
        blocks.append(field(DAYS, "Days", _days_input(draft), hint=_days_hint(draft, chosen)))
    blocks.append(field(REASON, "Reason", _reason_input(draft), hint="Approvers decide by this."))
    return page(draft.id, 3, blocks, submit="Review", problem=problem)


def _keep_select(draft: Draft, chosen: Chosen) -> Block:
    options = [
        option("As the source", Keep.AS_SOURCE, _source_end(chosen.point, draft.timezone)),
        option("A number of days", Keep.DAYS, "Counted from the backup's creation"),
        option("100 years", Keep.CENTURY, f"{MAX_DAYS:,} days, the longest AWS knows"),
    ]
    select: Block = {"type": "radio_buttons", "action_id": KEEP, "options": options}
    initial = next((entry for entry in options if entry["value"] == draft.form.keep), None)
    return {**select, "initial_option": initial} if initial else select


def _source_end(entry: PointEntry | None, timezone: str) -> str:
    if entry is None:
        return "Expires when the source backup ends"
    end = entry.point.delete_at
    return f"Expires about {local(end, timezone)[:10]}" if end else "The source has no end, nor will the copy"


def _days_input(draft: Draft) -> Block:
    element: Block = {
        "type": "number_input",
        "action_id": DAYS,
        "is_decimal_allowed": False,
        "min_value": "1",
        "max_value": str(MAX_DAYS),
    }
    days = draft.form.days.strip()
    usable = days.isascii() and days.isdigit() and 1 <= int(days[:9]) <= MAX_DAYS
    return {**element, "initial_value": days} if usable else element


def _days_hint(draft: Draft, chosen: Chosen) -> str:
    if chosen.point is None:
        return "Days count from the backup's creation."
    point = chosen.point.point
    made = local(point.created_at, draft.timezone)[:10]
    return f"Days count from the backup's creation ({made}), so choose {least_days(point, draft.updated_at):,} or more."


def _reason_input(draft: Draft) -> Block:
    element: Block = {
        "type": "plain_text_input",
        "action_id": REASON,
        "multiline": True,
        "max_length": REASON_LENGTH,
        "placeholder": words("Why is this copy needed?"),
    }
    return {**element, "initial_value": draft.form.reason[:REASON_LENGTH]} if draft.form.reason.strip() else element
