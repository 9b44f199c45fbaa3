"""AWS's answers in our records, whatever is left out of them or new in them."""

import logging
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from bot.aws import parse
from bot.domain.backups import CopyJobState, Lifecycle, RecoveryPoint, Vault, VaultKind, VaultRef

PLACE = ("111111111111", "us-east-1")
REF = VaultRef(*PLACE, "daily")
TABLE = "arn:aws:dynamodb:us-east-1:111111111111:table/orders"
MADE = datetime(2026, 11, 1, tzinfo=UTC)


def read_point(**members: Any) -> RecoveryPoint:
    item = {"RecoveryPointArn": "arn:point", "ResourceArn": TABLE, "CreationDate": MADE, **members}
    point = parse.point(item, REF)
    assert point is not None
    return point


def read_vault(**members: Any) -> Vault:
    vault = parse.vault({"BackupVaultName": "daily", **members}, *PLACE)
    assert vault is not None
    return vault


def test_a_vault_with_nothing_but_its_name_is_a_standard_one_without_a_lock() -> None:
    assert read_vault() == Vault(REF)


def test_a_vault_is_read_with_its_lock_key_and_kind() -> None:
    vault = read_vault(
        VaultType="LOGICALLY_AIR_GAPPED_BACKUP_VAULT",
        VaultState="CREATING",
        EncryptionKeyArn="arn:key",
        Locked=True,
        MinRetentionDays=7,
        MaxRetentionDays=90,
        NumberOfRecoveryPoints=3,
        SomethingNew={"of": "AWS"},
    )

    assert vault == Vault(REF, VaultKind.AIR_GAPPED, "CREATING", "arn:key", True, 7, 90, 3)


def test_a_kind_of_vault_that_is_new_to_us_counts_as_standard_and_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert read_vault(VaultType="UNDERWATER_VAULT").kind is VaultKind.STANDARD
    assert [(r.message, vars(r)["value"]) for r in caplog.records] == [(parse.UNKNOWN_VALUE, "UNDERWATER_VAULT")]


@pytest.mark.parametrize("name", [None, "", "a", "aws/efs/automatic-backup-vault", "x" * 51])
def test_a_vault_that_no_operation_accepts_is_left_out(name: str | None) -> None:
    assert parse.vault({"BackupVaultName": name}, *PLACE) is None


def test_the_end_of_the_job_that_made_a_point_is_read() -> None:
    assert read_point(CompletionDate=MADE + timedelta(hours=1)).completed_at == MADE + timedelta(hours=1)


def test_a_point_with_only_what_it_cannot_lack_is_read() -> None:
    assert read_point() == RecoveryPoint("arn:point", REF, TABLE, "orders", MADE, "UNKNOWN")


def test_a_status_that_is_new_to_us_is_kept_as_it_is() -> None:
    assert read_point(Status="HIBERNATING").status == "HIBERNATING"


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({"DeleteAfterDays": 35, "MoveToColdStorageAfterDays": 7}, Lifecycle(35, 7)),
        ({"DeleteAfterDays": -1, "MoveToColdStorageAfterDays": -1}, Lifecycle()),
        ({"DeleteAfterEvent": "DELETE_AFTER_COPY"}, Lifecycle()),
        (None, Lifecycle()),
    ],
)
def test_a_lifecycle_holds_days_or_nothing(given: dict[str, Any] | None, read: Lifecycle) -> None:
    assert read_point(Lifecycle=given).lifecycle == read


@pytest.mark.parametrize(
    "told",
    [
        datetime(2026, 11, 1),  # noqa: DTZ001 - a naive one is what is tested
        datetime(2026, 11, 1, 2, tzinfo=timezone(timedelta(hours=2))),
    ],
)
def test_times_are_utc_whatever_zone_the_machine_reads_them_in(told: datetime) -> None:
    point = read_point(CreationDate=told, CalculatedLifecycle={"DeleteAt": told, "MoveToColdStorageAt": told})

    assert point.created_at == point.delete_at == point.cold_at == MADE
    assert point.created_at.tzinfo is UTC


@pytest.mark.parametrize("missing", ["RecoveryPointArn", "ResourceArn", "CreationDate"])
def test_a_point_without_an_identity_is_left_out(missing: str) -> None:
    item = {"RecoveryPointArn": "arn:point", "ResourceArn": TABLE, "CreationDate": MADE} | {missing: None}

    assert parse.point(item, REF) is None


@pytest.mark.parametrize("arn", ["arn:aws:s3:::bucket", TABLE + "/index/by-day", TABLE + "/backup/01", "orders"])
def test_a_point_of_anything_but_a_table_is_left_out(arn: str) -> None:
    assert parse.point({"RecoveryPointArn": "arn:point", "ResourceArn": arn, "CreationDate": MADE}, REF) is None


@pytest.mark.parametrize("state", list(CopyJobState))
def test_each_state_of_a_job_is_itself(state: CopyJobState) -> None:
    assert parse.copy_job({"State": state.value}, "JOB").state is state


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("COMPLETING", CopyJobState.RUNNING),
        ("ABORTING", CopyJobState.RUNNING),
        ("FAILING", CopyJobState.RUNNING),
        ("ABORTED", CopyJobState.FAILED),
    ],
)
def test_states_that_aws_names_for_summaries_only_are_understood(told: str, meant: CopyJobState) -> None:
    assert parse.copy_job({"State": told}, "JOB").state is meant


@pytest.mark.parametrize("told", ["THINKING", None, ""])
def test_a_state_that_is_new_to_us_counts_as_running_and_is_logged(
    told: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)

    assert parse.copy_job({"State": told}, "JOB").state is CopyJobState.RUNNING
    assert [record.message for record in caplog.records] == [parse.UNKNOWN_VALUE]


def test_a_job_without_a_copy_has_none() -> None:
    job = parse.copy_job({"State": "CREATED", "DestinationRecoveryPointArn": ""}, "JOB")

    assert (job.id, job.copy_arn, job.size_bytes, job.completed_at) == ("JOB", None, None, None)
