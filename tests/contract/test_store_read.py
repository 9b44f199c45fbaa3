"""What a reading transaction promises: one moment, no writing, no waiting; and that writers are served in order."""

import pytest

from bot.domain.books import Store
from bot.domain.drafts import Form
from bot.domain.errors import StoreTrouble
from bot.store.line import Line, Turn
from tests.contract.store_builders import NOW, a_draft
from tests.contract.store_threads import DEADLINE, at_once


def add(store: Store, draft_id: str = "draft-1") -> None:
    with store.begin() as tx:
        tx.drafts.add(a_draft(draft_id))


def test_what_was_committed_is_read(store: Store) -> None:
    add(store)

    with store.read() as tx:
        assert tx.drafts.get("draft-1") == a_draft()


def test_nothing_is_written_while_reading(store: Store) -> None:
    with pytest.raises(StoreTrouble, match="read"), store.read() as tx:
        tx.drafts.add(a_draft())

    add(store)


def test_a_reader_does_not_wait_for_a_writer_and_sees_nothing_unfinished(store: Store) -> None:
    add(store)

    def look() -> str:
        with store.read() as tx:
            draft = tx.drafts.get("draft-1")
        assert draft is not None
        return draft.form.query

    with store.begin() as tx:
        tx.drafts.save("draft-1", Form(query="half done"), NOW)
        (seen,) = at_once([look])

    assert seen == "orders"
    assert look() == "half done"


def test_a_reader_sees_one_moment_to_its_end(store: Store) -> None:
    with store.read() as tx:
        assert tx.drafts.get("draft-1") is None
        at_once([lambda: add(store)])
        assert tx.drafts.get("draft-1") is None

    with store.read() as tx:
        assert tx.drafts.get("draft-1") is not None


def test_a_connection_that_read_can_write_afterwards(store: Store) -> None:
    for number in range(40):
        with store.read() as tx:
            assert tx.drafts.get(f"draft-{number}") is None
        add(store, f"draft-{number}")


def test_writers_are_served_in_the_order_in_which_they_came() -> None:
    line = Line()
    first, *others = (Turn(line) for _ in range(5))
    first.wait(DEADLINE)
    for turn in others:
        line.enter(turn)
    assert not any(turn.called.is_set() for turn in others)

    first.end()
    for turn in others:
        assert [other.called.is_set() for other in others].count(True) == others.index(turn) + 1
        line.leave(turn)


def test_whoever_gives_up_waiting_does_not_stop_the_others() -> None:
    line = Line()
    first, hasty, patient = Turn(line), Turn(line), Turn(line)
    first.wait(DEADLINE)
    hasty.wait(0.0)
    line.enter(patient)

    hasty.end()
    assert not patient.called.is_set()
    first.end()

    assert patient.called.is_set()
