"""The local worlds' clock: as fast as it is told, moved by hand, never back."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from bot.sandbox.clock import WorldClock

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)


@dataclass
class RealTime:
    """The seconds that pass, as a test says."""

    passed: float = 1000.0

    def __call__(self) -> float:
        return self.passed


def test_the_world_runs_as_fast_as_it_is_told_from_then_on() -> None:
    real = RealTime()
    clock = WorldClock(NOON, seconds=real)
    real.passed += 5
    assert clock.now() == NOON + timedelta(seconds=5)

    clock.run_at(60)
    real.passed += 10
    assert (clock.now(), clock.speed) == (NOON + timedelta(seconds=605), 60)

    clock.run_at(0)
    real.passed += 3600
    assert clock.now() == NOON + timedelta(seconds=605)


def test_moving_on_by_hand_adds_to_what_passed_at_any_speed() -> None:
    real = RealTime()
    clock = WorldClock(NOON, speed=2, seconds=real)
    real.passed += 30

    assert clock.advance(timedelta(days=1)) == NOON + timedelta(days=1, minutes=1)
    real.passed += 30
    assert clock.now() == NOON + timedelta(days=1, minutes=2)


def test_the_world_never_goes_back() -> None:
    clock = WorldClock(NOON, speed=0)

    with pytest.raises(ValueError, match="only moves forward"):
        clock.advance(timedelta(seconds=-1))
    with pytest.raises(ValueError, match="only moves forward"):
        clock.run_at(-1)
    assert clock.now() == NOON
