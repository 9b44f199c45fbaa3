"""Backup vaults: created, listed, locked, and their access policies."""

import uuid
from datetime import timedelta

from bot.sandbox.aws import arns, keys, policies
from bot.sandbox.aws.call import BackupCall, Result, without_none
from bot.sandbox.aws.errors import (
    AwsError,
    already_exists,
    invalid_parameter,
    invalid_request,
    not_found,
)
from bot.sandbox.aws.paging import take_page
from bot.sandbox.aws.records import AIR_GAPPED_VAULT, AWS_KEY, CUSTOMER_KEY, Vault, VaultLock

SHORTEST_AIR_GAP_DAYS = 7
LONGEST_DAYS = 36500
SHORTEST_GRACE_DAYS = 3


def create_backup_vault(call: BackupCall) -> Result:
    key_arn = call.params.get("EncryptionKeyArn")
    if key_arn is not None and not key_arn.startswith("arn:"):
        raise invalid_parameter(f"Invalid encryption key ARN: {key_arn}")
    vault = _new_vault(call, key_arn or keys.backup_service_key(call.account, call.region))
    vault.key_type = AWS_KEY if keys.is_backup_service_key(vault.key_arn or "") else CUSTOMER_KEY
    return _created(_add(call, vault))


def create_logically_air_gapped_backup_vault(call: BackupCall) -> Result:
    low, high = call.params["MinRetentionDays"], call.params["MaxRetentionDays"]
    _check_range(low, high)
    if low < SHORTEST_AIR_GAP_DAYS:
        raise invalid_parameter(f"MinRetentionDays must be at least {SHORTEST_AIR_GAP_DAYS} days")
    vault = _new_vault(call, call.params.get("EncryptionKeyArn"))
    vault.key_type = CUSTOMER_KEY if vault.key_arn else AWS_KEY
    vault.vault_type = AIR_GAPPED_VAULT
    vault.lock = VaultLock(low, high, immutable_from=call.now)
    return {**_created(_add(call, vault)), "VaultState": "AVAILABLE"}


def describe_backup_vault(call: BackupCall) -> Result:
    return write_vault(call.vault())


def list_backup_vaults(call: BackupCall) -> Result:
    wanted = call.params.get("ByVaultType")
    if call.params.get("ByShared"):
        return {"BackupVaultList": []}

    def pick(key: tuple[str]) -> Vault | None:
        vault = call.books.vaults[key[0]]
        return vault if wanted in (None, vault.vault_type) else None

    names = sorted((name,) for name in call.books.vaults)
    vaults, token = take_page(names, pick, call.params, call.state.page_size)
    return without_none({"BackupVaultList": [write_vault(vault) for vault in vaults], "NextToken": token})


def delete_backup_vault(call: BackupCall) -> Result:
    vault = call.vault()
    if vault.points:
        raise invalid_request("Backup vault cannot be deleted because it contains recovery points.")
    call.books.remove_vault(vault.name)
    return {}


def get_backup_vault_access_policy(call: BackupCall) -> Result:
    vault = call.vault()
    if vault.policy is None:
        raise not_found(f"Backup vault {vault.name} has no access policy.")
    return {"BackupVaultName": vault.name, "BackupVaultArn": vault.arn, "Policy": vault.policy}


def put_backup_vault_access_policy(call: BackupCall) -> Result:
    vault = call.vault()
    text = call.params.get("Policy")
    if text is None:
        raise invalid_parameter("Policy is missing")
    check_vault_policy(text, vault)
    vault.policy = text
    return {}


def delete_backup_vault_access_policy(call: BackupCall) -> Result:
    call.vault().policy = None
    return {}


def put_backup_vault_lock_configuration(call: BackupCall) -> Result:
    vault = call.vault()
    _refuse_immutable(call, vault)
    low, high = call.params.get("MinRetentionDays"), call.params.get("MaxRetentionDays")
    _check_range(low, high)
    grace = call.params.get("ChangeableForDays")
    if grace is not None and grace < SHORTEST_GRACE_DAYS:
        raise invalid_parameter(f"ChangeableForDays must be at least {SHORTEST_GRACE_DAYS} days")
    vault.lock = VaultLock(low, high, call.now + timedelta(days=grace) if grace is not None else None)
    return {}


def delete_backup_vault_lock_configuration(call: BackupCall) -> Result:
    vault = call.vault()
    _refuse_immutable(call, vault)
    vault.lock = None
    return {}


def check_vault_policy(text: str, vault: Vault) -> None:
    """Refuse what AWS refuses in a vault's policy: wildcards, and other accounts doing more than copying in."""
    try:
        document = policies.parse(text)
    except ValueError as error:
        raise invalid_parameter(f"Invalid policy: {error}") from error
    for statement in policies.statements(document):
        actions = policies.as_list(statement.get("Action"))
        if any("*" in action for action in actions):
            raise invalid_parameter("Invalid policy: wildcards are not supported in the actions of a vault policy")
        others = [who for who in policies.principals(statement) if _is_foreign(who, vault.account)]
        allows_more = any(action.lower() != "backup:copyintobackupvault" for action in actions)
        if statement["Effect"] == "Allow" and others and allows_more:
            raise invalid_parameter("Invalid policy: other accounts can be allowed backup:CopyIntoBackupVault only")


def write_vault(vault: Vault) -> Result:
    """Write a vault as DescribeBackupVault and ListBackupVaults do."""
    lock = vault.lock
    return without_none(
        {
            "BackupVaultName": vault.name,
            "BackupVaultArn": vault.arn,
            "VaultType": vault.vault_type,
            "VaultState": "AVAILABLE",
            "EncryptionKeyArn": vault.key_arn,
            "EncryptionKeyType": vault.key_type,
            "CreationDate": vault.created_at,
            "CreatorRequestId": vault.creator_request_id or None,
            "NumberOfRecoveryPoints": len(vault.points),
            "Locked": lock is not None,
            "MinRetentionDays": lock.min_days if lock else None,
            "MaxRetentionDays": lock.max_days if lock else None,
            "LockDate": lock.immutable_from if lock else None,
        }
    )


def _new_vault(call: BackupCall, key_arn: str | None) -> Vault:
    name = call.params["BackupVaultName"]
    arn = str(arns.vault_arn(call.account, call.region, name))
    request_id = call.params.get("CreatorRequestId") or str(uuid.uuid4())
    return Vault(name, arn, call.account, call.region, call.now, key_arn=key_arn, creator_request_id=request_id)


def _add(call: BackupCall, vault: Vault) -> Vault:
    existing = call.books.vaults.get(vault.name)
    if existing is None:
        most = call.state.quotas.vaults
        if len(call.books.vaults) >= most:
            raise AwsError("LimitExceededException", f"An account has at most {most} vaults in a Region.")
        vault.tags = dict(call.params.get("BackupVaultTags") or {})
        call.books.vaults[vault.name] = vault
        return vault
    if existing.creator_request_id == vault.creator_request_id:
        return existing
    raise already_exists(
        "Backup vault with the same name already exists",
        arn=existing.arn,
        creator_request_id=existing.creator_request_id,
    )


def _created(vault: Vault) -> Result:
    return {"BackupVaultName": vault.name, "BackupVaultArn": vault.arn, "CreationDate": vault.created_at}


def _check_range(low: int | None, high: int | None) -> None:
    if low is not None and low < 1:
        raise invalid_parameter("MinRetentionDays must be at least 1 day")
    if high is not None and high > LONGEST_DAYS:
        raise invalid_parameter(f"MaxRetentionDays cannot exceed {LONGEST_DAYS} days")
    if low is not None and high is not None and low > high:
        raise invalid_parameter("MinRetentionDays cannot be greater than MaxRetentionDays")


def _refuse_immutable(call: BackupCall, vault: Vault) -> None:
    lock = vault.lock
    if lock is not None and lock.immutable_from is not None and lock.immutable_from <= call.now:
        raise invalid_request("Vault Lock configuration is immutable and cannot be modified")


def _is_foreign(principal: str, account: str) -> bool:
    named = principal if principal.isdigit() else arns.account_of(principal)
    return named not in ("", account)
