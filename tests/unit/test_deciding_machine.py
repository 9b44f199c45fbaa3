"""Requests, people, time and failures in any order: no decision that the rules forbid, no request that is stuck."""

import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.domain.approvals import Ruling, Stage
from bot.domain.audit import faults, line_of
from bot.domain.backups import Lifecycle
from bot.domain.deciders import stages_now
from bot.domain.errors import OutletBusy, OutletError
from bot.domain.params import StepKind
from bot.domain.people import Actor, Person
from bot.domain.requests import CopyRequest, RequestState, Verdict
from bot.store import default_url, migrate, open_store
from bot.workflows.deciding import Deciding
from bot.workflows.preflight import look
from bot.workflows.runner import Runner
from bot.workflows.steps.copy import CopyStep
from bot.workflows.submitting import Submitting
from bot.workflows.telling import shown_of
from bot.workflows.waiting import Waiting
from tests.contract.fake_backups import FakeBackups
from tests.unit.builders import COPIES, MAIN, a_click, a_policy, a_vault, read_request, some_params, stored_request
from tests.unit.fakes import HOME, FakePeople, ManualClock, Nudges

NAMES = ("U0ANNA", "U0BEN", "U0CHRIS", "U0DORA", "U0EVE", "U0FAY")
ADMINS, DBAS, OPS = "S0ADMINS", "S0DBA", "S0OPS"
RULINGS = (
    Ruling((ADMINS,)),
    Ruling((ADMINS,), needed=2, allow_self=True),
    Ruling((DBAS,), then=(Stage((ADMINS,), 2),), break_glass=("U0FAY",)),
    Ruling((ADMINS,), escalate_seconds=3_600, escalate_to=(OPS,), remind_seconds=1_800, break_glass=("U0ANNA",)),
)
WEIRD = {"is_bot": True}, {"is_deactivated": True}, {"is_guest": True}, {"team_id": "T0OTHER"}
YES = (Verdict.APPROVE, Verdict.BREAK_GLASS)
people = st.sampled_from(NAMES)
RARELY = st.sampled_from([False] * 7 + [True])
# Most of what people do is to say yes; the rest comes often enough to meet everything.
VERDICTS = st.sampled_from([Verdict.APPROVE] * 4 + [one for one in Verdict if one is not Verdict.ASK_AGAIN])


class DecidingMachine(RuleBasedStateMachine):
    """The model is what the rules say about a click at the moment it is judged, computed from the scene alone."""

    def __init__(self) -> None:
        super().__init__()
        self._folder = tempfile.TemporaryDirectory()
        url = default_url(Path(self._folder.name) / "machine.db")
        migrate(url)
        self.store = open_store(url)
        self.clock, self.people, self.nudges = ManualClock(), FakePeople(), Nudges()
        self.backups = FakeBackups(clock=self.clock)
        self.clicks = 0
        self.approved: dict[tuple[str, int], list[str]] = {}
        self.ended: dict[str, RequestState] = {}
        self.requests: list[str] = []

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
        works = {StepKind.COPY: CopyStep(self.backups)}
        submitting = Submitting(self.store, works, self.people, a_policy(), self.clock, self.nudges)
        self.deciding = Deciding(self.store, self.people, self.clock, self.nudges, submitting)
        self.waiting = Waiting(self.store, self.people, self.clock, self.nudges)
        self.runner = Runner(self.store, works, a_policy(), self.clock, self.nudges)
        for ruling in rulings:
            self.ask(ruling)

    def ask(self, ruling: Ruling) -> None:
        seen = shown_of(look(self.params, self.backups, self.clock.now()))
        draft = f"draft-{len(self.requests)}"
        request = stored_request(
            self.store, self.params, draft_id=draft, shown=seen, ruling=ruling, at=self.clock.now()
        )
        self.requests.append(request.id)

    @rule(
        number=st.integers(0, 3),
        who=people,
        verdict=VERDICTS,
        stale=st.booleans(),
        twice=st.booleans(),
        team=RARELY.map(lambda rarely: "T0PARTNER" if rarely else HOME),
        silent=RARELY,
    )
    def click(self, number: int, who: str, verdict: Verdict, stale: bool, twice: bool, team: str, silent: bool) -> None:
        request = self.request(number)
        expected = self.allowed(request, who, verdict, team) and not (stale and verdict in YES and request.round > 1)
        self.clicks += 1
        click = a_click(request, Actor(who, team), verdict, key=f"click-{self.clicks}", note="because")
        click = replace(click, round=1 if stale else request.round)
        self.people.silent = OutletBusy("busy", retry_after=30) if silent else None
        self.deciding.write_down(click)
        try:
            sentence = self.deciding.judge(click.dedup_key)
        except OutletError:
            assert self.people.silent is not None
            assert self.request(number) == request
            return
        self.judged(request, verdict, expected, sentence)
        after = self.request(number)
        if twice:
            # Slack delivers it again: it counted, or was refused, before.
            assert (self.deciding.write_down(click), self.deciding.judge(click.dedup_key)) == (False, "")
            assert self.request(number) == after

    def judged(self, before: CopyRequest, verdict: Verdict, expected: bool, sentence: str) -> None:
        after = read_request(self.store, before.id)
        if sentence and verdict in YES and expected:
            # The only thing that may stand against an allowed yes is that the world is not as it was shown.
            assert after.round > before.round or "would fail" in sentence
        elif sentence:
            assert not expected, sentence
        else:
            assert expected
            return
        assert after.state is before.state
        assert after.decisions == (() if after.round > before.round else before.decisions)

    @rule(who=people, group=st.sampled_from([ADMINS, DBAS, OPS]))
    def join_or_leave(self, who: str, group: str) -> None:
        self.people.groups[group] = self.people.groups[group] ^ {who}

    @rule(who=people, weird=st.sampled_from([None, *WEIRD]))
    def change_person(self, who: str, weird: dict[str, object] | None) -> None:
        self.people.known[who] = replace(Person(who, HOME), **(weird or {}))  # type: ignore[arg-type]  # fields of a Person

    @rule(minutes=st.sampled_from([1, 30, 70]))
    def time(self, minutes: int) -> None:
        self.clock.pass_(minutes=minutes)

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
        self.waiting.lapse_unanswered()
        self.waiting.call_people()
        self.deciding.judge_left_over()
        self.runner.start_due()

    @invariant()
    def only_what_was_approved_goes_on(self) -> None:
        for request_id in self.requests:
            request = read_request(self.store, request_id)
            if request.state in (RequestState.APPROVED, RequestState.RUNNING):
                broken = any(one.verdict is Verdict.BREAK_GLASS for one in request.decisions)
                complete = all(stage.missing == 0 for stage in stages_now(request.standing, request.decisions))
                assert broken or complete
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
            with self.store.begin() as tx:
                assert tx.clicks.claim(self.clock.now(), self.clock.now(), 10) == []
        with self.store.read() as tx:
            assert list(faults([line_of(line) for line in tx.history.every()], tx.history.head())) == []
        self.store.close()
        self._folder.cleanup()

    def request(self, number: int) -> CopyRequest:
        return read_request(self.store, self.requests[number % len(self.requests)])

    def allowed(self, request: CopyRequest, who: str, verdict: Verdict, team: str) -> bool:
        """What the rules say, told once more in other words than the product's."""
        person = self.people.known.get(who) or Person(who, HOME)
        own = verdict in (Verdict.CANCEL, Verdict.RETRY) and who == "U0ANNA"
        if team != HOME or person.team_id != HOME or person.is_bot or person.is_deactivated:
            return False
        if person.is_guest and not own and verdict is not Verdict.CANCEL:
            return False
        if verdict is Verdict.RETRY:
            return request.state in (RequestState.FAILED, RequestState.PARTIAL) and (own or self.member(request, who))
        if verdict is Verdict.SIGN:
            review = request.review
            open_ = review is not None and review.signed_by is None and review.by.user_id != who
            return open_ and who != "U0ANNA" and self.member(request, who)
        if request.state is not RequestState.PENDING or self.clock.now() >= request.answer_by:
            return False
        if verdict is Verdict.CANCEL:
            return who == "U0ANNA"
        if verdict is Verdict.BREAK_GLASS:
            return who in request.ruling.break_glass and all(one.actor.user_id != who for one in request.decisions)
        return self.may_answer(request, who, verdict)

    def may_answer(self, request: CopyRequest, who: str, verdict: Verdict) -> bool:
        if who == "U0ANNA" and not request.ruling.allow_self:
            return False
        if any(one.actor.user_id == who for one in request.decisions):
            return False
        if verdict is Verdict.REJECT:
            return self.member(request, who)
        stages = stages_now(request.standing, request.decisions)
        open_stage = next(stage for stage in stages if stage.missing)
        return who in self.resolved(open_stage.stage.approvers)

    def resolved(self, ids: tuple[str, ...]) -> frozenset[str]:
        return frozenset[str]().union(*(self.people.groups.get(one, frozenset({one})) for one in ids))

    def member(self, request: CopyRequest, who: str) -> bool:
        if who == "U0ANNA" and not request.ruling.allow_self:
            return False
        return who in self.resolved(request.standing.everybody)


TestDeciding = DecidingMachine.TestCase
TestDeciding.settings = settings(
    max_examples=15, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
