"""A thousand clicks over one PostgreSQL, fifty on each request at the same moment from two processes: one decision."""

import multiprocessing
import threading
from collections import Counter
from collections.abc import Sequence
from functools import partial
from multiprocessing.synchronize import Barrier

from bot.domain.audit import faults, line_of
from bot.domain.params import StepKind
from bot.domain.people import Actor
from bot.domain.requests import RequestState, Verdict
from bot.store import open_store
from bot.workflows.deciding import Deciding
from bot.workflows.preflight import look
from bot.workflows.steps.copy import CopyStep
from bot.workflows.submitting import Submitting
from tests.contract.fake_backups import FakeBackups
from tests.contract.store_threads import DEADLINE, at_once
from tests.unit.builders import COPIES, a_click, a_point, a_policy, read_request, some_params, stored_request
from tests.unit.fakes import HOME, FakePeople, ManualClock, Nudges

REQUESTS = 20
CLICKS = 50
PROCESSES = 2
# Every click of a request has a thread of its own, so that all of them are judged together.
THREADS = CLICKS // PROCESSES
# Two approvers and two rejecters for every request.
ADMINS = ("U0BEN", "U0CHRIS", "U0DORA")


def the_world(clock: ManualClock) -> FakeBackups:
    backups = FakeBackups(clock=clock)
    backups.add_vault(COPIES)
    backups.put(a_point())
    return backups


def click_all(url: str, together: Barrier, process: int, ids: Sequence[str]) -> None:
    """Half of all clicks. None of a request is judged before those of both processes are written down."""
    clock = ManualClock()
    store, people, nudges = open_store(url), FakePeople(), Nudges()
    works = {StepKind.COPY: CopyStep(the_world(clock))}
    submitting = Submitting(store, works, people, a_policy(), clock, nudges)
    deciding = Deciding(store, people, clock, nudges, submitting)
    requests = [read_request(store, request_id) for request_id in ids]

    def worker(thread: int) -> None:
        for request in requests:
            verdict = (Verdict.APPROVE, Verdict.REJECT)[(thread + process) % 2]
            who = ADMINS[thread % len(ADMINS)]
            click = a_click(request, Actor(who, HOME), verdict, key=f"{process}:{request.id}:{thread}", note="x")
            deciding.write_down(click)
            together.wait(DEADLINE)
            deciding.judge(click.dedup_key)

    threads = [threading.Thread(target=worker, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()


def test_a_thousand_clicks_in_two_processes_make_one_decision_each(postgres_url: str) -> None:
    clock, store = ManualClock(), open_store(postgres_url)
    backups = the_world(clock)
    params = some_params()
    seen = look(params, backups, clock.now()).shown
    ids = [stored_request(store, params, draft_id=f"draft-{n}", shown=seen).id for n in range(REQUESTS)]
    context = multiprocessing.get_context("forkserver")
    together = context.Barrier(CLICKS)
    processes = [
        context.Process(target=click_all, args=(postgres_url, together, number, ids)) for number in range(PROCESSES)
    ]

    for process in processes:
        process.start()
    for process in processes:
        process.join(4 * DEADLINE)

    assert [process.exitcode for process in processes] == [0] * PROCESSES
    for request_id in ids:
        request = read_request(store, request_id)
        (decision,) = request.decisions
        approved = decision.verdict is Verdict.APPROVE
        assert request.state is (RequestState.APPROVED if approved else RequestState.REJECTED)
    with store.read() as tx:
        lines = list(tx.history.every())
        assert list(faults([line_of(line) for line in lines], tx.history.head())) == []
    told = Counter(line.event.what for line in lines)
    assert told["approve"] + told["reject"] == REQUESTS
    assert told["click refused"] == REQUESTS * CLICKS - REQUESTS
    store.close()


def test_two_approvers_in_the_same_moment_make_one_decision_on_either_database(store_url: str) -> None:
    clock, store = ManualClock(), open_store(store_url)
    backups, people, nudges = the_world(clock), FakePeople(), Nudges()
    works = {StepKind.COPY: CopyStep(backups)}
    deciding = Deciding(store, people, clock, nudges, Submitting(store, works, people, a_policy(), clock, nudges))
    params = some_params()
    request = stored_request(store, params, shown=look(params, backups, clock.now()).shown)

    def approve(who: str) -> str:
        click = a_click(request, Actor(who, HOME))
        deciding.write_down(click)
        return deciding.judge(click.dedup_key)

    told = at_once([partial(approve, who) for who in ADMINS])

    assert sorted(map(bool, told)) == [False, True, True]
    assert len(read_request(store, request.id).decisions) == 1
    store.close()
