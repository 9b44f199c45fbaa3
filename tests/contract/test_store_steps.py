"""What the step book promises."""

from datetime import datetime

import pytest

from bot.domain.books import StepChange, Store
from bot.domain.overview import Unread
from bot.domain.requests import CopyRequest, RequestState
from bot.domain.steps import LOOK_DENIED, Failure, Step, StepState
from tests.contract.store_builders import BACKUP, LEASE, NOW, PROD, after, asked_end, read_request, stored_request

FAILURE = Failure("the vault's key cannot be used", "KMS_KEY_ERROR", "Ask for access to the key.")


def released(store: Store, draft_id: str = "draft-1", *, seconds: float = 0) -> Step:
    """The only step of an approved request, due."""
    step = stored_request(store, draft_id, approved=True).steps[0]
    with store.begin() as tx:
        tx.steps.release(step.id, after(seconds))
    return step


def step_of(store: Store, request: CopyRequest | Step) -> Step:
    number = request.id if isinstance(request, CopyRequest) else request.request_id
    return read_request(store, number).steps[0]


def claimed(store: Store, *states: StepState, seconds: float = 0, limit: int = 10) -> list[int]:
    with store.begin() as tx:
        steps = tx.steps.claim(states or (StepState.WAITING,), after(seconds), after(seconds + 60), limit)
    return [step.id for step in steps]


def test_a_step_that_was_not_released_is_not_claimed(store: Store) -> None:
    stored_request(store, approved=True)

    assert claimed(store, seconds=1_000_000) == []


def test_a_released_step_is_claimed_when_it_is_due(store: Store) -> None:
    step = released(store, seconds=10)

    assert claimed(store, seconds=9) == []
    assert claimed(store, seconds=10) == [step.id]


def test_a_claimed_step_is_nobody_elses_until_the_lease_runs_out(store: Store) -> None:
    step = released(store)

    with store.begin() as tx:
        (mine,) = tx.steps.claim((StepState.WAITING,), NOW, LEASE, 10)

    assert mine.next_poll_at == LEASE
    assert claimed(store, seconds=59) == []
    assert claimed(store, seconds=60) == [step.id]


@pytest.mark.parametrize("state", list(RequestState))
def test_steps_are_claimed_only_of_requests_that_were_approved(store: Store, state: RequestState) -> None:
    request = stored_request(store)
    with store.begin() as tx:
        tx.requests.move(request.id, before=RequestState.PENDING, after=state, at=NOW)
        tx.steps.release(request.steps[0].id, NOW)

    at_work = state in (RequestState.APPROVED, RequestState.RUNNING)
    assert claimed(store) == ([request.steps[0].id] if at_work else [])


def test_only_steps_in_the_given_states_are_claimed(store: Store) -> None:
    waiting, running = released(store, "draft-1"), released(store, "draft-2")
    with store.begin() as tx:
        change = StepChange(next_poll_at=NOW)
        assert tx.steps.move(running.id, before=StepState.WAITING, after=StepState.RUNNING, change=change)

    assert claimed(store, StepState.STARTING) == []
    assert claimed(store, StepState.RUNNING) == [running.id]
    assert claimed(store, StepState.WAITING, StepState.STARTING) == [waiting.id]


def test_the_longest_due_steps_are_claimed_first(store: Store) -> None:
    late, later, latest = (released(store, f"draft-{seconds}", seconds=seconds) for seconds in (3, 2, 1))

    assert claimed(store, seconds=5, limit=2) == [later.id, latest.id]
    assert claimed(store, seconds=5, limit=2) == [late.id]


def test_only_a_waiting_step_is_released(store: Store) -> None:
    step = released(store)
    with store.begin() as tx:
        change = StepChange(next_poll_at=after(500))
        tx.steps.move(step.id, before=StepState.WAITING, after=StepState.RUNNING, change=change)
        tx.steps.release(step.id, NOW)

    assert step_of(store, step).next_poll_at == after(500)


def test_a_step_moves_only_from_the_state_it_starts_from(store: Store) -> None:
    step = released(store)

    with store.begin() as tx:
        change = StepChange(next_poll_at=None, external_id="job-1")
        assert not tx.steps.move(step.id, before=StepState.STARTING, after=StepState.RUNNING, change=change)

    assert (step_of(store, step).state, step_of(store, step).external_id) == (StepState.WAITING, None)


def test_a_move_sets_every_field_that_is_given(store: Store) -> None:
    step = released(store)
    change = StepChange(
        next_poll_at=after(30),
        token="another-token",
        external_id="job-1",
        outside_state="RUNNING",
        result_arn="arn:copy",
        started_at=NOW,
        finished_at=after(20),
        tries=3,
        failure=FAILURE,
    )

    with store.begin() as tx:
        assert tx.steps.move(step.id, before=StepState.WAITING, after=StepState.FAILED, change=change)

    moved = step_of(store, step)
    assert (moved.state, moved.next_poll_at, moved.token) == (StepState.FAILED, after(30), "another-token")
    assert (moved.external_id, moved.outside_state, moved.result_arn) == ("job-1", "RUNNING", "arn:copy")
    assert (moved.started_at, moved.finished_at, moved.tries) == (NOW, after(20), 3)
    assert moved.failure == FAILURE


def test_none_leaves_a_field_but_next_poll_at_is_always_set(store: Store) -> None:
    step = released(store)
    full = StepChange(next_poll_at=after(30), external_id="job-1", outside_state="CREATED", tries=2, failure=FAILURE)

    with store.begin() as tx:
        tx.steps.move(step.id, before=StepState.WAITING, after=StepState.RUNNING, change=full)
        tx.steps.move(step.id, before=StepState.RUNNING, after=StepState.RUNNING, change=StepChange(None))

    moved = step_of(store, step)
    assert moved.next_poll_at is None
    assert (moved.external_id, moved.outside_state, moved.tries, moved.failure) == ("job-1", "CREATED", 2, FAILURE)


def test_tries_can_go_back_to_zero_and_a_failure_can_be_cleared(store: Store) -> None:
    step = released(store)
    failed = StepChange(next_poll_at=None, tries=4, failure=FAILURE)
    retried = StepChange(next_poll_at=NOW, tries=0, clear_failure=True)

    with store.begin() as tx:
        tx.steps.move(step.id, before=StepState.WAITING, after=StepState.FAILED, change=failed)
        tx.steps.move(step.id, before=StepState.FAILED, after=StepState.WAITING, change=retried)

    moved = step_of(store, step)
    assert (moved.state, moved.tries, moved.failure) == (StepState.WAITING, 0, None)


def test_no_states_claim_nothing(store: Store) -> None:
    released(store)

    with store.begin() as tx:
        assert tx.steps.claim((), NOW, LEASE, 10) == []


HERE = (PROD, "us-east-1")


def running(store: Store, *looks: float) -> list[int]:
    """Copies out of `HERE` that run and are looked at next after so many seconds; the ids of their steps."""
    found: list[int] = []
    for seconds in looks:
        step = stored_request(store, f"copy-{len(found)}", approved=True).steps[0]
        with store.begin() as tx:
            change = StepChange(next_poll_at=after(seconds))
            tx.steps.move(step.id, before=StepState.WAITING, after=StepState.RUNNING, change=change)
        found.append(step.id)
    return found


def test_running_copies_out_of_an_account_and_region_are_counted_so_far(store: Store) -> None:
    running(store, 10, 20, 30)
    released(store)

    with store.read() as tx:
        counted = [tx.steps.copies_at_work(*HERE, most=most) for most in (2, 3, 9)]
        elsewhere = [tx.steps.copies_at_work(*place, most=9) for place in ((PROD, "eu-west-1"), (BACKUP, "us-east-1"))]

    assert (counted, elsewhere) == ([2, 3, 3], [0, 0])


def common_look(store: Store, shared_by: int, since: float, before: float) -> datetime | None:
    with store.read() as tx:
        return tx.steps.common_look(*HERE, shared_by=shared_by, after=after(since), before=after(before))


def test_the_first_look_that_enough_copies_share_is_their_common_one(store: Store) -> None:
    running(store, 5, 10, 10, 10, 20, 20)

    assert common_look(store, 2, 0, 60) == after(10)
    assert common_look(store, 2, 10, 60) == after(20)
    assert common_look(store, 2, 10, 20) is None
    assert common_look(store, 4, 0, 60) is None
    with store.read() as tx:
        assert tx.steps.common_look(PROD, "eu-west-1", shared_by=1, after=NOW, before=LEASE) is None


def test_all_running_copies_out_of_an_account_and_region_are_claimed_due_or_not(store: Store) -> None:
    copies = running(store, 5, 500)
    released(store)

    with store.begin() as tx:
        assert tx.steps.claim_copies(PROD, "eu-west-1", LEASE, 10) == []
        found = tx.steps.claim_copies(*HERE, LEASE, 10)

    assert [(step.id, step.next_poll_at) for step in found] == [(copy, LEASE) for copy in copies]


def test_steps_that_cannot_be_read_are_counted_by_account_until_they_can_be(store: Store) -> None:
    first, second = released(store), released(store, "draft-2")
    with store.begin() as tx:
        for step, minutes in ((first, 30), (second, 20)):
            change = StepChange(next_poll_at=NOW, outside_state=LOOK_DENIED, started_at=NOW)
            assert tx.steps.move(step.id, before=StepState.WAITING, after=StepState.RUNNING, change=change)
            tx.steps.look_in_vain({step.id: after(minutes)})
    with store.read() as tx:
        assert tx.overview.unread() == [Unread(first.home[0], 2, after(20))]

    with store.begin() as tx:
        tx.steps.look_in_vain({second.id: None})
        tx.steps.look_in_vain({})

    assert (step_of(store, first).in_vain_since, step_of(store, second).in_vain_since) == (after(30), None)
    with store.read() as tx:
        assert tx.overview.unread() == [Unread(first.home[0], 2, after(30))]


def test_a_copy_is_made_by_the_request_that_copied_it_not_by_one_that_kept_it_longer(store: Store) -> None:
    made, kept = stored_request(store), asked_end(store, "arn:copy")
    with store.begin() as tx:
        for step in (made.steps[0], kept.steps[0]):
            change = StepChange(None, result_arn="arn:copy")
            assert tx.steps.move(step.id, before=StepState.WAITING, after=StepState.WAITING, change=change)

    with store.read() as tx:
        assert tx.steps.made_by({"arn:copy"}) == {"arn:copy": made.id}


@pytest.mark.parametrize(
    ("state", "step", "asks"),
    [
        (RequestState.PENDING, StepState.WAITING, True),
        (RequestState.APPROVED, StepState.STARTING, True),
        (RequestState.RUNNING, StepState.RUNNING, True),
        (RequestState.RUNNING, StepState.FAILED, False),
        (RequestState.REJECTED, StepState.WAITING, False),
        (RequestState.LAPSED, StepState.WAITING, False),
    ],
)
def test_what_asks_for_another_end_is_found_until_it_is_over(
    store: Store, state: RequestState, step: StepState, asks: bool
) -> None:
    request = asked_end(store, "arn:copy")
    asked_end(store, "arn:other", "draft-3")
    stored_request(store, "draft-4")
    with store.begin() as tx:
        tx.requests.move(request.id, before=RequestState.PENDING, after=state, at=NOW)
        tx.steps.move(request.steps[0].id, before=StepState.WAITING, after=step, change=StepChange(None))

    with store.read() as tx:
        assert list(tx.steps.asked_ends("arn:copy")) == ([request.id] if asks else [])
