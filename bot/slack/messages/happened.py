"""What has happened to a request, in the few lines that tell most: the rest is in `/copy-backup history`."""

from collections.abc import Iterator, Sequence

from bot.domain.audit import ChainedEvent
from bot.domain.copies import CopyEnd
from bot.domain.requests import Event, RequestEvent
from bot.domain.sentences import history
from bot.domain.steps import Step
from bot.slack.blocks import Block, context, section
from bot.slack.history_words import CLICK_REFUSED, told_of
from bot.slack.ids import COMMAND
from bot.slack.text import date

MOST, SECTION = 15, 2_900
# What a request's life consists of, however much was clicked meanwhile.
_TURNS = frozenset({"asked", "approved by one", CLICK_REFUSED, *RequestEvent, *CopyEnd})


def happened(request_id: str, lines: Sequence[ChainedEvent], steps: Sequence[Step]) -> list[Block]:
    """The lines that tell most, oldest first, whole ones, and where the others are."""
    if not lines:
        return []
    events = [line.event for line in lines]
    refused = [at for at, event in enumerate(events) if event.what == CLICK_REFUSED]
    # Refused clicks are told of by one line, in the place of the newest one.
    earlier = frozenset(refused[:-1])
    told = [event for at, event in enumerate(events) if at not in earlier]
    shown = _that_tell_most(told)
    texts = [_line(event, steps, len(refused) if event.what == CLICK_REFUSED else 1) for event in shown]
    more = [context(f"more: `{COMMAND} history {request_id}`")] if len(shown) < len(events) else []
    return [*(section(group) for group in in_groups(["*History:*", *texts], SECTION)), *more]


def in_groups(lines: Sequence[str], longest: int, most: int = MOST + 1) -> Iterator[str]:
    """Whole lines together, as many as fit."""
    group: list[str] = []
    for line in lines:
        if group and (len(group) == most or len("\n".join([*group, line])) > longest):
            yield "\n".join(group)
            group = []
        group.append(line)
    if group:
        yield "\n".join(group)


def _that_tell_most(events: Sequence[Event]) -> list[Event]:
    """The newest of each turn before other turns, and those before whatever else; the newest first in each."""
    newest = {event.what: at for at, event in enumerate(events) if event.what in _TURNS}
    first = set(newest.values())
    order = sorted(range(len(events)), key=lambda at: (at not in first, events[at].what not in _TURNS, -at))
    return [events[at] for at in sorted(order[:MOST])]


def _line(event: Event, steps: Sequence[Step], count: int) -> str:
    by = f" by <@{event.actor.user_id}>" if event.actor else ""
    what, more = told_of(event, steps, longest=150)
    if count > 1:
        return f"{date(event.at)} {history.were_refused(count, f'{by}{more}')}"
    return f"{date(event.at)} {what}{by}{more}"
