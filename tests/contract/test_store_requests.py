"""What the request book promises."""

from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from sqlalchemy.exc import IntegrityError

from bot.domain.books import Store
from bot.domain.people import Actor
from bot.domain.requests import Event, RequestState, Verdict
from bot.domain.steps import NewStep, StepState
from bot.store import tables
from bot.store.engine import make_engine
from tests.contract.store_builders import (
    ANN,
    BEN,
    NOW,
    after,
    decision,
    new_request,
    read_request,
    some_params,
    stored_request,
)


def test_a_request_comes_back_as_it_was_stored(store: Store) -> None:
    new = new_request(steps=2)

    request = stored_request(store, steps=2)

    assert request.id == "CB-1"
    assert (request.draft_id, request.requester, request.channel) == (new.draft_id, ANN, "C0BACKUPS")
    assert (request.reason, request.ruling, request.fingerprint) == (new.reason, new.ruling, new.fingerprint)
    assert (request.state, request.version, request.decisions) == (RequestState.PENDING, 1, ())
    assert (request.created_at, request.answer_by, request.finished_at) == (NOW, after(3600), None)
    assert (request.card_ts, request.ask_ts) == (None, None)


def test_each_step_waits_for_the_one_before_it(store: Store) -> None:
    request = stored_request(store, steps=3)

    first, second, third = request.steps
    assert (first.after, second.after, third.after) == (None, first.id, second.id)
    assert {step.state for step in request.steps} == {StepState.WAITING}
    assert {step.next_poll_at for step in request.steps} == {None}
    assert [step.token for step in request.steps] == [f"token-draft-1-{number}" for number in range(3)]
    assert {step.request_id for step in request.steps} == {request.id}
    assert all(step.params == some_params() for step in request.steps)


def test_what_comes_back_prints_as_what_went_in(store: Store) -> None:
    request = stored_request(store)

    assert repr(request.steps[0].params) == repr(some_params())


def test_the_same_draft_again_is_the_request_it_became(store: Store) -> None:
    first = stored_request(store, "draft-1")

    with store.begin() as tx:
        again = tx.requests.add(replace(new_request("draft-1"), reason="another reason"))

    assert again == first


def test_requests_have_numbers_of_their_own(store: Store) -> None:
    assert [stored_request(store, f"draft-{number}").id for number in (1, 2, 3)] == ["CB-1", "CB-2", "CB-3"]


@pytest.mark.parametrize(
    "nobody", ["CB-999", "CB-0", "CB-01", "CB-", "cb-1", "1", "", "CB-1 ", "CB-²", "CB-99999999999999999999"]
)
def test_an_unknown_id_is_no_request(store: Store, nobody: str) -> None:
    stored_request(store)

    with store.begin() as tx:
        assert tx.requests.get(nobody) is None
        assert not tx.requests.move(nobody, before=RequestState.PENDING, after=RequestState.APPROVED, at=NOW)
        tx.requests.place(nobody, channel="C0OTHER", card_ts=None, ask_ts=None)


def test_a_move_happens_only_from_the_state_it_starts_from(store: Store) -> None:
    request = stored_request(store)

    with store.begin() as tx:
        assert tx.requests.move(request.id, before=RequestState.PENDING, after=RequestState.APPROVED, at=NOW)
        assert not tx.requests.move(request.id, before=RequestState.PENDING, after=RequestState.REJECTED, at=NOW)

    assert read_request(store, request.id).state is RequestState.APPROVED


def test_every_move_grows_the_version(store: Store) -> None:
    request = stored_request(store)

    with store.begin() as tx:
        tx.requests.move(request.id, before=RequestState.PENDING, after=RequestState.PENDING, at=NOW)
        tx.requests.move(request.id, before=RequestState.PENDING, after=RequestState.APPROVED, at=NOW)
        tx.requests.move(request.id, before=RequestState.PENDING, after=RequestState.REJECTED, at=NOW)

    assert read_request(store, request.id).version == 3


@pytest.mark.parametrize("final", [state for state in RequestState if state.is_final])
def test_a_final_state_has_an_end_and_leaving_it_takes_the_end_away(store: Store, final: RequestState) -> None:
    request = stored_request(store)

    with store.begin() as tx:
        tx.requests.move(request.id, before=RequestState.PENDING, after=final, at=after(5))
        tx.requests.move(request.id, before=final, after=final, at=after(50))
    ended = read_request(store, request.id)
    with store.begin() as tx:
        tx.requests.move(request.id, before=final, after=RequestState.APPROVED, at=after(90))

    assert ended.finished_at == after(5)
    assert read_request(store, request.id).finished_at is None


def test_a_person_decides_once(store: Store) -> None:
    request = stored_request(store)

    with store.begin() as tx:
        assert tx.requests.decide(request.id, decision(BEN))
        assert not tx.requests.decide(request.id, decision(BEN, Verdict.REJECT))
        # The refused decision leaves the transaction usable.
        assert tx.requests.decide(request.id, decision(ANN))

    assert read_request(store, request.id).decisions == (decision(BEN), decision(ANN))


def test_a_person_decides_about_each_request(store: Store) -> None:
    first, second = stored_request(store, "draft-1"), stored_request(store, "draft-2")

    with store.begin() as tx:
        assert tx.requests.decide(first.id, decision(BEN))
        assert tx.requests.decide(second.id, decision(BEN))

    assert read_request(store, second.id).decisions == (decision(BEN),)


def test_a_decision_about_no_request_is_refused(store: Store) -> None:
    with pytest.raises(IntegrityError), store.begin() as tx:
        tx.requests.decide("CB-7", decision())


def test_the_history_keeps_every_event_in_order(store: Store, store_url: str) -> None:
    request = stored_request(store)
    events = (
        Event(request.id, NOW, "asked", ANN, None, "PENDING"),
        Event(request.id, after(1), "refused click", BEN, detail="not an approver"),
        Event(request.id, after(2), "lapsed", None, "PENDING", "LAPSED"),
    )

    with store.begin() as tx:
        for event in events:
            tx.requests.record(event)

    engine = make_engine(store_url)
    with engine.connect() as connection:
        rows = connection.execute(tables.events.select().order_by(tables.events.c.id)).mappings().all()
    engine.dispose()
    assert [(row["at"], row["what"], row["actor"], row["detail"]) for row in rows] == [
        (event.at, event.what, event.actor, event.detail) for event in events
    ]
    assert [(row["state_before"], row["state_after"]) for row in rows] == [
        (event.before, event.after) for event in events
    ]


def test_only_unanswered_requests_are_overdue_longest_first(store: Store) -> None:
    with store.begin() as tx:
        late = tx.requests.add(new_request("late", answer_by=after(20)))
        later = tx.requests.add(new_request("later", answer_by=after(10)))
        tx.requests.add(new_request("in time", answer_by=after(31)))
        answered = tx.requests.add(new_request("answered", answer_by=after(5)))
        tx.requests.move(answered.id, before=RequestState.PENDING, after=RequestState.APPROVED, at=NOW)

    with store.begin() as tx:
        assert tx.requests.overdue(after(30), 10) == [later.id, late.id]
        assert tx.requests.overdue(after(30), 1) == [later.id]
        assert tx.requests.overdue(after(9), 10) == []


def test_a_place_is_remembered_and_none_leaves_what_is_known(store: Store) -> None:
    request = stored_request(store)

    with store.begin() as tx:
        tx.requests.place(request.id, channel="C0MOVED", card_ts="1.1", ask_ts=None)
        tx.requests.place(request.id, channel="C0MOVED", card_ts=None, ask_ts="2.2")

    placed = read_request(store, request.id)
    assert (placed.channel, placed.card_ts, placed.ask_ts) == ("C0MOVED", "1.1", "2.2")


def test_an_exception_commits_nothing(store: Store) -> None:
    request = stored_request(store)

    def stumble() -> None:
        with store.begin() as tx:
            tx.requests.move(request.id, before=RequestState.PENDING, after=RequestState.APPROVED, at=NOW)
            tx.requests.add(new_request("draft-2"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        stumble()

    assert read_request(store, request.id) == request
    with store.begin() as tx:
        assert tx.requests.get("CB-2") is None


def test_a_time_in_another_zone_comes_back_in_utc(store: Store) -> None:
    summer = NOW.astimezone(timezone(timedelta(hours=2)))

    with store.begin() as tx:
        request = tx.requests.add(replace(new_request(), created_at=summer))

    assert request.created_at == NOW
    assert request.created_at.utcoffset() == timedelta(0)


def test_a_naive_time_is_refused(store: Store) -> None:
    with pytest.raises(Exception, match="without a time zone"), store.begin() as tx:
        tx.requests.add(replace(new_request(), created_at=NOW.replace(tzinfo=None)))


def test_a_naive_time_inside_a_step_is_refused(store: Store) -> None:
    params = some_params()
    naive = replace(params, point=replace(params.point, delete_at=NOW.replace(tzinfo=None)))

    with pytest.raises(Exception, match="without a time zone"), store.begin() as tx:
        tx.requests.add(replace(new_request(), steps=(NewStep(naive, "token"),)))


def test_text_that_no_database_can_hold_loses_only_those_characters(store: Store) -> None:
    with store.begin() as tx:
        request = tx.requests.add(
            replace(new_request(), reason="a\x00b\ud83dc", requester=Actor("U1", "T1", "N\x00\ud83d"))
        )

    assert request.reason == "a\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}c"
    assert request.requester.user_id == "U1"


def test_two_steps_never_share_an_idempotency_token(store: Store) -> None:
    twice = replace(new_request(), steps=(NewStep(some_params(), "token"), NewStep(some_params(), "token")))

    with pytest.raises(IntegrityError), store.begin() as tx:
        tx.requests.add(twice)
