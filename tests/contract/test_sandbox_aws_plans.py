"""Backup plans of the local AWS: whole documents in versions, selections, and what a run of a plan does."""

from datetime import timedelta
from typing import Any

import pytest

from tests.contract import sandbox_aws_trial
from tests.contract.sandbox_aws_trial import BACKUP, COPY_ROLE, EU, NOON, PROD, US, Trial, refused

local, local_worlds = sandbox_aws_trial.local, sandbox_aws_trial.local_worlds

SAFE = f"arn:aws:backup:{EU}:{BACKUP}:backup-vault:safe"
ORDERS = f"arn:aws:dynamodb:{US}:{PROD}:table/orders"


def _rule(**more: Any) -> dict[str, Any]:
    return {"RuleName": "nightly", "TargetBackupVaultName": "daily"} | more


def _plan(*rules: dict[str, Any], name: str = "shop") -> dict[str, Any]:
    return {"BackupPlanName": name, "Rules": list(rules or (_rule(),))}


def _create(local: Trial, *rules: dict[str, Any]) -> str:
    local.two_accounts()
    return str(local.client().create_backup_plan(BackupPlan=_plan(*rules))["BackupPlanId"])


def test_a_plan_is_given_back_with_what_aws_fills_in(local: Trial) -> None:
    plan_id = _create(local, _rule(Lifecycle={"DeleteAfterDays": 35}))

    answer = local.client().get_backup_plan(BackupPlanId=plan_id)

    [rule] = answer["BackupPlan"]["Rules"]
    assert answer["BackupPlanArn"] == f"arn:aws:backup:{US}:{PROD}:backup-plan:{plan_id}"
    assert answer["CreationDate"] == NOON
    assert rule.pop("RuleId")
    assert rule == {
        "RuleName": "nightly",
        "TargetBackupVaultName": "daily",
        "Lifecycle": {"DeleteAfterDays": 35},
        "ScheduleExpression": "cron(0 5 ? * * *)",
        "ScheduleExpressionTimezone": "Etc/UTC",
        "StartWindowMinutes": 480,
        "CompletionWindowMinutes": 10080,
    }


def test_an_update_replaces_the_plan_and_makes_a_version(local: Trial) -> None:
    plan_id = _create(local)
    client = local.client()
    first = client.get_backup_plan(BackupPlanId=plan_id)
    copying = _rule(CopyActions=[{"DestinationBackupVaultArn": SAFE, "Lifecycle": {"DeleteAfterDays": 90}}])

    updated = client.update_backup_plan(BackupPlanId=plan_id, BackupPlan=_plan(copying))

    now = client.get_backup_plan(BackupPlanId=plan_id)
    before = client.get_backup_plan(BackupPlanId=plan_id, VersionId=first["VersionId"])
    versions = client.list_backup_plan_versions(BackupPlanId=plan_id)["BackupPlanVersionsList"]
    assert now["VersionId"] == updated["VersionId"] != first["VersionId"]
    assert now["BackupPlan"]["Rules"][0]["CopyActions"] == copying["CopyActions"]
    assert now["BackupPlan"]["Rules"][0]["RuleId"] == first["BackupPlan"]["Rules"][0]["RuleId"]
    assert before["BackupPlan"] == first["BackupPlan"]
    assert [version["VersionId"] for version in versions] == [updated["VersionId"], first["VersionId"]]


def test_the_name_of_a_plan_stays(local: Trial) -> None:
    plan_id = _create(local)
    with refused("InvalidParameterValueException", "name", status=400):
        local.client().update_backup_plan(BackupPlanId=plan_id, BackupPlan=_plan(name="other"))


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (
            {"TargetBackupVaultName": "nowhere"},
            "Error in some rules due to : Insufficient privileges to perform this action.",
        ),
        ({"Lifecycle": {"DeleteAfterDays": 0}}, "Error in rule nightly : Invalid lifecycle. DeleteAfterDays"),
        (
            {"CopyActions": [{"DestinationBackupVaultArn": SAFE, "Lifecycle": {"DeleteAfterDays": 0}}]},
            "Error in rule nightly : Invalid lifecycle. DeleteAfterDays",
        ),
        ({"CopyActions": [{"DestinationBackupVaultArn": "safe"}]}, "Error in rule nightly : "),
        ({"CopyActions": [{"DestinationBackupVaultArn": SAFE}] * 6}, "at most 5 copy actions"),
        ({"StartWindowMinutes": 59}, "StartWindowMinutes"),
        ({"RuleName": "has spaces"}, "RuleName"),
    ],
)
def test_a_rule_that_cannot_work_is_refused(local: Trial, rule: dict[str, Any], text: str) -> None:
    local.two_accounts()
    with refused("InvalidParameterValueException", text, status=400):
        local.client().create_backup_plan(BackupPlan=_plan(_rule(**rule)))


def test_a_plans_name_is_taken_once(local: Trial) -> None:
    _create(local)
    with refused("AlreadyExistsException", status=400):
        local.client().create_backup_plan(BackupPlan=_plan())


def test_a_deleted_plan_leaves_the_list(local: Trial) -> None:
    plan_id = _create(local)
    client = local.client()
    client.delete_backup_plan(BackupPlanId=plan_id)

    assert client.list_backup_plans()["BackupPlansList"] == []
    assert len(client.list_backup_plans(IncludeDeleted=True)["BackupPlansList"]) == 1
    with refused("ResourceNotFoundException"):
        client.update_backup_plan(BackupPlanId=plan_id, BackupPlan=_plan())


def test_an_unknown_plan_or_version_is_not_found(local: Trial) -> None:
    plan_id = _create(local)
    for request in ({"BackupPlanId": "none"}, {"BackupPlanId": plan_id, "VersionId": "none"}):
        with refused("ResourceNotFoundException", "Failed reading Backup plan with provided version"):
            local.client().get_backup_plan(**request)


def test_a_plan_of_the_organization_can_only_be_read(local: Trial) -> None:
    local.two_accounts()
    plan_id = local.world.create_plan(PROD, US, "governed", [_rule()], owned_by_organization=True)
    client = local.client()

    assert plan_id.startswith("orgs/")
    assert client.get_backup_plan(BackupPlanId=plan_id)["BackupPlan"]["BackupPlanName"] == "governed"
    with refused("AccessDeniedException", status=403):
        client.update_backup_plan(BackupPlanId=plan_id, BackupPlan=_plan(name="governed"))


def test_selections_come_and_go_and_hold_their_plan(local: Trial) -> None:
    plan_id = _create(local)
    client = local.client()
    selection = {"SelectionName": "tables", "IamRoleArn": COPY_ROLE, "Resources": [ORDERS]}

    made = client.create_backup_selection(BackupPlanId=plan_id, BackupSelection=selection)["SelectionId"]
    got = client.get_backup_selection(BackupPlanId=plan_id, SelectionId=made)
    [listed] = client.list_backup_selections(BackupPlanId=plan_id)["BackupSelectionsList"]

    assert got["BackupSelection"] == selection
    assert (listed["SelectionId"], listed["SelectionName"], listed["IamRoleArn"]) == (made, "tables", COPY_ROLE)
    with refused("InvalidRequestException", "selections must be deleted"):
        client.delete_backup_plan(BackupPlanId=plan_id)
    client.delete_backup_selection(BackupPlanId=plan_id, SelectionId=made)
    client.delete_backup_plan(BackupPlanId=plan_id)


def test_a_run_of_a_plan_backs_up_and_copies_on(local: Trial) -> None:
    local.two_accounts()
    local.world.create_table(PROD, US, "orders", [{"id": "1"}])
    local.world.create_table(PROD, US, "left-out")
    copying = _rule(CopyActions=[{"DestinationBackupVaultArn": SAFE, "Lifecycle": {"DeleteAfterDays": 90}}])
    plan_id = local.world.create_plan(PROD, US, "shop", [copying], tables=["orders"])

    [backup] = local.world.run_plan(PROD, US, plan_id)
    local.clock.advance(timedelta(seconds=10))

    [job] = local.client().list_copy_jobs()["CopyJobs"]
    [copy] = local.copies()
    assert job["State"] == "COMPLETED"
    assert job["CreatedByBackupJobId"] == backup
    assert (job["CreatedBy"]["BackupPlanId"], job["CreatedBy"]["BackupRuleName"]) == (plan_id, "nightly")
    assert (copy["ResourceArn"], copy["Lifecycle"]) == (ORDERS, {"DeleteAfterDays": 90})
    points = local.client().list_recovery_points_by_backup_vault(BackupVaultName="daily", ByBackupPlanId=plan_id)
    assert [point["Status"] for point in points["RecoveryPoints"]] == ["COMPLETED"]
