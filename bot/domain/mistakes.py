"""All that is wrong with a form, told at once: each field is judged, whatever is said of the ones before it."""

from collections.abc import Callable

from bot.domain.errors import BadInput

Check = Callable[[], object]


def all_at_once(*checks: Check) -> None:
    """Run every check. Raises one BadInput with what they object to, for each field what was said first."""
    problems: dict[str, str] = {}
    for check in checks:
        try:
            check()
        except BadInput as problem:
            for field, sentence in problem.problems.items():
                problems.setdefault(field, sentence)
    if problems:
        field, sentence = next(iter(problems.items()))
        raise BadInput(field, sentence, problems)
