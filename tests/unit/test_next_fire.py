"""When a schedule's cron names its next run: in the schedule's own zone, daylight saving included."""

from datetime import UTC, datetime

import pytest

from bot.domain.schedules import missed_runs
from bot.scheduler import next_fire
from tests.unit.table_builders import recurring

NOW = datetime(2026, 11, 26, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "zone", "expected"),
    [
        ("0 3 * * *", "UTC", datetime(2026, 11, 27, 3, tzinfo=UTC)),
        ("0 3 * * *", "Europe/Berlin", datetime(2026, 11, 27, 2, tzinfo=UTC)),
        ("*/15 * * * *", "UTC", datetime(2026, 11, 26, 11, 15, tzinfo=UTC)),
        ("0 3 * * 0", "UTC", datetime(2026, 11, 29, 3, tzinfo=UTC)),
        ("0 3 * * 7", "UTC", datetime(2026, 11, 29, 3, tzinfo=UTC)),
        ("0 3 * * 1-5", "UTC", datetime(2026, 11, 27, 3, tzinfo=UTC)),
        ("0 3 * * 6-7", "UTC", datetime(2026, 11, 28, 3, tzinfo=UTC)),
        ("0 3 * * sun", "UTC", datetime(2026, 11, 29, 3, tzinfo=UTC)),
    ],
)
def test_the_next_run_is_what_cron_says(cron: str, zone: str, expected: datetime) -> None:
    assert next_fire(cron, zone, NOW) == expected


def test_a_run_that_is_due_now_is_over() -> None:
    due = next_fire("0 3 * * *", "UTC", NOW)
    assert due is not None

    assert next_fire("0 3 * * *", "UTC", due) == datetime(2026, 11, 28, 3, tzinfo=UTC)


def test_a_day_that_never_comes_has_no_run() -> None:
    assert next_fire("0 3 30 2 *", "UTC", NOW) is None


@pytest.mark.parametrize(
    ("cron", "zone"),
    [("0 3 * *", "UTC"), ("99 * * * *", "UTC"), ("x * * * *", "UTC"), ("0 3 * * 5-1", "UTC"), ("0 3 * * *", "Mars")],
)
def test_what_cannot_be_read_is_refused(cron: str, zone: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        next_fire(cron, zone, NOW)


def test_the_hour_that_daylight_saving_skips_does_not_lose_the_day() -> None:
    before = datetime(2027, 3, 27, 12, 0, tzinfo=UTC)

    at = next_fire("30 2 * * *", "Europe/Berlin", before)

    assert at is not None
    assert at.date() == datetime(2027, 3, 28, tzinfo=UTC).date()


@pytest.mark.parametrize(("days", "missed"), [(0, 0), (1, 1), (5, 5)])
def test_runs_that_nobody_noticed_are_counted(days: int, missed: int) -> None:
    due = datetime(2026, 11, 20, 3, tzinfo=UTC)
    now = datetime(2026, 11, 20 + days, 4, tzinfo=UTC)

    told, following = missed_runs(recurring(cron="0 3 * * *", timezone="UTC"), due, now, next_fire)

    assert told == missed
    assert following == datetime(2026, 11, 21 + days, 3, tzinfo=UTC)
