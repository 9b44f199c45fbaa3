"""The words that every refusal shares."""

import difflib
from collections.abc import Iterable


def did_you_mean(written: str, known: Iterable[str]) -> str:
    """End a sentence with the nearest known word, or with nothing when none is near."""
    near = difflib.get_close_matches(written, list(known), n=1)
    return f"; did you mean {near[0]}?" if near else ""
