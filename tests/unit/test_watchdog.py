"""A clock that is set back: sweeps go on, leases are mended, the log says what happened; forward steps need nothing."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from bot.scheduler import Sweep, Sweeps, Watchdog
from tests.unit.fakes import ManualClock

DEADLINE = 30.0
NEVER = 3_600.0
START = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)


class Clocks:
    """A wall clock that can be set, and a steady one that cannot."""

    def __init__(self) -> None:
        self.wall, self.steady = START, 0.0

    def pass_(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.steady += seconds

    def set(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)


@pytest.fixture
def seen() -> list[tuple[datetime, datetime]]:
    return []


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def watchdog(clocks: Clocks, seen: list[tuple[datetime, datetime]]) -> Watchdog:
    def note(now: datetime, before: datetime) -> None:
        seen.append((now, before))

    return Watchdog(note, wall=lambda: clocks.wall, steady=lambda: clocks.steady)


def test_a_step_back_is_noticed_once_with_what_the_clock_showed_before(
    watchdog: Watchdog, clocks: Clocks, seen: list[tuple[datetime, datetime]], caplog: pytest.LogCaptureFixture
) -> None:
    clocks.pass_(1)
    watchdog.look()
    clocks.pass_(1)
    clocks.set(-3_600)

    for _ in range(3):
        watchdog.look()
        clocks.pass_(1)

    before = START + timedelta(seconds=2)
    assert seen == [(before - timedelta(hours=1), before)]
    assert caplog.messages == ["clock_went_back"]


@pytest.mark.parametrize("seconds", [3_600, 0.5, -0.5, -1.9])
def test_a_step_forward_and_small_corrections_need_nothing(
    watchdog: Watchdog, clocks: Clocks, seen: list[tuple[datetime, datetime]], seconds: float
) -> None:
    clocks.pass_(1)
    watchdog.look()
    clocks.set(seconds)
    watchdog.look()

    assert seen == []


def test_sweeps_that_would_wait_for_the_old_time_run_at_once(clock: ManualClock) -> None:
    ran = threading.Semaphore(0)
    mended: list[datetime] = []
    sweeps = Sweeps(clock, on_step_back=lambda now, before: mended.append(before))
    sweeps.start([Sweep("work", ran.release, NEVER)])
    try:
        assert ran.acquire(timeout=DEADLINE)
        # What a clock that is set back leaves behind: the next run is an hour away.
        sweeps.clock_went_back(START - timedelta(hours=1), START)

        assert ran.acquire(timeout=DEADLINE)
        assert mended == [START]
    finally:
        sweeps.stop()


def test_a_mend_that_fails_does_not_keep_sweeps_from_running(
    clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    ran = threading.Semaphore(0)

    def fail(now: datetime, before: datetime) -> None:
        raise RuntimeError("no database")

    sweeps = Sweeps(clock, on_step_back=fail)
    sweeps.start([Sweep("work", ran.release, NEVER)])
    try:
        assert ran.acquire(timeout=DEADLINE)
        sweeps.clock_went_back(START - timedelta(hours=1), START)
        assert ran.acquire(timeout=DEADLINE)
        assert "clock_not_mended" in caplog.messages
    finally:
        sweeps.stop()


def test_ages_never_lie_in_the_future(clock: ManualClock) -> None:
    sweeps = Sweeps(clock)
    sweeps.start([Sweep("work", lambda: None, NEVER)])
    clock.pass_(hours=-1)

    assert sweeps.ages()["work"] == timedelta(0)
    sweeps.stop()


def test_what_was_written_by_the_old_clock_a_moment_later_is_mended_as_well(
    clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.scheduler.MEND_AGAIN_SECONDS", 1.5)
    mended: list[tuple[datetime, datetime]] = []
    twice = threading.Event()

    def mend(now: datetime, before: datetime) -> None:
        mended.append((now, before))
        if len(mended) == 2:
            twice.set()

    sweeps = Sweeps(clock, on_step_back=mend)
    sweeps.start([])
    try:
        sweeps.clock_went_back(START - timedelta(hours=1), START)

        assert twice.wait(DEADLINE)
        assert [before for _, before in mended] == [START, START]
        assert mended[1][0] == clock.now()
    finally:
        sweeps.stop()
