"""The form that keeps a copy longer: whatever is typed comes to a number of days, or to words in its field."""

from datetime import timedelta

import pytest

from bot.domain.books import Store
from bot.domain.errors import BadInput
from bot.domain.params import SetRetentionParams
from bot.domain.sheets import Sheet, SheetKind
from bot.workflows.extending import BY_DATE, COPY, HOW, MORE_DAYS, UNTIL_DAY, Extending
from tests.contract.store_builders import ANN, NOW, a_copy, stored_request
from tests.unit.fakes import ManualClock


@pytest.fixture
def arn(store: Store) -> str:
    copy = a_copy(stored_request(store))
    with store.begin() as tx:
        tx.copies.add(copy)
    return copy.arn


def asked(arn: str, zone: str = "America/Los_Angeles", **answers: str) -> Sheet:
    return Sheet("sheet-1", SheetKind.EXTEND, ANN, "C0DBA", zone, NOW, {COPY: arn, **answers})


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "Pacific/Kiritimati", "Nowhere/Land"])
def test_a_date_out_of_all_reach_is_refused_in_its_field(store: Store, clock: ManualClock, arn: str, zone: str) -> None:
    sheet = asked(arn, zone, **{HOW: BY_DATE, UNTIL_DAY: "9999-12-31"})

    with pytest.raises(BadInput, match="36,500 days at most") as refusal:
        Extending(store, clock).composer().check(sheet)

    assert refusal.value.field == UNTIL_DAY


@pytest.mark.parametrize("typed", ["", "0", "-3", "3.5", "x", "٣", "1" * 40])
def test_what_is_no_number_of_days_is_refused_in_its_field(
    store: Store, clock: ManualClock, arn: str, typed: str
) -> None:
    with pytest.raises(BadInput, match="whole number of days") as refusal:
        Extending(store, clock).composer().check(asked(arn, **{MORE_DAYS: typed}))

    assert refusal.value.field == MORE_DAYS


def test_the_days_are_filled_in_and_what_was_typed_stays(store: Store, clock: ManualClock, arn: str) -> None:
    composer = Extending(store, clock).composer()

    assert composer.fill(asked(arn))[MORE_DAYS] == "90"
    assert composer.fill(asked(arn, **{MORE_DAYS: "7"}))[MORE_DAYS] == "7"


def test_a_date_is_one_of_the_asker(store: Store, clock: ManualClock, arn: str) -> None:
    extending = Extending(store, clock)
    end = extending.copy(asked(arn)).delete_at
    assert end is not None
    day = (end + timedelta(days=30)).date().isoformat()

    (east,) = extending.composer().plan(asked(arn, "Pacific/Kiritimati", **{HOW: BY_DATE, UNTIL_DAY: day}))
    (west,) = extending.composer().plan(asked(arn, "Pacific/Honolulu", **{HOW: BY_DATE, UNTIL_DAY: day}))

    assert isinstance(east.params, SetRetentionParams)
    assert isinstance(west.params, SetRetentionParams)
    assert (west.params.lifecycle.delete_after_days or 0) - (east.params.lifecycle.delete_after_days or 0) == 1
