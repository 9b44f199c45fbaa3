"""What a rule's `when` may ask of a step beyond its names: a size, a retention, whether it can be undone.

What is not known is taken for the worse: it fits `>` and never `<`, so that it falls to the stricter rule.
"""

import math
import operator
import re
from collections.abc import Callable

_OPERATORS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_UNITS = {unit: 1024**power for power, unit in enumerate(("B", "KB", "MB", "GB", "TB", "PB"))}
_DAYS = {"d": 1, "w": 7, "y": 365}
_COMPARISON = re.compile(r"(?P<sign>>=|<=|>|<) ?(?P<number>[0-9]{1,9}(?:\.[0-9]{1,3})?) ?(?P<unit>[A-Za-z]{1,2})")
_AMOUNT = re.compile(r"(?P<number>[0-9]{1,9}(?:\.[0-9]{1,3})?) ?(?P<unit>[A-Za-z]{1,2})")

PERMANENT = "permanent"
# What people call 100 years: AWS's largest number of days.
CENTURY = 36_500


def size_fits(condition: str, size: int | None) -> bool:
    """Whether a size in bytes fits a condition such as ">100GB" (powers of 1,024). ValueError: no such condition."""
    return _fits(condition, size, _UNITS)


def days_fit(condition: str, days: float | None) -> bool:
    """Whether a retention fits ">=3650d" or "permanent" (no end, or 36,500 days); no end is more than any number.

    Raises ValueError for what is no such condition.
    """
    if condition == PERMANENT:
        return days is None or days >= CENTURY
    return _fits(condition, days, _DAYS)


def read_size(text: str) -> int:
    """Bytes of a size such as 200GB. Raises ValueError."""
    return int(_amount(text, _UNITS))


def read_days(text: str) -> float:
    """Days of a retention such as 90d or 10y; infinite for "permanent". Raises ValueError."""
    return math.inf if text == PERMANENT else _amount(text, _DAYS)


def bounds(condition: str, read: Callable[[str], float]) -> tuple[float, float]:
    """The closed range of values that fit a condition, for comparing two rules."""
    if condition == PERMANENT:
        return CENTURY, math.inf
    found = _COMPARISON.fullmatch(condition)
    if found is None:
        raise ValueError(condition)
    value = read(found["number"] + found["unit"])
    match found["sign"]:
        case ">=":
            return value, math.inf
        case ">":
            return math.nextafter(value, math.inf), math.inf
        case "<=":
            return 0, value
        case _:
            return 0, math.nextafter(value, 0)


def _fits(condition: str, value: float | None, units: dict[str, int]) -> bool:
    found = _COMPARISON.fullmatch(condition)
    if found is None:
        raise ValueError(f"not a comparison: {condition!r}")
    bound = _number(found, units)
    if value is None:
        return found["sign"].startswith(">")
    return _OPERATORS[found["sign"]](value, bound)


def _amount(text: str, units: dict[str, int]) -> float:
    found = _AMOUNT.fullmatch(text)
    if found is None:
        raise ValueError(f"not an amount: {text!r}")
    return _number(found, units)


def _number(found: re.Match[str], units: dict[str, int]) -> float:
    if found["unit"] not in units:
        raise ValueError(f"unknown unit: {found['unit']!r}")
    return float(found["number"]) * units[found["unit"]]
