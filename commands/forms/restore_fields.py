"""The fields of the form that restores a table."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.backups import Account, Vault
from bot.domain.restores import Encryption, needs_encryption
from bot.domain.sheets import Sheet
from bot.slack.blocks import Block, context, option, section
from bot.slack.describe import Names
from bot.slack.ids import SHEET_ENCRYPTION, SHEET_PLACE, SHEET_POINT, SHEET_TABLE, SHEET_VAULT
from bot.slack.text import escape
from bot.workflows.places import key_of
from bot.workflows.restoring import Chosen
from commands.copy_backup.views.options import point_option, table_option
from commands.forms.answers import block_of
from commands.forms.frame import chosen as select
from commands.forms.frame import searched, typed
from commands.forms.options_of import place_options, vault_option
from commands.modal import field

ENCRYPTIONS = {
    Encryption.UNSAID: "As AWS chooses",
    Encryption.OWNED: "The key DynamoDB owns",
    Encryption.MANAGED: "The account's key for DynamoDB (aws/dynamodb)",
    Encryption.CUSTOMER: "A key of ours",
}


@dataclass(frozen=True, slots=True)
class Offer:
    """What the form can offer: what was chosen, the places there are, the chosen vault."""

    chosen: Chosen
    places: Sequence[tuple[Account, str]]
    timezone: str
    now: datetime
    vault: Vault | None = None


def restore_blocks(sheet: Sheet, offer: Offer, names: Names) -> list[Block]:
    """Table, copy, where to, the new name, its encryption."""
    blocks = [*table_fields(sheet, offer, names), *place_fields(sheet, offer, names)]
    name = typed("name", sheet.answer("name"), longest=255, placeholder="orders-restored")
    hint = "A restore always makes a new table; one of this name must not be there."
    blocks.append(field(block_of("name", sheet.answer("table")), "New table", name, hint=hint))
    return [*blocks, *_encryption(sheet, offer)]


def table_fields(sheet: Sheet, offer: Offer, names: Names) -> list[Block]:
    """The table, and which of its backups and copies."""
    table = table_option(offer.chosen.table, names) if offer.chosen.table else None
    blocks = [field("table", "Table", searched(SHEET_TABLE, "Search tables that have backups", table), dispatch=True)]
    if offer.chosen.table is not None:
        point = point_option(offer.chosen.point, names, offer.timezone, offer.now) if offer.chosen.point else None
        element = searched(SHEET_POINT, "Search its backups and copies", point)
        blocks.append(field(block_of("point", sheet.answer("table")), "Backup or copy", element, dispatch=True))
    return blocks


def place_fields(sheet: Sheet, offer: Offer, names: Names, *, fixed: bool = False) -> list[Block]:
    """Where to restore, and the vault to copy to first where no copy is there."""
    blocks: list[Block] = []
    if not fixed:
        element = select(SHEET_PLACE, "Choose account and Region", place_options(offer.places), sheet.answer("place"))
        blocks.append(field(block_of("place", sheet.answer("table")), "Restore in", element, dispatch=True))
    chosen = offer.chosen
    if chosen.needs_copy and chosen.point and chosen.account:
        vault = offer.vault
        here = vault is not None and (vault.ref.account, vault.ref.region) == (chosen.account.id, chosen.region)
        initial = vault_option(key_of(vault.ref), vault, names) if vault and here else None
        place = f"{escape(chosen.account.alias)} ({chosen.region})"
        where = names.place(chosen.point.point.vault)
        words = f"There is no copy in {place}: this one is in {where}, and AWS restores only where a copy is. It"
        if chosen.there is not None:
            same = names.place(chosen.there.point.vault)
            words = f"The same backup is in {same}: restoring that one needs no copy, so choose it above. Else, since "
            words += f"this one is in {where}, it"
        words = f":information_source: {words} is copied there first, into this vault:"
        element = searched(SHEET_VAULT, "Choose a vault there", initial)
        key = block_of("vault", sheet.answer("place"), sheet.answer("point"))
        blocks += [section(words), field(key, "Copy it first to", element)]
    return blocks


def _encryption(sheet: Sheet, offer: Offer) -> list[Block]:
    point, region = offer.chosen.point, offer.chosen.region
    elsewhere = bool(point and region and needs_encryption(point.point, region))
    offered = [kind for kind in Encryption if not (elsewhere and kind is Encryption.UNSAID)]
    options = [option(ENCRYPTIONS[kind], kind) for kind in offered]
    answer = sheet.answer("encryption") or ("" if elsewhere else Encryption.UNSAID)
    blocks: list[Block] = []
    if elsewhere:
        blocks.append(context("In another Region than the table was in, AWS wants to be told how it is encrypted."))
    element = select(SHEET_ENCRYPTION, "Choose a key", options, answer)
    blocks.append(
        field(block_of("encryption", sheet.answer("place"), str(elsewhere)), "Encryption", element, dispatch=True)
    )
    if answer == Encryption.CUSTOMER:
        key = typed("key", sheet.answer("key"), longest=400, placeholder="arn:aws:kms:…")
        blocks.append(field("key", "Key", key))
    return blocks
