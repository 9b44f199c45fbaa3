"""What belongs to no request: what operators are told of notices that cannot be delivered, and the daily digest."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.notices import NoticeKind
from bot.domain.ports import Message
from bot.slack.blocks import Block, context, section
from bot.slack.describe import Names
from bot.slack.ids import COMMAND
from bot.slack.messages.manner import unmentioned
from bot.slack.messages.undelivered import WHY
from bot.slack.text import code, cut, escape, packed

Facts = Mapping[str, Any]
# Lines are put together into few blocks, since Slack shows no more than 50.
SECTION_LENGTH = 2_900
LINE_LENGTH = 400


def for_operators(facts: Facts, names: Names) -> Message:
    """What happened, and what to do: to a channel, a notice, a drill, or the bot's way into an account."""
    kind = facts.get("what")
    if kind == "dead":
        return _dead(facts)
    if kind == "drill":
        return _drill(facts, names)
    if kind == "locked out":
        return _locked_out(facts, names)
    channel, code_ = str(facts.get("channel")), str(facts.get("code"))
    reason = f"<#{channel}> takes no messages from me: {_why(code_)}."
    if kind == "moved":
        return _said(
            f":warning: {reason} Requests that were asked there go on in <#{facts.get('to')}>; nothing is lost."
        )
    return _said(
        f":warning: {reason} Its notices wait for an hour and are then given up. Invite me again with `/invite` there, "
        f"or unarchive it; where it is gone for good, name another channel in the configuration."
    )


def digest(facts: Facts) -> Message:
    """What could wait, a line each."""
    lines: Sequence[Facts] = facts.get("lines", [])
    count = int(facts.get("count", len(lines)))
    number = "1 notice" if count == 1 else f"{count} notices"
    together = bool(facts.get("together"))
    title = f":newspaper: *Digest:* {number} that could wait{_part(facts)}."
    if together:
        title = f"{_at_once(facts, count)}; each is told in full in its thread."
        if not all(line.get("request") for line in lines):
            title += f" Copies that I did not make have none: `{COMMAND} adopt list` extends or drops them."
    left = int(facts.get("left", count - len(lines)))
    rest = [f"… and {left} more, each in its thread: see `{COMMAND} list all`."] if left else []
    head = f"{_called(facts, count)} at once{_bad(facts)}" if together else f"Digest: {number}"
    about = ", ".join(_requests(lines)) or "requests"
    return Message(
        text=f"{head}{'. About' if _bad(facts) else ' about'} {about}{_part(facts)}.",
        blocks=(section(title), *_together([*map(_digest_line, lines), *rest])),
    )


def _at_once(facts: Facts, count: int) -> str:
    bad, part = _bad(facts), _part(facts)
    if not bad:
        order = "soonest end first" if _warnings(facts) == count else "oldest first"
        return f":inbox_tray: *{_called(facts, count)} came in at once*{part}, {order}"
    order = (
        "oldest first" if facts["failed"] + facts["unknown"] == count else "these first, then the others, oldest first"
    )
    return f":x: *{_called(facts, count)} came in at once{bad}*{part}, {order}"


def _bad(facts: Facts) -> str:
    """How many of the outcomes are not good ones."""
    told = [f"{facts[key]} {word}" for key, word in (("failed", "failed"), ("unknown", "not known")) if facts.get(key)]
    return f": {', '.join(told)}" if told else ""


def _part(facts: Facts) -> str:
    return f" ({facts['part']} of {facts['parts']})" if facts.get("parts", 1) > 1 else ""


def _called(facts: Facts, count: int) -> str:
    """What came in: ends of what was asked for, warnings that the end of a copy is near, or both."""
    s, warnings = "" if count == 1 else "s", _warnings(facts)
    if warnings == count:
        return f"{count} expiry warning{s}"
    return f"{count} notice{s}" if warnings else f"{count} outcome{s}"


def _warnings(facts: Facts) -> int:
    """How many of them are no outcomes yet; what was written before an upgrade tells by its lines."""
    lines = facts.get("lines", [])
    return int(facts.get("warnings", sum(1 for line in lines if line.get("kind") == NoticeKind.EXPIRING)))


def _dead(facts: Facts) -> Message:
    letters: Sequence[Facts] = facts.get("letters", [])
    count = int(facts.get("count", len(letters)))
    number = "One notice" if count == 1 else f"{count} notices"
    title = f":mailbox_with_no_mail: *{number} could not be delivered.* What was to be said:"
    rest = [f"… and {count - len(letters)} more."] if count > len(letters) else []
    about = ", ".join(_requests(letters))
    return Message(
        text=f"{number} could not be delivered{f' ({about})' if about else ''}.",
        blocks=(
            section(title),
            *_together([*map(_letter_line, letters), *rest]),
            context(
                f"`{COMMAND} status` says what to do about each, and dismisses it. The requests themselves go on; "
                "nothing else was lost."
            ),
        ),
    )


def _drill(facts: Facts, names: Names) -> Message:
    table = str(facts.get("table"))
    place = f"{names.account(str(facts.get('account')))} ({facts.get('region')})"
    why = escape(cut(str(facts.get("why")), LINE_LENGTH))
    return _said(
        f":warning: A drill of {code(table)} in {place} is overdue, and I cannot ask for it: {why}\n"
        f"I try again every half hour. `{COMMAND} drill list` shows all drills, with a button to ask "
        "by hand."
    )


def _locked_out(facts: Facts, names: Names) -> Message:
    account = str(facts.get("account"))
    return _said(
        f":warning: I cannot enter account {names.account(account)} ({escape(account)}): "
        f"{escape(cut(str(facts.get('why')), LINE_LENGTH))}\n"
        "Until I can, copies from there neither start nor are followed, and its backups are shown as I last read them. "
        "`copy-backup check` tells what is missing."
    )


def _letter_line(letter: Facts) -> str:
    request = f"*{escape(str(letter['request']))}*, " if letter.get("request") else ""
    where, why = letter.get("channel"), _why(str(letter.get("error")))
    head = f"• {request}{escape(str(letter.get('kind')))}, for <#{where}>: {why}"
    text = unmentioned(str(letter.get("text", "")), str(letter.get("asker", "")), str(letter.get("name", "")))
    return f"{head}\n> {_short(text)}" if text else head


def _digest_line(line: Facts) -> str:
    request = escape(str(line.get("request")))
    linked = f"<{line['link']}|{request}>" if line.get("link") else f"*{request}*"
    text = unmentioned(str(line.get("text", "")), str(line.get("asker", "")), str(line.get("name", "")))
    return f"• {linked} {_short(text)}" if request else f"• {_short(text)}"


def _short(text: str) -> str:
    """The beginning of a message in one line; a date or link is not cut in two."""
    short = cut(" ".join(text.split()), LINE_LENGTH)
    opened, closed = short.rfind("<"), short.rfind(">")
    return f"{short[:opened]}…" if opened > closed else short


def _requests(lines: Sequence[Facts]) -> list[str]:
    names = dict.fromkeys(escape(str(line["request"])) for line in lines if line.get("request"))
    return [*list(names)[:20], *(["…"] if len(names) > 20 else [])]


def _why(error: str) -> str:
    return WHY.get(error) or f"Slack says {code(error)}"


def _together(lines: Sequence[str]) -> list[Block]:
    return [section(text) for text in packed(lines, "\n", SECTION_LENGTH)]


def _said(text: str) -> Message:
    return Message(text=text, blocks=(section(text),))
