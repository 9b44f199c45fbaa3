"""Read long pages of recovery points without botocore's parser, which takes ten times as long as the JSON itself.

botocore emits `before-parse` with the raw answer: what a handler puts into `customized_response_dict` is in the parsed
answer as it is (https://github.com/boto/botocore, endpoint.py). A botocore without the event just parses all of it.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from botocore.utils import parse_timestamp

PAGES = "before-parse.backup.ListRecoveryPointsByBackupVault"
_LIST = "RecoveryPoints"


def read_pages_leanly(client: Any) -> None:
    """Let this AWS Backup client read pages of recovery points in the quick way; what they hold stays the same."""
    client.meta.events.register(PAGES, _read_page)


def moment(value: Any) -> Any:
    """Read a timestamp straight as UTC: by way of the machine's own zone, where botocore puts it, an inventory of
    100,000 recovery points spends half its time on the three dates of each.
    """
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OSError, OverflowError, TypeError, ValueError):
        # Text, as STS writes it, or a date so far off that only botocore's arithmetic reaches it.
        return parse_timestamp(value)


def _read_page(operation_model: Any, response_dict: Any, customized_response_dict: dict[str, Any], **_: Any) -> None:
    """Take the recovery points out of the raw answer; what is no such answer is left for botocore to judge."""
    if response_dict["status_code"] != 200:
        return
    try:
        page = json.loads(response_dict["body"])
        points = _points(page.pop(_LIST), operation_model.output_shape.members[_LIST].member)
    except (AttributeError, KeyError, TypeError, ValueError):
        return
    customized_response_dict[_LIST] = points
    response_dict["body"] = json.dumps(page).encode()


def _points(items: Sequence[Mapping[str, Any]], shape: Any) -> list[dict[str, Any]]:
    times, parts = _timestamps(shape), {}
    for name, member in shape.members.items():
        if member.type_name == "structure" and (inner := _timestamps(member)):
            parts[name] = inner
    return [_with_moments(item, times, parts) for item in items]


def _timestamps(shape: Any) -> frozenset[str]:
    return frozenset(name for name, member in shape.members.items() if member.type_name == "timestamp")


def _with_moments(
    item: Mapping[str, Any], times: frozenset[str], parts: Mapping[str, frozenset[str]]
) -> dict[str, Any]:
    """The members as botocore would give them: those that are null are left out, dates are dates."""
    read: dict[str, Any] = {}
    for name, value in item.items():
        if value is None:
            continue
        if name in times:
            read[name] = moment(value)
        elif name in parts:
            read[name] = _with_moments(value, parts[name], {})
        else:
            read[name] = value
    return read
