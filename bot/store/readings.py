"""One reading of an area turned into rows: short names, what to search in, how many backups a table has there."""

from collections.abc import Iterable
from hashlib import sha256

from bot.domain.backups import RecoveryPoint, Vault, table_name_of, table_place_of
from bot.store.codec import document

Row = dict[str, object]

_KEY_LENGTH = 24
_DIGEST_LENGTH = 16


def point_rows(account: str, region: str, points: Iterable[RecoveryPoint]) -> dict[str, Row]:
    """Rows of the points that belong to a DynamoDB table, each once, by key."""
    return {point_key(point): _point_row(account, region, point) for point in points if _has_table(point)}


def table_rows(account: str, region: str, points: Iterable[RecoveryPoint]) -> list[Row]:
    """What this area holds of each table: how many backups, and when the newest was made."""
    held: dict[str, dict[str, RecoveryPoint]] = {}
    for point in points:
        if _has_table(point):
            held.setdefault(point.table_arn, {})[point_key(point)] = point
    return [_table_row(account, region, arn, list(by_key.values())) for arn, by_key in held.items()]


def vault_rows(account: str, region: str, vaults: Iterable[Vault]) -> list[Row]:
    """Rows of the vaults, each once."""
    by_name = {vault.ref.name: vault for vault in vaults}
    return [{"account": account, "region": region, "name": name, "vault": vault} for name, vault in by_name.items()]


def point_key(point: RecoveryPoint) -> str:
    """The short name of a point: a snapshot's ARN does not name its vault, so the vault's ARN is part of it."""
    return _short(point.vault.arn + point.arn)


def table_key(arn: str) -> str:
    """The short name of a table."""
    return _short(arn)


def _point_row(account: str, region: str, point: RecoveryPoint) -> Row:
    text = document(point, RecoveryPoint)
    return {
        "key": point_key(point),
        "table_key": table_key(point.table_arn),
        "account": account,
        "region": region,
        "created_at": point.created_at,
        "digest": sha256(text.encode()).hexdigest()[:_DIGEST_LENGTH],
        "point": point,
    }


def _table_row(account: str, region: str, arn: str, held: list[RecoveryPoint]) -> Row:
    name = table_name_of(arn)
    own_account, own_region = table_place_of(arn)
    return {
        "key": table_key(arn),
        "held_account": account,
        "held_region": region,
        "arn": arn,
        "name": name,
        "account": own_account,
        "region": own_region,
        # One word is looked for within one line, never across two of them.
        "search": "\n".join((name, own_account, own_region)).lower(),
        "backups": len(held),
        "newest": max(point.created_at for point in held),
    }


def _has_table(point: RecoveryPoint) -> bool:
    try:
        table_place_of(point.table_arn)
    except ValueError:
        # Without a table's ARN there is no table to find this backup under.
        return False
    return True


def _short(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:_KEY_LENGTH]
