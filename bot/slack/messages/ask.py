"""The question in the thread: who asks for what and why, until when, with the buttons while it is open."""

from bot.domain.ports import Message
from bot.domain.requests import CopyRequest, RequestState
from bot.slack.blocks import Block, actions, button, confirm, context, section
from bot.slack.describe import Names, approved_by, copy_fields, kept, one_line, people, spoken
from bot.slack.ids import APPROVE, CANCEL, REJECT
from bot.slack.messages.card import decision_line
from bot.slack.text import cut, date, escape, quoted


def ask(request: CopyRequest, names: Names) -> Message:
    params = request.steps[0].params
    asker = f"<@{request.requester.user_id}>"
    lines = "\n".join(f"*{name}:* {value}" for name, value in copy_fields(params, names))
    blocks: list[Block] = [
        section(f"{asker} asks to copy a backup of {escape(params.point.table_name)}.\n{lines}"),
        section("*Why:*"),
        *(section(piece) for piece in quoted(request.reason)),
        *_end(request, names),
    ]
    text = (
        f"{asker} asks to copy {one_line(params, names)}. Kept: {kept(params.retention, params)}. "
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
    what = spoken(request.steps[0].params, names)
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
                f"{_effect(request)} A copy that has started cannot be cancelled. The copy: {what}.",
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


def _effect(request: CopyRequest) -> str:
    others = request.ruling.needed - len(approved_by(request)) - 1
    if others > 0:
        number = "One more approval is" if others == 1 else f"{others} more approvals are"
        return f"{number} needed after yours before AWS Backup starts."
    return "With your approval AWS Backup starts at once."
