"""What a process that starts makes of the leases it finds: on SQLite the one that held them is gone."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bot.domain.books import Store
from bot.domain.drafts import DraftState
from bot.domain.requests import Event
from bot.domain.steps import StepState
from tests.contract.store_builders import LEASE, NOW, a_click, a_draft, after, new_notice, stored_request, write_notices

SOON = after(1)


def held(store: Store) -> None:
    """A step, a notice, a draft and a click, each claimed until LEASE."""
    request = stored_request(store, approved=True)
    write_notices(store, [new_notice(request.id, "k")])
    with store.begin() as tx:
        tx.steps.release(request.steps[0].id, NOW)
        tx.drafts.add(replace(a_draft(), state=DraftState.SENDING, due_at=NOW))
        tx.clicks.add(a_click(), NOW)
    assert claimed(store, NOW) == {"steps": 1, "notices": 1, "drafts": 1, "clicks": 1}


def claimed(store: Store, now: datetime) -> dict[str, int]:
    with store.begin() as tx:
        return {
            "steps": len(tx.steps.claim((StepState.WAITING,), now, LEASE, 10)),
            "notices": len(tx.outbox.claim(now, LEASE, 10)),
            "drafts": len(tx.drafts.claim_stuck(now, LEASE, 10)),
            "clicks": len(tx.clicks.claim(now, LEASE, 10)),
        }


def test_what_a_killed_process_held_is_due_at_once_on_sqlite_alone(store: Store, store_url: str) -> None:
    held(store)

    store.take_over(SOON)

    # On PostgreSQL the holder may be another replica, alive and at work.
    due = 1 if store_url.startswith("sqlite") else 0
    assert set(claimed(store, SOON).values()) == {due}


def test_a_notice_that_was_taken_over_is_doubtful(store: Store, store_url: str) -> None:
    held(store)

    store.take_over(SOON)

    with store.begin() as tx:
        again = tx.outbox.claim(SOON if store_url.startswith("sqlite") else LEASE, after(999), 10)
    assert [(notice.dedup_key, notice.doubtful) for notice in again] == [("k", True)]


def test_a_click_whose_listener_never_claimed_it_is_due_at_once_on_sqlite(store: Store, store_url: str) -> None:
    with store.begin() as tx:
        tx.clicks.add(a_click(), LEASE)

    store.take_over(SOON)

    assert claimed(store, SOON)["clicks"] == (1 if store_url.startswith("sqlite") else 0)


def test_what_waits_for_something_else_still_waits(store: Store) -> None:
    request = stored_request(store, steps=2, approved=True)
    write_notices(store, [new_notice(request.id, "later", due_at=after(500))])
    with store.begin() as tx:
        tx.drafts.add(a_draft())
        tx.clicks.add(a_click(), NOW)
        tx.clicks.settle(a_click().dedup_key, "counted")

    store.take_over(SOON)

    assert set(claimed(store, SOON).values()) == {0}


def happened(store: Store) -> None:
    """A line of history with the present time."""
    with store.begin() as tx:
        tx.requests.record(Event("", NOW, "asked"))


def test_what_was_noted_with_a_clock_that_was_ahead_is_due_after_it_was_set_right(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    held(store)
    happened(store)
    earlier = NOW - timedelta(hours=6)

    store.take_over(earlier)

    # A lease that another replica may hold yet ends within two minutes.
    assert set(claimed(store, earlier + timedelta(minutes=3)).values()) == {1}
    assert [record.message for record in caplog.records] == ["clock_went_back"]


def test_clocks_that_differ_by_seconds_are_no_clock_that_went_back(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    happened(store)

    store.take_over(NOW - timedelta(seconds=20))

    assert caplog.records == []
