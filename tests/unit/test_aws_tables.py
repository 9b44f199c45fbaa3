"""What Boto3Tables makes of long lists: every page is read, and one that comes twice passes for nothing."""

from collections.abc import Mapping
from typing import Any

from bot.aws.calls import Calls
from bot.aws.live_tables import Boto3Tables

PROD, US = "111111111111", "us-east-1"
Pages = dict[str, Mapping[str | None, Mapping[str, Any]]]
TABLE: Pages = {"DescribeTable": {None: {"Table": {"TableArn": f"arn:aws:dynamodb:{US}:{PROD}:table/orders"}}}}


class Told(Calls):
    """Calls that are answered from a script: by operation and by the token of the page that is asked for."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    def ask(
        self, account_id: str, region: str, operation: str, params: Mapping[str, object], **more: object
    ) -> Mapping[str, Any]:
        token = params.get("NextToken")
        assert token is None or isinstance(token, str)
        return self._pages.get(operation, {}).get(token, {})


def alarm(name: str, table: str = "orders") -> dict[str, Any]:
    return {"AlarmName": name, "StateValue": "OK", "Dimensions": [{"Name": "TableName", "Value": table}]}


def target(resource: str) -> dict[str, Any]:
    return {
        "ResourceId": resource,
        "ScalableDimension": "dynamodb:table:ReadCapacityUnits",
        "MinCapacity": 1,
        "MaxCapacity": 9,
    }


def policy(resource: str, percent: float) -> dict[str, Any]:
    return {**target(resource), "TargetTrackingScalingPolicyConfiguration": {"TargetValue": percent}}


def test_alarms_and_scaling_are_read_to_the_last_page() -> None:
    tables = Boto3Tables(
        Told(
            {
                **TABLE,
                "DescribeAlarms": {
                    None: {"MetricAlarms": [alarm("first"), alarm("other", "orders-2")], "NextToken": "p2"},
                    "p2": {"MetricAlarms": [], "NextToken": "p3"},
                    "p3": {"MetricAlarms": [alarm("last")]},
                },
                "DescribeScalableTargets": {
                    None: {"ScalableTargets": [target("table/orders-2")], "NextToken": "p2"},
                    "p2": {"ScalableTargets": [target("table/orders")]},
                },
                "DescribeScalingPolicies": {
                    None: {"ScalingPolicies": [policy("table/orders-2", 50)], "NextToken": "p2"},
                    "p2": {"ScalingPolicies": [policy("table/orders", 70)]},
                },
            }
        )
    )

    settings = tables.settings(PROD, US, "orders")

    assert [one.name for one in settings.alarms or ()] == ["first", "last"]
    assert [(rule.resource, rule.target_percent) for rule in settings.scaling] == [("table/orders", 70.0)]
    assert settings.unseen == {}


def test_what_only_tells_an_alarms_state_is_no_part_of_it() -> None:
    tables = Boto3Tables(Told({**TABLE, "DescribeAlarms": {None: {"MetricAlarms": [alarm("first")]}}}))

    (found,) = tables.settings(PROD, US, "orders").alarms or ()

    assert found.definition == {"AlarmName": "first", "Dimensions": [{"Name": "TableName", "Value": "orders"}]}


def test_alarms_that_auto_scaling_makes_for_itself_are_left_to_it() -> None:
    """They come back with the scaling policy; made by hand they would work against it."""
    own = "TargetTracking-table/orders-AlarmHigh-1a2b3c4d"
    tables = Boto3Tables(Told({**TABLE, "DescribeAlarms": {None: {"MetricAlarms": [alarm(own), alarm("mine")]}}}))

    assert [one.name for one in tables.settings(PROD, US, "orders").alarms or ()] == ["mine"]


def test_a_page_that_comes_twice_ends_the_reading_and_is_said() -> None:
    page = {"MetricAlarms": [alarm("first")], "NextToken": "p2"}
    tables = Boto3Tables(Told({**TABLE, "DescribeAlarms": {None: page, "p2": page}}))

    settings = tables.settings(PROD, US, "orders")

    assert settings.alarms is None
    assert settings.unseen == {"CloudWatch alarms": "AWS gave the same page twice."}
