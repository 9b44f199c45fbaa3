"""What the draft book promises."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import text

from bot.domain.books import Store
from bot.domain.drafts import Draft, DraftState, Form, Page
from bot.store.sql import SqlStore
from tests.contract.store_builders import LEASE, NOW, a_draft, after, stored_request

FORM = Form(page=Page.RETENTION, query="orders", table_key="abc", keep="days", days="ninety", reason="since\nMonday")


def stored_draft(store: Store, draft: Draft | None = None) -> Draft:
    draft = draft or a_draft()
    with store.begin() as tx:
        tx.drafts.add(draft)
    return draft


def read(store: Store, draft_id: str = "draft-1") -> Draft:
    with store.begin() as tx:
        draft = tx.drafts.get(draft_id)
    assert draft is not None
    return draft


def test_a_draft_comes_back_as_it_was_added(store: Store) -> None:
    request = stored_request(store)
    draft = replace(
        a_draft(),
        form=FORM,
        state=DraftState.SENDING,
        version=7,
        view_id="V1",
        view_hash="h1",
        request_id=request.id,
        due_at=after(9),
    )

    stored_draft(store, draft)

    assert read(store) == draft


def test_an_unknown_draft_is_none(store: Store) -> None:
    with store.begin() as tx:
        assert tx.drafts.get("nothing") is None
        assert tx.drafts.save("nothing", FORM, NOW) is None
        assert not tx.drafts.move("nothing", before=DraftState.OPEN, after=DraftState.SENDING)


def test_saving_keeps_the_form_and_grows_the_version(store: Store) -> None:
    draft = stored_draft(store)

    with store.begin() as tx:
        saved = tx.drafts.save(draft.id, FORM, after(3))

    assert saved == replace(draft, form=FORM, version=2, updated_at=after(3))
    assert read(store) == saved


def test_saving_what_was_made_of_an_older_version_changes_nothing(store: Store) -> None:
    draft = stored_draft(store)

    with store.begin() as tx:
        newer = tx.drafts.save(draft.id, FORM, after(3), version=1)
        assert newer is not None
        assert tx.drafts.save(draft.id, Form(), after(4), version=1) is None
        assert tx.drafts.get(draft.id) == newer
        assert tx.drafts.save(draft.id, Form(), after(5), version=2) is not None


@pytest.mark.parametrize("state", [DraftState.SENDING, DraftState.SENT])
def test_a_draft_that_is_not_open_is_not_saved(store: Store, state: DraftState) -> None:
    draft = stored_draft(store, replace(a_draft(), state=state))

    with store.begin() as tx:
        assert tx.drafts.save(draft.id, FORM, after(3)) is None

    assert read(store) == draft


def test_the_newest_view_is_remembered_without_a_new_version(store: Store) -> None:
    draft = stored_draft(store)

    with store.begin() as tx:
        tx.drafts.seen(draft.id, view_id="V1", view_hash="h1")

    assert read(store) == replace(draft, view_id="V1", view_hash="h1")


def test_a_draft_moves_only_from_the_state_it_starts_from(store: Store) -> None:
    draft = stored_draft(store)

    with store.begin() as tx:
        assert tx.drafts.move(draft.id, before=DraftState.OPEN, after=DraftState.SENDING, due_at=after(30))
        assert not tx.drafts.move(draft.id, before=DraftState.OPEN, after=DraftState.SENDING, due_at=after(99))

    assert read(store) == replace(draft, state=DraftState.SENDING, due_at=after(30), version=2)


def test_a_sent_draft_knows_its_request_and_is_due_no_more(store: Store) -> None:
    request = stored_request(store)
    draft = stored_draft(store, replace(a_draft(), state=DraftState.SENDING, due_at=NOW))

    with store.begin() as tx:
        tx.drafts.move(draft.id, before=DraftState.SENDING, after=DraftState.SENT, request_id=request.id)
        tx.drafts.move(draft.id, before=DraftState.SENT, after=DraftState.SENT)

    sent = read(store)
    assert (sent.state, sent.request_id, sent.due_at) == (DraftState.SENT, request.id, None)


def test_only_drafts_stuck_while_sending_are_claimed_longest_first(store: Store) -> None:
    sending = replace(a_draft("late"), state=DraftState.SENDING, due_at=after(5))
    stored_draft(store, sending)
    stored_draft(store, replace(sending, id="later", due_at=after(2)))
    stored_draft(store, replace(sending, id="in time", due_at=after(11)))
    stored_draft(store, replace(sending, id="open", state=DraftState.OPEN))

    with store.begin() as tx:
        first = tx.drafts.claim_stuck(after(10), LEASE, 1)
        rest = tx.drafts.claim_stuck(after(10), LEASE, 10)
        none = tx.drafts.claim_stuck(after(10), LEASE, 10)
        again = tx.drafts.claim_stuck(LEASE, after(999), 10)

    assert [draft.id for draft in first] == ["later"]
    assert [(draft.id, draft.due_at) for draft in rest] == [("late", LEASE)]
    assert none == []
    assert {draft.id for draft in again} == {"late", "later", "in time"}


def test_old_drafts_are_forgotten_unless_they_are_being_sent(store: Store) -> None:
    stored_draft(store, a_draft("old", updated_at=after(-10)))
    stored_draft(store, replace(a_draft("sent", updated_at=after(-10)), state=DraftState.SENT))
    stored_draft(store, replace(a_draft("sending", updated_at=after(-10)), state=DraftState.SENDING))
    stored_draft(store, a_draft("young", updated_at=NOW))

    with store.begin() as tx:
        assert tx.drafts.forget(NOW) == 2
        left = [draft_id for draft_id in ("old", "sent", "sending", "young") if tx.drafts.get(draft_id)]

    assert left == ["sending", "young"]


def test_a_draft_of_another_version_is_read_as_far_as_it_can_be(store: Store) -> None:
    stored_draft(store)
    rewritten(store, {"page": "destination", "query": "orders", "colour": "blue"})
    assert read(store).form == Form(page=Page.DESTINATION, query="orders")

    rewritten(store, {"page": "a page that nobody knows"})
    with store.begin() as tx:
        assert tx.drafts.get("draft-1") is None


def test_a_stuck_draft_that_nobody_can_read_keeps_no_other_back(store: Store) -> None:
    unreadable = replace(a_draft("unreadable"), state=DraftState.SENDING, due_at=after(2), view_id="V1")
    stored_draft(store, unreadable)
    rewritten(store, {"page": "a page that nobody knows"})
    stored_draft(store, replace(unreadable, id="readable", form=FORM))

    with store.begin() as tx:
        stuck = {draft.id: draft for draft in tx.drafts.claim_stuck(after(10), LEASE, 10)}
        assert tx.drafts.claim_stuck(LEASE, after(999), 10) == [replace(stuck["readable"], due_at=after(999))]
        assert tx.drafts.get("unreadable") is None
        assert not tx.drafts.move("unreadable", before=DraftState.SENDING, after=DraftState.SENT)

    assert stuck["readable"].form == FORM
    assert (stuck["unreadable"].form, stuck["unreadable"].view_id) == (Form(), "V1")


def rewritten(store: Store, form: dict[str, str]) -> None:
    """Put a form there, in all drafts, as another version would have written it."""
    assert isinstance(store, SqlStore)
    with store._engine.begin() as connection:
        connection.execute(text("UPDATE drafts SET form = :form"), {"form": json.dumps(form)})
