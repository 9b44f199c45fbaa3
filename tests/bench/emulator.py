"""The rates of the local AWS: seeding, listing, describing, copying.

`python -m tests.bench.emulator [--points 100000] [--vaults 20]`. Nothing is asserted.
"""

import argparse
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import boto3

from bot.sandbox.aws import HOME_ACCOUNT, access_key, in_process
from bot.sandbox.clock import WorldClock
from tests.bench.served_aws import served_aws

REGION = "us-east-1"
ROLE = f"arn:aws:iam::{HOME_ACCOUNT}:role/service-role/AWSBackupDefaultServiceRole"
TABLES = [f"table-{number:03}" for number in range(100)]
PAGE = 1000
CALLS = 200
THREADS = 8


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.emulator", description=__doc__)
    parser.add_argument("--points", type=int, default=100_000, help="recovery points in all (default 100000)")
    parser.add_argument("--vaults", type=int, default=20, help="vaults they are spread over (default 20)")
    options = parser.parse_args()
    vaults = [f"vault-{number:02}" for number in range(options.vaults)]
    each = options.points // len(vaults)
    under_mock_aws(vaults, each)
    as_a_server(vaults, each)


def under_mock_aws(vaults: list[str], each: int) -> None:
    print("in this process, under mock_aws")
    with in_process(WorldClock(speed=0)) as world:

        def seed(vault: str) -> int:
            world.create_vault(HOME_ACCOUNT, REGION, vault)
            minute = timedelta(minutes=1)
            return len(world.add_recovery_points(HOME_ACCOUNT, REGION, vault, TABLES, count=each, every=minute))

        rate("recovery points seeded", lambda: sum(seed(vault) for vault in vaults))
        measure(vaults)


def as_a_server(vaults: list[str], each: int) -> None:
    print("\nas a server in a process of its own")
    with served_aws() as aws:
        where = {"account": HOME_ACCOUNT, "region": REGION}

        def seed(vault: str) -> int:
            aws.tell("/vaults", **where, name=vault)
            return len(aws.tell("/points/many", **where, vault=vault, tables=TABLES, count=each, every=60)["result"])

        rate("recovery points seeded", lambda: sum(seed(vault) for vault in vaults))
        measure(vaults)


def measure(vaults: list[str]) -> None:
    """Time the calls that matter: one after the other, and listing by several callers at once."""
    backup = _client()
    rate("points listed by one caller", lambda: sum(len(points_of(backup, vault)) for vault in vaults))
    rate(f"points listed by {THREADS} callers", lambda: listed_together(backup, vaults))
    some = backup.list_recovery_points_by_backup_vault(BackupVaultName=vaults[0], MaxResults=CALLS)["RecoveryPoints"]
    rate("points described", lambda: sum(bool(describe(backup, point)) for point in some))
    backup.create_backup_vault(BackupVaultName="copies")
    rate("copies started", lambda: sum(bool(start_copy(backup, point)) for point in some))
    rate("copy jobs listed", lambda: len(backup.list_copy_jobs(MaxResults=PAGE)["CopyJobs"]))


def rate(what: str, work: Callable[[], int]) -> None:
    """Do some work that tells how many of something it did, and print how many a second that is."""
    start = time.perf_counter()
    done = work()
    seconds = time.perf_counter() - start
    print(f"  {what:30} {done:9,} in {seconds:6.2f} s {done / seconds:10,.0f}/s", flush=True)


def points_of(backup: Any, vault: str) -> list[Any]:
    """Read a vault to its end, a thousand points a page."""
    pages = backup.get_paginator("list_recovery_points_by_backup_vault").paginate(
        BackupVaultName=vault, PaginationConfig={"PageSize": PAGE}
    )
    return [point for page in pages for point in page["RecoveryPoints"]]


def listed_together(backup: Any, vaults: list[str]) -> int:
    with ThreadPoolExecutor(THREADS) as threads:
        return sum(len(points) for points in threads.map(lambda vault: points_of(backup, vault), vaults))


def describe(backup: Any, point: dict[str, Any]) -> Any:
    return backup.describe_recovery_point(
        BackupVaultName=point["BackupVaultName"], RecoveryPointArn=point["RecoveryPointArn"]
    )


def start_copy(backup: Any, point: dict[str, Any]) -> Any:
    return backup.start_copy_job(
        RecoveryPointArn=point["RecoveryPointArn"],
        SourceBackupVaultName=point["BackupVaultName"],
        DestinationBackupVaultArn=f"arn:aws:backup:{REGION}:{HOME_ACCOUNT}:backup-vault:copies",
        IamRoleArn=ROLE,
    )


def _client() -> Any:
    return boto3.client(
        "backup", region_name=REGION, aws_access_key_id=access_key(HOME_ACCOUNT), aws_secret_access_key="local"
    )


if __name__ == "__main__":
    main()
