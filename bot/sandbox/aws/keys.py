"""KMS keys of vaults: made in moto's KMS, so that disabling one there is seen by the copies here."""

import json

from moto.kms.models import Key, kms_backends

from bot.sandbox.aws import arns, policies
from bot.sandbox.aws.policies import Caller, Verdict

BACKUP_ALIAS = "alias/aws/backup"
SERVICE_LINKED_ROLE = "aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup"


def new_customer_key(account: str, region: str) -> str:
    """Make a customer managed key and return its ARN."""
    return str(_new_key(account, region, "Customer key of a backup vault").arn)


def backup_service_key(account: str, region: str) -> str:
    """Return the ARN of the account's `aws/backup` key, made when first needed, as AWS does."""
    backend = kms_backends[account][region]
    if not backend.alias_exists(BACKUP_ALIAS):
        key = _new_key(account, region, "Default key that protects my backups")
        key.key_manager = "AWS"
        backend.create_alias(key.id, BACKUP_ALIAS)
    return str(backend.describe_key(BACKUP_ALIAS).arn)


def is_backup_service_key(key_arn: str) -> bool:
    key = find_key(key_arn)
    return key is not None and key.key_manager == "AWS"


def find_key(key_arn: str) -> Key | None:
    """Find a key by its ARN, wherever it lives."""
    parts = key_arn.split(":")
    if len(parts) < 6:
        return None
    return kms_backends[arns.account_of(key_arn)][parts[3]].keys.get(parts[5].removeprefix("key/"))


def is_usable(key: Key) -> bool:
    return bool(key.enabled) and key.key_state == "Enabled"


def admits(key: Key, caller: Caller, action: str) -> bool:
    """Tell whether a key's policy lets a principal use the key; one that names the account's root leaves it to IAM.

    The call comes by way of AWS Backup, as the conditions that AWS recommends for such keys ask. Emulator decision: a
    policy that cannot be judged here admits nobody.
    """
    by_way_of = {
        "kms:ViaService": f"backup.{arns.region_of(str(key.arn))}.amazonaws.com",
        "kms:GrantIsForAWSResource": "true",
        "kms:CallerAccount": caller.account,
    }
    try:
        document = policies.parse(key.policy)
    except (json.JSONDecodeError, ValueError):
        return False
    asking = Caller(caller.arn, caller.account, caller.organization, caller.organization_path, by_way_of)
    return policies.evaluate(document, asking, action, str(key.arn)) is Verdict.ALLOWED


def _new_key(account: str, region: str, description: str) -> Key:
    # moto makes an RSA pair even for a symmetric key, which takes 75 ms; a curve is made at once.
    key = kms_backends[account][region].create_key(
        policy=None,
        key_usage="ENCRYPT_DECRYPT",
        key_spec="ECC_NIST_P256",
        description=description,
        tags=None,
    )
    key.key_spec = "SYMMETRIC_DEFAULT"
    return key
