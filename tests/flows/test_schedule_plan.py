"""Copies as part of a backup plan: seen as a diff, approved, written only over the version that people saw."""

from typing import Any

import boto3
import pytest

from bot.domain.requests import RequestState
from bot.domain.steps import StepState
from bot.sandbox.aws import access_key
from bot.sandbox.worlds import BACKUP, PROD
from tests.flows.forms import Form, form
from tests.flows.team import EU, US, Team

VAULT = f"arn:aws:backup:{EU}:{BACKUP}:backup-vault:dr-vault"
OTHER = f"arn:aws:backup:{EU}:{BACKUP}:backup-vault:other"
RULES: list[dict[str, Any]] = [
    {
        "RuleName": "daily",
        "TargetBackupVaultName": "daily",
        "Lifecycle": {"DeleteAfterDays": 35},
        "StartWindowMinutes": 90,
        "RecoveryPointTags": {"by": "plan"},
        "EnableContinuousBackup": False,
        "IndexActions": [{"ResourceTypes": ["S3"]}],
    },
    {"RuleName": "weekly", "TargetBackupVaultName": "daily", "ScheduleExpression": "cron(0 5 ? * SUN *)"},
]


def a_plan(team: Team, *, copies: list[dict[str, Any]] | None = None, by_organization: bool = False) -> str:
    rules = [{**RULES[0], **({"CopyActions": copies} if copies else {})}, RULES[1]]
    return team.worlds.aws.world.create_plan(
        PROD, US, "yearly", rules, tables=["orders"], owned_by_organization=by_organization
    )


def document(team: Team, plan: str) -> dict[str, Any]:
    found: dict[str, Any] = team.worlds.aws.world.state.books(PROD, US).plans[plan].current.document
    return found


def version(team: Team, plan: str) -> str:
    return str(team.worlds.aws.world.state.books(PROD, US).plans[plan].current.id)


def copies(team: Team, plan: str, rule: str = "daily") -> list[dict[str, Any]]:
    found = next(one for one in document(team, plan)["Rules"] if one["RuleName"] == rule)
    return list(found.get("CopyActions") or [])


def chosen(team: Team, rule: str = "daily") -> Form:
    return form(team).begin("schedule", "Backup plan").pick("Backup plan", "yearly").select("Rule", rule)


def adding(team: Team) -> Form:
    sheet = chosen(team).pick("Copy to", "dr-vault", redraws=False)
    return sheet.write("Keep copies for days", "365").write("Reason", "Copies for disasters.")


def approved(team: Team, request_id: str) -> None:
    team.ben.click(team.question(request_id), "Approve")


def test_a_copy_is_added_to_a_rule_and_nothing_else_changes(team: Team) -> None:
    plan = a_plan(team)
    before = document(team, plan)

    review = adding(team).reviewed()
    assert f"+ {VAULT}, 365 days" in review.text
    request_id = review.sent(team)
    assert f"+ {VAULT}, 365 days" in team.text(team.question(request_id))
    approved(team, request_id)
    team.becomes(RequestState.COMPLETED, request_id)

    assert copies(team, plan) == [{"DestinationBackupVaultArn": VAULT, "Lifecycle": {"DeleteAfterDays": 365}}]
    after = document(team, plan)
    for old, new in zip(before["Rules"], after["Rules"], strict=True):
        assert {key: new[key] for key in old} == old
    assert version(team, plan) in team.text(team.reads("The backup plan is changed"))
    (call,) = team.aws_calls("UpdateBackupPlan")
    assert all("RuleId" not in rule for rule in call.params["BackupPlan"]["Rules"])


def test_a_copy_is_kept_differently(team: Team) -> None:
    plan = a_plan(team, copies=[{"DestinationBackupVaultArn": VAULT, "Lifecycle": {"DeleteAfterDays": 90}}])
    sheet = chosen(team).select("Change", "Keep one of its copies differently").select("Copy", VAULT, redraws=False)

    request_id = sheet.write("Keep copies for days", "730").write("Reason", "The law.").reviewed().sent(team)
    approved(team, request_id)
    team.becomes(RequestState.COMPLETED, request_id)

    assert copies(team, plan) == [{"DestinationBackupVaultArn": VAULT, "Lifecycle": {"DeleteAfterDays": 730}}]


def test_a_copy_is_removed(team: Team) -> None:
    plan = a_plan(
        team,
        copies=[{"DestinationBackupVaultArn": VAULT}, {"DestinationBackupVaultArn": OTHER}],
    )
    sheet = chosen(team).select("Change", "Remove one of its copies").select("Copy", OTHER, redraws=False)

    request_id = sheet.write("Reason", "It is not needed.").reviewed().sent(team)
    approved(team, request_id)
    team.becomes(RequestState.COMPLETED, request_id)

    assert [one["DestinationBackupVaultArn"] for one in copies(team, plan)] == [VAULT]


def test_a_plan_that_somebody_changed_meanwhile_is_not_written_and_the_thread_says_what_changed(team: Team) -> None:
    plan = a_plan(team)
    request_id = adding(team).reviewed().sent(team)
    changed = {**document(team, plan), "Rules": [dict(rule) for rule in document(team, plan)["Rules"]]}
    for rule in changed["Rules"]:
        rule.pop("RuleId", None)
    changed["Rules"][0]["ScheduleExpression"] = "cron(0 7 ? * * *)"
    client(team).update_backup_plan(BackupPlanId=plan, BackupPlan=changed)
    theirs = version(team, plan)

    team.ben.click(team.question(request_id), "Approve")
    said = team.text(team.reads("Somebody has changed the backup plan yearly"))

    assert "ScheduleExpression was cron(0 5 ? * * *) and is cron(0 7 ? * * *)" in said
    assert version(team, plan) == theirs
    assert team.house.request(request_id).state is RequestState.PENDING


def test_a_plan_of_the_organization_can_only_be_read_and_says_so(team: Team) -> None:
    a_plan(team, by_organization=True)

    sheet = form(team).begin("plan", "Backup plan").pick("Backup plan", "yearly")

    assert "belongs to a policy of the organization" in sheet.text
    assert "Rule" not in sheet.labels
    refusal = sheet.write("Reason", "A try.").objection()
    assert "can only be read" in refusal["Backup plan"]
    assert team.aws_calls("UpdateBackupPlan") == []


def test_a_sixth_copy_is_refused_in_its_field(team: Team) -> None:
    a_plan(team, copies=[{"DestinationBackupVaultArn": f"{OTHER}-{number}"} for number in range(5)])

    assert "5 copies already" in adding(team).objection()["Copy to"]


def test_a_copy_that_is_there_is_not_added_again(team: Team) -> None:
    a_plan(team, copies=[{"DestinationBackupVaultArn": VAULT}])

    assert "copies to this vault already" in adding(team).objection()["Copy to"]


@pytest.mark.parametrize("took_effect", [True, False])
def test_a_write_that_nobody_heard_the_end_of_is_not_made_twice(team: Team, took_effect: bool) -> None:
    plan = a_plan(team)
    faults = team.worlds.aws.world.faults
    lose = faults.lose_response if took_effect else faults.lose_request
    lost = lose("UpdateBackupPlan", times=None)
    request_id = adding(team).reviewed().sent(team)
    approved(team, request_id)
    team.wait(lambda: lost.hits, "a write without an answer")
    team.house.stop()
    assert team.house.request(request_id).steps[0].state is StepState.STARTING
    written = len(team.worlds.aws.world.state.books(PROD, US).plans[plan].versions)

    lost.lift()
    team.later(minutes=10)
    team.house.start()

    team.becomes(RequestState.COMPLETED, request_id)
    assert len(copies(team, plan)) == 1
    versions = len(team.worlds.aws.world.state.books(PROD, US).plans[plan].versions)
    assert versions == (written if took_effect else written + 1)


def test_the_copies_of_a_changed_plan_are_made_by_aws(team: Team) -> None:
    plan = a_plan(team)
    request_id = adding(team).reviewed().sent(team)
    approved(team, request_id)
    team.becomes(RequestState.COMPLETED, request_id)

    team.worlds.aws.world.run_plan(PROD, US, plan)
    team.later(minutes=5)
    team.worlds.aws.world.settle()
    team.later(minutes=5)
    team.worlds.aws.world.settle()

    assert len(team.copies()) == 1


def client(team: Team) -> Any:
    """AWS Backup as somebody else uses it."""

    session = boto3.Session(access_key(PROD), "local", region_name=US)
    return session.client("backup", endpoint_url=team.worlds.aws.url)
