"""Step 2: where the copy goes: account, Region, vault."""

from bot.domain.drafts import Draft
from bot.slack.blocks import Block, context, option, section, words
from bot.slack.describe import Names
from bot.slack.ids import ACCOUNT, REGION, VAULT
from bot.slack.text import code, cut, date, escape, plain, size
from bot.workflows.walk import Choices, Chosen
from commands.copy_backup.form import block_of
from commands.copy_backup.views.frame import field, page
from commands.copy_backup.views.options import MOST, vault_option


def destination_page(draft: Draft, chosen: Chosen, choices: Choices, names: Names, problem: str = "") -> Block:
    blocks: list[Block] = [context(_source(chosen, names))]
    blocks.append(field(ACCOUNT, "Account", _account_select(chosen, choices), dispatch=True))
    if chosen.account is not None:
        region = block_of(REGION, chosen.account.alias)
        blocks.append(field(region, "Region", _region_select(chosen), dispatch=True))
    if chosen.account is not None and chosen.region:
        blocks.extend(_vault_blocks(chosen, choices))
    return page(draft.id, 2, blocks, submit="Next", problem=problem)


def _source(chosen: Chosen, names: Names) -> str:
    if chosen.point is None:
        return "The backup is not there any more. Go back and choose another one."
    point = chosen.point.point
    return f"{code(point.table_name)}, backup of {date(point.created_at)}, {size(point.size_bytes)}, " + (
        f"in {names.place(point.vault)}"
    )


def _account_select(chosen: Chosen, choices: Choices) -> Block:
    options = [option(plain(account.alias, 75), account.alias, account.id) for account in choices.accounts[:MOST]]
    alias = chosen.account.alias if chosen.account else None
    return _static(ACCOUNT, "Choose an account", options, alias)


def _region_select(chosen: Chosen) -> Block:
    regions = chosen.account.regions if chosen.account else ()
    return _static(REGION, "Choose a Region", [option(region, region) for region in regions[:MOST]], chosen.region)


def _vault_blocks(chosen: Chosen, choices: Choices) -> list[Block]:
    account = chosen.account.alias if chosen.account else ""
    if not choices.vaults:
        return [section(_no_vault(chosen, choices))]
    selected = chosen.vault.ref.name if chosen.vault else None
    if len(choices.vaults) <= MOST:
        element = _static(VAULT, "Choose a vault", [vault_option(vault) for vault in choices.vaults], selected)
    else:
        element = _searched(chosen)
    return [field(block_of(VAULT, account, chosen.region), "Vault", element)]


def _no_vault(chosen: Chosen, choices: Choices) -> str:
    account = chosen.account.alias if chosen.account else ""
    here = f"{escape(plain(account, 75))} · {chosen.region}"
    for area in choices.problems:
        if chosen.account and (area.account, area.region) == (chosen.account.id, chosen.region):
            return f"*I could not read the vaults of {here}.* {escape(cut(area.error, 500))}"
    return f"*There is no other vault in {here}.* Choose another Region or account, or have a vault made there."


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
