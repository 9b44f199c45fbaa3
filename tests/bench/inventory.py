"""How long the inventory takes to read, beside a plain serial boto3 loop over the same local AWS in the same run.

`python -m tests.bench.inventory [--points 900000] [--latency-ms 100]`. Nothing is asserted.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import boto3

from bot.aws.backups import Boto3Backups
from bot.domain.backups import Account
from bot.domain.ports import Policy
from bot.store import default_url, migrate, open_store
from bot.workflows.inventory import Inventory
from tests.bench.served_aws import ServedAws, served_aws

REGIONS = ("us-east-1", "eu-west-1", "ap-northeast-1")
IDS = ("111111111111", "222222222222", "333333333333")
TABLES = [f"table-{number:02}" for number in range(50)]
PAGE = 1000

Result = TypeVar("Result")


class RealClock:
    """The machine's own time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.inventory", description=__doc__)
    parser.add_argument("--points", type=int, default=100_000, help="recovery points in all (default 100000)")
    parser.add_argument("--vaults", type=int, default=5, help="vaults in each account and Region (default 5)")
    parser.add_argument("--latency-ms", type=float, nargs="*", default=[0, 100], help="answers held back (0 100)")
    options = parser.parse_args()
    with served_aws() as aws:
        seconds, points = timed(lambda: seed(aws, options.points, options.vaults))
        places = f"{len(IDS)} accounts x {len(REGIONS)} Regions x {options.vaults} vaults"
        print(f"seeded   {points:,} recovery points, {places}: {seconds:.1f} s ({points / seconds:,.0f}/s)")
        for latency in options.latency_ms:
            aws.answer_after(latency / 1000)
            print(f"\nevery answer held back {latency:g} ms")
            compare(points)


def compare(points: int) -> None:
    """Read everything in both ways and print the times and how they compare."""
    serial, found = timed(read_serially)
    print(f"  serial boto3 loop, counting only     {serial:7.1f} s  {found:,} points")
    with tempfile.TemporaryDirectory() as folder:
        url = default_url(Path(folder) / "bench.db")
        migrate(url)
        store, backups = open_store(url), Boto3Backups(accounts())
        inventory = Inventory(store, backups, policy(), RealClock())
        for what in ("into an empty store", "nothing has changed"):
            seconds, _ = timed(inventory.refresh)
            pace = f"{serial / seconds:.2f} times as fast, {points / seconds:,.0f} points/s"
            print(f"  Inventory.refresh, {what:19} {seconds:5.1f} s  {pace}")
        with store.begin() as tx:
            kept = [area for area in tx.inventory.areas() if area.read_at and not area.error]
        print(f"  {len(kept)} of {len(IDS) * len(REGIONS)} areas were read and kept")
        backups.close()
        store.close()


def read_serially() -> int:
    """Count all recovery points as a script would: one account, one Region, one vault, one page after the other."""
    found = 0
    for account in accounts():
        credentials = boto3.client("sts", region_name=REGIONS[0]).assume_role(
            RoleArn=account.role_arn or "", RoleSessionName="bench"
        )["Credentials"]
        session = boto3.Session(credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])
        for region in account.regions:
            found += _count(session, region)
    return found


def _count(session: boto3.Session, region: str) -> int:
    backup = session.client("backup", region_name=region)
    found = 0
    for vaults in backup.get_paginator("list_backup_vaults").paginate(PaginationConfig={"PageSize": PAGE}):
        for vault in vaults["BackupVaultList"]:
            pages = backup.get_paginator("list_recovery_points_by_backup_vault").paginate(
                BackupVaultName=vault["BackupVaultName"],
                ByResourceType="DynamoDB",
                PaginationConfig={"PageSize": PAGE},
            )
            found += sum(len(page["RecoveryPoints"]) for page in pages)
    return found


def seed(aws: ServedAws, points: int, vaults: int) -> int:
    """Put about so many points, evenly, into every vault; give how many there are then."""
    each = max(1, points // (len(IDS) * len(REGIONS) * vaults))
    for account in IDS:
        aws.tell("/accounts", account_id=account)
        for region in REGIONS:
            for number in range(vaults):
                where = {"account": account, "region": region}
                aws.tell("/vaults", **where, name=f"vault-{number}")
                aws.tell("/points/many", **where, vault=f"vault-{number}", tables=TABLES, count=each, every=60)
    return each * len(IDS) * len(REGIONS) * vaults


def accounts() -> list[Account]:
    return [
        Account(
            alias=f"account-{account_id[0]}",
            id=account_id,
            regions=REGIONS,
            copy_role_arn=f"arn:aws:iam::{account_id}:role/service-role/AWSBackupDefaultServiceRole",
            role_arn=f"arn:aws:iam::{account_id}:role/CopyBackupBot",
        )
        for account_id in IDS
    ]


def policy() -> Policy:
    return Policy(tuple(accounts()), rules=(), expiry_lead_days=(), default_channel=None, poll_seconds=30)


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Do some work; give the seconds it took and what came of it."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


if __name__ == "__main__":
    main()
