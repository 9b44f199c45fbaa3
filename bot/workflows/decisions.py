"""What a click does once it counts: all of it in the one transaction that holds the request."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.domain import sentences
from bot.domain.books import StepChange, Tx
from bot.domain.clicks import Click
from bot.domain.deciders import open_stage, stages_now
from bot.domain.errors import TooLate
from bot.domain.notices import NoticeKind
from bot.domain.requests import CopyRequest, Decision, Event, RequestEvent, Review, Verdict, move_request
from bot.domain.steps import StepEvent, StepState, move_step
from bot.workflows.admission import Admitted
from bot.workflows.announce import answered, renew_both, say
from bot.workflows.submitting import new_token

Facts = Mapping[str, object]


@dataclass(frozen=True)
class Count:
    """Lets a click count, at `now`."""

    tx: Tx
    now: datetime

    def __call__(self, admitted: Admitted, click: Click) -> None:
        request = admitted.request
        match click.verdict:
            case Verdict.APPROVE:
                self._decide(request, click, admitted.stage)
                self._approve(request, click, admitted.stage)
            case Verdict.REJECT:
                self._decide(request, click, admitted.stage)
                self._end(request, click, RequestEvent.REJECT, NoticeKind.REJECTED)
            case Verdict.CANCEL:
                self._end(request, click, RequestEvent.CANCEL, NoticeKind.CANCELLED)
            case Verdict.RETRY:
                self._retry(request, click)
            case Verdict.BREAK_GLASS:
                self._break_glass(admitted, click)
            case Verdict.SIGN:
                self._sign(request, click)

    def _decide(self, request: CopyRequest, click: Click, stage: int = 0) -> None:
        decision = Decision(click.actor, click.verdict, click.note, self.now, stage)
        if not self.tx.requests.decide(request.id, decision):
            raise TooLate(sentences.DECIDED_ALREADY)

    def _approve(self, request: CopyRequest, click: Click, stage: int) -> None:
        current = self._again(request)
        ruling = current.standing
        stages = stages_now(ruling, current.decisions)
        following = open_stage(ruling, current.decisions)
        facts: dict[str, object] = {
            "given": sum(len(one.given) for one in stages),
            "needed": sum(one.stage.needed for one in stages),
            "next": list(ruling.stages[following].approvers) if following not in (None, stage) else [],
            "oneself": click.actor.user_id == request.requester.user_id,
        }
        if following is None:
            self._end(request, click, RequestEvent.APPROVE, NoticeKind.APPROVED, facts)
            self._release(request)
            return
        detail = f"stage {stage + 1}" if len(stages) > 1 else ""
        self.tx.requests.record(Event(request.id, self.now, "approved by one", click.actor, detail=detail))
        facts["by"] = click.actor.user_id
        key = f"{request.round}:by:{click.actor.user_id}"
        say(self.tx, current, NoticeKind.APPROVED, self.now, key=key, facts=facts)
        renew_both(self.tx, current, self.now)

    def _break_glass(self, admitted: Admitted, click: Click) -> None:
        """Go ahead without approvals; somebody else has to look at it later."""
        request = admitted.request
        self._decide(request, click)
        self.tx.rounds.open_review(request.id, Review(click.actor, click.note, self.now))
        facts: dict[str, object] = {
            "passed_over": sorted(admitted.passed_over),
            "approvers": list(request.standing.everybody),
        }
        self._end(request, click, RequestEvent.BREAK_GLASS, NoticeKind.GLASS, facts)
        self._release(request)

    def _sign(self, request: CopyRequest, click: Click) -> None:
        if not self.tx.rounds.sign_review(request.id, click.actor, self.now):
            raise TooLate(sentences.NO_REVIEW)
        self.tx.requests.record(Event(request.id, self.now, "review signed", click.actor))
        current = self._again(request)
        renew_both(self.tx, current, self.now)
        answered(self.tx, current, self.now, NoticeKind.GLASS)
        say(self.tx, current, NoticeKind.SIGNED, self.now, facts={"by": click.actor.user_id})

    def _release(self, request: CopyRequest) -> None:
        for step in request.steps:
            if step.after is None:
                self.tx.steps.release(step.id, self.now)

    def _end(
        self, request: CopyRequest, click: Click, event: RequestEvent, kind: NoticeKind, facts: Facts | None = None
    ) -> None:
        after = move_request(request.state, event)
        self.tx.requests.move(request.id, before=request.state, after=after, at=self.now)
        self.tx.requests.record(Event(request.id, self.now, event, click.actor, request.state, after, click.note))
        current = self._again(request)
        renew_both(self.tx, current, self.now)
        answered(self.tx, current, self.now, NoticeKind.CHANGED)
        told = {"by": click.actor.user_id, "note": click.note, **(facts or {})}
        say(self.tx, current, kind, self.now, key=_key_of(request), facts=told)

    def _retry(self, request: CopyRequest, click: Click) -> None:
        """Under the same approval, start what failed again, as a new copy job (so with a new token)."""
        after = move_request(request.state, RequestEvent.RETRY)
        self.tx.requests.move(request.id, before=request.state, after=after, at=self.now)
        for step in request.steps:
            if step.state is StepState.FAILED:
                waiting = move_step(step.state, StepEvent.RETRY)
                change = StepChange(next_poll_at=self.now, token=new_token(), tries=0, clear_failure=True)
                self.tx.steps.move(step.id, before=step.state, after=waiting, change=change)
        self.tx.requests.record(Event(request.id, self.now, "retry", click.actor, request.state, after))
        current = self._again(request)
        renew_both(self.tx, current, self.now)
        answered(self.tx, current, self.now, NoticeKind.FAILED, NoticeKind.COMPLETED)
        again = [step.id for step in request.steps if step.state is StepState.FAILED]
        facts = {"by": click.actor.user_id, "steps": again}
        say(self.tx, current, NoticeKind.RETRIED, self.now, key=str(current.version), facts=facts)

    def _again(self, request: CopyRequest) -> CopyRequest:
        return self.tx.requests.get(request.id) or request


def _key_of(request: CopyRequest) -> str:
    """In each round a request may end once."""
    return "" if request.round == 1 else str(request.round)
