"""What a check found, as one line each: a mark, what was looked at, and what to do about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum


class Mark(Enum):
    """FINE and CARE let the bot run, FAULT does not, UNKNOWN could not be looked at."""

    FINE = "✓"
    CARE = "!"
    FAULT = "✗"
    UNKNOWN = "?"


@dataclass(frozen=True, slots=True)
class Line:
    mark: Mark
    what: str
    remedy: str = ""

    def __str__(self) -> str:
        todo = "".join(f"\n      {part}" for part in self.remedy.splitlines())
        return f"  {self.mark.value} {' '.join(self.what.split())}{todo}"


Lines = Iterator[Line]


def fine(what: str) -> Line:
    return Line(Mark.FINE, what)


def care(what: str, remedy: str = "") -> Line:
    return Line(Mark.CARE, what, remedy)


def fault(what: str, remedy: str = "") -> Line:
    return Line(Mark.FAULT, what, remedy)


def unknown(what: str, remedy: str = "") -> Line:
    return Line(Mark.UNKNOWN, what, remedy)
