"""What the overview book promises, on both databases."""

import pytest

from bot.domain.books import StepChange, Store
from bot.domain.failures import NO_REMEDY
from bot.domain.overview import OPEN, ClosedChannel, Counts, Filter
from bot.domain.steps import Failure, StepState
from tests.contract.store_builders import NOW, a_copy, after, new_notice, stored_request, write_notices


def found(store: Store, which: Filter, offset: int = 0, limit: int = 10) -> list[str]:
    with store.read() as tx:
        return list(tx.overview.requests(which, offset, limit))


def test_an_empty_store_counts_nothing(store: Store) -> None:
    with store.read() as tx:
        assert tx.overview.counts(NOW) == Counts({}, {}, 0, 0, None)
        assert tx.overview.next_end(NOW) is None
        assert tx.overview.closed_channels() == []


def test_everything_is_counted_by_its_state(store: Store) -> None:
    one, _ = stored_request(store, "draft-1", approved=True), stored_request(store, "draft-2", steps=2)
    write_notices(store, [new_notice(one.id, "due"), new_notice(one.id, "later", due_at=after(50))])
    failure = Failure("Something odd.", "X", f"{NO_REMEDY} Look there.")
    with store.begin() as tx:
        change = StepChange(next_poll_at=None, failure=failure)
        assert tx.steps.move(one.steps[0].id, before=StepState.WAITING, after=StepState.FAILED, change=change)

    with store.read() as tx:
        counts = tx.overview.counts(after(10))

    assert counts == Counts({"APPROVED": 1, "PENDING": 1}, {"FAILED": 1, "WAITING": 2}, 2, 0, NOW, 1)


def test_a_failure_with_a_remedy_is_not_unknown(store: Store) -> None:
    request = stored_request(store, approved=True)
    with store.begin() as tx:
        change = StepChange(next_poll_at=None, failure=Failure("m", "c", "Do this."))
        tx.steps.move(request.steps[0].id, before=StepState.WAITING, after=StepState.FAILED, change=change)

    with store.read() as tx:
        assert tx.overview.counts(NOW).unknown_failures == 0


def test_closed_channels_are_those_that_refuse(store: Store) -> None:
    with store.begin() as tx:
        tx.outbox.hold("C0BUSY", after(30), now=NOW)
        tx.outbox.refuse("C0GONE", "is_archived", after(30), now=NOW)
        tx.outbox.refuse("C0BACK", "not_in_channel", after(30), now=NOW)
        tx.outbox.accept("C0BACK", NOW)

    with store.read() as tx:
        assert tx.overview.closed_channels() == [ClosedChannel("C0GONE", "is_archived", NOW)]


def test_the_next_end_is_of_a_watched_copy_in_the_future(store: Store) -> None:
    request = stored_request(store)
    copies = [a_copy(request, number) for number in (1, 2, 3)]
    with store.begin() as tx:
        for copy in copies:
            tx.copies.add(copy)
        tx.copies.close(copies[1].arn)

    with store.read() as tx:
        first, last = tx.overview.next_end(NOW), tx.overview.next_end(after(90_000))

    assert first is not None
    assert last is not None
    assert (first.arn, last.arn) == (copies[0].arn, copies[2].arn)


@pytest.mark.parametrize(
    ("which", "expected"),
    [
        (Filter(), ["CB-2", "CB-1"]),
        (Filter(states=OPEN), ["CB-2", "CB-1"]),
        (Filter(states=OPEN[1:]), ["CB-2"]),
        (Filter(asker="U0ANN"), ["CB-2", "CB-1"]),
        (Filter(asker="U0BEN"), []),
        (Filter(words=("ORD",)), ["CB-2", "CB-1"]),
        (Filter(words=("ord", "ers")), ["CB-2", "CB-1"]),
        (Filter(words=("ord", "nothing")), []),
        (Filter(words=("%",)), []),
        (Filter(words=("_",)), []),
        (Filter(states=OPEN[1:], asker="U0ANN", words=("orders",)), ["CB-2"]),
    ],
)
def test_requests_are_found_newest_first(store: Store, which: Filter, expected: list[str]) -> None:
    stored_request(store, "draft-1")
    stored_request(store, "draft-2", approved=True)

    assert found(store, which) == expected


def test_a_list_has_pages(store: Store) -> None:
    for number in range(5):
        stored_request(store, f"draft-{number}")

    assert found(store, Filter(), 0, 2) == ["CB-5", "CB-4"]
    assert found(store, Filter(), 4, 2) == ["CB-1"]
    assert found(store, Filter(), 9, 2) == []
