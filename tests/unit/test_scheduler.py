"""Sweeps: one that throws goes on, one that is nudged while it runs runs once more, and stopping waits."""

import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from bot.scheduler import LATE_SECONDS, Sweep, Sweeps
from tests.unit.fakes import ManualClock

DEADLINE = 30.0
# Long enough that no interval comes round in a test: what runs was started or nudged.
NEVER = 3_600.0


@pytest.fixture
def sweeps(clock: ManualClock) -> Iterator[Sweeps]:
    running = Sweeps(clock)
    yield running
    running.stop()


def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, with a deadline."""
    deadline, pause = time.monotonic() + DEADLINE, threading.Event()
    while not condition():
        assert time.monotonic() < deadline
        pause.wait(0.005)


class Work:
    """A sweep's work that counts its runs and can be held inside a run."""

    def __init__(self) -> None:
        self.runs = 0
        self.inside = 0
        self.most_at_once = 0
        self.begun = threading.Event()
        self.may_end = threading.Event()
        self.may_end.set()
        self.error: Exception | None = None
        self._lock = threading.Lock()

    def __call__(self) -> None:
        with self._lock:
            self.inside += 1
            self.most_at_once = max(self.most_at_once, self.inside)
        self.begun.set()
        assert self.may_end.wait(DEADLINE)
        with self._lock:
            self.runs += 1
            self.inside -= 1
        if self.error is not None:
            raise self.error


def test_every_sweep_runs_at_the_start(sweeps: Sweeps) -> None:
    first, second = Work(), Work()

    sweeps.start([Sweep("first", first, NEVER), Sweep("second", second, NEVER)])

    until(lambda: (first.runs, second.runs) == (1, 1))


def test_a_sweep_comes_round(sweeps: Sweeps) -> None:
    work = Work()

    sweeps.start([Sweep("work", work, 0.01)])

    until(lambda: work.runs >= 3)
    assert work.most_at_once == 1


def test_a_sweep_that_throws_goes_on_and_its_age_grows(
    sweeps: Sweeps, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    work = Work()
    work.error = RuntimeError("a defect")
    sweeps.start([Sweep("bad", work, 0.01)])

    until(lambda: work.runs >= 2)
    clock.pass_(minutes=11)

    assert sweeps.ages()["bad"] == timedelta(minutes=11)
    assert list(sweeps.late()) == ["bad"]
    assert "sweep_failed" in caplog.messages

    work.error = None
    until(lambda: sweeps.ages()["bad"] == timedelta(0))
    assert list(sweeps.late()) == []


def test_a_sweep_that_hangs_is_late(sweeps: Sweeps, clock: ManualClock) -> None:
    work = Work()
    work.may_end.clear()
    sweeps.start([Sweep("hung", work, 1.0)])
    assert work.begun.wait(DEADLINE)

    clock.pass_(seconds=LATE_SECONDS)
    assert list(sweeps.late()) == []
    clock.pass_(seconds=1)
    assert list(sweeps.late()) == ["hung"]
    work.may_end.set()


def test_a_slow_interval_gives_a_sweep_more_time(sweeps: Sweeps, clock: ManualClock) -> None:
    work = Work()
    sweeps.start([Sweep("calm", work, 300.0)])
    until(lambda: work.runs == 1)

    clock.pass_(seconds=1_499)
    assert list(sweeps.late()) == []
    clock.pass_(seconds=2)
    assert list(sweeps.late()) == ["calm"]


def test_a_nudge_runs_a_sweep_now(sweeps: Sweeps) -> None:
    work = Work()
    sweeps.start([Sweep("work", work, NEVER)])
    until(lambda: work.runs == 1)

    for number in range(2, 30):
        sweeps.nudge("work")
        until(lambda number=number: work.runs == number)  # type: ignore[misc]  # mypy sees no lambda's defaults


def test_nudges_during_a_run_make_it_run_once_more(sweeps: Sweeps) -> None:
    work = Work()
    work.may_end.clear()
    sweeps.start([Sweep("work", work, NEVER)])
    assert work.begun.wait(DEADLINE)

    for _ in range(5):
        sweeps.nudge("work")
    work.may_end.set()
    until(lambda: work.runs == 2)
    sweeps.stop()

    assert work.runs == 2
    assert work.most_at_once == 1


def test_a_nudge_for_nobody_does_nothing(sweeps: Sweeps, caplog: pytest.LogCaptureFixture) -> None:
    sweeps.nudge("before the start")
    sweeps.start([Sweep("work", Work(), NEVER)])

    sweeps.nudge("nobody")

    assert caplog.messages.count("unknown_sweep") == 1


def test_stopping_waits_for_what_runs_and_starts_nothing_more(sweeps: Sweeps) -> None:
    work = Work()
    work.may_end.clear()
    sweeps.start([Sweep("work", work, 0.01)])
    assert work.begun.wait(DEADLINE)
    sweeps.nudge("work")

    stopper = threading.Thread(target=sweeps.stop)
    stopper.start()
    assert work.runs == 0
    assert stopper.is_alive()
    work.may_end.set()
    stopper.join(DEADLINE)

    assert not stopper.is_alive()
    assert (work.runs >= 1, work.inside) == (True, 0)
    runs = work.runs
    sweeps.nudge("work")
    sweeps.stop()
    assert work.runs == runs


class Nudging:
    """The work of sweeps that nudge again and again until they are told to end."""

    def __init__(self, sweeps: Sweeps, others: int) -> None:
        self._sweeps = sweeps
        self._ended = threading.Event()
        self.at_work = threading.Barrier(others + 1)

    def __call__(self) -> None:
        self.at_work.wait(DEADLINE)
        while not self._ended.is_set():
            # One that never runs is asked of the scheduler every time.
            self._sweeps.nudge("nobody")

    def end_soon(self) -> None:
        threading.Timer(0.05, self._ended.set).start()


@pytest.fixture
def restless() -> Iterator[None]:
    """Let threads take turns so often that one is met between any two of its steps."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("restless")
@pytest.mark.parametrize("_", range(20))
def test_stopping_ends_although_sweeps_nudge_at_that_very_moment(clock: ManualClock, _: int) -> None:
    """Without care every fifth of these rounds hangs for ever."""
    sweeps = Sweeps(clock)
    work = Nudging(sweeps, 8)
    sweeps.start([Sweep(f"busy-{number}", work, NEVER) for number in range(8)])
    work.at_work.wait(DEADLINE)
    stopper = threading.Thread(target=sweeps.stop, daemon=True)

    work.end_soon()
    stopper.start()
    stopper.join(DEADLINE)

    assert not stopper.is_alive()


def test_a_busy_sweep_does_not_fill_the_log(sweeps: Sweeps, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    busy, other = Work(), Work()
    busy.may_end.clear()
    sweeps.start([Sweep("busy", busy, 0.01), Sweep("other", other, 0.01)])
    assert busy.begun.wait(DEADLINE)

    until(lambda: other.runs >= 5)
    busy.may_end.set()

    assert caplog.messages == []
