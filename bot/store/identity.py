"""A request's id as people say it, and the number behind it."""

import re

_ID = re.compile(r"CB-([1-9][0-9]{0,8})")


def number_of(request_id: str) -> int:
    """The number behind a request's id; 0, which no request has, for anything that is not such an id."""
    found = _ID.fullmatch(request_id)
    return int(found[1]) if found else 0


def id_of(number: int) -> str:
    """The id of a request as people say it."""
    return f"CB-{number}"
