"""What approvers must know of a plan besides what it is: what cannot be undone, what was found; each once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain import sentences
from bot.domain.requests import CopyRequest
from bot.domain.sentences import question as words
from bot.domain.steps import TOLD, Step
from bot.slack.costs import cost_until_end
from bot.slack.folding import Steps, at, folded, named
from bot.slack.text import cut, date, escape, moment, packed

# Slack takes 50 blocks; a plan's steps, the reason and the buttons have to fit as well.
MOST_WARNINGS = 12
LONGEST_SECTION = 2_900
FINAL = "FINAL"
HEADS = {"FAIL": (":x:", words.WOULD_FAIL), "UNSEEN": (":grey_question:", words.NOT_SEEN)}
OTHERS = (":warning:", words.TAKE_CARE)
# What is told whatever it takes: what cannot be undone, what would fail.
MUST = (FINAL, "FAIL")


@dataclass(frozen=True, slots=True)
class Warned:
    """One thing to know, ready for Slack (mrkdwn); `is_must`: it is never left out."""

    text: str
    is_must: bool


def warned(request: CopyRequest) -> list[Warned]:
    """Of each step what cannot be undone first, then the findings; what is true of several steps once."""
    told = folded((_told(step, request.created_at) for step in request.steps), key=lambda said: said)
    return [Warned(_line(level, sentence, steps), level in MUST) for (level, sentence), steps in told]


def fitting(warnings: Sequence[Warned]) -> list[str]:
    """As many as a message holds; what cannot be undone, or would fail, is never left out."""
    most = [one.text for one in warnings if one.is_must]
    rest = [one.text for one in warnings if not one.is_must]
    told = most if len(most) <= MOST_WARNINGS else list(packed(most, "\n", LONGEST_SECTION))
    room = max(0, MOST_WARNINGS - len(told))
    left = len(rest) - room
    shown = [cut(text, LONGEST_SECTION) for text in (*told, *rest[:room])]
    return [*shown, *([f":warning: {words.and_more(left)}"] if left > 0 else [])]


def _told(step: Step, begins: datetime) -> Iterator[tuple[str, str]]:
    """Levels with sentences, ready for Slack. `begins`: when the copy would be made, for what it costs."""
    told = step.shown.get(TOLD)
    if not isinstance(told, dict):
        return
    final = told.get("irreversible")
    if isinstance(final, dict):
        until = moment(final.get("until"))
        end = date(until, with_time=False) if until else ""
        cost = cost_until_end(step, begins)
        yield FINAL, sentences.irreversible(str(final.get("why")), end, cost, days=final.get("days"))
    for level, sentence in told.get("findings") or []:
        yield str(level), escape(str(sentence))


def _line(level: str, sentence: str, steps: Steps) -> str:
    if level == FINAL:
        return f":warning: *{at(steps)}{sentence}*"
    mark, word = HEADS.get(level, OTHERS)
    return f"{mark} *{named(word, steps)}* {sentence}"
