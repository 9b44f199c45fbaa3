"""What is said once in a request's thread: decisions, start, result, end."""

from collections.abc import Mapping
from dataclasses import replace

from bot.domain.params import CopyParams, RestoreParams
from bot.domain.ports import Message
from bot.domain.requests import CopyRequest
from bot.domain.sentences.history import job_of
from bot.domain.steps import RECORD_GONE, Step
from bot.slack.blocks import Block, actions, button, context, section
from bot.slack.describe import Names, copy_line, end_as_told, one_line
from bot.slack.ids import OFFER_DRILL, OFFER_KEEP, OFFER_RESTORE, OFFER_SCHEDULE, RETRY
from bot.slack.messages import steps
from bot.slack.messages.tables import step_done
from bot.slack.messages.unread import unread
from bot.slack.plan_words import place_in_plan
from bot.slack.text import code, cut, duration, escape, moment, ours, quoted, size

Facts = Mapping[str, object]
_SAID = "*What was said:*"


def started(request: CopyRequest, facts: Facts, names: Names) -> Message:
    step = request.step(facts.get("step"))
    account, region = step.home
    what = "The copy has started" if step.copy else f"Started: {one_line(step.params, names)}"
    return _said(
        f":arrow_forward: {what}{_bracketed(request, step)}: AWS Backup job {code(str(facts.get('job_id')))} "
        f"in {names.account(account)} ({region}). I will tell you here when it has completed."
    )


def delayed(request: CopyRequest, facts: Facts, names: Names) -> Message:
    message = cut(escape(str(facts.get("message", ""))), 600)
    if facts.get("unknown"):
        return _said(
            f":hourglass_flowing_sand: {_subject(request, facts, names)} may have started: AWS's answer got lost, and "
            f"I cannot look whether it did. AWS says: {message}\n"
            "I keep looking, and tell you what I find. Do not have it made a second time before."
        )
    return _said(
        f":hourglass_flowing_sand: {_subject(request, facts, names)} has not started yet. AWS says: {message}\n"
        "I keep trying, with growing pauses, and tell you when it starts or when I give up."
    )


def stalled(request: CopyRequest, facts: Facts, names: Names) -> Message:
    if facts.get("hidden"):
        return _hidden(request, facts)
    if facts.get("unread"):
        return _said(unread(request, facts, names))
    hours = facts.get("hours")
    return _said(
        f":hourglass_flowing_sand: AWS accepted the copy job {code(str(facts.get('job_id')))} {hours} hours ago "
        "and has not begun yet. *Nothing has failed.* AWS makes one backup or copy of a table at a time, so it may be "
        "waiting for another one; and what fails on AWS's own side it tries again for up to two hours before its "
        "staff look after it. A copy job cannot be cancelled. I keep looking, and tell you when it moves."
    )


def _hidden(request: CopyRequest, facts: Facts) -> Message:
    job = job_of(request.step(facts.get("step")).kind)
    return _said(
        f":hourglass_flowing_sand: AWS accepted the {job} {code(str(facts.get('job_id')))} and does not show it now. "
        "*Nothing is known to have failed.* I keep looking and tell you how it ends; 30 days after its start at the "
        "latest, I tell you what I can find. Do not have it made a second time before: look under Jobs in AWS Backup."
    )


def completed(request: CopyRequest, facts: Facts, names: Names) -> Message:
    """The good end of one step; the last one of a plan of which others failed lets people try those again."""
    message = _completed(request, facts, names)
    if not _can_retry(request, facts, otherwise=False):
        return message
    words = f"Not all of {request.id} is done: what failed is above, and *Try again* begins there."
    return replace(message, blocks=(*message.blocks, section(words), *_retry(request)))


def _completed(request: CopyRequest, facts: Facts, names: Names) -> Message:
    step = request.step(facts.get("step"))
    params = step.params
    if not isinstance(params, CopyParams):
        return step_done(request, step, facts, names) or steps.done(params, facts, names)
    text = (
        f":white_check_mark: Completed: {copy_line(params, names)}. "
        f"{size(facts.get('size_bytes'))} in {_took(facts)}. Expires: {_end(facts)}."
    )
    return Message(
        text=text,
        blocks=(
            section(
                f":white_check_mark: *The copy has completed.* {copy_line(params, names)}\n"
                f"*Copy:* {code(str(facts.get('copy_arn')))}\n"
                f"*Size:* {size(facts.get('size_bytes'))}\n"
                f"*Took:* {_took(facts)}\n"
                f"*Expires:* {_end(facts)}"
            ),
            *_offers(request, step, facts),
            context(
                f"{request.id}{_bracketed(request, step)} · copy job {code(str(facts.get('job_id')))} · "
                f"<@{request.requester.user_id}>"
            ),
        ),
        broadcast=True,
    )


def failed(request: CopyRequest, facts: Facts, names: Names) -> Message:
    step = request.step(facts.get("step"))
    what = copy_line(step.copy, names) if step.copy else f"It was to {one_line(step.params, names)}"
    message, remedy = str(facts.get("message", "")), str(facts.get("remedy", ""))
    job = f" · {job_of(step.kind)} {code(str(facts['job_id']))}" if facts.get("job_id") else ""
    cause = escape(str(facts.get("cause") or ""))
    why = f"\n*Cause:* {cause}" if cause else ""
    unknown = facts.get("category") == RECORD_GONE
    opening = f"{_failed(request, step, unknown=unknown)} {what}"
    blocks: list[Block] = [
        section(f"{opening}{why}\n{_SAID}"),
        *(section(piece) for piece in quoted(message)[:3]),
        *(context(cut(line, 1_900)) for line in [_evidence(facts.get("evidence"))] if line),
        *([section("*What to do:*"), *(section(piece) for piece in _remedy(remedy))] if remedy else []),
        *(_retry(request) if _can_retry(request, facts, otherwise=True) else []),
        context(f"{request.id}{job} · <@{request.requester.user_id}>"),
    ]
    advice = f"\nWhat to do: {cut(escape(remedy.replace(chr(96), '')), 500)}" if remedy else ""
    said = f"{cause} AWS says: {cut(escape(message), 500)}" if cause else cut(escape(message), 500)
    ended = ":grey_question: {}: the outcome is not known{}" if unknown else ":x: {} failed{}"
    text = f"{ended.format(request.id, _bracketed(request, step))}: {what}. {said}{advice}"
    return Message(text=text, blocks=tuple(blocks), broadcast=True)


def _failed(request: CopyRequest, step: Step, *, unknown: bool) -> str:
    """How the end begins that is none of the good ones; what nobody knows is not called a failure."""
    subject, place = "the copy" if step.copy else "a step", _bracketed(request, step)
    if unknown:
        return f":grey_question: *How {subject} ended is not known{place}.*"
    return f":x: *{subject.capitalize()} failed{place}.*"


def _evidence(pairs: object) -> str:
    """What AWS's words name, and what the copy was about, each by its name."""
    found = pairs if isinstance(pairs, list | tuple) else ()
    return " · ".join(f"{escape(str(what))} {code(str(name))}" for what, name in found)


def _offers(request: CopyRequest, step: Step, facts: Facts) -> list[Block]:
    """What people may want of a copy; one that is made to be restored at once has its use already."""
    if any(isinstance(other.params, RestoreParams) for other in request.steps):
        return []
    value = f"{request.id}/{step.id}"
    table = step.params.table
    # Nothing can be kept longer than for good.
    ends = moment(facts.get("delete_at")) is not None or not facts.get("expiry_known")
    keep = button(OFFER_KEEP, "Keep longer…", value, spoken=f"Change how long the copies of {request.id} are kept")
    buttons = [
        button(OFFER_RESTORE, "Restore…", value, spoken=f"Restore this copy of {table}"),
        button(OFFER_DRILL, "Drill…", value, spoken=f"Try this copy of {table} in a drill"),
        *([keep] if ends else []),
        button(OFFER_SCHEDULE, "Copy regularly…", value, spoken=f"Have {table} copied like this again and again"),
    ]
    return [actions(f"offers:{request.id}:{step.id}", buttons)]


def _subject(request: CopyRequest, facts: Facts, names: Names) -> str:
    step = request.step(facts.get("step"))
    return "The copy" if step.copy else f"A step ({one_line(step.params, names)})"


def _bracketed(request: CopyRequest, step: Step) -> str:
    place = place_in_plan(request, step)
    return f" ({place})" if place else ""


def _can_retry(request: CopyRequest, facts: Facts, *, otherwise: bool) -> bool:
    """Whether what failed is still to be tried again; `otherwise`: where the facts, written earlier, do not say."""
    return bool(facts.get("can_retry", otherwise)) and not facts.get("answered")


def _retry(request: CopyRequest) -> list[Block]:
    again = button(RETRY, "Try again", request.id, spoken=f"Try copy request {request.id} again")
    return [actions(f"retry:{request.id}:{request.version}", [again])]


def private(request: CopyRequest, facts: Facts, names: Names) -> Message:
    return _said(str(facts.get("sentence", "")))


def _took(facts: Facts) -> str:
    if facts.get("from_vault"):
        if facts.get("seconds") is not None:
            return (
                f"{duration(facts['seconds'])} (AWS has forgotten the job; the copy in its vault tells when it ended)"
            )
        return "an unknown time: AWS has forgotten the job, and I found the copy in its vault"
    return duration(facts.get("seconds"))


def _end(facts: Facts) -> str:
    return end_as_told(moment(facts.get("delete_at")), known=bool(facts.get("expiry_known")))


def _remedy(remedy: str) -> list[str]:
    """The remedy, with what is to be pasted (after a blank line) as it is."""
    return [cut(piece, 3000) for piece in ours(remedy).split("\n\n") if piece.strip()][:5]


def _said(text: str, *, loud: bool = False) -> Message:
    return Message(text=text, blocks=(section(text),), broadcast=loud)
