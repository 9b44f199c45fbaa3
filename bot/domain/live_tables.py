"""DynamoDB tables as they are: whether one is there, how it is set up, what is in it, and which of it a restore loses.

What a restore does not bring back:
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GettingStartedBackupsAWS.html
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.domain.alarms import Alarm
from bot.domain.keeping import Errand

Item = Mapping[str, object]
"""An item as DynamoDB's wire has it: each attribute a mapping from its type's letter to its value."""


@dataclass(frozen=True, slots=True)
class LiveTable:
    """A table that is there. DynamoDB counts items and bytes about every six hours, so they are approximate."""

    arn: str
    status: str
    items: int = 0
    size_bytes: int = 0
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScalingRule:
    """Auto scaling of one capacity (`dimension` in Application Auto Scaling's words) of a table or an index."""

    resource: str
    dimension: str
    least: int
    most: int
    target_percent: float | None = None


@dataclass(frozen=True, slots=True)
class TableSettings:
    """What AWS tells of a table's set-up. `unseen` maps a part that could not be read to AWS's reason.

    `alarms` is None where they were not read, as in what was recorded before they were.
    """

    tags: Mapping[str, str] = field(default_factory=dict)
    ttl_attribute: str = ""
    stream: str = ""
    pitr: bool = False
    pitr_days: int | None = None
    deletion_protection: bool = False
    policy: str = ""
    scaling: tuple[ScalingRule, ...] = ()
    alarms: tuple[Alarm, ...] | None = None
    unseen: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Content:
    """What a scan saw: the number of items (all of them when `complete`) and a digest of each wanted item by key."""

    count: int
    complete: bool
    digests: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TableRecord:
    """A table as it was when a copy of its backup was made; nothing of its items but digests.

    `is_exact`: `count` was counted by a scan; else it is DynamoDB's own figure. `gone`: there was no table any more.
    """

    copy_arn: str
    table_arn: str
    taken_at: datetime
    settings: TableSettings = field(default_factory=TableSettings)
    count: int = 0
    is_exact: bool = False
    sample: Mapping[str, str] = field(default_factory=dict)
    gone: bool = False


class TableSight(Protocol):
    """Whether tables are there, in every configured account and Region."""

    def table(self, account: str, region: str, name: str) -> LiveTable | None:
        """A table, None when there is none of that name. Raises a BackupsError when that cannot be read."""
        ...


class Tables(TableSight, Protocol):
    """DynamoDB, in every configured account and Region. Every method raises a BackupsError when it fails."""

    def settings(self, account: str, region: str, name: str) -> TableSettings:
        """How a table is set up; what may not be read is named in it. Raises BackupsMissing without the table."""
        ...

    def sample(self, account: str, region: str, name: str, *, most: int) -> Content:
        """The first items that a scan gives; `complete` when there are no more."""
        ...

    def content(self, account: str, region: str, name: str, *, pages: int, wanted: frozenset[str]) -> Content:
        """Count by scanning at most so many pages of 1 MB, with the digests of the items whose key's is wanted."""
        ...

    def tag(self, arn: str, key: str, value: str, errand: Errand) -> None:
        """Put a tag on a table, on this errand."""
        ...

    def tags(self, arn: str) -> Mapping[str, str]: ...

    def delete(self, account: str, region: str, name: str, errand: Errand) -> None:
        """Delete a table, on this errand. Raises BackupsMissing when it is gone already."""
        ...


def digest_of(item: Item, names: Sequence[str] = ()) -> str:
    """A hash of an item, or of these attributes of it: equal for equal content, however DynamoDB orders it."""
    chosen = {name: item[name] for name in names if name in item} if names else item
    return hashlib.sha256(json.dumps(_ordered(chosen), sort_keys=True).encode()).hexdigest()


def not_brought_back(name: str, region: str, settings: TableSettings, arn: str) -> tuple[tuple[str, str], ...]:
    """What a restored table lacks, each with the command of the AWS command line that brings it back.

    `name`, `region` and `arn` are the restored table's.
    """
    where = f"--table-name {name} --region {region}"
    found: list[tuple[str, str]] = []
    if settings.tags:
        tags = " ".join(f"Key={_quoted(key)},Value={_quoted(value)}" for key, value in sorted(settings.tags.items()))
        found.append(("Tags", f"aws dynamodb tag-resource --resource-arn {arn} --region {region} --tags {tags}"))
    if settings.ttl_attribute:
        spec = _quoted(f"Enabled=true,AttributeName={settings.ttl_attribute}")
        found.append(("Time to live", f"aws dynamodb update-time-to-live {where} --time-to-live-specification {spec}"))
    if settings.stream:
        spec = f"StreamEnabled=true,StreamViewType={settings.stream}"
        found.append(("Stream", f"aws dynamodb update-table {where} --stream-specification {spec}"))
    if settings.pitr:
        days = f",RecoveryPeriodInDays={settings.pitr_days}" if settings.pitr_days else ""
        spec = f"PointInTimeRecoveryEnabled=true{days}"
        command = f"aws dynamodb update-continuous-backups {where} --point-in-time-recovery-specification {spec}"
        found.append(("Point-in-time recovery", command))
    if settings.deletion_protection:
        found.append(("Deletion protection", f"aws dynamodb update-table {where} --deletion-protection-enabled"))
    if settings.policy:
        policy = _quoted(settings.policy)
        command = f"aws dynamodb put-resource-policy --resource-arn {arn} --region {region} --policy {policy}"
        found.append(("Resource policy (it names the old table: change that first)", command))
    found += [pair for rule in settings.scaling for pair in _scaling(rule, name, region)]
    found += [_alarm(alarm, name, region, arn) for alarm in settings.alarms or ()]
    return tuple(found)


def _alarm(alarm: Alarm, name: str, region: str, arn: str) -> tuple[str, str]:
    account = arn.split(":")[4] if arn.count(":") > 4 else ""
    elsewhere = " (what it calls is elsewhere: change that first)" if alarm.calls_elsewhere(account, region) else ""
    command = f"aws cloudwatch put-metric-alarm --region {region} --cli-input-json {_quoted(alarm.moved(name))}"
    return f"CloudWatch alarm {alarm.name}{elsewhere}", command


def _scaling(rule: ScalingRule, name: str, region: str) -> list[tuple[str, str]]:
    # table/orders or table/orders/index/by-date: only the table's name changes.
    _, _, rest = rule.resource.partition("/")
    resource = f"table/{name}" + (f"/{rest.split('/', 1)[1]}" if "/" in rest else "")
    common = (
        f"--service-namespace dynamodb --resource-id {resource} --scalable-dimension {rule.dimension} --region {region}"
    )
    target = (
        f"aws application-autoscaling register-scalable-target {common} "
        f"--min-capacity {rule.least} --max-capacity {rule.most}"
    )
    if rule.target_percent is None:
        return [("Auto scaling", target)]
    metric = "DynamoDBReadCapacityUtilization" if "Read" in rule.dimension else "DynamoDBWriteCapacityUtilization"
    policy = json.dumps(
        {"TargetValue": rule.target_percent, "PredefinedMetricSpecification": {"PredefinedMetricType": metric}}
    )
    return [
        (
            "Auto scaling",
            f"{target} && aws application-autoscaling put-scaling-policy {common} --policy-name {metric}:{resource} "
            f"--policy-type TargetTrackingScaling --target-tracking-scaling-policy-configuration {_quoted(policy)}",
        )
    ]


def _quoted(text: str) -> str:
    """Text as one word of a POSIX shell."""
    return "'" + text.replace("'", "'\"'\"'") + "'"


def _ordered(value: object) -> object:
    """A value whose equal contents print equal: sets have no order, and binary values are no JSON."""
    if isinstance(value, Mapping):
        return {str(key): _in_order(str(key), part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_ordered(part) for part in value]
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(bytes(value)).decode()
    return value


def _in_order(kind: str, value: object) -> object:
    ordered = _ordered(value)
    is_set = kind in ("SS", "NS", "BS") and isinstance(ordered, list)
    return sorted(ordered) if is_set and isinstance(ordered, list) else ordered
