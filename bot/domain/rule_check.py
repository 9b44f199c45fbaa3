"""Which rules can never decide, and which speak of the same requests: worth a warning, never a refusal."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from functools import cache
from itertools import combinations

from bot.domain.approvals import Rule
from bot.domain.conditions import bounds, read_days, read_size

_WILD = "*?"


def rule_warnings(rules: Sequence[Rule]) -> Iterator[str]:
    """A sentence for each rule that is never reached, and for each two that overlap without one being the narrower."""
    pairs = list(combinations(enumerate(rules), 2))
    hidden: dict[int, int] = {}
    for (first, earlier), (second, later) in pairs:
        if _covers(earlier, later):
            hidden.setdefault(second, first)
    for second, first in sorted(hidden.items()):
        yield f"approvals[{second}] is never reached: approvals[{first}] matches everything that it does"
    for (first, earlier), (second, later) in pairs:
        if not {first, second} & hidden.keys() and _meet(earlier, later) and not _covers(later, earlier):
            yield f"approvals[{first}] and approvals[{second}] overlap: where both match, approvals[{first}] decides"


def _covers(wide: Rule, narrow: Rule) -> bool:
    """Whether a rule matches everything that another one does."""
    asked = dict(narrow.when)
    return all(key in asked and _implies(key, asked[key], condition) for key, condition in wide.when)


def _meet(one: Rule, other: Rule) -> bool:
    """Whether something could match both rules."""
    asked = dict(other.when)
    return all(_compatible(key, condition, asked[key]) for key, condition in one.when if key in asked)


def _implies(key: str, narrow: str, wide: str) -> bool:
    if key in ("size", "retention"):
        (low, high), (least, most) = _range(key, narrow), _range(key, wide)
        return least <= low and high <= most
    if narrow == wide:
        return True
    if key == "irreversible" or ("*" in narrow and "?" in wide):
        return False
    # A wildcard in the narrow pattern stands for text that only a wildcard of the wide one takes in.
    return fnmatchcase(narrow.replace("?", "\0").replace("*", "\0"), wide)


def _compatible(key: str, one: str, other: str) -> bool:
    if key in ("size", "retention"):
        (low, high), (least, most) = _range(key, one), _range(key, other)
        return max(low, least) <= min(high, most)
    return one == other if key == "irreversible" else patterns_meet(one, other)


def _range(key: str, condition: str) -> tuple[float, float]:
    return bounds(condition, read_size if key == "size" else read_days)


def patterns_meet(one: str, other: str) -> bool:
    """Whether a text matches both of two patterns of `*` and `?`."""

    @cache
    def meet(i: int, j: int) -> bool:
        if i == len(one):
            return all(sign == "*" for sign in other[j:])
        if j == len(other):
            return all(sign == "*" for sign in one[i:])
        if one[i] == "*" or other[j] == "*":
            return meet(i + 1, j) if one[i] == "*" and meet(i + 1, j) else _go_on(i, j)
        return (one[i] == other[j] or "?" in (one[i], other[j])) and meet(i + 1, j + 1)

    def _go_on(i: int, j: int) -> bool:
        # The star takes one more character of the other pattern, or is over.
        return meet(i, j + 1) or (other[j] == "*" and meet(i + 1, j))

    return meet(0, 0)
