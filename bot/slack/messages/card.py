"""The card: the one root message of a request, always telling its present state."""

from datetime import datetime, timedelta

from bot.domain.backups import CopyJobState
from bot.domain.ports import Message
from bot.domain.requests import CopyRequest, RequestState
from bot.domain.steps import QUEUED, Step, StepState
from bot.slack.blocks import Block, context, fields, header, section
from bot.slack.costs import cost_in_short, priced
from bot.slack.describe import Names, approved_by, one_line, people, step_fields, title
from bot.slack.messages.standing import decision_line, review_line, stage_lines
from bot.slack.plan_words import place_in_plan
from bot.slack.text import cut, date, duration, escape, plain

YOUNG = timedelta(minutes=1)
MARKS = {
    StepState.WAITING: ":white_circle:",
    StepState.STARTING: ":large_blue_circle:",
    StepState.RUNNING: ":large_blue_circle:",
    StepState.DONE: ":white_check_mark:",
    StepState.FAILED: ":x:",
    StepState.SKIPPED: ":heavy_minus_sign:",
}


def card(request: CopyRequest, names: Names) -> Message:
    steps = [step.params for step in request.steps]
    status = status_line(request)
    what = ", then ".join(one_line(step, names) for step in steps[:3])
    text = f"{request.id}, asked by <@{request.requester.user_id}>: {what}. {status}"
    return Message(
        text=text,
        blocks=(
            header(plain(f"{request.id}: {title(steps, names)}", 150)),
            section(status),
            *(section(line) for line in (stage_lines(request), review_line(request)) if line),
            *_plan(request, names),
            *(context(words) for words in [cost_in_short(priced(request.steps), request.created_at)] if words),
            context(f"{request.id} · Questions, decisions and results are in the thread."),
        ),
    )


def _plan(request: CopyRequest, names: Names) -> list[Block]:
    """One step with all its fields, several in a line each with its state; all the rest is in the thread."""
    asker = ("Asked by", f"<@{request.requester.user_id}>")
    if len(request.steps) == 1:
        return [fields([*step_fields(request.steps[0].params, names), asker])]
    lines = "\n".join(
        f"{MARKS[step.state]} {number}. {one_line(step.params, names)} · {step_state(step)}"
        for number, step in enumerate(request.steps, start=1)
    )
    return [section(cut(lines, 2900)), fields([asker])]


def status_line(request: CopyRequest) -> str:
    """The state in words; an emoji repeats it and never carries it alone."""
    match request.state:
        case RequestState.APPROVED:
            return f":large_blue_circle: *Approved* by {people(approved_by(request))} · {_starting(request.steps)}"
        case RequestState.RUNNING:
            return f":large_blue_circle: *{_doing(request)}* · {_running(request)}"
        case RequestState.COMPLETED:
            return f":white_check_mark: *Completed* · {_finished(request)}"
        case RequestState.FAILED:
            return f":x: *Failed* · {_why(request)}"
        case RequestState.PARTIAL:
            return f":x: *Partly done* · {_why(request)}"
        case _:
            return decision_line(request)


def _doing(request: CopyRequest) -> str:
    running = next((step for step in request.steps if step.state is StepState.RUNNING), None)
    return "Copying" if running is None or running.copy else "Under way"


def step_state(step: Step) -> str:
    """How far one step of several is, in words: a mark never carries it alone."""
    match step.state:
        case StepState.WAITING:
            return "waits for its turn" if step.outside_state == QUEUED else "to do"
        case StepState.STARTING:
            return "starting"
        case StepState.RUNNING:
            return f"at work since {date(step.started_at)}" if step.started_at else "at work"
        case StepState.DONE:
            return f"done {date(step.finished_at)}" if step.finished_at else "done"
        case StepState.FAILED:
            return "failed"
        case StepState.SKIPPED:
            return "left out"


def _starting(steps: tuple[Step, ...]) -> str:
    tried = any(step.tries > 1 for step in steps)
    if any(step.state is StepState.WAITING and step.outside_state == QUEUED for step in steps):
        return "waits its turn, since AWS makes one backup or copy of a table at a time"
    return "not started yet, trying again" if tried else "not started yet"


def _running(request: CopyRequest) -> str:
    running = next((step for step in request.steps if step.state is StepState.RUNNING), None)
    if running is None or running.started_at is None:
        return "the next step is about to start"
    place, since = _place(request, running), f"since {date(running.started_at)}{_so_far(running, running.started_at)}"
    if running.outside_state == CopyJobState.CREATED:
        return f"{place}AWS has accepted the job and not begun yet · {since}"
    return f"{place}AWS is copying · {since}{_guess(running)}" if running.copy else f"{place}AWS is at work · {since}"


def _place(request: CopyRequest, step: Step) -> str:
    place = place_in_plan(request, step)
    return f"{place} · " if place else ""


def _so_far(step: Step, started_at: datetime) -> str:
    """How long it had been running when the card was last brought up to date; a young one says only since when."""
    if step.shown_at is None or step.shown_at - started_at < YOUNG:
        return ""
    return f" ({duration((step.shown_at - started_at).total_seconds())} so far)"


def _guess(step: Step) -> str:
    if step.expected_at is None:
        return ""
    copies = "1 earlier copy" if step.expected_from == 1 else f"{step.expected_from} earlier copies"
    return f" · done by about {date(step.expected_at)} (an estimate, from {copies} of this table on this route)"


def _finished(request: CopyRequest) -> str:
    ends = [step.finished_at for step in request.steps if step.finished_at]
    return f"finished {date(max(ends))}" if ends else "finished"


def _why(request: CopyRequest) -> str:
    failed = next((step for step in request.steps if step.failure), None)
    if failed is None or failed.failure is None:
        return "see the thread"
    place = place_in_plan(request, failed)
    return cut(f"{f'{place} failed: ' if place else ''}{escape(failed.failure.message)}", 500)
