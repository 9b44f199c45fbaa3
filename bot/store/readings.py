"""One reading of an area turned into rows: short names, what to search in, how many backups a table has there."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256

from bot.domain.backups import RecoveryPoint, Vault, table_name_of, table_place_of
from bot.domain.ports import Holdings
from bot.store.codec import document, in_utc

Row = dict[str, object]

_KEY_LENGTH = 24
_DIGEST_LENGTH = 16


@dataclass(frozen=True, slots=True)
class Reading:
    """The rows that one area comes to; points by key."""

    points: dict[str, Row]
    tables: list[Row]
    vaults: list[Row]


def rows_of(account: str, region: str, holdings: Holdings) -> Reading:
    """Turn what an account holds in a Region into rows, each thing once; points without a table are left out."""
    points: dict[str, Row] = {}
    made_at: dict[str, dict[str, datetime]] = {}
    for point in holdings.points:
        table_key = _table_key(point.table_arn)
        if table_key is not None:
            key = _short(point.vault.arn + point.arn)
            points[key] = _point_row(account, region, key, table_key, point)
            made_at.setdefault(point.table_arn, {})[key] = point.created_at
    tables = [_table_row(account, region, arn, times.values()) for arn, times in made_at.items()]
    vaults = {vault.ref.name: vault for vault in holdings.vaults}
    return Reading(points, tables, [_vault_row(account, region, vault) for vault in vaults.values()])


def _point_row(account: str, region: str, key: str, table_key: str, point: RecoveryPoint) -> Row:
    for end in (point.delete_at, point.cold_at):
        if end is not None:
            in_utc(end)
    text = document(point, RecoveryPoint)
    return {
        "key": key,
        "table_key": table_key,
        "account": account,
        "region": region,
        "created_at": point.created_at,
        "digest": sha256(text.encode()).hexdigest()[:_DIGEST_LENGTH],
        "point": text,
    }


def _table_row(account: str, region: str, arn: str, made_at: Collection[datetime]) -> Row:
    name = table_name_of(arn)
    own_account, own_region = table_place_of(arn)
    return {
        "key": _table_key(arn),
        "held_account": account,
        "held_region": region,
        "arn": arn,
        "name": name,
        "account": own_account,
        "region": own_region,
        # One word is looked for within one line, never across two of them.
        "search": "\n".join((name, own_account, own_region)).lower(),
        "backups": len(made_at),
        "newest": max(made_at),
    }


def _vault_row(account: str, region: str, vault: Vault) -> Row:
    return {"account": account, "region": region, "name": vault.ref.name, "vault": vault}


# An area has many backups of few tables.
@lru_cache(maxsize=16_384)
def _table_key(arn: str) -> str | None:
    try:
        table_place_of(arn)
    except ValueError:
        # Without the ARN of a table there is no table to find a backup under.
        return None
    return _short(arn)


def _short(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:_KEY_LENGTH]
