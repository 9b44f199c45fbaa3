"""Copies that end: the real date is read before people are alarmed, and each thing is said once."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from bot.domain.backups import Lifecycle, RecoveryPoint, VaultRef
from bot.domain.books import StepChange, Store
from bot.domain.copies import Copy, CopyEnd, Origin
from bot.domain.errors import BackupsDenied, BackupsThrottled
from bot.domain.notices import NoticeKind
from bot.domain.requests import CopyRequest
from bot.domain.routing import TOGETHER
from bot.domain.steps import StepState
from bot.workflows.copy_notices import say_of
from bot.workflows.expiry import BATCH, Expiry
from bot.workflows.inventory import Inventory
from tests.contract.fake_backups import FakeBackups
from tests.unit.builders import BEN, COPIES, MAIN, a_policy, notices_of, read_request, stored_request
from tests.unit.fakes import ManualClock, Nudges


@dataclass
class Scene:
    store: Store
    clock: ManualClock
    backups: FakeBackups
    expiry: Expiry
    request: CopyRequest

    def a_copy(
        self, *, ends_in: int | None, seen: bool = True, number: int = 0, origin: RecoveryPoint | None = None
    ) -> RecoveryPoint:
        """A copy that ends in so many days, watched since now; unless seen, AWS has not told its end yet."""
        made = self.clock.now()
        copy = self.backups.add_point(COPIES, f"orders-{number}", created_at=made, lifecycle=Lifecycle(ends_in))
        watched = Copy(
            arn=copy.arn,
            request_id=self.request.id,
            step_id=self.request.steps[0].id,
            vault=COPIES,
            table_name=copy.table_name,
            size_bytes=copy.size_bytes,
            created_at=made,
            delete_at=copy.delete_at if seen else None,
            looked_at=made if seen else None,
            table_arn=copy.table_arn,
            origin=Origin(origin.arn, origin.vault, origin.delete_at) if origin else None,
        )
        with self.store.begin() as tx:
            tx.copies.add(watched)
        return copy

    def remove_what_is_over(self) -> None:
        """AWS removes what has come to its end."""
        for point in self.backups.holdings(COPIES.account, COPIES.region).points:
            if point.delete_at is not None and point.delete_at <= self.clock.now():
                self.backups.remove_point(point.arn)

    def said(self) -> list[tuple[NoticeKind, object]]:
        """What was said since the last look: each kind with its lead, or whether the end came early."""
        return [(kind, facts.get("lead_days", facts.get("early"))) for kind, facts in self.heard()]

    def heard(self) -> list[tuple[NoticeKind, dict[str, object]]]:
        """What was said since the last look, with all that it says; that a card was renewed says nothing."""
        told = notices_of(self.store, self.clock.now())
        return [(kind, facts) for kind, facts in told if kind is not NoticeKind.ANSWERED and not kind.is_living]

    def answered(self) -> list[object]:
        """What was shown since the last look on notices that were said before."""
        return [answer["how"] for answer in self.answers()]

    def answers(self) -> list[dict[str, object]]:
        """The same with all that it says."""
        told = notices_of(self.store, self.clock.now())
        answers = (facts["answered"] for kind, facts in told if kind is NoticeKind.ANSWERED)
        return [answer for answer in answers if isinstance(answer, dict)]

    def end_of(self, arn: str) -> datetime | None:
        with self.store.begin() as tx:
            watched = tx.copies.to_look_at(self.clock.now() + timedelta(days=1), 1000)
        return next(copy.delete_at for copy in watched if copy.arn == arn)


@pytest.fixture
def scene(store: Store, clock: ManualClock) -> Scene:
    backups = FakeBackups(clock=clock)
    expiry = Expiry(store, backups, a_policy(leads=(30, 7, 1)), clock, Nudges())
    return Scene(store, clock, backups, expiry, stored_request(store))


def test_each_lead_is_said_once_as_time_passes_and_then_the_end(scene: Scene) -> None:
    scene.a_copy(ends_in=40)

    said = []
    for _ in range(4 * 42):
        scene.remove_what_is_over()
        scene.expiry.announce()
        said += scene.said()
        scene.clock.pass_(hours=6)

    assert said == [
        (NoticeKind.EXPIRING, 30),
        (NoticeKind.EXPIRING, 7),
        (NoticeKind.EXPIRING, 1),
        (NoticeKind.EXPIRED, False),
    ]


def test_the_request_tells_that_its_copy_has_ended_and_stays_what_it_was(scene: Scene) -> None:
    copy = scene.a_copy(ends_in=10)
    scene.clock.pass_(days=10, hours=1)
    scene.remove_what_is_over()

    scene.expiry.announce()

    now = read_request(scene.store, scene.request.id)
    assert (now.state, now.version) == (scene.request.state, scene.request.version + 1)
    assert NoticeKind.CARD in [kind for kind, _ in notices_of(scene.store, scene.clock.now())]
    with scene.store.read() as tx:
        (line,) = [line.event for line in tx.history.newest(9, now.id) if line.event.what == CopyEnd.REMOVED]
    assert (line.at, line.actor, line.detail) == (scene.clock.now(), None, copy.arn)


def test_after_a_long_silence_only_the_tightest_lead_is_said_with_those_that_were_missed(scene: Scene) -> None:
    scene.a_copy(ends_in=40)
    scene.clock.pass_(days=39, hours=6)

    said = []
    for _ in range(3 * 24):
        # Whichever sweep comes first: what was missed is known to both.
        scene.expiry.look_again()
        scene.expiry.announce()
        said += scene.heard()
        scene.remove_what_is_over()
        scene.clock.pass_(hours=1)

    (kind, facts), (last, _) = said
    assert (kind, facts["lead_days"], facts["missed"]) == (NoticeKind.EXPIRING, 1, [30, 7])
    assert last is NoticeKind.EXPIRED


def test_after_a_silence_a_lead_that_was_told_before_it_was_not_missed(scene: Scene) -> None:
    scene.a_copy(ends_in=29)
    scene.expiry.announce()
    assert [facts["missed"] for _, facts in scene.heard()] == [[]]
    scene.clock.pass_(days=28, hours=6)

    scene.expiry.announce()

    assert [facts["missed"] for _, facts in scene.heard()] == [[7]]


def test_a_copy_that_is_young_has_missed_nothing(scene: Scene) -> None:
    scene.a_copy(ends_in=1)
    scene.clock.pass_(hours=2)

    scene.expiry.announce()

    assert [facts["missed"] for _, facts in scene.heard()] == [[]]


@pytest.mark.parametrize("asleep", [True, False], ids=["put off", "let go"])
def test_what_people_did_not_want_to_hear_was_not_missed(scene: Scene, asleep: bool) -> None:
    copy, began = scene.a_copy(ends_in=29), scene.clock.now()
    end = copy.delete_at
    assert end is not None
    scene.expiry.announce()
    with scene.store.begin() as tx:
        if asleep:
            tx.copies.snooze(copy.arn, end=end, before=None, until=began + timedelta(days=28, hours=6))
        else:
            tx.copies.let_go(copy.arn, end=end, by=BEN)
    for _ in range(28 * 4 + 2):
        scene.clock.pass_(hours=6)
        scene.expiry.look_again()
    scene.heard()
    with scene.store.begin() as tx:
        tx.copies.let_go(copy.arn, end=end, by=None)

    scene.expiry.announce()

    assert [(facts["lead_days"], facts["missed"]) for _, facts in scene.heard()] == [(1, [])]


def test_what_was_said_of_an_end_is_closed_when_the_end_moves_and_open_again_when_it_comes_back(scene: Scene) -> None:
    copy = scene.a_copy(ends_in=20)
    scene.expiry.announce()
    scene.heard()
    first = copy.delete_at
    assert first is not None

    shown = []
    for end in (first + timedelta(days=400), first):
        scene.backups.change_point(copy.arn, delete_at=end)
        scene.clock.pass_(hours=25)
        scene.expiry.look_again()
        shown += scene.answered()

    assert shown == ["moved", "open"]


def test_what_was_said_of_an_end_is_closed_when_it_has_come(scene: Scene) -> None:
    scene.a_copy(ends_in=7)
    scene.expiry.announce()
    scene.clock.pass_(days=6)
    scene.expiry.announce()
    scene.heard()
    scene.clock.pass_(days=2)
    scene.remove_what_is_over()

    scene.expiry.announce()

    assert scene.answered() == ["over", "over"]


@pytest.mark.parametrize("readable", [True, False])
def test_its_buttons_go_when_the_end_has_come_and_not_only_when_aws_has_removed_it(
    scene: Scene, readable: bool
) -> None:
    copy = scene.a_copy(ends_in=7)
    scene.expiry.announce()
    scene.heard()
    if not readable:
        scene.backups.fail_next("point", BackupsDenied("no", code="AccessDeniedException"), times=1)
    scene.clock.pass_(days=7, minutes=5)

    scene.expiry.announce()

    assert copy.delete_at is not None
    ended = {"how": "over", "by": "", "at": int(copy.delete_at.timestamp())}
    assert scene.answers() == [ended]
    scene.clock.pass_(hours=7)
    scene.remove_what_is_over()
    scene.expiry.announce()
    assert scene.answers() == []


def test_what_had_its_end_while_nobody_looked_is_dated_by_it_and_what_is_gone_early_by_when_that_was_seen(
    scene: Scene,
) -> None:
    over, early = scene.a_copy(ends_in=20), scene.a_copy(ends_in=29, number=1)
    scene.expiry.announce()
    scene.heard()
    scene.backups.remove_point(early.arn)
    scene.clock.pass_(days=21)
    scene.remove_what_is_over()

    scene.expiry.look_again()
    scene.expiry.announce()

    assert over.delete_at is not None
    assert {answer["at"] for answer in scene.answers() if answer["how"] == "over"} == {
        int(over.delete_at.timestamp()),
        int(scene.clock.now().timestamp()),
    }


def test_what_was_said_of_an_end_before_keeps_only_the_reminders_that_still_fit(scene: Scene) -> None:
    scene.a_copy(ends_in=20)
    scene.expiry.announce()
    scene.heard()

    shown = []
    for days in (13, 6):
        scene.clock.pass_(days=days)
        scene.expiry.announce()
        shown.append([(answer["how"], answer["snoozes"]) for answer in scene.answers()])

    # The first notice; then both, when the next one has come.
    assert shown == [[("newer", ["remind in a day"])], [("newer", []), ("newer", [])]]


def test_a_reminder_names_those_who_asked_for_it(scene: Scene) -> None:
    copy = scene.a_copy(ends_in=29)
    assert copy.delete_at is not None
    scene.expiry.announce()
    until = scene.clock.now() + timedelta(days=7)
    snoozed = {"what": "snoozed", "until": int(until.timestamp())}
    with scene.store.begin() as tx:
        watched = tx.copies.get(copy.arn)
        assert watched is not None
        tx.copies.snooze(copy.arn, end=copy.delete_at, before=None, until=until)
        for number, facts in enumerate(
            (
                {**snoozed, "by": "U0BEN"},
                {**snoozed, "by": "U0DORA", "promised": True},
                {**snoozed, "until": 9, "by": "X"},
            )
        ):
            say_of(tx, watched, NoticeKind.WATCHED, scene.clock.now(), f"{number}", facts)
    scene.heard()
    scene.clock.pass_(days=7)

    scene.expiry.announce()

    ((_, facts),) = scene.heard()
    assert (facts["reminder"], facts["asked_by"]) == (True, ["U0BEN", "U0DORA"])


def test_the_real_date_is_read_before_people_are_alarmed(scene: Scene) -> None:
    copy = scene.a_copy(ends_in=40)
    later = scene.clock.now() + timedelta(days=400)
    scene.backups.change_point(copy.arn, delete_at=later)
    scene.clock.pass_(days=20)

    scene.expiry.announce()

    assert scene.said() == [(NoticeKind.END_CHANGED, None)]
    assert scene.end_of(copy.arn) == later


def test_a_new_date_is_announced_anew(scene: Scene) -> None:
    copy = scene.a_copy(ends_in=20)
    scene.expiry.announce()
    scene.backups.change_point(copy.arn, delete_at=scene.clock.now() + timedelta(days=25))
    scene.expiry.look_again()
    scene.clock.pass_(days=2)
    scene.expiry.look_again()

    scene.expiry.announce()

    assert scene.said() == [(NoticeKind.EXPIRING, 30), (NoticeKind.END_CHANGED, None), (NoticeKind.EXPIRING, 30)]


def test_a_new_end_far_away_takes_back_no_lead_and_makes_none_due(scene: Scene) -> None:
    copy = scene.a_copy(ends_in=20)
    scene.expiry.announce()
    scene.backups.change_point(copy.arn, delete_at=scene.clock.now() + timedelta(days=400))
    scene.clock.pass_(hours=25)

    for _ in range(3):
        scene.expiry.look_again()
        scene.expiry.announce()

    assert scene.said() == [(NoticeKind.EXPIRING, 30), (NoticeKind.END_CHANGED, None)]


def test_each_change_of_the_end_is_said_once_with_both_dates_even_back_and_forth(scene: Scene) -> None:
    copy = scene.a_copy(ends_in=90)
    first = copy.delete_at
    assert first is not None
    other = first + timedelta(days=10)

    for end in (other, first, other, other):
        scene.backups.change_point(copy.arn, delete_at=end)
        scene.clock.pass_(hours=25)
        scene.expiry.look_again()
        scene.expiry.look_again()

    there, back = (int(first.timestamp()), int(other.timestamp())), (int(other.timestamp()), int(first.timestamp()))
    assert [(facts["before"], facts["after"]) for _, facts in scene.heard()] == [there, back, there]


def test_the_first_look_is_no_change(scene: Scene) -> None:
    scene.a_copy(ends_in=90, seen=False)

    scene.expiry.look_again()

    assert scene.said() == []


def test_when_the_end_of_the_source_moves_both_dates_are_said_once(scene: Scene) -> None:
    source = scene.backups.add_point(MAIN, "orders", created_at=scene.clock.now(), lifecycle=Lifecycle(90))
    scene.a_copy(ends_in=90, origin=source)
    assert source.delete_at is not None
    after = source.delete_at + timedelta(days=5)
    scene.backups.change_point(source.arn, delete_at=after)
    scene.clock.pass_(hours=25)

    scene.expiry.look_again()
    scene.clock.pass_(hours=25)
    scene.expiry.look_again()

    ((kind, facts),) = scene.heard()
    dates = (int(source.delete_at.timestamp()), int(after.timestamp()))
    assert (kind, facts["of"], (facts["before"], facts["after"])) == (NoticeKind.END_CHANGED, "origin", dates)


class Killed(BaseException):
    """The process is gone, in the middle of a look."""


class KilledAtTheSource(FakeBackups):
    """A process that is killed when it looks at a copy's source, once."""

    killed = False

    def point(self, vault: VaultRef, arn: str) -> RecoveryPoint:
        if vault == MAIN and not self.killed:
            self.killed = True
            raise Killed
        return super().point(vault, arn)


def test_a_bot_that_is_killed_between_the_copy_and_its_source_looks_at_both_again_at_once(
    store: Store, clock: ManualClock
) -> None:
    backups = KilledAtTheSource(clock=clock)
    expiry = Expiry(store, backups, a_policy(leads=(30, 7, 1)), clock, Nudges())
    scene = Scene(store, clock, backups, expiry, stored_request(store))
    source = backups.add_point(MAIN, "orders", created_at=clock.now(), lifecycle=Lifecycle(90))
    scene.a_copy(ends_in=90, origin=source)
    assert source.delete_at is not None
    backups.change_point(source.arn, delete_at=source.delete_at + timedelta(days=5))
    clock.pass_(hours=25)
    with pytest.raises(Killed):
        expiry.look_again()

    expiry.look_again()

    assert [kind for kind, _ in scene.heard()] == [NoticeKind.END_CHANGED]


@pytest.mark.parametrize(("days", "said"), [(2, 1), (91, 0)])
def test_a_source_that_goes_before_its_end_is_told_once_and_one_that_goes_at_it_is_not(
    scene: Scene, days: int, said: int
) -> None:
    source = scene.backups.add_point(MAIN, "orders", created_at=scene.clock.now(), lifecycle=Lifecycle(90))
    scene.a_copy(ends_in=400, origin=source)
    scene.clock.pass_(days=days)
    scene.backups.remove_point(source.arn)

    for _ in range(2):
        scene.expiry.look_again()
        scene.clock.pass_(hours=25)

    assert [facts["gone"] for _, facts in scene.heard()] == [True] * said


def test_a_source_that_cannot_be_read_changes_nothing(scene: Scene) -> None:
    source = scene.backups.add_point(MAIN, "orders", created_at=scene.clock.now(), lifecycle=Lifecycle(90))
    scene.a_copy(ends_in=400, origin=replace(source, vault=replace(MAIN, account="333333333333")))
    scene.clock.pass_(hours=25)

    scene.expiry.look_again()

    assert scene.said() == []


def test_its_end_is_told_when_aws_has_removed_it_and_not_by_the_clock(scene: Scene) -> None:
    copy = scene.a_copy(ends_in=1)
    scene.expiry.announce()
    scene.said()
    scene.clock.pass_(hours=25)
    scene.expiry.announce()
    assert scene.said() == []

    scene.backups.remove_point(copy.arn)
    scene.clock.pass_(minutes=11)
    scene.expiry.announce()

    ((kind, facts),) = scene.heard()
    assert (kind, facts["early"]) == (NoticeKind.EXPIRED, False)


def test_what_aws_could_not_delete_is_told_as_such_and_watched_no_more(scene: Scene) -> None:
    copy = scene.a_copy(ends_in=1)
    scene.clock.pass_(hours=30)
    scene.backups.change_point(copy.arn, status="EXPIRED")

    for _ in range(3):
        scene.expiry.announce()
        scene.clock.pass_(hours=12)

    ((kind, facts),) = scene.heard()
    assert (kind, facts["undeletable"]) == (NoticeKind.EXPIRED, True)


def test_what_cannot_be_looked_at_a_day_after_its_end_is_told_as_unknown(scene: Scene) -> None:
    scene.a_copy(ends_in=1)
    scene.backups.fail_next("point", BackupsDenied("no", code="AccessDeniedException"), times=999)
    scene.clock.pass_(hours=25)
    scene.expiry.announce()
    assert scene.said() == []
    scene.clock.pass_(hours=25)

    scene.expiry.announce()

    ((kind, facts),) = scene.heard()
    assert (kind, facts["unseen"]) == (NoticeKind.EXPIRED, True)


def test_aws_is_not_asked_all_day_about_what_it_does_not_remove(scene: Scene) -> None:
    scene.a_copy(ends_in=1)
    scene.clock.pass_(days=3)
    scene.expiry.announce()
    asked = len(scene.backups.calls)

    for _ in range(20):
        scene.clock.pass_(minutes=30)
        scene.expiry.announce()

    assert len(scene.backups.calls) == asked


def test_that_it_is_the_last_copy_is_said_and_does_not_wait_for_morning(scene: Scene) -> None:
    scene.a_copy(ends_in=20)

    scene.expiry.announce()

    ((_, facts),) = scene.heard()
    assert (facts["last"], facts["urgent"]) == (True, True)


def test_a_copy_is_not_the_last_while_the_inventory_knows_another(scene: Scene) -> None:
    copy = scene.a_copy(ends_in=20)
    scene.backups.add_point(
        replace(COPIES, name="others"), copy.table_name, created_at=scene.clock.now(), lifecycle=Lifecycle(35)
    )
    Inventory(scene.store, scene.backups, scene.expiry.policy, scene.clock).refresh()

    scene.expiry.announce()

    ((_, facts),) = scene.heard()
    assert (facts["last"], facts["urgent"]) == (False, False)


@pytest.mark.parametrize(
    ("days", "status", "last"),
    [
        (20, "COMPLETED", True),
        (19, "COMPLETED", True),
        (21, "COMPLETED", False),
        (None, "COMPLETED", False),
        (21, "PARTIAL", True),
    ],
)
def test_a_copy_is_the_last_unless_something_whole_outlives_it(
    scene: Scene, days: int | None, status: str, last: bool
) -> None:
    copy = scene.a_copy(ends_in=20)
    other = scene.backups.add_point(
        replace(COPIES, name="others"), copy.table_name, created_at=copy.created_at, lifecycle=Lifecycle(days)
    )
    scene.backups.change_point(other.arn, status=status)
    Inventory(scene.store, scene.backups, scene.expiry.policy, scene.clock).refresh()

    scene.expiry.announce()

    ((_, facts),) = scene.heard()
    assert (facts["last"], facts["urgent"]) == (last, last)


def test_of_two_watched_copies_that_end_together_each_is_the_last(scene: Scene) -> None:
    first = scene.a_copy(ends_in=20)
    second = replace(first, arn=f"{first.arn}-second")
    scene.backups.put(second)
    with scene.store.begin() as tx:
        watched = tx.copies.get(first.arn)
        assert watched is not None
        tx.copies.add(replace(watched, arn=second.arn))

    scene.expiry.announce()

    assert [facts["last"] for _, facts in scene.heard()] == [True, True]


def test_a_copy_is_not_the_last_while_the_backup_it_was_made_from_may_be_there(scene: Scene) -> None:
    made = scene.a_copy(ends_in=20)
    backup = scene.backups.put(replace(made, arn=f"{made.arn}-source", vault=MAIN, delete_at=None))
    (step,) = scene.request.steps
    assert step.copy is not None
    source = replace(step.copy, point=backup)
    with scene.store.begin() as tx:
        change = StepChange(next_poll_at=None, params=source, finished_at=scene.clock.now())
        assert tx.steps.move(step.id, before=step.state, after=StepState.DONE, change=change)
    inventory = Inventory(scene.store, scene.backups, scene.expiry.policy, scene.clock)

    def is_last() -> object:
        scene.expiry.announce()
        ((_, facts),) = scene.heard()
        return facts["last"]

    assert is_last() is False

    scene.backups.remove_point(backup.arn)
    scene.clock.pass_(days=13, hours=1)
    inventory.refresh()

    assert is_last() is True


def test_whoever_let_a_copy_go_hears_nothing_more_until_its_end_is_another(scene: Scene) -> None:
    copy = scene.a_copy(ends_in=20)
    assert copy.delete_at is not None
    with scene.store.begin() as tx:
        assert tx.copies.let_go(copy.arn, end=copy.delete_at, by=BEN)
    scene.clock.pass_(days=14)
    scene.expiry.announce()
    assert scene.said() == []

    scene.backups.change_point(copy.arn, delete_at=copy.delete_at + timedelta(days=1))
    scene.clock.pass_(hours=1)
    scene.expiry.look_again()
    scene.expiry.announce()

    assert scene.said() == [(NoticeKind.END_CHANGED, None), (NoticeKind.EXPIRING, 7)]


def test_a_put_off_notice_comes_once_when_its_time_has_come(scene: Scene) -> None:
    copy = scene.a_copy(ends_in=29)
    scene.expiry.announce()
    until = scene.clock.now() + timedelta(days=7)
    with scene.store.begin() as tx:
        assert tx.copies.snooze(copy.arn, end=copy.delete_at or until, before=None, until=until)
    scene.said()

    said = []
    for _ in range(4 * 20):
        scene.expiry.announce()
        said += scene.said()
        scene.clock.pass_(hours=6)

    assert said == [(NoticeKind.EXPIRING, 30)]


def test_a_lead_that_came_while_it_was_put_off_is_said_then_and_once(scene: Scene) -> None:
    copy = scene.a_copy(ends_in=9)
    scene.expiry.announce()
    until = scene.clock.now() + timedelta(days=7)
    with scene.store.begin() as tx:
        assert tx.copies.snooze(copy.arn, end=copy.delete_at or until, before=None, until=until)
    scene.said()

    said = []
    for _ in range(4 * 9):
        scene.remove_what_is_over()
        scene.expiry.announce()
        said += scene.said()
        scene.clock.pass_(hours=6)

    assert said == [(NoticeKind.EXPIRING, 7), (NoticeKind.EXPIRING, 1)]


def test_what_was_said_is_not_asked_about_again(scene: Scene) -> None:
    scene.a_copy(ends_in=20)
    scene.clock.pass_(hours=1)
    scene.expiry.announce()
    asked = len(scene.backups.calls)

    for _ in range(5):
        scene.clock.pass_(hours=1)
        assert scene.expiry.announce() == 0

    assert asked == len(scene.backups.calls) == 1


def test_many_copies_that_were_announced_keep_no_other_from_its_turn(scene: Scene) -> None:
    for number in range(BATCH + 5):
        scene.a_copy(ends_in=20, number=number)
    scene.expiry.announce()
    scene.expiry.announce()
    assert len(scene.said()) == BATCH + 5

    scene.a_copy(ends_in=25, number=999)
    scene.expiry.announce()

    assert scene.said() == [(NoticeKind.EXPIRING, 30)]


def test_so_many_that_end_at_once_are_told_together(scene: Scene) -> None:
    for number in range(TOGETHER + 1):
        scene.a_copy(ends_in=100, number=number)
        scene.a_copy(ends_in=20, number=number)

    scene.expiry.announce()

    assert [facts.get("together") for _, facts in scene.heard()] == [True] * (TOGETHER + 1)


@pytest.mark.parametrize(("ends_in", "outlived"), [(1, True), (20, False)])
def test_copies_that_end_tomorrow_or_are_the_last_ones_are_told_one_by_one(
    scene: Scene, ends_in: int, outlived: bool
) -> None:
    for number in range(TOGETHER + 1):
        if outlived:
            scene.a_copy(ends_in=100, number=number)
        scene.a_copy(ends_in=ends_in, number=number)

    scene.expiry.announce()

    assert [facts.get("together") for _, facts in scene.heard()] == [None] * (TOGETHER + 1)


def test_what_ended_while_nobody_looked_is_told_in_the_order_of_the_ends(scene: Scene) -> None:
    """Whichever sweep comes first after an outage: the copy looked at longest ago did not end first."""
    copies = [scene.a_copy(ends_in=days) for days in (50, 40, 45)]
    scene.clock.pass_(days=60)
    scene.remove_what_is_over()

    scene.expiry.look_again()
    scene.expiry.announce()
    scene.expiry.look_again()

    told = scene.heard()
    assert {kind for kind, _ in told} == {NoticeKind.EXPIRED}
    assert [facts["copy_arn"] for _, facts in told] == [copies[number].arn for number in (1, 2, 0)]


def test_a_copy_that_is_gone_early_is_told_loudly_and_once(scene: Scene) -> None:
    copy = scene.a_copy(ends_in=90)
    scene.backups.remove_point(copy.arn)
    scene.clock.pass_(hours=25)

    scene.expiry.look_again()
    scene.expiry.look_again()

    assert scene.said() == [(NoticeKind.EXPIRED, True)]


@pytest.mark.parametrize("early", [False, True])
def test_that_the_last_copy_is_gone_is_said_as_such_and_does_not_wait_for_morning(scene: Scene, early: bool) -> None:
    copy = scene.a_copy(ends_in=1)
    if early:
        scene.backups.remove_point(copy.arn)
    scene.clock.pass_(hours=25)
    scene.remove_what_is_over()

    scene.expiry.look_again()
    scene.expiry.announce()

    ((_, facts),) = scene.heard()
    assert (facts["last"], facts["left"], facts["older"], facts["urgent"]) == (True, 0, None, True)


def test_of_a_last_copy_that_is_gone_the_places_that_nobody_could_read_are_told(scene: Scene) -> None:
    copy = scene.a_copy(ends_in=90)
    scene.backups.remove_point(copy.arn)
    scene.backups.fail_next("holdings", BackupsDenied("no", code="AccessDeniedException"), times=1)
    Inventory(scene.store, scene.backups, scene.expiry.policy, scene.clock).refresh()
    scene.clock.pass_(hours=25)

    scene.expiry.look_again()

    ((_, facts),) = scene.heard()
    assert (facts["last"], facts["places"]) == (True, 1)


@pytest.mark.parametrize(
    ("made", "days", "last", "left"),
    [(0, 35, False, 1), (0, None, False, 1), (-5, 90, True, 0), (-5, 6, True, 0)],
    ids=["the same backup", "kept for good", "an older one", "an older one that is over"],
)
def test_what_is_left_when_a_copy_is_gone_is_told(
    scene: Scene, made: int, days: int | None, last: bool, left: int
) -> None:
    copy = scene.a_copy(ends_in=90)
    then = scene.clock.now() + timedelta(days=made)
    scene.backups.add_point(replace(COPIES, name="others"), copy.table_name, created_at=then, lifecycle=Lifecycle(days))
    Inventory(scene.store, scene.backups, scene.expiry.policy, scene.clock).refresh()
    scene.backups.remove_point(copy.arn)
    scene.clock.pass_(hours=25)

    scene.expiry.look_again()

    ((_, facts),) = scene.heard()
    older = int(then.timestamp()) if days == 90 and last else None
    assert (facts["last"], facts["left"], facts["older"]) == (last, left, older)


def test_a_copy_that_is_gone_at_the_alarm_is_told_as_gone(scene: Scene) -> None:
    copy = scene.a_copy(ends_in=31)
    scene.backups.remove_point(copy.arn)
    scene.clock.pass_(days=2)

    scene.expiry.announce()

    assert scene.said() == [(NoticeKind.EXPIRED, True)]


def test_an_unreadable_copy_is_announced_by_what_is_known(scene: Scene) -> None:
    scene.a_copy(ends_in=20)
    scene.clock.pass_(hours=1)
    scene.backups.fail_next("point", BackupsDenied("no", code="AccessDeniedException"), times=9)

    scene.expiry.announce()

    assert scene.said() == [(NoticeKind.EXPIRING, 30)]


def test_a_copy_whose_end_was_never_seen_is_looked_at_until_it_is(scene: Scene) -> None:
    copy = scene.a_copy(ends_in=5, seen=False)
    scene.backups.fail_next("point", BackupsThrottled("slow down"))

    scene.expiry.look_again()
    scene.expiry.announce()
    assert scene.said() == []
    scene.clock.pass_(minutes=11)
    scene.expiry.look_again()
    scene.expiry.announce()

    assert scene.end_of(copy.arn) == copy.delete_at
    assert scene.said() == [(NoticeKind.EXPIRING, 7)]


def test_copies_that_cannot_be_read_do_not_keep_the_others_from_their_turn(scene: Scene) -> None:
    copies = [scene.a_copy(ends_in=5, seen=False, number=number) for number in range(BATCH + 1)]
    scene.backups.fail_next("point", BackupsDenied("not yours"), times=BATCH)

    scene.expiry.look_again()
    scene.expiry.look_again()

    assert [copy for copy in copies if scene.end_of(copy.arn)] != []


def test_a_copy_without_an_end_is_never_announced(scene: Scene) -> None:
    scene.a_copy(ends_in=None)

    for _ in range(10):
        scene.expiry.look_again()
        scene.expiry.announce()
        scene.clock.pass_(days=50)

    assert scene.said() == []


def test_copies_are_looked_at_once_a_day(scene: Scene) -> None:
    scene.a_copy(ends_in=90)

    assert scene.expiry.look_again() == 0
    scene.clock.pass_(hours=25)
    assert scene.expiry.look_again() == 1
    assert scene.expiry.look_again() == 0


def test_one_copy_that_goes_wrong_holds_up_no_other(scene: Scene) -> None:
    class Stumbling(FakeBackups):
        def __init__(self, inner: FakeBackups, bad: str) -> None:
            super().__init__()
            self._inner, self._bad = inner, bad

        def point(self, vault: object, arn: str) -> RecoveryPoint:
            if arn == self._bad:
                raise RuntimeError("a defect")
            return self._inner.point(COPIES, arn)

    bad, _ = scene.a_copy(ends_in=20, number=1), scene.a_copy(ends_in=21, number=2)
    scene.clock.pass_(hours=1)
    stumbling = Expiry(
        scene.store, Stumbling(scene.backups, bad.arn), scene.expiry.policy, scene.clock, scene.expiry.nudge
    )

    stumbling.announce()

    assert scene.said() == [(NoticeKind.EXPIRING, 30)]
