"""The fields of the form that schedules copies: by a backup plan, or by the bot itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.domain.backup_plans import MOST_COPIES, Change, copies_of
from bot.domain.backups import Account, Vault
from bot.domain.routes import Route
from bot.domain.sheets import Sheet
from bot.slack.blocks import Block, context, option, section
from bot.slack.describe import Names
from bot.slack.ids import SHEET_BY, SHEET_CHANGE, SHEET_PLAN, SHEET_RULE, SHEET_SOURCE, SHEET_VAULT, SHEET_WAYS
from bot.slack.table_words import rule_lines
from bot.slack.text import code, cut, escape, plain
from bot.workflows.places import key_of
from bot.workflows.scheduling import BY_BOT, BY_PLAN, document_of, head_of, rule_of
from bot.workflows.ways import FIELD, MOST_WAYS
from commands.forms.answers import block_of
from commands.forms.frame import chosen as select
from commands.forms.frame import searched, searched_many, typed
from commands.forms.options_of import place_options, plan_option, route_option, vault_option
from commands.modal import field

BY = {BY_PLAN: "A backup plan of AWS Backup", BY_BOT: "This bot, again and again"}
CHANGES = {
    Change.ADD: "Add a copy",
    Change.CHANGE: "Keep one of its copies differently",
    Change.REMOVE: "Remove one of its copies",
}


@dataclass(frozen=True, slots=True)
class SchedulePage:
    """What the form can offer: the places there are, the chosen vault, the chosen ways with their answers."""

    places: Sequence[tuple[Account, str]]
    vault: Vault | None = None
    ways: Sequence[tuple[str, Route | Vault]] = ()


def schedule_blocks(sheet: Sheet, page: SchedulePage, names: Names) -> list[Block]:
    by = sheet.answer("by") or BY_PLAN
    options = [option(label, value) for value, label in BY.items()]
    blocks = [field("by", "Copies are made by", select(SHEET_BY, "Choose", options, by), dispatch=True)]
    return [*blocks, *(_by_bot(sheet, page, names) if by == BY_BOT else _by_plan(sheet, page, names))]


def _by_plan(sheet: Sheet, page: SchedulePage, names: Names) -> list[Block]:
    head = head_of(sheet.answer("plan"))
    initial = None
    if head is not None:
        known = type(head)(head.account, head.region, head.id, sheet.answer("plan_name") or head.id)
        initial = plan_option(known, names)
    blocks = [field("plan", "Backup plan", searched(SHEET_PLAN, "Search backup plans", initial), dispatch=True)]
    if head is None:
        return blocks
    if head.is_read_only:
        words = ":lock: This plan belongs to a policy of the organization, so it can only be read here. "
        return [*blocks, section(f"{words}Ask whoever keeps the organization's backup policies.")]
    if sheet.answer("unread"):
        return [*blocks, section(f":warning: AWS did not show this plan: {escape(cut(sheet.answer('unread'), 500))}")]
    return [*blocks, *_rule_fields(sheet, page, names)]


def _rule_fields(sheet: Sheet, page: SchedulePage, names: Names) -> list[Block]:
    document, plan = document_of(sheet), sheet.answer("plan")
    rules = [str(rule.get("RuleName")) for rule in document.get("Rules") or ()]
    if not rules:
        return []
    options = [option(plain(name, 75), name) for name in rules]
    blocks = [
        field(
            block_of("rule", plan),
            "Rule",
            select(SHEET_RULE, "Choose a rule", options, sheet.answer("rule")),
            dispatch=True,
        )
    ]
    rule = rule_of(document, sheet.answer("rule"))
    if rule is None:
        return blocks
    lines = "\n".join(code(line) for line in rule_lines(rule)) or "no copies yet"
    blocks.append(context(cut(f"It copies now ({len(copies_of(rule))} of {MOST_COPIES}): {lines}", 1_900)))
    change = sheet.answer("change") or Change.ADD
    offered = [one for one in Change if one is Change.ADD or copies_of(rule)]
    element = select(SHEET_CHANGE, "Choose", [option(CHANGES[one], one) for one in offered], change)
    blocks.append(field(block_of("change", plan, sheet.answer("rule")), "Change", element, dispatch=True))
    return [
        *blocks,
        *_copy_fields(sheet, page, names, change, [str(one["DestinationBackupVaultArn"]) for one in copies_of(rule)]),
    ]


def _copy_fields(sheet: Sheet, page: SchedulePage, names: Names, change: str, taken: Sequence[str]) -> list[Block]:
    key = block_of("vault", sheet.answer("plan"), sheet.answer("rule"), change)
    if change == Change.ADD or not taken:
        blocks = [_vault_field(key, page, names)]
    else:
        options = [option(plain(arn, 75), arn) for arn in taken]
        blocks = [field(key, "Copy", select(SHEET_VAULT, "Choose one of its copies", options, sheet.answer("vault")))]
    return blocks if change == Change.REMOVE else [*blocks, *_days(sheet, with_cold=True)]


def _by_bot(sheet: Sheet, page: SchedulePage, names: Names) -> list[Block]:
    source = select(SHEET_SOURCE, "Choose account and Region", place_options(page.places), sheet.answer("source"))
    until: Block = {"type": "datepicker", "action_id": "until"}
    if sheet.answer("until"):
        until["initial_date"] = sheet.answer("until")
    cron = typed("cron", sheet.answer("cron"), longest=100, placeholder="0 3 * * 1-5")
    zone = typed("timezone", sheet.answer("timezone"), longest=60, placeholder="Europe/Berlin")
    return [
        context("Each time the newest backup of every table that fits is copied, unless it is copied already."),
        field("source", "Tables of", source),
        field("pattern", "Tables", typed("pattern", sheet.answer("pattern"), longest=255, placeholder="orders-*")),
        _ways_field(page, names),
        *_days(sheet),
        field(
            "cron",
            "When",
            cron,
            hint="Cron: minute, hour, day, month, day of the week. 0 3 * * 1-5 is weekdays at 3:00.",
        ),
        field("timezone", "Time zone", zone),
        field("until", "Approved until", until, hint="One approval stands for all runs until the end of this day."),
    ]


def _ways_field(page: SchedulePage, names: Names) -> Block:
    initial = [
        route_option(way, names) if isinstance(way, Route) else vault_option(answer, way, names)
        for answer, way in page.ways
    ]
    element = searched_many(SHEET_WAYS, "Search vaults and routes", initial, most=MOST_WAYS)
    hint = f"Up to {MOST_WAYS}. A route's hops are copied one after the other, the rest side by side."
    return field(FIELD, "Copy to", element, hint=hint)


def _vault_field(key: str, page: SchedulePage, names: Names) -> Block:
    initial = vault_option(key_of(page.vault.ref), page.vault, names) if page.vault else None
    return field(key, "Copy to", searched(SHEET_VAULT, "Search vaults", initial))


def _days(sheet: Sheet, *, with_cold: bool = False) -> list[Block]:
    days = typed("days", sheet.answer("days"), longest=8, placeholder="90")
    hint = "From the backup's creation. Nothing: as long as the backup itself."
    blocks = [field("days", "Keep copies for days", days, hint=hint, optional=True)]
    if with_cold:
        cold = typed("cold", sheet.answer("cold"), longest=8)
        blocks.append(field("cold", "To cold storage after days", cold, optional=True))
    return blocks
