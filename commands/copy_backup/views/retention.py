"""Step 3: how long the copy is kept, and why it is asked for."""

from decimal import Decimal

from bot.domain.cost import estimate, fees
from bot.domain.drafts import UNTIL, Draft, Form
from bot.domain.inventory import PointEntry
from bot.domain.params import CopyParams
from bot.domain.reasons import REASON_LENGTH
from bot.domain.retention import COLD_DAYS, DELETION_WINDOW, MAX_DAYS, Keep, Retention, expected_end, least_days
from bot.domain.routes import keeps_itself
from bot.slack.blocks import Block, context, option, section, words
from bot.slack.costs import money
from bot.slack.describe import Names, lifecycle_words
from bot.slack.ids import COLD, DAYS, KEEP, REASON
from bot.slack.ids import UNTIL as UNTIL_FIELD
from bot.slack.text import date, escape, local
from bot.workflows.choosing import Choices, Chosen, day_of
from bot.workflows.lasting import COUNTED, is_air_gapped
from commands.copy_backup.form import block_for
from commands.copy_backup.views.frame import page, wrong
from commands.copy_backup.views.places import hop_line
from commands.copy_backup.views.vaults import limits
from commands.modal import field

CENTURY = Retention(Keep.CENTURY)


def retention_page(draft: Draft, chosen: Chosen, choices: Choices, names: Names, problem: str = "") -> Block:
    blocks: list[Block] = []
    if chosen.route is not None:
        blocks.append(section("\n".join(hop_line(hop, names, "below") for hop in chosen.route.hops)))
    if not keeps_itself(chosen.route):
        blocks += _keep_blocks(draft, chosen, choices)
    blocks += [context(note) for note in [_new_backup(draft, chosen)] if note]
    blocks += wrong(draft.form, REASON)
    blocks.append(field(REASON, "Reason", _reason_input(draft), hint="Approvers decide by this."))
    return page(draft.id, 3, blocks, submit="Review", problem=problem)


def _keep_blocks(draft: Draft, chosen: Chosen, choices: Choices) -> list[Block]:
    form = draft.form
    keep = field(block_for(KEEP, form), "Keep the copy", _keep_select(draft, chosen, choices), dispatch=True)
    blocks = [*wrong(form, KEEP), keep]
    if form.keep == Keep.DAYS:
        days = field(block_for(DAYS, form), "Days", _number(DAYS, form.days), hint=_days_hint(draft, chosen))
        blocks += [*wrong(form, DAYS), days]
    if form.keep == UNTIL:
        until = field(block_for(UNTIL_FIELD, form), "Until", _date_picker(form.until), dispatch=True)
        blocks += [*wrong(form, UNTIL_FIELD), until]
    if form.keep in COUNTED and not any(is_air_gapped(goal.seen) for goal in chosen.goals):
        cold = field(block_for(COLD, form), "Cold storage after", _number(COLD, form.cold), hint=_COLD, optional=True)
        blocks += [*wrong(form, COLD), cold]
    return [*blocks, *_notes(draft, chosen, choices)]


_COLD = (
    f"In days from the backup's creation; empty: it stays warm. Cold storage costs less by the month, the copy stays "
    f"there {COLD_DAYS} days at least, and cannot be copied from there any more."
)


def _keep_select(draft: Draft, chosen: Chosen, choices: Choices) -> Block:
    options = [
        option("As the source", Keep.AS_SOURCE, _source_end(draft, chosen.point)),
        option("A number of days", Keep.DAYS, "Counted from the backup's creation"),
        option("Until a date", UNTIL, "Kept until this day has come where you are"),
        option("100 years", Keep.CENTURY, _century(draft, chosen, choices)),
    ]
    if choices.permanence.possible or draft.form.keep == Keep.PERMANENT:
        options.append(option("Make the source permanent too", Keep.PERMANENT, _permanent(draft)))
    select: Block = {"type": "radio_buttons", "action_id": KEEP, "options": options}
    initial = next((entry for entry in options if entry["value"] == draft.form.keep), None)
    return {**select, "initial_option": initial} if initial else select


def _source_end(draft: Draft, entry: PointEntry | None) -> str:
    if entry is None:
        return "Expires when the source backup ends"
    end, days = entry.point.delete_at, entry.point.lifecycle.delete_after_days
    if draft.form.backup_first and days:
        return f"Ends with the new backup, {days:,} days after it is made"
    return f"Expires about {local(end, draft.timezone)[:10]}" if end else "The source has no end, nor will the copy"


def _permanent(draft: Draft) -> str:
    if draft.form.backup_first:
        return "The new backup is made without an end, and so is its copy"
    return "Takes the source's end away first; neither ends then"


def _century(draft: Draft, chosen: Chosen, choices: Choices) -> str:
    """The day it comes to, and what all the copies' storage will have cost by then."""
    if chosen.point is None:
        return f"{MAX_DAYS:,} days, the longest AWS knows"
    point = chosen.point.point
    end = expected_end(CENTURY, point)
    whole = Decimal(0)
    for goal in chosen.goals:
        params = CopyParams(point, goal.ref, CENTURY, "")
        whole += estimate(fees(point, goal.ref, choices.prices), params, draft.updated_at).storage or Decimal(0)
    price = f", about {money(whole, choices.prices.currency)} in all" if whole else ""
    when = local(end, draft.timezone)[:10] if end else ""
    return f"{MAX_DAYS:,} days: until {when}{price}"


def _notes(draft: Draft, chosen: Chosen, choices: Choices) -> list[Block]:
    """What the choice comes to, what the vaults demand, and why a copy is not simply kept for ever."""
    demands = " ".join(filter(None, (limits(goal.seen) for goal in chosen.goals if goal.seen)))
    notes = [_comes_to(draft, chosen), escape(demands), _for_ever(draft, choices)]
    return [context(note) for note in notes if note]


def _comes_to(draft: Draft, chosen: Chosen) -> str:
    if chosen.retention is None or chosen.point is None or (chosen.retention.days or 1) > MAX_DAYS:
        return ""
    end = expected_end(chosen.retention, chosen.point.point)
    if end is None or end <= draft.updated_at or draft.form.backup_first:
        return ""
    said = f"AWS deletes the copy between {date(end)} and about {date(end + DELETION_WINDOW)}, and does not say when "
    return f"{_counted(draft.form, chosen.retention.days)}{said}exactly."


def _counted(form: Form, days: int | None) -> str:
    """The number of days that an end belongs to: a number that is typed next is not known before the page is left."""
    if days is None:
        return ""
    number = "1 day" if days == 1 else f"{days:,} days"
    if form.keep == UNTIL:
        return f"That is {number} from the backup's creation. "
    return f"Kept {number}: " if form.keep == Keep.DAYS else ""


def _new_backup(draft: Draft, chosen: Chosen) -> str:
    """How long the backup itself is kept that is made first; "" where none is."""
    if not draft.form.backup_first or chosen.point is None or draft.form.keep == Keep.PERMANENT:
        return ""
    lifecycle = chosen.point.point.lifecycle
    return f"The new backup itself is kept {lifecycle_words(lifecycle)}, like the earlier one."


def _for_ever(draft: Draft, choices: Choices) -> str:
    if draft.form.keep == Keep.PERMANENT and draft.form.backup_first:
        return "The new backup is made without an end, its copy follows it, and both cost until somebody deletes them."
    if draft.form.keep == Keep.PERMANENT:
        return (
            "First the end of the source backup is taken away, as a step of its own that is approved with the copy. "
            "The copy follows its source, so neither ends then, and both cost until somebody deletes them."
        )
    if choices.permanence.why_not:
        return f"The source cannot be made permanent: {escape(choices.permanence.why_not)}"
    if not choices.permanence.possible:
        return ""
    return "A copy that was set to have no end would still end with its source, so that is not on offer."


def _number(action: str, typed: str) -> Block:
    element: Block = {
        "type": "number_input",
        "action_id": action,
        "is_decimal_allowed": False,
        "min_value": "1",
        "max_value": str(MAX_DAYS),
    }
    days = typed.strip()
    usable = days.isascii() and days.isdigit() and 1 <= int(days[:9]) <= MAX_DAYS
    return {**element, "initial_value": days} if usable else element


def _date_picker(typed: str) -> Block:
    element: Block = {"type": "datepicker", "action_id": UNTIL_FIELD, "placeholder": words("Choose a date")}
    day = day_of(typed)
    return {**element, "initial_date": day.isoformat()} if day else element


def _days_hint(draft: Draft, chosen: Chosen) -> str:
    if chosen.point is None or draft.form.backup_first:
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
