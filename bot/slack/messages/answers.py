"""What stands on a notice about a copy once it has been answered: who decided and when, in the place of its buttons."""

from collections.abc import Callable, Mapping

from bot.slack.copy_words import Facts, by, noun
from bot.slack.text import date, moment


def answer_of(facts: Facts) -> Facts | None:
    """The answer that a notice has been given; None while it waits for one."""
    found = facts.get("answered")
    return found if isinstance(found, Mapping) else None


def answered_by(answer: Facts, facts: Facts) -> str:
    """One line: who decided what, and when; "" where all of its buttons count again."""
    return _LINES[str(answer.get("how"))](answer, facts)


def _let_go(answer: Facts, facts: Facts) -> str:
    return f":wave: Let go by {by(answer)} on {_at(answer)}."


def _told_again(answer: Facts, facts: Facts) -> str:
    return f":bell: {by(answer)} wants to be told again, since {_at(answer)}."


def _snoozed(answer: Facts, facts: Facts) -> str:
    return f":zzz: Put off by {by(answer)} on {_at(answer)}: I remind you {_at(answer, 'until')}."


def _moved(answer: Facts, facts: Facts) -> str:
    return f":calendar: Since {_at(answer)} this end does not hold any more: what holds is told below."


def _over(answer: Facts, facts: Facts) -> str:
    what = f"what becomes of the {noun(facts)} is told below"
    return f":checkered_flag: Since {_at(answer)} nothing is left to decide: {what}."


def _newer(answer: Facts, facts: Facts) -> str:
    return ":arrow_down: A newer notice of this end follows below."


def _dropped(answer: Facts, facts: Facts) -> str:
    return f":see_no_evil: {by(answer)} had me stop watching it on {_at(answer)}."


def _open(answer: Facts, facts: Facts) -> str:
    return ""


def _at(answer: Facts, name: str = "at") -> str:
    at = moment(answer.get(name))
    return date(at) if at else "later"


_LINES: Mapping[str, Callable[[Facts, Facts], str]] = {
    "let go": _let_go,
    "told again": _told_again,
    "snoozed": _snoozed,
    "moved": _moved,
    "over": _over,
    "newer": _newer,
    "dropped": _dropped,
    "open": _open,
}
