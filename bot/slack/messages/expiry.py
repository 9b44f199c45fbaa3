"""What is said about a copy that is watched: that it will end, that its end has moved, that AWS has removed it.

A copy that others made belongs to no request (`request` is None); all else is the same.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from bot.domain.backups import VaultRef
from bot.domain.copies import Wish
from bot.domain.ports import Message
from bot.domain.requests import CopyRequest
from bot.domain.retention import DELETION_WINDOW
from bot.slack.blocks import Block, actions, button, context, section
from bot.slack.ids import COPY_ONCE_MORE, EXTEND, KEEP_TELLING, LET_GO, SNOOZE_DAY, SNOOZE_WEEK
from bot.slack.names import Names
from bot.slack.text import code, date, escape, moment

Facts = Mapping[str, object]
_HOURS = int(DELETION_WINDOW.total_seconds() // 3600)
SNOOZES = {Wish.DAY: (SNOOZE_DAY, "Remind in 1 day"), Wish.WEEK: (SNOOZE_WEEK, "Remind in 1 week")}


def expiring(request: CopyRequest | None, facts: Facts, names: Names) -> Message:
    """A copy ends soon; that it is the last one anywhere is said first."""
    end = moment(facts.get("delete_at"))
    lead = facts.get("lead_days")
    left = "1 day" if lead == 1 else f"{lead} days"
    again = "As you asked, once more: t" if facts.get("reminder") else "T"
    text = (
        f":alarm_clock: {again}he copy of {_where(facts, names)} expires {date(end) if end else 'soon'}: "
        f"less than {left} from now. AWS deletes it within {_HOURS} hours after that."
    )
    last = _last(facts)
    return Message(
        text=f"{last.replace('*', '')} {text}".strip(),
        blocks=(
            *([section(last)] if last else []),
            section(text),
            *([_buttons(facts, end)] if end else []),
            context(_footer(request, facts)),
        ),
        broadcast=True,
    )


def expired(request: CopyRequest | None, facts: Facts, names: Names) -> Message:
    """A copy has come to its end, as AWS shows it."""
    what, end = f"The copy of {_where(facts, names)}", moment(facts.get("delete_at"))
    if facts.get("early"):
        return _said(f":grey_question: {what} is gone before its end. Somebody or something deleted it.", loud=True)
    if facts.get("undeletable"):
        return _said(
            f":warning: {what} has expired, but AWS could not delete it and reports it as EXPIRED. It is still there "
            f"and still paid for. Somebody with access to account {_account(facts, names)} deletes it in AWS Backup; "
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
    return _said(f":wastebasket: {what} has expired, and AWS has removed it.{when}")


def end_changed(request: CopyRequest | None, facts: Facts, names: Names) -> Message:
    """The end of a copy, or of the backup that it took its end from, is another one."""
    before, after, mine = (moment(facts.get(name)) for name in ("before", "after", "delete_at"))
    what = f"the copy of {_where(facts, names)}"
    if facts.get("of") != "origin":
        sooner = after is not None and (before is None or after < before)
        mark = ":warning:" if sooner else ":calendar:"
        ahead = "I tell you ahead of it." if after else "It stays until somebody deletes it."
        moved = f"it was {_end(before)}, now it is {_end(after)}, as AWS reports it"
        return _said(f"{mark} The end of {what} has changed: {moved}. {ahead}", loud=sooner)
    own = f"The copy itself stays as it is: its end is {_end(mine)}."
    if facts.get("gone"):
        return _said(
            f":warning: The backup that {what} took its end from is gone before that end ({_end(before)}). {own}",
            loud=True,
        )
    return _said(
        f":calendar: The backup that {what} took its end from has another end: it was {_end(before)}, "
        f"now it is {_end(after)}. {own}"
    )


def watched(request: CopyRequest | None, facts: Facts, names: Names) -> Message:
    """What people decided about a copy that is about to end."""
    return WATCHED[str(facts.get("what"))](facts, names)


def _let_go(facts: Facts, names: Names) -> Message:
    end = moment(facts.get("delete_at"))
    text = (
        f":wave: {_by(facts)} lets the copy of {_where(facts, names)} go: its end is {_end(end)}, and I say nothing "
        "more ahead of it. That it is gone I will still tell."
    )
    undo = button(KEEP_TELLING, "Tell us again", _value(facts), spoken="Undo: tell us again ahead of the end")
    return Message(text=text, blocks=(section(text), actions(_id("let-go", facts), [undo])))


def _told_again(facts: Facts, names: Names) -> Message:
    return _said(f":bell: {_by(facts)} wants to be told again ahead of the end of the copy of {_where(facts, names)}.")


def _snoozed(facts: Facts, names: Names) -> Message:
    until, instead = moment(facts.get("until")), moment(facts.get("instead"))
    reminder = f"I remind you {date(until) if until else 'later'} of the copy of {_where(facts, names)}"
    if facts.get("promised"):
        return _said(
            f":zzz: {_by(facts)} wants to hear of it later, but a reminder that was asked for before comes first: "
            f"{reminder}. Then it can be put off again."
        )
    before = f", and not first {date(instead)}" if instead else ""
    return _said(f":zzz: {_by(facts)} put it off: {reminder}{before}.")


def _extending(facts: Facts, names: Names) -> Message:
    other, link = escape(str(facts.get("other"))), facts.get("link")
    where = f"<{link}|{other}>" if link else f"*{other}* in <#{facts.get('other_channel')}>"
    return _said(
        f":hourglass_flowing_sand: {_by(facts)} asked to keep the copy of {_where(facts, names)} longer: {where}. "
        "It is decided there; when AWS shows the new end, I tell it here."
    )


def _adopted(facts: Facts, names: Names) -> Message:
    text = (
        f":eyes: {_by(facts)} had me watch the copy of {_where(facts, names)}: its end is "
        f"{_end(moment(facts.get('delete_at')))}, and I tell you here ahead of it."
    )
    return Message(text=text, blocks=(section(text), context(f"{code(str(facts.get('copy_arn')))}")))


def _dropped(facts: Facts, names: Names) -> Message:
    return _said(f":see_no_evil: {_by(facts)} had me stop watching the copy of {_where(facts, names)}.")


WATCHED: Mapping[str, Callable[[Facts, Names], Message]] = {
    "let go": _let_go,
    "told again": _told_again,
    "snoozed": _snoozed,
    "extending": _extending,
    "adopted": _adopted,
    "dropped": _dropped,
}


def _last(facts: Facts) -> str:
    if not facts.get("last"):
        return ""
    unseen = facts.get("unseen")
    places = "1 place" if unseen == 1 else f"{unseen} places"
    but = f" AWS did not let me read {places}, so there may be one there." if unseen else ""
    return (
        f":rotating_light: *This is the last copy anywhere:* I know no other copy of this backup of "
        f"{code(str(facts.get('table')))}, and no later one, that outlives it.{but}"
    )


def _buttons(facts: Facts, end: datetime) -> Block:
    value, table = _value(facts), str(facts.get("table"))
    snoozes = facts.get("snoozes")
    fitting = [str(one) for one in snoozes] if isinstance(snoozes, Sequence) and not isinstance(snoozes, str) else []
    later = [
        button(action, label, value, spoken=f"{label} of the copy of {table}")
        for wish, (action, label) in SNOOZES.items()
        if wish in fitting
    ]
    return actions(
        _id("expiring", facts),
        [
            button(EXTEND, "Extend…", value, style="primary", spoken=f"Keep the copy of {table} longer"),
            button(COPY_ONCE_MORE, "Copy again…", value, spoken=f"Copy the backup of {table} again"),
            button(LET_GO, "Let it go", value, spoken=f"Let the copy of {table} go, and say nothing more ahead"),
            *later,
        ],
    )


def _value(facts: Facts) -> str:
    """What a button means: this copy, with the end that people saw."""
    return f"{facts.get('delete_at') or 0} {facts.get('copy_arn')}"


def _id(what: str, facts: Facts) -> str:
    return f"{what}:{facts.get('delete_at')}:{facts.get('copy_arn')}"[:255]


def _footer(request: CopyRequest | None, facts: Facts) -> str:
    arn = code(str(facts.get("copy_arn")))
    if request is not None:
        return f"{request.id} · {arn} · <@{request.requester.user_id}>"
    by = facts.get("adopted_by")
    return f"Made elsewhere, watched for you · {arn}{f' · <@{by}>' if by else ''}"


def _where(facts: Facts, names: Names) -> str:
    return f"{code(str(facts.get('table')))} in {names.place(VaultRef.from_arn(str(facts.get('vault_arn'))))}"


def _account(facts: Facts, names: Names) -> str:
    return names.account(VaultRef.from_arn(str(facts.get("vault_arn"))).account)


def _end(end: datetime | None) -> str:
    return date(end) if end else "never"


def _by(facts: Facts) -> str:
    by = facts.get("by")
    return f"<@{by}>" if by else "The configuration"


def _said(text: str, *, loud: bool = False) -> Message:
    return Message(text=text, blocks=(section(text),), broadcast=loud)
