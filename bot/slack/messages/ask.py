"""The question in the thread: who asks for what and why, until when, with the buttons while it is open."""

from collections.abc import Sequence

from bot.domain.params import CopyParams, Params
from bot.domain.ports import Message
from bot.domain.requests import CopyRequest, RequestState
from bot.slack.blocks import Block, actions, button, confirm, context, section
from bot.slack.describe import Names, approved_by, kept, one_line, people, plan_lines, spoken, title
from bot.slack.ids import APPROVE, CANCEL, REJECT
from bot.slack.messages.card import decision_line
from bot.slack.text import cut, date, escape, quoted


def ask(request: CopyRequest, names: Names) -> Message:
    steps = [step.params for step in request.steps]
    asker = f"<@{request.requester.user_id}>"
    first, *others = plan_lines(steps, names)
    blocks: list[Block] = [
        section(f"{asker} asks to {escape(title(steps, names))}.\n{first}"),
        *(section(lines) for lines in others),
        section("*Why:*"),
        *(section(piece) for piece in quoted(request.reason)),
        *_end(request, names),
    ]
    text = (
        f"{asker} asks to {', then '.join(one_line(step, names) for step in steps[:3])}.{_how_long(steps)} "
        f"Why: {cut(escape(' '.join(request.reason.split())), 300)}\n{decision_line(request)}"
    )
    return Message(text=text, blocks=tuple(blocks))


def _end(request: CopyRequest, names: Names) -> list[Block]:
    if request.state is not RequestState.PENDING:
        return [section(decision_line(request))]
    given, needed = approved_by(request), request.ruling.needed
    number = "One approval is" if needed == 1 else f"{needed} approvals are"
    so_far = f" Approved so far by {people(given)}; {needed - len(given)} missing." if given else ""
    oneself = " The person who asked may approve too." if request.ruling.allow_self else ""
    return [
        section(f"{number} needed from {people(request.ruling.approvers)}.{so_far}{oneself}"),
        actions(f"decide:{request.id}:{request.version}", _buttons(request, names)),
        context(f"Answer by {date(request.answer_by)}. Without an answer nothing is copied."),
    ]


def _buttons(request: CopyRequest, names: Names) -> list[Block]:
    what = "; ".join(spoken(step.params, names) for step in request.steps)
    return [
        button(
            APPROVE,
            "Approve",
            request.id,
            style="primary",
            spoken=f"Approve copy request {request.id}",
            confirm=confirm(
                f"Approve {request.id}?",
                # What matters stands first, since Slack cuts long names off the end.
                f"{_effect(request)} What has started cannot be cancelled. It is: {what}.",
                "Approve",
                "Not yet",
            ),
        ),
        button(REJECT, "Reject", request.id, style="danger", spoken=f"Reject copy request {request.id}"),
        button(
            CANCEL,
            "Cancel request",
            request.id,
            spoken=f"Cancel copy request {request.id}",
            confirm=confirm(
                f"Cancel {request.id}?",
                "Only the person who asked can do this. Nothing is copied.",
                "Cancel request",
                "Keep it",
            ),
        ),
    ]


def _how_long(steps: Sequence[Params]) -> str:
    copies = [step for step in steps if isinstance(step, CopyParams)]
    return f" Kept: {kept(copies[-1].retention, copies[-1])}." if copies else ""


def _effect(request: CopyRequest) -> str:
    others = request.ruling.needed - len(approved_by(request)) - 1
    if others > 0:
        number = "One more approval is" if others == 1 else f"{others} more approvals are"
        return f"{number} needed after yours before AWS Backup starts."
    return "With your approval AWS Backup starts at once."
