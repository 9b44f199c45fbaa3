"""Retention, proven over source date, lifecycle, cold storage, lock, leap years, -1 and 36,500."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.backups import Lifecycle, RecoveryPoint, Vault
from bot.domain.retention import (
    COLD_DAYS,
    MAX_DAYS,
    Keep,
    Retention,
    allowed_days,
    cold_after,
    days_until,
    effective_days,
    expected_end,
    least_days,
    nearest_days,
    objection,
)
from tests.unit.builders import a_point, a_vault
from tests.unit.fakes import NOW

ZONES = [
    ZoneInfo(name) for name in ("UTC", "Europe/Berlin", "America/St_Johns", "Pacific/Kiritimati", "Asia/Kathmandu")
]

made = st.timedeltas(timedelta(0), timedelta(days=36_525)).map(lambda passed: datetime(2000, 1, 1, tzinfo=UTC) + passed)
ages = st.timedeltas(timedelta(hours=-1), timedelta(days=5_000))
# What people and AWS may write: -1 stands for "never" in AWS's own interface, 0 and more than 36,500 are refused there.
wishes = st.sampled_from([-1, 0, 1, 89, 90, 91, MAX_DAYS - 1, MAX_DAYS, MAX_DAYS + 1]) | st.integers(-5, MAX_DAYS + 5)
days = st.integers(1, MAX_DAYS)
colds = st.none() | st.integers(-1, MAX_DAYS)


@st.composite
def points(draw: st.DrawFn) -> RecoveryPoint:
    """A backup of any age, with or without an end, which may go cold."""
    point = a_point(made=draw(made), keeps=draw(st.none() | days))
    if point.lifecycle.delete_after_days is None or point.lifecycle.delete_after_days <= COLD_DAYS:
        return point
    cold = draw(st.none() | st.integers(1, point.lifecycle.delete_after_days - COLD_DAYS))
    return replace(point, lifecycle=replace(point.lifecycle, cold_after_days=cold))


@st.composite
def vaults(draw: st.DrawFn) -> Vault | None:
    """A vault with any limits, or one that could not be seen."""
    least, most = sorted((draw(days), draw(days)))
    locked = Vault(
        a_vault().ref,
        locked=True,
        min_days=draw(st.sampled_from([None, least])),
        max_days=draw(st.none() | st.just(most)),
    )
    return draw(st.sampled_from([None, replace(locked, locked=False), locked]))


@st.composite
def choices(draw: st.DrawFn) -> Retention:
    keep = draw(st.sampled_from(Keep))
    return Retention(keep, draw(wishes) if keep is Keep.DAYS else None, draw(colds))


def takes(vault: Vault | None, number: int | None) -> bool:
    """What the lock of a vault accepts, said independently."""
    if vault is None or not vault.locked:
        return True
    if number is None:
        return vault.max_days is None
    return (vault.min_days or 1) <= number <= (vault.max_days or MAX_DAYS)


@given(choices(), points(), vaults(), ages)
def test_what_passes_is_what_aws_and_the_vault_accept(
    choice: Retention, point: RecoveryPoint, vault: Vault | None, age: timedelta
) -> None:
    now = point.created_at + age
    number = effective_days(choice, point)
    cold = choice.cold_days if choice.lifecycle() else None

    passes = objection(choice, point, vault, now) is None

    own = choice.keep in (Keep.DAYS, Keep.CENTURY)
    ahead = choice.keep is not Keep.DAYS or (
        number is not None and now + timedelta(days=1) < point.created_at + timedelta(days=number)
    )
    in_range = number is None or not own or 1 <= number <= MAX_DAYS
    lasts = cold is None or (number is not None and max(age, timedelta(0)).days < cold <= number - COLD_DAYS)
    assert passes == (in_range and ahead and lasts and takes(vault, number))


@given(choices(), points(), vaults(), ages)
def test_the_value_that_is_proposed_is_accepted(
    choice: Retention, point: RecoveryPoint, vault: Vault | None, age: timedelta
) -> None:
    now = point.created_at + age
    problem = objection(choice, point, vault, now)
    if problem is None or problem.nearest is None:
        return

    if problem.field == "cold":
        better = replace(choice, cold_days=problem.nearest)
    else:
        better = Retention(Keep.DAYS, problem.nearest)

    again = objection(better, point, vault, now)
    assert again is None or again.field != problem.field


@given(st.integers(-5, MAX_DAYS + 5), points(), vaults(), ages)
def test_the_proposal_is_the_nearest(number: int, point: RecoveryPoint, vault: Vault | None, age: timedelta) -> None:
    allowed = allowed_days(point, vault, point.created_at + age)

    nearest = nearest_days(number, allowed)

    if nearest is None:
        assert len(allowed) == 0
    else:
        assert nearest in allowed
        assert nearest == number or number not in allowed
        assert not any(
            abs(other - number) < abs(nearest - number) for other in (nearest - 1, nearest + 1) if other in allowed
        )


@given(points())
def test_no_wish_at_all_is_nearest_to_the_longest_time(point: RecoveryPoint) -> None:
    assert nearest_days(None, allowed_days(point, None, point.created_at)) == MAX_DAYS


@given(points(), choices())
def test_a_copy_ends_its_days_after_the_backup_or_with_it_or_never(point: RecoveryPoint, choice: Retention) -> None:
    number = effective_days(choice, point)
    if choice.keep is Keep.PERMANENT:
        assert (number, expected_end(choice, point)) == (None, None)
    elif choice.keep is Keep.AS_SOURCE:
        assert expected_end(choice, point) == point.delete_at
    else:
        assert number is not None
        assert expected_end(choice, point) == point.created_at + timedelta(days=number)


@given(points(), choices())
def test_what_is_inherited_is_left_out_of_what_aws_is_told(point: RecoveryPoint, choice: Retention) -> None:
    told = choice.lifecycle()

    if choice.keep in (Keep.AS_SOURCE, Keep.PERMANENT):
        assert told is None
        assert cold_after(choice, point) == point.lifecycle.cold_after_days
    else:
        assert told == Lifecycle(effective_days(choice, point), choice.cold_days)
        assert cold_after(choice, point) == choice.cold_days
        assert -1 not in (told.delete_after_days,) or choice.days == -1


@given(points(), vaults(), ages)
def test_never_is_never_what_a_source_with_an_end_gives(
    point: RecoveryPoint, vault: Vault | None, age: timedelta
) -> None:
    """-1 for a copy means the source's end, so nothing that people choose is told to AWS as -1."""
    now = point.created_at + age

    assert objection(Retention(Keep.DAYS, -1), point, vault, now) is not None
    if point.delete_at is not None:
        assert expected_end(Retention(Keep.AS_SOURCE), point) is not None


@given(made, st.sampled_from(ZONES), st.integers(0, 40_000))
def test_until_a_date_lasts_until_that_day_has_come_and_not_a_day_longer(
    created: datetime, zone: ZoneInfo, ahead: int
) -> None:
    point = a_point(made=created)
    day = (created.astimezone(zone) + timedelta(days=ahead)).date()

    number = days_until(day, point, zone)

    end = created + timedelta(days=number)
    assert end.astimezone(zone).date() >= day
    assert number == 0 or (end - timedelta(days=1)).astimezone(zone).date() < day


def test_until_a_day_that_is_over_comes_to_no_days() -> None:
    assert days_until(date(2020, 1, 1), a_point(), ZONES[0]) == 0


@pytest.mark.parametrize(
    ("created", "day", "number"),
    [
        (datetime(2028, 2, 28, 12, tzinfo=UTC), date(2028, 3, 1), 2),
        (datetime(2027, 2, 28, 12, tzinfo=UTC), date(2027, 3, 1), 1),
        (datetime(2099, 12, 31, 12, tzinfo=UTC), date(2100, 3, 1), 60),
        (datetime(2026, 11, 22, 12, tzinfo=UTC), date(2126, 10, 29), 36_500),
    ],
)
def test_leap_days_count(created: datetime, day: date, number: int) -> None:
    assert days_until(day, a_point(made=created), ZONES[0]) == number


@given(points(), ages, st.integers(1, MAX_DAYS))
def test_cold_storage_asks_for_ninety_days_more(point: RecoveryPoint, age: timedelta, cold: int) -> None:
    now = point.created_at + age

    allowed = allowed_days(point, None, now, cold)

    assert not allowed or allowed[0] == max(least_days(point, now), cold + COLD_DAYS)
    assert bool(allowed) == (max(least_days(point, now), cold + COLD_DAYS) <= MAX_DAYS)


@pytest.mark.parametrize(
    ("choice", "field", "sentence"),
    [
        (Retention(Keep.DAYS, 100, 30), "cold", "Choose 10 or less, or keep the copy 120 days or more."),
        (Retention(Keep.DAYS, 30, 7), "cold", "Leave cold storage out, or keep the copy 97 days or more."),
        (Retention(Keep.CENTURY, None, 1), "cold", "Choose 3 or more."),
        (Retention(Keep.DAYS, -1), "days", "Choose 4 or more."),
        (Retention(Keep.DAYS, 36_501), "days", "Choose 36,500 or less."),
    ],
)
def test_the_nearest_allowed_value_is_said(choice: Retention, field: str, sentence: str) -> None:
    problem = objection(choice, a_point(), None, NOW)

    assert problem is not None
    assert problem.field == field
    assert problem.sentence.endswith(sentence)
