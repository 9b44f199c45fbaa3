"""What people decided about a copy that is about to end, or had watched: said once, where it is spoken of."""

from collections.abc import Callable, Mapping

from bot.domain.ports import Message
from bot.domain.requests import CopyRequest
from bot.domain.sentences.changes import still_asked
from bot.slack.blocks import actions, button, context, section
from bot.slack.copy_words import Facts, block_id, by, called, end_of, noun, value
from bot.slack.ids import KEEP_TELLING
from bot.slack.messages.answers import answer_of, answered_by
from bot.slack.messages.manner import said
from bot.slack.names import Names
from bot.slack.text import code, date, escape, moment


def watched(request: CopyRequest | None, facts: Facts, names: Names) -> Message:
    """What people decided about a copy that is about to end."""
    return WATCHED[str(facts.get("what"))](facts, names)


def _let_go(facts: Facts, names: Names) -> Message:
    last = ", the last one anywhere," if facts.get("last") else ""
    text = (
        f":wave: {by(facts)} lets {called(facts, names)}{last} go: its end is {end_of(facts)}, and I say nothing "
        "more ahead of it. That it is gone I will still tell."
    )
    if facts.get("other"):
        text = f"{text} {still_asked(_other(facts))}"
    answer = answer_of(facts)
    if answer is not None:
        line = answered_by(answer, facts)
        return Message(text=f"{text} {line}", blocks=(section(text), section(line)))
    undo = button(KEEP_TELLING, "Tell us again", value(facts), spoken="Undo: tell us again ahead of the end")
    return Message(text=text, blocks=(section(text), actions(block_id("let-go", facts), [undo])))


def _told_again(facts: Facts, names: Names) -> Message:
    return said(f":bell: {by(facts)} wants to be told again ahead of the end of {called(facts, names)}.")


def _snoozed(facts: Facts, names: Names) -> Message:
    until, instead = moment(facts.get("until")), moment(facts.get("instead"))
    reminder = f"I remind you {date(until) if until else 'later'} of {called(facts, names)}"
    if facts.get("promised"):
        return said(
            f":zzz: {by(facts)} wants to hear of it later, but a reminder that was asked for before comes first: "
            f"{reminder}. Then it can be put off again."
        )
    before = f", and not first {date(instead)}" if instead else ""
    return said(f":zzz: {by(facts)} put it off: {reminder}{before}.")


def _extending(facts: Facts, names: Names) -> Message:
    return said(
        f":hourglass_flowing_sand: {by(facts)} asked to keep {called(facts, names)} longer: {_other(facts)}. "
        "It is decided there; when AWS shows the new end, I tell it here."
    )


def _other(facts: Facts) -> str:
    """The request that is spoken of, as a link where Slack gave one."""
    other, link = escape(str(facts.get("other"))), facts.get("link")
    return f"<{link}|{other}>" if link else f"*{other}* in <#{facts.get('other_channel')}>"


def _adopted(facts: Facts, names: Names) -> Message:
    text = (
        f":eyes: {by(facts)} had me watch {called(facts, names)}: its end is {end_of(facts)}, "
        "and I tell you here ahead of it."
    )
    about = f"{noun(facts).capitalize()} {code(str(facts.get('copy_arn')))}"
    return Message(text=text, blocks=(section(text), context(about)))


def _dropped(facts: Facts, names: Names) -> Message:
    return said(f":see_no_evil: {by(facts)} had me stop watching {called(facts, names)}.")


WATCHED: Mapping[str, Callable[[Facts, Names], Message]] = {
    "let go": _let_go,
    "told again": _told_again,
    "snoozed": _snoozed,
    "extending": _extending,
    "adopted": _adopted,
    "dropped": _dropped,
}
