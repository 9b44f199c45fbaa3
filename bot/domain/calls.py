"""When people are called while a request waits: reminders with growing gaps, and others who are asked to help."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.approvals import Ruling
from bot.domain.requests import CopyRequest


@dataclass(frozen=True, slots=True)
class Call:
    """What is due now, and when to look again."""

    remind: bool
    escalate: bool
    reminders: int
    next_at: datetime | None


def first_call(ruling: Ruling, opened_at: datetime, answer_by: datetime) -> datetime | None:
    """When a round's people are first called; None: never."""
    return _earliest(answer_by, _reminder(ruling, opened_at, 0), _escalation(ruling, opened_at))


def call_of(request: CopyRequest, now: datetime) -> Call:
    """What a request's people are called for at this moment."""
    ruling, opened_at = request.ruling, request.opened_at or request.created_at
    last_word = max([opened_at, *(decision.at for decision in request.decisions)])
    help_at = None if request.escalated_at else _escalation(ruling, last_word)
    escalate = help_at is not None and help_at <= now
    # A bot that was away reminds once, not once for each reminder that it missed.
    count = reminders = request.reminders
    while (due := _reminder(ruling, opened_at, count)) is not None and due <= now:
        count += 1
    return Call(
        remind=count > reminders and not escalate,
        escalate=escalate,
        reminders=count,
        next_at=_earliest(request.answer_by, _reminder(ruling, opened_at, count), None if escalate else help_at),
    )


def _reminder(ruling: Ruling, opened_at: datetime, number: int) -> datetime | None:
    """The first after one gap, each later one after a gap twice as long: 1, 3, 7, 15 gaps from the beginning."""
    if not ruling.remind_seconds:
        return None
    return opened_at + timedelta(seconds=ruling.remind_seconds) * float(2 ** (number + 1) - 1)


def _escalation(ruling: Ruling, last_word: datetime) -> datetime | None:
    if not (ruling.escalate_seconds and ruling.escalate_to):
        return None
    return last_word + timedelta(seconds=ruling.escalate_seconds)


def _earliest(answer_by: datetime, *moments: datetime | None) -> datetime | None:
    ahead: Sequence[datetime] = [moment for moment in moments if moment is not None and moment < answer_by]
    return min(ahead, default=None)
