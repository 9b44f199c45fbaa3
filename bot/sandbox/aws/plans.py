"""Backup plans: whole documents in versions, replaced and never patched."""

import copy
import uuid
from typing import Any

from bot.sandbox.aws import arns
from bot.sandbox.aws.call import BackupCall, Result, without_none
from bot.sandbox.aws.errors import (
    AwsError,
    already_exists,
    insufficient_privileges,
    invalid_parameter,
    invalid_request,
    not_found,
)
from bot.sandbox.aws.lifecycle import read_lifecycle
from bot.sandbox.aws.paging import take_page
from bot.sandbox.aws.records import Plan, PlanVersion

MOST_RULES = 10
MOST_COPY_ACTIONS = 5
SHORTEST_START_WINDOW = 60
RULE_DEFAULTS: dict[str, Any] = {
    "ScheduleExpression": "cron(0 5 ? * * *)",
    "ScheduleExpressionTimezone": "Etc/UTC",
    "StartWindowMinutes": 480,
    "CompletionWindowMinutes": 10080,
}


def create_backup_plan(call: BackupCall) -> Result:
    document = checked_plan(call, call.params["BackupPlan"])
    for plan in call.books.plans.values():
        if plan.name == document["BackupPlanName"] and plan.deleted_at is None:
            raise already_exists(
                "Backup plan with the same plan document already exists",
                arn=plan.arn,
                creator_request_id=plan.creator_request_id,
            )
    return _written(new_plan(call, document, str(uuid.uuid4())))


def new_plan(call: BackupCall, document: dict[str, Any], plan_id: str) -> Plan:
    """Put a plan on the books; ids of the form `orgs/…` belong to the organization."""
    arn = f"arn:{arns.partition_of(call.region)}:backup:{call.region}:{call.account}:backup-plan:{plan_id}"
    request_id = call.params.get("CreatorRequestId") or str(uuid.uuid4())
    plan = Plan(plan_id, arn, request_id, [_version(call, document)])
    plan.tags = dict(call.params.get("BackupPlanTags") or {})
    call.books.plans[plan_id] = plan
    return plan


def update_backup_plan(call: BackupCall) -> Result:
    """Replace the whole plan; only later backups are affected."""
    plan = find_plan(call)
    if plan.owned_by_organization:
        raise insufficient_privileges()
    document = checked_plan(call, call.params["BackupPlan"], before=plan.current.document)
    if document["BackupPlanName"] != plan.name:
        raise invalid_parameter("The name of a backup plan cannot be changed.")
    plan.versions.append(_version(call, document))
    return _written(plan)


def get_backup_plan(call: BackupCall) -> Result:
    plan = find_plan(call, deleted_too=True)
    wanted = call.params.get("VersionId") or plan.current.id
    version = next((version for version in plan.versions if version.id == wanted), None)
    if version is None:
        raise _no_plan()
    return without_none(
        {
            **_written(plan, version),
            "BackupPlan": copy.deepcopy(version.document),
            "CreatorRequestId": plan.creator_request_id,
            "DeletionDate": plan.deleted_at,
            "LastExecutionDate": plan.last_run_at,
        }
    )


def list_backup_plans(call: BackupCall) -> Result:
    plans = call.books.plans
    with_deleted = call.params.get("IncludeDeleted", False)

    def pick(key: tuple[str, str]) -> Plan | None:
        plan = plans[key[1]]
        return plan if with_deleted or plan.deleted_at is None else None

    keys = sorted((plan.name, plan.id) for plan in plans.values())
    rows, token = take_page(keys, pick, call.params, call.state.page_size)
    return without_none({"BackupPlansList": [_listed(plan, plan.current) for plan in rows], "NextToken": token})


def list_backup_plan_versions(call: BackupCall) -> Result:
    plan = find_plan(call, deleted_too=True)
    keys = [(-number,) for number in range(len(plan.versions) - 1, -1, -1)]
    rows, token = take_page(keys, lambda key: plan.versions[-key[0]], call.params, call.state.page_size)
    listed = [_listed(plan, version) for version in rows]
    return without_none({"BackupPlanVersionsList": listed, "NextToken": token})


def delete_backup_plan(call: BackupCall) -> Result:
    plan = find_plan(call)
    if plan.owned_by_organization:
        raise insufficient_privileges()
    if plan.selections:
        raise invalid_request("Related backup plan selections must be deleted prior to backup plan deletion")
    plan.deleted_at = call.now
    return {
        "BackupPlanId": plan.id,
        "BackupPlanArn": plan.arn,
        "DeletionDate": call.now,
        "VersionId": plan.current.id,
    }


def find_plan(call: BackupCall, *, deleted_too: bool = False) -> Plan:
    plan = call.books.plans.get(call.params["BackupPlanId"])
    if plan is None or (plan.deleted_at is not None and not deleted_too):
        raise _no_plan()
    return plan


def _no_plan() -> AwsError:
    return not_found("Failed reading Backup plan with provided version")


def _version(call: BackupCall, document: dict[str, Any]) -> PlanVersion:
    return PlanVersion(uuid.uuid4().hex, call.now, document)


def _written(plan: Plan, version: PlanVersion | None = None) -> Result:
    version = version or plan.current
    return without_none(
        {
            "BackupPlanId": plan.id,
            "BackupPlanArn": plan.arn,
            "CreationDate": version.created_at,
            "VersionId": version.id,
            "AdvancedBackupSettings": version.document.get("AdvancedBackupSettings"),
        }
    )


def _listed(plan: Plan, version: PlanVersion) -> Result:
    return without_none(
        {
            **_written(plan, version),
            "BackupPlanName": version.document["BackupPlanName"],
            "CreatorRequestId": plan.creator_request_id,
            "DeletionDate": plan.deleted_at,
            "LastExecutionDate": plan.last_run_at,
        }
    )


def checked_plan(call: BackupCall, given: dict[str, Any], before: dict[str, Any] | None = None) -> dict[str, Any]:
    """Check a plan's rules and fill in what AWS fills in.

    Emulator decision: a rule keeps its RuleId as long as it keeps its name.
    """
    document = copy.deepcopy(given)
    ids = {rule["RuleName"]: rule["RuleId"] for rule in (before or {}).get("Rules", [])}
    if not 1 <= len(document["Rules"]) <= MOST_RULES:
        raise invalid_parameter(f"A backup plan has between 1 and {MOST_RULES} rules.")
    for rule in document["Rules"]:
        _check_rule(call, rule)
        for member, value in RULE_DEFAULTS.items():
            rule.setdefault(member, value)
        rule["RuleId"] = ids.get(rule["RuleName"]) or str(uuid.uuid4())
    return document


def _check_rule(call: BackupCall, rule: dict[str, Any]) -> None:
    name = rule["RuleName"]
    if rule["TargetBackupVaultName"] not in call.books.vaults:
        raise invalid_parameter("Error in some rules due to : Insufficient privileges to perform this action.")
    if rule.get("StartWindowMinutes", SHORTEST_START_WINDOW) < SHORTEST_START_WINDOW:
        raise _rule_error(name, f"StartWindowMinutes must be at least {SHORTEST_START_WINDOW}")
    actions = rule.get("CopyActions") or []
    if len(actions) > MOST_COPY_ACTIONS:
        raise _rule_error(name, f"A rule has at most {MOST_COPY_ACTIONS} copy actions")
    for action in actions:
        if arns.parse_vault_arn(action["DestinationBackupVaultArn"]) is None:
            raise _rule_error(name, "Invalid destination backup vault ARN")
    try:
        for lifecycle in [rule.get("Lifecycle"), *(action.get("Lifecycle") for action in actions)]:
            read_lifecycle(lifecycle)
    except AwsError as error:
        raise _rule_error(name, error.message) from error


def _rule_error(rule: str, message: str) -> AwsError:
    return invalid_parameter(f"Error in rule {rule} : {message}")
