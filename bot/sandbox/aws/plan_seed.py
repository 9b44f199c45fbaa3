"""Backup plans by hand: made for a trial, and run when the trial says that their time has come."""

import uuid
from dataclasses import replace
from typing import Any

from bot.sandbox.aws import policies
from bot.sandbox.aws.backup_jobs import new_backup_job
from bot.sandbox.aws.call import BackupCall
from bot.sandbox.aws.identity import BACKUP_SERVICE
from bot.sandbox.aws.jobs import BackupJob
from bot.sandbox.aws.plans import checked_plan, new_plan
from bot.sandbox.aws.policies import Caller
from bot.sandbox.aws.progress import settle, take_on
from bot.sandbox.aws.records import Plan
from bot.sandbox.aws.selections import create_backup_selection
from bot.sandbox.aws.state import WorldState
from bot.sandbox.aws.tables import tables_in, tags_of


def create_plan(
    state: WorldState,
    account: str,
    region: str,
    document: dict[str, Any],
    *,
    tables: list[str],
    role_arn: str,
    owned_by_organization: bool,
) -> str:
    """Create a plan that selects these tables; one of the organization can only be read by its members."""
    call = BackupCall(state, account, region, Caller(BACKUP_SERVICE, account), {}, state.now())
    plan_id = f"orgs/{uuid.uuid4()}" if owned_by_organization else str(uuid.uuid4())
    plan = new_plan(call, checked_plan(call, document), plan_id)
    if tables:
        selection = {"SelectionName": "tables", "IamRoleArn": role_arn, "Resources": tables}
        create_backup_selection(replace(call, params={"BackupPlanId": plan.id, "BackupSelection": selection}))
    return plan.id


def run_plan(state: WorldState, account: str, region: str, plan_id: str) -> list[str]:
    """Start the plan's backup jobs as its schedule would, and return their ids.

    Emulator decision: the schedule itself is not played; whoever plays the world says when a plan runs.
    """
    with state.lock:
        settle(state)
        plan = state.books(account, region).plans[plan_id]
        plan.last_run_at = state.now()
        jobs = [
            _start(state, account, region, plan, rule, selection, table)
            for rule in plan.current.document["Rules"]
            for selection in (row["BackupSelection"] for row in plan.selections.values())
            for table in selected_tables(account, region, selection)
        ]
        settle(state)
        return [job.id for job in jobs]


def selected_tables(account: str, region: str, selection: dict[str, Any]) -> list[str]:
    """List the ARNs of the tables a selection names by ARN (with wildcards) or by tag."""
    wanted, unwanted = selection.get("Resources", []), selection.get("NotResources", [])
    tags = {(tag["ConditionKey"], tag["ConditionValue"]) for tag in selection.get("ListOfTags", [])}
    found = []
    for table in tables_in(account, region):
        arn = str(table.table_arn)
        named = any(policies.like(arn, pattern) for pattern in wanted)
        if (named or tags & set(tags_of(table).items())) and not any(policies.like(arn, out) for out in unwanted):
            found.append(arn)
    return found


def _start(
    state: WorldState,
    account: str,
    region: str,
    plan: Plan,
    rule: dict[str, Any],
    selection: dict[str, Any],
    table: str,
) -> BackupJob:
    request = {
        "BackupVaultName": rule["TargetBackupVaultName"],
        "ResourceArn": table,
        "IamRoleArn": selection["IamRoleArn"],
        "Lifecycle": rule.get("Lifecycle"),
        "StartWindowMinutes": rule["StartWindowMinutes"],
        "CompleteWindowMinutes": rule["CompletionWindowMinutes"],
        "RecoveryPointTags": rule.get("RecoveryPointTags") or {},
    }
    call = BackupCall(state, account, region, Caller(BACKUP_SERVICE, account), request, state.now())
    job = new_backup_job(call)
    job.created_by = _creator(plan, rule)
    job.copy_actions = list(rule.get("CopyActions") or [])
    state.books(account, region).backup_jobs[job.id] = job
    take_on(state, job)
    return job


def _creator(plan: Plan, rule: dict[str, Any]) -> dict[str, str]:
    return {
        "BackupPlanId": plan.id,
        "BackupPlanArn": plan.arn,
        "BackupPlanName": plan.name,
        "BackupPlanVersion": plan.current.id,
        "BackupRuleId": rule["RuleId"],
        "BackupRuleName": rule["RuleName"],
        "BackupRuleCron": rule["ScheduleExpression"],
        "BackupRuleTimezone": rule["ScheduleExpressionTimezone"],
    }
