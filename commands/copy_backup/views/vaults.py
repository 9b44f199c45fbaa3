"""Vaults on the destination page: as options, as a sentence, and one that is to be made."""

import json
from datetime import datetime

from bot.domain.admission import admitting
from bot.domain.backups import Vault, VaultKind
from bot.domain.drafts import Form
from bot.domain.new_vaults import OWN_KEY
from bot.domain.params import CreateVaultParams
from bot.slack.blocks import Block, context, option, section, words
from bot.slack.ids import KEY_ARN, NEW_VAULT
from bot.slack.text import ago, cut, escape, plain
from bot.workflows.vault_sight import Sight
from commands.copy_backup.form import block_for
from commands.copy_backup.views.frame import wrong
from commands.copy_backup.views.options import backups_in_words
from commands.modal import field

LONGEST_NAME, LONGEST_ARN = 50, 300


def vault_option(vault: Vault) -> Block:
    """Its name, and in 75 characters how many backups it holds, of what type it is, its lock and its key."""
    facts = (backups_in_words(vault.points), _type(vault), _lock(vault), _key(vault))
    return option(plain(vault.ref.name, 75), vault.ref.name, plain(" · ".join(filter(None, facts)), 75))


def read_when(sight: Sight, now: datetime) -> str:
    """How old the list of vaults is, and why it is no newer."""
    if sight.error:
        when = f"as they were {ago(sight.read_at, now)}" if sight.read_at else "as far as I know them"
        return f":warning: These vaults are {when}. {escape(cut(sight.error, 300))}"
    return f"Read from AWS {ago(sight.read_at, now)}." if sight.read_at else ""


def limits(vault: Vault) -> str:
    """How long a vault lets a copy be kept, as a sentence (plain text); "" where it does not mind."""
    if not (vault.locked or vault.kind is VaultKind.AIR_GAPPED) or not (vault.min_days or vault.max_days):
        return ""
    least, most = vault.min_days or 1, vault.max_days
    days = f"{least:,} to {most:,} days" if most else f"{least:,} days or more"
    return f"The vault {vault.ref.name} keeps copies {days} ({_why(vault)})."


def new_vault_blocks(form: Form, params: CreateVaultParams) -> list[Block]:
    """The fields for a vault that is made on the way, and what it will be made with."""
    foreign = params.source_account != params.vault.account
    usual = "Empty: the account's own key for AWS Backup (aws/backup)."
    place = f"arn:aws:kms:{params.vault.region}:{params.vault.account}:key/…"
    return [
        *wrong(form, NEW_VAULT),
        field(
            block_for(NEW_VAULT, form),
            "Name of the new vault",
            _input(NEW_VAULT, form.new_vault, LONGEST_NAME, "dr-vault"),
            hint="2 to 50 letters, digits, dashes and underscores.",
        ),
        *wrong(form, KEY_ARN),
        field(
            block_for(KEY_ARN, form),
            "KMS key of the new vault",
            _input(KEY_ARN, form.key_arn, LONGEST_ARN, place),
            hint=OWN_KEY if foreign else usual,
            optional=not foreign,
        ),
        section(_made_with(params)),
    ]


def _made_with(params: CreateVaultParams) -> str:
    key = "the KMS key above" if params.lets_in else "the KMS key above; without one aws/backup of the account"
    policy = admitting(None, params.lets_in)
    lines = [
        f"Key: {key}",
        f"Access policy: {json.dumps(json.loads(policy), indent=2) if policy else 'none; nobody else is let in'}",
    ]
    return "*What the new vault is made with* (a step of its own, approved with the copy):\n" + (
        f"```{escape(cut(chr(10).join(lines), 2_500))}```"
    )


def _input(action: str, typed: str, longest: int, placeholder: str) -> Block:
    element: Block = {
        "type": "plain_text_input",
        "action_id": action,
        "max_length": longest,
        "placeholder": words(placeholder),
    }
    return {**element, "initial_value": typed[:longest]} if typed.strip() else element


def _type(vault: Vault) -> str:
    return "air-gapped" if vault.kind is VaultKind.AIR_GAPPED else "standard"


def _lock(vault: Vault) -> str:
    if not (vault.locked or vault.kind is VaultKind.AIR_GAPPED):
        return "not locked"
    least, most = vault.min_days or 1, vault.max_days
    days = f"{least:,}–{most:,} days" if most else f"{least:,} days or more" if least > 1 else "any time"
    return f"keeps {days}" if vault.kind is VaultKind.AIR_GAPPED else f"{_mode(vault)} lock {days}"


def _mode(vault: Vault) -> str:
    """Only a compliance lock has a date, from which on nobody can take it off."""
    return "compliance" if vault.lock_date else "governance"


def _why(vault: Vault) -> str:
    return "logically air-gapped" if vault.kind is VaultKind.AIR_GAPPED else f"{_mode(vault)} lock"


def _key(vault: Vault) -> str:
    return "" if vault.own_key is None else "customer key" if vault.own_key else "AWS key"


def sight_blocks(sight: Sight, now: datetime) -> list[Block]:
    """The age of the list, where it is known."""
    said = read_when(sight, now)
    return [context(said)] if said else []
