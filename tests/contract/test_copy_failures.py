"""Every known reason why a copy fails, provoked in the local AWS and seen as the bot sees it.

Each test is one row, by its number, of the bot's table of reasons:

 1 a backup that DynamoDB manages itself            14 the source vault's policy denies copying from it
 2 a backup that is not whole                       15 the key of the destination vault
 3 a backup in cold storage                         16 the key of the source vault
 4 a backup deleted before the start                17 the copy role: missing, its trust, its permissions, passing it
 5 a continuous backup                              18 a service control policy, seen only at the start
 6 the wrong account or Region for the call         19 the vault lock's range
 7 accounts not in one organization                 20 numbers of a lifecycle that cannot be
 8 the organization's cross-account switch          21 a logically air-gapped vault
 9 DynamoDB not opted in                            22 an organization's tag policy
10 a Region that the account has not enabled        23 quotas and jobs at work
11 no such vault                                    24 a feature that a Region has not
12 the vault's policy does not admit the source     25 the copy is there already
13 a vault with AWS's default key                   26 a malware finding

What no call of the port shows yet (9, 25, 26 and parts of others) is asked of AWS directly, so that a later pre-flight
finds the answer waiting.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from bot.domain.backups import CopyJob, CopyJobState, VaultRef
from bot.domain.errors import (
    BackupsDenied,
    BackupsError,
    BackupsLockedOut,
    BackupsMissing,
    BackupsRefused,
    BackupsThrottled,
)
from bot.domain.failures import NO_REMEDY, translate
from bot.domain.ports import CopyOrder
from bot.domain.preflight import why_not_copyable
from bot.domain.retention import Keep, Retention
from bot.sandbox.aws import Role, access_key
from tests.contract.backups_worlds import (
    BACKUP,
    COPIES,
    DAILY,
    EU,
    EXTERNAL_ID,
    MADE,
    NOON,
    PROD,
    US,
    AwsBackupsWorld,
    by_http,
    copy_of,
    local_aws,
    under_mock_aws,
)

__all__ = ["local_aws"]

ROLE = PROD.copy_role_arn
NEAR = VaultRef(PROD.id, EU, "near")
COPYING = ["backup:CopyFromBackupVault", "backup:CopyIntoBackupVault"]


@pytest.fixture(params=[under_mock_aws, by_http], ids=["mock_aws", "http"])
def world(request: pytest.FixtureRequest) -> Iterator[AwsBackupsWorld]:
    with request.param(request) as opened:
        yield opened


def aws(account_id: str = PROD.id, region: str = US, service: str = "backup") -> Any:
    """A client as nobody's role, for what the port does not ask."""
    return boto3.client(
        service,
        region_name=region,
        aws_access_key_id=access_key(account_id),
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 1}),
    )


def ordered(world: AwsBackupsWorld, **more: Any) -> CopyOrder:
    """Order the copy of a backup that was just put into DAILY."""
    return copy_of(world.add_point(DAILY, "orders"), **more)


def ended(world: AwsBackupsWorld, order: CopyOrder) -> CopyJob:
    """Start a copy and read its job when it is over."""
    job_id = world.backups.start_copy(order)
    world.end_copies()
    return world.backups.copy_job(order.params.point.vault, job_id)


def failed(world: AwsBackupsWorld, order: CopyOrder) -> tuple[str, str, str]:
    """Message, category and remedy of a copy whose job fails."""
    job = ended(world, order)
    assert (job.state, job.copy_arn) == (CopyJobState.FAILED, None)
    assert job.completed_at is not None
    _translated(job.message, job.category, order)
    return job.message or "", job.category or "", translate(job.message, job.category, order.params).remedy


def _translated(message: str | None, category: str | None, order: CopyOrder) -> None:
    """Every reason in this table has a cause in people's words, and names as evidence."""
    told = translate(message, category, order.params)
    assert told.cause
    assert order.params.destination.arn in [name for _, name in told.evidence]
    assert NO_REMEDY not in told.remedy


def refused(call: Callable[[], object], kind: type[BackupsError]) -> BackupsError:
    with pytest.raises(kind) as caught:
        call()
    assert type(caught.value) is kind
    return caught.value


def not_started(world: AwsBackupsWorld, order: CopyOrder, kind: type[BackupsError]) -> tuple[str, str, str]:
    """Message, code and remedy of a copy that AWS refuses when it is asked to start it."""
    before = world.copies_made()
    error = refused(lambda: world.backups.start_copy(order), kind)
    assert error.operation == "StartCopyJob"
    assert world.copies_made() == before
    _translated(error.message, error.code, order)
    return error.message, error.code, translate(error.message, error.code, order.params).remedy


@contextmanager
def answers(code: str, text: str | None = None) -> Iterator[None]:
    """Expect this of AWS itself."""
    with pytest.raises(ClientError, match=text) as caught:
        yield
    assert caught.value.response["Error"]["Code"] == code


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def statement(effect: str, action: str, principal: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Principal": principal, "Action": action, "Resource": "*", **more}


def put_vault_policy(vault: VaultRef, *statements: dict[str, Any]) -> None:
    client = aws(vault.account, vault.region)
    client.put_backup_vault_access_policy(BackupVaultName=vault.name, Policy=policy(*statements))


def key_of(vault: VaultRef) -> tuple[Any, str]:
    """A KMS client where a vault's key is, and the key's id."""
    described = aws(vault.account, vault.region).describe_backup_vault(BackupVaultName=vault.name)
    return aws(vault.account, vault.region, "kms"), described["EncryptionKeyArn"].rpartition("/")[2]


def test_01_a_backup_that_dynamodb_manages_is_refused_at_once(world: AwsBackupsWorld) -> None:
    arn = world.add_point(DAILY, "orders", advanced=False)
    world.world.set_advanced(PROD.id, US, enabled=False)

    message, code, remedy = not_started(world, copy_of(arn), BackupsRefused)

    finding = why_not_copyable(world.backups.point(DAILY, arn), NOON)
    assert (message, code) == (
        "Copy is not supported for recovery points that DynamoDB manages.",
        "InvalidRequestException",
    )
    assert PROD.id in remedy
    assert finding is not None
    assert finding.code == "not-advanced"
    assert aws().describe_region_settings()["ResourceTypeManagementPreference"]["DynamoDB"] is False


@pytest.mark.parametrize("status", ["PARTIAL", "EXPIRED", "DELETING", "CREATING", "STOPPED"])
def test_02_a_backup_that_is_not_whole_fails(world: AwsBackupsWorld, status: str) -> None:
    order = ordered(world)
    # The state moves between approval and start, so the start itself has to meet it.
    world.world.set_point_status(PROD.id, US, "daily", order.params.point.arn, status)

    message, category, remedy = failed(world, order)

    assert (status in message, category) == (True, "INVALID_STATE")
    assert order.params.point.arn in remedy
    assert world.backups.point(DAILY, order.params.point.arn).status == status


def test_03_a_backup_that_went_cold_while_its_copy_waited_fails(world: AwsBackupsWorld) -> None:
    world.world.hold_next_copies()
    arn = world.world.add_recovery_point(
        PROD.id, US, "daily", "orders", created_at=MADE, lifecycle={"MoveToColdStorageAfterDays": 12}
    )
    assert world.backups.point(DAILY, arn).storage_class == "WARM"
    order = copy_of(arn)
    job_id = world.backups.start_copy(order)

    world.world.clock.advance(timedelta(days=2))
    world.world.release_copies()
    world.end_copies()

    job = world.backups.copy_job(DAILY, job_id)
    assert (job.state, job.category) == (CopyJobState.FAILED, "INVALID_STATE")
    assert "cold storage" in (job.message or "")
    assert "orders" in translate(job.message, job.category, order.params).remedy
    assert world.backups.point(DAILY, arn).storage_class == "COLD"


def test_04_a_backup_that_expired_before_the_start_is_missing(world: AwsBackupsWorld) -> None:
    arn = world.world.add_recovery_point(
        PROD.id, US, "daily", "orders", created_at=MADE, lifecycle={"DeleteAfterDays": 11}
    )
    world.world.clock.advance(timedelta(days=2))

    message, code, remedy = not_started(world, copy_of(arn), BackupsMissing)

    assert (message, code) == ("Cannot find recovery point", "ResourceNotFoundException")
    assert arn in remedy


def test_04_a_backup_deleted_after_the_call_fails_the_job(world: AwsBackupsWorld) -> None:
    order = ordered(world)
    job_id = world.backups.start_copy(order)
    world.remove_point(DAILY, order.params.point.arn)
    world.end_copies()

    job = world.backups.copy_job(DAILY, job_id)

    assert (job.message, job.category) == ("Cannot find recovery point", "RESOURCE_NOT_FOUND")
    assert order.params.point.arn in translate(job.message, job.category, order.params).remedy


def test_05_a_continuous_backup_is_refused(world: AwsBackupsWorld) -> None:
    order = copy_of(world.add_point(DAILY, "orders", continuous=True))

    message, code, remedy = not_started(world, order, BackupsRefused)

    assert ("continuous" in message, code) == (True, "InvalidRequestException")
    assert PROD.id in remedy


def test_06_a_call_in_the_wrong_region_does_not_see_the_vault(world: AwsBackupsWorld) -> None:
    order = ordered(world)
    misplaced = replace(DAILY, region=EU)
    astray = replace(order, params=replace(order.params, point=replace(order.params.point, vault=misplaced)))

    message, code, remedy = not_started(world, astray, BackupsDenied)

    assert (message, code) == ("Insufficient privileges to perform this action.", "AccessDeniedException")
    assert misplaced.arn in remedy


def test_06_a_copy_is_started_where_its_source_is(world: AwsBackupsWorld) -> None:
    world.backups.start_copy(ordered(world))

    (call,) = [call for call in world.world.calls if call.operation == "StartCopyJob"]
    assert (call.account, call.region) == (PROD.id, US)


@pytest.mark.parametrize("left_for", [None, "o-other"])
def test_07_accounts_of_two_organizations_cannot_copy(world: AwsBackupsWorld, left_for: str | None) -> None:
    world.world.add_account(BACKUP.id, organization=left_for)

    message, category, remedy = failed(world, ordered(world))

    assert "must be a member of the same organization" in message
    assert category == "ACCESS_DENIED"
    assert PROD.id in remedy
    assert BACKUP.id in remedy
    if left_for is None:
        with answers("AWSOrganizationsNotInUseException"):
            aws(BACKUP.id, service="organizations").describe_organization()


def test_08_the_cross_account_switch_is_off(world: AwsBackupsWorld) -> None:
    aws().update_global_settings(GlobalSettings={"isCrossAccountBackupEnabled": "false"})

    message, category, remedy = failed(world, ordered(world))

    assert "Cross-account copy feature is not enabled for the current organization." in message
    assert category == "FEATURE_NOT_ENABLED"
    assert "isCrossAccountBackupEnabled=true" in remedy
    assert aws().describe_global_settings()["GlobalSettings"]["isCrossAccountBackupEnabled"] == "false"


def test_08_outside_an_organization_the_switch_cannot_be_read(world: AwsBackupsWorld) -> None:
    world.world.add_account(BACKUP.id, organization=None)

    with answers("InvalidRequestException"):
        aws(BACKUP.id, EU).describe_global_settings()
    with answers("InvalidRequestException", "Only the management account"):
        world.world.add_account(BACKUP.id)
        aws(BACKUP.id, EU).update_global_settings(GlobalSettings={"isCrossAccountBackupEnabled": "true"})


def test_09_an_opt_in_that_is_off_is_told_by_the_region_and_by_the_job(world: AwsBackupsWorld) -> None:
    aws(BACKUP.id, EU).update_region_settings(ResourceTypeOptInPreference={"DynamoDB": False})
    # AWS does not say that a copy needs the opt-in; where a job says so, the text is of this family.
    world.doom_next_copy("Copy job failed because of an unsupported resource type.", "RESOURCE_NOT_SUPPORTED")

    _, category, remedy = failed(world, ordered(world))

    assert category == "RESOURCE_NOT_SUPPORTED"
    assert f"{BACKUP.id}, {EU}" in remedy
    assert aws(BACKUP.id, EU).describe_region_settings()["ResourceTypeOptInPreference"]["DynamoDB"] is False
    assert aws().describe_region_settings()["ResourceTypeOptInPreference"]["DynamoDB"] is True


def test_10_a_region_that_is_not_enabled_knows_nobody(world: AwsBackupsWorld) -> None:
    world.world.set_region_enabled(BACKUP.id, EU, enabled=False)
    order = ordered(world)

    error = refused(lambda: world.backups.vaults(BACKUP.id, EU), BackupsLockedOut)
    _, category, remedy = failed(world, order)

    assert error.code in ("UnrecognizedClientException", "InvalidClientTokenId")
    assert BACKUP.alias in error.message
    assert category == "ACCESS_DENIED"
    assert COPIES.arn in remedy
    world.world.set_region_enabled(BACKUP.id, EU, enabled=True)
    assert ended(world, replace(order, token="token-2")).state is CopyJobState.COMPLETED


def test_11_a_vault_that_is_not_there_fails_the_job_and_is_denied_to_a_reader(world: AwsBackupsWorld) -> None:
    nowhere = VaultRef(BACKUP.id, EU, "nowhere")

    message, category, remedy = failed(world, ordered(world, destination=nowhere))

    assert (message, category) == ("Access Denied trying to call AWS Backup service", "ACCESS_DENIED")
    assert nowhere.arn in remedy
    assert nowhere not in [vault.ref for vault in world.backups.vaults(BACKUP.id, EU)]
    with answers("AccessDeniedException", "Insufficient privileges"):
        aws(BACKUP.id, EU).describe_backup_vault(BackupVaultName="nowhere")


ADMITS_NOBODY: dict[str, list[dict[str, Any]]] = {
    "another account": [statement("Allow", "backup:CopyIntoBackupVault", {"AWS": "arn:aws:iam::999999999999:root"})],
    "another organization": [
        statement("Allow", "backup:CopyIntoBackupVault", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-other"}})
    ],
    "another unit": [
        statement(
            "Allow",
            "backup:CopyIntoBackupVault",
            Condition={"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-local/r-loca/ou-other/*"]}},
        )
    ],
    "an explicit deny": [
        statement("Allow", "backup:CopyIntoBackupVault"),
        statement("Deny", "backup:CopyIntoBackupVault", {"AWS": f"arn:aws:iam::{PROD.id}:root"}),
    ],
}


@pytest.mark.parametrize("statements", ADMITS_NOBODY.values(), ids=ADMITS_NOBODY.keys())
def test_12_a_vault_whose_policy_does_not_admit_the_source_fails_the_job(
    world: AwsBackupsWorld, statements: list[dict[str, Any]]
) -> None:
    put_vault_policy(COPIES, *statements)

    message, category, remedy = failed(world, ordered(world))

    assert (message, category) == ("Access Denied trying to call AWS Backup service", "ACCESS_DENIED")
    assert COPIES.arn in remedy
    assert f'"arn:aws:iam::{PROD.id}:root"' in remedy


def test_12_a_vault_without_a_policy_admits_no_other_account(world: AwsBackupsWorld) -> None:
    aws(BACKUP.id, EU).delete_backup_vault_access_policy(BackupVaultName="copies")

    message, category, _ = failed(world, ordered(world))

    assert (message, category) == ("Access Denied trying to call AWS Backup service", "ACCESS_DENIED")
    with answers("ResourceNotFoundException"):
        aws(BACKUP.id, EU).get_backup_vault_access_policy(BackupVaultName="copies")


def test_13_a_vault_with_awss_default_key_cannot_take_another_accounts_copy(world: AwsBackupsWorld) -> None:
    default = VaultRef(BACKUP.id, EU, "Default")
    world.world.create_vault(BACKUP.id, EU, "Default", key="default")
    world.world.allow_copies_into(BACKUP.id, EU, "Default", PROD.id)

    message, category, remedy = failed(world, ordered(world, destination=default))

    assert "encrypted with the default Backup service managed key" in message
    assert category == "ACCESS_DENIED"
    assert default.arn in remedy
    assert "customer managed KMS key" in remedy


def test_14_a_source_vault_may_forbid_copying_from_it(world: AwsBackupsWorld) -> None:
    order = ordered(world)
    put_vault_policy(DAILY, statement("Deny", "backup:CopyFromBackupVault"))

    message, category, remedy = failed(world, order)

    assert (message, category) == ("Access Denied trying to call AWS Backup service", "ACCESS_DENIED")
    assert f"{ROLE} may backup:CopyFromBackupVault" in remedy


@pytest.mark.parametrize("vault", [COPIES, DAILY], ids=["15-destination", "16-source"])
@pytest.mark.parametrize("trouble", ["disabled", "pending deletion", "closed", "unseen"])
def test_15_and_16_a_key_that_cannot_be_used_fails_the_job(
    world: AwsBackupsWorld, vault: VaultRef, trouble: str
) -> None:
    kms, key = key_of(vault)
    nobody = {"AWS": "arn:aws:iam::999999999999:root"}
    if trouble == "disabled":
        kms.disable_key(KeyId=key)
    elif trouble == "pending deletion":
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    else:
        may = statement("Allow", "kms:DescribeKey") if trouble == "closed" else statement("Allow", "kms:*", nobody)
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy(may))

    message, category, remedy = failed(world, ordered(world))

    expected = "Given key ID is not accessible" if trouble == "unseen" else "KMS key is either disabled or pending"
    assert message.startswith(expected)
    assert category == "KMS_KEY_ERROR"
    assert vault.arn in remedy
    assert "kms:Decrypt" in remedy


def test_17_a_copy_role_that_is_not_there_cannot_be_assumed(world: AwsBackupsWorld) -> None:
    order = ordered(world)
    role = f"arn:aws:iam::{PROD.id}:role/Nobody"
    order = replace(order, params=replace(order.params, role_arn=role))

    message, category, remedy = failed(world, order)

    assert (message, category) == (f"{role} cannot be assumed by AWS Backup", "ACCESS_DENIED")
    assert role in remedy
    assert '"Service": "backup.amazonaws.com"' in remedy
    with answers("NoSuchEntity"):
        aws(service="iam").get_role(RoleName="Nobody")


def test_17_a_copy_role_that_does_not_trust_aws_backup_cannot_be_assumed(world: AwsBackupsWorld) -> None:
    order = ordered(world)
    world.world.add_account(PROD.id, roles=[Role("service-role/AWSBackupDefaultServiceRole", services=())])
    world.world.add_account(PROD.id, roles=[Role("CopyBackupBot", external_id=EXTERNAL_ID)])

    message, category, remedy = failed(world, order)

    assert (message, category) == (f"{ROLE} cannot be assumed by AWS Backup", "ACCESS_DENIED")
    assert ROLE in remedy


def test_17_a_copy_role_that_may_not_copy_fails_the_job(world: AwsBackupsWorld) -> None:
    order = ordered(world)
    reads = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": COPYING[0], "Resource": "*"}]}
    world.world.add_account(PROD.id, roles=[Role("service-role/AWSBackupDefaultServiceRole", policies=[reads])])

    message, category, remedy = failed(world, order)

    assert (message, category) == ("Access Denied trying to call AWS Backup service", "ACCESS_DENIED")
    assert ROLE in remedy
    assert COPIES.arn in remedy


def test_17_the_bot_has_to_be_allowed_to_pass_the_copy_role(world: AwsBackupsWorld) -> None:
    order = ordered(world)
    starts = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "backup:*", "Resource": "*"}]}
    world.world.add_account(PROD.id, roles=[Role("CopyBackupBot", external_id=EXTERNAL_ID, policies=[starts])])

    message, code, remedy = not_started(world, order, BackupsDenied)

    assert ("iam:PassRole" in message, code) == (True, "AccessDeniedException")
    assert f"iam:PassRole on {ROLE}" in remedy


def test_18_a_service_control_policy_over_the_bot_shows_only_as_a_denied_start(world: AwsBackupsWorld) -> None:
    order = ordered(world)
    world.forbid("backup:StartCopyJob")

    message, code, remedy = not_started(world, order, BackupsDenied)

    assert (message, code) == (
        f"User: arn:aws:sts::{PROD.id}:assumed-role/CopyBackupBot/CB-1-U0BEN is not authorized to perform: "
        f"backup:StartCopyJob on resource: {order.params.point.arn} with an explicit deny in a service control policy",
        "AccessDeniedException",
    )
    assert PROD.id in remedy
    assert "management account" in remedy


@pytest.mark.parametrize("action", COPYING)
def test_18_a_service_control_policy_over_the_copy_role_fails_the_job_without_a_name(
    world: AwsBackupsWorld, action: str
) -> None:
    order = ordered(world)
    world.forbid(action)

    message, category, remedy = failed(world, order)

    assert (message, category) == ("Access Denied trying to call AWS Backup service", "ACCESS_DENIED")
    assert "no service control policy" in remedy


@pytest.mark.parametrize(
    ("lock", "keep"),
    [
        ((7, 30), Retention(Keep.DAYS, 31)),
        ((40, 90), Retention(Keep.DAYS, 39)),
        ((7, 30), Retention(Keep.CENTURY)),
        # Nothing was chosen: the source's own 35 days are what the lock minds.
        ((7, 30), Retention(Keep.AS_SOURCE)),
    ],
)
def test_19_a_retention_outside_the_vault_locks_range_fails_the_job(
    world: AwsBackupsWorld, lock: tuple[int, int], keep: Retention
) -> None:
    locked = VaultRef(BACKUP.id, EU, "locked")
    world.add_vault(locked, lock=lock)
    world.world.allow_copies_into(BACKUP.id, EU, "locked", PROD.id)
    arn = world.world.add_recovery_point(
        PROD.id, US, "daily", "orders", created_at=MADE, lifecycle={"DeleteAfterDays": 35}
    )

    message, category, remedy = failed(world, copy_of(arn, destination=locked, keep=keep))

    (seen,) = [vault for vault in world.backups.vaults(BACKUP.id, EU) if vault.ref == locked]
    assert "not within the range specified for the target Backup Vault" in message
    assert category == "INVALID_LIFECYCLE"
    assert locked.arn in remedy
    assert (seen.locked, seen.min_days, seen.max_days) == (True, *lock)


@pytest.mark.parametrize("days", [0, 36_501])
def test_20_days_that_cannot_be_are_refused_at_once(world: AwsBackupsWorld, days: int) -> None:
    message, code, remedy = not_started(world, ordered(world, keep=Retention(Keep.DAYS, days)), BackupsRefused)

    assert message == "Invalid lifecycle. DeleteAfterDays cannot be less than 1 or more than 36500 days"
    assert code == "InvalidParameterValueException"
    assert f"{days} days" in remedy


def test_20_cold_storage_needs_ninety_days_before_the_end(world: AwsBackupsWorld) -> None:
    order = ordered(world)

    with answers("InvalidParameterValueException", "cannot be less than 90 days apart"):
        aws().start_copy_job(
            RecoveryPointArn=order.params.point.arn,
            SourceBackupVaultName="daily",
            DestinationBackupVaultArn=COPIES.arn,
            IamRoleArn=ROLE,
            Lifecycle={"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 119},
        )


def test_20_minus_one_keeps_the_sources_end_and_not_the_copy_for_ever(world: AwsBackupsWorld) -> None:
    arn = world.world.add_recovery_point(
        PROD.id, US, "daily", "orders", created_at=MADE, lifecycle={"DeleteAfterDays": 35}
    )

    job = ended(world, copy_of(arn, keep=Retention(Keep.DAYS, -1)))

    assert job.copy_arn is not None
    assert world.backups.point(COPIES, job.copy_arn).delete_at == MADE + timedelta(days=35)


def test_21_an_air_gapped_vault_takes_nothing_for_ever(world: AwsBackupsWorld) -> None:
    gap = VaultRef(BACKUP.id, EU, "gap")
    client = aws(BACKUP.id, EU)
    client.create_logically_air_gapped_backup_vault(BackupVaultName="gap", MinRetentionDays=7, MaxRetentionDays=90)
    world.world.allow_copies_into(BACKUP.id, EU, "gap", PROD.id)

    message, category, remedy = failed(world, ordered(world, destination=gap))

    assert "not within the range specified for the target Backup Vault" in message
    assert category == "INVALID_LIFECYCLE"
    assert gap.arn in remedy


def test_21_out_of_an_air_gapped_vault_only_a_vault_with_a_key_of_its_own_takes_copies(world: AwsBackupsWorld) -> None:
    gap = VaultRef(PROD.id, US, "gap")
    aws().create_logically_air_gapped_backup_vault(BackupVaultName="gap", MinRetentionDays=7, MaxRetentionDays=90)
    world.world.create_vault(NEAR.account, NEAR.region, NEAR.name, key="default")

    message, category, remedy = failed(world, copy_of(world.add_point(gap, "orders"), source=gap, destination=NEAR))

    assert "air-gapped" in message
    assert category == "LOGICALLY_AIR_GAPPED_BACKUP_VAULT_NOT_SUPPORTED"
    assert NEAR.arn in remedy


def test_22_a_tag_policy_appears_in_the_jobs_message_only(world: AwsBackupsWorld) -> None:
    world.allow_tags("team", "checkout")

    message, _, remedy = failed(world, copy_of(world.add_point(DAILY, "orders", tags={"team": "nobody"})))

    assert message.endswith("The tag policy does not allow the specified value for the following tag key: 'team'.")
    assert ROLE in remedy
    assert "tag policy" in remedy


def test_22_more_tags_than_a_recovery_point_may_have_fail_the_job(world: AwsBackupsWorld) -> None:
    arn = world.add_point(DAILY, "orders", tags={f"tag-{number}": "x" for number in range(51)})

    message, category, remedy = failed(world, copy_of(arn))

    assert message.startswith("We are unable to copy resource tags to your backup because")
    assert category == "TAG_COPY_ERROR"
    assert ROLE in remedy


def test_23_a_second_copy_of_a_table_waits_for_the_first(world: AwsBackupsWorld) -> None:
    world.world.job_timing(created=timedelta(0), running=timedelta(minutes=1))
    jobs = [world.backups.start_copy(ordered(world, token=f"token-{number}")) for number in range(2)]

    before = [world.backups.copy_job(DAILY, job).state for job in jobs]
    world.end_copies()

    assert before == [CopyJobState.RUNNING, CopyJobState.CREATED]
    assert [world.backups.copy_job(DAILY, job).state for job in jobs] == [CopyJobState.COMPLETED] * 2


def test_23_a_copy_waits_for_the_backup_of_its_table(world: AwsBackupsWorld) -> None:
    """The nightly backup is what most copies wait for."""
    order = ordered(world)
    world.world.job_timing(created=timedelta(0), running=timedelta(minutes=1))
    world.world.create_table(PROD.id, US, "orders", [{"id": "1"}])
    aws().start_backup_job(BackupVaultName="daily", ResourceArn=order.params.point.table_arn, IamRoleArn=ROLE)
    job = world.backups.start_copy(order)

    before = world.backups.copy_job(DAILY, job).state
    world.end_copies()

    assert (before, world.backups.copy_job(DAILY, job).state) == (CopyJobState.CREATED, CopyJobState.COMPLETED)


def test_23_no_vault_is_made_beyond_the_accounts_quota(world: AwsBackupsWorld) -> None:
    world.world.set_quotas(vaults=1)

    with answers("LimitExceededException"):
        aws(BACKUP.id, EU).create_backup_vault(BackupVaultName="one-more")


def test_23_copies_beyond_the_regions_quota_wait(world: AwsBackupsWorld) -> None:
    world.world.set_quotas(copies_per_destination_region=1, extra_copies_per_vault=0)
    world.world.job_timing(created=timedelta(0), running=timedelta(minutes=1))
    arns = [world.add_point(DAILY, table) for table in ("orders", "carts")]
    jobs = [world.backups.start_copy(copy_of(arn, token=arn[-8:])) for arn in arns]

    assert [world.backups.copy_job(DAILY, job).state for job in jobs] == [CopyJobState.RUNNING, CopyJobState.CREATED]
    assert [job["State"] for job in aws().list_copy_jobs(ByState="CREATED")["CopyJobs"]] == ["CREATED"]


def test_23_a_copy_that_did_not_get_its_turn_may_fail(world: AwsBackupsWorld) -> None:
    world.doom_next_copy("There are too many copy jobs running for resource.", "CONCURRENT_JOB")
    order = ordered(world)

    _, category, remedy = failed(world, order)

    assert category == "CONCURRENT_JOB"
    assert "table orders" in remedy


def test_23_a_quota_that_is_told_at_the_call_passes_by_itself(world: AwsBackupsWorld) -> None:
    world.world.faults.fail("StartCopyJob", status=400, code="LimitExceededException", message="Limit exceeded")
    order = ordered(world)

    _, code, remedy = not_started(world, order, BackupsThrottled)

    assert code == "LimitExceededException"
    assert "table orders" in remedy
    assert world.backups.start_copy(order)


def test_24_a_feature_that_a_region_has_not_fails_the_job(world: AwsBackupsWorld) -> None:
    words = (
        f"Copy job from {US} to {EU} cannot be initiated for DynamoDB resources. Feature is not supported for "
        "provided resource type."
    )
    world.doom_next_copy(words, "UNSUPPORTED_OPERATION")

    message, category, remedy = failed(world, ordered(world))

    assert (message, category) == (words, "UNSUPPORTED_OPERATION")
    assert f"account {PROD.id}, {US}" in remedy


def test_25_the_same_token_again_copies_nothing_again(world: AwsBackupsWorld) -> None:
    order = ordered(world)
    job = ended(world, order)

    assert world.backups.start_copy(order) == job.id
    assert world.copies_made() == 1


def test_25_a_copy_that_is_there_already_can_be_found(world: AwsBackupsWorld) -> None:
    order = ordered(world)
    job = ended(world, order)

    (known,) = aws().list_copy_jobs(BySourceRecoveryPointArn=order.params.point.arn)["CopyJobs"]
    (found,) = aws(BACKUP.id, EU).list_recovery_points_by_backup_vault(
        BackupVaultName="copies",
        ByResourceArn=order.params.point.table_arn,
        ByCreatedAfter=MADE - timedelta(seconds=1),
        ByCreatedBefore=MADE + timedelta(seconds=1),
    )["RecoveryPoints"]

    assert (known["State"], known["DestinationBackupVaultArn"]) == ("COMPLETED", COPIES.arn)
    assert found["RecoveryPointArn"] == known["DestinationRecoveryPointArn"] == job.copy_arn
    assert found["SourceBackupVaultArn"] == DAILY.arn


def test_26_a_malware_finding_is_told_by_the_point_and_stops_no_copy(world: AwsBackupsWorld) -> None:
    order = ordered(world)
    where = {"BackupVaultName": "daily", "RecoveryPointArn": order.params.point.arn}
    unscanned = aws().describe_recovery_point(**where)

    world.world.add_scan(PROD.id, US, "daily", order.params.point.arn, ["MALWARE"])

    (scan,) = aws().describe_recovery_point(**where)["ScanResults"]
    assert "ScanResults" not in unscanned
    assert (scan["ScanJobState"], scan["Findings"]) == ("COMPLETED", ["MALWARE"])
    assert world.backups.point(DAILY, order.params.point.arn).arn == order.params.point.arn
    # AWS Backup itself has no gate here: that is a policy of the bot's.
    assert ended(world, order).state is CopyJobState.COMPLETED
