"""Deciding with everything around it: an AWS with one backup, people, a request of Anna's."""

from dataclasses import dataclass
from datetime import timedelta

from bot.domain.approvals import Ruling
from bot.domain.backups import Lifecycle
from bot.domain.books import Store
from bot.domain.clicks import Click
from bot.domain.errors import OutletDoubtful
from bot.domain.notices import NoticeKind
from bot.domain.params import StepKind
from bot.domain.people import Actor
from bot.domain.requests import CopyRequest, Verdict
from bot.workflows.deciding import Deciding
from bot.workflows.preflight import look
from bot.workflows.steps.copy import CopyStep
from bot.workflows.submitting import Submitting
from bot.workflows.waiting import Waiting
from tests.contract.fake_backups import FakeBackups
from tests.unit.builders import (
    BEN,
    COPIES,
    MAIN,
    a_click,
    a_policy,
    notices_of,
    read_request,
    some_params,
    stored_request,
)
from tests.unit.fakes import HOME, FakePeople, ManualClock, Nudges

DORA = Actor("U0DORA", HOME, "Dora")
OUTSIDER = Actor("U0EVE", HOME, "Eve")
TWO = Ruling(("S0ADMINS",), needed=2)
SILENCE = OutletDoubtful("time-out", code="no_answer")


@dataclass
class Scene:
    store: Store
    clock: ManualClock
    people: FakePeople
    nudges: Nudges
    deciding: Deciding
    waiting: Waiting
    backups: FakeBackups
    request: CopyRequest

    def click(self, actor: Actor = BEN, verdict: Verdict = Verdict.APPROVE, *, key: str = "", note: str = "") -> str:
        """Write a click down and have it judged; what the person is told."""
        return self.judge(a_click(self.request, actor, verdict, key=key, note=note))

    def judge(self, click: Click) -> str:
        self.deciding.write_down(click)
        return self.deciding.judge(click.dedup_key)

    def now(self) -> CopyRequest:
        return read_request(self.store, self.request.id)

    def whispered(self) -> list[object]:
        """What the outbox says to single people."""
        told = notices_of(self.store, self.clock.now())
        return [facts["sentence"] for kind, facts in told if kind is NoticeKind.PRIVATE]

    def said(self) -> list[NoticeKind]:
        return [kind for kind, _ in notices_of(self.store, self.clock.now()) if not kind.is_living]


def make_scene(store: Store, clock: ManualClock, ruling: Ruling | None = None) -> Scene:
    people, nudges, backups = FakePeople(), Nudges(), FakeBackups(clock=clock)
    backups.add_vault(COPIES)
    made = clock.now() - timedelta(days=1)
    params = some_params(backups.add_point(MAIN, "orders", created_at=made, lifecycle=Lifecycle(35)))
    request = stored_request(store, params, shown=look(params, backups, clock.now()).shown, ruling=ruling)
    submitting = Submitting(store, {StepKind.COPY: CopyStep(backups)}, people, a_policy(), clock, nudges)
    deciding = Deciding(store, people, clock, nudges, submitting)
    return Scene(store, clock, people, nudges, deciding, Waiting(store, people, clock, nudges), backups, request)
