"""Digests of items, what a restore does not bring back, and what a drill makes of it."""

import json
import shlex
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.alarms import Alarm, watches
from bot.domain.drills import (
    PREFIX,
    DrillRule,
    DrillSeen,
    compare,
    drill_name,
    is_overdue,
    last_passed,
    rule_for,
)
from bot.domain.live_tables import Content, TableSettings, digest_of, not_brought_back
from tests.unit.fakes import NOW
from tests.unit.table_builders import ORDERS, SETTINGS, a_record

ARN = ORDERS.replace("orders", "orders-restored")


def test_equal_items_have_one_digest_however_dynamodb_orders_them() -> None:
    one = {
        "id": {"S": "1"},
        "tags": {"SS": ["a", "b"]},
        "blob": {"B": b"\x00\xff"},
        "map": {"M": {"x": {"NULL": True}}},
    }
    other = {
        "map": {"M": {"x": {"NULL": True}}},
        "blob": {"B": b"\x00\xff"},
        "tags": {"SS": ["b", "a"]},
        "id": {"S": "1"},
    }

    assert digest_of(one) == digest_of(other)
    assert digest_of(one) != digest_of({**one, "id": {"S": "2"}})
    assert digest_of(one, ["id"]) == digest_of({"id": {"S": "1"}})


def test_the_order_of_a_list_counts() -> None:
    assert digest_of({"l": {"L": [{"S": "a"}, {"S": "b"}]}}) != digest_of({"l": {"L": [{"S": "b"}, {"S": "a"}]}})


def test_each_thing_a_restore_loses_comes_with_a_command_that_a_shell_can_read() -> None:
    lacks = not_brought_back("orders-restored", "us-east-1", SETTINGS, ARN)

    assert [part.partition(" (")[0] for part, _ in lacks] == [
        "Tags",
        "Time to live",
        "Stream",
        "Point-in-time recovery",
        "Deletion protection",
        "Resource policy",
        "Auto scaling",
        "Auto scaling",
        "CloudWatch alarm orders-throttled",
    ]
    commands = [shlex.split(command) for _, command in lacks]
    assert all(words[0] == "aws" for words in commands)
    assert "Key=team,Value=it's us" in commands[0]
    assert SETTINGS.policy in commands[5]
    assert "table/orders-restored/index/by-day" in commands[7]
    assert commands[8][:3] == ["aws", "cloudwatch", "put-metric-alarm"]


def alarm_of(command: str) -> dict[str, Any]:
    """What a pasted command hands to CloudWatch."""
    definition: dict[str, Any] = json.loads(shlex.split(command)[-1])
    return definition


def test_an_alarm_is_made_again_for_the_new_table_and_the_old_one_keeps_its_own() -> None:
    (old,) = SETTINGS.alarms or ()

    ((part, command),) = not_brought_back("orders-restored", "us-east-1", TableSettings(alarms=(old,)), ARN)

    assert part == "CloudWatch alarm orders-throttled"
    dimensions = [{"Name": "TableName", "Value": "orders-restored"}, {"Name": "Operation", "Value": "PutItem"}]
    assert alarm_of(command) == {
        **old.definition, "AlarmName": "orders-restored-throttled", "Dimensions": dimensions
    }  # fmt: skip
    # A message shows commands between backticks.
    assert "`" not in command


def test_an_alarm_on_a_formula_follows_the_table_in_each_of_its_metrics() -> None:
    def metric(table: str) -> dict[str, Any]:
        return {"MetricStat": {"Metric": {"Dimensions": [{"Name": "TableName", "Value": table}]}, "Period": 60}}

    formula = {"Metrics": [metric("orders"), metric("customers"), {"Id": "e1", "Expression": "m1/m2"}]}
    assert watches(formula, "orders")
    assert not watches(formula, "order")

    moved = json.loads(Alarm("too-slow", "orders", formula).moved("orders-2"))

    assert moved["Metrics"] == [metric("orders-2"), metric("customers"), {"Id": "e1", "Expression": "m1/m2"}]
    assert moved["AlarmName"] == "too-slow-orders-2"


def test_a_table_back_under_its_own_name_is_watched_by_its_own_alarm() -> None:
    assert json.loads(Alarm("too-slow", "orders", {}).moved("orders")) == {"AlarmName": "too-slow"}


def test_the_name_of_an_alarm_is_no_longer_than_cloudwatch_takes() -> None:
    assert len(json.loads(Alarm("a" * 255, "orders", {}).moved("orders-2"))["AlarmName"]) == 255


def test_an_alarm_that_calls_what_is_elsewhere_says_so() -> None:
    there = ARN.replace("us-east-1", "eu-west-1")

    ((part, command),) = not_brought_back(
        "orders-restored", "eu-west-1", TableSettings(alarms=SETTINGS.alarms), there
    )  # fmt: skip

    assert part == "CloudWatch alarm orders-throttled (what it calls is elsewhere: change that first)"
    assert "--region eu-west-1" in command


def test_a_table_without_any_of_it_lacks_nothing() -> None:
    assert not_brought_back("orders", "us-east-1", TableSettings(), ORDERS) == ()


@pytest.mark.parametrize(
    ("found", "agrees", "lost"),
    [
        (Content(5, True, {"k1": "d1", "k2": "d2"}), True, False),
        (Content(4, True, {"k1": "d1", "k2": "d2"}), False, False),
        (Content(5, True, {"k1": "d1", "k2": "other"}), False, False),
        (Content(5, True, {"k1": "d1"}), False, False),
        (Content(5, True, {}), False, True),
        (Content(0, True, {}), False, True),
        (Content(5, False, {"k1": "d1"}), True, False),
    ],
    ids=["equal", "fewer", "changed", "one missing", "all missing", "empty", "not read to the end"],
)
def test_a_restored_table_is_judged_by_count_and_sample(found: Content, agrees: bool, lost: bool) -> None:
    comparison = compare(found, a_record(), "record")

    assert (comparison.agrees, comparison.is_lost) == (agrees, lost)


def test_a_count_that_dynamodb_only_guessed_decides_nothing() -> None:
    assert compare(Content(7, True, {"k1": "d1", "k2": "d2"}), a_record(is_exact=False), "record").agrees


def test_without_a_record_there_is_nothing_to_compare_with() -> None:
    assert compare(Content(5, True), None, "nothing").expected is None


def test_a_drills_table_has_a_name_that_dynamodb_takes() -> None:
    name = drill_name("t" * 255, "1a2b3c4d")

    assert len(name) == 255
    assert name.startswith(PREFIX)
    assert name.endswith("-1a2b3c4d")


def seen(passed_days_ago: int | None, *, arn: str = ORDERS) -> DrillSeen:
    passed = None if passed_days_ago is None else NOW - timedelta(days=passed_days_ago)
    return DrillSeen("CB-1", arn, NOW - timedelta(days=99), passed, False)


@pytest.mark.parametrize(
    ("drills", "overdue"),
    [([], True), ([seen(None)], True), ([seen(89)], False), ([seen(90)], True), ([seen(100), seen(2)], False)],
)
def test_a_drill_is_overdue_when_none_was_passed_within_its_time(drills: list[DrillSeen], overdue: bool) -> None:
    assert is_overdue(drills, ORDERS, DrillRule("orders", timedelta(days=90)), NOW) is overdue


def test_the_drills_of_another_table_of_that_name_do_not_count() -> None:
    assert last_passed([seen(1, arn=ORDERS.replace("us-east-1", "eu-west-1"))], ORDERS) is None


def test_the_first_rule_that_fits_decides() -> None:
    rules = [DrillRule("orders-*", timedelta(days=30)), DrillRule("*", timedelta(days=365))]

    assert rule_for("orders-eu", rules) is rules[0]
    assert rule_for("users", rules) is rules[1]
    assert rule_for("users", rules[:1]) is None
