"""What is said once in the thread about deciding: approvals, rejections, changes, reminders, the end of the time."""

from collections.abc import Mapping, Sequence

from bot.domain import sentences
from bot.domain.lifecycles import WOULD_SHORTEN
from bot.domain.ports import Message
from bot.domain.requests import CopyRequest, RequestState
from bot.domain.sentences import question as words
from bot.slack.blocks import Block, actions, button, section
from bot.slack.describe import Names, approved_by, one_line, people
from bot.slack.ids import ASK_AGAIN, SIGN
from bot.slack.messages.ask import approve_button
from bot.slack.plan_words import nothing_happened, place_in_plan, starts_now
from bot.slack.text import cut, date, escape, ours, quoted

Facts = Mapping[str, object]


def approved(request: CopyRequest, facts: Facts, names: Names) -> Message:
    given, needed = _number(facts.get("given"), 1), _number(facts.get("needed"), 1)
    begins = starts_now([step.params for step in request.steps])
    line = sentences.approved(_by(facts), request.id, given, needed, oneself=bool(facts.get("oneself")), begins=begins)
    following = _ids(facts.get("next"))
    more = f" {sentences.next_stage(people(following))}" if following else ""
    return _said(f":ballot_box_with_check: {line}{more}")


def rejected(request: CopyRequest, facts: Facts, names: Names) -> Message:
    opening = f":no_entry: {sentences.rejected(_by(facts), request.id, nothing_happened(request))}"
    note = str(facts.get("note", ""))
    return Message(
        text=f"{opening} {cut(escape(' '.join(note.split())), 500)}",
        blocks=(section(opening), *(section(piece) for piece in quoted(note))),
    )


def cancelled(request: CopyRequest, facts: Facts, names: Names) -> Message:
    return _said(f":heavy_minus_sign: {sentences.cancelled(_by(facts), request.id, nothing_happened(request))}")


def retried(request: CopyRequest, facts: Facts, names: Names) -> Message:
    return _said(f":repeat: {sentences.retried(_by(facts), request.id, _going_on(request, facts, names))}")


def lapsed(request: CopyRequest, facts: Facts, names: Names) -> Message:
    asker = f"<@{request.requester.user_id}>"
    given, needed = len(approved_by(request)), request.ruling.needed_in_all
    nothing = nothing_happened(request)
    text = f":zzz: {sentences.lapsed(request.id, given, needed, date(request.answer_by), asker, nothing)}"
    again = button(ASK_AGAIN, words.ASK_AGAIN, request.id, spoken=words.spoken(words.ASK_AGAIN, request.id))
    return _said(text, *_unless_answered(facts, actions(f"lapsed:{request.id}", [again])))


def asked_again(request: CopyRequest, facts: Facts, names: Names) -> Message:
    return _said(f":repeat: {sentences.asked_again(_by(facts), request.id, str(facts.get('new', '')))}")


def reminded(request: CopyRequest, facts: Facts, names: Names) -> Message:
    who, missing = people(_ids(facts.get("who"))), _number(facts.get("missing"), 1)
    return _said(f":bell: {sentences.reminded(request.id, who, missing, date(request.answer_by))}")


def escalated(request: CopyRequest, facts: Facts, names: Names) -> Message:
    who, missing = people(_ids(facts.get("to"))), _number(facts.get("missing"), 0)
    return _said(f":loudspeaker: {sentences.escalated(request.id, who, date(request.answer_by), missing)}", loud=True)


def changed(request: CopyRequest, facts: Facts, names: Names) -> Message:
    """What is not as it was shown, with the button for approving it as it is, while that is asked."""
    what = [ours(cut(sentence, 900)) for sentence in _texts(facts.get("what"))[:10]]
    approved_before, voided = bool(facts.get("was_approved")), bool(facts.get("voided"))
    fails = facts.get("fails") and not approved_before
    told = (
        sentences.fails_now(request.id, what)
        if fails
        else sentences.changed(request.id, what, voided=voided, was_approved=approved_before)
    )
    # What would break its own promise is nothing to approve again: it is cancelled, or asked for anew.
    is_open = request.state is RequestState.PENDING and facts.get("code") != WOULD_SHORTEN
    current = request.round == facts.get("round") and is_open
    again = [actions(f"again:{request.id}:{facts.get('round')}", [_again(request, names)])] if current else []
    return _said(cut(f":arrows_counterclockwise: {told}", 2900), *_unless_answered(facts, *again), loud=True)


def glass(request: CopyRequest, facts: Facts, names: Names) -> Message:
    """Somebody went ahead without approvals: everybody who was passed over is named."""
    passed = [*_ids(facts.get("approvers")), *_ids(facts.get("passed_over"))]
    opening = f":rotating_light: {sentences.glass_broken(_by(facts), request.id, people(_unique(passed)))}"
    note = str(facts.get("note", ""))
    sign = button(SIGN, words.SIGN, request.id, spoken=words.spoken(words.SIGN, request.id))
    return Message(
        text=f"{cut(opening, 2900)} {cut(escape(' '.join(note.split())), 500)}",
        blocks=(
            section(cut(opening, 2900)),
            *(section(piece) for piece in quoted(note)),
            *_unless_answered(facts, actions(f"review:{request.id}", [sign])),
        ),
        broadcast=True,
    )


def signed(request: CopyRequest, facts: Facts, names: Names) -> Message:
    return _said(f":memo: {sentences.review_signed(_by(facts), request.id)}")


def answered(request: CopyRequest, facts: Facts, names: Names) -> Message:
    """For operators, where the buttons of a message could not be taken off: to all others it is never said."""
    return _said(buttons_stay(request.id))


def buttons_stay(about: str) -> str:
    return f":radio_button: {sentences.buttons_stay(about)}"


def _unless_answered(facts: Facts, *buttons: Block) -> tuple[Block, ...]:
    return () if facts.get("answered") else buttons


def _going_on(request: CopyRequest, facts: Facts, names: Names) -> str:
    """The steps that are tried again, where there are others besides."""
    again = [request.step(step_id) for step_id in _steps(facts.get("steps"))]
    told = [f"{place_in_plan(request, step)} ({one_line(step.params, names)})" for step in again]
    return " and ".join(told) if len(request.steps) > 1 else ""


def _steps(found: object) -> list[object]:
    return list(found) if isinstance(found, list | tuple) else []


def _again(request: CopyRequest, names: Names) -> Block:
    return approve_button(request, names, words.APPROVE_AGAIN)


def _by(facts: Facts) -> str:
    return f"<@{facts.get('by')}>"


def _ids(found: object) -> list[str]:
    return _texts(found)


def _texts(found: object) -> list[str]:
    return [str(one) for one in found] if isinstance(found, list | tuple) else []


def _unique(ids: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(ids))[:60]


def _number(found: object, otherwise: int) -> int:
    return found if isinstance(found, int) else otherwise


def _said(text: str, *more: Block, loud: bool = False) -> Message:
    return Message(text=text, blocks=(section(text), *more), broadcast=loud)
