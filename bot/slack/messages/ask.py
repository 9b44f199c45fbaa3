"""The question in the thread: who asks for what and why, until when, with the buttons while it is open."""

from collections.abc import Sequence

from bot.domain import sentences
from bot.domain.deciders import stages_now
from bot.domain.params import CopyParams, Params, SetRetentionParams
from bot.domain.ports import Message
from bot.domain.requests import CopyRequest, RequestState
from bot.domain.sentences import changes
from bot.domain.sentences import question as words
from bot.slack.blocks import Block, actions, button, confirm, context, section
from bot.slack.costs import cost_lines, priced
from bot.slack.describe import Names, approved_by, kept, one_line, people, plan_lines, spoken, title
from bot.slack.ids import APPROVE, BREAK_GLASS, CANCEL, REJECT
from bot.slack.messages.standing import decision_line, finality, review_line, stage_lines, to_overrule
from bot.slack.messages.warned import fitting, warned
from bot.slack.plan_words import is_schedule, nothing_happens, only_copies
from bot.slack.text import code, cut, date, escape, quoted


def ask(request: CopyRequest, names: Names) -> Message:
    steps = [step.params for step in request.steps]
    asker = f"<@{request.requester.user_id}>"
    first, *others = plan_lines(steps, names)
    warnings = warned(request)
    blocks: list[Block] = [
        section(f"{words.asks(asker, title(steps, names, code))}\n{first}"),
        *(section(lines) for lines in others),
        *(section(lines) for lines in [cost_lines(priced(request.steps), request.created_at)] if lines),
        *(section(text) for text in fitting(warnings)),
        section(f"*{words.WHY}*"),
        *(section(piece) for piece in quoted(request.reason)),
        *_end(request, names),
    ]
    alarm = f"{cut(warnings[0].text, 600)} " if warnings else ""
    text = (
        f"{words.asks(asker, ', then '.join(one_line(step, names) for step in steps[:3]))}{_how_long(steps)} "
        f"{alarm}{words.WHY} {cut(escape(' '.join(request.reason.split())), 300)}\n{decision_line(request)}"
    )
    return Message(text=text, blocks=tuple(blocks))


def approve_button(request: CopyRequest, names: Names, label: str = words.APPROVE) -> Block:
    """Approve what is shown in this round; the confirm dialog repeats the effect."""
    what = "; ".join(spoken(step.params, names) for step in request.steps)
    return button(
        APPROVE,
        label,
        button_value(request),
        style="primary",
        spoken=words.spoken(label, request.id),
        confirm=confirm(
            words.really(words.APPROVE, request.id),
            # What matters stands first, since Slack cuts long names off the end.
            words.effect(
                _others(request),
                what,
                only_copies=only_copies(request),
                final=_final(request),
                pausable=is_schedule(request),
            ),
            words.APPROVE,
            words.NOT_YET,
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
    oneself = f" {words.ONESELF}" if ruling.allow_self else ""
    stages = stage_lines(request)
    against = to_overrule(request)
    return [
        *([section(f":scales: *{words.overrules(against)}*")] if against else []),
        section(cut(f"{asked}.{so_far}{oneself}", 2_900)),
        *([section(cut(stages, 2_900))] if stages else []),
        actions(f"decide:{request.id}:{request.version}", _buttons(request, names)),
        context(words.answer_by(date(request.answer_by), nothing_happens(request))),
    ]


def _buttons(request: CopyRequest, names: Names) -> list[Block]:
    value = button_value(request)
    glass = button(BREAK_GLASS, words.BREAK_GLASS, value, spoken=words.spoken(words.BREAK_GLASS, request.id))
    return [
        approve_button(request, names),
        button(REJECT, words.REJECT, value, style="danger", spoken=words.spoken(words.REJECT, request.id)),
        button(
            CANCEL,
            words.CANCEL,
            value,
            spoken=words.spoken(words.CANCEL, request.id),
            confirm=confirm(
                words.really("Cancel", request.id),
                words.cancel_effect(nothing_happens(request)),
                words.CANCEL,
                words.KEEP,
            ),
        ),
        *([glass] if request.standing.break_glass else []),
    ]


def _how_long(steps: Sequence[Params]) -> str:
    copies = [step for step in steps if isinstance(step, CopyParams)]
    return f" {words.kept(kept(copies[-1].retention, copies[-1]))}" if copies else ""


def _final(request: CopyRequest) -> str:
    """The first thing in the dialog, where it ends sooner, cannot be undone, or something stands against it."""
    against = to_overrule(request)
    lost = [step.params.days_lost for step in request.steps if isinstance(step.params, SetRetentionParams)]
    shorter = [changes.shortens(days) for days in lost if days]
    finals = [*shorter, *(said for step in request.steps if (said := finality(step)))]
    return " ".join(dict.fromkeys([*finals, *([words.overrules(against)] if against else [])]))


def _others(request: CopyRequest) -> int:
    """How many approvals are missing besides the one of whoever presses the button."""
    return sum(stage.missing for stage in stages_now(request.standing, request.decisions)) - 1
