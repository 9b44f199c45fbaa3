"""Overdue drills that cannot be asked for: operators are told what is theirs to mend, once each."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from bot.domain.books import Store
from bot.domain.drills import DrillRule
from bot.domain.errors import BackupsDenied, BackupsLockedOut, BackupsThrottled, BadInput, CopyBackupError, OutletBusy
from bot.domain.notices import NoticeKind
from bot.domain.requests import CopyRequest
from bot.domain.routing import NoticePolicy
from bot.scheduler import next_fire
from bot.workflows.drilling import Drilling
from bot.workflows.submitting import Submitting
from commands.table_desk import make_table_desk
from tests.unit.builders import a_policy, notices_of
from tests.unit.fakes import ManualClock, NoPlans
from tests.unit.walk_scene import make_walk_scene

OPS = "C0OPS"
DAILY = timedelta(days=1)


@dataclass
class Refused(Submitting):
    """Everything that is asked for ends with this error; `keys` are the drills that were tried."""

    error: CopyBackupError = field(default_factory=lambda: BadInput("channel", "No rule covers it."))
    keys: list[str] = field(default_factory=list)

    def submit(self, key: str, *asked: object, **more: object) -> CopyRequest:
        self.keys.append(key)
        raise self.error


def drilling(store: Store, clock: ManualClock, error: CopyBackupError, *, ops: str | None = OPS) -> Drilling:
    """Two tables whose drills are overdue, in a house where no drill can be asked for."""
    scene = make_walk_scene(store, clock)
    policy = replace(a_policy(notices=NoticePolicy(ops_channel=ops)), drills=(DrillRule("*", DAILY),))
    plain = scene.sending.submitting
    refused = Refused(plain.store, plain.works, plain.people, policy, plain.clock, plain.nudge, pool=None, error=error)
    return make_table_desk(
        store, scene.inventory, refused, scene.people, policy, clock, scene.nudges, NoPlans(), next_fire, None, {}
    ).drilling


@pytest.mark.parametrize(
    "error",
    [
        BadInput("channel", "No rule covers it."),
        BackupsDenied("No rule covers it.", code="AccessDeniedException"),
        BackupsLockedOut("No rule covers it.", code="AccessDenied"),
    ],
)
def test_operators_are_told_once_of_each_drill_that_somebody_has_to_mend(
    store: Store, clock: ManualClock, error: CopyBackupError
) -> None:
    desk = drilling(store, clock, error)

    assert desk.ask_overdue() == 0
    clock.pass_(hours=1)
    assert desk.ask_overdue() == 0

    notices = notices_of(store, clock.now())
    assert [(kind, facts["table"]) for kind, facts in notices] == [
        (NoticeKind.OPS, "orders"),
        (NoticeKind.OPS, "users"),
    ]
    assert {facts["why"] for _, facts in notices} == {"No rule covers it."}
    assert [table.name for table in desk.unasked()] == ["orders", "users"]


def test_what_was_refused_is_tried_again_after_a_while_and_not_at_every_turn(store: Store, clock: ManualClock) -> None:
    desk = drilling(store, clock, BadInput("channel", "No rule covers it."))
    assert isinstance(desk.submitting, Refused)

    for _ in range(3):
        desk.ask_overdue()
        clock.pass_(minutes=1)
    assert len(desk.submitting.keys) == 2
    clock.pass_(minutes=30)
    desk.ask_overdue()

    assert len(desk.submitting.keys) == 4


@pytest.mark.parametrize("error", [BackupsThrottled("Rate exceeded"), OutletBusy("ratelimited", retry_after=1)])
def test_what_passes_by_itself_is_tried_again_and_told_nobody(
    store: Store, clock: ManualClock, error: CopyBackupError
) -> None:
    desk = drilling(store, clock, error)

    desk.ask_overdue()
    desk.ask_overdue()

    assert notices_of(store, clock.now()) == []
    assert isinstance(desk.submitting, Refused)
    assert len(desk.submitting.keys) == 4


def test_without_a_channel_for_operators_the_status_alone_tells_of_it(store: Store, clock: ManualClock) -> None:
    desk = drilling(store, clock, BadInput("channel", "No rule covers it."), ops=None)

    desk.ask_overdue()

    assert notices_of(store, clock.now()) == []
    assert len(desk.unasked()) == 2
