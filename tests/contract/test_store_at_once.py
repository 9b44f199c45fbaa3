"""What stays true when many act on the same rows at the same moment."""

import threading
from collections import Counter
from collections.abc import Callable
from time import monotonic

from bot.domain.books import StepChange, Store
from bot.domain.deciders import approvals_missing
from bot.domain.drafts import DraftState, Form
from bot.domain.notices import Notice
from bot.domain.people import Actor
from bot.domain.requests import CopyRequest, Event, RequestState, Verdict
from bot.domain.steps import StepState
from bot.store import open_store
from tests.contract.store_builders import (
    BEN,
    LEASE,
    NOW,
    a_click,
    a_copy,
    a_draft,
    decision,
    new_notice,
    new_request,
    read_request,
    stored_request,
    write_notices,
)
from tests.contract.store_postgres import somebody_waits
from tests.contract.store_threads import DEADLINE, at_once, wait_until

WORKERS = 8


def approver(number: int) -> Actor:
    return Actor(f"U{number}", "T0HOME", f"Approver {number}")


def test_one_of_two_who_move_a_request_wins(store: Store) -> None:
    request = stored_request(store)

    def move(after: RequestState) -> Callable[[], bool]:
        def job() -> bool:
            with store.begin() as tx:
                return tx.requests.move(request.id, before=RequestState.PENDING, after=after, at=NOW)

        return job

    outcomes = (RequestState.APPROVED, RequestState.REJECTED)
    won = at_once([move(after) for after in outcomes])

    assert sorted(won) == [False, True]
    assert read_request(store, request.id).state is outcomes[won.index(True)]
    assert read_request(store, request.id).version == 2


def test_two_replicas_move_a_request_once(store_url: str) -> None:
    replicas = [open_store(store_url) for _ in range(2)]
    request = stored_request(replicas[0])

    def reject(replica: Store) -> Callable[[], bool]:
        def job() -> bool:
            with replica.begin() as tx:
                return tx.requests.move(request.id, before=RequestState.PENDING, after=RequestState.REJECTED, at=NOW)

        return job

    assert sorted(at_once([reject(replica) for replica in replicas])) == [False, True]
    for replica in replicas:
        replica.close()


def test_one_draft_sent_many_times_at_once_is_one_request(store: Store) -> None:
    def send() -> CopyRequest:
        with store.begin() as tx:
            return tx.requests.add(new_request("draft-1", steps=2))

    requests = at_once([send] * WORKERS)

    assert {request.id for request in requests} == {requests[0].id}
    assert all(request == requests[0] for request in requests)
    assert len(requests[0].steps) == 2


def test_the_last_approval_needed_is_exactly_one_persons(store: Store) -> None:
    request = stored_request(store)

    def approve(number: int) -> Callable[[], bool]:
        def job() -> bool:
            with store.begin() as tx:
                assert tx.requests.decide(request.id, decision(approver(number)))
                seen = tx.requests.get(request.id)
                assert seen is not None
                missing = approvals_missing(WORKERS, [given.actor.user_id for given in seen.decisions])
                return missing == 0 and tx.requests.move(
                    request.id, before=RequestState.PENDING, after=RequestState.APPROVED, at=NOW
                )

        return job

    completed = at_once([approve(number) for number in range(WORKERS)])

    assert Counter(completed) == {True: 1, False: WORKERS - 1}
    decided = read_request(store, request.id)
    assert decided.state is RequestState.APPROVED
    assert {given.actor for given in decided.decisions} == {approver(number) for number in range(WORKERS)}


def test_a_person_who_decides_many_times_at_once_decides_once(store: Store) -> None:
    request = stored_request(store)
    verdicts = [Verdict.APPROVE, Verdict.REJECT] * (WORKERS // 2)

    def decide(verdict: Verdict) -> Callable[[], bool]:
        def job() -> bool:
            with store.begin() as tx:
                counted = tx.requests.decide(request.id, decision(BEN, verdict))
                # Whoever was too late goes on in the same transaction, and says so in the history.
                tx.requests.record(Event(request.id, NOW, "counted" if counted else "refused", BEN))
                return counted

        return job

    counted = at_once([decide(verdict) for verdict in verdicts])

    assert Counter(counted) == {True: 1, False: WORKERS - 1}
    (given,) = read_request(store, request.id).decisions
    assert given.verdict is verdicts[counted.index(True)]


def test_one_click_delivered_many_times_at_once_is_written_and_claimed_once(store: Store) -> None:
    def deliver() -> tuple[bool, int]:
        with store.begin() as tx:
            written = tx.clicks.add(a_click(), LEASE)
        with store.begin() as tx:
            claimed = tx.clicks.claim(NOW, LEASE, 1, key=a_click().dedup_key)
        return written, len(claimed)

    results = at_once([deliver] * WORKERS)

    assert sum(written for written, _ in results) == 1
    assert sum(claimed for _, claimed in results) == 1


def test_one_notice_written_many_times_at_once_is_one(store: Store) -> None:
    request = stored_request(store)

    def write() -> bool:
        with store.begin() as tx:
            return tx.outbox.write(new_notice(request.id, "k"))

    assert Counter(at_once([write] * WORKERS)) == {True: 1, False: WORKERS - 1}


def test_one_copy_added_and_closed_many_times_at_once_is_one(store: Store) -> None:
    copy = a_copy(stored_request(store))

    def add_and_close() -> bool:
        with store.begin() as tx:
            tx.copies.add(copy)
        with store.begin() as tx:
            return tx.copies.close(copy.arn)

    assert sum(at_once([add_and_close] * WORKERS)) == 1


def test_forms_saved_at_once_all_count_in_the_version(store: Store) -> None:
    with store.begin() as tx:
        tx.drafts.add(a_draft())

    def save(number: int) -> Callable[[], int | None]:
        def job() -> int | None:
            with store.begin() as tx:
                saved = tx.drafts.save("draft-1", Form(query=str(number)), NOW)
            return saved.version if saved else None

        return job

    versions = at_once([save(number) for number in range(WORKERS)])

    assert set(versions) == set(range(2, WORKERS + 2))


def test_a_form_is_not_saved_into_a_draft_that_is_being_sent(store: Store) -> None:
    with store.begin() as tx:
        tx.drafts.add(a_draft())

    def send() -> bool:
        with store.begin() as tx:
            return tx.drafts.move("draft-1", before=DraftState.OPEN, after=DraftState.SENDING, due_at=LEASE)

    def save() -> bool:
        with store.begin() as tx:
            return tx.drafts.save("draft-1", Form(query="saved"), NOW) is not None

    sent, saved = at_once([send, save])

    with store.begin() as tx:
        draft = tx.drafts.get("draft-1")
    assert draft is not None
    assert sent
    assert (draft.state, draft.version) == (DraftState.SENDING, 3 if saved else 2)
    assert draft.form == (Form(query="saved") if saved else a_draft().form)


def test_each_of_many_steps_is_claimed_by_one_worker(store: Store) -> None:
    with store.begin() as tx:
        for number in range(40):
            request = tx.requests.add(new_request(f"draft-{number}", steps=5))
            tx.requests.move(request.id, before=RequestState.PENDING, after=RequestState.APPROVED, at=NOW)
            for step in request.steps:
                tx.steps.release(step.id, NOW)

    def work() -> list[int]:
        mine: list[int] = []
        while True:
            with store.begin() as tx:
                claimed = tx.steps.claim((StepState.WAITING, StepState.STARTING), NOW, LEASE, 7)
            assert len(claimed) <= 7
            if not claimed:
                return mine
            for step in claimed:
                with store.begin() as tx:
                    change = StepChange(next_poll_at=None)
                    assert tx.steps.move(step.id, before=step.state, after=StepState.DONE, change=change)
            mine += [step.id for step in claimed]

    done = [step_id for mine in at_once([work] * WORKERS) for step_id in mine]

    assert len(done) == 200
    assert len(set(done)) == 200


def test_each_of_many_notices_is_claimed_once_and_in_the_order_of_its_request(store: Store) -> None:
    requests = [stored_request(store, f"draft-{number}") for number in range(10)]
    write_notices(store, [new_notice(request.id, f"{request.id}:{n}") for n in range(20) for request in requests])
    delivered: list[Notice] = []
    turn = threading.Lock()

    def relay() -> None:
        end = monotonic() + DEADLINE
        while len(delivered) < 200:
            assert monotonic() < end, f"only {len(delivered)} notices were delivered in time"
            with store.begin() as tx:
                claimed = tx.outbox.claim(NOW, LEASE, 3)
            for notice in claimed:
                with turn:
                    delivered.append(notice)
                with store.begin() as tx:
                    tx.outbox.settle(notice.id, posted_ts="1.1")

    at_once([relay] * WORKERS)

    assert len({notice.id for notice in delivered}) == len(delivered) == 200
    for request in requests:
        mine = [notice.dedup_key for notice in delivered if notice.request_id == request.id]
        assert mine == [f"{request.id}:{n}" for n in range(20)]
    assert not any(notice.doubtful for notice in delivered)


def test_notices_of_a_request_become_visible_in_the_order_of_their_numbers(postgres_url: str) -> None:
    store = open_store(postgres_url)
    request = stored_request(store)
    first_is_written, second_is_done = threading.Event(), threading.Event()

    def write_first() -> list[str]:
        with store.begin() as tx:
            tx.outbox.write(new_notice(request.id, "first"))
            first_is_written.set()
            # Unless the second writer stands in line, it commits now, and the later notice would leave alone.
            wait_until(lambda: second_is_done.is_set() or somebody_waits(postgres_url))
        return []

    def write_second() -> list[str]:
        assert first_is_written.wait(DEADLINE)
        with store.begin() as tx:
            tx.outbox.write(new_notice(request.id, "second"))
        with store.begin() as tx:
            claimed = tx.outbox.claim(NOW, LEASE, 10)
        second_is_done.set()
        return [notice.dedup_key for notice in claimed]

    assert at_once([write_first, write_second]) == [[], ["first"]]
    store.close()


def test_reading_before_writing_never_fails(store: Store) -> None:
    request = stored_request(store)

    def read_then_write() -> int:
        done = 0
        for _ in range(10):
            with store.begin() as tx:
                assert tx.requests.get(request.id)
                tx.requests.record(Event(request.id, NOW, "looked"))
                done += 1
        return done

    assert sum(at_once([read_then_write] * WORKERS)) == 10 * WORKERS


def test_claims_of_one_replica_do_not_wait_for_those_of_another(postgres_url: str) -> None:
    store = open_store(postgres_url)
    requests = [stored_request(store, f"draft-{number}", approved=True) for number in range(2)]
    with store.begin() as tx:
        for request in requests:
            tx.steps.release(request.steps[0].id, NOW)

    with store.begin() as one, store.begin() as other:
        mine = one.steps.claim((StepState.WAITING,), NOW, LEASE, 1)
        theirs = other.steps.claim((StepState.WAITING,), NOW, LEASE, 2)

    assert [step.id for step in mine] == [requests[0].steps[0].id]
    assert [step.id for step in theirs] == [requests[1].steps[0].id]
    store.close()
