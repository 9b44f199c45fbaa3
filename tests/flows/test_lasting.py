"""How long a copy is kept, page 3 of the walk: until a date, cold, for good, and what a vault's lock has to say."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.requests import RequestState
from bot.domain.steps import StepState
from bot.sandbox.aws.records import VaultLock
from bot.sandbox.worlds import BACKUP, PROD
from tests.flows.conftest import MakeTeam
from tests.flows.house import LEAN
from tests.flows.orders import approve, points, states, vault
from tests.flows.team import EU, REASON, US, Team
from tests.flows.walk import Walk

BERLIN = ZoneInfo("Europe/Berlin")


def keeping(team: Team, vault: str = "dr-vault") -> Walk:
    """Anna stands on the retention page, with her reason given."""
    return team.walk().open("orders").backup().next().destination(vault=vault).next().why(REASON)


def carried_out(team: Team, walk: Walk) -> str:
    known = set(team.house.request_ids())
    walk.next().send()
    walk.reads("is sent").person.close_modal()
    (request_id,) = set(team.house.request_ids()) - known
    approve(team, request_id)
    team.becomes(RequestState.COMPLETED, request_id)
    return request_id


def locked(team: Team, name: str, low: int | None, high: int | None) -> None:
    world = team.worlds.aws.world
    world.create_vault(BACKUP, EU, name, lock=(low, high))
    world.allow_copies_into(BACKUP, EU, name, PROD)
    team.later(minutes=1)


def in_days(team: Team, days: int) -> str:
    """A date so many days ahead, where Anna is."""
    return (team.clock.now() + timedelta(days=days)).astimezone(BERLIN).date().isoformat()


def source(team: Team) -> Any:
    return max(
        (point for point in points(team, US, "daily", PROD) if point.resource_name == "orders"),
        key=lambda point: point.created_at,
    )


def test_a_copy_lives_until_the_date_that_was_chosen_has_come_where_the_person_is(team: Team) -> None:
    walk, day = keeping(team), in_days(team, 120)
    walk.keep("Until a date").has("Until").date(day).reads("days from the backup's creation")

    carried_out(team, walk)

    (copy,) = points(team, EU, "dr-vault")
    end = copy.created_at + timedelta(days=copy.lifecycle.delete_after)
    assert end.astimezone(BERLIN).date().isoformat() == day


def test_a_date_that_is_over_is_refused_with_the_first_one_that_would_do(team: Team) -> None:
    walk = keeping(team).keep("Until a date").has("Until").date(in_days(team, -1))

    told = walk.refused()

    assert set(told) == {"Until"}
    assert "would already be over." in told["Until"]
    walk.date(told["Until"].split("Choose ")[1].split(" ")[0]).next()


def test_no_date_is_refused_at_its_field(team: Team) -> None:
    walk = keeping(team).keep("Until a date").has("Until")

    assert not walk.complete()


def test_a_copy_moves_to_cold_storage_after_so_many_days(team: Team) -> None:
    walk = keeping(team).keep("A number of days", 200).write("Cold storage after", "30")

    carried_out(team, walk)

    (copy,) = points(team, EU, "dr-vault")
    assert (copy.lifecycle.delete_after, copy.lifecycle.cold_after) == (200, 30)


def test_cold_storage_for_less_than_ninety_days_is_refused_with_the_latest_day_that_would_do(team: Team) -> None:
    walk = keeping(team).keep("A number of days", 100).write("Cold storage after", "30")

    told = walk.refused()

    assert set(told) == {"Cold storage after"}
    assert "Choose 10 or less, or keep the copy 120 days or more." in told["Cold storage after"]
    walk.write("Cold storage after", "10").next()


def test_a_lock_that_refuses_names_what_it_would_take_and_then_takes_it(team: Team) -> None:
    locked(team, "locked", 100, 400)
    walk = keeping(team, "locked").reads("The vault locked keeps copies 100 to 400 days (governance lock).")
    walk.keep("A number of days", 30)

    told = walk.refused()

    assert told == {"Days": "The vault keeps copies at least 100 days; this choice comes to 30 days. Choose 100."}
    walk.write("Days", "100")
    carried_out(team, walk)
    assert points(team, EU, "locked")[0].lifecycle.delete_after == 100


def test_a_lock_answers_a_date_with_a_date(team: Team) -> None:
    locked(team, "locked", 100, 400)
    walk = keeping(team, "locked").keep("Until a date").has("Until").date(in_days(team, 30))

    told = walk.refused()["Until"]

    assert "at least 100 days" in told
    assert "(100 days)" in told
    walk.date(told.split("Choose ")[1].split(" ")[0]).next()


def test_of_several_destinations_the_one_that_objects_is_named_and_the_proposal_fits_all(team: Team) -> None:
    locked(team, "at-least", 100, None)
    locked(team, "at-most", 50, 150)
    walk = team.walk().open("orders").backup().next().destination(vault="at-least")
    walk.press("Add another destination").reads("The copy goes to:").destination(vault="at-most").next().why(REASON)

    walk.keep("A number of days", 30)
    told = walk.refused()["Days"]
    assert told.startswith("backup · eu-west-1 · at-least: The vault keeps copies at least 100 days")
    assert told.endswith("Choose 100.")

    walk.write("Days", "200")
    told = walk.refused()["Days"]
    assert told.startswith("backup · eu-west-1 · at-most: ")
    assert told.endswith("Choose 150.")

    walk.write("Days", "120").next()


def test_destinations_that_no_number_of_days_fits_are_told_so(team: Team) -> None:
    locked(team, "long", 300, None)
    locked(team, "short", None, 50)
    walk = team.walk().open("orders").backup().next().destination(vault="long")
    walk.press("Add another destination").reads("The copy goes to:").destination(vault="short").next().why(REASON)

    walk.keep("A number of days", 100)

    assert "No number of days fits all destinations" in walk.refused()["Days"]


def test_a_source_is_made_permanent_and_its_copy_then_has_no_end_either(team: Team) -> None:
    walk = keeping(team).keep("Make the source permanent too").reads("First the end of the source backup is taken away")

    request_id = carried_out(team, walk)

    (change,) = team.aws_calls("UpdateRecoveryPointLifecycle")
    calls = [call.operation for call in team.worlds.aws.world.calls]
    assert (change.account, change.region) == (PROD, US)
    assert calls.index("UpdateRecoveryPointLifecycle") < calls.index("StartCopyJob")
    assert (source(team).lifecycle.delete_after, points(team, EU, "dr-vault")[0].lifecycle.delete_after) == (None, None)
    assert states(team, request_id) == [StepState.DONE, StepState.DONE]


def test_a_source_in_a_locked_vault_cannot_be_made_permanent_and_that_is_told(team: Team) -> None:
    vault(team, US, "daily", PROD).lock = VaultLock(1, 400)
    team.later(minutes=6)
    walk = team.walk().open("orders").backup().press("Refresh").reads("just now").next().destination().next()

    walk.reads("The source cannot be made permanent: The vault daily is locked")

    assert "Make the source permanent too" not in [one["text"]["text"] for one in walk.options("Keep the copy")]


def test_what_no_rule_covers_is_told_before_anybody_is_asked(make_team: MakeTeam) -> None:
    config = LEAN.replace("    needed: 1\n", "    needed: 1\n    when: {action: copy}\n")
    assert config != LEAN
    team = make_team(config=config)
    walk = keeping(team).keep("Make the source permanent too")

    assert "No approval rule covers a change of the source's retention" in walk.refused()["Keep the copy"]


def test_a_hundred_years_say_when_they_end_and_what_they_cost(team: Team) -> None:
    walk = keeping(team)

    (century,) = [one for one in walk.options("Keep the copy") if one["text"]["text"] == "100 years"]

    assert "36,500 days: until 21" in century["description"]["text"]
    assert "USD in all" in century["description"]["text"]


def test_prices_of_the_configuration_are_what_the_form_and_the_review_compute_with(make_team: MakeTeam) -> None:
    """A full vault's month is the rate times the size, so the sums tell which prices they come from."""
    prices = """\
prices:
  as_of: 2026-10-07
  currency: EUR
  usual: {warm: 7.00, cold: 3.00, transfer: 5.00}
  regions:
    eu-west-1: {warm: 2.00, cold: 1.00, transfer: 5.00}
"""
    team = make_team(config=LEAN + prices)
    books = team.worlds.aws.world.state.books(PROD, US)
    size = Decimal(books.vaults["daily"].points[team.newest_backup()].size_bytes) / 1024**3
    month, once = (f"{(size * rate).quantize(Decimal('0.01'))} EUR" for rate in (2, 5))
    walk = keeping(team)

    (century,) = [one for one in walk.options("Keep the copy") if one["text"]["text"] == "100 years"]
    walk.keep("100 years").why(REASON).next().reviewed()

    (in_all,) = re.findall(r"about ([\d,]+) EUR in all", century["description"]["text"])
    # 36,500 days are somewhat less than 1,200 months, and the backup is a day old.
    assert Decimal("0.999") < Decimal(in_all.replace(",", "")) / (size * 2 * 1200) <= 1
    assert f"about {month} a month, {in_all} EUR for the 100 years, {once} once for the transfer" in walk.text
    assert "list prices of 2026-10-07" in walk.text
    assert "USD" not in walk.text
