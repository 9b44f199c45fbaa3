"""Notices in words: one pure function for each kind."""

from collections.abc import Callable, Mapping
from functools import partial

from bot.domain.notices import Manner, Notice, NoticeKind
from bot.domain.ports import Message, Words
from bot.domain.requests import CopyRequest
from bot.slack.describe import Names
from bot.slack.messages import decisions, expiry, steps, tables, thread, watched
from bot.slack.messages.ask import ask
from bot.slack.messages.card import card
from bot.slack.messages.manner import elsewhere, maybe_again, quietly, said, without_buttons
from bot.slack.messages.operators import digest, for_operators

Saying = Callable[[CopyRequest, Mapping[str, object], Names], Message]

SAID_ONCE: dict[NoticeKind, Saying] = {
    NoticeKind.APPROVED: decisions.approved,
    NoticeKind.REJECTED: decisions.rejected,
    NoticeKind.CANCELLED: decisions.cancelled,
    NoticeKind.LAPSED: decisions.lapsed,
    NoticeKind.RETRIED: decisions.retried,
    NoticeKind.SCHEDULE: tables.schedule,
    NoticeKind.QUEUED: steps.queued,
    NoticeKind.STARTED: thread.started,
    NoticeKind.DELAYED: thread.delayed,
    NoticeKind.STALLED: thread.stalled,
    NoticeKind.COMPLETED: thread.completed,
    NoticeKind.FAILED: thread.failed,
    NoticeKind.EXPIRING: expiry.expiring,
    NoticeKind.EXPIRED: expiry.expired,
    NoticeKind.END_CHANGED: expiry.end_changed,
    NoticeKind.WATCHED: watched.watched,
    NoticeKind.PRIVATE: thread.private,
    NoticeKind.CHANGED: decisions.changed,
    NoticeKind.REMINDED: decisions.reminded,
    NoticeKind.ESCALATED: decisions.escalated,
    NoticeKind.GLASS: decisions.glass,
    NoticeKind.SIGNED: decisions.signed,
    NoticeKind.ASKED_AGAIN: decisions.asked_again,
    NoticeKind.ANSWERED: decisions.answered,
}


SAID_ALONE: dict[NoticeKind, Callable[[Mapping[str, object], Names], Message]] = {
    NoticeKind.OPS: for_operators,
    NoticeKind.DIGEST: lambda facts, names: digest(facts),
    # Of copies that others made.
    NoticeKind.EXPIRING: partial(expiry.expiring, None),
    NoticeKind.EXPIRED: partial(expiry.expired, None),
    NoticeKind.END_CHANGED: partial(expiry.end_changed, None),
    NoticeKind.WATCHED: partial(watched.watched, None),
    NoticeKind.ANSWERED: lambda facts, names: said(decisions.buttons_stay("the copy that this is about")),
    NoticeKind.PRIVATE: lambda facts, names: said(str(facts.get("sentence", ""))),
}


def in_words(names: Names) -> Words:
    """Make the function that turns any notice into a message."""

    def words(notice: Notice, request: CopyRequest | None) -> Message:
        message = _alone(notice, names) if request is None else _of(notice, request, names)
        return maybe_again(message) if notice.may_repeat else message

    return words


def _alone(notice: Notice, names: Names) -> Message:
    message = SAID_ALONE[notice.kind](_facts(notice), names)
    return without_buttons(message) if notice.manner is Manner.ELSEWHERE else message


def _of(notice: Notice, request: CopyRequest, names: Names) -> Message:
    if notice.kind is NoticeKind.CARD:
        return card(request, names)
    if notice.kind is NoticeKind.ASK:
        return ask(request, names)
    message = SAID_ONCE[notice.kind](request, _facts(notice), names)
    if notice.manner is Manner.ELSEWHERE:
        return elsewhere(message, request, str(notice.facts.get("link") or ""))
    return quietly(message) if notice.manner is Manner.QUIETLY else message


def _facts(notice: Notice) -> Mapping[str, object]:
    """What a notice says; one that counts the time to an end counts it from when it is said, not when it is written."""
    if notice.kind is not NoticeKind.EXPIRING:
        return notice.facts
    # Elsewhere nobody is called.
    known: Mapping[str, object] = {"asked_by": []} if notice.manner is Manner.ELSEWHERE else {}
    return {**notice.facts, **known, "said_at": notice.due_at.timestamp()}
