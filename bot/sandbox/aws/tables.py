"""DynamoDB tables behind the recovery points: created, read at backup time, brought back by a restore."""

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from boto3.dynamodb.types import TypeSerializer
from moto.dynamodb.models import dynamodb_backends
from moto.dynamodb.models.table import Table

from bot.sandbox.aws.records import TableContent

DEFAULT_KEY = "id"


# What a restore makes of a seeded point whose table never existed.
EMPTY = TableContent(
    {
        "schema": [{"AttributeName": DEFAULT_KEY, "KeyType": "HASH"}],
        "attr": [{"AttributeName": DEFAULT_KEY, "AttributeType": "S"}],
        "throughput": None,
        "global_indexes": [],
        "indexes": [],
        "billing_mode": "PAY_PER_REQUEST",
    },
    (),
)


def create(account: str, region: str, name: str, items: Iterable[Mapping[str, Any]], *, key: str) -> Table:
    """Create an on-demand table with a string hash key and put plain Python items into it."""
    definition = copy.deepcopy(EMPTY.definition)
    definition["schema"][0]["AttributeName"] = definition["attr"][0]["AttributeName"] = key
    serialize = TypeSerializer().serialize
    rows = ({field: serialize(value) for field, value in item.items()} for item in items)
    return _build(account, region, name, definition, rows)


def find(account: str, region: str, name: str) -> Table | None:
    return dynamodb_backends[account][region].tables.get(name)


def tags_of(table: Table) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in table.tags or []}


def snapshot(table: Table) -> TableContent:
    """Record a table's definition and items, apart from the live table from then on."""
    definition = {
        "schema": table.schema,
        "attr": table.attr,
        "throughput": table.throughput,
        "global_indexes": [_index(index.describe()) for index in table.global_indexes],
        "indexes": [_index(index.describe()) for index in table.indexes],
        "billing_mode": table.billing_mode,
    }
    items = tuple(item.to_json()["Attributes"] for item in table.all_items())
    return TableContent(copy.deepcopy(definition), copy.deepcopy(items))


def restore(account: str, region: str, name: str, content: TableContent, sse: dict[str, Any] | None) -> str:
    """Create a table out of a recorded content and return its ARN."""
    table = _build(account, region, name, copy.deepcopy(content.definition), content.items, sse=sse)
    return str(table.table_arn)


def _build(
    account: str,
    region: str,
    name: str,
    definition: dict[str, Any],
    items: Iterable[Mapping[str, Any]],
    *,
    sse: dict[str, Any] | None = None,
) -> Table:
    table = dynamodb_backends[account][region].create_table(
        name,
        **definition,
        streams=None,
        sse_specification=sse,
        tags=[],
        deletion_protection_enabled=False,
        warm_throughput=None,
    )
    for item in items:
        table.put_item(copy.deepcopy(dict(item)))
    return table


def _index(described: dict[str, Any]) -> dict[str, Any]:
    wanted = ("IndexName", "KeySchema", "Projection", "ProvisionedThroughput")
    return {field: described[field] for field in wanted if described.get(field) is not None}


def size_of(table: Table) -> int:
    """Count the bytes of a table's items, roughly as DynamoDB does."""
    return sum(int(item.size()) for item in table.all_items())


def tables_in(account: str, region: str) -> list[Table]:
    return list(dynamodb_backends[account][region].tables.values())
