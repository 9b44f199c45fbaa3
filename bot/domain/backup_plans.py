"""AWS's backup plans: a rule's copy actions, how one is added, changed or removed, and what somebody else changed.

AWS replaces a plan as a whole and knows no lock, so a plan is read, compared with the version that people saw, and
written back with everything in it that is not ours: https://docs.aws.amazon.com/aws-backup/latest/devguide/updating-a-backup-plan.html
"""

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from bot.domain.backups import Lifecycle

MOST_COPIES = 5
ORGANIZATION = "orgs/"

Document = Mapping[str, Any]
"""A plan as GetBackupPlan gives it and UpdateBackupPlan takes it (there without RuleId), unknown members and all."""


@dataclass(frozen=True, slots=True)
class PlanHead:
    """A plan in a list."""

    account: str
    region: str
    id: str
    name: str

    @property
    def is_read_only(self) -> bool:
        """Plans of an organization's policy cannot be changed in a member account."""
        return self.id.startswith(ORGANIZATION)


@dataclass(frozen=True, slots=True)
class BackupPlan:
    head: PlanHead
    version: str
    document: Document

    @property
    def rules(self) -> Sequence[Mapping[str, Any]]:
        return list(self.document.get("Rules") or ())

    def rule(self, name: str) -> Mapping[str, Any] | None:
        return next((rule for rule in self.rules if rule.get("RuleName") == name), None)


class Change(StrEnum):
    ADD = "add"
    CHANGE = "change"
    REMOVE = "remove"


class BackupPlans(Protocol):
    """AWS's backup plans. Every method raises a BackupsError when it fails."""

    def plans(self, account: str, region: str) -> tuple[PlanHead, ...]: ...

    def plan(self, head: PlanHead) -> BackupPlan:
        """Read the current version. Raises BackupsMissing when the plan is gone."""
        ...

    def update(self, head: PlanHead, document: Document, *, request_id: str, approved_by: str) -> str:
        """Replace the plan and return the new version's id. Not safe to repeat: compare versions before."""
        ...


def copies_of(rule: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The copy actions of a rule."""
    return list(rule.get("CopyActions") or ())


def copy_to(rule: Mapping[str, Any], vault_arn: str) -> Mapping[str, Any] | None:
    """The rule's copy action for a vault, if it has one."""
    return next((one for one in copies_of(rule) if one.get("DestinationBackupVaultArn") == vault_arn), None)


def changed(document: Document, rule_name: str, change: Change, vault_arn: str, lifecycle: Lifecycle) -> Document:
    """The plan with one copy action of one rule added, changed or removed; all else exactly as it was."""
    new = deepcopy(dict(document))
    for rule in new.get("Rules") or ():
        if rule.get("RuleName") != rule_name:
            continue
        kept = [one for one in copies_of(rule) if one.get("DestinationBackupVaultArn") != vault_arn]
        known = dict(copy_to(rule, vault_arn) or {"DestinationBackupVaultArn": vault_arn})
        rule["CopyActions"] = kept if change is Change.REMOVE else [*kept, _with(known, lifecycle)]
    return new


def without_ids(document: Document) -> dict[str, Any]:
    """The plan as UpdateBackupPlan takes it: RuleId is the one member of an answer that no request has."""
    new = deepcopy(dict(document))
    for rule in new.get("Rules") or ():
        rule.pop("RuleId", None)
        if not rule.get("CopyActions"):
            rule.pop("CopyActions", None)
    return new


def same(one: Document, other: Document) -> bool:
    """Whether two plans say the same; the order of copy actions and the ids of rules mean nothing."""
    return _comparable(one) == _comparable(other)


def differences(before: Document, after: Document) -> list[str]:
    """What is different, in sentences for people, rule by rule."""
    old = {str(rule.get("RuleName")): rule for rule in before.get("Rules") or ()}
    new = {str(rule.get("RuleName")): rule for rule in after.get("Rules") or ()}
    said = [f"rule {name} is gone" for name in old if name not in new]
    said += [f"rule {name} is new" for name in new if name not in old]
    for name in old.keys() & new.keys():
        said += [f"rule {name}: {words}" for words in _rule_differences(old[name], new[name])]
    others = (before.keys() | after.keys()) - {"Rules"}
    said += [_member(key, before.get(key), after.get(key)) for key in others if before.get(key) != after.get(key)]
    return sorted(said)


def _rule_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    members = (before.keys() | after.keys()) - {"RuleId", "CopyActions"}
    said = [_member(key, before.get(key), after.get(key)) for key in members if before.get(key) != after.get(key)]
    old = {str(one.get("DestinationBackupVaultArn")): one for one in copies_of(before)}
    new = {str(one.get("DestinationBackupVaultArn")): one for one in copies_of(after)}
    said += [f"its copy to {arn} is gone" for arn in old if arn not in new]
    said += [f"it copies to {arn} now" for arn in new if arn not in old]
    said += [f"its copy to {arn} was changed" for arn in old.keys() & new.keys() if old[arn] != new[arn]]
    return said


def _member(name: str, before: object, after: object) -> str:
    return f"{name} was {_plain(before)} and is {_plain(after)}"


def _plain(value: object) -> str:
    if value is None:
        return "not set"
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)


def _with(action: dict[str, Any], lifecycle: Lifecycle) -> dict[str, Any]:
    """A copy action that keeps copies this long; without any days it follows the backup's own lifecycle."""
    days = {"DeleteAfterDays": lifecycle.delete_after_days, "MoveToColdStorageAfterDays": lifecycle.cold_after_days}
    given = {name: value for name, value in days.items() if value is not None}
    if not given:
        return {key: value for key, value in action.items() if key != "Lifecycle"}
    others = {key: value for key, value in (action.get("Lifecycle") or {}).items() if key not in days}
    return {**action, "Lifecycle": {**others, **given}}


def _comparable(document: Document) -> str:
    plain = without_ids(document)
    for rule in plain.get("Rules") or ():
        rule["CopyActions"] = sorted(copies_of(rule), key=lambda one: str(one.get("DestinationBackupVaultArn")))
    plain["Rules"] = sorted(plain.get("Rules") or (), key=lambda rule: str(rule.get("RuleName")))
    return json.dumps(plain, sort_keys=True, default=str)
