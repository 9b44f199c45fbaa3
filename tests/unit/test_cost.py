"""The estimate of what a copy costs: storage by the month and for its whole life, transfer, cold storage, words."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.backups import Lifecycle, VaultRef
from bot.domain.cost import GIGABYTE, LIST_PRICES, Fees, Prices, Rates, estimate, fees, fees_of
from bot.domain.params import BackUpParams, CopyParams, CreateVaultParams, Params, SetRetentionParams
from bot.domain.plans import Leg, plan_for_chains, plan_for_new_backup, plan_for_permanent
from bot.domain.retention import Keep, Retention
from bot.domain.shown import changes, cost_part
from bot.domain.steps import Plan
from bot.slack.costs import Priced, cost_in_short, cost_lines, money
from bot.slack.costs import priced as priced_steps
from bot.workflows.steps.work import Look
from tests.unit.builders import ACCOUNTS, BACKUP, COPIES, PROD, a_point, some_params

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
PRICES = Prices(
    date(2026, 11, 1),
    "USD",
    Rates(Decimal("0.10"), Decimal("0.03"), Decimal("0.02")),
    {"eu-west-1": Rates(Decimal("0.20"), Decimal("0.05"), Decimal("0.09"))},
)
DR = VaultRef(BACKUP, "eu-central-1", "dr")
TEN = a_point(made=NOW, size=10 * GIGABYTE)


def kept(retention: Retention, *, made: datetime = NOW, keeps: int | None = 35) -> CopyParams:
    return replace(some_params(), point=a_point(made=made, size=10 * GIGABYTE, keeps=keeps), retention=retention)


def test_the_destination_pays_the_storage_and_the_source_the_transfer() -> None:
    found = fees(TEN, COPIES, PRICES)

    assert (found.warm, found.cold, found.transfer) == (Decimal(2), Decimal("0.5"), Decimal("0.2"))
    assert (found.region, found.as_of) == ("eu-west-1", date(2026, 11, 1))


@pytest.mark.parametrize("account", [PROD, BACKUP])
def test_within_a_region_nothing_is_transferred(account: str) -> None:
    assert fees(TEN, VaultRef(account, "us-east-1", "second"), PRICES).transfer == 0


def test_a_region_without_rates_of_its_own_has_the_usual_ones() -> None:
    assert LIST_PRICES.at("us-west-1").warm == Decimal("0.112")
    assert LIST_PRICES.at("eu-north-1") == LIST_PRICES.usual


def test_a_hundred_years_are_twelve_hundred_months() -> None:
    params = kept(Retention(Keep.CENTURY))

    found = estimate(fees(params.point, COPIES, PRICES), params, NOW)

    assert (found.months, found.storage) == (Decimal(1200), Decimal(2400))


def test_the_time_before_the_copy_is_made_costs_nothing() -> None:
    params = kept(Retention(Keep.DAYS, 365), made=NOW - timedelta(days=365) / 2)

    assert estimate(fees(params.point, COPIES, PRICES), params, NOW).storage == Decimal(12)


def test_cold_storage_is_counted_at_its_own_price() -> None:
    params = kept(Retention(Keep.DAYS, 365, cold_days=73))

    found = estimate(fees(params.point, COPIES, PRICES), params, NOW)

    assert found.storage == Decimal("2.4") * 2 + Decimal("9.6") * Decimal("0.5")


def test_a_copy_that_inherits_cold_storage_is_counted_so() -> None:
    params = kept(Retention(Keep.AS_SOURCE), keeps=365)
    cold = replace(params.point, lifecycle=replace(params.point.lifecycle, cold_after_days=73))

    found = estimate(fees(params.point, COPIES, PRICES), replace(params, point=cold), NOW)

    assert found.storage == Decimal("9.6")


@pytest.mark.parametrize("params", [kept(Retention(Keep.AS_SOURCE), keeps=None), kept(Retention(Keep.PERMANENT))])
def test_what_has_no_end_costs_by_the_year(params: CopyParams) -> None:
    found = estimate(fees(params.point, COPIES, PRICES), params, NOW)

    assert (found.storage, found.year) == (None, Decimal(24))


@given(st.integers(0, 2**60), st.integers(1, 36_500), st.integers(0, 400))
def test_no_estimate_is_negative_and_more_days_never_cost_less(size: int, days: int, age: int) -> None:
    point = a_point(made=NOW - timedelta(days=age), size=size)
    shorter = replace(some_params(), point=point, retention=Retention(Keep.DAYS, days))
    longer = replace(shorter, retention=Retention(Keep.DAYS, days + 1))
    rates = fees(point, COPIES, PRICES)

    less, more = estimate(rates, shorter, NOW).storage, estimate(rates, longer, NOW).storage

    assert less is not None
    assert more is not None
    assert 0 <= less <= more


@given(st.integers(0, 2**60))
def test_what_people_were_shown_is_read_back_as_it_was(size: int) -> None:
    found = fees(a_point(size=size), COPIES, PRICES)

    assert Fees.of(dict(found.facts())) == found


@pytest.mark.parametrize("old", [None, "x", []])
def test_a_request_from_before_costs_were_shown_has_none(old: object) -> None:
    assert Fees.of(old) is None


ROUTE = plan_for_chains(TEN, ((Leg(COPIES, Retention(Keep.DAYS, 30)), Leg(DR, Retention(Keep.DAYS, 365))),), ACCOUNTS)
NEW = plan_for_new_backup(TEN, ((Leg(COPIES, Retention(Keep.DAYS, 73)),),), ACCOUNTS, NOW, advanced=True)
FOR_GOOD = plan_for_permanent(TEN, ((Leg(COPIES, Retention(Keep.PERMANENT)),),), ACCOUNTS)


def told(plan: Plan) -> str:
    looks = [Look(step.params, (), cost_part(step.params, PRICES)) for step in plan]
    return cost_lines(priced_steps(looks), NOW)


def test_every_copy_of_a_route_is_counted_to_its_own_end() -> None:
    together, first, last = told(ROUTE).split("\n")

    assert "about 3.00 USD a month for 2 copies, 13.97 USD until the end, 1.10 USD once for transfer" in together
    assert first.startswith("• copies (eu-west-1): about 2.00 USD a month, 1.97 USD until it ends, 0.20 USD once")
    assert last.startswith("• dr (eu-central-1): about 1.00 USD a month, 12.00 USD until it ends, 0.90 USD once")


def test_a_new_backup_and_its_copy_are_estimated_from_the_earlier_backup() -> None:
    together, backup, copy = told(NEW).split("\n")

    assert "about 3.00 USD a month for 2 backups" in together
    assert "and the size of the earlier backup;" in together
    assert backup == "• main (us-east-1), the new backup: about 1.00 USD a month, 1.15 USD until it ends"
    assert copy.startswith("• copies (eu-west-1): about 2.00 USD a month, 4.80 USD until it ends")


def test_a_source_that_loses_its_end_is_paid_for_as_well() -> None:
    together, source, copy = told(FOR_GOOD).split("\n")

    assert "about 3.00 USD a month for 2 backups, 0.20 USD once for transfer" in together
    assert source == (
        "• main (us-east-1), which loses its end: about 1.00 USD a month, 12.00 USD a year for as long as it is kept"
    )
    assert copy.startswith("• copies (eu-west-1): about 2.00 USD a month, 24.00 USD a year")


def test_what_an_earlier_step_has_made_by_then_asks_nobody_about_its_real_size() -> None:
    hop = ROUTE[1].params
    assert isinstance(hop, CopyParams)
    made = replace(hop, point=replace(hop.point, arn="arn:made", size_bytes=TEN.size_bytes + 1))

    before, now = cost_part(hop, PRICES), cost_part(made, PRICES)

    assert before
    assert changes(before, now) == ()


@pytest.mark.parametrize(
    "params",
    [
        BackUpParams(TEN.table_arn, TEN.vault, "role"),
        SetRetentionParams(TEN, Lifecycle(730)),
        SetRetentionParams(replace(TEN, delete_at=None), Lifecycle()),
        CreateVaultParams(COPIES, "orders", PROD),
    ],
)
def test_what_costs_nothing_more_or_nobody_knows_how_much_is_given_no_price(params: Params) -> None:
    assert fees_of(params, PRICES) is None


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("0", "0.00 USD"),
        ("0.004", "less than 0.01 USD"),
        ("0.005", "less than 0.01 USD"),
        ("1.005", "1.01 USD"),
        ("999.99", "999.99 USD"),
        ("2400", "2,400 USD"),
        ("1234567.5", "1,234,568 USD"),
    ],
)
def test_money_is_told_to_the_cent_and_large_sums_without(amount: str, words: str) -> None:
    assert money(Decimal(amount), "USD") == words


def priced(retention: Retention, *, keeps: int | None = 35) -> Priced:
    params = kept(retention, keeps=keeps)
    return Priced(params, fees(params.point, params.destination, PRICES))


@pytest.mark.parametrize(
    ("copy", "words"),
    [
        (priced(Retention(Keep.DAYS, 73)), "4.80 USD until it ends, 0.20 USD once for the transfer to eu-west-1"),
        (priced(Retention(Keep.DAYS, 365, 73)), "9.60 USD until it ends (part of it in cold storage)"),
        (priced(Retention(Keep.CENTURY)), "2,400 USD for the 100 years"),
        (priced(Retention(Keep.PERMANENT)), "24.00 USD a year for as long as it is kept"),
    ],
)
def test_an_estimate_says_month_whole_time_transfer_and_the_date_of_the_prices(copy: Priced, words: str) -> None:
    told = cost_lines([copy], NOW)

    assert told.startswith("*Estimated cost:* about 2.00 USD a month, ")
    assert words in told
    assert "list prices of 2026-11-01" in told


def test_several_copies_are_told_together_and_one_by_one() -> None:
    told = cost_lines([priced(Retention(Keep.DAYS, 73)), priced(Retention(Keep.CENTURY))], NOW)

    assert "about 4.00 USD a month for 2 copies, 2,405 USD until the end, 0.40 USD once for transfer" in told
    assert told.count("• copies (eu-west-1)") == 2


def of_table(name: str) -> Priced:
    params = replace(kept(Retention(Keep.DAYS, 73)), point=a_point(name))
    return Priced(params, fees(params.point, params.destination, PRICES))


def test_copies_of_several_tables_are_told_with_their_tables() -> None:
    told = cost_lines([of_table("orders"), of_table("customers")], NOW)

    assert [line.split(":")[0] for line in told.split("\n")[1:]] == [
        "• `orders` in copies (eu-west-1)",
        "• `customers` in copies (eu-west-1)",
    ]


def test_as_many_costs_are_told_one_by_one_as_slack_takes_and_the_rest_is_counted() -> None:
    told = cost_lines([of_table(f"{number:03}".ljust(255, "n")) for number in range(20)], NOW)

    lines = told.split("\n")
    assert len(told) <= 3_000
    assert lines[-1] == f"• and {20 - len(lines[1:-1])} more"
    assert "for 20 copies" in lines[0]


def test_where_one_copy_has_no_end_no_whole_is_told() -> None:
    told = cost_in_short([priced(Retention(Keep.DAYS, 73)), priced(Retention(Keep.PERMANENT))], NOW)

    assert told == "Estimated cost: about 4.00 USD a month for 2 copies, 0.40 USD once for transfer"


def test_without_copies_nothing_is_said() -> None:
    assert (cost_lines([], NOW), cost_in_short([], NOW)) == ("", "")
