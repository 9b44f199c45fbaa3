"""Copy jobs of the local AWS: their life, their answers, and what a copy inherits."""

import threading
from datetime import timedelta

import pytest

from tests.contract import sandbox_aws_trial
from tests.contract.sandbox_aws_trial import BACKUP, COPY_ROLE, DAY, EU, NOON, PROD, US, Trial, refused

local, local_worlds = sandbox_aws_trial.local, sandbox_aws_trial.local_worlds

HOUR = timedelta(hours=1)


def test_a_job_goes_from_created_over_running_to_completed(local: Trial) -> None:
    local.two_accounts()
    local.world.job_timing(created=timedelta(minutes=1), running=timedelta(minutes=5))
    job_id = local.start_copy(local.backup_of())

    states = [local.job(job_id)["State"]]
    for minutes in (2, 5):
        local.clock.advance(timedelta(minutes=minutes))
        states.append(local.job(job_id)["State"])

    assert states == ["CREATED", "RUNNING", "COMPLETED"]
    assert local.job(job_id)["CompletionDate"] == NOON + timedelta(minutes=6)


def test_a_job_may_take_no_time_at_all(local: Trial) -> None:
    local.two_accounts()
    local.world.job_timing(created=timedelta(0), running=timedelta(0))

    job_id = local.start_copy(local.backup_of())

    assert local.job(job_id)["State"] == "COMPLETED"


def test_running_time_may_follow_the_size(local: Trial) -> None:
    local.two_accounts()
    local.world.job_timing(running=lambda size: timedelta(minutes=size))
    job_id = local.start_copy(local.backup_of(size_bytes=30))

    local.clock.advance(timedelta(minutes=29))
    assert local.job(job_id)["State"] == "RUNNING"
    local.clock.advance(timedelta(minutes=2))
    assert local.job(job_id)["State"] == "COMPLETED"


def test_a_completed_job_says_everything_about_itself(local: Trial) -> None:
    local.two_accounts()
    point = local.backup_of(size_bytes=12_345, lifecycle={"DeleteAfterDays": 35})

    job = local.copy(point)

    [copy] = local.copies()
    key = local.client(account=BACKUP, region=EU).describe_backup_vault(BackupVaultName="safe")["EncryptionKeyArn"]
    del job["CopyJobId"]
    assert job == {
        "AccountId": PROD,
        "SourceBackupVaultArn": local.vaults["daily"],
        "SourceRecoveryPointArn": point,
        "DestinationBackupVaultArn": local.vaults["safe"],
        "DestinationVaultType": "BACKUP_VAULT",
        "DestinationVaultLockState": "UNLOCKED",
        "DestinationRecoveryPointArn": copy["RecoveryPointArn"],
        "DestinationEncryptionKeyArn": key,
        "DestinationRecoveryPointLifecycle": {"DeleteAfterDays": 35},
        "ResourceArn": f"arn:aws:dynamodb:{US}:{PROD}:table/orders",
        "ResourceName": "orders",
        "ResourceType": "DynamoDB",
        "CreationDate": NOON,
        "CompletionDate": NOON + timedelta(seconds=3),
        "State": "COMPLETED",
        "MessageCategory": "SUCCESS",
        "BackupSizeInBytes": 12_345,
        "IamRoleArn": COPY_ROLE,
        "IsParent": False,
    }


def test_the_copy_appears_only_when_the_job_is_completed(local: Trial) -> None:
    local.two_accounts()
    job_id = local.start_copy(local.backup_of())
    assert local.copies() == []
    assert "DestinationRecoveryPointArn" not in local.job(job_id)

    local.clock.advance(timedelta(seconds=10))

    [copy] = local.copies()
    assert copy["RecoveryPointArn"] == local.job(job_id)["DestinationRecoveryPointArn"]


def test_a_copy_keeps_its_sources_creation_date_table_size_and_tags(local: Trial) -> None:
    local.two_accounts()
    point = local.backup_of(created_at=NOON - 30 * DAY, size_bytes=77, tags={"team": "shop"})

    local.copy(point)

    [copy] = local.copies()
    tags = local.client(account=BACKUP, region=EU).list_tags(ResourceArn=copy["RecoveryPointArn"])["Tags"]
    assert copy["CreationDate"] == NOON - 30 * DAY
    assert copy["ResourceArn"] == f"arn:aws:dynamodb:{US}:{PROD}:table/orders"
    assert copy["SourceBackupVaultArn"] == local.vaults["daily"]
    assert copy["BackupSizeInBytes"] == 77
    assert tags == {"team": "shop"}


@pytest.mark.parametrize(
    ("source", "asked", "expected"),
    [
        ({"DeleteAfterDays": 35}, None, {"DeleteAfterDays": 35}),
        (None, None, None),
        ({"DeleteAfterDays": 35}, {"DeleteAfterDays": 90}, {"DeleteAfterDays": 90}),
        ({"DeleteAfterDays": 35}, {"DeleteAfterDays": -1}, {"DeleteAfterDays": 35}),
        (None, {"DeleteAfterDays": -1}, None),
        ({"DeleteAfterDays": 35}, {"DeleteAfterDays": 36500}, {"DeleteAfterDays": 36500}),
        (
            {"DeleteAfterDays": 200},
            {"MoveToColdStorageAfterDays": 30},
            {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 200},
        ),
    ],
)
def test_retention_is_inherited_replaced_or_kept_by_minus_one(
    local: Trial,
    source: dict[str, int] | None,
    asked: dict[str, int] | None,
    expected: dict[str, int] | None,
) -> None:
    local.two_accounts()
    point = local.backup_of(lifecycle=source)

    job = local.copy(point, **({"Lifecycle": asked} if asked else {}))

    assert job.get("DestinationRecoveryPointLifecycle") == expected
    assert local.copies()[0].get("Lifecycle") == expected


def test_retention_of_a_copy_counts_from_the_sources_creation(local: Trial) -> None:
    local.two_accounts()
    point = local.backup_of(created_at=NOON - 30 * DAY)

    local.copy(point, Lifecycle={"DeleteAfterDays": 35})

    assert local.copies()[0]["CalculatedLifecycle"]["DeleteAt"] == NOON + 5 * DAY


def test_the_same_token_gives_the_same_job(local: Trial) -> None:
    local.two_accounts()
    point = local.backup_of()

    first = local.start_copy(point, IdempotencyToken="ours")
    again = local.start_copy(point, IdempotencyToken="ours")

    assert again == first
    assert len(local.world.copy_jobs(PROD, US)) == 1


def test_one_token_in_many_threads_makes_one_job(local: Trial) -> None:
    local.two_accounts()
    point = local.backup_of()
    found: list[str] = []

    threads = [
        threading.Thread(target=lambda: found.append(local.start_copy(point, IdempotencyToken="ours")))
        for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)

    assert len(found) == 12
    assert len(set(found)) == 1
    assert len(local.world.copy_jobs(PROD, US)) == 1


def test_a_second_job_for_a_table_waits_until_the_first_is_over(local: Trial) -> None:
    local.two_accounts()
    local.world.job_timing(created=timedelta(0), running=HOUR)
    first = local.start_copy(local.backup_of())
    second = local.start_copy(local.backup_of())
    other = local.start_copy(local.backup_of("customers"))

    local.clock.advance(timedelta(minutes=59))
    assert [local.job(job)["State"] for job in (first, second, other)] == ["RUNNING", "CREATED", "RUNNING"]

    local.clock.advance(timedelta(minutes=2))
    assert [local.job(job)["State"] for job in (first, second)] == ["COMPLETED", "RUNNING"]

    local.clock.advance(HOUR)
    assert local.job(second)["CompletionDate"] == NOON + 2 * HOUR


def test_a_leap_in_time_lets_waiting_jobs_finish_one_after_the_other(local: Trial) -> None:
    local.two_accounts()
    local.world.job_timing(created=timedelta(0), running=HOUR)
    jobs = [local.start_copy(local.backup_of()) for _ in range(3)]

    local.clock.advance(DAY)

    assert [local.job(job)["CompletionDate"] for job in jobs] == [NOON + HOUR, NOON + 2 * HOUR, NOON + 3 * HOUR]


def test_a_failed_job_frees_its_table(local: Trial) -> None:
    local.two_accounts()
    local.world.fail_next_copy("An internal error occurred.", "FATAL_ERROR")
    first = local.start_copy(local.backup_of())
    second = local.start_copy(local.backup_of())

    local.clock.advance(timedelta(minutes=1))

    assert local.job(first)["State"] == "FAILED"
    assert local.job(second)["State"] == "COMPLETED"


def test_a_planned_failure_carries_its_message_and_category(local: Trial) -> None:
    local.two_accounts()
    local.world.fail_next_copy("There are too many copy jobs running for resource.", "CONCURRENT_JOB")

    job = local.copy(local.backup_of())

    assert job["State"] == "FAILED"
    assert job["StatusMessage"] == "There are too many copy jobs running for resource."
    assert job["MessageCategory"] == "CONCURRENT_JOB"
    assert "DestinationRecoveryPointArn" not in job
    assert local.copies() == []


def test_a_held_job_stays_created_until_released(local: Trial) -> None:
    local.two_accounts()
    local.world.hold_next_copies()
    job_id = local.start_copy(local.backup_of())
    local.clock.advance(3 * HOUR)
    assert local.job(job_id)["State"] == "CREATED"

    local.world.release_copies()
    local.clock.advance(timedelta(seconds=10))

    assert local.job(job_id)["State"] == "COMPLETED"


def test_a_job_row_vanishes_thirty_days_after_its_end(local: Trial) -> None:
    local.two_accounts()
    job_id = local.copy(local.backup_of())["CopyJobId"]

    local.clock.advance(29 * DAY)
    assert local.job(job_id)["State"] == "COMPLETED"

    local.clock.advance(DAY)
    with refused("ResourceNotFoundException", status=400):
        local.job(job_id)
    assert local.client().list_copy_jobs()["CopyJobs"] == []
    assert len(local.copies()) == 1


def test_an_unknown_job_is_not_found(local: Trial) -> None:
    with refused("ResourceNotFoundException", "Cannot find copy job", status=400):
        local.job("6F5A5B5C-0000-0000-0000-000000000000")


def test_copies_go_also_within_one_account_and_region(local: Trial) -> None:
    local.two_accounts()
    other = local.world.create_vault(PROD, US, "other")

    job = local.copy(local.backup_of(), DestinationBackupVaultArn=other)

    assert job["State"] == "COMPLETED"


def test_a_copy_can_be_copied_on_and_back(local: Trial) -> None:
    local.two_accounts()
    home = local.world.create_vault(PROD, US, "home")
    local.world.allow_copies_into(PROD, US, "home", BACKUP)
    landed = local.copy(local.backup_of())["DestinationRecoveryPointArn"]
    client = local.client(account=BACKUP, region=EU)

    job_id = client.start_copy_job(
        RecoveryPointArn=landed,
        SourceBackupVaultName="safe",
        DestinationBackupVaultArn=home,
        IamRoleArn=COPY_ROLE.replace(PROD, BACKUP),
    )["CopyJobId"]
    local.clock.advance(timedelta(seconds=10))

    job = client.describe_copy_job(CopyJobId=job_id)["CopyJob"]
    assert (job["State"], job["AccountId"]) == ("COMPLETED", BACKUP)
    points = local.client().list_recovery_points_by_backup_vault(BackupVaultName="home")["RecoveryPoints"]
    assert [point["RecoveryPointArn"] for point in points] == [job["DestinationRecoveryPointArn"]]


def test_the_destination_account_does_not_see_the_job(local: Trial) -> None:
    local.two_accounts()
    local.copy(local.backup_of())

    assert local.client(account=BACKUP, region=EU).list_copy_jobs()["CopyJobs"] == []
    assert local.client(region=EU).list_copy_jobs()["CopyJobs"] == []
    assert len(local.client().list_copy_jobs()["CopyJobs"]) == 1


def _three_jobs(local: Trial) -> tuple[str, str, str]:
    """One completed copy of `orders`, one failed copy of `orders` a day later, one created of `customers`."""
    local.two_accounts()
    done = local.copy(local.backup_of("orders"))["CopyJobId"]
    local.clock.advance(DAY)
    local.world.fail_next_copy("An internal error occurred.", "FATAL_ERROR")
    failed = local.copy(local.backup_of("orders"))["CopyJobId"]
    local.clock.advance(DAY)
    fresh = local.start_copy(local.backup_of("customers"))
    return done, failed, fresh


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, [2, 1, 0]),
        ({"ByState": "FAILED"}, [1]),
        ({"ByState": "COMPLETED"}, [0]),
        ({"ByResourceArn": f"arn:aws:dynamodb:{US}:{PROD}:table/orders"}, [1, 0]),
        ({"ByResourceType": "DynamoDB"}, [2, 1, 0]),
        ({"ByResourceType": "EFS"}, []),
        ({"ByCreatedAfter": NOON + timedelta(hours=12)}, [2, 1]),
        ({"ByCreatedBefore": NOON + timedelta(hours=12)}, [0]),
        ({"ByCompleteAfter": NOON + timedelta(hours=12)}, [1]),
        ({"ByCompleteBefore": NOON + timedelta(hours=12)}, [0]),
        ({"ByDestinationVaultArn": f"arn:aws:backup:{EU}:{BACKUP}:backup-vault:safe"}, [2, 1, 0]),
        ({"ByDestinationVaultArn": f"arn:aws:backup:{EU}:{BACKUP}:backup-vault:nowhere"}, []),
        ({"ByAccountId": PROD}, [2, 1, 0]),
        ({"ByAccountId": BACKUP}, []),
        ({"ByMessageCategory": "FATAL_ERROR"}, [1]),
        ({"ByMessageCategory": "SUCCESS"}, [0]),
        ({"ByParentJobId": "none"}, []),
    ],
)
def test_each_filter_of_list_copy_jobs_narrows_the_list(
    local: Trial, filters: dict[str, object], expected: list[int]
) -> None:
    jobs = _three_jobs(local)

    found = [job["CopyJobId"] for job in local.client().list_copy_jobs(**filters)["CopyJobs"]]

    assert found == [jobs[number] for number in expected]


def test_jobs_are_found_by_the_source_point(local: Trial) -> None:
    local.two_accounts()
    point, other = local.backup_of(), local.backup_of()
    job_id = local.start_copy(point)
    local.start_copy(other)

    found = local.client().list_copy_jobs(BySourceRecoveryPointArn=point)["CopyJobs"]

    assert [job["CopyJobId"] for job in found] == [job_id]


def test_lists_come_in_pages_that_lose_and_repeat_nothing(local: Trial) -> None:
    local.two_accounts()
    jobs = {local.start_copy(local.backup_of(f"table-{number}")) for number in range(7)}

    pages = list(local.client().get_paginator("list_copy_jobs").paginate(PaginationConfig={"PageSize": 3}))

    assert [len(page["CopyJobs"]) for page in pages] == [3, 3, 1]
    assert {job["CopyJobId"] for page in pages for job in page["CopyJobs"]} == jobs


def test_a_token_nobody_gave_is_refused(local: Trial) -> None:
    with refused("InvalidParameterValueException", status=400):
        local.client().list_copy_jobs(NextToken="made up")


def test_summaries_count_the_jobs_of_the_period(local: Trial) -> None:
    _three_jobs(local)

    rows = local.client().list_copy_job_summaries(AggregationPeriod="SEVEN_DAYS")["CopyJobSummaries"]
    yesterday = local.client().list_copy_job_summaries(AggregationPeriod="ONE_DAY", State="AGGREGATE_ALL")

    assert {(row["State"], row["Count"]) for row in rows} == {("COMPLETED", 1), ("FAILED", 1), ("CREATED", 1)}
    assert sum(row["Count"] for row in yesterday["CopyJobSummaries"]) == 1
