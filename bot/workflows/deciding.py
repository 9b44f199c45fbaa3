"""Deciding about a request: a click is written down, then judged; the first valid decision wins, in the database."""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.books import StepChange, Store, Tx
from bot.domain.clicks import Click
from bot.domain.deciders import approvals_missing, may_decide
from bot.domain.errors import Gone, NotAllowed, OutletError, PersonError, TooLate
from bot.domain.notices import NoticeKind
from bot.domain.people import Actor
from bot.domain.ports import Clock, Nudge, People
from bot.domain.requests import (
    CopyRequest,
    Decision,
    Event,
    RequestEvent,
    RequestState,
    Verdict,
    move_request,
)
from bot.domain.steps import StepEvent, StepState, move_step
from bot.workflows.announce import renew_both, say
from bot.workflows.submitting import new_token

log = logging.getLogger(__name__)

# How long the listener's own thread has to judge a click before a sweep takes it over.
JUDGING_LEASE = timedelta(seconds=30)
GONE = "That request is not here any more."
ELSEWHERE = "This message does not belong to the request as it stands. Use the buttons in the request's thread."
ENDED = {
    RequestState.APPROVED: "was approved",
    RequestState.RUNNING: "was approved and is under way",
    RequestState.COMPLETED: "was approved and is done",
    RequestState.PARTIAL: "was approved and is partly done",
    RequestState.FAILED: "was approved, and the copy failed",
    RequestState.REJECTED: "was rejected",
    RequestState.CANCELLED: "was cancelled",
    RequestState.LAPSED: "lapsed without enough approvals in time",
}


@dataclass
class Deciding:
    store: Store
    people: People
    clock: Clock
    nudge: Nudge

    def write_down(self, click: Click) -> bool:
        """Keep a click; False when Slack delivered it before. This is all that happens before the acknowledgement."""
        with self.store.begin() as tx:
            return tx.clicks.add(click, self.clock.now() + JUDGING_LEASE)

    def judge(self, dedup_key: str) -> str:
        """Judge a click that was written down; "" when it counted (or counted before), else what to tell the person."""
        now = self.clock.now()
        with self.store.begin() as tx:
            claimed = tx.clicks.claim(now, now + JUDGING_LEASE, 1, key=dedup_key)
        return self._judge(claimed[0]) if claimed else ""

    def judge_left_over(self, limit: int = 20) -> int:
        """Judge clicks whose listener died; a person whose click did not count is told by way of the outbox."""
        now = self.clock.now()
        with self.store.begin() as tx:
            claimed = tx.clicks.claim(now, now + JUDGING_LEASE, limit)
        for click in claimed:
            try:
                self._judge(click, tell=True)
            except OutletError as error:
                log.warning("click_not_judged", extra={"request": click.request_id, "code": error.code})
        return len(claimed)

    def may(self, click: Click) -> str:
        """What the person would be told if this click were judged now; "" when it would count."""
        try:
            self._allow(click)
        except PersonError as error:
            return error.sentence
        return ""

    def note_refusal(self, click: Click, sentence: str) -> None:
        """Write a refused click into the history, for one that was refused before it became a decision."""
        with self.store.begin() as tx:
            self._record_refusal(tx, click, sentence)

    def thread_of(self, request_id: str) -> str | None:
        """The ts of the request's root message, once it has been posted."""
        with self.store.begin() as tx:
            request = tx.requests.get(request_id)
        return request.card_ts if request else None

    def lapse_unanswered(self, limit: int = 50) -> int:
        """Let requests lapse that nobody answered in time: silence is no."""
        now = self.clock.now()
        with self.store.begin() as tx:
            overdue = tx.requests.overdue(now, limit)
        return sum(self._lapse(request_id, now) for request_id in overdue)

    def _judge(self, click: Click, *, tell: bool = False) -> str:
        try:
            self._count(self._allow(click), click)
        except PersonError as error:
            self._refuse(click, error.sentence, tell=tell)
            return error.sentence
        self.nudge("relay")
        self.nudge("start")
        return ""

    def _allow(self, click: Click) -> CopyRequest:
        """Whether this click may count, judged from the tables and from Slack as they are now."""
        request = self._request(click)
        _check_place(request, click)
        _check_open(request, click, self.clock.now())
        person = self.people.person(click.actor.user_id)
        person = replace(person, team_id=person.team_id or click.actor.team_id)
        if click.actor.team_id != self.people.home_team():
            raise NotAllowed("Only people of the workspace that owns this bot can decide about a request.")
        if click.verdict in (Verdict.CANCEL, Verdict.RETRY) and click.actor.user_id == request.requester.user_id:
            return request
        if click.verdict is Verdict.CANCEL:
            raise NotAllowed("Only the person who asked can cancel a request. Approvers can reject it.")
        answer = may_decide(
            person,
            requester=request.requester,
            home_team=self.people.home_team(),
            ruling=request.ruling,
            approvers=self.people.approvers(request.ruling.approvers),
        )
        if not answer.allowed:
            raise NotAllowed(answer.sentence)
        return request

    def _request(self, click: Click) -> CopyRequest:
        with self.store.begin() as tx:
            request = tx.requests.get(click.request_id)
        if request is None:
            raise Gone(GONE)
        return request

    def _count(self, request: CopyRequest, click: Click) -> None:
        """Let the click count, in one transaction that begins by taking the request's row."""
        with self.store.begin() as tx:
            if not tx.requests.move(request.id, before=request.state, after=request.state, at=self.clock.now()):
                current = tx.requests.get(request.id) or request
                raise TooLate(too_late(current))
            # Settled together with what it does: after a crash in between, a person whose click counted would read
            # that it changed nothing.
            tx.clicks.settle(click.dedup_key, "counted")
            self._apply(tx, request, click)

    def _apply(self, tx: Tx, request: CopyRequest, click: Click) -> None:
        match click.verdict:
            case Verdict.RETRY:
                self._retry(tx, request, click)
            case Verdict.CANCEL:
                self._end(tx, request, click, RequestEvent.CANCEL, NoticeKind.CANCELLED)
            case Verdict.REJECT:
                self._decide(tx, request, click)
                self._end(tx, request, click, RequestEvent.REJECT, NoticeKind.REJECTED)
            case Verdict.APPROVE:
                self._decide(tx, request, click)
                self._approve(tx, request, click)

    def _decide(self, tx: Tx, request: CopyRequest, click: Click) -> None:
        decision = Decision(click.actor, click.verdict, click.note, self.clock.now())
        if not tx.requests.decide(request.id, decision):
            raise TooLate("You have decided about this request already.")

    def _approve(self, tx: Tx, request: CopyRequest, click: Click) -> None:
        current = _again(tx, request)
        given = [d.actor.user_id for d in current.decisions if d.verdict is Verdict.APPROVE]
        missing = approvals_missing(current.ruling.needed, given)
        facts = {"by": click.actor.user_id, "given": len(given), "needed": current.ruling.needed}
        if missing:
            now = self.clock.now()
            tx.requests.record(Event(request.id, now, "approved by one", actor=click.actor, detail=click.note))
            say(tx, current, NoticeKind.APPROVED, now, key=f"by:{click.actor.user_id}", facts=facts)
            renew_both(tx, current, now)
            return
        self._end(tx, request, click, RequestEvent.APPROVE, NoticeKind.APPROVED, facts)
        for step in current.steps:
            if step.after is None:
                tx.steps.release(step.id, self.clock.now())

    def _end(
        self,
        tx: Tx,
        request: CopyRequest,
        click: Click,
        event: RequestEvent,
        kind: NoticeKind,
        facts: dict[str, object] | None = None,
    ) -> None:
        now = self.clock.now()
        after = move_request(request.state, event)
        tx.requests.move(request.id, before=request.state, after=after, at=now)
        tx.requests.record(Event(request.id, now, event, click.actor, request.state, after, click.note))
        current = _again(tx, request)
        renew_both(tx, current, now)
        say(tx, current, kind, now, facts={"by": click.actor.user_id, "note": click.note, **(facts or {})})

    def _retry(self, tx: Tx, request: CopyRequest, click: Click) -> None:
        """Under the same approval, start what failed again, as a new copy job (so with a new token)."""
        now = self.clock.now()
        after = move_request(request.state, RequestEvent.RETRY)
        tx.requests.move(request.id, before=request.state, after=after, at=now)
        for step in request.steps:
            if step.state is StepState.FAILED:
                waiting = move_step(step.state, StepEvent.RETRY)
                change = StepChange(next_poll_at=now, token=new_token(), tries=0, clear_failure=True)
                tx.steps.move(step.id, before=step.state, after=waiting, change=change)
        tx.requests.record(Event(request.id, now, "retry", click.actor, request.state, after))
        current = _again(tx, request)
        renew_both(tx, current, now)
        say(tx, current, NoticeKind.RETRIED, now, key=str(current.version), facts={"by": click.actor.user_id})

    def _lapse(self, request_id: str, now: datetime) -> bool:
        with self.store.begin() as tx:
            after = move_request(RequestState.PENDING, RequestEvent.LAPSE)
            if not tx.requests.move(request_id, before=RequestState.PENDING, after=after, at=now):
                return False
            request = tx.requests.get(request_id)
            if request is None:
                return False
            tx.requests.record(Event(request_id, now, "lapse", None, RequestState.PENDING, after))
            renew_both(tx, request, now)
            say(tx, request, NoticeKind.LAPSED, now)
        self.nudge("relay")
        return True

    def _refuse(self, click: Click, why: str, *, tell: bool) -> None:
        with self.store.begin() as tx:
            tx.clicks.settle(click.dedup_key, why)
            self._record_refusal(tx, click, why)
            request = tx.requests.get(click.request_id)
            if tell and request:
                facts, person = {"sentence": why}, click.actor.user_id
                say(tx, request, NoticeKind.PRIVATE, self.clock.now(), key=click.dedup_key, facts=facts, to=person)
        self.nudge("relay")

    def _record_refusal(self, tx: Tx, click: Click, why: str) -> None:
        if tx.requests.get(click.request_id):
            event = Event(
                click.request_id, self.clock.now(), "click refused", click.actor, detail=f"{click.verdict}: {why}"
            )
            tx.requests.record(event)


def too_late(request: CopyRequest) -> str:
    """A kind private sentence for a late click: who decided what."""
    who = [_mention(d.actor) for d in request.decisions if d.verdict in (Verdict.APPROVE, Verdict.REJECT)]
    by = f" by {' and '.join(who)}" if who and request.state is not RequestState.LAPSED else ""
    return f"{request.id} {ENDED.get(request.state, 'has changed meanwhile')}{by}; your click changed nothing."


def _mention(actor: Actor) -> str:
    return f"<@{actor.user_id}>"


def _again(tx: Tx, request: CopyRequest) -> CopyRequest:
    return tx.requests.get(request.id) or request


def _check_place(request: CopyRequest, click: Click) -> None:
    # A click may overtake the relay's note of where it posted the buttons; Slack vouches that the message is ours.
    if click.channel != request.channel:
        raise NotAllowed(ELSEWHERE)
    known = {request.ask_ts, request.card_ts}
    if click.verdict is not Verdict.RETRY and request.ask_ts and click.message_ts not in known:
        raise NotAllowed(ELSEWHERE)


def _check_open(request: CopyRequest, click: Click, now: datetime) -> None:
    if click.verdict is Verdict.RETRY:
        if request.state not in (RequestState.FAILED, RequestState.PARTIAL):
            raise TooLate(f"{request.id} is not in a state that can be tried again; your click changed nothing.")
        return
    if request.state is not RequestState.PENDING:
        raise TooLate(too_late(request))
    if now >= request.answer_by:
        raise TooLate(f"The time to answer {request.id} has passed; your click changed nothing.")
