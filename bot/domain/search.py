"""Searching while somebody types: words in any order and any case, and the dates that words can mean."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

# The beginning of a date as labels write it, at least the year of it.
_DATE = re.compile(r"(19|20)\d\d(-(\d{0,2}|\d{2}-\d{0,2}))?", re.ASCII)
# No zone's calendar is further from UTC's.
_ANY_ZONE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Span:
    """The time from `start` up to `end`, in UTC, in which `word` is (part of) the date, wherever one lives."""

    word: str
    start: datetime
    end: datetime


def fold(text: str) -> str:
    """What texts have in common that differ only in case, or in how their letters are put together."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFKC", text).casefold()


def words_of(query: str) -> list[str]:
    """Split what a person typed into the words that all have to match, each once."""
    return list(dict.fromkeys(fold(query).split()))


def matches(words: Iterable[str], folded: str) -> bool:
    """Whether a folded text holds every word, anywhere and in any order."""
    return all(word in folded for word in words)


def spans_of(words: Iterable[str], names: Sequence[str]) -> list[Span]:
    """The times, all of which something has to name to match these words; a word within a name may not mean a time."""
    spans = (_span(word) for word in words if not any(word in fold(name) for name in names))
    return [span for span in spans if span is not None]


def _span(word: str) -> Span | None:
    if not _DATE.fullmatch(word):
        return None
    try:
        (first_month, first), (last_month, last) = _filled(word, "0000-00-00"), _filled(word, "9999-99-99")
        start = first_month + timedelta(days=max(first, 1) - 1) - _ANY_ZONE
        return Span(word, start, last_month + timedelta(days=min(last, 31)) + _ANY_ZONE)
    except (ValueError, OverflowError):
        # A year that no calendar here reaches.
        return None


def _filled(word: str, rest: str) -> tuple[datetime, int]:
    """The month and the day that the rest of a date makes of its beginning."""
    year, month, day = (int(part) for part in (word + rest[len(word) :]).split("-"))
    return datetime(year, min(max(month, 1), 12), 1, tzinfo=UTC), day
