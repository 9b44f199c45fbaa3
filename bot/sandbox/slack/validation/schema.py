"""A few combinators with which the limits of Block Kit can be written down as tables."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from .problem import Problem

Check: TypeAlias = Callable[[Any, str], Iterator[Problem]]
"""Looks at a value that stands at a JSON pointer and yields what is wrong with it."""


def string(most: int | None = None, *, least: int = 1, pattern: str | None = None) -> Check:
    """Accept text of `least` to `most` characters that matches the pattern as a whole."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield Problem("must provide a string", at)
        elif len(value) < least:
            yield Problem(f"must be more than {least - 1} characters", at)
        elif most is not None and len(value) > most:
            yield Problem(f"must be less than {most + 1} characters", at)
        elif pattern is not None and not re.fullmatch(pattern, value):
            yield Problem(f"does not match regex {pattern}", at)

    return check


def integer(least: int = 0, most: int | None = None) -> Check:
    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, int) or isinstance(value, bool):
            yield Problem("must provide an integer", at)
        elif value < least:
            yield Problem(f"must be greater than or equal to {least}", at)
        elif most is not None and value > most:
            yield Problem(f"must be less than or equal to {most}", at)

    return check


def boolean(value: Any, at: str) -> Iterator[Problem]:
    if not isinstance(value, bool):
        yield Problem("must provide a boolean", at)


def anything(value: Any, at: str) -> Iterator[Problem]:
    """Accept whatever comes: a field this workspace doesn't look into."""
    yield from ()


def one_of(*choices: object) -> Check:
    def check(value: Any, at: str) -> Iterator[Problem]:
        if value not in choices:
            yield Problem(f"must be a valid enum value: {', '.join(map(str, choices))}", at)

    return check


def listed(item: Check, most: int | None = None, *, least: int = 1) -> Check:
    """Accept a list of `least` to `most` items, each of which passes `item`."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield Problem("must provide an array", at)
            return
        if len(value) < least:
            yield Problem(f"no less than {least} items allowed", at)
        if most is not None and len(value) > most:
            yield Problem(f"no more than {most} items allowed", at)
        for index, one in enumerate(value):
            yield from item(one, f"{at}/{index}")

    return check


def record(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    """Accept an object with these fields and no others."""
    fields = {**required, **(optional or {})}

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem("must provide an object", at)
            return
        for name in required:
            if value.get(name) is None:
                yield Problem(f"missing required field: {name}", at)
        for name, inner in value.items():
            if name not in fields:
                yield Problem(f"invalid additional property: {name}", at)
            elif inner is not None:
                yield from fields[name](inner, f"{at}/{name}")

    return check


def by_type(kinds: Mapping[str, Check], *, allowed: Sequence[str] | None = None) -> Check:
    """Accept an object whose `type` names one of the kinds, and that kind's fields."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield Problem("must provide an object", at)
            return
        kind = value.get("type")
        if kind is None:
            yield Problem("missing required field: type", at)
        elif kind not in kinds or (allowed is not None and kind not in allowed):
            yield Problem(f"unsupported type: {kind}", f"{at}/type")
        else:
            yield from kinds[kind](value, at)

    return check


def every(*checks: Check) -> Check:
    """Accept what all the checks accept."""

    def check(value: Any, at: str) -> Iterator[Problem]:
        for one in checks:
            yield from one(value, at)

    return check


def exactly_one_of(*names: str) -> Check:
    def check(value: Any, at: str) -> Iterator[Problem]:
        given = [name for name in names if isinstance(value, dict) and value.get(name) is not None]
        if isinstance(value, dict) and len(given) != 1:
            yield Problem(f"must define either `{'` or `'.join(names)}`", at)

    return check


def at_least_one_of(*names: str) -> Check:
    def check(value: Any, at: str) -> Iterator[Problem]:
        if isinstance(value, dict) and not any(value.get(name) is not None for name in names):
            yield Problem(f"must define either `{'` or `'.join(names)}`", at)

    return check
