"""Events of the local AWS Backup on EventBridge's default bus, and from there in queues and on other buses."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.contract import sandbox_aws_trial
from tests.contract.sandbox_aws_trial import BACK_ROLE, BACKUP, COPY_ROLE, DAY, EU, PROD, US, Trial

local, local_worlds = sandbox_aws_trial.local, sandbox_aws_trial.local_worlds

COPY_JOBS = {"source": ["aws.backup"], "detail-type": ["Copy Job State Change"]}
ALL = {"source": ["aws.backup"]}


def listen(local: Trial, pattern: dict[str, Any], account: str = PROD, region: str = US, bus: str = "default") -> str:
    """Put a rule on a bus and a queue behind it; return the queue's URL."""
    queue = local.client("sqs", account, region).create_queue(QueueName="backups")["QueueUrl"]
    arn = f"arn:aws:sqs:{region}:{account}:backups"
    events = local.client("events", account, region)
    events.put_rule(Name="to-queue", EventPattern=json.dumps(pattern), EventBusName=bus)
    events.put_targets(Rule="to-queue", EventBusName=bus, Targets=[{"Id": "queue", "Arn": arn}])
    return str(queue)


def heard(local: Trial, queue: str, account: str = PROD, region: str = US) -> list[dict[str, Any]]:
    """Take everything out of a queue, oldest first."""
    sqs = local.client("sqs", account, region)
    found: list[dict[str, Any]] = []
    while messages := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        for message in messages:
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    return found


def test_a_copys_events_reach_a_queue_of_the_source_account(local: Trial) -> None:
    local.two_accounts()
    queue = listen(local, COPY_JOBS)

    job = local.copy(local.backup_of())

    created, running, completed = heard(local, queue)
    assert [event["detail"]["state"] for event in (created, running, completed)] == ["CREATED", "RUNNING", "COMPLETED"]
    assert "copyJobId" not in created["detail"]
    assert running["detail"]["destinationRecoveryPointArn"] == {}
    assert completed["detail"]["destinationRecoveryPointArn"] == job["DestinationRecoveryPointArn"]
    assert completed["resources"] == [job["SourceRecoveryPointArn"]]
    assert (completed["account"], completed["region"]) == (PROD, US)


def test_the_destination_hears_of_the_new_recovery_point_and_of_no_copy_job(local: Trial) -> None:
    local.two_accounts()
    queue = listen(local, ALL, BACKUP, EU)

    job = local.copy(local.backup_of(lifecycle={"DeleteAfterDays": 35}))

    (event,) = heard(local, queue, BACKUP, EU)
    assert event["detail-type"] == "Recovery Point State Change"
    assert event["resources"] == [job["DestinationRecoveryPointArn"]]
    assert event["detail"]["status"] == "COMPLETED"
    assert event["detail"]["lifecycle"] == {"deleteAfterDays": 35}
    assert event["detail"]["calculatedLifeCycle"] == {"deleteAt": "2026-02-09T12:00:00.000Z"}


def test_a_rule_hears_only_what_its_pattern_names(local: Trial) -> None:
    local.two_accounts()
    queue = listen(local, COPY_JOBS | {"detail": {"state": ["FAILED"]}})
    local.copy(local.backup_of())
    local.world.fail_next_copy("An internal error occurred.")
    local.copy(local.backup_of())

    (event,) = heard(local, queue)

    assert event["detail"]["statusMessage"] == "An internal error occurred."


def test_a_disabled_rule_hears_nothing(local: Trial) -> None:
    local.two_accounts()
    queue = listen(local, COPY_JOBS)
    local.client("events").disable_rule(Name="to-queue")

    local.copy(local.backup_of())

    assert heard(local, queue) == []


def test_an_event_is_forwarded_to_another_accounts_bus_as_it_is(local: Trial) -> None:
    local.two_accounts()
    local.client("events", BACKUP, US).create_event_bus(Name="collected")
    queue = listen(local, COPY_JOBS, BACKUP, US, bus="collected")
    events = local.client("events")
    events.put_rule(Name="forward", EventPattern=json.dumps(COPY_JOBS))
    bus = f"arn:aws:events:{US}:{BACKUP}:event-bus/collected"
    events.put_targets(Rule="forward", Targets=[{"Id": "bus", "Arn": bus}])

    local.copy(local.backup_of())

    assert [(event["account"], event["detail"]["state"]) for event in heard(local, queue, BACKUP)] == [
        (PROD, "CREATED"),
        (PROD, "RUNNING"),
        (PROD, "COMPLETED"),
    ]


def test_a_target_that_is_gone_holds_up_no_copy(local: Trial) -> None:
    local.two_accounts()
    queue = listen(local, COPY_JOBS)
    local.client("sqs").delete_queue(QueueUrl=queue)

    assert local.copy(local.backup_of())["State"] == "COMPLETED"


def test_a_backup_job_tells_of_itself_and_of_its_point(local: Trial) -> None:
    local.two_accounts()
    queue = listen(local, ALL)
    table = local.world.create_table(PROD, US, "orders", [{"id": "1"}])

    local.client().start_backup_job(BackupVaultName="daily", ResourceArn=table, IamRoleArn=COPY_ROLE)
    local.clock.advance(timedelta(minutes=1))

    told = [(event["detail-type"].split()[0], event["detail"]) for event in heard(local, queue)]
    assert [detail["state"] for kind, detail in told if kind == "Backup"] == ["CREATED", "RUNNING", "COMPLETED"]
    assert [detail["status"] for kind, detail in told if kind == "Recovery"] == ["CREATING", "COMPLETED"]


def test_a_restores_event_has_status_where_others_have_state(local: Trial) -> None:
    local.two_accounts()
    queue = listen(local, {"detail-type": ["Restore Job State Change"]})
    local.world.create_table(PROD, US, "orders", [{"id": "1"}])
    point = local.backup_of()

    local.client().start_restore_job(
        RecoveryPointArn=point, Metadata={"targetTableName": "orders-back"}, IamRoleArn=COPY_ROLE
    )
    local.clock.advance(timedelta(minutes=1))

    details = [event["detail"] for event in heard(local, queue)]
    assert [detail["status"] for detail in details] == ["PENDING", "RUNNING", "COMPLETED"]
    assert all("state" not in detail for detail in details)
    assert details[-1]["createdResourceArn"].endswith(":table/orders-back")


@pytest.mark.parametrize(("undeletable", "status", "left"), [(False, "DELETING", 0), (True, "EXPIRED", 1)])
def test_a_point_whose_time_has_come_goes_or_stays_as_expired(
    local: Trial, undeletable: bool, status: str, left: int
) -> None:
    local.two_accounts()
    queue = listen(local, ALL)
    point = local.backup_of(lifecycle={"DeleteAfterDays": 20})
    if undeletable:
        local.world.set_undeletable(PROD, US, "daily", point)

    local.clock.advance(11 * DAY)

    points = local.client().list_recovery_points_by_backup_vault(BackupVaultName="daily")["RecoveryPoints"]
    assert [event["detail"]["status"] for event in heard(local, queue)] == [status]
    assert [found["Status"] for found in points] == ["EXPIRED"] * left


def test_a_copy_back_is_heard_in_the_account_that_holds_the_copy(local: Trial) -> None:
    local.two_accounts()
    local.copy(local.backup_of())
    (copy,) = local.copies()
    local.world.allow_copies_into(PROD, US, "daily", BACKUP)
    queue = listen(local, COPY_JOBS, BACKUP, EU)

    local.client(account=BACKUP, region=EU).start_copy_job(
        RecoveryPointArn=copy["RecoveryPointArn"],
        SourceBackupVaultName="safe",
        DestinationBackupVaultArn=local.vaults["daily"],
        IamRoleArn=BACK_ROLE,
    )
    local.clock.advance(timedelta(minutes=1))

    assert [event["detail"]["iamRoleArn"] for event in heard(local, queue, BACKUP, EU)] == [BACK_ROLE] * 3
