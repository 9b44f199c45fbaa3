"""Rules for a vault that is made on the way, and what to do when making it fails."""

import re

from bot.domain.backups import VAULT_NAME
from bot.domain.params import CreateVaultParams
from bot.domain.preflight import Finding, Level
from bot.domain.steps import Failure

KEY_ARN = re.compile(r"arn:[a-z-]+:kms:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):key/[A-Za-z0-9-]+")
OWN_KEY = (
    "A copy is encrypted with its vault's key, and the key that AWS Backup has of its own in every account "
    "(aws/backup) cannot be shared: a vault that takes copies from another account needs a customer managed key."
)


def judge_name(params: CreateVaultParams) -> Finding | None:
    if VAULT_NAME.fullmatch(params.vault.name):
        return None
    return Finding(
        "vault-name",
        Level.FAIL,
        "AWS takes vault names of 2 to 50 letters, digits, dashes and underscores.",
        "Type another name.",
    )


def judge_key(params: CreateVaultParams) -> Finding | None:
    """A key is needed for copies from another account, and has to be in the vault's Region."""
    place = params.vault
    if params.key_arn is None:
        if params.source_account == place.account:
            return None
        return own_key_needed(params)
    found = KEY_ARN.fullmatch(params.key_arn)
    if found is None:
        return Finding(
            "vault-key-form",
            Level.FAIL,
            "This is not the ARN of a KMS key.",
            f"It looks like arn:aws:kms:{place.region}:{place.account}:key/… and is not an alias.",
        )
    if found["region"] != place.region:
        return Finding(
            "vault-key-region",
            Level.FAIL,
            f"The key is in {found['region']}, and a vault's key has to be in the vault's own Region.",
            f"Give a key in {place.region}; of a multi-Region key take the replica there.",
        )
    if found["account"] != place.account:
        return Finding(
            "vault-key-account",
            Level.FAIL,
            f"The key is of account {found['account']}, and a vault's key has to be of the vault's own account.",
            f"Give a key of account {place.account}, {place.region}.",
        )
    return None


def own_key_needed(params: CreateVaultParams) -> Finding:
    place = params.vault
    remedy = f"Give the ARN of a KMS key of account {place.account}, {place.region}."
    return Finding("vault-key-needed", Level.FAIL, OWN_KEY, remedy)


def taken(params: CreateVaultParams) -> Finding:
    place = params.vault
    return Finding(
        "vault-taken",
        Level.FAIL,
        f"There is a vault {place.name} in account {place.account}, {place.region} already, which this request did not "
        "make.",
        "Choose it as the destination, or give the new vault another name.",
    )


def remedy_for_vault(message: str, code: str, params: CreateVaultParams) -> str:
    """What to do when AWS refused to make the vault or to take its policy."""
    said, place = message.casefold(), params.vault
    if "principal" in said:
        return (
            f"The role {', '.join(params.lets_in)} does not exist, or AWS does not see it yet. Look at it, then press "
            "Try again: the vault is there and is not made twice."
        )
    if "kms" in said or "key" in said:
        return (
            f"Check the key {params.key_arn}: it must be enabled, and its policy must let the bot's role and AWS "
            "Backup use it (kms:CreateGrant, kms:DescribeKey, kms:GenerateDataKey, kms:Decrypt, kms:RetireGrant)."
        )
    if code == "LimitExceededException":
        return f"Have the quota of vaults raised in account {place.account}, {place.region}, or choose a vault there."
    if "authorized" in said or "access" in code.casefold():
        return (
            f"Let the bot's role in account {place.account} do backup:CreateBackupVault, "
            "backup:GetBackupVaultAccessPolicy, backup:PutBackupVaultAccessPolicy, backup-storage:MountCapsule and "
            "kms:CreateGrant, then press Try again."
        )
    return "Ask again with another name or key, or choose a vault that is there."


def no_remedy(category: str, message: str) -> Failure:
    """A failure that we saw ourselves and that trying again may mend."""
    return Failure(message, category, "Look at the vault in AWS Backup, then press Try again.")
