"""DynamoDB tables by boto3: the port `Tables`."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar

from bot.aws.calls import Calls
from bot.aws.errands import session_name
from bot.domain.alarms import Alarm, watches
from bot.domain.backups import table_place_of
from bot.domain.errors import BackupsError, BackupsMissing, BackupsUnreachable
from bot.domain.keeping import Errand
from bot.domain.live_tables import Content, Item, LiveTable, ScalingRule, TableSettings, digest_of

DYNAMODB = "dynamodb"
SCALING = "application-autoscaling"
ALARMS = "cloudwatch"
# https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
_OF_SCALING = "TargetTracking-"
# What PutMetricAlarm takes of what DescribeAlarms tells; the rest is the alarm's state. Tags are asked for elsewhere.
_DEFINING = (
    "AlarmName", "AlarmDescription", "ActionsEnabled", "OKActions", "AlarmActions", "InsufficientDataActions",
    "MetricName", "Namespace", "Statistic", "ExtendedStatistic", "Dimensions", "Period", "Unit", "EvaluationPeriods",
    "DatapointsToAlarm", "Threshold", "ComparisonOperator", "TreatMissingData", "EvaluateLowSampleCountPercentile",
    "Metrics", "ThresholdMetricId",
)  # fmt: skip

Seen = TypeVar("Seen")


class Boto3Tables:
    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def table(self, account: str, region: str, name: str) -> LiveTable | None:
        """Read a table; None when there is none of that name."""
        try:
            told = self._describe(account, region, name)
        except BackupsMissing:
            return None
        return LiveTable(
            arn=str(told.get("TableArn") or ""),
            status=str(told.get("TableStatus") or "ACTIVE"),
            items=int(told.get("ItemCount") or 0),
            size_bytes=int(told.get("TableSizeBytes") or 0),
            keys=_keys(told),
        )

    def settings(self, account: str, region: str, name: str) -> TableSettings:
        """Read how a table is set up, part by part; a part that may not be read is named and left out."""
        told = self._describe(account, region, name)
        arn, unseen = str(told.get("TableArn") or ""), dict[str, str]()
        place = (account, region)
        pitr: dict[str, Any] = _see(unseen, "point-in-time recovery", {}, lambda: self._pitr(place, name))
        return TableSettings(
            tags=_see(unseen, "tags", {}, lambda: dict(self.tags(arn))),
            ttl_attribute=_see(unseen, "time to live", "", lambda: self._ttl(place, name)),
            stream=str((told.get("StreamSpecification") or {}).get("StreamViewType") or ""),
            pitr=pitr.get("PointInTimeRecoveryStatus") == "ENABLED",
            pitr_days=pitr.get("RecoveryPeriodInDays"),
            deletion_protection=bool(told.get("DeletionProtectionEnabled")),
            policy=_see(unseen, "resource policy", "", lambda: self._policy(place, arn)),
            scaling=_see(unseen, "auto scaling", (), lambda: self._scaling(place, name)),
            alarms=_see(unseen, "CloudWatch alarms", None, lambda: self._alarms(place, name)),
            unseen=unseen,
        )

    def sample(self, account: str, region: str, name: str, *, most: int) -> Content:
        """Digests of the first items that a scan gives."""
        keys = _keys(self._describe(account, region, name))
        answer = self._ask((account, region), "Scan", {"TableName": name, "Limit": most})
        items = answer.get("Items") or []
        digests = {digest_of(item, keys): digest_of(item) for item in items}
        return Content(len(items), not answer.get("LastEvaluatedKey"), digests)

    def content(self, account: str, region: str, name: str, *, pages: int, wanted: frozenset[str]) -> Content:
        """Count by scanning at most so many pages, with the digests of the wanted items."""
        keys = _keys(self._describe(account, region, name))
        count, complete, digests = 0, False, dict[str, str]()
        for items, complete in self._scan((account, region), name, pages):  # noqa: B007 - read after the loop
            count += len(items)
            by_key = {digest_of(item, keys): item for item in items} if wanted else {}
            digests |= {key: digest_of(item) for key, item in by_key.items() if key in wanted}
        return Content(count, complete, digests)

    def tag(self, arn: str, key: str, value: str, errand: Errand) -> None:
        """Put a tag on a table."""
        request = {"ResourceArn": arn, "Tags": [{"Key": key, "Value": value}]}
        self._change(table_place_of(arn), "TagResource", request, errand)

    def tags(self, arn: str) -> Mapping[str, str]:
        """All tags of a table."""
        told = self._pages(table_place_of(arn), "ListTagsOfResource", "Tags", {"ResourceArn": arn})
        return {str(tag["Key"]): str(tag["Value"]) for tag in told}

    def delete(self, account: str, region: str, name: str, errand: Errand) -> None:
        """Delete a table. Raises BackupsMissing when it is gone already."""
        self._change((account, region), "DeleteTable", {"TableName": name}, errand)

    def _describe(self, account: str, region: str, name: str) -> Mapping[str, Any]:
        answer = self._ask((account, region), "DescribeTable", {"TableName": name})
        told: Mapping[str, Any] = answer.get("Table") or {}
        return told

    def _scan(self, place: tuple[str, str], name: str, pages: int) -> Iterator[tuple[list[Item], bool]]:
        """Pages of items, each with whether it is the last one."""
        start: dict[str, object] = {}
        for _ in range(pages):
            answer = self._ask(place, "Scan", {"TableName": name, **start})
            last = answer.get("LastEvaluatedKey")
            yield answer.get("Items") or [], not last
            if not last:
                return
            start = {"ExclusiveStartKey": last}

    def _ttl(self, place: tuple[str, str], name: str) -> str:
        told = self._ask(place, "DescribeTimeToLive", {"TableName": name}).get("TimeToLiveDescription") or {}
        on = told.get("TimeToLiveStatus") in ("ENABLED", "ENABLING")
        return str(told.get("AttributeName") or "") if on else ""

    def _pitr(self, place: tuple[str, str], name: str) -> dict[str, Any]:
        told = self._ask(place, "DescribeContinuousBackups", {"TableName": name})
        described = told.get("ContinuousBackupsDescription") or {}
        return dict(described.get("PointInTimeRecoveryDescription") or {})

    def _policy(self, place: tuple[str, str], arn: str) -> str:
        try:
            return str(self._ask(place, "GetResourcePolicy", {"ResourceArn": arn}).get("Policy") or "")
        except BackupsMissing:
            return ""

    def _scaling(self, place: tuple[str, str], name: str) -> tuple[ScalingRule, ...]:
        asked = {"ServiceNamespace": DYNAMODB}
        found = self._pages(place, "DescribeScalableTargets", "ScalableTargets", asked, SCALING)
        own = [one for one in found if str(one.get("ResourceId")).split("/")[1:2] == [name]]
        policies = list(self._pages(place, "DescribeScalingPolicies", "ScalingPolicies", asked, SCALING)) if own else []
        return tuple(_rule(one, policies) for one in own)

    def _alarms(self, place: tuple[str, str], name: str) -> tuple[Alarm, ...]:
        """The alarms on metrics of the table. AWS cannot be asked by dimension alone, so all are read."""
        told = self._pages(place, "DescribeAlarms", "MetricAlarms", {"AlarmTypes": ["MetricAlarm"]}, ALARMS)
        return tuple(_alarm(one, name) for one in told if watches(one, name) and not _is_of_scaling(one))

    def _pages(
        self, place: tuple[str, str], operation: str, member: str, asked: Mapping[str, object], service: str = DYNAMODB
    ) -> Iterator[Mapping[str, Any]]:
        """Every item of a list, page after page. Raises BackupsUnreachable for a page that comes twice."""
        token: object = None
        seen: set[object] = set()
        while token not in seen:
            seen.add(token)
            answer = self._ask(place, operation, {**asked, **({"NextToken": token} if token else {})}, service)
            yield from answer.get(member) or ()
            token = answer.get("NextToken")
            if not token:
                return
        raise BackupsUnreachable("AWS gave the same page twice.", code="RepeatedPageToken", operation=operation)

    def _change(self, place: tuple[str, str], operation: str, params: Mapping[str, object], errand: Errand) -> None:
        """Change something, in the name of whoever approved it."""
        self._calls.ask(*place, operation, params, service=DYNAMODB, errand=session_name(errand))

    def _ask(
        self, place: tuple[str, str], operation: str, params: Mapping[str, object], service: str = DYNAMODB
    ) -> Mapping[str, Any]:
        return self._calls.ask(*place, operation, params, service=service)


def _see(unseen: dict[str, str], part: str, nothing: Seen, read: Callable[[], Seen]) -> Seen:
    """Read one part; one that AWS does not show is noted with the reason."""
    try:
        return read()
    except BackupsError as error:
        unseen[part] = error.message
        return nothing


def _keys(told: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(key["AttributeName"]) for key in told.get("KeySchema") or ())


def _is_of_scaling(told: Mapping[str, Any]) -> bool:
    """Whether Application Auto Scaling has made an alarm for itself: it comes back with the scaling policy."""
    return str(told.get("AlarmName")).startswith(_OF_SCALING)


def _alarm(told: Mapping[str, Any], table: str) -> Alarm:
    definition = {key: told[key] for key in _DEFINING if told.get(key) not in (None, [], "")}
    return Alarm(str(told.get("AlarmName")), table, definition)


def _rule(target: Mapping[str, Any], policies: list[Mapping[str, Any]]) -> ScalingRule:
    place = (target.get("ResourceId"), target.get("ScalableDimension"))
    own = [one for one in policies if (one.get("ResourceId"), one.get("ScalableDimension")) == place]
    tracking = [one.get("TargetTrackingScalingPolicyConfiguration") or {} for one in own]
    values = [one["TargetValue"] for one in tracking if one.get("TargetValue") is not None]
    return ScalingRule(
        resource=str(target.get("ResourceId")),
        dimension=str(target.get("ScalableDimension")),
        least=int(target.get("MinCapacity") or 0),
        most=int(target.get("MaxCapacity") or 0),
        target_percent=float(values[0]) if values else None,
    )
