"""Whether a click may count: judged from the tables and from Slack as they are at that moment, for every button."""

from dataclasses import dataclass, replace
from datetime import datetime

from bot.domain import sentences
from bot.domain.approvals import Ruling
from bot.domain.books import Store
from bot.domain.clicks import Click
from bot.domain.deciders import may_decide, open_stage, stranger
from bot.domain.errors import Gone, NotAllowed, TooLate
from bot.domain.people import Person
from bot.domain.ports import Clock, People
from bot.domain.requests import CopyRequest, RequestState, Verdict

# Buttons of the question.
_OF_THE_QUESTION = frozenset({Verdict.APPROVE, Verdict.REJECT, Verdict.CANCEL, Verdict.BREAK_GLASS})
# Whoever says yes says it to what they saw; a no is a no to whatever it has become.
_BOUND = frozenset({Verdict.APPROVE, Verdict.BREAK_GLASS})


@dataclass(frozen=True, slots=True)
class Admitted:
    """A click that may count for `request` as it was read; an approval counts in `stage`.

    `passed_over`: whose approvals a break-glass goes without.
    """

    request: CopyRequest
    stage: int = 0
    passed_over: frozenset[str] = frozenset()


@dataclass
class Admission:
    store: Store
    people: People
    clock: Clock

    def admit(self, click: Click) -> Admitted:
        """Judge a click. Raises PersonError with what to tell the person, OutletError when Slack cannot be asked."""
        now = self.clock.now()
        request = self._request(click)
        self._check_place(request, click)
        _check_open(request, click, now)
        person = self._person(click, request.ruling)
        match click.verdict:
            case Verdict.APPROVE:
                return self._approval(request, person, now)
            case Verdict.REJECT:
                self._check(request, person, request.standing.everybody, now)
            case Verdict.CANCEL:
                _only_the_asker(request, person, sentences.ONLY_ASKER_CANCELS)
            case Verdict.ASK_AGAIN:
                _only_the_asker(request, person, sentences.ONLY_ASKER_ASKS_AGAIN)
            case Verdict.RETRY if person.user_id != request.requester.user_id:
                self._check(request, person, request.standing.everybody, now)
            case Verdict.SIGN:
                self._signature(request, person, now)
            case Verdict.BREAK_GLASS:
                return self._glass(request, person, now)
        return Admitted(request)

    def _request(self, click: Click) -> CopyRequest:
        with self.store.read() as tx:
            request = tx.requests.get(click.request_id)
        if request is None:
            raise Gone(sentences.GONE)
        return request

    def _check_place(self, request: CopyRequest, click: Click) -> None:
        """The message must be one that the request has: its card, its question, something said in its thread."""
        if click.channel != request.channel:
            raise NotAllowed(sentences.ELSEWHERE)
        # A click may overtake the relay's note of where it posted the buttons; Slack vouches that the message is ours.
        overtaken = click.verdict in _OF_THE_QUESTION and request.ask_ts is None
        if overtaken or click.message_ts in (request.ask_ts, request.card_ts):
            return
        with self.store.read() as tx:
            if not tx.outbox.stands(request.id, click.message_ts):
                raise NotAllowed(sentences.ELSEWHERE)

    def _person(self, click: Click, ruling: Ruling) -> Person:
        """Who clicks, as Slack tells it now; strangers are refused whatever the button is."""
        person = self.people.person(click.actor.user_id)
        person = replace(person, team_id=person.team_id or click.actor.team_id)
        home = self.people.home_team()
        if click.actor.team_id != home:
            raise NotAllowed(sentences.OTHER_WORKSPACE)
        own = click.verdict in (Verdict.CANCEL, Verdict.ASK_AGAIN, Verdict.RETRY)
        refusal = stranger(person, home, guests=ruling.allow_guests or own)
        if refusal:
            raise NotAllowed(_whom_to_ask(refusal, ruling))
        return person

    def _approval(self, request: CopyRequest, person: Person, now: datetime) -> Admitted:
        ruling = request.standing
        if any(decision.actor.user_id == person.user_id for decision in request.decisions):
            # Who has left the approvers since reads that first.
            self._check(request, person, ruling.everybody, now)
            raise TooLate(sentences.DECIDED_ALREADY)
        number = open_stage(ruling, request.decisions)
        if number is None:
            raise TooLate(sentences.too_late(request.id, RequestState.APPROVED))
        stage = ruling.stages[number]
        mine = self.people.approvers(stage.approvers, since=now)
        if person.user_id not in mine and len(ruling.stages) > 1:
            self._check(request, person, ruling.everybody, now)
            raise NotAllowed(sentences.not_your_turn(sentences.listed(stage.approvers)))
        self._check(request, person, stage.approvers, now)
        return Admitted(request, number)

    def _signature(self, request: CopyRequest, person: Person, now: datetime) -> None:
        review = request.review
        if review and review.by.user_id == person.user_id:
            raise NotAllowed(sentences.NOT_YOUR_REVIEW)
        if person.user_id == request.requester.user_id:
            raise NotAllowed(sentences.OWN_REVIEW)
        self._check(request, person, request.standing.everybody, now)

    def _glass(self, request: CopyRequest, person: Person, now: datetime) -> Admitted:
        ruling = request.standing
        if not ruling.break_glass:
            raise NotAllowed(sentences.NO_GLASS)
        if person.user_id not in self.people.approvers(ruling.break_glass, since=now):
            raise NotAllowed(sentences.NOT_YOUR_GLASS)
        given = {decision.actor.user_id for decision in request.decisions}
        passed_over = self.people.approvers(ruling.everybody, since=now) - given - {person.user_id}
        return Admitted(request, passed_over=passed_over)

    def _check(self, request: CopyRequest, person: Person, approvers: tuple[str, ...], now: datetime) -> None:
        answer = may_decide(
            person,
            requester=request.requester,
            home_team=self.people.home_team(),
            ruling=request.ruling,
            approvers=self.people.approvers(approvers, since=now),
        )
        if not answer.allowed:
            raise NotAllowed(_whom_to_ask(answer.sentence, request.ruling))


def too_late(request: CopyRequest) -> str:
    """A kind private sentence for a late click: who decided what."""
    deciding = (Verdict.APPROVE, Verdict.REJECT, Verdict.BREAK_GLASS)
    who = [sentences.mention(one.actor.user_id) for one in request.decisions if one.verdict in deciding]
    by = " and ".join(who) if request.state not in (RequestState.LAPSED, RequestState.CANCELLED) else ""
    return sentences.too_late(request.id, request.state, by)


def _whom_to_ask(refusal: str, ruling: Ruling) -> str:
    """A guest is told who can decide; to all others the refusal says what there is to say."""
    return sentences.guest_may_not(sentences.listed(ruling.everybody)) if refusal == sentences.GUEST else refusal


def _only_the_asker(request: CopyRequest, person: Person, otherwise: str) -> None:
    if person.user_id != request.requester.user_id:
        raise NotAllowed(otherwise)


def _check_open(request: CopyRequest, click: Click, now: datetime) -> None:
    match click.verdict:
        case Verdict.RETRY:
            if request.state not in (RequestState.FAILED, RequestState.PARTIAL):
                raise TooLate(sentences.cannot_retry(request.id))
        case Verdict.SIGN:
            if request.review is None or request.review.signed_by is not None:
                raise TooLate(sentences.NO_REVIEW)
        case Verdict.ASK_AGAIN:
            if request.state is not RequestState.LAPSED:
                raise TooLate(sentences.cannot_ask_again(request.id))
        case _:
            _check_pending(request, click, now)


def _check_pending(request: CopyRequest, click: Click, now: datetime) -> None:
    if request.state is not RequestState.PENDING:
        raise TooLate(too_late(request))
    if now >= request.answer_by:
        raise TooLate(sentences.time_passed(request.id))
    if click.verdict in _BOUND and click.round != request.round:
        raise TooLate(sentences.seen_before(request.id))
