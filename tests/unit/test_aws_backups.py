"""What Boto3Backups asks of AWS and what it makes of the answers, without a network."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from bot.aws.backups import UNREADABLE_VAULT, Boto3Backups
from bot.domain.backups import CopyJobState, Lifecycle, RecoveryPoint, VaultRef
from bot.domain.errors import (
    BackupsDenied,
    BackupsError,
    BackupsLockedOut,
    BackupsMissing,
    BackupsRefused,
    BackupsThrottled,
    BackupsUnreachable,
)
from bot.domain.params import CopyParams
from bot.domain.ports import Backups, CopyOrder
from bot.domain.retention import Keep, Retention
from tests.unit.aws_wire import PROD, Asked, Reply, Wire, error

HERE = ("111111111111", "us-east-1")
DAILY = VaultRef(*HERE, "daily")
AWAY = VaultRef("222222222222", "eu-west-1", "copies")
TABLE = "arn:aws:dynamodb:us-east-1:111111111111:table/orders"
POINT = "arn:aws:backup:us-east-1:111111111111:recovery-point:1a2b"
MADE = datetime(2026, 11, 1, tzinfo=UTC)


def point_item(arn: str = POINT, **members: Any) -> dict[str, Any]:
    return {
        "RecoveryPointArn": arn,
        "ResourceArn": TABLE,
        "ResourceType": "DynamoDB",
        "CreationDate": MADE.timestamp(),
        "Status": "COMPLETED",
        **members,
    }


def vault_list(*names: str, token: str | None = None) -> Reply:
    return Reply({"BackupVaultList": [{"BackupVaultName": name} for name in names], "NextToken": token})


def order(keep: Retention = Retention(Keep.AS_SOURCE)) -> CopyOrder:  # noqa: B008 - frozen
    point = RecoveryPoint(POINT, DAILY, TABLE, "orders", MADE, "COMPLETED")
    params = CopyParams(point, AWAY, keep, PROD.copy_role_arn)
    return CopyOrder(params, token="token-1", request_id="CB-1", approved_by="U0BEN")


def answering(reply: Reply | Exception) -> Wire:
    return Wire(lambda _: reply)


def test_it_fulfils_the_port() -> None:
    port: Backups = answering(vault_list()).backups()

    assert port.vaults(*HERE) == ()


def test_making_it_asks_nothing_and_looks_for_no_credentials() -> None:
    wire = answering(Reply({}))

    wire.backups().close()

    assert wire.asked == []


@pytest.mark.parametrize(
    "call",
    [
        lambda backups: backups.holdings("999999999999", "us-east-1"),
        lambda backups: backups.vaults("999999999999", "us-east-1"),
        lambda backups: backups.point(VaultRef("999999999999", "us-east-1", "daily"), POINT),
        lambda backups: backups.copy_job(VaultRef("999999999999", "us-east-1", "daily"), "job"),
    ],
)
def test_an_account_that_is_not_configured_is_refused_by_name_and_never_called(
    call: Callable[[Boto3Backups], object],
) -> None:
    wire = answering(Reply({}))

    with pytest.raises(BackupsRefused, match="999999999999 is not one of the accounts") as caught:
        call(wire.backups())

    assert caught.value.code == "AccountNotConfigured"
    assert wire.asked == []


def test_a_copy_is_ordered_where_its_source_is_with_the_stored_token_and_the_accounts_copy_role() -> None:
    wire = answering(Reply({"CopyJobId": "JOB-1"}))

    job_id = wire.backups().start_copy(order())

    (asked,) = wire.asked
    assert job_id == "JOB-1"
    assert asked.host == "backup.us-east-1.amazonaws.com"
    assert asked.body == {
        "RecoveryPointArn": POINT,
        "SourceBackupVaultName": "daily",
        "DestinationBackupVaultArn": "arn:aws:backup:eu-west-1:222222222222:backup-vault:copies",
        "IamRoleArn": PROD.copy_role_arn,
        "IdempotencyToken": "token-1",
    }


@pytest.mark.parametrize(
    ("keep", "lifecycle"),
    [
        (Retention(Keep.DAYS, 35), {"DeleteAfterDays": 35}),
        (Retention(Keep.CENTURY), {"DeleteAfterDays": 36500}),
    ],
)
def test_a_chosen_retention_names_only_the_days_that_are_set(keep: Retention, lifecycle: dict[str, int]) -> None:
    wire = answering(Reply({"CopyJobId": "JOB-1"}))

    wire.backups().start_copy(order(keep))

    assert wire.asked[0].body["Lifecycle"] == lifecycle


def test_an_answer_without_a_job_id_leaves_the_copy_in_doubt() -> None:
    with pytest.raises(BackupsUnreachable) as caught:
        answering(Reply(text="<html>Please log in</html>")).backups().start_copy(order())

    assert caught.value.code == "IncompleteAnswer"


def test_a_copy_job_is_read_by_its_id_where_its_source_is() -> None:
    job = {
        "CopyJobId": "JOB-1",
        "State": "FAILED",
        "StatusMessage": "Access Denied trying to call AWS Backup service",
        "MessageCategory": "ACCESS_DENIED",
        "CompletionDate": MADE.timestamp(),
    }
    wire = answering(Reply({"CopyJob": job}))

    read = wire.backups().copy_job(DAILY, "JOB-1")

    assert wire.asked[0].path == "/copy-jobs/JOB-1"
    assert (read.id, read.state, read.category) == ("JOB-1", CopyJobState.FAILED, "ACCESS_DENIED")
    assert read.completed_at == MADE
    assert read.copy_arn is None


def test_a_point_is_read_with_its_storage_class_and_calculated_end() -> None:
    end = datetime(2026, 12, 6, tzinfo=UTC)
    item = point_item(
        StorageClass="COLD",
        BackupSizeInBytes=7,
        Lifecycle={"DeleteAfterDays": 35},
        CalculatedLifecycle={"DeleteAt": end.timestamp()},
    )
    wire = answering(Reply(item))

    read = wire.backups().point(DAILY, POINT)

    assert wire.asked[0].path == f"/backup-vaults/daily/recovery-points/{POINT}"
    assert read == RecoveryPoint(
        POINT, DAILY, TABLE, "orders", MADE, "COMPLETED", 7, Lifecycle(35), delete_at=end, storage_class="COLD"
    )


def test_a_point_that_is_no_tables_backup_is_refused() -> None:
    disk = point_item(ResourceArn="arn:aws:ec2:us-east-1:111111111111:volume/vol-1")

    with pytest.raises(BackupsRefused, match="not a backup of a DynamoDB table"):
        answering(Reply(disk)).backups().point(DAILY, POINT)


def test_holdings_read_every_page_of_every_vault_a_thousand_at_a_time() -> None:
    def script(asked: Asked) -> Reply:
        second = "nextToken" in asked.query
        if asked.operation == "ListBackupVaults":
            return vault_list("weekly") if second else vault_list("daily", token="more vaults")
        vault = asked.path.split("/")[2]
        items = [point_item(f"{POINT}-{vault}-{'2' if second else '1'}")]
        return Reply({"RecoveryPoints": items, "NextToken": None if second else f"more of {vault}"})

    wire = Wire(script)

    held = wire.backups().holdings(*HERE)

    assert [vault.ref.name for vault in held.vaults] == ["daily", "weekly"]
    assert [(point.vault.name, point.arn[-1]) for point in held.points] == [
        ("daily", "1"),
        ("daily", "2"),
        ("weekly", "1"),
        ("weekly", "2"),
    ]
    assert all(asked.query["maxResults"] == "1000" for asked in wire.asked)
    assert {asked.query["resourceType"] for asked in wire.of("ListRecoveryPointsByBackupVault")} == {"DynamoDB"}
    assert {point.storage_class for point in held.points} == {None}


@pytest.mark.parametrize("tokens", [["again", "again"], ["a", "b", "a"]])
def test_pages_that_go_in_a_circle_end_in_an_error_and_not_in_an_endless_read(tokens: list[str]) -> None:
    wire = Wire(lambda _: vault_list("daily", token=next(following)))
    following = iter(tokens)

    with pytest.raises(BackupsUnreachable, match="same page twice") as caught:
        wire.backups().vaults(*HERE)

    assert caught.value.code == "RepeatedPageToken"
    assert len(wire.asked) == len(tokens)


def test_what_is_not_a_tables_backup_is_left_out_of_the_holdings() -> None:
    items = [
        point_item(),
        point_item(f"{POINT}-disk", ResourceArn="arn:aws:ec2:us-east-1:111111111111:volume/vol-1"),
        point_item(f"{POINT}-none", ResourceArn=None),
        point_item(f"{POINT}-dateless", CreationDate=None),
        point_item(f"{POINT}-nested", ParentRecoveryPointArn=f"{POINT}-stack"),
    ]
    wire = Wire(
        lambda asked: vault_list("daily") if asked.operation == "ListBackupVaults" else Reply({"RecoveryPoints": items})
    )

    held = wire.backups().holdings(*HERE)

    assert [point.arn for point in held.points] == [POINT, f"{POINT}-nested"]


def test_vaults_of_aws_itself_are_left_out_since_their_names_break_the_rule_of_its_operations() -> None:
    wire = answering(vault_list("daily", "aws/efs/automatic-backup-vault"))

    assert [vault.ref.name for vault in wire.backups().vaults(*HERE)] == ["daily"]


def second_vault_fails(how: Reply | Exception) -> Wire:
    def script(asked: Asked) -> Reply | Exception:
        if asked.operation == "ListBackupVaults":
            return vault_list("daily", "gone")
        return how if "/gone/" in asked.path else Reply({"RecoveryPoints": [point_item()]})

    return Wire(script)


@pytest.mark.parametrize(
    "how",
    [
        error("AccessDeniedException", status=403),
        error("ResourceNotFoundException"),
        error("InvalidRequestException", "not for a restore access vault"),
    ],
)
def test_a_vault_that_vanished_or_is_denied_or_cannot_be_listed_counts_as_empty_and_is_logged(
    how: Reply, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)

    held = second_vault_fails(how).backups().holdings(*HERE)

    assert [vault.ref.name for vault in held.vaults] == ["daily", "gone"]
    assert [point.vault.name for point in held.points] == ["daily"]
    (record,) = [record for record in caplog.records if record.message == UNREADABLE_VAULT]
    assert vars(record)["vault"].endswith("backup-vault:gone")


@pytest.mark.parametrize(
    ("how", "kind"),
    [
        (error("ThrottlingException"), BackupsThrottled),
        (error("InternalFailure", status=500), BackupsUnreachable),
        (error("ExpiredTokenException", status=403), BackupsLockedOut),
        (ConnectionClosedError(endpoint_url="https://aws"), BackupsUnreachable),
    ],
)
def test_any_other_failure_fails_the_whole_read_so_that_nothing_known_is_taken_for_gone(
    how: Reply | Exception, kind: type[BackupsError]
) -> None:
    with pytest.raises(kind):
        second_vault_fails(how).backups().holdings(*HERE)


def test_when_no_vault_may_be_read_the_denial_is_the_answer() -> None:
    def script(asked: Asked) -> Reply:
        denied = error("AccessDeniedException", "no identity-based policy allows it", 403)
        return vault_list("daily", "weekly") if asked.operation == "ListBackupVaults" else denied

    with pytest.raises(BackupsDenied, match="no identity-based policy") as caught:
        Wire(script).backups().holdings(*HERE)

    assert caught.value.operation == "ListRecoveryPointsByBackupVault"


def test_an_account_without_vaults_holds_nothing() -> None:
    held = answering(vault_list()).backups().holdings(*HERE)

    assert (held.vaults, held.points) == ((), ())


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (error("ThrottlingException", "Rate exceeded"), BackupsThrottled),
        (error("LimitExceededException"), BackupsThrottled),
        (error("ServiceUnavailableException", status=500), BackupsUnreachable),
        (Reply(text="<html>Bad Gateway</html>", status=502), BackupsUnreachable),
        (Reply(text="", status=429), BackupsThrottled),
        (ReadTimeoutError(endpoint_url="https://aws"), BackupsUnreachable),
        (error("ExpiredTokenException", status=403), BackupsLockedOut),
        (error("UnrecognizedClientException", status=403), BackupsLockedOut),
        (error("AccessDeniedException", status=403), BackupsDenied),
        (error("ResourceNotFoundException"), BackupsMissing),
        (error("InvalidParameterValueException"), BackupsRefused),
        (error("MissingParameterValueException"), BackupsRefused),
        (error("InvalidRequestException"), BackupsRefused),
        (error("SomethingNewException", status=400), BackupsRefused),
        (error("SomethingNewException", status=500), BackupsUnreachable),
    ],
)
def test_an_answer_of_aws_becomes_the_error_that_says_what_it_means(
    reply: Reply | Exception, kind: type[BackupsError]
) -> None:
    with pytest.raises(kind) as caught:
        answering(reply).backups().start_copy(order())

    assert caught.type is kind
    assert caught.value.operation == "StartCopyJob"
    assert caught.value.__cause__ is not None


def test_a_wrong_kind_of_parameter_is_refused_before_anything_is_sent() -> None:
    wire = answering(Reply({}))
    broken = replace(order(), token=7)  # type: ignore[arg-type]

    with pytest.raises(BackupsRefused, match="IdempotencyToken"):
        wire.backups().start_copy(broken)

    assert wire.asked == []


def test_a_region_that_cannot_be_is_refused_before_anything_is_sent() -> None:
    wire = answering(Reply({}))

    with pytest.raises(BackupsRefused, match="us east"):
        wire.backups().vaults("111111111111", "us east")

    assert wire.asked == []


def test_no_credential_and_no_token_is_ever_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="bot")

    answering(Reply({"CopyJobId": "JOB-1"})).backups().start_copy(order())

    logged = "\n".join(str(vars(record)) for record in caplog.records)
    assert "StartCopyJob" in logged
    assert "not-a-secret" not in logged
    assert "token-1" not in logged
