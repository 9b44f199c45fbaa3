"""How long copies are kept: whatever is refused, what is proposed instead is taken, by every destination."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.backups import Vault, VaultKind
from bot.domain.drafts import UNTIL, Form
from bot.domain.errors import BadInput
from bot.domain.params import CopyParams
from bot.domain.retention import MAX_DAYS, Keep, Retention
from bot.workflows.choosing import retention_of, zone_of
from bot.workflows.lasting import Lasting, check_lasting
from tests.unit.builders import COPIES, ROLE, a_point, a_vault
from tests.unit.fakes import NOW

ZONES = ("UTC", "Europe/Berlin", "Pacific/Kiritimati", "Pacific/Niue")
NUMBER = re.compile(r"Choose ([0-9,]+)")
DAY = re.compile(r"Choose (\d{4}-\d\d-\d\d) \(")
limits = st.one_of(st.none(), st.integers(1, MAX_DAYS))


@st.composite
def vaults(draw: st.DrawFn) -> Vault:
    least, most = draw(limits), draw(limits)
    if least and most and least > most:
        least, most = most, least
    return replace(a_vault(COPIES, least=least, most=most), locked=bool(least or most))


def refusal(form: Form, held: list[Vault], age: int, zone: str) -> BadInput | None:
    """What is said against keeping a backup of this age (days) so in all these vaults."""
    point = a_point(made=NOW - timedelta(days=age), keeps=None)
    kept = retention_of(form, point, zone_of(zone))
    assert kept is not None
    copies = [Lasting(CopyParams(point, COPIES, kept, ROLE), vault) for vault in held]
    try:
        check_lasting(form, copies, zone, NOW)
    except BadInput as problem:
        return problem
    return None


@given(st.integers(0, MAX_DAYS * 2), st.lists(vaults(), min_size=1, max_size=5), st.integers(0, 500))
def test_a_number_that_is_proposed_is_taken_by_all(days: int, held: list[Vault], age: int) -> None:
    form = Form(keep=Keep.DAYS, days=str(days))
    problem = refusal(form, held, age, "UTC")
    if problem is None or "No number of days fits" in problem.sentence:
        return

    found = NUMBER.search(problem.sentence)

    assert problem.field == "days"
    assert found is not None
    assert refusal(replace(form, days=found[1].replace(",", "")), held, age, "UTC") is None


@given(
    st.dates(date(2026, 1, 1), date(2200, 1, 1)),
    st.lists(vaults(), min_size=1, max_size=5),
    st.integers(0, 500),
    st.sampled_from(ZONES),
)
def test_a_date_that_is_proposed_is_taken_by_all(day: date, held: list[Vault], age: int, zone: str) -> None:
    form = Form(keep=UNTIL, until=day.isoformat())
    problem = refusal(form, held, age, zone)
    if problem is None or "No number of days fits" in problem.sentence:
        return

    found = DAY.search(problem.sentence)

    assert problem.field == "until"
    assert found is not None
    assert refusal(replace(form, until=found[1]), held, age, zone) is None


@given(st.integers(1, MAX_DAYS), st.integers(1, MAX_DAYS), st.integers(0, 500))
def test_a_day_of_cold_storage_that_is_proposed_is_taken(days: int, cold: int, age: int) -> None:
    form = Form(keep=Keep.DAYS, days=str(days), cold=str(cold))
    problem = refusal(form, [a_vault()], age, "UTC")
    found = NUMBER.search(problem.sentence) if problem and problem.field == "cold" else None
    if found is None:
        return

    again = refusal(replace(form, cold=found[1].replace(",", "")), [a_vault()], age, "UTC")

    assert again is None


@pytest.mark.parametrize(
    ("form", "age", "words"),
    [
        (Form(keep=UNTIL, until="2020-01-01"), 3, "A copy until 2020-01-01 would already be over. Choose"),
        (Form(keep=UNTIL, until="9999-12-31"), 3, "36,500 days at most, and 9999-12-31 is later than that. Choose"),
        (Form(keep=UNTIL, until="2026-11-20", cold="25"), 3, "(115 days). Cold storage is why: it begins after 25"),
        (Form(keep=Keep.DAYS, days="3", cold="25"), 3, "Choose 115 or more. Cold storage is why"),
        (Form(keep=Keep.DAYS, days="3", cold="25"), 0, "or keep the copy 115 days or more."),
        (Form(keep=Keep.DAYS, days="96", cold="25"), 0, "Choose 6 or less, or keep the copy 115 days or more."),
        (Form(keep=Keep.DAYS, days="36500", cold="36499"), 0, "Choose 36,410 or less."),
    ],
)
def test_what_is_wrong_is_said_by_its_name(form: Form, age: int, words: str) -> None:
    problem = refusal(form, [a_vault()], age, "UTC")

    assert problem is not None
    assert words in problem.sentence


def test_a_wish_for_less_than_the_least_does_not_blame_cold_storage_that_has_no_part_in_it() -> None:
    problem = refusal(Form(keep=Keep.DAYS, days="1", cold="2"), [a_vault()], 200, "UTC")

    assert problem is not None
    assert "Cold storage" not in problem.sentence


@pytest.mark.parametrize(
    ("keep", "vault", "words"),
    [
        (Keep.AS_SOURCE, a_vault(least=100), "at least 100 days; this choice comes to 35 days"),
        (Keep.AS_SOURCE, a_vault(least=100), "The nearest that is allowed is a number of days: 100."),
        (Keep.CENTURY, a_vault(most=400), "The nearest that is allowed is a number of days: 400."),
        (Keep.PERMANENT, a_vault(most=400), "this copy would have no end"),
        (Keep.AS_SOURCE, Vault(COPIES, kind=VaultKind.AIR_GAPPED, min_days=60, max_days=90), "at least 60 days"),
    ],
)
def test_a_choice_without_a_number_is_answered_with_one(keep: Keep, vault: Vault, words: str) -> None:
    copy = Lasting(CopyParams(a_point(), COPIES, Retention(keep), ROLE), vault)

    with pytest.raises(BadInput) as problem:
        check_lasting(Form(keep=keep), [copy], "UTC", NOW)

    assert problem.value.field == "keep"
    assert words in problem.value.sentence


def test_an_air_gapped_vault_has_no_cold_storage() -> None:
    vault = Vault(COPIES, kind=VaultKind.AIR_GAPPED, min_days=7, max_days=400)
    copy = Lasting(CopyParams(a_point(), COPIES, Retention(Keep.DAYS, 200, 30), ROLE), vault, "there: ")

    with pytest.raises(BadInput, match="there: A logically air-gapped vault has no cold storage"):
        check_lasting(Form(keep=Keep.DAYS, days="200", cold="30"), [copy], "UTC", NOW)
