"""The frame that the forms for restores, drills and schedules share, and the elements they are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType

from bot.domain import sentences
from bot.domain.reasons import REASON, REASON_LENGTH
from bot.domain.sentences import review as words_of_review
from bot.domain.sheets import Sheet, SheetKind
from bot.slack.blocks import Block, actions, button, context, section, words
from bot.slack.costs import cost_lines, priced
from bot.slack.describe import Names, people, plan_lines
from bot.slack.ids import SHEET, SHEET_BACK, SHEET_LOOK, SHEET_REVIEW
from bot.slack.text import cut, duration, ours, quoted
from bot.workflows.asked_ends import REQUEST
from bot.workflows.forms import Outlook
from commands.copy_backup.views.finals import finals
from commands.copy_backup.views.findings import Told, finding_blocks, overruling, told_of
from commands.modal import field, modal, trouble

TITLES = {
    SheetKind.RESTORE: "Restore a table",
    SheetKind.DRILL: "Run a drill",
    SheetKind.SCHEDULE: "Schedule copies",
    SheetKind.NOW: "Back up and copy",
    SheetKind.SEQUENCE: "Copy along a way",
    SheetKind.KEEP: "Change a retention",
    SheetKind.EXTEND: "Keep it longer",
}
MOST_OPTIONS = 100
NOTHING_WRONG: Mapping[str, str] = MappingProxyType({})
NO_LINKS: Mapping[str, str] = MappingProxyType({})


def form(sheet: Sheet, blocks: Sequence[Block], problem: str = "", wrong: Mapping[str, str] = NOTHING_WRONG) -> Block:
    """The form itself; `problem` stands first, above everything the person chose.

    `wrong`: what was typed after the command and cannot be, by field; it stands right before the field.
    """
    fields = [*blocks, reason_field(sheet)]
    names = {_name_of(block) for block in fields}
    elsewhere = [sentence for name, sentence in wrong.items() if name not in names]
    first = [block for said in (problem, *map(ours, elsewhere)) for block in trouble(said)]
    told = [one for block in fields for one in (*_said_of(wrong.get(_name_of(block), "")), block)]
    return _view(sheet, SHEET, [*first, *told], submit="Review")


def review(
    sheet: Sheet,
    outlook: Outlook,
    names: Names,
    now: datetime,
    problem: str = "",
    links: Mapping[str, str] = NO_LINKS,
) -> Block:
    """Everything in plain words, with what pre-flight found; it can be sent unless nobody may overrule what fails.

    `now` is when it would be done, for what it costs; `links` are the requests that findings are about, by id.
    """
    costs = cost_lines(priced(outlook.looks), now)
    blocks: list[Block] = [
        *trouble(problem),
        *(section(cut(lines, 2_900)) for lines in plan_lines(outlook.steps, names)),
        *(section(text) for text in finals(outlook.looks, now)),
        section("*Why:*"),
        *(section(piece) for piece in quoted(sheet.answer(REASON).strip())),
        *([section(costs)] if costs else []),
        *finding_blocks(_told(outlook, links), is_whole=not problem, of="this"),
        *overruling(outlook.to_overrule),
        context(_who_decides(outlook)),
        actions("back", [button(SHEET_BACK, "Change", sheet.id)]),
    ]
    can_be_sent = outlook.can_be_sent and not problem
    return _view(sheet, SHEET_REVIEW, blocks, submit=words_of_review.send(outlook.to_overrule) if can_be_sent else None)


def to_be_seen(sheet: Sheet, why: str) -> list[Block]:
    """A message to whoever typed an order as a whole: it is not sent yet, and a button shows what it comes to."""
    look = button(SHEET_LOOK, "Look at it", sheet.id, style="primary")
    return [section(f":eyes: *Not sent yet.* {why}"), actions("look", [look])]


def note(sheet: Sheet, text: str, *, external_id: str = "", close: str = "Close") -> Block:
    """A view that only says something."""
    return _view(sheet, SHEET, [section(cut(text, 2_900))], external_id=external_id, close=close)


def loading(sheet: Sheet, text: str, external_id: str = "") -> Block:
    return note(sheet, f":hourglass_flowing_sand: {text}", external_id=external_id, close="Cancel")


def typed(action_id: str, value: str, *, longest: int, placeholder: str = "", multiline: bool = False) -> Block:
    element: Block = {"type": "plain_text_input", "action_id": action_id, "max_length": longest}
    if value:
        element["initial_value"] = value[:longest]
    if placeholder:
        element["placeholder"] = words(placeholder)
    if multiline:
        element["multiline"] = True
    return element


def chosen(action_id: str, placeholder: str, options: Sequence[Block], value: str) -> Block:
    """A select with its options; Slack takes no select without any."""
    element: Block = {
        "type": "static_select",
        "action_id": action_id,
        "placeholder": words(placeholder),
        "options": list(options[:MOST_OPTIONS]),
    }
    initial = next((entry for entry in options[:MOST_OPTIONS] if entry["value"] == value), None)
    return {**element, "initial_option": initial} if initial else element


def searched(action_id: str, placeholder: str, initial: Block | None) -> Block:
    """A select whose options are asked for as somebody types."""
    element: Block = {
        "type": "external_select",
        "action_id": action_id,
        "min_query_length": 0,
        "placeholder": words(placeholder),
    }
    return {**element, "initial_option": initial} if initial else element


def searched_many(action_id: str, placeholder: str, initial: Sequence[Block], *, most: int) -> Block:
    """The same for a field of which several may be chosen."""
    element: Block = {
        "type": "multi_external_select",
        "action_id": action_id,
        "min_query_length": 0,
        "max_selected_items": most,
        "placeholder": words(placeholder),
    }
    return {**element, "initial_options": list(initial[:most])} if initial else element


def reason_field(sheet: Sheet) -> Block:
    element = typed(REASON, sheet.answer(REASON), longest=REASON_LENGTH, multiline=True)
    return field(REASON, "Reason", element, hint="The approvers read it in the thread.")


def _name_of(block: Block) -> str:
    return str(block.get("block_id", "")).partition(":")[0] if block.get("type") == "input" else ""


def _said_of(sentence: str) -> list[Block]:
    return trouble(ours(cut(sentence, 2_500)))


def _view(
    sheet: Sheet,
    callback: str,
    blocks: Sequence[Block],
    *,
    submit: str | None = None,
    external_id: str = "",
    close: str = "Cancel",
) -> Block:
    title = TITLES[sheet.kind]
    return modal(callback, sheet.id, title, blocks, submit=submit, close=close, external_id=external_id)


def _told(outlook: Outlook, links: Mapping[str, str]) -> list[Told]:
    """What was found of the steps, each once, and what is in the way besides."""
    of_steps = [finding for look in outlook.looks for finding in look.findings]
    found = [*told_of(outlook.looks), *(Told(finding) for finding in outlook.findings if finding not in of_steps)]
    return [replace(one, link=links.get(one.finding.links.get(REQUEST, ""), "")) for one in found]


def _who_decides(outlook: Outlook) -> str:
    rule = outlook.rule
    asked = sentences.needed_from([(stage.needed, people(stage.approvers)) for stage in rule.stages])
    where = f" The request goes to <#{outlook.channel}>." if outlook.channel else ""
    until = f"within {duration(rule.expires_after.total_seconds())}; without an answer nothing happens."
    return f"{cut(asked, 1_900)} {until}{where}"
