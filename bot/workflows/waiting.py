"""While a request waits: people are reminded, others are called to help, and at its deadline it lapses."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.books import Store, Tx
from bot.domain.calls import Call, call_of
from bot.domain.deciders import open_stage, stages_now, stranger
from bot.domain.errors import OutletError
from bot.domain.notices import NoticeKind
from bot.domain.ports import Clock, Nudge, People
from bot.domain.requests import CopyRequest, Event, RequestEvent, RequestState, move_request
from bot.workflows.announce import answered, renew_both, say

log = logging.getLogger(__name__)

# When Slack does not say who could still decide.
LATER = timedelta(minutes=2)


@dataclass
class Waiting:
    store: Store
    people: People
    clock: Clock
    nudge: Nudge

    def lapse_unanswered(self, limit: int = 50) -> int:
        """Let requests lapse that nobody answered in time: silence is no."""
        now = self.clock.now()
        with self.store.read() as tx:
            overdue = tx.requests.overdue(now, limit)
        return sum(self._lapse(request_id, now) for request_id in overdue)

    def call_people(self, limit: int = 20) -> int:
        """Remind those who can still decide, and call others to help where nobody answers."""
        now = self.clock.now()
        with self.store.read() as tx:
            due = [tx.requests.get(request_id) for request_id in tx.rounds.to_call(now, limit)]
        return sum(self._call(request, now) for request in due if request)

    def _call(self, request: CopyRequest, now: datetime) -> bool:
        # At the very end the request lapses; nobody is reminded of what they cannot do any more.
        if request.call_at is None or now >= request.answer_by:
            return False
        call = call_of(request, now)
        try:
            who = sorted(self._able(request)) if call.remind else []
        except OutletError as error:
            log.warning("nobody_reminded", extra={"request": request.id, "code": error.code})
            call, who = Call(False, False, request.reminders, now + LATER), []
        with self.store.begin() as tx:
            called = self._note(tx, request, call, now)
            if called:
                self._tell(tx, tx.requests.get(request.id) or request, call, who, now)
        self.nudge("relay")
        return called

    def _note(self, tx: Tx, request: CopyRequest, call: Call, now: datetime) -> bool:
        tx.requests.hold(request.id)
        return request.call_at is not None and tx.rounds.called(
            request.id,
            due_before=request.call_at,
            call_at=call.next_at,
            reminders=call.reminders,
            escalated_at=now if call.escalate else request.escalated_at,
        )

    def _tell(self, tx: Tx, request: CopyRequest, call: Call, who: list[str], now: datetime) -> None:
        key = f"{request.round}:{call.reminders}"
        if call.escalate:
            to = list(request.ruling.escalate_to)
            tx.requests.record(Event(request.id, now, "escalated", detail=" ".join(to)))
            # Where some have approved, it is not so that nobody has answered.
            missing = self._missing(request) if request.decisions else 0
            say(tx, request, NoticeKind.ESCALATED, now, key=key, facts={"to": to, "missing": missing})
            renew_both(tx, request, now)
        elif who:
            tx.requests.record(Event(request.id, now, "reminded", detail=" ".join(who)))
            facts: dict[str, object] = {"who": who, "missing": self._missing(request)}
            say(tx, request, NoticeKind.REMINDED, now, key=key, facts=facts)

    def _missing(self, request: CopyRequest) -> int:
        return sum(stage.missing for stage in stages_now(request.standing, request.decisions))

    def _able(self, request: CopyRequest) -> frozenset[str]:
        """Those who can decide in the stage that is open, and have not yet."""
        ruling = request.standing
        number = open_stage(ruling, request.decisions)
        if number is None:
            return frozenset()
        decided = {decision.actor.user_id for decision in request.decisions}
        asker = set() if ruling.allow_self else {request.requester.user_id}
        named = self.people.approvers(ruling.stages[number].approvers) - decided - asker
        home = self.people.home_team()
        persons = self.people.persons(named)
        return frozenset(
            one for one, person in persons.items() if not stranger(person, home, guests=ruling.allow_guests)
        )

    def _lapse(self, request_id: str, now: datetime) -> bool:
        with self.store.begin() as tx:
            tx.requests.hold(request_id)
            request = tx.requests.get(request_id)
            # A new round may have begun since, with a new deadline.
            if request is None or request.state is not RequestState.PENDING or now < request.answer_by:
                return False
            after = move_request(request.state, RequestEvent.LAPSE)
            tx.requests.move(request_id, before=request.state, after=after, at=now)
            tx.requests.record(Event(request_id, now, "lapse", None, request.state, after))
            current = tx.requests.get(request_id) or request
            renew_both(tx, current, now)
            answered(tx, current, now, NoticeKind.CHANGED)
            say(tx, current, NoticeKind.LAPSED, now)
        self.nudge("relay")
        return True
