"""A lost table comes back: by way of a copy back and a restore, through Slack's protocol, whatever happens between."""

from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto.dynamodb.models import dynamodb_backends

from bot.domain.requests import RequestState
from bot.domain.steps import StepState
from bot.sandbox.aws import access_key
from bot.sandbox.slack import ClientRefusal
from bot.sandbox.worlds import BACKUP, PROD
from tests.flows.forms import Form, form
from tests.flows.team import EU, US, Team

LOST = "orders"


def dynamodb(team: Team, account: str = PROD, region: str = US) -> dict[str, Any]:
    """The tables that are there, by name."""
    return dict(dynamodb_backends[account][region].tables)


def items(team: Team, name: str) -> list[Any]:
    table = dynamodb(team)[name]
    return sorted((item.to_json()["Attributes"] for item in table.all_items()), key=str)


def a_copy_elsewhere(team: Team) -> str:
    """Copy the table's newest backup to the other account, and let copies come back."""
    team.worlds.aws.world.allow_copies_into(PROD, US, "daily", BACKUP)
    return team.copied(LOST)


def asked(team: Team, *, name: str = "orders-back") -> Form:
    """The form, filled in with the copy in the other account."""
    return (
        form(team)
        .begin("restore orders", "Backup or copy")
        .pick("Backup or copy", "backup")
        .pick("Copy it first to", "daily", redraws=False)
        .write("New table", name)
        .write("Reason", "Somebody deleted the table.")
    )


def restored(team: Team, request_id: str) -> None:
    team.ben.click(team.question(request_id), "Approve")
    team.becomes(RequestState.COMPLETED, request_id)


def test_a_lost_table_is_copied_back_and_restored_with_the_items_it_had(team: Team) -> None:
    a_copy_elsewhere(team)
    before = items(team, LOST)
    del_table(team, LOST)

    review = asked(team).reviewed()
    assert "restore `orders` to the new table `orders-back`" in review.text
    request_id = review.sent(team)
    restored(team, request_id)

    assert items(team, "orders-back") == before
    assert len(before) == 5
    done = team.reads("is back as")
    assert "What DynamoDB does not bring back" in team.text(done)
    # The copy that it was restored from is kept for days only, and nobody wants to hear of its end.
    team.later(days=4)
    team.quiet()
    assert team.said("expires") == []


def test_whoever_restores_a_copy_is_told_of_the_same_backup_that_needs_none(team: Team) -> None:
    a_copy_elsewhere(team)
    sheet = form(team).begin("restore orders", "Backup or copy").pick("Backup or copy", "backup")

    sheet.reads(
        "The same backup is in prod · us-east-1 · `daily`: restoring that one needs no copy, so choose it above"
    )
    sheet.pick("Copy it first to", "daily", redraws=False).write("New table", "orders-back").write("Reason", "Lost.")
    review = sheet.reviewed()
    assert "go back and choose the one in that vault as the backup" in review.text
    assert "Copy it again only if another copy is meant" not in review.text


def test_what_a_restore_loses_is_listed_as_it_was_recorded_at_the_copy_with_its_commands(team: Team) -> None:
    table = dynamodb(team)[LOST]
    table.tags = [{"Key": "team", "Value": "checkout"}]
    table.ttl = {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
    table.deletion_protection_enabled = True
    watch_by_alarm(LOST)
    a_copy_elsewhere(team)
    team.wait(lambda: recorded(team), "the record of the table")
    table.deletion_protection_enabled = False
    del_table(team, LOST)

    restored(team, asked(team).reviewed().sent(team))

    said = team.text(team.reads("is back as"))
    assert "aws dynamodb tag-resource" in said
    assert "Key='team',Value='checkout'" in said
    assert "AttributeName=expires" in said
    assert "--deletion-protection-enabled" in said
    assert "--stream-specification" not in said
    assert "CloudWatch alarm orders-throttled" in said
    # The alarm itself is still there, and the one that the command makes watches the new table.
    assert '"AlarmName": "orders-back-throttled"' in said
    assert '"Value": "orders-back"' in said
    assert "were not recorded" not in said


def test_alarms_that_the_bot_may_not_read_are_said_with_the_command_that_finds_them(team: Team) -> None:
    team.worlds.aws.world.faults.deny(PROD, "DescribeAlarms")
    watch_by_alarm(LOST)
    a_copy_elsewhere(team)
    team.wait(lambda: recorded(team), "the record of the table")
    del_table(team, LOST)

    restored(team, asked(team).reviewed().sent(team))

    said = team.text(team.reads("is back as"))
    assert "Not recorded, since AWS did not show it" in said
    assert "cloudwatch:DescribeAlarms" in said
    assert f"aws cloudwatch describe-alarms --region {US}" in said
    assert "put-metric-alarm" not in said


def watch_by_alarm(table: str) -> None:
    """Somebody has the table's throttles watched."""
    client = boto3.client(
        "cloudwatch", region_name=US, aws_access_key_id=access_key(PROD), aws_secret_access_key="testing"
    )  # fmt: skip
    client.put_metric_alarm(
        AlarmName=f"{table}-throttled",
        AlarmActions=[f"arn:aws:sns:{US}:{PROD}:on-call"],
        Namespace="AWS/DynamoDB",
        MetricName="ThrottledRequests",
        Dimensions=[{"Name": "TableName", "Value": table}],
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=3,
        Threshold=10.0,
        ComparisonOperator="GreaterThanThreshold",
    )


def test_a_backup_that_is_there_is_restored_without_a_copy(team: Team) -> None:
    sheet = form(team).begin("restore orders", "Backup or copy").pick("Backup or copy", "prod")
    assert "Copy it first to" not in sheet.labels

    request_id = sheet.write("New table", "orders-2").write("Reason", "A look at yesterday.").reviewed().sent(team)
    restored(team, request_id)

    assert len(team.house.request(request_id).steps) == 1
    assert len(items(team, "orders-2")) == 5


def test_a_restore_where_no_copy_is_is_refused_with_the_offer_to_copy_there_first(team: Team) -> None:
    sheet = form(team).begin("restore orders", "Backup or copy").pick("Backup or copy", "prod")
    sheet.select("Restore in", f"backup · {EU}")

    assert "AWS restores only where a copy is" in sheet.text
    assert "Copy it first to" in sheet.labels
    assert "Encryption" in sheet.labels


def test_an_encryption_is_asked_for_in_another_region_and_restored_with(team: Team) -> None:
    sheet = form(team).begin("restore orders", "Backup or copy").pick("Backup or copy", "prod")
    sheet.select("Restore in", f"backup · {EU}").pick("Copy it first to", "dr-vault", redraws=False)
    sheet.write("New table", "orders-eu").write("Reason", "A trial.")
    assert sheet.value("Encryption") == ""
    # Slack itself sends no form in which a required choice is missing.
    with pytest.raises(ClientRefusal, match="required"):
        sheet.person.submit()

    sheet.select("Encryption", "The key DynamoDB owns")
    restored(team, sheet.reviewed().sent(team))

    assert "orders-eu" in dynamodb(team, BACKUP, EU)
    (call,) = team.aws_calls("StartRestoreJob")
    assert call.params["Metadata"]["encryptionType"] == "Default"


def test_a_name_that_is_taken_is_refused_before_anybody_is_asked(team: Team) -> None:
    sheet = form(team).begin("restore orders", "Backup or copy").pick("Backup or copy", "prod")

    review = sheet.write("New table", "customers").write("Reason", "A mistake.").reviewed()

    assert "There is a table customers" in review.text
    assert review.view.submit_text is None
    assert team.house.request_ids() == []


@pytest.mark.parametrize(("name", "words"), [("a b", "3 to 255 letters"), ("ab", "3 to 255 letters")])
def test_a_name_that_cannot_be_is_refused_in_its_field(team: Team, name: str, words: str) -> None:
    sheet = form(team).begin("restore orders", "Backup or copy").pick("Backup or copy", "prod")

    assert words in sheet.write("New table", name).write("Reason", "A mistake.").objection()["New table"]


@pytest.mark.parametrize("took_effect", [True, False])
def test_a_restore_whose_start_nobody_heard_the_end_of_is_one_job(team: Team, took_effect: bool) -> None:
    world = team.worlds.aws.world
    lost = (
        world.faults.lose_response("StartRestoreJob", times=None)
        if took_effect
        else world.faults.lose_request("StartRestoreJob", times=None)
    )
    sheet = form(team).begin("restore orders", "Backup or copy").pick("Backup or copy", "prod")
    request_id = sheet.write("New table", "orders-2").write("Reason", "A trial.").reviewed().sent(team)
    team.ben.click(team.question(request_id), "Approve")
    team.wait(lambda: lost.hits, "a call without an answer")
    team.house.stop()
    assert team.house.request(request_id).steps[0].state is StepState.STARTING

    lost.lift()
    team.later(minutes=10)
    team.house.start()

    team.becomes(RequestState.COMPLETED, request_id)
    calls = team.aws_calls("StartRestoreJob")
    assert len({call.params["IdempotencyToken"] for call in calls}) == 1
    assert len(world.state.books(PROD, US).restore_jobs) == 1


def test_a_bot_that_ends_while_the_table_is_restored_tells_it_afterwards(team: Team) -> None:
    team.worlds.aws.world.job_timing(running=timedelta(minutes=5), kinds=["restore"])
    sheet = form(team).begin("restore orders", "Backup or copy").pick("Backup or copy", "prod")
    request_id = sheet.write("New table", "orders-2").write("Reason", "A trial.").reviewed().sent(team)
    team.ben.click(team.question(request_id), "Approve")
    team.wait(lambda: team.house.request(request_id).steps[0].state is StepState.RUNNING, "the restore to run")
    team.house.stop()
    team.later(minutes=10)

    team.house.start()

    team.becomes(RequestState.COMPLETED, request_id)
    team.reads("is back as")
    team.quiet()
    assert len(team.said("is back as")) == 1


def test_a_bot_that_ends_between_copy_back_and_restore_goes_on_without_a_second_copy(team: Team) -> None:
    a_copy_elsewhere(team)
    del_table(team, LOST)
    fault = team.worlds.aws.world.faults.throttle("StartRestoreJob", times=None)
    request_id = asked(team).reviewed().sent(team)
    team.ben.click(team.question(request_id), "Approve")
    team.wait(lambda: fault.hits, "a restore that does not start")
    team.house.stop()

    fault.lift()
    team.later(minutes=10)
    team.house.start()

    team.becomes(RequestState.COMPLETED, request_id)
    back = team.worlds.aws.world.copy_jobs(BACKUP, EU)
    assert len(back) == 1
    assert len(items(team, "orders-back")) == 5


def test_a_table_that_appears_meanwhile_stops_the_restore_at_its_approval_with_words(team: Team) -> None:
    sheet = form(team).begin("restore orders", "Backup or copy").pick("Backup or copy", "prod")
    request_id = sheet.write("New table", "orders-2").write("Reason", "A trial.").reviewed().sent(team)
    team.worlds.aws.world.create_table(PROD, US, "orders-2")

    team.ben.click(team.question(request_id), "Approve")

    team.reads("never overwrites one")
    team.quiet()
    assert team.house.request(request_id).state is RequestState.PENDING
    assert [job for job in team.worlds.aws.world.calls if job.operation == "StartRestoreJob"] == []


def test_metadata_of_a_restore_stands_in_no_log(team: Team, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="bot")
    sheet = form(team).begin("restore orders", "Backup or copy").pick("Backup or copy", "prod")

    restored(team, sheet.write("New table", "orders-secret-name").write("Reason", "A trial.").reviewed().sent(team))

    assert "targetTableName" not in caplog.text


def recorded(team: Team) -> bool:
    with team.house.store.read() as tx:
        return tx.records.newest(f"arn:aws:dynamodb:{US}:{PROD}:table/{LOST}") is not None


def del_table(team: Team, name: str) -> None:
    """Somebody deletes the table."""
    dynamodb_backends[PROD][US].delete_table(name)
