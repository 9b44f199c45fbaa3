"""Days count from the backup's creation: what is accepted, what it comes to, what a lock refuses."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.backups import Lifecycle, Vault
from bot.domain.errors import BadInput
from bot.domain.retention import (
    MAX_DAYS,
    Keep,
    Retention,
    check_days,
    effective_days,
    expected_end,
    least_days,
    lock_problem,
)
from tests.unit.builders import a_point, a_vault, an_air_gapped_vault
from tests.unit.fakes import NOW

moments = st.integers(0, 31_000).map(lambda day: datetime(2015, 1, 1, 13, 30, tzinfo=UTC) + timedelta(days=day))
ages = st.timedeltas(timedelta(0), timedelta(days=MAX_DAYS - 3))
days = st.integers(1, MAX_DAYS)
limits = st.none() | days


def chosen(number: int) -> Retention:
    return Retention(Keep.DAYS, number)


@given(moments, st.none() | days)
def test_as_the_source_keeps_the_days_of_the_source(made: datetime, keeps: int | None) -> None:
    point, choice = a_point(made=made, keeps=keeps), Retention(Keep.AS_SOURCE)

    assert effective_days(choice, point) == keeps
    assert expected_end(choice, point) == point.delete_at
    assert choice.lifecycle() is None


@given(moments, days)
def test_days_are_told_to_aws_and_count_from_the_creation(made: datetime, number: int) -> None:
    point = a_point(made=made)

    assert chosen(number).lifecycle() == Lifecycle(delete_after_days=number)
    assert effective_days(chosen(number), point) == number
    assert expected_end(chosen(number), point) == made + timedelta(days=number)


@given(moments)
def test_a_century_is_the_most_that_aws_knows(made: datetime) -> None:
    choice = Retention(Keep.CENTURY)

    assert choice.lifecycle() == Lifecycle(delete_after_days=36_500)
    assert effective_days(choice, a_point(made=made)) == 36_500
    assert expected_end(choice, a_point(made=made)) == made + timedelta(days=36_500)


def test_a_leap_day_counts_as_a_day() -> None:
    made = datetime(2028, 2, 28, 12, tzinfo=UTC)

    assert expected_end(chosen(1), a_point(made=made)) == datetime(2028, 2, 29, 12, tzinfo=UTC)
    assert expected_end(chosen(366), a_point(made=made)) == datetime(2029, 2, 28, 12, tzinfo=UTC)


def test_a_century_of_days_ends_before_its_hundredth_birthday() -> None:
    made = datetime(2026, 11, 22, tzinfo=UTC)

    assert expected_end(Retention(Keep.CENTURY), a_point(made=made)) == datetime(2126, 10, 29, tzinfo=UTC)


@given(moments, ages)
def test_the_least_days_are_accepted_and_one_less_is_not(now: datetime, age: timedelta) -> None:
    point = a_point(made=now - age)
    least = least_days(point, now)

    check_days(least, point, now)

    with pytest.raises(BadInput) as refusal:
        check_days(least - 1, point, now)
    assert refusal.value.field == "days"


@given(moments, ages)
def test_the_least_days_leave_the_copy_alive_for_more_than_a_day(now: datetime, age: timedelta) -> None:
    point = a_point(made=now - age)

    end = expected_end(chosen(least_days(point, now)), point)

    assert end is not None
    assert end > now + timedelta(days=1)


@given(st.integers(-10_000, 100_000).filter(lambda number: not 1 <= number <= MAX_DAYS))
def test_what_aws_refuses_is_refused(number: int) -> None:
    with pytest.raises(BadInput, match="between 1 and 36,500 days"):
        check_days(number, a_point(), NOW)


@pytest.mark.parametrize(
    ("age", "sentence"),
    [
        (timedelta(0), "creation, less than a day ago, so"),
        (timedelta(hours=-1), "creation, less than a day ago, so"),
        (timedelta(days=1), "creation, 1 day ago, so"),
        (timedelta(days=1_500), "creation, 1,500 days ago, so"),
    ],
)
def test_the_refusal_says_how_old_the_backup_is(age: timedelta, sentence: str) -> None:
    point = a_point(made=NOW - age)

    with pytest.raises(BadInput) as refusal:
        check_days(1, point, NOW)

    assert sentence in refusal.value.sentence
    over = "would already be over." if age >= timedelta(days=1) else "would end within a day, and it has to last longer"
    assert over in refusal.value.sentence
    assert f"Choose {least_days(point, NOW):,} or more." in refusal.value.sentence


@given(days, limits, limits)
def test_a_lock_refuses_exactly_what_lies_outside_its_limits(number: int, least: int | None, most: int | None) -> None:
    vault = Vault(a_vault().ref, locked=True, min_days=least, max_days=most)
    inside = (least is None or number >= least) and (most is None or number <= most)

    assert (lock_problem(chosen(number), a_point(), vault) is None) == inside


@given(days)
def test_a_vault_without_a_lock_refuses_nothing(number: int) -> None:
    vault = Vault(a_vault().ref, locked=False, min_days=7, max_days=30)

    assert lock_problem(chosen(number), a_point(), vault) is None


def test_an_air_gapped_vault_has_limits_without_a_lock() -> None:
    vault = an_air_gapped_vault(least=7, most=90)

    assert lock_problem(chosen(6), a_point(), vault) == (
        "The vault keeps copies at least 7 days; this choice comes to 6 days."
    )
    assert lock_problem(chosen(91), a_point(), vault) == (
        "The vault keeps copies at most 90 days; this choice comes to 91 days."
    )


def test_a_copy_without_an_end_is_refused_where_the_lock_knows_a_longest_time() -> None:
    endless = a_point(keeps=None)

    assert lock_problem(Retention(Keep.AS_SOURCE), endless, a_vault(least=7)) is None
    assert lock_problem(Retention(Keep.AS_SOURCE), endless, a_vault(most=1)) == (
        "The vault keeps copies at most 1 day, and this backup has no end. Choose a number of days."
    )
