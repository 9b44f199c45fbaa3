"""Restores, drills, changed plans and schedules for unit tests, with only the fields that a test cares about."""

from dataclasses import replace
from datetime import timedelta

from bot.domain.alarms import Alarm
from bot.domain.backup_plans import Change, PlanHead
from bot.domain.backups import Lifecycle, VaultRef
from bot.domain.live_tables import ScalingRule, TableRecord, TableSettings
from bot.domain.params import (
    ChangePlanParams,
    CompareParams,
    CopyParams,
    DeleteTableParams,
    Params,
    RecurParams,
    RestoreParams,
)
from bot.domain.retention import Keep, Retention
from bot.domain.routes import Hop
from bot.domain.steps import Step, StepState
from tests.unit.builders import BACKUP, COPIES, COPY_ARN, PROD, ROLE, a_point
from tests.unit.fakes import NOW

ORDERS = f"arn:aws:dynamodb:us-east-1:{PROD}:table/orders"
BACK = VaultRef(PROD, "us-east-1", "copy-back")
SCRATCH = "copy-backup-drill-orders-1a2b"
PLAN = PlanHead(PROD, "us-east-1", "plan-1", "nightly")
RULE = {
    "RuleName": "daily",
    "RuleId": "rule-1",
    "TargetBackupVaultName": "main",
    "ScheduleExpression": "cron(0 5 ? * * *)",
    "Lifecycle": {"DeleteAfterDays": 35},
    "CopyActions": [
        {
            "DestinationBackupVaultArn": f"arn:aws:backup:eu-west-1:{BACKUP}:backup-vault:old",
            "Lifecycle": {"DeleteAfterDays": 90},
        }
    ],
    "IndexActions": [{"ResourceTypes": ["S3"]}],
}
DOCUMENT = {"BackupPlanName": "nightly", "Rules": [RULE, {**RULE, "RuleName": "weekly", "RuleId": "rule-2"}]}
SETTINGS = TableSettings(
    tags={"team": "it's us", "cost": "42"},
    ttl_attribute="expires",
    stream="NEW_AND_OLD_IMAGES",
    pitr=True,
    pitr_days=14,
    deletion_protection=True,
    policy='{"Version": "2012-10-17", "Statement": []}',
    scaling=(
        ScalingRule("table/orders", "dynamodb:table:ReadCapacityUnits", 5, 100, 70.0),
        ScalingRule("table/orders/index/by-day", "dynamodb:index:WriteCapacityUnits", 1, 10),
    ),
    alarms=(
        Alarm(
            "orders-throttled",
            "orders",
            {
                "AlarmName": "orders-throttled",
                "AlarmDescription": "Run `page` and read what it's about",
                "AlarmActions": ["arn:aws:sns:us-east-1:111111111111:on-call"],
                "MetricName": "ThrottledRequests",
                "Namespace": "AWS/DynamoDB",
                "Statistic": "Sum",
                "Dimensions": [{"Name": "TableName", "Value": "orders"}, {"Name": "Operation", "Value": "PutItem"}],
                "Period": 60,
                "EvaluationPeriods": 3,
                "Threshold": 10.0,
                "ComparisonOperator": "GreaterThanThreshold",
            },
        ),
    ),
    unseen={"resource policy": "User: arn:aws:sts::… is not authorized"},
)


def a_record(**changes: object) -> TableRecord:
    record = TableRecord(COPY_ARN, ORDERS, NOW, SETTINGS, 5, True, {"k1": "d1", "k2": "d2"})
    return replace(record, **changes)  # type: ignore[arg-type]  # a builder takes what a test cares about


def copying_back() -> CopyParams:
    return CopyParams(a_point(vault=COPIES), BACK, Retention(Keep.DAYS, 14), ROLE)


def restoring(**changes: object) -> RestoreParams:
    params = RestoreParams(a_point(vault=BACK), "orders-restored", ROLE, point_from_before=True, copy_arn=COPY_ARN)
    return replace(params, **changes)  # type: ignore[arg-type]  # a builder takes what a test cares about


def comparing(**changes: object) -> CompareParams:
    params = CompareParams(PROD, "us-east-1", SCRATCH, ORDERS, COPY_ARN)
    return replace(params, **changes)  # type: ignore[arg-type]  # a builder takes what a test cares about


def deleting(**changes: object) -> DeleteTableParams:
    params = DeleteTableParams(PROD, "us-east-1", SCRATCH, ORDERS)
    return replace(params, **changes)  # type: ignore[arg-type]  # a builder takes what a test cares about


def changing_plan(change: Change = Change.ADD, **changes: object) -> ChangePlanParams:
    params = ChangePlanParams(PLAN, "version-1", DOCUMENT, "daily", change, COPIES, Lifecycle(delete_after_days=365))
    return replace(params, **changes)  # type: ignore[arg-type]  # a builder takes what a test cares about


def recurring(**changes: object) -> RecurParams:
    params = RecurParams(
        pattern="orders-*",
        source=PROD,
        region="us-east-1",
        destination=COPIES,
        retention=Retention(Keep.DAYS, 90),
        role_arn=ROLE,
        cron="0 3 * * 1-5",
        timezone="Europe/Berlin",
        until=NOW + timedelta(days=90),
    )
    return replace(params, **changes)  # type: ignore[arg-type]  # a builder takes what a test cares about


FAR = VaultRef(BACKUP, "eu-central-1", "far")
WAY = (Hop(COPIES, Retention(Keep.DAYS, 60), then_days=20), Hop(FAR))


def along_ways() -> RecurParams:
    """A schedule along a route of two hops, and beside it straight into another vault."""
    return recurring(destination=FAR, ways=(WAY, (Hop(replace(FAR, name="second")),)))


def step_of(params: Params, step_id: int = 1, after: int | None = None, **changes: object) -> Step:
    step = Step(step_id, "CB-42", params.kind, params, after, StepState.WAITING, f"token-{step_id}")
    return replace(step, **changes)  # type: ignore[arg-type]  # a builder takes what a test cares about


def a_drill(*, is_done: bool = False) -> tuple[Step, ...]:
    """The steps of a drill, all done or all waiting."""
    kinds: tuple[Params, ...] = (
        copying_back(),
        restoring(name=SCRATCH, is_drill=True),
        comparing(),
        deleting(),
    )
    minutes = (0, 4, 11, 12, 13)
    return tuple(
        step_of(
            params,
            number,
            number - 1 or None,
            **(
                {
                    "state": StepState.DONE,
                    "started_at": NOW + timedelta(minutes=minutes[number - 1]),
                    "finished_at": NOW + timedelta(minutes=minutes[number]),
                }
                if is_done
                else {}
            ),
        )
        for number, params in enumerate(kinds, start=1)
    )
