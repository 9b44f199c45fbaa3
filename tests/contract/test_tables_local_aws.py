"""The ports for tables, restores and plans, held against the local AWS by boto3."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import boto3
import pytest

from bot.aws.live_tables import Boto3Tables
from bot.aws.plans import Boto3Plans
from bot.aws.restores import Boto3Restores
from bot.domain.backup_plans import BackupPlan, Change, changed
from bot.domain.backups import Lifecycle
from bot.domain.errors import BackupsDenied, BackupsMissing, BackupsRefused
from bot.domain.keeping import Errand
from bot.domain.live_tables import ScalingRule, TableSettings
from bot.domain.restores import Encryption, RestoreOrder, RestoreState
from bot.sandbox.aws import LocalAws, access_key
from bot.sandbox.clock import WorldClock
from tests.contract.backups_worlds import COPIES, DAILY, NOON, PROD, US, AwsBackupsWorld, local_aws, point_to

__all__ = ["local_aws"]

ERRAND = Errand("CB-1", "U0BEN")
ITEMS = [{"id": f"o-{number}", "parts": {"a", "b"}} for number in range(30)]


@dataclass
class Desk:
    world: AwsBackupsWorld
    tables: Boto3Tables
    restores: Boto3Restores
    plans: Boto3Plans


@pytest.fixture
def desk(local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    local_aws.reset(WorldClock(NOON, speed=0))
    point_to(local_aws, monkeypatch)
    opened = AwsBackupsWorld(local_aws.world)
    calls = opened.backups.calls
    yield Desk(opened, Boto3Tables(calls), Boto3Restores(calls), Boto3Plans(calls))
    opened.backups.close()
    local_aws.world.faults.clear()


def test_a_table_is_read_and_one_that_is_not_there_is_none(desk: Desk, local_aws: LocalAws) -> None:
    arn = local_aws.world.create_table(PROD.id, US, "orders", ITEMS)

    table = desk.tables.table(PROD.id, US, "orders")

    assert table is not None
    assert (table.arn, table.items, table.keys) == (arn, 30, ("id",))
    assert desk.tables.table(PROD.id, US, "users") is None


def test_settings_are_read_and_what_may_not_be_read_is_named(desk: Desk, local_aws: LocalAws) -> None:
    local_aws.world.create_table(PROD.id, US, "orders", ITEMS, tags={"team": "checkout"})
    local_aws.world.faults.deny(PROD.id, "DescribeTimeToLive")

    settings = desk.tables.settings(PROD.id, US, "orders")

    assert settings.tags == {"team": "checkout"}
    assert "not authorized to perform: dynamodb:DescribeTimeToLive" in settings.unseen["time to live"]
    with pytest.raises(BackupsMissing):
        desk.tables.settings(PROD.id, US, "users")


def client(service: str, region: str = US) -> Any:
    """A client of whoever looks after PROD."""
    return boto3.client(
        service, region_name=region, aws_access_key_id=access_key(PROD.id), aws_secret_access_key="testing"
    )  # fmt: skip


def put_alarm(name: str, table: str, **more: Any) -> None:
    client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        AlarmDescription="Somebody is paged",
        AlarmActions=[f"arn:aws:sns:{US}:{PROD.id}:on-call"],
        **ON_READS,
        Dimensions=[{"Name": "TableName", "Value": table}],
        **more,
    )


ON_READS: dict[str, Any] = {
    "MetricName": "ConsumedReadCapacityUnits",
    "Namespace": "AWS/DynamoDB",
    "Statistic": "Sum",
    "Period": 60,
    "EvaluationPeriods": 3,
    "Threshold": 10.5,
    "ComparisonOperator": "GreaterThanThreshold",
    "TreatMissingData": "notBreaching",
}


def set_up_fully() -> str:
    """A table with all that a restore does not bring back; its resource policy."""
    tables = client("dynamodb")
    tables.create_table(
        TableName="orders",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        DeletionProtectionEnabled=True,
        Tags=[{"Key": "team", "Value": "checkout"}],
    )
    arn = tables.describe_table(TableName="orders")["Table"]["TableArn"]
    tables.update_time_to_live(
        TableName="orders", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
    )
    tables.update_continuous_backups(
        TableName="orders",
        PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 14},
    )
    policy = json.dumps({"Version": "2012-10-17", "Statement": []})
    tables.put_resource_policy(ResourceArn=arn, Policy=policy)
    scale("table/orders", "dynamodb:table:ReadCapacityUnits", percent=70)
    scale("table/orders/index/by-day", "dynamodb:index:WriteCapacityUnits")
    scale("table/orders-2", "dynamodb:table:ReadCapacityUnits")
    return policy


def scale(resource: str, dimension: str, *, percent: float | None = None) -> None:
    what = {"ServiceNamespace": "dynamodb", "ResourceId": resource, "ScalableDimension": dimension}
    scaling = client("application-autoscaling")
    scaling.register_scalable_target(**what, MinCapacity=5, MaxCapacity=100)
    if percent is not None:
        scaling.put_scaling_policy(
            **what,
            PolicyName="follow",
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration={
                "TargetValue": percent,
                "PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"},
            },
        )


def test_every_setting_of_a_table_is_read_as_aws_has_it(desk: Desk) -> None:
    policy = set_up_fully()
    put_alarm("orders-reads", "orders")
    put_alarm("others-reads", "orders-2")
    query = {"Metric": {"Namespace": "AWS/DynamoDB", "MetricName": "SystemErrors", "Dimensions": OF_ORDERS}}
    formula = [{"Id": "m1", "MetricStat": {**query, "Period": 60, "Stat": "Sum"}, "ReturnData": True}]
    client("cloudwatch").put_metric_alarm(
        AlarmName="formula", Metrics=formula, EvaluationPeriods=1, ComparisonOperator="GreaterThanThreshold",
        Threshold=1.0,
    )  # fmt: skip

    settings = desk.tables.settings(PROD.id, US, "orders")

    assert replace(settings, alarms=None) == TableSettings(
        tags={"team": "checkout"},
        ttl_attribute="expires",
        stream="NEW_IMAGE",
        pitr=True,
        pitr_days=14,
        deletion_protection=True,
        policy=policy,
        scaling=(
            ScalingRule("table/orders", "dynamodb:table:ReadCapacityUnits", 5, 100, 70.0),
            ScalingRule("table/orders/index/by-day", "dynamodb:index:WriteCapacityUnits", 5, 100),
        ),
    )
    alarms = {alarm.name: alarm for alarm in settings.alarms or ()}
    assert set(alarms) == {"orders-reads", "formula"}
    told = alarms["orders-reads"].definition
    assert {key: told[key] for key in ON_READS} == ON_READS
    assert told["Dimensions"] == OF_ORDERS
    assert told["AlarmActions"] == [f"arn:aws:sns:{US}:{PROD.id}:on-call"]


OF_ORDERS = [{"Name": "TableName", "Value": "orders"}]


def test_the_command_for_an_alarm_makes_it_again_in_cloudwatch(desk: Desk, local_aws: LocalAws) -> None:
    """What is pasted is taken by AWS's own model of the call, and gives the new table the same alarm."""
    set_up_fully()
    put_alarm("orders-reads", "orders")
    (alarm,) = desk.tables.settings(PROD.id, US, "orders").alarms or ()

    client("cloudwatch").put_metric_alarm(**json.loads(alarm.moved("orders-back")))

    local_aws.world.create_table(PROD.id, US, "orders-back")
    (again,) = desk.tables.settings(PROD.id, US, "orders-back").alarms or ()
    changed_parts = {"AlarmName", "Dimensions"}
    assert again.name == "orders-back-reads"
    assert {key: value for key, value in again.definition.items() if key not in changed_parts} == {
        key: value for key, value in alarm.definition.items() if key not in changed_parts
    }


def test_alarms_and_scaling_of_a_busy_account_are_read_beyond_the_first_page(desk: Desk, local_aws: LocalAws) -> None:
    local_aws.world.create_table(PROD.id, US, "orders", ITEMS)
    # moto pages what scales by fifty, and gives a third page the token of the second.
    for number in range(60):
        put_alarm(f"others-{number}", f"other-{number}")
        scale(f"table/other-{number}", "dynamodb:table:ReadCapacityUnits")
    put_alarm("z-orders", "orders")
    scale("table/orders", "dynamodb:table:ReadCapacityUnits")

    settings = desk.tables.settings(PROD.id, US, "orders")

    assert [alarm.name for alarm in settings.alarms or ()] == ["z-orders"]
    assert [rule.resource for rule in settings.scaling] == ["table/orders"]


def test_alarms_that_may_not_be_read_are_named_and_not_taken_for_none(desk: Desk, local_aws: LocalAws) -> None:
    local_aws.world.create_table(PROD.id, US, "orders", ITEMS)
    local_aws.world.faults.deny(PROD.id, "DescribeAlarms")

    settings = desk.tables.settings(PROD.id, US, "orders")

    assert settings.alarms is None
    assert "not authorized to perform: cloudwatch:DescribeAlarms" in settings.unseen["CloudWatch alarms"]


def test_a_sample_and_a_count_see_the_same_items(desk: Desk, local_aws: LocalAws) -> None:
    local_aws.world.create_table(PROD.id, US, "orders", ITEMS)

    sample = desk.tables.sample(PROD.id, US, "orders", most=10)
    content = desk.tables.content(PROD.id, US, "orders", pages=5, wanted=frozenset(sample.digests))

    assert (sample.count, sample.complete, len(sample.digests)) == (10, False, 10)
    assert (content.count, content.complete) == (30, True)
    assert content.digests == sample.digests


def test_a_table_is_tagged_and_deleted(desk: Desk, local_aws: LocalAws) -> None:
    arn = local_aws.world.create_table(PROD.id, US, "scratch")

    desk.tables.tag(arn, "copy-backup:drill", "CB-1", ERRAND)
    assert desk.tables.tags(arn) == {"copy-backup:drill": "CB-1"}
    desk.tables.delete(PROD.id, US, "scratch", ERRAND)
    # Both changes are made in the name of whoever approved the drill, for CloudTrail to show.
    assert "CB-1-U0BEN" in {asked["RoleSessionName"] for asked in desk.world.roles_assumed()}

    assert desk.tables.table(PROD.id, US, "scratch") is None
    with pytest.raises(BackupsMissing):
        desk.tables.delete(PROD.id, US, "scratch", ERRAND)


def test_a_restore_with_one_token_is_one_job_that_makes_the_table(desk: Desk, local_aws: LocalAws) -> None:
    local_aws.world.create_table(PROD.id, US, "orders", ITEMS)
    point = desk.world.backups.point(DAILY, desk.world.add_point(DAILY, "orders"))
    order = RestoreOrder(point, "orders-2", PROD.copy_role_arn, Encryption.OWNED, "", "token-1", "CB-1", "U0BEN")

    first, second = desk.restores.start_restore(order), desk.restores.start_restore(order)
    assert first == second
    assert desk.restores.restore_job(PROD.id, US, first).state is RestoreState.PENDING
    desk.world.end_copies()

    job = desk.restores.restore_job(PROD.id, US, first)
    assert (job.state, job.table_arn) == (RestoreState.COMPLETED, point.table_arn + "-2")


def test_a_restore_job_that_is_not_there_is_missing(desk: Desk) -> None:
    for job_id in ("", "NO-SUCH-JOB"):
        with pytest.raises(BackupsMissing):
            desk.restores.restore_job(PROD.id, US, job_id)


def a_plan(desk: Desk, local_aws: LocalAws, *, by_organization: bool = False) -> BackupPlan:
    rules = [{"RuleName": "daily", "TargetBackupVaultName": "daily", "Lifecycle": {"DeleteAfterDays": 35}}]
    local_aws.world.create_plan(PROD.id, US, "nightly", rules, owned_by_organization=by_organization)
    (head,) = desk.plans.plans(PROD.id, US)
    return desk.plans.plan(head)


def test_a_plan_is_written_whole_under_a_new_version(desk: Desk, local_aws: LocalAws) -> None:
    plan = a_plan(desk, local_aws)
    wanted = changed(plan.document, "daily", Change.ADD, COPIES.arn, Lifecycle(delete_after_days=90))

    version = desk.plans.update(plan.head, wanted, request_id="CB-1", approved_by="U0BEN")

    after = desk.plans.plan(plan.head)
    assert after.version == version != plan.version
    assert after.document == wanted
    update = next(call for call in local_aws.world.calls if call.operation == "UpdateBackupPlan")
    assert update.caller.endswith("CopyBackupBot/CB-1-U0BEN")


def test_a_plan_of_the_organization_is_known_by_its_id_and_refused_by_aws(desk: Desk, local_aws: LocalAws) -> None:
    plan = a_plan(desk, local_aws, by_organization=True)

    assert plan.head.is_read_only
    with pytest.raises((BackupsDenied, BackupsRefused)):
        desk.plans.update(plan.head, plan.document, request_id="CB-1", approved_by="U0BEN")
