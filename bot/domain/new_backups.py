"""Rules for a backup that is made on the way, and what to do when making it fails."""

from bot.domain.backups import RecoveryPoint, Vault, VaultKind, table_place_of
from bot.domain.live_tables import LiveTable
from bot.domain.params import BackUpParams, StepKind
from bot.domain.preflight import Finding, Level
from bot.domain.steps import RECORD_GONE, Failure

# The states of a table that AWS backs up no more.
_GOING = frozenset({"DELETING", "ARCHIVING", "ARCHIVED"})
# The steps of a plan by which a new backup of the same table comes to be copied instead.
_MENDING = frozenset({StepKind.BACK_UP, StepKind.ENABLE_ADVANCED})


def can_be_made_anew(finding: Finding, point: RecoveryPoint) -> bool:
    """Whether a new backup, made where this one is, would not have this one's reason for being no good to copy.

    Only where a table is can it be backed up; a copy elsewhere says nothing about a vault there.
    """
    return finding.fix in _MENDING and (point.vault.account, point.vault.region) == table_place_of(point.table_arn)


def judge_backup_vault(params: BackUpParams, vault: Vault | None) -> Finding | None:
    """Refuse a vault that AWS could not put the backup into."""
    place = params.vault
    if vault is None:
        sentence = f"There is no vault {place.name} in account {place.account}, {place.region} (any more)."
        return Finding("backup-vault-gone", Level.FAIL, sentence, "Choose another vault for the new backup.")
    if vault.kind is not VaultKind.STANDARD:
        sentence = f"The vault {place.name} takes copies, but no backups made on demand."
        return Finding("backup-vault-kind", Level.FAIL, sentence, "Choose a standard vault for the new backup.")
    if vault.state != "AVAILABLE":
        sentence = f"The vault {place.name} is {vault.state}."
        return Finding("backup-vault-state", Level.FAIL, sentence, "Wait until it is AVAILABLE, or choose another.")
    return None


def judge_table(params: BackUpParams, table: LiveTable | None) -> Finding | None:
    """Only a table that is there can be backed up."""
    if table is not None and table.status not in _GOING:
        return None
    place = params.vault
    where = f"account {place.account}, {place.region}"
    there = f"There is no table {params.table} in {where} (any more)"
    if table is not None:
        there = f"The table {params.table} in {where} is {table.status}"
    return Finding(
        "table-gone",
        Level.FAIL,
        f"{there}, so no new backup of it can be made.",
        "Choose a backup that is there and have it copied as it is, or restore the table first.",
        f"DescribeTable of {params.table_arn}",
    )


def advanced_off(params: BackUpParams) -> Finding:
    place = params.vault
    return Finding(
        "advanced-off",
        Level.FAIL,
        f"The advanced features for DynamoDB backups are off in account {place.account}, {place.region}, so a new "
        "backup could not be copied either.",
        "Have them turned on first, as a step of the same plan.",
    )


def still_off(params: BackUpParams, job_id: str) -> str:
    """What the missing RecoveryPointArn in StartBackupJob's answer means."""
    place = params.vault
    return (
        f"AWS named no recovery point for backup job {job_id}, which means that the advanced features are still off in "
        f"account {place.account}, {place.region}. The job goes on, but its backup can never be copied."
    )


def record_gone(job_id: str | None, params: BackUpParams) -> Failure:
    return Failure(
        f"AWS has no record of backup job {job_id} any more, so its outcome is not known.",
        RECORD_GONE,
        f"AWS forgets jobs 30 days after they end. Look for the backup in vault {params.vault.name} of account "
        f"{params.vault.account}, {params.vault.region}.",
    )


def remedy_for_backup(message: str, code: str, params: BackUpParams) -> str:
    """What to do when AWS refused to back up, or its job failed."""
    said, place = message.casefold(), params.vault
    if "still off" in said:
        return (
            f"Turn the advanced features for DynamoDB backups on in AWS Backup, Settings, of account {place.account}, "
            f"{place.region} (if they have just been turned on, wait a few minutes), then press Try again."
        )
    if "table not found" in said or "does not exist" in said:
        return f"The table {params.table} is not in account {place.account}, {place.region} any more."
    if "cannot be assumed" in said or "passrole" in said or "pass role" in said:
        return f"The role {params.role_arn} must exist, trust backup.amazonaws.com, and the bot's role must pass it."
    if "authorized" in said or "AccessDenied" in code:
        return (
            f"Let the bot's role in account {place.account} do backup:StartBackupJob on {place.arn} and iam:PassRole "
            f"on {params.role_arn}; that role needs the managed policy AWSBackupServiceRolePolicyForBackup."
        )
    if "retention" in said or "lifecycle" in said:
        return "Ask again with a retention inside the range of the vault's lock."
    return f"Look at the backup job in AWS Backup in account {place.account}, {place.region}, then press Try again."
