"""Requests, people, time and failures in any order: no decision that the rules forbid, no request that is stuck.

That the machine finds what it is there for was tried by breaking the product by hand; found after so many examples
(chance has a say in it: where there are two numbers, in two runs):

    a button of an earlier round counts                                   4, 4
    asking again twice makes two requests                                 4
    somebody approves twice, or in two stages                             6, 8
    anybody may cancel, or ask again                                      8
    who asked may approve where the rule does not say so                  9
    a decision counts at and after the deadline                           6, 12

The default is quick; COPY_BACKUP_TEST_EXAMPLES=400 is for a night.
"""

import os
import sqlite3
import tempfile
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from bot.domain import sentences
from bot.domain.approvals import Ruling, Stage, ruling_of
from bot.domain.audit import faults, line_of
from bot.domain.backups import Lifecycle
from bot.domain.clicks import Click
from bot.domain.errors import OutletBusy, OutletError
from bot.domain.params import StepKind
from bot.domain.people import Actor, Person
from bot.domain.requests import CopyRequest, Event, RequestEvent, RequestState, Verdict
from bot.store import default_url, migrate, open_store
from bot.workflows.deciding import Deciding
from bot.workflows.preflight import look
from bot.workflows.runner import Runner
from bot.workflows.steps.copy import CopyStep
from bot.workflows.submitting import Submitting
from bot.workflows.telling import shown_of
from bot.workflows.tracking import Tracker
from bot.workflows.waiting import Waiting
from tests.contract.fake_backups import FakeBackups
from tests.unit.builders import (
    ANY_RULE,
    COPIES,
    MAIN,
    a_click,
    a_policy,
    a_vault,
    notices_of,
    read_request,
    some_params,
    stored_request,
)
from tests.unit.deciding_model import ENDED, Model
from tests.unit.fakes import HOME, FakePeople, ManualClock, Nudges

NAMES = ("U0ANNA", "U0BEN", "U0CHRIS", "U0DORA", "U0EVE", "U0FAY")
ADMINS, DBAS, OPS = "S0ADMINS", "S0DBA", "S0OPS"
RULINGS = (
    Ruling((ADMINS,)),
    Ruling((ADMINS,), needed=2, allow_self=True),
    Ruling((DBAS,), then=(Stage((ADMINS,), 2),), break_glass=("U0FAY",)),
    Ruling((DBAS, ADMINS), needed=2, allow_guests=True, break_glass=("U0EVE",)),
    Ruling((ADMINS,), escalate_seconds=3_600, escalate_to=(OPS,), remind_seconds=1_800, break_glass=("U0ANNA",)),
)
WEIRD = {"is_bot": True}, {"is_deactivated": True}, {"is_guest": True}, {"team_id": "T0OTHER"}
YES = (Verdict.APPROVE, Verdict.BREAK_GLASS)
people = st.sampled_from(NAMES)
RARELY = st.sampled_from([False] * 7 + [True])
MOSTLY = st.sampled_from([True] * 4 + [False])
# Why somebody may not ask again; anything else that is said then is about the world, not about the person.
NOT_YOURS = (
    sentences.ONLY_ASKER_ASKS_AGAIN,
    sentences.OTHER_WORKSPACE,
    sentences.BOT,
    sentences.DEACTIVATED,
    sentences.GUEST,
    sentences.ELSEWHERE,
)
# What the history says of a click that counted.
RECORDED = {
    Verdict.APPROVE: ("approve", "approved by one"),
    Verdict.REJECT: ("reject",),
    Verdict.CANCEL: ("cancel",),
    Verdict.RETRY: ("retry",),
    Verdict.BREAK_GLASS: ("break glass",),
    Verdict.SIGN: ("review signed",),
}
EXAMPLES = int(os.environ.get("COPY_BACKUP_TEST_EXAMPLES", "15"))
# Most of what people do is to say yes; the rest comes often enough to meet everything.
VERDICTS = st.sampled_from([Verdict.APPROVE] * 4 + [one for one in Verdict if one is not Verdict.ASK_AGAIN])


@dataclass(frozen=True)
class Press:
    """One press of a button; which request and who are picked when it comes to it. `able`: one who may."""

    number: int
    pick: int
    able: bool
    verdict: Verdict
    stale: bool
    twice: bool
    team: str
    silent: bool


PRESSES = st.lists(
    st.builds(
        Press,
        number=st.integers(0, 5),
        pick=st.integers(0, 5),
        able=MOSTLY,
        verdict=VERDICTS,
        stale=RARELY,
        twice=RARELY,
        team=RARELY.map(lambda rarely: "T0PARTNER" if rarely else HOME),
        silent=RARELY,
    ),
    min_size=1,
    max_size=5,
)


@cache
def empty_database() -> bytes:
    """A database that is up to date, made once: bringing one up to date takes longer than a whole example."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        migrate(default_url(path))
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return path.read_bytes()


class _Peeked(Exception):
    """What was only looked at is left as it was."""


class DecidingMachine(RuleBasedStateMachine):
    """The model is what the rules say about a click at the moment it is judged, computed from the scene alone.

    How a request stands is counted here too (Model), from the presses that were accepted and from the time.
    """

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        path = Path(self._folder.name) / "machine.db"
        path.write_bytes(empty_database())
        self.store = open_store(default_url(path))
        self.clock, self.people, self.nudges = ManualClock(), FakePeople(), Nudges()
        self.backups = FakeBackups(clock=self.clock)
        self.clicks = 0
        self.models: dict[str, Model] = {}
        self.ended: dict[str, RequestState] = {}
        self.requests: list[str] = []
        self.again: dict[str, str] = {}
        """Requests that lapsed and were asked again, with what they are now."""

    @initialize(rulings=st.lists(st.sampled_from(RULINGS), min_size=2, max_size=4))
    def people_and_vaults(self, rulings: list[Ruling]) -> None:
        self.people.groups = {
            ADMINS: frozenset({"U0BEN", "U0CHRIS", "U0DORA", "U0ANNA"}),
            DBAS: frozenset({"U0BEN", "U0EVE"}),
            OPS: frozenset({"U0FAY"}),
        }
        self.backups.add_vault(COPIES)
        made = self.clock.now() - timedelta(days=1)
        self.params = some_params(self.backups.add_point(MAIN, "orders", created_at=made, lifecycle=Lifecycle(35)))
        copying = CopyStep(self.backups)
        works = {StepKind.COPY: copying}
        submitting = Submitting(self.store, works, self.people, a_policy(), self.clock, self.nudges)
        self.deciding = Deciding(self.store, self.people, self.clock, self.nudges, submitting)
        self.waiting = Waiting(self.store, self.people, self.clock, self.nudges)
        self.runner = Runner(self.store, works, a_policy(), self.clock, self.nudges)
        watchers = {StepKind.COPY: copying}
        self.tracker = Tracker(self.store, works, a_policy(), self.clock, self.nudges, watchers)
        for ruling in rulings:
            self.ask(ruling)

    def ask(self, ruling: Ruling) -> None:
        seen = shown_of(look(self.params, self.backups, self.clock.now()))
        draft = f"draft-{len(self.requests)}"
        request = stored_request(
            self.store, self.params, draft_id=draft, shown=seen, ruling=ruling, at=self.clock.now()
        )
        self.requests.append(request.id)
        self.models[request.id] = Model(ruling, self.clock.now(), self.clock.now() + timedelta(hours=8))

    @rule(presses=PRESSES)
    def click(self, presses: list[Press]) -> None:
        """People press buttons: mostly those who may, of requests that still wait."""
        for one in presses:
            request = self.one_of(self.waiting_requests() if one.able else [], one.number)
            allowed = [name for name in NAMES if one.able and self.allowed(request, name, one.verdict, one.team)]
            who = (allowed or NAMES)[one.pick % len(allowed or NAMES)]
            self.press(request, who, one.verdict, stale=one.stale, twice=one.twice, team=one.team, silent=one.silent)

    def press(
        self,
        request: CopyRequest,
        who: str,
        verdict: Verdict,
        *,
        stale: bool = False,
        twice: bool = False,
        team: str = HOME,
        silent: bool = False,
    ) -> None:
        if verdict in (Verdict.SIGN, Verdict.RETRY):
            self.post()
        self.clicks += 1
        click = a_click(request, Actor(who, team), verdict, key=f"click-{self.clicks}", note="because")
        click = replace(click, round=1 if stale else request.round)
        expected, lines = self.expected(click), self.history_of(request)
        self.people.silent = OutletBusy("busy", retry_after=30) if silent else None
        self.deciding.write_down(click)
        try:
            sentence = self.deciding.judge(click.dedup_key)
        except OutletError:
            assert self.people.silent is not None
            assert (self.now(request), self.history_of(request)) == (request, lines)
            return
        self.judged(request, click, expected, sentence)
        after, told = self.now(request), self.history_of(request)
        self.recorded(click, told[len(lines) :], sentence)
        if twice:
            # Slack delivers it again: it counted, or was refused, before.
            assert (self.deciding.write_down(click), self.deciding.judge(click.dedup_key)) == (False, "")
            assert (self.now(request), self.history_of(request)) == (after, told)

    @precondition(lambda self: self.half_approved())
    @rule(number=st.integers(0, 5))
    def once_more(self, number: int) -> None:
        """Somebody who has approved already presses Approve again, perhaps in the next stage."""
        request = self.one_of(self.half_approved(), number)
        self.press(request, request.decisions[-1].actor.user_id, Verdict.APPROVE)

    @precondition(lambda self: self.asked_anew())
    @rule(number=st.integers(0, 5), pick=st.integers(0, 5), stale=st.booleans())
    def approve_again(self, number: int, pick: int, stale: bool) -> None:
        """After a change: by the button that shows it, or by one of the question as it was."""
        request = self.one_of(self.asked_anew(), number)
        able = [name for name in NAMES if self.allowed(request, name, Verdict.APPROVE, HOME)] or list(NAMES)
        self.press(request, able[pick % len(able)], Verdict.APPROVE, stale=stale)

    def expected(self, click: Click) -> bool:
        """Whether this click is to count if it is judged now, as long as the world is as it was shown."""
        late = click.verdict in YES and click.round != self.models[click.request_id].round
        request = read_request(self.store, click.request_id)
        return not late and self.allowed(request, click.actor.user_id, click.verdict, click.actor.team_id)

    def judged(self, before: CopyRequest, click: Click, expected: bool, sentence: str) -> None:
        after, model = read_request(self.store, before.id), self.models[before.id]
        if not sentence:
            model.counts(click.actor.user_id, click.verdict, self.clock.now())
        elif after.round > before.round:
            model.asked_anew(self.clock.now())
        self.as_counted(after)
        if sentence and click.verdict in YES and expected:
            # The only thing that may stand against an allowed yes is that the world is not as it was shown.
            assert after.round > before.round or "cannot go ahead as things are" in sentence
        elif sentence:
            assert not expected, sentence
        else:
            assert expected
            return
        assert after.state is before.state
        assert after.decisions == (() if after.round > before.round else before.decisions)

    def recorded(self, click: Click, told: list[Event], sentence: str) -> None:
        """One line for one click, by who pressed: what it did, or that it was refused (and what it found changed)."""
        changed = [line for line in told if line.what == RequestEvent.CHANGE] if sentence else []
        (line,) = [line for line in told if line not in changed]
        assert {one.actor for one in told} == {click.actor}
        assert len(changed) <= 1
        if sentence:
            assert (line.what, line.detail) == ("click refused", f"{click.verdict}: {sentence}")
        else:
            assert line.what in RECORDED[click.verdict]

    @precondition(lambda self: self.requests)
    @rule(
        number=st.integers(0, 9),
        lapsed=MOSTLY,
        who=st.sampled_from(("U0ANNA", "U0ANNA", *NAMES)),
        team=RARELY.map(lambda rarely: "T0PARTNER" if rarely else HOME),
    )
    def ask_again(self, number: int, lapsed: bool, who: str, team: str) -> None:
        """Of a request that has lapsed, by who asked, once; pressed again it is the same request."""
        self.post()
        over = [one for one in self.every() if one.state is RequestState.LAPSED]
        request = self.one_of(over if lapsed else [], number)
        self.clicks += 1
        lines = self.history_of(request)
        click = a_click(request, Actor(who, team), Verdict.ASK_AGAIN, key=f"click-{self.clicks}")
        self.people.silent = None
        self.deciding.write_down(click)
        sentence = self.deciding.judge(click.dedup_key)
        made = self.newest()
        told = [(line.what, line.actor) for line in self.history_of(request)[len(lines) :]]
        what = [("click refused", click.actor)] if sentence else [("asked again", click.actor)] if made else []
        assert told == what
        assert self.now(request) == request
        if not self.may_ask_again(request, who, team):
            assert sentence
            assert made is None
        elif sentence:
            assert sentence not in (*NOT_YOURS, sentences.cannot_ask_again(request.id))
            assert made is None
        elif request.id in self.again:
            assert made is None
        else:
            assert made is not None
            assert (made.state, made.round, made.decisions) == (RequestState.PENDING, 1, ())
            assert made.reason == request.reason
            self.again[request.id] = made.id
            self.requests.append(made.id)
            ruling, now = ruling_of(ANY_RULE), self.clock.now()
            assert made.ruling == ruling
            self.models[made.id] = Model(ruling, now, now + timedelta(seconds=ruling.answer_seconds))

    def newest(self) -> CopyRequest | None:
        """The request that was made beyond those we know; None: there is none."""
        with self.store.read() as tx:
            return tx.requests.get(f"CB-{len(self.requests) + 1}")

    def may_ask_again(self, request: CopyRequest, who: str, team: str) -> bool:
        person = self.people.known.get(who) or Person(who, HOME)
        insider = team == HOME == person.team_id and not (person.is_bot or person.is_deactivated)
        return insider and who == "U0ANNA" and request.state is RequestState.LAPSED

    def post(self) -> None:
        """Slack has what is due to be said, so that its buttons can be pressed."""
        notices_of(self.store, self.clock.now())

    @rule(who=people, group=st.sampled_from([ADMINS, DBAS, OPS]))
    def join_or_leave(self, who: str, group: str) -> None:
        self.people.groups[group] = self.people.groups[group] ^ {who}

    @rule(who=people, weird=st.sampled_from([None, *WEIRD]))
    def change_person(self, who: str, weird: dict[str, object] | None) -> None:
        self.people.known[who] = replace(Person(who, HOME), **(weird or {}))  # type: ignore[arg-type]  # fields of a Person

    @rule(minutes=st.sampled_from([1, 30, 70]))
    def time(self, minutes: int) -> None:
        self.clock.pass_(minutes=minutes)

    @precondition(lambda self: self.waiting_requests())
    @rule(number=st.integers(0, 5), pick=st.integers(0, 5), verdict=VERDICTS)
    def deadline(self, number: int, pick: int, verdict: Verdict) -> None:
        """Somebody presses at the very moment at which a request's time is over, before any sweep has seen it."""
        request = self.one_of(self.waiting_requests(), number)
        able = [name for name in NAMES if self.allowed(request, name, verdict, HOME)] or list(NAMES)
        if request.answer_by > self.clock.now():
            self.clock.pass_(seconds=(request.answer_by - self.clock.now()).total_seconds())
        self.press(request, able[pick % len(able)], verdict)

    @precondition(lambda self: len(self.waiting_requests()) < 2)
    @rule(ruling=st.sampled_from(RULINGS))
    def ask_for_more(self, ruling: Ruling) -> None:
        self.backups.add_vault(COPIES)
        self.ask(ruling)

    @rule(gone=RARELY, least=st.sampled_from([None, 1, 7]))
    def world(self, gone: bool, least: int | None) -> None:
        """The destination vault vanishes, comes back, gets a lock."""
        if gone:
            self.backups.add_vault(COPIES)
            self.backups.remove_vault(COPIES)
        else:
            self.backups.add_vault(a_vault(COPIES, least=least))

    @rule()
    def sweep(self) -> None:
        now = self.clock.now()
        self.waiting.lapse_unanswered()
        for model in self.models.values():
            model.time_is_over(now)
        self.waiting.call_people()
        for request in self.every():
            self.models[request.id].help_came(request.escalated_at, now)
        self.judge_left_over()
        self.runner.start_due()
        self.go_on()

    def judge_left_over(self) -> None:
        """Clicks that could not be judged when they were pressed are judged as any other, one after the other."""
        while (click := self.next_left_over()) is not None:
            before, expected = read_request(self.store, click.request_id), self.expected(click)
            lines = self.history_of(before)
            assert self.deciding.judge_left_over(limit=1) == 1
            told = self.history_of(before)[len(lines) :]
            if told:
                refused = told[-1].detail if told[-1].what == "click refused" else ""
                sentence = refused.partition(": ")[2]
                self.judged(before, click, expected, sentence)
                self.recorded(click, told, sentence)
            else:
                assert self.people.silent is not None
                assert self.now(before) == before

    def next_left_over(self) -> Click | None:
        """The click that would be judged next."""
        claimed: list[Click] = []
        with suppress(_Peeked), self.store.begin() as tx:
            claimed += tx.clicks.claim(self.clock.now(), self.clock.now(), 1)
            raise _Peeked
        return claimed[0] if claimed else None

    def history_of(self, request: CopyRequest) -> list[Event]:
        with self.store.read() as tx:
            return [line.event for line in tx.history.newest(1_000, request.id)]

    def go_on(self) -> None:
        """What is approved is started, if the world is still as it was shown; if not, it is asked for anew."""
        for request in self.every():
            model = self.models[request.id]
            if model.state is RequestState.APPROVED and request.round > model.round:
                model.asked_anew(self.clock.now())
            model.went_on(request.state)

    @invariant()
    def every_request_stands_as_it_was_counted(self) -> None:
        for request in self.every():
            self.as_counted(request)

    def as_counted(self, request: CopyRequest) -> None:
        model = self.models[request.id]
        assert (request.state, request.round, request.answer_by) == (model.state, model.round, model.answer_by)
        decided = [(one.actor.user_id, one.verdict, one.stage) for one in request.decisions]
        assert decided == [(one.who, one.verdict, one.stage) for one in model.said]
        review = request.review
        assert (review.by.user_id if review else "") == model.glass
        assert bool(review and review.signed_by) == model.signed

    @invariant()
    def only_what_was_approved_goes_on(self) -> None:
        for request_id in self.requests:
            request = read_request(self.store, request_id)
            if request.state in (RequestState.APPROVED, RequestState.RUNNING):
                broken = any(one.verdict is Verdict.BREAK_GLASS for one in request.decisions)
                assert broken or self.models[request_id].open_stage() is None
                assert (request.review is not None) or not broken
            givers = [one.actor.user_id for one in request.decisions]
            assert len(givers) == len(set(givers))
            if not request.ruling.allow_self:
                assert all(
                    one.verdict is not Verdict.APPROVE or one.actor.user_id != "U0ANNA" for one in request.decisions
                )
        for order in self.backups.orders:
            assert read_request(self.store, order.request_id).decisions

    @invariant()
    def what_has_ended_stays_ended(self) -> None:
        for request_id in self.requests:
            state = read_request(self.store, request_id).state
            if request_id in self.ended:
                assert state is self.ended[request_id]
            if state in (RequestState.REJECTED, RequestState.CANCELLED, RequestState.LAPSED):
                self.ended[request_id] = state

    def teardown(self) -> None:
        """Nothing is stuck: when Slack answers and the time is over, every request has been answered or has lapsed."""
        if self.requests:
            self.people.silent = None
            self.clock.pass_(days=3)
            for _ in range(3):
                self.sweep()
                self.clock.pass_(days=2)
            for request_id in self.requests:
                assert read_request(self.store, request_id).state is not RequestState.PENDING
            # AWS makes one copy of a table after the other: whatever was approved has its turn.
            for _ in self.requests:
                self.sweep()
                self.backups.finish_all()
                self.clock.pass_(minutes=2)
                self.tracker.poll_due()
                self.go_on()
                self.clock.pass_(days=1)
            self.sweep()
            assert [one.id for one in self.every() if one.state not in ENDED] == []
            with self.store.begin() as tx:
                assert tx.clicks.claim(self.clock.now(), self.clock.now(), 10) == []
        with self.store.read() as tx:
            assert list(faults([line_of(line) for line in tx.history.every()], tx.history.head())) == []
        self.store.close()
        self._folder.cleanup()

    def now(self, request: CopyRequest) -> CopyRequest:
        return read_request(self.store, request.id)

    def every(self) -> list[CopyRequest]:
        return [read_request(self.store, request_id) for request_id in self.requests]

    def one_of(self, some: list[CopyRequest], number: int) -> CopyRequest:
        """One of these, or of all where there are none."""
        pool = some or self.every()
        return pool[number % len(pool)]

    def waiting_requests(self) -> list[CopyRequest]:
        now = self.clock.now()
        return [one for one in self.every() if one.state is RequestState.PENDING and now < one.answer_by]

    def half_approved(self) -> list[CopyRequest]:
        return [one for one in self.waiting_requests() if one.decisions]

    def asked_anew(self) -> list[CopyRequest]:
        return [one for one in self.waiting_requests() if one.round > 1]

    def allowed(self, request: CopyRequest, who: str, verdict: Verdict, team: str) -> bool:
        """What the rules say, told once more in other words than the product's."""
        person = self.people.known.get(who) or Person(who, HOME)
        own = verdict in (Verdict.CANCEL, Verdict.RETRY) and who == "U0ANNA"
        model = self.models[request.id]
        if team != HOME or person.team_id != HOME or person.is_bot or person.is_deactivated:
            return False
        if person.is_guest and not (model.ruling.allow_guests or own or verdict is Verdict.CANCEL):
            return False
        if verdict is Verdict.RETRY:
            return model.state in (RequestState.FAILED, RequestState.PARTIAL) and (own or self.member(request, who))
        if verdict is Verdict.SIGN:
            open_ = bool(model.glass) and not model.signed and model.glass != who
            return open_ and who != "U0ANNA" and self.member(request, who)
        if model.state is not RequestState.PENDING or self.clock.now() >= model.answer_by:
            return False
        if verdict is Verdict.CANCEL:
            return who == "U0ANNA"
        if verdict is Verdict.BREAK_GLASS:
            return who in model.ruling.break_glass and not model.has_spoken(who)
        return self.may_answer(request, who, verdict)

    def may_answer(self, request: CopyRequest, who: str, verdict: Verdict) -> bool:
        model = self.models[request.id]
        if (who == "U0ANNA" and not model.ruling.allow_self) or model.has_spoken(who):
            return False
        if verdict is Verdict.REJECT:
            return self.member(request, who)
        stage = model.open_stage()
        return stage is not None and who in self.resolved(model.may_approve_in(stage))

    def resolved(self, ids: tuple[str, ...]) -> frozenset[str]:
        return frozenset[str]().union(*(self.people.groups.get(one, frozenset({one})) for one in ids))

    def member(self, request: CopyRequest, who: str) -> bool:
        model = self.models[request.id]
        if who == "U0ANNA" and not model.ruling.allow_self:
            return False
        return who in self.resolved(model.everybody())


# On a busy machine the examples take their time; what they look for does not depend on it.
TestDeciding = pytest.mark.timeout(600)(DecidingMachine.TestCase)
TestDeciding.settings = settings(
    max_examples=EXAMPLES, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
