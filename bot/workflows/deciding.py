"""Deciding about a request: a click is written down, then judged; the first valid decision wins, in the database."""

import logging
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from bot.domain import sentences
from bot.domain.books import Store, Tx
from bot.domain.clicks import Click
from bot.domain.deciders import open_stage
from bot.domain.errors import BackupsError, NotAllowed, OutletError, PersonError, TooLate
from bot.domain.notices import NoticeKind
from bot.domain.ports import Clock, Nudge, People
from bot.domain.requests import CopyRequest, Event, RequestState, Verdict
from bot.domain.steps import PlannedStep
from bot.workflows.admission import Admission, Admitted, too_late
from bot.workflows.announce import answered, say
from bot.workflows.decisions import Count
from bot.workflows.rounds import Objection, begin_round, hold_back, look_again, objection_to
from bot.workflows.submitting import Submitting

log = logging.getLogger(__name__)

# How long the listener's own thread has to judge a click before a sweep takes it over.
JUDGING_LEASE = timedelta(seconds=30)
# Each time that somebody else was faster the request is read again; nobody loses that often.
MOST_READINGS = 10
_YES = frozenset({Verdict.APPROVE, Verdict.BREAK_GLASS})


class _MovedOn(Exception):
    """The request is not what it was when the click was admitted."""


@dataclass
class Deciding:
    store: Store
    people: People
    clock: Clock
    nudge: Nudge
    submitting: Submitting
    admission: Admission = field(init=False)

    def __post_init__(self) -> None:
        self.admission = Admission(self.store, self.people, self.clock)

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
            except Exception:
                # One click that goes wrong must not keep the next from being judged.
                log.exception("click_went_wrong", extra={"request": click.request_id})
        return len(claimed)

    def may(self, click: Click) -> str:
        """What the person would be told if this click were judged now; "" when it would count."""
        try:
            self.admission.admit(click)
        except PersonError as error:
            return error.sentence
        return ""

    def note_refusal(self, click: Click, sentence: str) -> None:
        """Write a refused click into the history, for one that was refused before it became a decision."""
        with self.store.begin() as tx:
            self._record_refusal(tx, click, sentence)

    def thread_of(self, request_id: str) -> str | None:
        """The ts of the request's root message, once it has been posted."""
        with self.store.read() as tx:
            request = tx.requests.get(request_id)
        return request.card_ts if request else None

    def _judge(self, click: Click, *, tell: bool = False) -> str:
        try:
            self._decide(click)
        except PersonError as error:
            self._refuse(click, error.sentence, tell=tell)
            return error.sentence
        self.nudge("relay")
        self.nudge("start")
        return ""

    def _decide(self, click: Click) -> None:
        """Admit and count, anew whenever somebody else was faster in between."""
        for _ in range(MOST_READINGS):
            admitted = self.admission.admit(click)
            try:
                if click.verdict is Verdict.ASK_AGAIN:
                    return self._ask_again(admitted.request, click)
                if click.verdict in _YES:
                    self._check_seen(admitted.request, click)
                return self._count(admitted, click)
            except _MovedOn:
                continue
        raise TooLate(sentences.too_late(click.request_id, ""))

    def _check_seen(self, request: CopyRequest, click: Click) -> None:
        """Whoever says yes says it to what they saw. Raises TooLate when that is no longer so."""
        now = self.clock.now()
        try:
            objection = objection_to(request, look_again(request, self.submitting.works, now), approving=True)
        except BackupsError as error:
            # The approval counts: nothing starts before AWS has answered, and then this is looked at again.
            log.warning("not_looked_at_again", extra={"request": request.id, "code": error.code})
            return
        if objection is None:
            return
        self._object(request, objection, click)
        why = sentences.would_fail(request.id, " ".join(objection.what))
        raise TooLate(why if objection.fails else sentences.changed_now(request.id))

    def _object(self, request: CopyRequest, objection: Objection, click: Click) -> None:
        now = self.clock.now()
        with self.store.begin() as tx:
            tx.requests.hold(request.id)
            current = tx.requests.get(request.id)
            if current is None or (current.state, current.round) != (request.state, request.round):
                raise _MovedOn
            if objection.fails:
                hold_back(tx, current, objection, now)
            else:
                begin_round(tx, current, objection, now, actor=click.actor)

    def _count(self, admitted: Admitted, click: Click) -> None:
        """Let the click count, in one transaction that begins by taking the request's row."""
        now = self.clock.now()
        with self.store.begin() as tx:
            tx.requests.hold(admitted.request.id)
            current = tx.requests.get(admitted.request.id)
            if current is None or _standing(current) != _standing(admitted.request):
                raise _MovedOn
            if current.state is RequestState.PENDING and now >= current.answer_by:
                raise TooLate(sentences.time_passed(current.id))
            if not tx.requests.move(current.id, before=current.state, after=current.state, at=now):
                raise TooLate(too_late(current))
            # Settled together with what it does: after a crash in between, a person whose click counted would read
            # that it changed nothing.
            tx.clicks.settle(click.dedup_key, "counted")
            Count(tx, now)(replace(admitted, request=current), click)

    def _ask_again(self, request: CopyRequest, click: Click) -> None:
        """The same plan and reason as a new request; pressed twice it is one."""
        places = {step.id: number for number, step in enumerate(request.steps)}
        plan = tuple(
            PlannedStep(step.params, None if step.after is None else places[step.after]) for step in request.steps
        )
        try:
            key, also = f"again:{request.id}", partial(_asked, request, click)
            self.submitting.submit(key, click.actor, request.channel, request.reason, plan, also)
        except BackupsError as error:
            raise NotAllowed(sentences.AWS_SILENT) from error

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
        known = tx.requests.get(click.request_id)
        of = "" if known else f" (of {click.request_id[:100]!r})"
        detail = f"{click.verdict}{of}: {why}"
        at = self.clock.now()
        tx.requests.record(Event(known.id if known else "", at, "click refused", click.actor, detail=detail))


def _standing(request: CopyRequest) -> tuple[object, ...]:
    """What a click was admitted to: if any of it is different, it is judged anew."""
    ruling = request.standing
    signed = bool(request.review and request.review.signed_by)
    stage = open_stage(ruling, request.decisions)
    return request.state, request.round, ruling, stage, signed


def _asked(request: CopyRequest, click: Click, tx: Tx, new: CopyRequest) -> bool:
    at = new.created_at
    tx.clicks.settle(click.dedup_key, "counted")
    facts: dict[str, object] = {"by": click.actor.user_id, "new": new.id}
    told = say(tx, request, NoticeKind.ASKED_AGAIN, at, key=new.id, facts=facts)
    if told:
        answered(tx, request, at, NoticeKind.LAPSED)
        tx.requests.record(Event(request.id, at, "asked again", click.actor, detail=new.id))
    return True
