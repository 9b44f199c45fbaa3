"""Quotas of the local AWS Backup, set low: what exceeds them waits its turn, is refused, or fails."""

from datetime import timedelta

import pytest

from tests.contract import sandbox_aws_trial
from tests.contract.sandbox_aws_trial import BACKUP, COPY_ROLE, EU, PROD, US, Trial, refused, why

local, local_worlds = sandbox_aws_trial.local, sandbox_aws_trial.local_worlds

HOUR = timedelta(hours=1)


def copies_running(local: Trial, count: int, **more: str) -> list[str]:
    """Start copies of so many tables; each would run for an hour."""
    local.world.job_timing(created=timedelta(0), running=HOUR)
    return [local.start_copy(local.backup_of(f"table-{number}"), **more) for number in range(count)]


def states(local: Trial, jobs: list[str]) -> list[str]:
    return [local.job(job)["State"] for job in jobs]


def test_copies_beyond_the_regions_and_the_vaults_quota_wait_their_turn(local: Trial) -> None:
    local.two_accounts()
    local.world.set_quotas(copies_per_destination_region=2, extra_copies_per_vault=1)

    jobs = copies_running(local, 5)

    assert states(local, jobs) == ["RUNNING"] * 3 + ["CREATED"] * 2
    local.clock.advance(HOUR)
    assert states(local, jobs) == ["COMPLETED"] * 3 + ["RUNNING"] * 2


def test_a_copy_that_waited_starts_when_a_slot_was_freed_however_late_one_looks(local: Trial) -> None:
    local.two_accounts()
    local.world.set_quotas(copies_per_destination_region=1, extra_copies_per_vault=0)
    jobs = copies_running(local, 3)

    local.clock.advance(10 * HOUR)

    ends = [local.job(job)["CompletionDate"] - local.job(jobs[0])["CreationDate"] for job in jobs]
    assert ends == [HOUR, 2 * HOUR, 3 * HOUR]


def test_the_extra_slots_belong_to_each_vault(local: Trial) -> None:
    local.two_accounts()
    other = local.world.create_vault(BACKUP, EU, "other")
    local.world.allow_copies_into(BACKUP, EU, "other", PROD)
    local.world.set_quotas(copies_per_destination_region=0, extra_copies_per_vault=1)

    into_safe = copies_running(local, 2)
    into_other = copies_running(local, 2, DestinationBackupVaultArn=other)

    assert states(local, into_safe + into_other) == ["RUNNING", "CREATED", "CREATED", "CREATED"]
    local.clock.advance(HOUR)
    assert states(local, into_safe + into_other) == ["COMPLETED", "RUNNING", "RUNNING", "CREATED"]


def test_another_destination_region_has_slots_of_its_own(local: Trial) -> None:
    local.two_accounts()
    near = local.world.create_vault(PROD, US, "near")
    local.world.set_quotas(copies_per_destination_region=1, extra_copies_per_vault=0)

    (away,) = copies_running(local, 1)
    (here,) = [local.start_copy(local.backup_of("another"), DestinationBackupVaultArn=near)]

    assert states(local, [away, here]) == ["RUNNING", "RUNNING"]


def test_cross_account_copies_of_one_table_have_a_quota_of_their_own(local: Trial) -> None:
    local.two_accounts()
    local.world.set_quotas(jobs_per_resource=3, cross_account_copies_per_resource=2)
    local.world.job_timing(created=timedelta(0), running=HOUR)

    jobs = [local.start_copy(local.backup_of()) for _ in range(3)]

    assert states(local, jobs) == ["RUNNING", "RUNNING", "CREATED"]


def test_a_full_vault_fails_the_copy(local: Trial) -> None:
    local.two_accounts()
    local.world.set_quotas(points_per_vault=1)
    first, second = (local.copy(local.world.add_recovery_point(PROD, US, "daily", "orders")) for _ in range(2))

    assert first["State"] == "COMPLETED"
    assert why(second)[1] == "LIMIT_EXCEEDED"
    assert len(local.copies()) == 1


def test_a_full_vault_fails_the_backup(local: Trial) -> None:
    local.two_accounts()
    local.world.set_quotas(points_per_vault=0)
    table = local.world.create_table(PROD, US, "orders")
    client = local.client()
    job_id = client.start_backup_job(BackupVaultName="daily", ResourceArn=table, IamRoleArn=COPY_ROLE)["BackupJobId"]

    local.clock.advance(HOUR)

    assert why(client.describe_backup_job(BackupJobId=job_id))[1] == "LIMIT_EXCEEDED"


def test_one_vault_more_than_the_quota_is_refused(local: Trial) -> None:
    local.world.set_quotas(vaults=2)
    client = local.client()
    for name in ("one", "two"):
        client.create_backup_vault(BackupVaultName=name)

    with refused("LimitExceededException"):
        client.create_backup_vault(BackupVaultName="three")
    assert local.client(region=EU).create_backup_vault(BackupVaultName="three")


def test_the_quotas_are_awss_own_until_they_are_set(local: Trial) -> None:
    quotas = local.world.state.quotas

    assert (quotas.copies_per_destination_region, quotas.extra_copies_per_vault) == (100, 5)
    assert (quotas.cross_account_copies_per_resource, quotas.jobs_per_resource) == (30, 1)
    assert (quotas.vaults, quotas.points_per_vault) == (300, 1_000_000)


@pytest.mark.parametrize("limits", [{"vaults": -1}, {"nonsense": 1}])
def test_a_quota_that_cannot_be_is_refused(local: Trial, limits: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="quotas are"):
        local.world.set_quotas(**limits)
