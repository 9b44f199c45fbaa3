"""The lines of the history as people read them: who did what, in sentences, people by their names."""

import re
from collections.abc import Callable, Mapping, Sequence

from bot.domain import sentences
from bot.domain.copies import CopyEnd
from bot.domain.requests import Event, RequestEvent
from bot.domain.sentences import history
from bot.domain.steps import Step
from bot.slack.text import code, cut, escape

LONGEST = 300
# What the bot itself wrote into a sentence about somebody; nothing else becomes a mention.
_MENTION = re.compile(r"&lt;(@U[A-Z0-9]{2,20}|@W[A-Z0-9]{2,20}|!subteam\^S[A-Z0-9]{2,20})&gt;")
# A recovery point, as AWS Backup or DynamoDB names it.
_POINT = re.compile(r"arn:aws[\w-]*:(?:backup|dynamodb):[\w-]*:\d*:(?:recovery-point:|table/[\w.-]+/backup/)([\w-]+)")
_CHANNEL = re.compile(r" for ([CG][A-Z0-9]{2,20}) \(")
_LINK = re.compile(r"&lt;(#[CG][A-Z0-9]{2,20})&gt;")
_ID = re.compile(r"[USW][A-Z0-9]{2,20}")
# What happened by itself: nobody did it, the bot neither.
_BY_ITSELF = frozenset(
    {
        *CopyEnd,
        RequestEvent.LAPSE,
        RequestEvent.START,
        RequestEvent.COMPLETE,
        RequestEvent.COMPLETE_PARTLY,
        RequestEvent.FAIL,
        RequestEvent.APPROVE,
    }
)


def says_who(event: Event) -> bool:
    """Whether somebody, or the bot, did it; what happened by itself names nobody."""
    return event.actor is not None or event.what not in _BY_ITSELF


def told_of(event: Event, steps: Sequence[Step] = (), longest: int = LONGEST) -> tuple[str, str]:
    """What happened, and what more is known of it ("" or with its colon). `steps`: those of the request, if known."""
    special = _SPECIAL.get(event.what)
    if special is not None:
        return special(event, steps), ""
    detail = cut(_short(event, steps), longest)
    done = history.OUTCOME_UNKNOWN if _is_unknown(event, steps) else escape(history.done(event.what))
    return (
        done,
        f": {_with_names(detail) if event.what == CLICK_REFUSED else _with_channels(detail, event)}" if detail else "",
    )


def _short(event: Event, steps: Sequence[Step]) -> str:
    """What more is known, without what was said already, and with copies by where they are."""
    known = " ".join(event.detail.split())
    known = "" if known == event.what else known.removeprefix(f"{event.what}: ")
    made = {step.result_arn: step.copy.destination for step in steps if step.result_arn and step.copy}

    def name(found: re.Match[str]) -> str:
        vault = made.get(found[0])
        return history.copy_there(vault.name, vault.region) if vault else history.copy_called(found[1][:8])

    channels = _CHANNEL.sub(r" for <#\1> (", known) if event.what == history.DISMISSED else known
    return _POINT.sub(name, channels)


def _is_unknown(event: Event, steps: Sequence[Step]) -> bool:
    """Whether what failed here only counts as failed: AWS has forgotten how it ended."""
    failed = [step.failure for step in steps if step.is_unknown and step.failure]
    return event.what == RequestEvent.FAIL and any(failure.message == event.detail for failure in failed)


def _started(event: Event, steps: Sequence[Step]) -> str:
    """Which step, and AWS's job where there is one; also recorded where a step failed and others go on."""
    job = " ".join(event.detail.split())
    if " " in job:
        return history.goes_on(escape(cut(job, LONGEST)))
    at = next((at for at, step in enumerate(steps, start=1) if job and step.external_id == job), None)
    kind = steps[at - 1].kind if at else None
    return history.started(at if at and len(steps) > 1 else 0, kind, code(cut(job, LONGEST)) if job else "")


def _reminded(event: Event, _: Sequence[Step]) -> str:
    return history.was_reminded(_people(event.detail))


def _escalated(event: Event, _: Sequence[Step]) -> str:
    return history.was_called(_people(event.detail))


def _asked_again(event: Event, _: Sequence[Step]) -> str:
    return history.was_asked_again(escape(cut(event.detail, LONGEST)))


def _people(ids: str) -> str:
    """Ids parted by spaces, as mentions."""
    known = ids.split()[:20]
    return history.in_a_row([sentences.mention(one) if _ID.fullmatch(one) else escape(cut(one, 40)) for one in known])


def _with_names(text: str) -> str:
    return _MENTION.sub(lambda found: f"<{found[1]}>", escape(text))


def _with_channels(text: str, event: Event) -> str:
    """What the bot itself wrote of where it could not deliver; nothing else becomes a link."""
    links = event.what == history.DISMISSED
    return _LINK.sub(r"<\1>", escape(text)) if links else escape(text)


CLICK_REFUSED = "click refused"
_SPECIAL: Mapping[str, Callable[[Event, Sequence[Step]], str]] = {
    RequestEvent.START: _started,
    "reminded": _reminded,
    "escalated": _escalated,
    "asked again": _asked_again,
}
