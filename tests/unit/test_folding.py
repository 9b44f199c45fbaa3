"""What is said of several steps is said once, with the steps it is said of."""

import pytest

from bot.slack.folding import at, folded, named


def test_what_is_said_of_several_steps_comes_once_in_the_order_it_was_said() -> None:
    found = folded([["a", "b"], ["b"], ["c", "b", "b"]], key=lambda said: said)

    assert found == [("a", (1,)), ("b", (1, 2, 3)), ("c", (3,))]


def test_the_first_stands_for_all_of_the_same_key() -> None:
    assert folded([["Here"], ["here"]], key=str.lower) == [("Here", (1, 2))]


def test_the_only_step_is_not_named() -> None:
    assert folded([["a"]], key=lambda said: said) == [("a", ())]
    assert (named("Not seen", ()), at(())) == ("Not seen:", "")


@pytest.mark.parametrize(
    ("steps", "where"),
    [
        ((2,), "step 2"),
        ((1, 2), "steps 1 and 2"),
        ((1, 2, 3), "steps 1–3"),
        ((1, 3, 4, 5, 7), "steps 1, 3–5 and 7"),
    ],
)
def test_the_steps_are_named_and_those_in_a_row_are_a_range(steps: tuple[int, ...], where: str) -> None:
    assert named("Not seen", steps) == f"Not seen ({where}):"
    assert at(steps) == f"{where.capitalize()}: "
