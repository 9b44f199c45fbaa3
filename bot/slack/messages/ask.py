"""The question in the thread: who asks for what and why, until when, with the buttons while it is open."""

from collections.abc import Sequence

from bot.domain import sentences
from bot.domain.deciders import stages_now
from bot.domain.params import CopyParams, Params
from bot.domain.ports import Message
from bot.domain.requests import CopyRequest, RequestState
from bot.slack.blocks import Block, actions, button, confirm, context, section
from bot.slack.costs import cost_lines, priced
from bot.slack.describe import Names, approved_by, kept, one_line, people, plan_lines, spoken, title
from bot.slack.ids import APPROVE, BREAK_GLASS, CANCEL, REJECT
from bot.slack.messages.standing import decision_line, review_line, stage_lines, warnings_of
from bot.slack.plan_words import nothing_happens, only_copies
from bot.slack.text import cut, date, escape, quoted

# Slack takes 50 blocks; a plan's steps, the reason and the buttons have to fit as well.
MOST_WARNINGS = 12


def ask(request: CopyRequest, names: Names) -> Message:
    steps = [step.params for step in request.steps]
    asker = f"<@{request.requester.user_id}>"
    first, *others = plan_lines(steps, names)
    warnings = [line for step in request.steps for line in warnings_of(step)]
    blocks: list[Block] = [
        section(f"{asker} asks to {escape(title(steps, names))}.\n{first}"),
        *(section(lines) for lines in others),
        *(section(lines) for lines in [cost_lines(priced(request.steps), request.created_at)] if lines),
        *(section(cut(line, 2900)) for line in _fitting(warnings)),
        section("*Why:*"),
        *(section(piece) for piece in quoted(request.reason)),
        *_end(request, names),
    ]
    alarm = f"{cut(warnings[0], 600)} " if warnings else ""
    text = (
        f"{asker} asks to {', then '.join(one_line(step, names) for step in steps[:3])}.{_how_long(steps)} "
        f"{alarm}Why: {cut(escape(' '.join(request.reason.split())), 300)}\n{decision_line(request)}"
    )
    return Message(text=text, blocks=tuple(blocks))


def approve_button(request: CopyRequest, names: Names, label: str = "Approve") -> Block:
    """Approve what is shown in this round; the confirm dialog repeats the effect."""
    what = "; ".join(spoken(step.params, names) for step in request.steps)
    return button(
        APPROVE,
        label,
        button_value(request),
        style="primary",
        spoken=f"{label} copy request {request.id}",
        confirm=confirm(
            f"Approve {request.id}?",
            # What matters stands first, since Slack cuts long names off the end.
            f"{_final(request)}{_effect(request)} What has started cannot be cancelled. It is: {what}.",
            "Approve",
            "Not yet",
        ),
    )


def button_value(request: CopyRequest) -> str:
    """The request, and from the second round on the round: what the person who clicks has seen."""
    return request.id if request.round == 1 else f"{request.id}/{request.round}"


def _end(request: CopyRequest, names: Names) -> list[Block]:
    if request.state is not RequestState.PENDING:
        return [section(line) for line in (decision_line(request), review_line(request)) if line]
    ruling = request.standing
    given, needed = approved_by(request), ruling.needed_in_all
    asked = sentences.needed_from([(stage.needed, people(stage.approvers)) for stage in ruling.stages])
    so_far = f" {sentences.given_so_far(people(given), needed - len(given))}" if given else ""
    oneself = " The person who asked may approve too." if ruling.allow_self else ""
    stages = stage_lines(request)
    return [
        section(f"{asked}.{so_far}{oneself}"),
        *([section(stages)] if stages else []),
        actions(f"decide:{request.id}:{request.version}", _buttons(request, names)),
        context(f"Answer by {date(request.answer_by)}. Without an answer {nothing_happens(request)}."),
    ]


def _buttons(request: CopyRequest, names: Names) -> list[Block]:
    value = button_value(request)
    glass = button(BREAK_GLASS, "Break glass…", value, spoken=f"Go ahead with {request.id} without approvals")
    return [
        approve_button(request, names),
        button(REJECT, "Reject", value, style="danger", spoken=f"Reject copy request {request.id}"),
        button(
            CANCEL,
            "Cancel request",
            value,
            spoken=f"Cancel copy request {request.id}",
            confirm=confirm(
                f"Cancel {request.id}?",
                f"Only the person who asked can do this. {nothing_happens(request).capitalize()}.",
                "Cancel request",
                "Keep it",
            ),
        ),
        *([glass] if request.standing.break_glass else []),
    ]


def _fitting(warnings: Sequence[str]) -> list[str]:
    left = len(warnings) - MOST_WARNINGS
    return [*warnings[:MOST_WARNINGS], *([f":warning: and {left} more"] if left > 0 else [])]


def _how_long(steps: Sequence[Params]) -> str:
    copies = [step for step in steps if isinstance(step, CopyParams)]
    return f" Kept: {kept(copies[-1].retention, copies[-1])}." if copies else ""


def _final(request: CopyRequest) -> str:
    """The first thing in the dialog, where it cannot be undone."""
    final = any(line.startswith(":warning: *THIS") for step in request.steps for line in warnings_of(step))
    return f"{sentences.FINAL} " if final else ""


def _effect(request: CopyRequest) -> str:
    stages = stages_now(request.standing, request.decisions)
    others = sum(stage.missing for stage in stages) - 1
    what = "AWS Backup" if only_copies(request) else "it"
    if others > 0:
        number = "One more approval is" if others == 1 else f"{others} more approvals are"
        return f"{number} needed after yours before {what} starts."
    return f"With your approval {what} starts at once."
