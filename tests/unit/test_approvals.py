"""Who may decide: the first rule that matches, each kind of person, how many are missing."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.approvals import CopyFacts, Rule, Ruling, first_match
from bot.domain.deciders import approvals_missing, may_decide
from bot.domain.people import Actor, Person
from tests.unit.builders import ANNA
from tests.unit.fakes import HOME

FACTS = CopyFacts("prod", "backup", "eu-west-1", "orders-eu", source_region="us-east-1")
BEN = Person("U0BEN", HOME)
APPROVERS = frozenset({"U0BEN", "U0ANNA"})


def rule(name: str, **when: str) -> Rule:
    return Rule(approvers=(name,), when=tuple(when.items()))


@pytest.mark.parametrize(
    "when",
    [
        {},
        {"table": "orders-*"},
        {"table": "orders-?u"},
        {"table": "*"},
        {"destination_account": "backup", "destination_region": "eu-*"},
        {"source_account": "prod"},
        {"source_region": "us-east-1"},
        {"source_region": "us-*", "destination_region": "eu-*"},
        {"action": "copy"},
    ],
)
def test_a_rule_matches_when_all_its_patterns_do(when: dict[str, str]) -> None:
    assert first_match([rule("U0BEN", **when)], FACTS) == rule("U0BEN", **when)


@pytest.mark.parametrize(
    "when",
    [
        {"table": "orders"},
        {"table": "Orders-*"},
        {"table": "orders-*", "destination_account": "prod"},
        {"action": "restore"},
        {"destination_region": "eu-west-?1"},
        {"source_account": "backup"},
        {"source_account": "pro"},
        {"source_region": "eu-west-1"},
        {"source_region": "us-east-?1"},
    ],
)
def test_a_rule_does_not_match_when_one_pattern_does_not(when: dict[str, str]) -> None:
    assert first_match([rule("U0BEN", **when)], FACTS) is None


@pytest.mark.parametrize(
    ("days", "who"),
    [(90, "U0WIDE"), (3_649, "U0WIDE"), (3_650, "U0LONG"), (36_500, "U0LONG"), (math.inf, "U0LONG"), (None, "U0LONG")],
)
def test_how_long_it_is_kept_decides_whose_rule_it_is(days: float | None, who: str) -> None:
    rules = [rule("U0LONG", retention=">=3650d"), rule("U0WIDE")]

    assert first_match(rules, replace(FACTS, retention=days)) == rules[who == "U0WIDE"]


def test_the_first_rule_that_matches_decides() -> None:
    narrow, wide = rule("U0NARROW", table="orders-*"), rule("U0WIDE")

    assert first_match([narrow, wide], FACTS) is narrow
    assert first_match([wide, narrow], FACTS) is wide
    assert first_match([narrow, wide], replace(FACTS, table="users")) is wide


def test_without_a_rule_that_matches_nobody_may() -> None:
    assert first_match([], FACTS) is None
    assert first_match([rule("U0BEN", table="users")], FACTS) is None


def judged(person: Person, *, allow_self: bool = False, requester: Actor = ANNA) -> str:
    ruling = Ruling(approvers=("S0ADMINS",), allow_self=allow_self)
    answer = may_decide(person, requester=requester, home_team=HOME, ruling=ruling, approvers=APPROVERS)
    assert answer.allowed == (not answer.sentence)
    return answer.sentence


def test_an_approver_of_the_home_workspace_may_decide() -> None:
    assert judged(BEN) == ""


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"is_bot": True}, "Bots cannot decide about a request."),
        ({"is_deactivated": True}, "This account is deactivated."),
        ({"is_guest": True}, "Guests cannot decide about a request."),
        ({"team_id": "T0PARTNER"}, "Only people of the workspace that owns this bot can decide about a request."),
        ({"team_id": ""}, "Only people of the workspace that owns this bot can decide about a request."),
        ({"user_id": "U0DORA"}, "You are not one of the approvers of this request."),
    ],
)
def test_a_stranger_may_not_decide_and_reads_why(change: dict[str, str | bool], sentence: str) -> None:
    assert judged(replace(BEN, **change)) == sentence  # type: ignore[arg-type]  # fields of a Person


@pytest.mark.parametrize("change", [{"is_bot": True}, {"is_deactivated": True}, {"is_guest": True}])
def test_self_approval_never_lets_a_stranger_in(change: dict[str, bool]) -> None:
    anna = replace(Person("U0ANNA", HOME), **change)  # type: ignore[arg-type]  # fields of a Person

    assert judged(anna, allow_self=True) != ""


def test_who_asked_may_decide_only_when_the_rule_says_so() -> None:
    anna = Person("U0ANNA", HOME)

    assert judged(anna) == "You asked for this, so somebody else has to decide about it."
    assert judged(anna, allow_self=True) == ""


def test_self_approval_still_takes_an_approver() -> None:
    dora = Person("U0DORA", HOME)

    assert judged(dora, allow_self=True, requester=Actor("U0DORA", HOME)) == (
        "You are not one of the approvers of this request."
    )


@given(st.integers(1, 10), st.lists(st.sampled_from(["U1", "U2", "U3", "U4"])))
def test_each_person_counts_once(needed: int, given_by: list[str]) -> None:
    missing = approvals_missing(needed, given_by)

    assert missing == approvals_missing(needed, sorted(set(given_by)))
    assert 0 <= missing <= needed
    assert (missing == 0) == (len(set(given_by)) >= needed)
