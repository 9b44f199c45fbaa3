"""One local AWS for each rule, in-process and as a server, with two accounts ready to copy between."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from bot.sandbox.aws import AwsWorld, LocalAws, access_key, in_process
from bot.sandbox.clock import WorldClock

PROD = "111111111111"
BACKUP = "222222222222"
US = "us-east-1"
EU = "eu-west-1"
NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
DAY = timedelta(days=1)
COPY_ROLE = f"arn:aws:iam::{PROD}:role/service-role/AWSBackupDefaultServiceRole"
BACK_ROLE = f"arn:aws:iam::{BACKUP}:role/service-role/AWSBackupDefaultServiceRole"


@dataclass
class Trial:
    """The world, its clock (which stands still unless moved) and clients in any account and Region."""

    world: AwsWorld
    endpoint: str | None
    vaults: dict[str, str] = field(default_factory=dict)

    @property
    def clock(self) -> WorldClock:
        return self.world.clock

    def client(self, service: str = "backup", account: str = PROD, region: str = US) -> Any:
        return _client(service, account, region, self.endpoint)

    def client_of(self, credentials: dict[str, str], service: str = "backup", region: str = US) -> Any:
        """Give a client that uses the credentials `sts:AssumeRole` handed out."""
        return _SESSION.client(
            service,
            region_name=region,
            endpoint_url=self.endpoint,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
            config=_NO_RETRIES,
        )

    def two_accounts(self) -> None:
        """PROD with vault `daily` in the US, BACKUP with vault `safe` in the EU that admits PROD."""
        self.world.add_account(BACKUP)
        self.vaults["daily"] = self.world.create_vault(PROD, US, "daily")
        self.vaults["safe"] = self.world.create_vault(BACKUP, EU, "safe")
        self.world.allow_copies_into(BACKUP, EU, "safe", PROD)

    def backup_of(self, table: str = "orders", **more: Any) -> str:
        """Put a backup, made ten days ago, into `daily`."""
        created_at = more.pop("created_at", self.clock.now() - 10 * DAY)
        return self.world.add_recovery_point(PROD, US, "daily", table, created_at=created_at, **more)

    def start_copy(self, point: str, **more: Any) -> str:
        """Start a copy from `daily` to `safe` and return the job's id."""
        request = {
            "RecoveryPointArn": point,
            "SourceBackupVaultName": "daily",
            "DestinationBackupVaultArn": self.vaults["safe"],
            "IamRoleArn": COPY_ROLE,
        }
        return str(self.client().start_copy_job(**(request | more))["CopyJobId"])

    def job(self, job_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.client().describe_copy_job(CopyJobId=job_id)["CopyJob"]
        return found

    def copy(self, point: str, **more: Any) -> dict[str, Any]:
        """Start a copy, let its time pass, return the job."""
        job_id = self.start_copy(point, **more)
        self.clock.advance(timedelta(seconds=10))
        return self.job(job_id)

    def copies(self) -> list[dict[str, Any]]:
        """List what is in `safe`."""
        client = self.client(account=BACKUP, region=EU)
        found: list[dict[str, Any]] = client.list_recovery_points_by_backup_vault(BackupVaultName="safe")[
            "RecoveryPoints"
        ]
        return found


def why(job: dict[str, Any]) -> tuple[str, str]:
    """Tell a failed job's message and category."""
    assert job["State"] == "FAILED"
    return job["StatusMessage"], job["MessageCategory"]


def may_copy_into(principal: object, **condition: object) -> dict[str, Any]:
    """Write a statement that lets a principal copy into the vault it is attached to."""
    statement = {
        "Effect": "Allow",
        "Principal": principal,
        "Action": "backup:CopyIntoBackupVault",
        "Resource": "*",
    }
    return statement | ({"Condition": condition} if condition else {})


def copy_policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


@contextmanager
def refused(code: str, text: str = "", *, status: int | None = None) -> Iterator[None]:
    """Expect AWS to refuse the call in the block with this code, these words and this HTTP status."""
    with pytest.raises(ClientError) as caught:
        yield
    response = caught.value.response
    assert response["Error"]["Code"] == code
    assert text in response["Error"]["Message"]
    if status is not None:
        assert response["ResponseMetadata"]["HTTPStatusCode"] == status


@pytest.fixture(scope="module")
def local_worlds() -> Iterator[dict[str, tuple[AwsWorld, str | None]]]:
    """Keep one world of either kind for a module: each test resets the one it uses."""
    with in_process() as world, LocalAws() as server:
        yield {"in-process": (world, None), "server": (server.world, server.url)}


@pytest.fixture(params=["in-process", "server"])
def local(request: pytest.FixtureRequest, local_worlds: dict[str, tuple[AwsWorld, str | None]]) -> Iterator[Trial]:
    """Give the local AWS, once under `mock_aws` and once behind its port, empty and with its clock at noon."""
    world, endpoint = local_worlds[request.param]
    world.reset(WorldClock(NOON, speed=0))
    yield Trial(world, endpoint)
    world.faults.clear()


_NO_RETRIES = Config(retries={"total_max_attempts": 1}, read_timeout=20)
_SESSION = boto3.Session()


@functools.cache
def _client(service: str, account: str, region: str, endpoint: str | None) -> Any:
    return _SESSION.client(
        service,
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id=access_key(account),
        aws_secret_access_key="local",
        config=_NO_RETRIES,
    )
