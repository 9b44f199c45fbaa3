"""`/copy-backup history`: what happened to a request, or what happened lately, seen by who asks only."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from bot.domain import sentences
from bot.domain.audit import ChainedEvent
from bot.domain.steps import Step
from bot.slack.blocks import Block, context, section
from bot.slack.history_words import says_who, told_of
from bot.slack.messages.happened import in_groups
from bot.slack.text import date, escape
from commands.desk import Desk
from commands.subcommands import Call, Subcommand

NO_STEPS: Mapping[str, Sequence[Step]] = MappingProxyType({})
NEWEST = 20
OF_ONE = 60
# Sections of a few lines each: Slack takes 50 blocks of 3,000 characters.
_TOGETHER = 5


def answer(desk: Desk, call: Call) -> None:
    """Tell the newest lines of the history, or those of one request."""
    request_id = call.text.strip().upper()
    lines = desk.history.newest(OF_ONE if request_id else NEWEST, request_id)
    if not lines:
        call.tell(sentences.UNKNOWN_REQUEST if request_id else sentences.NO_HISTORY)
        return
    call.tell(sentences.history_of(escape(request_id)), blocks=blocks(lines, desk.history.steps_of(lines)))


def blocks(lines: Sequence[ChainedEvent], steps: Mapping[str, Sequence[Step]] = NO_STEPS) -> list[Block]:
    """The lines as blocks, oldest first, with the end of the chain that they belong to; `steps` by request id."""
    told = [line_text(line, steps.get(line.event.request_id, ())) for line in lines]
    return [
        *(section(group) for group in in_groups(told, 3_000, _TOGETHER)),
        context(sentences.history_ends(lines[-1].seq, lines[-1].hash[:16])),
    ]


def line_text(line: ChainedEvent, steps: Sequence[Step] = ()) -> str:
    """One line: when, which request, who, what."""
    event = line.event
    who = f"<@{event.actor.user_id}>" if event.actor else sentences.THE_BOT
    about = f"*{event.request_id}* " if event.request_id else ""
    return f"{date(event.at)} {about}{f'{who} · ' if says_who(event) else '· '}{''.join(told_of(event, steps))}"


HISTORY = Subcommand(
    word="history",
    usage=sentences.HISTORY_USAGE,
    answer=answer,
)
