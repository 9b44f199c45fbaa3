"""What nobody can take back, as a review says it."""

from collections.abc import Iterator
from datetime import datetime

from bot.domain import sentences
from bot.domain.irreversible import irreversible
from bot.slack.costs import cost_until_end
from bot.slack.folding import at, folded
from bot.slack.text import date
from bot.workflows.looking import Looks
from bot.workflows.steps.work import Look


def finals(looks: Looks, now: datetime) -> Iterator[str]:
    """In capital terms (mrkdwn), each once, with until when and what it costs if it is done at `now`."""
    for said, steps in folded((_of(look, now) for look in looks), key=lambda said: said):
        yield f":warning: *{at(steps)}{said}*"


def _of(look: Look, now: datetime) -> Iterator[str]:
    final = irreversible(look.params, look.vault)
    if final is not None:
        end = date(final.until, with_time=False) if final.until else ""
        yield sentences.irreversible(final.why, end, cost_until_end(look, now), days=final.days)
