"""Pages of sorted rows: opaque tokens that stay true while rows come and go."""

import base64
import binascii
import json
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from bot.sandbox.aws.errors import invalid_parameter

Row = TypeVar("Row")
Key = TypeVar("Key", bound=tuple[Any, ...])


def take_page(
    keys: Sequence[Key], pick: Callable[[Key], Row | None], params: Mapping[str, Any], default_size: int
) -> tuple[list[Row], str | None]:
    """Pick up to MaxResults rows after NextToken. `pick` gives None for a row the filters leave out."""
    size = params.get("MaxResults") or default_size
    start = _after(keys, params["NextToken"]) if params.get("NextToken") else 0
    rows: list[Row] = []
    last: Key | None = None
    for index in range(start, len(keys)):
        row = pick(keys[index])
        if row is None:
            continue
        if len(rows) == size:
            return rows, _write_token(last)
        rows.append(row)
        last = keys[index]
    return rows, None


def _write_token(key: tuple[Any, ...] | None) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def _after(keys: Sequence[Key], token: str) -> int:
    """Find where the rows after a token begin. Raises AwsError for a token that no page of this list gave."""
    try:
        last: Any = tuple(json.loads(base64.urlsafe_b64decode(token.encode())))
        return bisect_right(keys, last)
    except (binascii.Error, ValueError, TypeError) as error:
        raise invalid_parameter("Invalid next token") from error
