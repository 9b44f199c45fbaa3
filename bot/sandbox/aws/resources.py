"""Protected resources: which tables have recovery points, where, and since when."""

from bot.sandbox.aws.call import BackupCall, Result, without_none
from bot.sandbox.aws.errors import not_found
from bot.sandbox.aws.paging import take_page
from bot.sandbox.aws.records import RecoveryPoint


def list_protected_resources(call: BackupCall) -> Result:
    # Emulator decision: a table whose only points here are copies from elsewhere is listed too.
    newest = {arn: call.books.newest_of(arn) for arn in call.books.resources()}
    return _page(call, newest)


def list_protected_resources_by_backup_vault(call: BackupCall) -> Result:
    vault = call.vault()
    newest: dict[str, RecoveryPoint] = {}
    for _, arn in vault.newest_first():
        newest.setdefault(vault.points[arn].resource_arn, vault.points[arn])
    return _page(call, newest)


def describe_protected_resource(call: BackupCall) -> Result:
    points = call.books.points_of(call.params["ResourceArn"])
    if not points:
        raise not_found(f"Cannot find resource {call.params['ResourceArn']}")
    return _write(call, points[0])


def _page(call: BackupCall, newest: dict[str, RecoveryPoint]) -> Result:
    keys = sorted((arn,) for arn in newest)
    rows, token = take_page(keys, lambda key: newest[key[0]], call.params, call.state.page_size)
    return without_none({"Results": [_write(call, point) for point in rows], "NextToken": token})


def _write(call: BackupCall, point: RecoveryPoint) -> Result:
    return {
        "ResourceArn": point.resource_arn,
        "ResourceType": "DynamoDB",
        "ResourceName": point.resource_name,
        "LastBackupTime": point.created_at,
        "LastBackupVaultArn": call.books.vaults[point.vault].arn,
        "LastRecoveryPointArn": point.arn,
    }
