"""Bound to what was seen: the plan is looked at again, and what has changed begins a new round of asking."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.books import StepChange, Tx
from bot.domain.calls import first_call
from bot.domain.findings import Finding, Level
from bot.domain.notices import NoticeKind
from bot.domain.people import Actor
from bot.domain.requests import CopyRequest, Event, RequestEvent, RequestState, move_request
from bot.domain.shown import changes
from bot.domain.steps import Step, StepState, fingerprint_of
from bot.workflows.announce import answered, renew_both, say
from bot.workflows.steps import StepWorks
from bot.workflows.steps.work import Look
from bot.workflows.telling import shown_of

Seen = tuple[tuple[Step, Look], ...]
"""Steps of a request with how they look now."""


@dataclass(frozen=True, slots=True)
class Objection:
    """Why an approval would not hold: what would fail, or what is not as it was shown. In sentences.

    `seen` is what people have to be shown in the next round, `code` names the finding that would make it fail.
    """

    what: tuple[str, ...]
    fails: bool
    seen: Seen = ()
    code: str = ""


def look_again(request: CopyRequest, works: StepWorks, now: datetime) -> Seen:
    """Look at all steps that have not begun. Raises a retryable BackupsError when the world does not answer."""
    waiting = (step for step in request.steps if step.state is StepState.WAITING)
    return tuple((step, works[step.kind].look(step.params, now)) for step in waiting)


def objection_to(request: CopyRequest, seen: Seen, *, approving: bool = False) -> Objection | None:
    """What stands against going ahead with what people approved; None: nothing."""
    changed = tuple(
        sentence
        for step, look in seen
        for sentence in changes(step.shown, look.shown, approving=approving, params=look.params)
    )
    fatal = [finding for _, look in seen for finding in look.findings if finding.level is Level.FAIL]
    # Where the rule lets approvers override findings, those that they were shown object no more; what AWS cannot do at
    # all is nobody's to override.
    may_go_on = request.ruling.override_findings and all(finding.overridable for finding in fatal)
    if fatal and (changed or not may_go_on):
        return Objection(tuple(map(_sentence, fatal)), not may_go_on, seen, fatal[0].code)
    return Objection(changed, fails=False, seen=seen) if changed else None


def begin_round(
    tx: Tx, request: CopyRequest, objection: Objection, now: datetime, *, actor: Actor | None = None
) -> bool:
    """Ask anew: nothing that was decided before counts any more. False when somebody was faster.

    What would fail is not shown as what to approve: once it is mended, the world is as it was shown.
    """
    tx.requests.hold(request.id)
    move_request(request.state, RequestEvent.CHANGE)
    seen = () if objection.fails else objection.seen
    shown = {step.id: step.shown for step in request.steps} | {step.id: shown_of(look) for step, look in seen}
    answer_by = now + timedelta(seconds=request.ruling.answer_seconds)
    begun = tx.rounds.begin(
        request.id,
        before=request.state,
        round_before=request.round,
        fingerprint=fingerprint_of({str(number): one for number, one in enumerate(shown.values())}),
        at=now,
        answer_by=answer_by,
        call_at=first_call(request.ruling, now, answer_by),
    )
    if begun:
        _show_anew(tx, request, {step.id: look for step, look in seen})
        _tell(tx, request, objection, now, actor)
    return begun


def hold_back(tx: Tx, request: CopyRequest, objection: Objection, now: datetime) -> None:
    """Say once in the thread why it cannot be approved as things are; its approvals stand for what was shown."""
    key = f"{request.round}:{fingerprint_of({'what': list(objection.what)})[:16]}"
    facts: dict[str, object] = {
        "what": list(objection.what),
        "fails": True,
        "code": objection.code,
        "round": request.round,
    }
    say(tx, request, NoticeKind.CHANGED, now, key=key, facts=facts)


def _show_anew(tx: Tx, request: CopyRequest, seen: Mapping[int, Look]) -> None:
    """Nothing is due any more, and people are shown what is there now."""
    for step in request.steps:
        look = seen.get(step.id)
        change = StepChange(None, params=look.params, shown=shown_of(look)) if look else StepChange(None)
        tx.steps.move(step.id, before=StepState.WAITING, after=StepState.WAITING, change=change)


def _tell(tx: Tx, request: CopyRequest, objection: Objection, now: datetime, actor: Actor | None) -> None:
    detail = " ".join(objection.what)
    after = RequestState.PENDING
    tx.requests.record(Event(request.id, now, RequestEvent.CHANGE, actor, request.state, after, detail))
    current = tx.requests.get(request.id) or request
    renew_both(tx, current, now)
    answered(tx, current, now, NoticeKind.CHANGED)
    facts: dict[str, object] = {
        "what": list(objection.what),
        "fails": objection.fails,
        "code": objection.code,
        "round": current.round,
        "was_approved": request.state is RequestState.APPROVED,
        "voided": bool(request.decisions),
    }
    say(tx, current, NoticeKind.CHANGED, now, key=f"{current.round}:begins", facts=facts)


def _sentence(finding: Finding) -> str:
    return f"{finding.sentence} {finding.remedy}".strip()


def untouched(steps: Sequence[Step]) -> bool:
    """Whether nothing of a plan has begun, so that all of it can be asked for anew."""
    return all(step.state is StepState.WAITING for step in steps)
