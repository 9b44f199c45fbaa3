"""What is said about a copy that is watched: that it will end, that its end has moved, that AWS has removed it.

A copy that others made belongs to no request (`request` is None); all else is the same.
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.domain.copies import Wish
from bot.domain.ports import Message
from bot.domain.requests import CopyRequest
from bot.domain.retention import DELETION_WINDOW
from bot.domain.sentences.history import in_a_row
from bot.slack.blocks import Block, actions, button, confirm, context, section
from bot.slack.copy_words import Facts, account, block_id, called, end_of, noun, region, value
from bot.slack.ids import COMMAND, COPY_ONCE_MORE, EXTEND, LET_GO, LET_LAST_GO, SNOOZE_DAY, SNOOZE_WEEK
from bot.slack.messages.answers import answer_of, answered_by
from bot.slack.names import Names
from bot.slack.text import code, date, left, moment, plain

_HOURS = int(DELETION_WINDOW.total_seconds() // 3600)
SNOOZES = {Wish.DAY: (SNOOZE_DAY, "Remind in 1 day"), Wish.WEEK: (SNOOZE_WEEK, "Remind in 1 week")}
# What can still be done once a notice was answered; without an answer, all of it.
_STILL = {
    "let go": (Wish.EXTEND, Wish.COPY_AGAIN),
    "snoozed": (Wish.EXTEND, Wish.COPY_AGAIN, Wish.LET_GO),
    "moved": (),
    "over": (),
    "dropped": (),
}


def expiring(request: CopyRequest | None, facts: Facts, names: Names) -> Message:
    """A copy ends soon; that it is the last one anywhere is said first, what was decided about it last."""
    answer = answer_of(facts) or {}
    # What was found out at a click (that it is the last one by now) holds for the notice, too.
    facts = {**facts, **{name: answer[name] for name in ("last", "unseen", "snoozes") if name in answer}}
    text = (
        f":alarm_clock: {_opening(called(facts, names), facts)} expires {_when(facts)}. AWS deletes it within {_HOURS} "
        f"hours after that.{_missed(facts)}"
    )
    last, decided = _last(facts), answered_by(answer, facts) if answer else ""
    buttons = _buttons(facts, _STILL.get(str(answer.get("how")), tuple(Wish)))
    return Message(
        text=f"{last.replace('*', '')} {text} {decided}".strip(),
        blocks=(
            *([section(last)] if last else []),
            section(text),
            *([section(decided)] if decided else []),
            *([actions(block_id("expiring", facts), buttons)] if buttons else []),
            context(_footer(request, facts)),
        ),
        broadcast=True,
    )


def expired(request: CopyRequest | None, facts: Facts, names: Names) -> Message:
    """A copy has come to its end, as AWS shows it."""
    what, end = f"The {called(facts, names)[4:]}", moment(facts.get("delete_at"))
    if facts.get("early"):
        return _gone_early(what, facts, names)
    if facts.get("undeletable"):
        return _said(
            f":warning: {what} has expired, but AWS could not delete it and reports it as EXPIRED. It is still there "
            f"and still paid for. Somebody with access to account {account(facts, names)} deletes it in AWS Backup; "
            "what stands in the way is mostly a permission that the role of the backup has lost.",
            loud=True,
        )
    if facts.get("unseen"):
        when = f" {date(end)}" if end else ""
        return _said(
            f":grey_question: {what} had its end{when}. Whether AWS has removed it I cannot tell: AWS does not let me "
            "look at it. I stop watching it.",
            loud=True,
        )
    # It may have been a while ago: nobody looked while the bot was down.
    when = f" Its end was {date(end)}." if end else ""
    return _with_last(f":wastebasket: {what} has expired, and AWS has removed it.{when}", facts)


def _gone_early(what: str, facts: Facts, names: Names) -> Message:
    """Nobody expected it: who did it can be found, and what is left is what people ask next."""
    end = moment(facts.get("delete_at"))
    was = f", which was {date(end)}" if end else ""
    who = (
        f"Somebody or something deleted it: CloudTrail in account {account(facts, names)} tells who "
        f"(`DeleteRecoveryPoint`, Region {region(facts)})."
    )
    text = f":grey_question: {what} is gone before its end{was}. {who} {_way_on(facts)}"
    return replace(_with_last(text.rstrip(), facts), broadcast=True)


def _way_on(facts: Facts) -> str:
    """What is left of what an early end took away, and how it is copied again."""
    others, table = facts.get("left"), plain(str(facts.get("table")), 255)
    if not isinstance(others, int):
        return ""
    if not others:
        return f"If the table is still there, {code(f'{COMMAND} now {table}')} backs it up and copies it anew."
    count = "1 other backup or copy" if others == 1 else f"{others} other backups or copies"
    are = "is" if others == 1 else "are"
    return (
        f"As far as I know {count} of what it held, or later, {are} left: {code(f'{COMMAND} restore {table}')} shows "
        f"what there is, {code(f'{COMMAND} {table}')} has it copied again."
    )


def _with_last(text: str, facts: Facts) -> Message:
    """That it was the last one anywhere is what counts, so it comes first, and to the whole channel."""
    last = _was_last(facts)
    if not last:
        return _said(text)
    return Message(text=f"{last.replace('*', '')} {text}", blocks=(section(last), section(text)), broadcast=True)


def _was_last(facts: Facts) -> str:
    """That nothing is left of what a copy held, as far as is known; "" where something is, or nobody looked."""
    if not facts.get("last"):
        return ""
    table, older = str(facts.get("table")), moment(facts.get("older"))
    opening = f":rotating_light: *That was the last {noun(facts)} anywhere*"
    if older is None:
        return f"{opening}; nothing that I know of is left to restore {code(table)} from.{_but(facts.get('places'))}"
    shows = code(f"{COMMAND} restore {plain(table, 255)}")
    return (
        f"{opening} of what it held. Only older backups of {code(table)} are left, the newest from {date(older)}: "
        f"{shows} shows them.{_but(facts.get('places'))}"
    )


def end_changed(request: CopyRequest | None, facts: Facts, names: Names) -> Message:
    """The end of a copy, or of the backup that it took its end from, is another one."""
    before, after = moment(facts.get("before")), moment(facts.get("after"))
    was, now = end_of(facts, "before"), end_of(facts, "after")
    what = called(facts, names)
    if facts.get("of") != "origin":
        sooner = after is not None and (before is None or after < before)
        mark = ":warning:" if sooner else ":calendar:"
        ahead = "I tell you ahead of it." if after else "It stays until somebody deletes it."
        moved = f"it was {was}, now it is {now}, as AWS reports it"
        return _said(f"{mark} The end of {what} has changed: {moved}. {ahead}", loud=sooner)
    own = f"The {noun(facts)} itself stays as it is: its end is {end_of(facts)}."
    if facts.get("gone"):
        return _said(
            f":warning: The backup that {what} took its end from is gone before that end ({was}). {own}", loud=True
        )
    return _said(
        f":calendar: The backup that {what} took its end from has another end: it was {was}, now it is {now}. {own}"
    )


def _opening(what: str, facts: Facts) -> str:
    """What ends; of a reminder first who asked for it, so that others know why they read it once more."""
    if not facts.get("reminder"):
        return f"T{what[1:]}"
    people = [f"<@{one}>" for one in _texts(facts.get("asked_by"))]
    who = f"As {in_a_row(people)} asked" if people else "As asked"
    return f"{who}, once more: {what}"


def _when(facts: Facts) -> str:
    """The date in the reader's zone, and how long it is until then; what was answered later has another now."""
    end, said_at = moment(facts.get("delete_at")), moment(facts.get("said_at"))
    if end is None:
        return "soon"
    if said_at is None or said_at >= end or answer_of(facts) is not None:
        return date(end)
    return f"{date(end)}, {left(end, said_at)} from now"


def _missed(facts: Facts) -> str:
    """That notices which were due before this one were not told, and why."""
    found = facts.get("missed")
    days = [str(one) for one in found] if isinstance(found, list | tuple) else []
    if not days:
        return ""
    if len(days) == 1:
        return f" An earlier notice of it, {days[0]} days ahead, was due while I was not running."
    return (
        f" Earlier notices of it, {', '.join(days[:-1])} and {days[-1]} days ahead, were due while I was not running."
    )


def _last(facts: Facts) -> str:
    if not facts.get("last"):
        return ""
    what = noun(facts)
    other = "copy" if what == "backup" else "other copy"
    return (
        f":rotating_light: *This is the last {what} anywhere:* I know no {other} of this backup of "
        f"{code(str(facts.get('table')))}, and no later one, that outlives it.{_but(facts.get('unseen'))}"
    )


def _but(unseen: object) -> str:
    """That there may be one where AWS let nobody look."""
    places = "1 place" if unseen == 1 else f"{unseen} places"
    return f" AWS did not let me read {places}, so there may be one there." if unseen else ""


def _buttons(facts: Facts, still: Sequence[Wish]) -> list[Block]:
    if moment(facts.get("delete_at")) is None:
        return []
    mine, table, what = value(facts), str(facts.get("table")), noun(facts)
    offered: dict[Wish, Block] = {
        Wish.EXTEND: button(EXTEND, "Extend…", mine, style="primary", spoken=f"Keep the {what} of {table} longer"),
        Wish.COPY_AGAIN: button(COPY_ONCE_MORE, "Copy again…", mine, spoken=f"Copy the backup of {table} again"),
        Wish.LET_GO: _let_last_go(facts) if facts.get("last") else _let_go(facts),
    }
    for wish, (action, label) in SNOOZES.items():
        if wish in _texts(facts.get("snoozes")):
            offered[wish] = button(action, label, mine, spoken=f"{label} of the {what} of {table}")
    return [offered[wish] for wish in offered if wish in still]


def _let_go(facts: Facts) -> Block:
    spoken = f"Let the {noun(facts)} of {facts.get('table')} go, and say nothing more ahead"
    return button(LET_GO, "Let it go", value(facts), spoken=spoken)


def _let_last_go(facts: Facts) -> Block:
    """Nobody lets the last one go without having read that it is the last one."""
    what, table = noun(facts), plain(str(facts.get("table")), 60)
    sure = confirm(
        f"Let the last {what} go?",
        f"This is the last {what} anywhere of {table}: once AWS has deleted it, nothing is left to restore from. "
        "I say nothing more ahead of its end.",
        "Let it go",
        "Keep telling us",
        style="danger",
    )
    spoken = f"Let the last {what} of {table} go, and say nothing more ahead"
    return button(LET_LAST_GO, "Let it go", value(facts), confirm=sure, spoken=spoken)


def _footer(request: CopyRequest | None, facts: Facts) -> str:
    arn = code(str(facts.get("copy_arn")))
    if request is not None:
        return f"{request.id} · {arn} · <@{request.requester.user_id}>"
    by = facts.get("adopted_by")
    return f"Made elsewhere, watched for you · {arn}{f' · <@{by}>' if by else ''}"


def _texts(found: object) -> list[str]:
    return [str(one) for one in found] if isinstance(found, list | tuple) else []


def _said(text: str, *, loud: bool = False) -> Message:
    return Message(text=text, blocks=(section(text),), broadcast=loud)
