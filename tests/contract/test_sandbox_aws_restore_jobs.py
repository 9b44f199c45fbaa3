"""Restore jobs of the local AWS: the table comes back as it was when the backup was taken."""

from datetime import timedelta
from typing import Any

import pytest

from tests.contract import sandbox_aws_trial
from tests.contract.sandbox_aws_trial import BACK_ROLE, BACKUP, COPY_ROLE, EU, NOON, PROD, US, Trial, refused

local, local_worlds = sandbox_aws_trial.local, sandbox_aws_trial.local_worlds

ORDERS = f"arn:aws:dynamodb:{US}:{PROD}:table/orders"
MINUTE = timedelta(minutes=1)


def _backed_up(local: Trial) -> str:
    local.two_accounts()
    local.world.create_table(PROD, US, "orders", [{"id": "1", "total": 3}, {"id": "2", "parts": ["a", "b"]}])
    return local.backup_of()


def _restore(local: Trial, point: str, target: str = "orders-back", **more: Any) -> str:
    request = {"RecoveryPointArn": point, "Metadata": {"targetTableName": target}, "IamRoleArn": COPY_ROLE}
    return str(local.client().start_restore_job(**(request | more))["RestoreJobId"])


def _job(local: Trial, job_id: str) -> dict[str, Any]:
    answer: dict[str, Any] = local.client().describe_restore_job(RestoreJobId=job_id)
    return answer


def _items(local: Trial, table: str, account: str = PROD, region: str = US) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = local.client("dynamodb", account, region).scan(TableName=table)["Items"]
    return sorted(found, key=lambda item: str(item["id"]["S"]))


def test_a_restore_brings_back_the_items_of_the_backup(local: Trial) -> None:
    point = _backed_up(local)
    local.client("dynamodb").put_item(TableName="orders", Item={"id": {"S": "3"}})

    job_id = _restore(local, point)
    local.clock.advance(timedelta(seconds=10))

    job = _job(local, job_id)
    assert (job["Status"], job["CreatedResourceArn"]) == ("COMPLETED", f"{ORDERS}-back")
    assert _items(local, "orders-back") == [
        {"id": {"S": "1"}, "total": {"N": "3"}},
        {"id": {"S": "2"}, "parts": {"L": [{"S": "a"}, {"S": "b"}]}},
    ]
    assert len(_items(local, "orders")) == 3


def test_a_lost_table_comes_back_under_its_own_name(local: Trial) -> None:
    point = _backed_up(local)
    local.client("dynamodb").delete_table(TableName="orders")

    job_id = _restore(local, point, "orders")
    local.clock.advance(timedelta(seconds=10))

    assert _job(local, job_id)["Status"] == "COMPLETED"
    assert len(_items(local, "orders")) == 2


def test_keys_indexes_and_billing_come_back_tags_do_not(local: Trial) -> None:
    local.two_accounts()
    dynamodb = local.client("dynamodb")
    dynamodb.create_table(
        TableName="orders",
        KeySchema=[
            {"AttributeName": "shop", "KeyType": "HASH"},
            {"AttributeName": "number", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "shop", "AttributeType": "S"},
            {"AttributeName": "number", "AttributeType": "N"},
            {"AttributeName": "day", "AttributeType": "S"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-day",
                "KeySchema": [{"AttributeName": "day", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
                "ProvisionedThroughput": {"ReadCapacityUnits": 2, "WriteCapacityUnits": 3},
            }
        ],
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 6},
        Tags=[{"Key": "team", "Value": "shop"}],
    )
    dynamodb.put_item(TableName="orders", Item={"shop": {"S": "a"}, "number": {"N": "1"}, "day": {"S": "mon"}})

    _restore(local, local.backup_of())
    local.clock.advance(timedelta(seconds=10))

    before = dynamodb.describe_table(TableName="orders")["Table"]
    after = dynamodb.describe_table(TableName="orders-back")["Table"]
    for member in ("KeySchema", "AttributeDefinitions", "BillingModeSummary", "ItemCount"):
        assert after[member] == before[member]
    assert after["ProvisionedThroughput"]["ReadCapacityUnits"] == 5
    assert [index["IndexName"] for index in after["GlobalSecondaryIndexes"]] == ["by-day"]
    assert dynamodb.list_tags_of_resource(ResourceArn=f"{ORDERS}-back")["Tags"] == []
    found = dynamodb.query(
        TableName="orders-back",
        IndexName="by-day",
        KeyConditionExpression="#day = :day",
        ExpressionAttributeNames={"#day": "day"},
        ExpressionAttributeValues={":day": {"S": "mon"}},
    )
    assert found["Count"] == 1


def test_a_restore_is_pending_then_running_and_the_table_is_there_at_the_end(local: Trial) -> None:
    point = _backed_up(local)
    local.world.job_timing(created=MINUTE, running=10 * MINUTE)

    job_id = _restore(local, point)
    pending = _job(local, job_id)
    local.clock.advance(6 * MINUTE)
    running = _job(local, job_id)
    local.clock.advance(5 * MINUTE)
    done = _job(local, job_id)

    assert [job["Status"] for job in (pending, running, done)] == ["PENDING", "RUNNING", "COMPLETED"]
    assert running["PercentDone"] == "50.00%"
    assert running["ExpectedCompletionTimeMinutes"] == 10
    assert "CreatedResourceArn" not in running
    assert done["CompletionDate"] == NOON + 11 * MINUTE
    assert done["SourceResourceArn"] == ORDERS


def test_restoring_from_cold_storage_takes_four_hours_longer(local: Trial) -> None:
    _backed_up(local)
    job_id = _restore(local, local.backup_of(storage_class="COLD"))
    local.clock.advance(timedelta(hours=3, minutes=59))
    assert _job(local, job_id)["Status"] == "RUNNING"
    local.clock.advance(2 * MINUTE)
    assert _job(local, job_id)["Status"] == "COMPLETED"


def test_an_existing_table_is_never_overwritten(local: Trial) -> None:
    job_id = _restore(local, _backed_up(local), "orders")
    local.clock.advance(timedelta(seconds=10))
    job = _job(local, job_id)
    assert (job["Status"], job["StatusMessage"]) == ("FAILED", "Table already exists: orders")


def test_a_copy_is_restored_in_the_account_and_region_it_is_in(local: Trial) -> None:
    copy = local.copy(_backed_up(local))["DestinationRecoveryPointArn"]
    there = local.client(account=BACKUP, region=EU)
    metadata = {"TARGETTABLENAME": "orders", "encryptionType": "Default"}

    job_id = there.start_restore_job(RecoveryPointArn=copy, Metadata=metadata, IamRoleArn=BACK_ROLE)
    local.clock.advance(timedelta(seconds=10))

    job = there.describe_restore_job(RestoreJobId=job_id["RestoreJobId"])
    assert job["CreatedResourceArn"] == f"arn:aws:dynamodb:{EU}:{BACKUP}:table/orders"
    assert len(_items(local, "orders", BACKUP, EU)) == 2
    with refused("ResourceNotFoundException", "Cannot find recovery point"):
        local.client().start_restore_job(RecoveryPointArn=copy, Metadata=metadata, IamRoleArn=COPY_ROLE)


def test_another_region_wants_the_encryption_named(local: Trial) -> None:
    copy = local.copy(_backed_up(local))["DestinationRecoveryPointArn"]
    with refused("InvalidParameterValueException", "encryptionType", status=400):
        local.client(account=BACKUP, region=EU).start_restore_job(
            RecoveryPointArn=copy, Metadata={"targetTableName": "orders"}, IamRoleArn=BACK_ROLE
        )


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"Metadata": {}}, "targetTableName"),
        ({"Metadata": {"targetTableName": "x", "encryptionType": "AES"}}, "encryptionType"),
        ({"CopySourceTagsToRestoredResource": True}, "CopySourceTagsToRestoredResource"),
    ],
)
def test_metadata_a_restore_cannot_use_is_refused(local: Trial, more: dict[str, Any], text: str) -> None:
    point = _backed_up(local)
    with refused("InvalidParameterValueException", text, status=400):
        _restore(local, point, **more)


def test_a_table_may_be_restored_under_a_kms_key(local: Trial) -> None:
    point = _backed_up(local)
    key = local.client("kms").create_key()["KeyMetadata"]["Arn"]
    metadata = {"targetTableName": "orders-back", "encryptionType": "KMS", "kmsMasterKeyArn": key}

    _restore(local, point, Metadata=metadata)
    local.clock.advance(timedelta(seconds=10))

    table = local.client("dynamodb").describe_table(TableName="orders-back")["Table"]
    assert table["SSEDescription"]["KMSMasterKeyArn"] == key


def test_restore_metadata_of_a_point_names_its_table(local: Trial) -> None:
    point = _backed_up(local)
    answer = local.client().get_recovery_point_restore_metadata(BackupVaultName="daily", RecoveryPointArn=point)
    assert answer["RestoreMetadata"]["originalTableName"] == "orders"


def test_restore_jobs_are_listed_and_filtered(local: Trial) -> None:
    point = _backed_up(local)
    first = _restore(local, point, "one")
    local.clock.advance(MINUTE)
    second = _restore(local, point, "two")
    client = local.client()

    listed = client.list_restore_jobs()["RestoreJobs"]
    done = client.list_restore_jobs(ByStatus="COMPLETED")["RestoreJobs"]
    of_table = client.list_restore_jobs_by_protected_resource(ResourceArn=ORDERS, ByStatus="PENDING")

    assert [job["RestoreJobId"] for job in listed] == [second, first]
    assert [job["RestoreJobId"] for job in done] == [first]
    assert [job["RestoreJobId"] for job in of_table["RestoreJobs"]] == [second]
    assert client.get_restore_job_metadata(RestoreJobId=first)["Metadata"] == {"targettablename": "one"}


def test_the_same_token_starts_one_restore(local: Trial) -> None:
    point = _backed_up(local)
    first = _restore(local, point, IdempotencyToken="ours")
    assert _restore(local, point, IdempotencyToken="ours") == first
