"""Step 2: where the copy goes: account, Region, vault; several of them, a route, a vault that is still to be made."""

from bot.domain.backups import VaultRef
from bot.domain.drafts import Draft, Form
from bot.domain.plans import new_vault
from bot.slack.blocks import Block, actions, button, context, option, section, words
from bot.slack.describe import Names
from bot.slack.ids import (
    ACCOUNT,
    ADD_PLACE,
    DROP_PLACE,
    NAME_VAULT,
    REGION,
    ROUTE,
    TAKE_VAULT,
    VAULT,
)
from bot.slack.text import code, cut, date, escape, plain, size
from bot.workflows.checking import MOST_DESTINATIONS
from bot.workflows.choosing import Choices, Chosen
from commands.copy_backup.form import block_for
from commands.copy_backup.views.frame import page, wrong
from commands.copy_backup.views.options import MOST
from commands.copy_backup.views.places import kind_of, listed, recent_blocks, route_blocks, route_field
from commands.copy_backup.views.vaults import limits, new_vault_blocks, sight_blocks, vault_option
from commands.modal import field

TO = "to"
FULL = f"{MOST_DESTINATIONS} destinations are the most for one request. Send another request for the rest."


def destination_page(draft: Draft, chosen: Chosen, choices: Choices, names: Names, problem: str = "") -> Block:
    form = draft.form
    blocks: list[Block] = [context(_source(form, chosen, names)), *wrong(form, TO)]
    if chosen.route is None:
        blocks += [*listed(form, chosen, choices.accounts), *recent_blocks(draft, choices)]
    blocks += [*wrong(form, ROUTE), *route_field(form, choices)]
    if chosen.route is not None:
        blocks += route_blocks(form, chosen.route, names)
    else:
        blocks += [*_place_fields(draft, chosen, choices), *_buttons(form, chosen)]
    return page(draft.id, 2, blocks, submit="Next", problem=problem)


def _source(form: Form, chosen: Chosen, names: Names) -> str:
    if chosen.point is None:
        return "The backup is not there any more. Go back and choose another one."
    point = chosen.point.point
    if form.backup_first:
        return f"A new backup of {code(point.table_name)}, made first, in {names.place(point.vault)}"
    return f"{code(point.table_name)}, backup of {date(point.created_at)}, {size(point.size_bytes)}, " + (
        f"in {names.place(point.vault)}"
    )


def _place_fields(draft: Draft, chosen: Chosen, choices: Choices) -> list[Block]:
    form, further = draft.form, bool(draft.form.others)
    account = field(
        block_for(ACCOUNT, form), "Account", _account_select(chosen, choices), dispatch=True, optional=further
    )
    blocks = [*wrong(form, ACCOUNT), account]
    if chosen.account is not None:
        region = field(block_for(REGION, form), "Region", _region_select(chosen), dispatch=True, optional=further)
        blocks += [*wrong(form, REGION), region]
    if chosen.account is not None and chosen.region:
        blocks += _new_vault(form, chosen) if form.making else _vault_blocks(draft, chosen, choices)
        blocks += _in_words(form, chosen)
    return blocks


def _account_select(chosen: Chosen, choices: Choices) -> Block:
    options = [option(plain(account.alias, 75), account.alias, account.id) for account in choices.accounts[:MOST]]
    alias = chosen.account.alias if chosen.account else None
    return _static(ACCOUNT, "Choose an account", options, alias)


def _region_select(chosen: Chosen) -> Block:
    regions = chosen.account.regions if chosen.account else ()
    return _static(REGION, "Choose a Region", [option(region, region) for region in regions[:MOST]], chosen.region)


def _vault_blocks(draft: Draft, chosen: Chosen, choices: Choices) -> list[Block]:
    form = draft.form
    if not choices.vaults:
        return [*wrong(form, VAULT), section(_no_vault(chosen, choices))]
    selected = chosen.vault.ref.name if chosen.vault else None
    if len(choices.vaults) <= MOST:
        element = _static(VAULT, "Choose a vault", [vault_option(vault) for vault in choices.vaults], selected)
    else:
        element = _searched(chosen)
    vault = field(block_for(VAULT, form), "Vault", element, optional=bool(form.others))
    return [*wrong(form, VAULT), vault, *sight_blocks(choices.sight, draft.updated_at)]


def _new_vault(form: Form, chosen: Chosen) -> list[Block]:
    if chosen.account is None or chosen.point is None:
        return []
    place = VaultRef(chosen.account.id, chosen.region, form.present.vault)
    params = new_vault(place, chosen.point.point, form.key_arn.strip() or None, chosen.role_arn)
    return new_vault_blocks(form, params)


def _in_words(form: Form, chosen: Chosen) -> list[Block]:
    """What kind of copy the destination in hand makes it, and what its vault demands."""
    if chosen.account is None or chosen.point is None:
        return []
    place = VaultRef(chosen.account.id, chosen.region, form.present.vault)
    said = [f"{kind_of(chosen.point.point.vault, place)}.", limits(chosen.vault) if chosen.vault else ""]
    return [context(escape(" ".join(filter(None, said))))]


def _buttons(form: Form, chosen: Chosen) -> list[Block]:
    begun = form.places != form.others
    elements = []
    if chosen.account is not None and chosen.region:
        which = (TAKE_VAULT, "A vault that is there") if form.making else (NAME_VAULT, "New vault…")
        elements.append(button(*which, "-"))
        if len(form.places) < MOST_DESTINATIONS:
            elements.append(button(ADD_PLACE, "Add another destination", "-"))
    if form.others and begun:
        elements.append(button(DROP_PLACE, "Leave this one out", "-"))
    blocks = [actions("destination:buttons", elements)] if elements else []
    return [*blocks, context(FULL)] if len(form.places) >= MOST_DESTINATIONS else blocks


def _no_vault(chosen: Chosen, choices: Choices) -> str:
    account = chosen.account.alias if chosen.account else ""
    here = f"{escape(plain(account, 75))} · {chosen.region}"
    if choices.sight.error:
        return f"*I could not read the vaults of {here}.* {escape(cut(choices.sight.error, 500))}"
    for area in choices.problems:
        if chosen.account and (area.account, area.region) == (chosen.account.id, chosen.region):
            return f"*I could not read the vaults of {here}.* {escape(cut(area.error, 500))}"
    return f"*There is no other vault in {here}.* Choose another Region or account, or press *New vault…*."


def _searched(chosen: Chosen) -> Block:
    select: Block = {
        "type": "external_select",
        "action_id": VAULT,
        "min_query_length": 0,
        "placeholder": words("Search vaults"),
    }
    return {**select, "initial_option": vault_option(chosen.vault)} if chosen.vault else select


def _static(action_id: str, placeholder: str, options: list[Block], selected: str | None) -> Block:
    select: Block = {
        "type": "static_select",
        "action_id": action_id,
        "placeholder": words(placeholder),
        "options": options,
    }
    initial = next((entry for entry in options if entry["value"] == selected), None)
    return {**select, "initial_option": initial} if initial else select
