"""Recovery points of the local AWS: listed, described, expiring, going cold, and their lifecycle changed."""

from datetime import timedelta

import pytest

from tests.contract import sandbox_aws_trial
from tests.contract.sandbox_aws_trial import BACKUP, COPY_ROLE, DAY, EU, NOON, PROD, US, Trial, refused

local, local_worlds = sandbox_aws_trial.local, sandbox_aws_trial.local_worlds

ORDERS = f"arn:aws:dynamodb:{US}:{PROD}:table/orders"
CUSTOMERS = f"arn:aws:dynamodb:{US}:{PROD}:table/customers"
HOURS = timedelta(hours=1)


def test_a_point_is_described_in_full(local: Trial) -> None:
    local.two_accounts()
    point = local.backup_of(
        created_at=NOON - 10 * DAY,
        size_bytes=77,
        lifecycle={"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 120},
    )
    vault = local.client().describe_backup_vault(BackupVaultName="daily")

    answer = local.client().describe_recovery_point(BackupVaultName="daily", RecoveryPointArn=point)

    del answer["ResponseMetadata"]
    assert answer == {
        "RecoveryPointArn": point,
        "BackupVaultName": "daily",
        "BackupVaultArn": local.vaults["daily"],
        "ResourceArn": ORDERS,
        "ResourceType": "DynamoDB",
        "ResourceName": "orders",
        "IamRoleArn": COPY_ROLE,
        "Status": "COMPLETED",
        "CreationDate": NOON - 10 * DAY,
        "InitiationDate": NOON - 10 * DAY,
        "CompletionDate": NOON - 10 * DAY,
        "BackupSizeInBytes": 77,
        "Lifecycle": {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 120},
        "CalculatedLifecycle": {"MoveToColdStorageAt": NOON + 20 * DAY, "DeleteAt": NOON + 110 * DAY},
        "EncryptionKeyArn": vault["EncryptionKeyArn"],
        "EncryptionKeyType": "CUSTOMER_MANAGED_KMS_KEY",
        "IsEncrypted": True,
        "IsParent": False,
        "StorageClass": "WARM",
        "VaultType": "BACKUP_VAULT",
    }


def test_a_dynamodb_managed_point_is_found_by_its_arn_with_a_slash(local: Trial) -> None:
    local.two_accounts()
    point = local.backup_of(advanced=False)

    answer = local.client().describe_recovery_point(BackupVaultName="daily", RecoveryPointArn=point)

    assert answer["RecoveryPointArn"] == point
    assert answer["ResourceArn"] == ORDERS


def test_the_storage_class_is_told_by_describe_only(local: Trial) -> None:
    local.two_accounts()
    local.backup_of()

    [listed] = local.client().list_recovery_points_by_backup_vault(BackupVaultName="daily")["RecoveryPoints"]

    assert "StorageClass" not in listed


def test_an_unknown_point_is_not_found(local: Trial) -> None:
    local.two_accounts()
    for operation in ("describe_recovery_point", "delete_recovery_point", "get_recovery_point_restore_metadata"):
        with refused("ResourceNotFoundException", "Cannot find recovery point", status=400):
            getattr(local.client(), operation)(BackupVaultName="daily", RecoveryPointArn="arn:aws:backup:x")


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, [2, 1, 0]),
        ({"ByResourceArn": ORDERS}, [1, 0]),
        ({"ByResourceType": "DynamoDB"}, [2, 1, 0]),
        ({"ByResourceType": "EBS"}, []),
        ({"ByCreatedBefore": NOON - 15 * DAY}, [0]),
        ({"ByCreatedAfter": NOON - 15 * DAY}, [2, 1]),
        ({"ByBackupPlanId": "none"}, []),
        ({"ByParentRecoveryPointArn": "none"}, []),
    ],
)
def test_each_filter_narrows_a_vaults_list_newest_first(
    local: Trial, filters: dict[str, object], expected: list[int]
) -> None:
    local.two_accounts()
    points = [
        local.backup_of("orders", created_at=NOON - 20 * DAY),
        local.backup_of("orders", created_at=NOON - 10 * DAY),
        local.backup_of("customers", created_at=NOON - 5 * DAY),
    ]

    rows = local.client().list_recovery_points_by_backup_vault(BackupVaultName="daily", **filters)

    found = [row["RecoveryPointArn"] for row in rows["RecoveryPoints"]]
    assert found == [points[number] for number in expected]


def test_a_backup_is_no_resource_to_filter_by(local: Trial) -> None:
    local.two_accounts()
    point = local.backup_of(advanced=False)
    with refused("InvalidParameterValueException", f"Unsupported resource type: {point}", status=400):
        local.client().list_recovery_points_by_backup_vault(BackupVaultName="daily", ByResourceArn=point)


def test_pages_of_points_lose_and_repeat_nothing_while_points_go(local: Trial) -> None:
    local.two_accounts()
    points = [local.backup_of(created_at=NOON - number * DAY) for number in range(1, 8)]
    client = local.client()

    first = client.list_recovery_points_by_backup_vault(BackupVaultName="daily", MaxResults=3)
    local.world.delete_recovery_point(PROD, US, "daily", points[1])
    rest = client.list_recovery_points_by_backup_vault(BackupVaultName="daily", NextToken=first["NextToken"])

    assert [row["RecoveryPointArn"] for row in first["RecoveryPoints"]] == points[:3]
    assert [row["RecoveryPointArn"] for row in rest["RecoveryPoints"]] == points[3:]
    assert "NextToken" not in rest


def test_without_max_results_a_page_has_a_hundred_rows(local: Trial) -> None:
    local.two_accounts()
    for number in range(101):
        local.backup_of(created_at=NOON - number * HOURS)

    answer = local.client().list_recovery_points_by_backup_vault(BackupVaultName="daily")

    assert len(answer["RecoveryPoints"]) == 100
    assert answer["NextToken"]


def test_points_of_a_table_come_without_vault_name_and_lifecycle(local: Trial) -> None:
    local.two_accounts()
    local.world.create_vault(PROD, US, "weekly")
    old = local.backup_of(created_at=NOON - 9 * DAY, size_bytes=5, lifecycle={"DeleteAfterDays": 35})
    new = local.world.add_recovery_point(PROD, US, "weekly", "orders", created_at=NOON - DAY)

    rows = local.client().list_recovery_points_by_resource(ResourceArn=ORDERS)["RecoveryPoints"]

    assert [row["RecoveryPointArn"] for row in rows] == [new, old]
    assert rows[1]["BackupSizeBytes"] == 5
    assert not {"BackupVaultName", "Lifecycle", "CalculatedLifecycle"} & set(rows[1])


def test_protected_resources_name_the_newest_point(local: Trial) -> None:
    local.two_accounts()
    local.backup_of("orders", created_at=NOON - 9 * DAY)
    newest = local.backup_of("orders", created_at=NOON - 2 * DAY)
    local.backup_of("customers", created_at=NOON - 5 * DAY)
    client = local.client()

    everywhere = client.list_protected_resources()["Results"]
    in_vault = client.list_protected_resources_by_backup_vault(BackupVaultName="daily")["Results"]
    one = client.describe_protected_resource(ResourceArn=ORDERS)

    assert [row["ResourceArn"] for row in everywhere] == [CUSTOMERS, ORDERS]
    assert in_vault == everywhere
    assert everywhere[1] == {
        "ResourceArn": ORDERS,
        "ResourceType": "DynamoDB",
        "ResourceName": "orders",
        "LastBackupTime": NOON - 2 * DAY,
        "LastBackupVaultArn": local.vaults["daily"],
        "LastRecoveryPointArn": newest,
    }
    assert one["LastRecoveryPointArn"] == newest


def test_a_resource_without_points_is_not_protected(local: Trial) -> None:
    with refused("ResourceNotFoundException", status=400):
        local.client().describe_protected_resource(ResourceArn=ORDERS)


def test_an_expired_point_goes_within_eight_hours(local: Trial) -> None:
    local.two_accounts()
    points = [
        local.backup_of(f"table-{number}", created_at=NOON, lifecycle={"DeleteAfterDays": 1}) for number in range(20)
    ]

    def left() -> int:
        rows = local.client().list_recovery_points_by_backup_vault(BackupVaultName="daily")
        return len(rows["RecoveryPoints"])

    local.clock.advance(DAY)
    assert left() == len(points)
    local.clock.advance(4 * HOURS)
    assert 0 < left() < len(points)
    local.clock.advance(4 * HOURS)
    assert left() == 0


def test_a_point_that_never_expires_stays(local: Trial) -> None:
    local.two_accounts()
    local.backup_of()
    local.clock.advance(4000 * DAY)
    assert local.client().describe_backup_vault(BackupVaultName="daily")["NumberOfRecoveryPoints"] == 1


def test_a_point_goes_cold_when_its_day_comes(local: Trial) -> None:
    local.two_accounts()
    point = local.backup_of(created_at=NOON, lifecycle={"MoveToColdStorageAfterDays": 30})

    def storage() -> str:
        answer = local.client().describe_recovery_point(BackupVaultName="daily", RecoveryPointArn=point)
        return str(answer["StorageClass"])

    local.clock.advance(29 * DAY)
    assert storage() == "WARM"
    local.clock.advance(DAY)
    assert storage() == "COLD"


def test_an_extended_retention_saves_the_point(local: Trial) -> None:
    local.two_accounts()
    point = local.backup_of(created_at=NOON, lifecycle={"DeleteAfterDays": 10})

    answer = local.client().update_recovery_point_lifecycle(
        BackupVaultName="daily", RecoveryPointArn=point, Lifecycle={"DeleteAfterDays": 100}
    )
    local.clock.advance(50 * DAY)

    assert answer["Lifecycle"] == {"DeleteAfterDays": 100}
    assert answer["CalculatedLifecycle"] == {"DeleteAt": NOON + 100 * DAY}
    assert local.client().describe_recovery_point(BackupVaultName="daily", RecoveryPointArn=point)["Status"]
    local.clock.advance(51 * DAY)
    with refused("ResourceNotFoundException"):
        local.client().describe_recovery_point(BackupVaultName="daily", RecoveryPointArn=point)


def test_a_field_left_out_of_an_update_is_unset(local: Trial) -> None:
    local.two_accounts()
    point = local.backup_of(lifecycle={"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 120})
    client = local.client()

    client.update_recovery_point_lifecycle(
        BackupVaultName="daily", RecoveryPointArn=point, Lifecycle={"DeleteAfterDays": 120}
    )

    answer = client.describe_recovery_point(BackupVaultName="daily", RecoveryPointArn=point)
    assert answer["Lifecycle"] == {"DeleteAfterDays": 120}


def test_minus_one_twice_keeps_a_point_for_ever(local: Trial) -> None:
    local.two_accounts()
    point = local.backup_of(lifecycle={"DeleteAfterDays": 35})
    client = local.client()

    answer = client.update_recovery_point_lifecycle(
        BackupVaultName="daily",
        RecoveryPointArn=point,
        Lifecycle={"MoveToColdStorageAfterDays": -1, "DeleteAfterDays": -1},
    )

    assert answer["Lifecycle"] == {}
    assert answer["CalculatedLifecycle"] == {}


@pytest.mark.parametrize(
    ("advanced", "days", "text"),
    [
        (False, 30, "Invalid lifecycle. MoveToColdStorageAfterDays is unavailable"),
        (True, 10, "MoveToColdStorageAfterDays must lie after the point's age"),
    ],
)
def test_cold_storage_must_be_possible_and_ahead(local: Trial, advanced: bool, days: int, text: str) -> None:
    local.two_accounts()
    point = local.backup_of(created_at=NOON - 10 * DAY, advanced=advanced)
    with refused("InvalidParameterValueException", text, status=400):
        local.client().update_recovery_point_lifecycle(
            BackupVaultName="daily", RecoveryPointArn=point, Lifecycle={"MoveToColdStorageAfterDays": days}
        )


def test_a_locked_vault_keeps_lifecycles_and_points(local: Trial) -> None:
    local.two_accounts()
    point = local.backup_of(lifecycle={"DeleteAfterDays": 35})
    client = local.client()
    client.put_backup_vault_lock_configuration(BackupVaultName="daily", MinRetentionDays=7)

    with refused("InvalidRequestException", status=400):
        client.update_recovery_point_lifecycle(
            BackupVaultName="daily", RecoveryPointArn=point, Lifecycle={"DeleteAfterDays": 100}
        )
    with refused("InvalidRequestException", status=400):
        client.delete_recovery_point(BackupVaultName="daily", RecoveryPointArn=point)


def test_a_copys_retention_is_changed_where_the_copy_is(local: Trial) -> None:
    local.two_accounts()
    copy = local.copy(local.backup_of())["DestinationRecoveryPointArn"]
    there = local.client(account=BACKUP, region=EU)

    answer = there.update_recovery_point_lifecycle(
        BackupVaultName="safe", RecoveryPointArn=copy, Lifecycle={"DeleteAfterDays": 365}
    )

    assert answer["CalculatedLifecycle"]["DeleteAt"] == NOON - 10 * DAY + 365 * DAY
    with refused("AccessDeniedException", "Insufficient privileges"):
        local.client().update_recovery_point_lifecycle(
            BackupVaultName="safe", RecoveryPointArn=copy, Lifecycle={"DeleteAfterDays": 365}
        )


def test_tags_of_points_can_be_changed(local: Trial) -> None:
    local.two_accounts()
    point = local.backup_of(tags={"team": "shop"})
    client = local.client()

    client.tag_resource(ResourceArn=point, Tags={"kept": "yes"})
    client.untag_resource(ResourceArn=point, TagKeyList=["team"])

    assert client.list_tags(ResourceArn=point)["Tags"] == {"kept": "yes"}
    with refused("ResourceNotFoundException"):
        client.list_tags(ResourceArn=point + "x")


def test_tags_of_the_table_come_with_its_backup(local: Trial) -> None:
    local.two_accounts()
    local.world.create_table(PROD, US, "orders", tags={"team": "shop"})
    assert local.client().list_tags(ResourceArn=local.backup_of())["Tags"] == {"team": "shop"}
