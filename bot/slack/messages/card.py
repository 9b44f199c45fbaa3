"""The card: the one root message of a request, always telling its present state."""

from datetime import datetime, timedelta

from bot.domain.backups import CopyJobState
from bot.domain.copies import CopyEnd, Made
from bot.domain.ports import Message
from bot.domain.requests import CopyRequest, RequestState
from bot.domain.sentences import question as words
from bot.domain.steps import LOOK_DENIED, MAYBE_STARTED, NOT_SHOWN, QUEUED, SEEN, UNREAD, Step, StepState
from bot.slack.blocks import Block, context, fields, header, section
from bot.slack.costs import cost_in_short, priced
from bot.slack.describe import Names, approved_by, one_line, people, step_fields, title
from bot.slack.messages.standing import decision_line, review_line, stage_lines, to_overrule
from bot.slack.plan_words import is_schedule, only_copies, place_in_plan
from bot.slack.text import cut, date, duration, escape, plain

YOUNG = timedelta(minutes=1)
UNKNOWN_MARK, GONE_MARK = ":grey_question:", ":wastebasket:"
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
    text = f"{words.asked_by(request.id, f'<@{request.requester.user_id}>', what)} {status}"
    return Message(
        text=text,
        blocks=(
            header(plain(f"{request.id}: {title(steps, names)}", 150)),
            section(status),
            *(section(cut(line, 2_900)) for line in (stage_lines(request), review_line(request)) if line),
            *_plan(request, names),
            *(context(cost) for cost in [cost_in_short(priced(request.steps), request.created_at)] if cost),
            *(context(f":scales: {words.overrules(number)}") for number in _against(request)),
            context(f"{request.id} · {words.IN_THE_THREAD}"),
        ),
    )


def _against(request: CopyRequest) -> list[int]:
    """How many findings are to be overruled, while somebody may still say yes to them."""
    number = to_overrule(request) if request.state is RequestState.PENDING else 0
    return [number] if number else []


def _plan(request: CopyRequest, names: Names) -> list[Block]:
    """One step with all its fields, several in a line each with its state; all the rest is in the thread."""
    asker = (words.ASKED_BY, f"<@{request.requester.user_id}>")
    if len(request.steps) == 1:
        return [fields([*step_fields(request.steps[0].params, names), asker])]
    lines = "\n".join(_step_line(request, number, names) for number in range(1, len(request.steps) + 1))
    return [section(cut(lines, 2900)), fields([asker])]


def _step_line(request: CopyRequest, number: int, names: Names) -> str:
    step = request.steps[number - 1]
    made = request.made_by(step)
    return f"{_mark(step, made)} {number}. {one_line(step.params, names)} · {step_state(step, made)}"


def _mark(step: Step, made: Made | None) -> str:
    if made and made.end and made.end.is_gone:
        return GONE_MARK
    return UNKNOWN_MARK if step.is_unknown else MARKS[step.state]


def status_line(request: CopyRequest) -> str:
    """The state in words; an emoji repeats it and never carries it alone."""
    match request.state:
        case RequestState.APPROVED:
            by = words.by_whom(people(approved_by(request)))
            return f":large_blue_circle: *{words.APPROVED}* {by} · {_starting(request.steps)}"
        case RequestState.RUNNING:
            return f":large_blue_circle: *{_doing(request)}* · {_running(request)}"
        case RequestState.COMPLETED:
            if is_schedule(request):
                # The schedule goes on, is paused or deleted without this card.
                return f":white_check_mark: *{words.SET_UP}* · {words.put_in_force(_ended(request))}"
            return f"{_completed_mark(request)} *{words.COMPLETED}* · {_finished(request)}{_bold(ended_since(request))}"
        case RequestState.FAILED:
            headline = f"{UNKNOWN_MARK} *{words.UNKNOWN}*" if request.is_unknown else f":x: *{words.FAILED}*"
            return f"{headline} · {_why(request)}"
        case RequestState.PARTIAL:
            return f":x: *{words.PARTIAL}* · {_why(request)}{_bold(ended_since(request))}"
        case _:
            return decision_line(request)


def ended_since(request: CopyRequest) -> str:
    """That what the request made has come to its end; "" as long as it is there."""
    ended = [made for made in request.made if made.end]
    if len(request.made) == 1:
        return "".join(map(copy_ended, ended))
    return words.copies_ended(len(ended), len(request.made)) if ended else ""


def copy_ended(made: Made) -> str:
    """How a copy came to its end; "" of one that is there."""
    if made.end is None:
        return ""
    when = made.ended_at if made.end is CopyEnd.EARLY else made.delete_at or made.ended_at
    return words.copy_ended(made.end, date(when) if when else "")


def _completed_mark(request: CopyRequest) -> str:
    gone = bool(request.made) and all(made.end and made.end.is_gone for made in request.made)
    return GONE_MARK if gone else ":white_check_mark:"


def _bold(said: str) -> str:
    return f" · *{said}*" if said else ""


def _doing(request: CopyRequest) -> str:
    running = next((step for step in request.steps if step.state is StepState.RUNNING), None)
    copies = only_copies(request) if running is None else running.copy
    return words.COPYING if copies else words.UNDER_WAY


def step_state(step: Step, made: Made | None = None) -> str:
    """How far one step of several is, in words: a mark never carries it alone."""
    match step.state:
        case StepState.WAITING:
            return words.STEP_IN_LINE if step.outside_state == QUEUED else words.STEP_TODO
        case StepState.STARTING:
            return words.STEP_STARTING
        case StepState.RUNNING:
            unread = step.outside_state in UNREAD
            return words.at_work_since(date(step.started_at) if step.started_at else "", unread=unread)
        case StepState.DONE:
            seen = step.outside_state == SEEN
            done = words.done_at(date(step.finished_at) if step.finished_at else "", seen=seen)
            return f"{done}{_bold(copy_ended(made) if made else '')}"
        case StepState.FAILED:
            return words.STEP_UNKNOWN if step.is_unknown else words.STEP_FAILED
        case StepState.SKIPPED:
            return words.STEP_SKIPPED


def _starting(steps: tuple[Step, ...]) -> str:
    tried = any(step.tries > 1 for step in steps)
    if any(step.state is StepState.WAITING and step.outside_state == QUEUED for step in steps):
        return words.IN_LINE
    if any(step.state is StepState.STARTING and step.outside_state == MAYBE_STARTED for step in steps):
        return words.MAYBE_STARTED
    return words.TRYING_AGAIN if tried else words.NOT_STARTED


def _running(request: CopyRequest) -> str:
    running = next((step for step in request.steps if step.state is StepState.RUNNING), None)
    if running is None or running.started_at is None:
        return words.NEXT_STEP
    if running.outside_state in UNREAD:
        return f"{_place(request, running)}{_unread(running, running.started_at)}"
    since = words.running_since(date(running.started_at), _so_far(running, running.started_at))
    accepted_only = running.outside_state == CopyJobState.CREATED
    hidden = running.outside_state == NOT_SHOWN
    guess = _guess(running) if running.copy and not accepted_only and not hidden else ""
    does = words.aws_is_at(since, copies=bool(running.copy), accepted_only=accepted_only, hidden=hidden)
    return f"{_place(request, running)}{does}{guess}"


def _unread(step: Step, started_at: datetime) -> str:
    """What is not seen is not claimed: no progress, no estimate."""
    when, since = step.in_vain_since, words.running_since(date(started_at), "")
    return words.unread(date(when) if when else "", since, denied=step.outside_state == LOOK_DENIED)


def _place(request: CopyRequest, step: Step) -> str:
    place = place_in_plan(request, step)
    return f"{place} · " if place else ""


def _so_far(step: Step, started_at: datetime) -> str:
    """How long it had been running when the card was last brought up to date; a young one says only since when."""
    if step.shown_at is None or step.shown_at - started_at < YOUNG:
        return ""
    return duration((step.shown_at - started_at).total_seconds())


def _guess(step: Step) -> str:
    if step.expected_at is None:
        return ""
    if step.shown_at is not None and step.shown_at >= step.expected_at:
        return f" · {words.past_estimate(step.expected_from)}"
    return f" · {words.done_by_about(date(step.expected_at), step.expected_from)}"


def _finished(request: CopyRequest) -> str:
    """When the last step ended, or was seen to have ended."""
    ended = [step for step in request.steps if step.finished_at]
    last = max(ended, key=lambda step: step.finished_at or request.created_at, default=None)
    seen = last is not None and last.outside_state == SEEN
    return words.seen_at(_ended(request)) if seen else words.finished_at(_ended(request))


def _ended(request: CopyRequest) -> str:
    ends = [step.finished_at for step in request.steps if step.finished_at]
    return date(max(ends)) if ends else ""


def _why(request: CopyRequest) -> str:
    failed = next((step for step in request.steps if step.failure), None)
    if failed is None or failed.failure is None:
        return words.SEE_THREAD
    return cut(
        words.failed_at(
            place_in_plan(request, failed), escape(failed.failure.message), unknown=failed.failure.is_unknown
        ),
        500,
    )
