"""Rules by size, retention and finality; what several rules ask for together; which rules never decide."""

import math
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.approvals import CopyFacts, Escalation, Rule, Ruling, Stage, all_of, first_match, with_help
from bot.domain.calls import call_of, first_call
from bot.domain.conditions import CENTURY, days_fit, size_fits
from bot.domain.deciders import can_be_fulfilled, open_stage, stages_now
from bot.domain.rule_check import rule_warnings
from bot.domain.rule_facts import facts_of
from tests.unit.builders import BEN, CHRIS, a_decision, a_point, a_request, some_params
from tests.unit.fakes import NOW

GB = 1024**3
FACTS = CopyFacts("prod", "backup", "eu-west-1", "orders", size=200 * GB, retention=90)


def rule(*approvers: str, **when: str) -> Rule:
    return Rule(approvers or ("U0BEN",), when=tuple(when.items()))


@pytest.mark.parametrize(
    ("condition", "size", "fits"),
    [
        (">100GB", 100 * GB, False),
        (">100GB", 100 * GB + 1, True),
        (">=100GB", 100 * GB, True),
        ("<1.5TB", 1536 * GB, False),
        ("<=1.5TB", 1536 * GB, True),
        (">100GB", None, True),
        ("<100GB", None, False),
    ],
)
def test_a_size_is_compared_and_an_unknown_one_takes_the_stricter_rule(
    condition: str, size: int | None, fits: bool
) -> None:
    assert size_fits(condition, size) is fits


@pytest.mark.parametrize(
    ("condition", "days", "fits"),
    [
        (">=3650d", 3650, True),
        (">10y", 3650, False),
        (">=3650d", math.inf, True),
        ("<30d", math.inf, False),
        ("permanent", CENTURY, True),
        ("permanent", math.inf, True),
        ("permanent", CENTURY - 1, False),
        ("permanent", None, True),
        ("<30d", None, False),
    ],
)
def test_a_retention_is_compared_and_no_end_is_longer_than_any(condition: str, days: float | None, fits: bool) -> None:
    assert days_fit(condition, days) is fits


@pytest.mark.parametrize("condition", ["100GB", ">100XB", "> ", ">=d", "forever", ""])
def test_what_is_no_comparison_is_refused(condition: str) -> None:
    with pytest.raises(ValueError, match=r"comparison|unit"):
        size_fits(condition, 1)
    with pytest.raises(ValueError, match=r"comparison|unit"):
        days_fit(condition, 1)


def test_a_rule_of_its_own_for_what_cannot_be_undone() -> None:
    strict, usual = rule("S0SEC", irreversible="true"), rule("S0DBA")

    assert first_match([strict, usual], FACTS) is usual
    assert first_match([strict, usual], replace(FACTS, irreversible=True)) is strict


def test_facts_are_read_off_the_steps() -> None:
    (facts,) = facts_of([some_params(a_point(size=3 * GB))], [True], lambda account: f"account {account[0]}")

    assert (facts.source_account, facts.source_region) == ("account 1", "us-east-1")
    assert (facts.destination_account, facts.destination_vault) == ("account 2", "copies")
    assert (facts.size, facts.retention, facts.irreversible) == (3 * GB, 90, True)


def test_a_plan_under_several_rules_needs_all_of_them_and_the_strictest_of_each() -> None:
    one = Rule(("S0DBA",), needed=2, allow_self=True, expires_after=timedelta(hours=8), break_glass=("U0DORA",))
    two = Rule(("S0SEC",), expires_after=timedelta(hours=2), askers=(("S0DEV",),))

    both = all_of([one, two, one])

    assert both.stages == (Stage(("S0DBA",), 2), Stage(("S0SEC",), 1))
    assert (both.allow_self, both.expires_after) == (False, timedelta(hours=2))
    assert (both.break_glass, both.askers) == ((), (("S0DEV",),))


def test_what_a_stage_asks_for_anyway_is_not_asked_twice() -> None:
    few, many = Rule(("S0DBA",)), Rule(("S0DBA",), needed=2)

    assert all_of([few, many]).stages == all_of([many, few]).stages == (Stage(("S0DBA",), 2),)
    assert all_of([many, Rule(("S0DBA", "S0SEC"))]).stages == (Stage(("S0DBA",), 2),)


def test_stages_are_complete_one_after_the_other() -> None:
    ruling = Ruling(("S0DBA",), then=(Stage(("S0SEC",), 2),))
    first = a_decision(BEN)
    second = replace(a_decision(CHRIS), stage=1)

    assert open_stage(ruling, ()) == 0
    assert open_stage(ruling, (first,)) == 1
    assert [now.missing for now in stages_now(ruling, (first, second))] == [0, 1]


def test_nobody_counts_in_two_stages_when_people_are_counted_beforehand() -> None:
    one, two = Stage(("S0DBA",)), Stage(("S0SEC",))

    assert can_be_fulfilled((one, two), {one: frozenset("AB"), two: frozenset("A")})
    assert not can_be_fulfilled((one, two), {one: frozenset("A"), two: frozenset("A")})


def test_help_may_approve_in_every_stage() -> None:
    ruling = Ruling(("S0DBA",), then=(Stage(("S0SEC",)),), escalate_to=("S0OPS", "S0DBA"))

    assert [stage.approvers for stage in with_help(ruling).stages] == [("S0DBA", "S0OPS"), ("S0SEC", "S0OPS", "S0DBA")]


def test_a_stage_that_was_complete_before_help_was_called_stays_as_it_was_decided() -> None:
    ruling = Ruling(("U0BEN",), then=(Stage(("U0CHRIS",)),), escalate_to=("U0DORA",))
    called = replace(a_request(ruling=ruling), escalated_at=NOW + timedelta(hours=2))
    before = replace(called, decisions=(replace(a_decision(BEN), at=NOW + timedelta(hours=1)),))
    # Whoever decides later may have been the one who was called.
    since = replace(called, decisions=(replace(a_decision(BEN), at=NOW + timedelta(hours=3)),))

    assert [stage.approvers for stage in before.standing.stages] == [("U0BEN",), ("U0CHRIS", "U0DORA")]
    assert [stage.approvers for stage in since.standing.stages] == [("U0BEN", "U0DORA"), ("U0CHRIS", "U0DORA")]


@pytest.mark.parametrize(
    ("rules", "warned"),
    [
        ([rule(table="orders-*"), rule()], []),
        ([rule(), rule(table="x")], ["approvals[1] is never reached"]),
        ([rule(table="orders-*"), rule(table="orders-eu")], ["approvals[1] is never reached"]),
        ([rule(size=">10GB"), rule(size=">100GB")], ["approvals[1] is never reached"]),
        ([rule(size=">100GB"), rule(size=">10GB")], []),
        ([rule(retention=">=3650d"), rule(retention="permanent")], ["approvals[1] is never reached"]),
        ([rule(size="<1GB"), rule(size=">1GB")], []),
        ([rule(table="orders-*"), rule(destination_account="backup")], ["approvals[0] and approvals[1] overlap"]),
        ([rule(table="a*"), rule(table="*b")], ["approvals[0] and approvals[1] overlap"]),
        ([rule(table="a*"), rule(table="b*")], []),
        ([rule(irreversible="true"), rule(irreversible="false")], []),
    ],
)
def test_rules_that_never_decide_or_overlap_are_warned_of(rules: list[Rule], warned: list[str]) -> None:
    told = list(rule_warnings(rules))

    assert len(told) == len(warned)
    assert all(text.startswith(start) for text, start in zip(told, warned, strict=True))


def test_reminders_come_with_growing_gaps_until_the_end() -> None:
    ruling = Ruling(("S0DBA",), remind_seconds=3_600)
    request = replace(a_request(ruling=ruling), opened_at=NOW, answer_by=NOW + timedelta(hours=10))
    at, hours = first_call(ruling, NOW, request.answer_by), []
    while at is not None:
        hours.append((at - NOW) / timedelta(hours=1))
        call = call_of(replace(request, call_at=at), at)
        assert call.remind
        request, at = replace(request, reminders=call.reminders), call.next_at

    assert hours == [1, 3, 7]


def test_a_bot_that_was_away_reminds_once() -> None:
    request = replace(a_request(ruling=Ruling(("S0DBA",), remind_seconds=60)), opened_at=NOW)

    call = call_of(request, NOW + timedelta(hours=2))

    assert (call.remind, call.reminders) == (True, 6)
    assert call.next_at == NOW + timedelta(minutes=127)


def test_help_is_called_after_silence_and_only_once() -> None:
    ruling = Ruling(("S0DBA",), needed=2, escalate_seconds=7_200, escalate_to=("S0OPS",))
    request = replace(a_request(ruling=ruling), opened_at=NOW)
    answered = replace(request, decisions=(replace(a_decision(BEN), at=NOW + timedelta(hours=1)),))

    assert call_of(request, NOW + timedelta(hours=2)).escalate
    assert not call_of(answered, NOW + timedelta(hours=2)).escalate
    assert call_of(answered, NOW + timedelta(hours=2)).next_at == NOW + timedelta(hours=3)
    assert not call_of(replace(request, escalated_at=NOW), NOW + timedelta(hours=5)).escalate


@given(st.integers(1, 3), st.integers(1, 3), st.sets(st.sampled_from("ABCD")), st.sets(st.sampled_from("ABCD")))
def test_counting_people_agrees_with_halls_theorem(first: int, second: int, some: set[str], others: set[str]) -> None:
    one, two = Stage(("S0ONE",), first), Stage(("S0TWO",), second)

    enough = len(some) >= first and len(others) >= second and len(some | others) >= first + second

    assert can_be_fulfilled((one, two), {one: frozenset(some), two: frozenset(others)}) is enough


def test_an_escalation_is_kept_only_where_all_rules_share_it() -> None:
    help_ = Escalation(timedelta(hours=1), ("S0OPS",))

    assert all_of([replace(rule("S0A"), escalate=help_), replace(rule("S0B"), escalate=help_)]).escalate == help_
    assert all_of([replace(rule("S0A"), escalate=help_), rule("S0B")]).escalate is None
