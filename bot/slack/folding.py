"""What is said of the steps of a plan, each thing once, with the steps that it is said of."""

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from bot.domain.sentences import question as words

T = TypeVar("T")
# The numbers of steps, from 1; none where the plan has one step only.
Steps = tuple[int, ...]


def folded(of_steps: Iterable[Iterable[T]], key: Callable[[T], Hashable]) -> list[tuple[T, Steps]]:
    """What is said of each step, in order; of what has the same key, the first stands for all."""
    all_said = [list(said) for said in of_steps]
    first: dict[Hashable, T] = {}
    where: dict[Hashable, dict[int, None]] = {}
    for number, said in enumerate(all_said, start=1):
        for one in said:
            first.setdefault(key(one), one)
            where.setdefault(key(one), {})[number] = None
    return [(first[same], tuple(numbers) if len(all_said) > 1 else ()) for same, numbers in where.items()]


def named(word: str, steps: Steps) -> str:
    """The beginning of what is said of steps: Take care (steps 1–3):"""
    return words.warns(word, words.of_steps(steps) if steps else "")


def at(steps: Steps) -> str:
    """The steps before what is said of them: "Step 2: "; "" for the only one."""
    return f"{words.of_steps(steps).capitalize()}: " if steps else ""
