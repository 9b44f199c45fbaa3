"""Ahead of a copy's end each lead comes due once, and only the tightest one."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.copies import lead_due
from tests.unit.fakes import NOW

leads = st.lists(st.integers(1, 90), min_size=1, max_size=6, unique=True).map(tuple)
distances = st.timedeltas(timedelta(0), timedelta(days=120))


@given(leads, distances)
def test_the_lead_that_is_due_is_the_tightest_one_reached(lead_days: tuple[int, ...], left: timedelta) -> None:
    due = lead_due(NOW + left, lead_days, NOW)

    reached = [days for days in lead_days if left <= timedelta(days=days)]
    assert due == (min(reached) if reached and left > timedelta(0) else None)


@given(leads)
def test_each_lead_comes_due_once_as_time_passes(lead_days: tuple[int, ...]) -> None:
    end = NOW + timedelta(days=max(lead_days) + 2)

    said: list[int] = []
    for now in _quarter_days(NOW, end):
        due = lead_due(end, lead_days, now)
        if due is not None and (not said or said[-1] != due):
            said.append(due)

    assert said == sorted(lead_days, reverse=True)


@given(leads)
def test_a_lead_is_reached_at_its_very_moment_and_not_before(lead_days: tuple[int, ...]) -> None:
    first = max(lead_days)
    end = NOW + timedelta(days=first)

    assert lead_due(end, lead_days, NOW) == first
    assert lead_due(end, lead_days, NOW - timedelta(microseconds=1)) is None


@given(leads, distances)
def test_after_the_end_there_is_no_lead(lead_days: tuple[int, ...], since: timedelta) -> None:
    assert lead_due(NOW - since, lead_days, NOW) is None


def test_without_leads_nothing_is_due() -> None:
    assert lead_due(NOW + timedelta(hours=1), (), NOW) is None


def _quarter_days(start: datetime, end: datetime) -> list[datetime]:
    return [start + timedelta(hours=6 * number) for number in range(int((end - start) / timedelta(hours=6)) + 1)]
