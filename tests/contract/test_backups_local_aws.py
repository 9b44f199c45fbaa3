"""What only a real client against a real server shows: roles, shared connections, long reads, slow and lost answers."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.aws.backups import Boto3Backups
from bot.aws.errors import UNMAPPED
from bot.aws.sessions import Patience
from bot.domain.backups import CopyJobState, VaultKind, VaultRef
from bot.domain.errors import (
    BackupsDenied,
    BackupsError,
    BackupsLockedOut,
    BackupsMissing,
    BackupsRefused,
    BackupsThrottled,
    BackupsUnreachable,
)
from bot.domain.failures import translate
from bot.sandbox.aws import LocalAws, Role
from bot.sandbox.clock import WorldClock
from tests.contract.backups_worlds import (
    ACCOUNTS,
    BACKUP,
    COPIES,
    DAILY,
    EU,
    EXTERNAL_ID,
    LOCKED,
    MADE,
    NOON,
    ONCE,
    PROD,
    US,
    AwsBackupsWorld,
    copy_of,
    local_aws,
    point_to,
)

__all__ = ["local_aws"]


@pytest.fixture
def world(local_aws: LocalAws, monkeypatch: pytest.MonkeyPatch) -> Iterator[AwsBackupsWorld]:
    local_aws.reset(WorldClock(NOON, speed=0))
    point_to(local_aws, monkeypatch)
    opened = AwsBackupsWorld(local_aws.world)
    yield opened
    opened.backups.close()
    local_aws.world.faults.clear()


def test_one_role_is_assumed_once_for_many_calls_of_many_threads(world: AwsBackupsWorld) -> None:
    arn = world.add_point(DAILY, "orders")

    with ThreadPoolExecutor(16) as threads:
        read = list(threads.map(lambda _: world.backups.point(DAILY, arn), range(64)))

    assert {point.arn for point in read} == {arn}
    assert [role["RoleArn"] for role in world.roles_assumed()] == [PROD.role_arn]


def test_regions_and_purposes_of_an_account_share_its_role(world: AwsBackupsWorld) -> None:
    world.backups.vaults(PROD.id, US)
    world.backups.vaults(PROD.id, EU)
    world.backups.holdings(PROD.id, US)

    assert len(world.roles_assumed()) == 1


def test_each_account_has_its_own_role_asked_for_with_its_external_id(world: AwsBackupsWorld) -> None:
    world.backups.vaults(PROD.id, US)
    world.backups.vaults(BACKUP.id, EU)

    assert [(role["RoleArn"], role["ExternalId"]) for role in world.roles_assumed()] == [
        (PROD.role_arn, EXTERNAL_ID),
        (BACKUP.role_arn, EXTERNAL_ID),
    ]
    assert {(role["RoleSessionName"], int(str(role["DurationSeconds"]))) for role in world.roles_assumed()} == {
        ("copy-backup", 3600)
    }


def test_calls_are_made_as_the_role_in_the_account_and_region_that_is_asked_about(world: AwsBackupsWorld) -> None:
    world.backups.vaults(PROD.id, US)
    world.backups.vaults(BACKUP.id, EU)

    seen = [(call.operation, call.account, call.region) for call in world.world.calls if call.service == "backup"]
    callers = [call.caller for call in world.world.calls if call.service == "backup"]
    assert seen == [("ListBackupVaults", PROD.id, US), ("ListBackupVaults", BACKUP.id, EU)]
    assert callers == [
        f"arn:aws:sts::{PROD.id}:assumed-role/CopyBackupBot/copy-backup",
        f"arn:aws:sts::{BACKUP.id}:assumed-role/CopyBackupBot/copy-backup",
    ]


def test_a_copy_is_started_by_a_session_that_names_the_request_and_who_approved_it(world: AwsBackupsWorld) -> None:
    order = copy_of(world.add_point(DAILY, "orders"), request_id="CB-42", approved_by="U0BEN")
    world.backups.vaults(PROD.id, US)

    job_id = world.backups.start_copy(order)
    world.backups.copy_job(DAILY, job_id)

    callers = {call.operation: call.caller for call in world.world.calls if call.service == "backup"}
    role = f"arn:aws:sts::{PROD.id}:assumed-role/CopyBackupBot"
    assert callers == {
        "ListBackupVaults": f"{role}/copy-backup",
        "StartCopyJob": f"{role}/CB-42-U0BEN",
        "DescribeCopyJob": f"{role}/copy-backup",
    }


def test_neither_source_identity_nor_tags_are_sent_along(world: AwsBackupsWorld) -> None:
    world.backups.start_copy(copy_of(world.add_point(DAILY, "orders")))

    (asked,) = world.roles_assumed()
    assert set(asked) == {"RoleArn", "RoleSessionName", "DurationSeconds", "ExternalId"}


def test_a_start_that_is_repeated_assumes_its_role_once(world: AwsBackupsWorld) -> None:
    order = copy_of(world.add_point(DAILY, "orders"))
    world.lose_next_answer()

    with pytest.raises(BackupsUnreachable):
        world.backups.start_copy(order)
    world.backups.start_copy(order)

    assert [role["RoleSessionName"] for role in world.roles_assumed()] == ["CB-1-U0BEN"]


def test_a_session_that_expired_is_assumed_anew_for_the_same_errand(world: AwsBackupsWorld) -> None:
    order = copy_of(world.add_point(DAILY, "orders"))
    world.world.faults.expire_token("StartCopyJob", times=1)

    with pytest.raises(BackupsLockedOut):
        world.backups.start_copy(order)

    assert world.backups.start_copy(order)
    assert [role["RoleSessionName"] for role in world.roles_assumed()] == ["CB-1-U0BEN"] * 2


def test_without_a_role_a_copy_is_started_by_the_bots_own_credentials(world: AwsBackupsWorld) -> None:
    backups = Boto3Backups([replace(PROD, role_arn=None)], patience=ONCE)

    backups.start_copy(copy_of(world.add_point(DAILY, "orders")))
    backups.close()

    (call,) = [call for call in world.world.calls if call.service == "backup"]
    assert (call.operation, call.caller) == ("StartCopyJob", f"arn:aws:iam::{PROD.id}:user/sandbox")


def test_a_role_that_minds_the_external_id_locks_only_its_own_account_out(world: AwsBackupsWorld) -> None:
    world.world.add_account(BACKUP.id, roles=[Role("CopyBackupBot", external_id="another one")])

    with pytest.raises(BackupsLockedOut, match=rf"backup \({BACKUP.id}\).*CopyBackupBot"):
        world.backups.vaults(BACKUP.id, EU)

    assert world.backups.vaults(PROD.id, US)


def test_a_role_that_is_set_right_is_taken_at_the_next_call(world: AwsBackupsWorld) -> None:
    with pytest.raises(BackupsLockedOut):
        world.backups.vaults(LOCKED.id, US)
    world.world.add_account(LOCKED.id, roles=[Role("CopyBackupBot", external_id=EXTERNAL_ID)])

    assert world.backups.vaults(LOCKED.id, US) == ()


def test_while_one_account_is_locked_out_others_are_read_at_the_same_time(world: AwsBackupsWorld) -> None:
    def read(place: tuple[str, str]) -> object:
        try:
            return world.backups.vaults(*place)
        except BackupsError as error:
            return type(error)

    places = [(LOCKED.id, US), (PROD.id, US), (BACKUP.id, EU)] * 6
    with ThreadPoolExecutor(len(places)) as threads:
        results = list(threads.map(read, places))

    assert results[0::3] == [BackupsLockedOut] * 6
    assert all(isinstance(vaults, tuple) and len(vaults) == 1 for vaults in results[1::3] + results[2::3])


def test_expired_credentials_lock_out_and_the_role_is_assumed_anew(world: AwsBackupsWorld) -> None:
    world.backups.vaults(PROD.id, US)
    world.world.faults.expire_token("ListBackupVaults", times=1)

    with pytest.raises(BackupsLockedOut) as caught:
        world.backups.vaults(PROD.id, US)

    assert caught.value.code == "ExpiredTokenException"
    assert world.backups.vaults(PROD.id, US)
    assert len(world.roles_assumed()) == 2


def test_more_points_than_a_page_holds_are_all_read_once(world: AwsBackupsWorld) -> None:
    many = {world.add_point(DAILY, f"table-{number % 7}", size_bytes=number) for number in range(2100)}

    held = world.backups.holdings(PROD.id, US)

    pages = [call for call in world.world.calls if call.operation == "ListRecoveryPointsByBackupVault"]
    assert len(held.points) == 2100
    assert {point.arn for point in held.points} == many
    assert len(pages) == 3


def test_many_vaults_are_read_side_by_side_and_each_point_stays_in_its_vault(world: AwsBackupsWorld) -> None:
    refs = [VaultRef(PROD.id, US, f"vault-{number:02}") for number in range(30)]
    arns = {}
    for ref in refs:
        world.add_vault(ref)
        arns[world.add_point(ref, ref.name)] = ref

    held = world.backups.holdings(PROD.id, US)

    assert {vault.ref for vault in held.vaults} == {DAILY, *refs}
    assert {point.arn: point.vault for point in held.points} == arns
    assert all(point.table_name == point.vault.name for point in held.points)


def test_holdings_of_several_places_are_read_at_the_same_time_without_mixing_them(world: AwsBackupsWorld) -> None:
    here = world.add_point(DAILY, "orders")
    there = world.add_point(COPIES, "carts")

    with ThreadPoolExecutor(8) as threads:
        held = list(threads.map(lambda place: world.backups.holdings(*place), [(PROD.id, US), (BACKUP.id, EU)] * 4))

    assert [[point.arn for point in one.points] for one in held] == [[here], [there]] * 4


def impatient(patience: Patience) -> Boto3Backups:
    return Boto3Backups(ACCOUNTS, patience=patience)


def test_a_slow_answer_is_given_up_and_safe_to_repeat(world: AwsBackupsWorld) -> None:
    order = copy_of(world.add_point(DAILY, "orders"))
    backups = impatient(Patience(connect_timeout=2, read_timeout=0.3, attempts=1))
    slow = world.world.faults.slow("StartCopyJob", seconds=30, times=1)

    with pytest.raises(BackupsUnreachable) as caught:
        backups.start_copy(order)
    slow.lift()
    job_id = world.backups.start_copy(order)
    backups.close()

    assert (caught.value.code, caught.value.retryable) == ("ReadTimeoutError", True)
    assert world.backups.copy_job(DAILY, job_id).state is CopyJobState.CREATED
    assert world.copies_made() == 1


def test_a_call_that_never_arrived_started_nothing(world: AwsBackupsWorld) -> None:
    order = copy_of(world.add_point(DAILY, "orders"))
    world.world.faults.lose_request("StartCopyJob", times=1)

    with pytest.raises(BackupsUnreachable):
        world.backups.start_copy(order)

    assert world.copies_made() == 0
    assert world.backups.start_copy(order)


def test_botocores_own_repeat_after_a_lost_answer_carries_our_token_and_makes_one_job(world: AwsBackupsWorld) -> None:
    order = copy_of(world.add_point(DAILY, "orders"))
    backups = impatient(Patience(connect_timeout=2, read_timeout=5, attempts=2))
    world.world.faults.lose_response("StartCopyJob", times=1)

    job_id = backups.start_copy(order)
    backups.close()

    tokens = [call.params["IdempotencyToken"] for call in world.world.calls if call.operation == "StartCopyJob"]
    assert job_id
    assert tokens == ["token-1", "token-1"]
    assert world.copies_made() == 1


def test_a_sweep_rides_out_throttling(world: AwsBackupsWorld) -> None:
    arn = world.add_point(DAILY, "orders")
    backups = impatient(Patience(sweep_attempts=3))
    world.world.faults.throttle("ListRecoveryPointsByBackupVault", times=1)

    held = backups.holdings(PROD.id, US)
    backups.close()

    assert [point.arn for point in held.points] == [arn]


def test_nobody_listening_is_unreachable(world: AwsBackupsWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    backups = impatient(Patience(connect_timeout=1, read_timeout=1, attempts=1))

    with pytest.raises(BackupsUnreachable, match=r"127\.0\.0\.1:9"):
        backups.vaults(PROD.id, US)


def test_an_endpoint_that_is_no_url_is_told_and_not_thrown(
    world: AwsBackupsWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "nonsense")
    backups = impatient(Patience(attempts=1))

    with pytest.raises(BackupsError, match="nonsense"):
        backups.vaults(PROD.id, US)


MALFORMED: list[tuple[str, Callable[[Boto3Backups], object]]] = [
    ("an empty point", lambda backups: backups.point(DAILY, "")),
    ("a point that is no ARN", lambda backups: backups.point(DAILY, "orders")),
    ("a point with a slash", lambda backups: backups.point(DAILY, "arn:aws:dynamodb:us-east-1:1:table/x/backup/01")),
    ("a point with blanks", lambda backups: backups.point(DAILY, "arn:aws: backup ? # %")),
    ("a vault with a slash", lambda backups: backups.point(VaultRef(PROD.id, US, "aws/efs"), "orders")),
    ("an empty job", lambda backups: backups.copy_job(DAILY, "")),
    ("a job that is no id", lambda backups: backups.copy_job(DAILY, "../backup-vaults")),
    ("an empty source", lambda backups: backups.start_copy(copy_of(""))),
    (
        "a vault name of one letter",
        lambda backups: backups.start_copy(copy_of("orders", source=VaultRef(PROD.id, US, "x"))),
    ),
    (
        "a destination that is no vault",
        lambda backups: backups.start_copy(copy_of("orders", destination=VaultRef("", "", ""))),
    ),
]


@pytest.mark.parametrize(("what", "call"), MALFORMED, ids=[what for what, _ in MALFORMED])
def test_malformed_names_end_in_an_answer_that_repeating_does_not_change(
    world: AwsBackupsWorld, what: str, call: Callable[[Boto3Backups], object]
) -> None:
    with pytest.raises((BackupsRefused, BackupsMissing, BackupsDenied)) as caught:
        call(world.backups)

    assert not caught.value.retryable
    assert caught.value.message
    assert world.copies_made() == 0


def test_a_destination_in_another_partition_is_refused(world: AwsBackupsWorld) -> None:
    arn = world.add_point(DAILY, "orders")

    with pytest.raises(BackupsRefused):
        world.backups.start_copy(copy_of(arn, destination=VaultRef(BACKUP.id, "cn-north-1", "copies")))


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("ThrottlingException", 400, BackupsThrottled),
        ("InternalFailure", 500, BackupsUnreachable),
        ("UnrecognizedClientException", 403, BackupsLockedOut),
        ("LimitExceededException", 400, BackupsThrottled),
        ("InvalidRequestException", 400, BackupsRefused),
    ],
)
def test_what_the_server_says_crosses_as_what_it_means(
    world: AwsBackupsWorld, code: str, status: int, kind: type[BackupsError], caplog: pytest.LogCaptureFixture
) -> None:
    world.world.faults.fail("DescribeCopyJob", code=code, status=status, message="the server's words")

    with pytest.raises(kind, match="the server's words") as caught:
        world.backups.copy_job(DAILY, "JOB")

    assert (caught.type, caught.value.code, caught.value.operation) == (kind, code, "DescribeCopyJob")
    assert UNMAPPED not in [record.message for record in caplog.records]


def test_an_air_gapped_vault_is_told_apart(world: AwsBackupsWorld) -> None:
    world.world.create_vault(
        BACKUP.id, EU, "bunker", vault_type="LOGICALLY_AIR_GAPPED_BACKUP_VAULT", lock=(7, 365), key="default"
    )

    (bunker,) = [vault for vault in world.backups.vaults(BACKUP.id, EU) if vault.ref.name == "bunker"]

    assert (bunker.kind, bunker.min_days, bunker.max_days) == (VaultKind.AIR_GAPPED, 7, 365)


def test_a_refusal_of_the_vaults_policy_is_explained_with_the_statement_that_mends_it(world: AwsBackupsWorld) -> None:
    shut = VaultRef(BACKUP.id, EU, "shut")
    world.add_vault(shut)
    order = copy_of(world.add_point(DAILY, "orders"), destination=shut)
    job_id = world.backups.start_copy(order)
    world.end_copies()

    job = world.backups.copy_job(DAILY, job_id)

    remedy = translate(job.message, job.category, order.params).remedy
    assert job.state is CopyJobState.FAILED
    assert f'"arn:aws:iam::{PROD.id}:root"' in remedy
    assert shut.arn in remedy

    world.world.allow_copies_into(shut.account, shut.region, shut.name, PROD.id)
    again = world.backups.start_copy(copy_of(order.params.point.arn, destination=shut, token="token-2"))
    world.end_copies()
    assert world.backups.copy_job(DAILY, again).state is CopyJobState.COMPLETED


def test_a_job_is_missing_thirty_days_after_its_end(world: AwsBackupsWorld) -> None:
    job_id = world.backups.start_copy(copy_of(world.add_point(DAILY, "orders")))
    world.end_copies()
    assert world.backups.copy_job(DAILY, job_id).state is CopyJobState.COMPLETED

    world.world.clock.advance(timedelta(days=31))

    with pytest.raises(BackupsMissing):
        world.backups.copy_job(DAILY, job_id)


def test_times_come_as_utc(world: AwsBackupsWorld) -> None:
    point = world.backups.point(DAILY, world.add_point(DAILY, "orders"))

    assert point.created_at == MADE
    assert str(point.created_at.tzinfo) == "UTC"


def test_dates_are_read_to_the_millisecond_and_far_ones_too(world: AwsBackupsWorld) -> None:
    made = MADE + timedelta(milliseconds=123)
    arn = world.world.add_recovery_point(
        PROD.id, US, "daily", "orders", created_at=made, lifecycle={"DeleteAfterDays": 36500}
    )

    point = world.backups.point(DAILY, arn)

    assert point.created_at == made
    assert point.delete_at == made + timedelta(days=36500)
