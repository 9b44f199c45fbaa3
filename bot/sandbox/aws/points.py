"""Recovery points: listed, described, deleted, and their lifecycle changed."""

from collections.abc import Callable
from typing import Any

from bot.sandbox.aws import arns
from bot.sandbox.aws.call import BackupCall, Result, without_none
from bot.sandbox.aws.errors import invalid_parameter, invalid_request
from bot.sandbox.aws.lifecycle import (
    age_days,
    for_point,
    read_lifecycle,
    write_calculated,
    write_lifecycle,
)
from bot.sandbox.aws.paging import take_page
from bot.sandbox.aws.records import Lifecycle, RecoveryPoint, SortKey, Vault

FILTERS: dict[str, Callable[[RecoveryPoint, Any], bool]] = {
    "ByResourceArn": lambda point, value: point.resource_arn == value,
    "ByResourceType": lambda point, value: value == "DynamoDB",
    "ByBackupPlanId": lambda point, value: (point.created_by or {}).get("BackupPlanId") == value,
    "ByCreatedBefore": lambda point, value: point.created_at < value,
    "ByCreatedAfter": lambda point, value: point.created_at > value,
    "ByParentRecoveryPointArn": lambda point, value: False,
}


def list_recovery_points_by_backup_vault(call: BackupCall) -> Result:
    vault = call.vault()
    resource = call.params.get("ByResourceArn")
    if resource and arns.is_dynamodb_backup(resource):
        raise invalid_parameter(f"Unsupported resource type: {resource}")
    filters = [(keep, call.params[name]) for name, keep in FILTERS.items() if name in call.params]

    def pick(key: SortKey) -> RecoveryPoint | None:
        point = vault.points[key[1]]
        return point if all(keep(point, value) for keep, value in filters) else None

    points, token = take_page(vault.newest_first(), pick, call.params, call.state.page_size)
    rows = [write_point(vault, point) for point in points]
    return without_none({"RecoveryPoints": rows, "NextToken": token})


def list_recovery_points_by_resource(call: BackupCall) -> Result:
    points = {point.sort_key: point for point in call.books.points_of(call.params["ResourceArn"])}
    rows, token = take_page(list(points), points.get, call.params, call.state.page_size)
    # The model gives BackupVaultName for EFS and EC2 points only, and no lifecycle at all.
    listed = [
        without_none(
            {
                "RecoveryPointArn": point.arn,
                "CreationDate": point.created_at,
                "Status": point.status,
                "StatusMessage": point.status_message,
                "EncryptionKeyArn": point.key_arn,
                "EncryptionKeyType": point.key_type,
                "BackupSizeBytes": point.size_bytes,
                "IsParent": False,
                "ResourceName": point.resource_name,
                "VaultType": call.books.vaults[point.vault].vault_type,
            }
        )
        for point in rows
    ]
    return without_none({"RecoveryPoints": listed, "NextToken": token})


def describe_recovery_point(call: BackupCall) -> Result:
    point = call.point()
    storage = "COLD" if point.is_cold(call.now) else point.storage_class
    scanned = {"ScanResults": point.scans} if point.scans else {}
    return {**write_point(call.vault(), point), "StorageClass": storage, **scanned}


def update_recovery_point_lifecycle(call: BackupCall) -> Result:
    vault, point = call.vault(), call.point()
    if vault.lock is not None:
        raise invalid_request("The lifecycle of a recovery point in a locked backup vault cannot be changed.")
    asked = read_lifecycle(call.params.get("Lifecycle"))
    lifecycle = for_point(asked)
    _check_cold(call, point, lifecycle)
    point.lifecycle = lifecycle
    call.books.watch(point)
    return {
        "BackupVaultArn": vault.arn,
        "RecoveryPointArn": point.arn,
        "Lifecycle": write_lifecycle(lifecycle),
        "CalculatedLifecycle": write_calculated(point),
    }


def delete_recovery_point(call: BackupCall) -> Result:
    vault, point = call.vault(), call.point()
    if vault.lock is not None:
        raise invalid_request("A recovery point in a locked backup vault cannot be deleted.")
    call.books.remove_point(point)
    return {}


def get_recovery_point_restore_metadata(call: BackupCall) -> Result:
    vault, point = call.vault(), call.point()
    metadata = {"originalTableName": point.resource_name, "encryptionType": "Default"}
    return {"BackupVaultArn": vault.arn, "RecoveryPointArn": point.arn, "RestoreMetadata": metadata}


def write_point(vault: Vault, point: RecoveryPoint) -> Result:
    """Write a point as the vault's list does; DescribeRecoveryPoint adds the storage class."""
    return without_none(
        {
            "RecoveryPointArn": point.arn,
            "BackupVaultName": vault.name,
            "BackupVaultArn": vault.arn,
            "SourceBackupVaultArn": point.source_vault_arn,
            "ResourceArn": point.resource_arn,
            "ResourceType": "DynamoDB",
            "ResourceName": point.resource_name,
            "CreatedBy": point.created_by,
            "IamRoleArn": point.role_arn,
            "Status": point.status,
            "StatusMessage": point.status_message,
            "CreationDate": point.created_at,
            "InitiationDate": point.created_at,
            "CompletionDate": point.completed_at,
            "BackupSizeInBytes": point.size_bytes,
            "Lifecycle": write_lifecycle(point.lifecycle) or None,
            "CalculatedLifecycle": write_calculated(point) or None,
            "EncryptionKeyArn": point.key_arn,
            "EncryptionKeyType": point.key_type,
            "IsEncrypted": True,
            "IsParent": False,
            "VaultType": vault.vault_type,
            "AggregatedScanResult": _scans_together(point) if point.scans else None,
        }
    )


def _scans_together(point: RecoveryPoint) -> Result:
    return {
        "FailedScan": any(scan["ScanJobState"] == "FAILED" for scan in point.scans),
        "Findings": sorted({finding for scan in point.scans for finding in scan["Findings"]}),
        "LastComputed": max(scan["LastScanTimestamp"] for scan in point.scans),
    }


def _check_cold(call: BackupCall, point: RecoveryPoint, lifecycle: Lifecycle) -> None:
    if lifecycle.cold_after is None:
        return
    if not point.advanced:
        raise invalid_parameter("Invalid lifecycle. MoveToColdStorageAfterDays is unavailable", detail="ERROR_3015")
    if lifecycle.cold_after == point.lifecycle.cold_after:
        return
    # Emulator decision: the rules are documented, the words are ours.
    if point.is_cold(call.now):
        raise invalid_parameter("Invalid lifecycle. MoveToColdStorageAfterDays cannot be changed in cold storage")
    if lifecycle.cold_after < age_days(point, call.now - point.created_at) + 1:
        raise invalid_parameter("Invalid lifecycle. MoveToColdStorageAfterDays must lie after the point's age")
