"""When a schedule's cron names its next run: in the schedule's own zone, daylight saving included."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.schedules import missed_runs, shortest_pause
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


def fires(cron: str, zone: str, after: datetime, number: int) -> list[str]:
    """The next runs, as the clock on the wall there shows them."""
    found, at = [], after
    for _ in range(number):
        following = next_fire(cron, zone, at)
        assert following is not None
        assert following > at
        found.append(f"{following.astimezone(ZoneInfo(zone)):%m-%d %H:%M%z}")
        at = following
    return found


SPRING, AUTUMN = datetime(2027, 3, 27, 0, 0, tzinfo=UTC), datetime(2027, 10, 30, 0, 0, tzinfo=UTC)


def test_a_run_keeps_its_hour_on_the_wall_over_both_changes() -> None:
    assert fires("0 3 * * *", "Europe/Berlin", SPRING, 3) == [
        "03-27 03:00+0100",
        "03-28 03:00+0200",
        "03-29 03:00+0200",
    ]
    assert fires("0 3 * * *", "Europe/Berlin", AUTUMN, 3) == [
        "10-30 03:00+0200",
        "10-31 03:00+0100",
        "11-01 03:00+0100",
    ]


def test_a_run_in_the_hour_that_comes_twice_is_made_once() -> None:
    assert fires("30 2 * * *", "Europe/Berlin", AUTUMN, 3) == [
        "10-30 02:30+0200",
        "10-31 02:30+0200",
        "11-01 02:30+0100",
    ]


def test_a_run_in_the_hour_that_is_skipped_is_made_the_same_day_once() -> None:
    found = fires("30 2 * * *", "Europe/Berlin", SPRING, 3)

    assert [one[:5] for one in found] == ["03-27", "03-28", "03-29"]


def test_runs_every_half_hour_go_on_through_the_hour_that_comes_twice() -> None:
    before = datetime(2027, 10, 30, 23, 45, tzinfo=UTC)

    assert fires("*/30 * * * *", "Europe/Berlin", before, 6) == [
        "10-31 02:00+0200",
        "10-31 02:30+0200",
        "10-31 02:00+0100",
        "10-31 02:30+0100",
        "10-31 03:00+0100",
        "10-31 03:30+0100",
    ]


@pytest.mark.parametrize(("days", "missed"), [(0, 0), (1, 1), (5, 5)])
def test_runs_that_nobody_noticed_are_counted(days: int, missed: int) -> None:
    due = datetime(2026, 11, 20, 3, tzinfo=UTC)
    now = datetime(2026, 11, 20 + days, 4, tzinfo=UTC)

    told, following = missed_runs(recurring(cron="0 3 * * *", timezone="UTC"), due, now, next_fire)

    assert told == missed
    assert following == datetime(2026, 11, 21 + days, 3, tzinfo=UTC)


@given(
    at=st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),  # noqa: DTZ001 - UTC is put in below
    cron=st.sampled_from(["30 2 * * *", "*/15 * * * *", "0 3 * * 1-5", "5 1,2 * * *", "0 0 1 * *", "10 */2 * * *"]),
    zone=st.sampled_from(["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "UTC"]),
)
def test_the_next_run_is_always_later_and_none_is_skipped_between(at: datetime, cron: str, zone: str) -> None:
    after = at.replace(tzinfo=UTC)
    following = next_fire(cron, zone, after)
    assert following is not None

    assert following > after
    # Whoever asks a moment earlier than the run is told the same run.
    assert next_fire(cron, zone, following - timedelta(seconds=1)) == following


@pytest.mark.parametrize(
    ("cron", "minutes"),
    [("* * * * *", 1), ("*/10 * * * *", 10), ("0,5 3 * * 1", 5), ("0 * * * *", 60), ("30 2 * * *", 24 * 60)],
)
def test_how_often_a_schedule_runs_at_most(cron: str, minutes: int) -> None:
    schedule = recurring(cron=cron, timezone="Europe/Berlin")

    assert shortest_pause(schedule, NOW, next_fire) == timedelta(minutes=minutes)


def test_one_run_has_no_pause() -> None:
    assert shortest_pause(recurring(cron="0 3 29 2 *"), NOW, next_fire) is None
