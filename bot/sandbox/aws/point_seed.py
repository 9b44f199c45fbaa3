"""Recovery points by hand: one, or a hundred thousand at once."""

from collections.abc import Sequence
from datetime import datetime

from bot.sandbox.aws import arns
from bot.sandbox.aws.identity import DEFAULT_SERVICE_ROLE
from bot.sandbox.aws.records import RecoveryPoint, Vault


def new_point(
    vault: Vault, table_arn: str, created_at: datetime, *, advanced: bool = True, continuous: bool = False
) -> RecoveryPoint:
    """Write a finished backup of a table, made in no time at `created_at`."""
    at_ms = int(created_at.timestamp() * 1000)
    arn = (
        arns.new_point_arn(vault.region, vault.account, continuous=continuous)
        if advanced
        else arns.new_dynamodb_backup_arn(table_arn, at_ms=at_ms)
    )
    return RecoveryPoint(
        arn=arn,
        account=vault.account,
        region=vault.region,
        vault=vault.name,
        resource_arn=table_arn,
        resource_name=arns.table_name(table_arn),
        created_at=created_at,
        completed_at=created_at,
        size_bytes=0,
        continuous=continuous,
        key_arn=vault.key_arn,
        key_type=vault.key_type,
        role_arn=arns.role_arn(vault.account, DEFAULT_SERVICE_ROLE),
    )


def many_points(vault: Vault, table_arns: Sequence[str], moments: Sequence[datetime]) -> list[RecoveryPoint]:
    """Write one backup for each moment, going round the tables."""
    return [new_point(vault, table_arns[number % len(table_arns)], moment) for number, moment in enumerate(moments)]
