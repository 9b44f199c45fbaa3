"""What the port `Backups` promises, held against the fake, moto in-process and the local AWS by HTTP."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from bot.domain.backups import CopyJobState, Lifecycle, VaultRef
from bot.domain.errors import (
    BackupsDenied,
    BackupsError,
    BackupsLockedOut,
    BackupsMissing,
    BackupsRefused,
    BackupsThrottled,
    BackupsUnreachable,
)
from bot.domain.ports import Backups
from bot.domain.retention import MAX_DAYS, Keep, Retention
from tests.contract.backups_worlds import (
    BACKUP,
    COPIES,
    DAILY,
    EU,
    LOCKED,
    MADE,
    NOON,
    PROD,
    US,
    BackupsWorld,
    copy_of,
    local_aws,
    world,
)

__all__ = ["local_aws", "world"]

NOWHERE = VaultRef(PROD.id, US, "nowhere")


def test_the_vaults_of_one_account_and_region_are_listed_and_no_others(world: BackupsWorld) -> None:
    world.add_vault(VaultRef(PROD.id, US, "weekly"))
    world.add_vault(VaultRef(PROD.id, EU, "abroad"))

    names = {vault.ref.name for vault in world.backups.vaults(PROD.id, US)}

    assert names == {"daily", "weekly"}
    assert [vault.ref for vault in world.backups.vaults(BACKUP.id, EU)] == [COPIES]


def test_a_vault_tells_its_lock(world: BackupsWorld) -> None:
    locked = VaultRef(BACKUP.id, EU, "locked")
    world.add_vault(locked, lock=(7, 365))

    (told,) = [vault for vault in world.backups.vaults(BACKUP.id, EU) if vault.ref == locked]

    assert (told.locked, told.min_days, told.max_days) == (True, 7, 365)


def test_holdings_tell_each_backup_of_each_vault(world: BackupsWorld) -> None:
    weekly = VaultRef(PROD.id, US, "weekly")
    world.add_vault(weekly)
    ends = world.add_point(DAILY, "orders", lifecycle=Lifecycle(35), size_bytes=7)
    stays = world.add_point(weekly, "carts", status="PARTIAL", created_at=MADE - timedelta(days=1))

    held = world.backups.holdings(PROD.id, US)

    points = {point.arn: point for point in held.points}
    assert {vault.ref for vault in held.vaults} == {DAILY, weekly}
    assert set(points) == {ends, stays}
    assert (points[ends].vault, points[ends].table_name, points[ends].size_bytes) == (DAILY, "orders", 7)
    assert (points[ends].lifecycle, points[ends].delete_at) == (Lifecycle(35), MADE + timedelta(days=35))
    assert points[ends].table_arn == f"arn:aws:dynamodb:{US}:{PROD.id}:table/orders"
    assert (points[stays].vault, points[stays].status) == (weekly, "PARTIAL")
    assert (points[stays].created_at, points[stays].delete_at) == (MADE - timedelta(days=1), None)
    assert {point.storage_class for point in held.points} == {None}


def test_a_place_without_vaults_holds_nothing(world: BackupsWorld) -> None:
    held = world.backups.holdings(PROD.id, EU)

    assert (held.vaults, held.points) == ((), ())


def test_a_point_read_by_itself_tells_its_storage_class(world: BackupsWorld) -> None:
    arn = world.add_point(DAILY, "orders", storage_class="COLD")

    point = world.backups.point(DAILY, arn)

    assert (point.arn, point.vault, point.storage_class) == (arn, DAILY, "COLD")
    assert point.created_at == MADE


def test_a_backup_made_without_advanced_features_can_be_seen(world: BackupsWorld) -> None:
    arn = world.add_point(DAILY, "orders", advanced=False)

    assert arn.startswith("arn:aws:dynamodb:")
    assert world.backups.point(DAILY, arn).table_name == "orders"
    assert [point.arn for point in world.backups.holdings(PROD.id, US).points] == [arn]


def test_a_point_that_is_gone_is_missing(world: BackupsWorld) -> None:
    arn = world.add_point(DAILY, "orders")
    world.remove_point(DAILY, arn)

    with pytest.raises(BackupsMissing):
        world.backups.point(DAILY, arn)


def test_a_point_of_another_vault_is_missing(world: BackupsWorld) -> None:
    weekly = VaultRef(PROD.id, US, "weekly")
    world.add_vault(weekly)
    arn = world.add_point(DAILY, "orders")

    with pytest.raises(BackupsMissing):
        world.backups.point(weekly, arn)


def test_a_vault_that_is_not_there_is_denied_since_aws_does_not_tell_the_two_apart(world: BackupsWorld) -> None:
    arn = world.add_point(DAILY, "orders")

    with pytest.raises(BackupsDenied, match="Insufficient privileges"):
        world.backups.point(NOWHERE, arn)
    with pytest.raises(BackupsDenied, match="Insufficient privileges"):
        world.backups.start_copy(copy_of(arn, source=NOWHERE))


def test_a_copy_is_made_and_keeps_its_sources_date_and_lifecycle(world: BackupsWorld) -> None:
    arn = world.add_point(DAILY, "orders", lifecycle=Lifecycle(90))

    job_id = world.backups.start_copy(copy_of(arn))
    begun = world.backups.copy_job(DAILY, job_id)
    world.end_copies()
    done = world.backups.copy_job(DAILY, job_id)

    assert (begun.id, begun.state, begun.copy_arn, begun.created_at) == (job_id, CopyJobState.CREATED, None, NOON)
    assert (begun.message, begun.completed_at) == (None, None)
    assert done.state is CopyJobState.COMPLETED
    assert done.size_bytes == 5_000_000
    assert done.completed_at is not None
    assert done.copy_arn is not None
    copy = world.backups.point(COPIES, done.copy_arn)
    assert (copy.table_name, copy.created_at) == ("orders", MADE)
    assert (copy.lifecycle, copy.delete_at) == (Lifecycle(90), MADE + timedelta(days=90))


@pytest.mark.parametrize(("keep", "days"), [(Retention(Keep.DAYS, 45), 45), (Retention(Keep.CENTURY), MAX_DAYS)])
def test_a_chosen_retention_replaces_the_sources(world: BackupsWorld, keep: Retention, days: int) -> None:
    arn = world.add_point(DAILY, "orders", lifecycle=Lifecycle(90))

    job_id = world.backups.start_copy(copy_of(arn, keep=keep))
    world.end_copies()

    copy_arn = world.backups.copy_job(DAILY, job_id).copy_arn
    assert copy_arn is not None
    copy = world.backups.point(COPIES, copy_arn)
    assert (copy.lifecycle, copy.delete_at) == (Lifecycle(days), MADE + timedelta(days=days))


def test_the_same_order_twice_is_one_job(world: BackupsWorld) -> None:
    order = copy_of(world.add_point(DAILY, "orders"))

    first = world.backups.start_copy(order)
    again = world.backups.start_copy(order)
    world.end_copies()
    much_later = world.backups.start_copy(order)

    assert first == again == much_later
    assert world.copies_made() == 1


def test_another_token_is_another_copy(world: BackupsWorld) -> None:
    arn = world.add_point(DAILY, "orders")

    jobs = {world.backups.start_copy(copy_of(arn, token=token)) for token in ("token-1", "token-2")}

    assert len(jobs) == world.copies_made() == 2


def test_when_the_answer_is_lost_the_same_token_finds_the_job_that_was_started(world: BackupsWorld) -> None:
    order = copy_of(world.add_point(DAILY, "orders"))
    world.lose_next_answer()

    with pytest.raises(BackupsUnreachable) as caught:
        world.backups.start_copy(order)
    job_id = world.backups.start_copy(order)

    assert caught.value.retryable
    assert world.copies_made() == 1
    assert world.backups.copy_job(DAILY, job_id).state is CopyJobState.CREATED


def test_threads_with_the_same_order_start_one_job(world: BackupsWorld) -> None:
    order = copy_of(world.add_point(DAILY, "orders"))

    with ThreadPoolExecutor(8) as threads:
        jobs = set(threads.map(world.backups.start_copy, [order] * 16))

    assert len(jobs) == world.copies_made() == 1


def test_a_backup_made_without_advanced_features_is_refused(world: BackupsWorld) -> None:
    arn = world.add_point(DAILY, "orders", advanced=False)

    with pytest.raises(BackupsRefused) as caught:
        world.backups.start_copy(copy_of(arn))

    assert not caught.value.retryable
    assert world.copies_made() == 0


@pytest.mark.parametrize("days", [0, MAX_DAYS + 1])
def test_days_that_aws_does_not_know_are_refused(world: BackupsWorld, days: int) -> None:
    arn = world.add_point(DAILY, "orders")

    with pytest.raises(BackupsRefused, match="Invalid lifecycle"):
        world.backups.start_copy(copy_of(arn, keep=Retention(Keep.DAYS, days)))


@pytest.mark.parametrize("arn", ["orders", "arn:aws:backup:us-east-1:111111111111:recovery-point:no-such-point"])
def test_a_point_that_never_was_cannot_be_copied(world: BackupsWorld, arn: str) -> None:
    with pytest.raises((BackupsMissing, BackupsRefused)) as caught:
        world.backups.start_copy(copy_of(arn))

    assert not caught.value.retryable
    assert world.copies_made() == 0


def test_a_copy_tells_when_its_own_job_ended(world: BackupsWorld) -> None:
    arn = world.add_point(DAILY, "orders")
    job_id = world.backups.start_copy(copy_of(arn))

    world.end_copies()
    job, source = world.backups.copy_job(DAILY, job_id), world.backups.point(DAILY, arn)

    (copy,) = world.backups.points_of(COPIES, source.table_arn)
    assert copy.created_at == source.created_at
    assert copy.completed_at == job.completed_at


def test_a_job_that_aws_ended_tells_its_words_and_category(world: BackupsWorld) -> None:
    world.doom_next_copy("Access Denied trying to call AWS Backup service", "ACCESS_DENIED")
    job_id = world.backups.start_copy(copy_of(world.add_point(DAILY, "orders")))

    world.end_copies()
    job = world.backups.copy_job(DAILY, job_id)

    assert (job.state, job.copy_arn) == (CopyJobState.FAILED, None)
    assert (job.message, job.category) == ("Access Denied trying to call AWS Backup service", "ACCESS_DENIED")
    assert job.completed_at is not None


@pytest.mark.parametrize("where", [DAILY, VaultRef(PROD.id, EU, "daily"), COPIES])
def test_a_job_is_missing_wherever_it_does_not_belong(world: BackupsWorld, where: VaultRef) -> None:
    job_id = world.backups.start_copy(copy_of(world.add_point(DAILY, "orders")))

    with pytest.raises(BackupsMissing):
        world.backups.copy_job(where, "00000000-0000-0000-0000-000000000000" if where == DAILY else job_id)


CALLS: dict[str, Callable[[Backups, str], object]] = {
    "holdings": lambda backups, _: backups.holdings(PROD.id, US),
    "vaults": lambda backups, _: backups.vaults(PROD.id, US),
    "point": lambda backups, arn: backups.point(DAILY, arn),
    "start_copy": lambda backups, arn: backups.start_copy(copy_of(arn)),
    "copy_job": lambda backups, arn: backups.copy_job(DAILY, backups.start_copy(copy_of(arn))),
}
TROUBLE: dict[str, tuple[type[BackupsError], Callable[[BackupsWorld, str], None]]] = {
    "throttled": (BackupsThrottled, lambda world, method: world.throttle_next(method)),
    "broken": (BackupsUnreachable, lambda world, method: world.break_next(method)),
    "denied": (BackupsDenied, lambda world, method: world.deny_next(method)),
}


@pytest.mark.parametrize("trouble", TROUBLE)
@pytest.mark.parametrize("method", CALLS)
def test_trouble_is_told_by_its_kind_and_is_over_when_it_is_over(
    world: BackupsWorld, method: str, trouble: str
) -> None:
    kind, cause = TROUBLE[trouble]
    arn = world.add_point(DAILY, "orders")
    cause(world, method)

    with pytest.raises(kind) as caught:
        CALLS[method](world.backups, arn)

    assert caught.type is kind
    assert caught.value.message
    assert caught.value.code
    assert CALLS[method](world.backups, arn)


def test_an_account_whose_role_cannot_be_assumed_is_named_and_harms_no_other(world: BackupsWorld) -> None:
    with pytest.raises(BackupsLockedOut, match=LOCKED.id) as caught:
        world.backups.holdings(LOCKED.id, US)

    assert caught.value.retryable
    assert caught.value.operation == "AssumeRole"
    assert [vault.ref for vault in world.backups.holdings(PROD.id, US).vaults] == [DAILY]


def test_an_account_that_is_not_configured_is_refused(world: BackupsWorld) -> None:
    with pytest.raises(BackupsRefused, match="999999999999") as caught:
        world.backups.vaults("999999999999", US)

    assert caught.value.code == "AccountNotConfigured"


def test_copy_jobs_are_listed_by_their_state(world: BackupsWorld) -> None:
    world.doom_next_copy("An internal error occurred.", "FATAL_ERROR")
    job_ids = [
        world.backups.start_copy(copy_of(world.add_point(DAILY, table), token=f"token-{table}"))
        for table in ("orders", "customers")
    ]
    created = world.backups.copy_jobs(PROD.id, US, CopyJobState.CREATED)
    world.end_copies()

    (completed,) = world.backups.copy_jobs(PROD.id, US, CopyJobState.COMPLETED)
    (failed,) = world.backups.copy_jobs(PROD.id, US, CopyJobState.FAILED)

    assert {job.id for job in created} == set(job_ids) == {completed.id, failed.id}
    assert completed == world.backups.copy_job(DAILY, completed.id)
    assert failed == world.backups.copy_job(DAILY, failed.id)
    assert world.backups.copy_jobs(PROD.id, US, CopyJobState.CREATED) == ()
    assert world.backups.copy_jobs(PROD.id, EU, CopyJobState.COMPLETED) == ()


def test_copy_jobs_that_ended_long_ago_can_be_left_out(world: BackupsWorld) -> None:
    job_id = world.backups.start_copy(copy_of(world.add_point(DAILY, "orders")))
    world.end_copies()
    (job,) = world.backups.copy_jobs(PROD.id, US, CopyJobState.COMPLETED)
    assert job.completed_at is not None

    def later_than(moment: timedelta) -> list[str]:
        assert job.completed_at is not None
        found = world.backups.copy_jobs(PROD.id, US, CopyJobState.COMPLETED, ended_after=job.completed_at + moment)
        return [found_job.id for found_job in found]

    assert later_than(timedelta(minutes=-5)) == [job_id]
    assert later_than(timedelta(minutes=5)) == []


def test_the_copies_of_a_backup_that_were_begun_are_found_without_their_ids(world: BackupsWorld) -> None:
    source = world.add_point(DAILY, "orders")
    job_id = world.backups.start_copy(copy_of(source))
    world.backups.start_copy(copy_of(world.add_point(DAILY, "customers"), token="token-2"))
    point = world.backups.point(DAILY, source)
    begun = world.backups.copy_job(DAILY, job_id).created_at
    assert begun is not None
    before, after = begun - timedelta(minutes=5), begun + timedelta(minutes=5)

    assert world.backups.copies_begun(point, COPIES, before) == (world.backups.copy_job(DAILY, job_id),)
    assert world.backups.copies_begun(point, COPIES, after) == ()
    assert world.backups.copies_begun(point, DAILY, before) == ()
    world.end_copies()
    assert [job.state for job in world.backups.copies_begun(point, COPIES, before)] == [CopyJobState.COMPLETED]


def test_a_copy_is_found_in_its_vault_by_its_table_and_tells_where_it_came_from(world: BackupsWorld) -> None:
    source = world.add_point(DAILY, "orders")
    world.backups.start_copy(copy_of(source))
    world.backups.start_copy(copy_of(world.add_point(DAILY, "customers"), token="token-2"))
    world.end_copies()
    original = world.backups.point(DAILY, source)

    (copy,) = world.backups.points_of(COPIES, original.table_arn)

    assert (copy.table_name, copy.created_at) == ("orders", original.created_at)
    assert (original.source_vault_arn, copy.source_vault_arn) == (None, DAILY.arn)
    with pytest.raises(BackupsDenied):
        world.backups.points_of(NOWHERE, original.table_arn)
