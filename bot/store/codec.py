"""How values cross into columns and back: UTC moments, records as JSON, text that a person typed.

A naive time is refused here, at the last door before the disk, because nobody could tell later what it meant.
"""

import json
import logging
import re
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import JSON, DateTime, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

log = logging.getLogger(__name__)

# PostgreSQL cannot store NUL in text, and neither driver can encode half of a surrogate pair; JSON from the outside
# may carry both, and a row that can never be written would be retried for ever.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


class Document(str):
    """JSON text that is ready to be stored."""

    __slots__ = ()


class Moment(TypeDecorator[datetime]):
    """An aware time, kept to the microsecond and always given back in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else in_utc(value)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        # SQLite has no time zones, so what comes back from there is the UTC that was put in, without saying so.
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Record(TypeDecorator[Any]):
    """A domain dataclass (or a Document made of one) as JSON; None is SQL's NULL."""

    impl = JSON(none_as_null=True)
    cache_ok = True

    def __init__(self, of: type) -> None:
        super().__init__()
        self.of = of

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        return value if value is None or isinstance(value, Document) else _adapter(self.of).dump_python(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        return None if value is None else _with_utc(_adapter(self.of).validate_python(value))


class Legible(Record):
    """A Record that is None where another version wrote what nobody here can read: one row keeps no others back."""

    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        try:
            return super().process_result_value(value, dialect)
        except ValidationError as error:
            log.warning("record_unreadable", extra={"of": self.of.__name__}, exc_info=error)
            return None


class Prose(TypeDecorator[str]):
    """Text from the outside; characters that no database stores become the replacement character."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


def storable(text: str) -> str:
    """Replace what neither database can hold."""
    return _UNSTORABLE.sub(_REPLACEMENT, text)


def in_utc(moment: datetime) -> datetime:
    """Turn an aware time into UTC. Raises ValueError for a naive one."""
    if moment.utcoffset() is None:
        raise ValueError(f"a time without a time zone cannot be stored: {moment!r}")
    return moment.astimezone(UTC)


def to_json(value: object) -> str:
    """Write plain values and moments as JSON; the engine uses this for every JSON column."""
    if isinstance(value, Document):
        return value
    return json.dumps(value, default=_moment_to_text, separators=(",", ":"), allow_nan=False)


def document(value: object, of: type) -> Document:
    """A record as it will be stored, five times as fast as through its column; equal records give equal text.

    Times are written as they are, so whoever calls this for many records has to see to it that none is naive.
    """
    return Document(_adapter(of).dump_json(value), "utf-8")


def plain(value: object, of: type) -> Any:
    """A record as JSON values, for a column that holds records of several types."""
    return _adapter(of).dump_python(value)


def record(value: object, of: type) -> Any:
    """A record from such JSON values."""
    return _with_utc(_adapter(of).validate_python(value))


def record_in(text: str, of: type) -> Any:
    """A record from the JSON text of its column, ten times as fast as through its column."""
    return _with_utc(_adapter(of).validate_json(text))


def _moment_to_text(value: object) -> str:
    if isinstance(value, datetime):
        return in_utc(value).isoformat()
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def _with_utc(value: Any) -> Any:
    # pydantic has a class of its own for "+00:00"; it is equal to UTC but does not print the same, and what comes
    # out of the store must be in no way different from what went in.
    if isinstance(value, datetime):
        return in_utc(value)
    for name in _fields_of(value):
        inner = getattr(value, name)
        if isinstance(inner, datetime) or _fields_of(inner):
            # Nobody else has seen this record yet, so it may still be changed.
            object.__setattr__(value, name, _with_utc(inner))
    return value


def _fields_of(value: object) -> tuple[str, ...]:
    kind: type = type(value)
    return _field_names(kind)


@cache
def _field_names(of: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(of)) if is_dataclass(of) else ()


@cache
def _adapter(of: type) -> TypeAdapter[Any]:
    return TypeAdapter(of)
