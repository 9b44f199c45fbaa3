"""Notices in words: one pure function for each kind."""

from collections.abc import Callable, Mapping

from bot.domain.notices import Notice, NoticeKind
from bot.domain.ports import Message, Words
from bot.domain.requests import CopyRequest
from bot.slack.describe import Names
from bot.slack.messages import steps, tables, thread
from bot.slack.messages.ask import ask
from bot.slack.messages.card import card

Saying = Callable[[CopyRequest, Mapping[str, object], Names], Message]

SAID_ONCE: dict[NoticeKind, Saying] = {
    NoticeKind.APPROVED: thread.approved,
    NoticeKind.REJECTED: thread.rejected,
    NoticeKind.CANCELLED: thread.cancelled,
    NoticeKind.LAPSED: thread.lapsed,
    NoticeKind.RETRIED: thread.retried,
    NoticeKind.SCHEDULE: tables.schedule,
    NoticeKind.QUEUED: steps.queued,
    NoticeKind.STARTED: thread.started,
    NoticeKind.DELAYED: thread.delayed,
    NoticeKind.COMPLETED: thread.completed,
    NoticeKind.FAILED: thread.failed,
    NoticeKind.EXPIRING: thread.expiring,
    NoticeKind.EXPIRED: thread.expired,
    NoticeKind.PRIVATE: thread.private,
}


def in_words(names: Names) -> Words:
    """Make the function that turns any notice into a message."""

    def words(notice: Notice, request: CopyRequest) -> Message:
        if notice.kind is NoticeKind.CARD:
            return card(request, names)
        if notice.kind is NoticeKind.ASK:
            return ask(request, names)
        return SAID_ONCE[notice.kind](request, notice.facts, names)

    return words
