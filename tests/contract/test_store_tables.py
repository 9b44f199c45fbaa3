"""What the books of restores, drills and schedules promise, on both databases."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bot.domain.books import StepChange, Store
from bot.domain.params import CopyParams
from bot.domain.people import Actor
from bot.domain.plans import plan_for_run
from bot.domain.requests import CopyRequest
from bot.domain.schedules import Schedule, ScheduleState
from bot.domain.sheets import Sheet, SheetKind, SheetState
from bot.domain.steps import NewStep, StepState
from tests.contract.store_builders import NOW, a_copy, a_point, after, new_request, stored_request
from tests.unit.builders import ACCOUNTS
from tests.unit.table_builders import a_record, along_ways, recurring

ANNA = Actor("U0ANNA", "T0HOME", "Anna")


def a_sheet(**changes: object) -> Sheet:
    sheet = Sheet("sheet-1", SheetKind.RESTORE, ANNA, "C0DBA", "Europe/Berlin", NOW, {"name": "a\x00b"})
    return replace(sheet, **changes)  # type: ignore[arg-type]  # a builder takes what a test cares about


def a_schedule(request: CopyRequest, **changes: object) -> Schedule:
    schedule = Schedule(request.steps[0].id, request.id, ANNA, "C0DBA", recurring(), ScheduleState.ACTIVE, after(1))
    return replace(schedule, **changes)  # type: ignore[arg-type]  # a builder takes what a test cares about


def test_a_sheet_comes_back_with_text_that_a_database_can_hold(store: Store) -> None:
    with store.begin() as tx:
        tx.sheets.add(a_sheet())

    with store.read() as tx:
        assert tx.sheets.get("sheet-1") == a_sheet(answers={"name": "a\N{REPLACEMENT CHARACTER}b"})
        assert tx.sheets.get("sheet-2") is None


def test_only_an_open_sheet_can_be_written_to(store: Store) -> None:
    with store.begin() as tx:
        tx.sheets.add(a_sheet())
        saved = tx.sheets.save("sheet-1", {"name": "orders"}, after(1))
        assert saved is not None
        assert saved.answers == {"name": "orders"}
        assert tx.sheets.move("sheet-1", before=SheetState.OPEN, after=SheetState.SENDING, due_at=after(2))
        assert not tx.sheets.move("sheet-1", before=SheetState.OPEN, after=SheetState.SENDING, due_at=after(2))
        assert tx.sheets.save("sheet-1", {"name": "late"}, after(1)) is None


def test_a_sheet_that_is_stuck_is_claimed_once(store: Store) -> None:
    with store.begin() as tx:
        tx.sheets.add(a_sheet(state=SheetState.SENDING, due_at=NOW))

    with store.begin() as tx:
        assert [sheet.id for sheet in tx.sheets.claim_stuck(after(1), after(9), 10)] == ["sheet-1"]
        assert tx.sheets.claim_stuck(after(1), after(9), 10) == []
        assert tx.sheets.forget(after(99)) == 0


def test_a_copy_without_a_record_is_told_until_it_has_one(store: Store) -> None:
    request = stored_request(store)
    copy = a_copy(request)
    with store.begin() as tx:
        tx.copies.add(copy)
        ((arn, table),) = tx.records.missing(10)
        tx.records.add(a_record(copy_arn=arn, table_arn=table, taken_at=NOW))
        tx.records.add(a_record(copy_arn=arn, table_arn=table, taken_at=after(1)))

    with store.read() as tx:
        assert tx.records.missing(10) == []
        found = tx.records.of_copy(copy.arn)
        assert found is not None
        assert (found.taken_at, found.settings) == (NOW, a_record().settings)
        assert tx.records.newest(table) == found


def test_a_table_that_was_gone_is_no_record_of_the_table(store: Store) -> None:
    with store.begin() as tx:
        tx.records.add(a_record(gone=True))
        assert tx.records.newest(a_record().table_arn) is None


def a_run(store: Store, key: str, done: Callable[[CopyParams], bool], number: int = 1) -> None:
    """A run of two ways, one of them over a hop, in which these copies have been made."""
    params = along_ways()
    plan = plan_for_run(params, (a_point(number),), ACCOUNTS)
    steps = tuple(NewStep(step.params, f"{key}-{at}", step.after) for at, step in enumerate(plan))
    with store.begin() as tx:
        request = tx.requests.add(replace(new_request(key), steps=steps))
        for step in request.steps:
            if step.copy and done(step.copy):
                change = StepChange(next_poll_at=None)
                assert tx.steps.move(step.id, before=step.state, after=StepState.DONE, change=change)


def test_what_a_schedule_has_copied_is_told_for_each_vault_that_it_arrived_in(store: Store) -> None:
    """A vault at the end of a way holds the backup that the way began with."""
    first, last, beside = (vault for _, vault, _ in along_ways().copies)
    a_run(store, "schedule:7:monday:0", lambda copy: copy.destination != beside)
    a_run(store, "schedule:7:tuesday:0", lambda copy: copy.destination == beside, number=2)
    a_run(store, "schedule:71:monday:0", lambda copy: True, number=3)

    with store.read() as tx:
        assert tx.schedules.copied(7) == {
            (a_point(1).arn, first),
            (a_point(1).arn, last),
            (a_point(2).arn, beside),
        }


def test_a_schedule_is_kept_once_and_claimed_by_one(store: Store) -> None:
    schedule = a_schedule(stored_request(store))
    with store.begin() as tx:
        tx.schedules.add(schedule)
        tx.schedules.add(replace(schedule, next_run_at=after(99)))
        assert tx.schedules.living() == [schedule]
        assert tx.schedules.claim(NOW, after(5), 10) == []
        assert tx.schedules.claim(after(2), after(5), 10) == [schedule]
        assert tx.schedules.claim(after(2), after(5), 10) == []
        assert tx.schedules.claim(after(6), after(9), 10) == [schedule]


def test_a_run_is_passed_once_by_whoever_still_sees_it_due(store: Store) -> None:
    schedule = a_schedule(stored_request(store))
    with store.begin() as tx:
        tx.schedules.add(schedule)
        assert tx.schedules.advance(schedule.id, due=after(1), next_run_at=after(9), ran=("CB-2",), at=after(2))
        assert not tx.schedules.advance(schedule.id, due=after(1), next_run_at=after(9), ran=("CB-3",), at=after(2))
        found = tx.schedules.get(schedule.id)

    assert found == replace(schedule, next_run_at=after(9), last_run_at=after(2), last_requests=("CB-2",))


def test_a_paused_schedule_is_not_claimed_and_a_deleted_one_not_listed(store: Store) -> None:
    schedule = a_schedule(stored_request(store))
    with store.begin() as tx:
        tx.schedules.add(schedule)
        paused, deleted = ScheduleState.PAUSED, ScheduleState.DELETED
        assert tx.schedules.move(schedule.id, before=ScheduleState.ACTIVE, after=paused, next_run_at=None)
        assert not tx.schedules.move(schedule.id, before=ScheduleState.ACTIVE, after=paused, next_run_at=None)
        assert tx.schedules.claim(after(99), after(100), 10) == []
        assert [one.state for one in tx.schedules.living()] == [paused]
        assert tx.schedules.move(schedule.id, before=paused, after=deleted, next_run_at=None)
        assert tx.schedules.living() == []


def test_people_are_reminded_once(store: Store) -> None:
    schedule = a_schedule(stored_request(store))
    end = schedule.params.until
    with store.begin() as tx:
        tx.schedules.add(schedule)
        assert tx.schedules.to_remind(end - timedelta(days=1)) == []
        assert tx.schedules.to_remind(end) == [schedule]
        assert tx.schedules.reminded(schedule.id)
        assert not tx.schedules.reminded(schedule.id)
        assert tx.schedules.to_remind(end) == []
