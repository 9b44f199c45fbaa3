"""Three worlds that the port `Backups` is held against: in memory, moto in this process, the local AWS by HTTP."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import pytest

from bot.aws.backups import Boto3Backups
from bot.aws.sessions import Patience
from bot.domain.backups import Account, Lifecycle, RecoveryPoint, Vault, VaultRef
from bot.domain.errors import BackupsDenied, BackupsThrottled, BackupsUnreachable
from bot.domain.params import CopyParams
from bot.domain.ports import Backups, CopyOrder
from bot.domain.retention import Keep, Retention
from bot.sandbox.aws import AwsWorld, LocalAws, Role, access_key, in_process
from bot.sandbox.clock import WorldClock
from tests.contract.fake_backups import NO_END, FakeBackups

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
MADE = datetime(2026, 11, 10, 3, tzinfo=UTC)
US, EU = "us-east-1", "eu-west-1"
EXTERNAL_ID = "s3cr3t-and-long"
# One attempt, so that an ordered failure is what the caller sees.
ONCE = Patience(connect_timeout=2, read_timeout=5, attempts=1, sweep_attempts=1)


def account(alias: str, account_id: str, *regions: str) -> Account:
    return Account(
        alias=alias,
        id=account_id,
        regions=regions,
        copy_role_arn=f"arn:aws:iam::{account_id}:role/service-role/AWSBackupDefaultServiceRole",
        role_arn=f"arn:aws:iam::{account_id}:role/CopyBackupBot",
        external_id=EXTERNAL_ID,
    )


PROD = account("prod", "111111111111", US, EU)
BACKUP = account("backup", "222222222222", EU)
LOCKED = account("locked", "333333333333", US)
ACCOUNTS = (PROD, BACKUP, LOCKED)
DAILY = VaultRef(PROD.id, US, "daily")
COPIES = VaultRef(BACKUP.id, EU, "copies")


class BackupsWorld(Protocol):
    """What a test may do to a world. Its clock stands still until `end_copies`.

    At the start PROD has the vault DAILY, BACKUP the vault COPIES that takes PROD's copies; the bot's role in LOCKED
    cannot be assumed.
    """

    @property
    def backups(self) -> Backups: ...

    def add_vault(self, ref: VaultRef, *, lock: tuple[int, int] | None = None) -> None: ...

    def add_point(
        self,
        ref: VaultRef,
        table: str,
        *,
        created_at: datetime = MADE,
        lifecycle: Lifecycle = NO_END,
        status: str = "COMPLETED",
        advanced: bool = True,
        storage_class: str = "WARM",
        size_bytes: int = 5_000_000,
    ) -> str:
        """Put a backup there and return its ARN."""
        ...

    def remove_point(self, ref: VaultRef, arn: str) -> None: ...

    def doom_next_copy(self, message: str, category: str) -> None: ...

    def end_copies(self) -> None:
        """Let so much time pass that every copy job is over."""
        ...

    def copies_made(self) -> int:
        """How many copy jobs PROD has in the US."""
        ...

    def lose_next_answer(self) -> None:
        """Let the next StartCopyJob take effect without an answer."""
        ...

    def throttle_next(self, method: str) -> None: ...

    def break_next(self, method: str) -> None:
        """Answer the next call of a port's method with a 5xx."""
        ...

    def deny_next(self, method: str) -> None: ...


class MemoryWorld:
    """The fake."""

    def __init__(self) -> None:
        self.backups = FakeBackups(ACCOUNTS, clock=WorldClock(NOON, speed=0))
        self.backups.lock_out(LOCKED.id)
        self.backups.add_vault(DAILY)
        self.backups.add_vault(COPIES)
        self._dooms: list[tuple[str, str]] = []

    def add_vault(self, ref: VaultRef, *, lock: tuple[int, int] | None = None) -> None:
        low, high = lock or (None, None)
        self.backups.add_vault(Vault(ref, locked=lock is not None, min_days=low, max_days=high))

    def add_point(self, ref: VaultRef, table: str, *, created_at: datetime = MADE, **more: Any) -> str:
        return self.backups.add_point(ref, table, created_at=created_at, **{"size_bytes": 5_000_000, **more}).arn

    def remove_point(self, ref: VaultRef, arn: str) -> None:
        assert self.backups.point(ref, arn).arn == arn
        self.backups.remove_point(arn)

    def doom_next_copy(self, message: str, category: str) -> None:
        self._dooms.append((message, category))

    def end_copies(self) -> None:
        for job_id, job in self.backups.jobs.items():
            if job.state.is_final:
                continue
            if self._dooms:
                self.backups.fail(job_id, *self._dooms.pop(0))
            else:
                self.backups.finish(job_id)

    def copies_made(self) -> int:
        return len(self.backups.jobs)

    def lose_next_answer(self) -> None:
        self.backups.lose_answers()

    def throttle_next(self, method: str) -> None:
        self.backups.fail_next(method, BackupsThrottled("Rate exceeded", code="ThrottlingException"))

    def break_next(self, method: str) -> None:
        self.backups.fail_next(method, BackupsUnreachable("try later", code="ServiceUnavailableException"))

    def deny_next(self, method: str) -> None:
        self.backups.fail_next(method, BackupsDenied("not authorized to perform", code="AccessDeniedException"))


OPERATIONS = {
    "holdings": "ListBackupVaults",
    "vaults": "ListBackupVaults",
    "point": "DescribeRecoveryPoint",
    "start_copy": "StartCopyJob",
    "copy_job": "DescribeCopyJob",
}


class AwsBackupsWorld:
    """boto3 against the local AWS."""

    def __init__(self, world: AwsWorld, patience: Patience = ONCE) -> None:
        self.world = world
        roles = (Role("CopyBackupBot", external_id=EXTERNAL_ID), "service-role/AWSBackupDefaultServiceRole")
        for known in (PROD, BACKUP):
            world.add_account(known.id, roles=roles)
        world.add_account(LOCKED.id, roles=())
        for ref in (DAILY, COPIES):
            self.add_vault(ref)
        world.allow_copies_into(BACKUP.id, EU, "copies", PROD.id)
        self.backups = Boto3Backups(ACCOUNTS, patience=patience)

    def add_vault(self, ref: VaultRef, *, lock: tuple[int, int] | None = None) -> None:
        self.world.create_vault(ref.account, ref.region, ref.name, lock=lock)

    def add_point(
        self,
        ref: VaultRef,
        table: str,
        *,
        created_at: datetime = MADE,
        lifecycle: Lifecycle = NO_END,
        size_bytes: int = 5_000_000,
        **more: Any,
    ) -> str:
        days = {"DeleteAfterDays": lifecycle.delete_after_days, "MoveToColdStorageAfterDays": lifecycle.cold_after_days}
        return self.world.add_recovery_point(
            ref.account,
            ref.region,
            ref.name,
            table,
            created_at=created_at,
            lifecycle={member: value for member, value in days.items() if value is not None} or None,
            size_bytes=size_bytes,
            **more,
        )

    def remove_point(self, ref: VaultRef, arn: str) -> None:
        self.world.delete_recovery_point(ref.account, ref.region, ref.name, arn)

    def forbid(self, action: str) -> None:
        """Deny PROD an action by a service control policy; such a policy spares whoever manages the organization."""
        self.world.add_account(PROD.id, organization=None, roles=())
        self.world.add_account(PROD.id, roles=())
        denial = {"Effect": "Deny", "Action": action, "Resource": "*"}
        self.world.set_control_policy(PROD.id, {"Version": "2012-10-17", "Statement": [denial]})

    def allow_tags(self, key: str, *values: str) -> None:
        """Let BACKUP's recovery points have no other values of a tag, by a tag policy."""
        rule = {"tag_value": {"@@assign": [*values]}, "enforced_for": {"@@assign": ["backup:recovery-point"]}}
        self.world.set_tag_policy(BACKUP.id, {"tags": {key: rule}})

    def doom_next_copy(self, message: str, category: str) -> None:
        self.world.fail_next_copy(message, category)

    def end_copies(self) -> None:
        self.world.clock.advance(timedelta(minutes=5))

    def copies_made(self) -> int:
        return len(self.world.copy_jobs(PROD.id, US))

    def lose_next_answer(self) -> None:
        self.world.faults.lose_response("StartCopyJob")

    def throttle_next(self, method: str) -> None:
        self.world.faults.throttle(OPERATIONS[method], times=1)

    def break_next(self, method: str) -> None:
        self.world.faults.fail(OPERATIONS[method], times=1)

    def deny_next(self, method: str) -> None:
        self.world.faults.deny(PROD.id, OPERATIONS[method], times=1)

    def roles_assumed(self) -> list[dict[str, object]]:
        """What STS was asked for, call by call."""
        return [call.params for call in self.world.calls if call.operation == "AssumeRole"]


def copy_of(
    arn: str,
    *,
    keep: Retention = Retention(Keep.AS_SOURCE),  # noqa: B008 - frozen
    token: str = "token-1",
    source: VaultRef = DAILY,
    destination: VaultRef = COPIES,
    request_id: str = "CB-1",
    approved_by: str = "U0BEN",
) -> CopyOrder:
    """Order a copy of a point that was just put there."""
    table_arn = f"arn:aws:dynamodb:{source.region}:{source.account}:table/orders"
    point = RecoveryPoint(arn, source, table_arn, "orders", MADE, "COMPLETED")
    params = CopyParams(point, destination, keep, PROD.copy_role_arn)
    return CopyOrder(params, token=token, request_id=request_id, approved_by=approved_by)


@contextmanager
def in_memory(_: pytest.FixtureRequest) -> Iterator[BackupsWorld]:
    yield MemoryWorld()


@contextmanager
def under_mock_aws(_: pytest.FixtureRequest) -> Iterator[BackupsWorld]:
    with in_process(WorldClock(NOON, speed=0)) as local:
        world = AwsBackupsWorld(local)
        yield world
        world.backups.close()


@contextmanager
def by_http(request: pytest.FixtureRequest) -> Iterator[BackupsWorld]:
    server: LocalAws = request.getfixturevalue("local_aws")
    server.reset(WorldClock(NOON, speed=0))
    with pytest.MonkeyPatch.context() as environment:
        point_to(server, environment)
        world = AwsBackupsWorld(server.world)
        yield world
        world.backups.close()
        server.world.faults.clear()


def point_to(server: LocalAws, environment: pytest.MonkeyPatch) -> None:
    """Let botocore find the local AWS as it would find it for a person who tries the bot."""
    environment.setenv("AWS_ENDPOINT_URL", server.url)
    environment.setenv("AWS_ACCESS_KEY_ID", access_key(PROD.id))
    environment.setenv("AWS_SECRET_ACCESS_KEY", "local")
    environment.setenv("AWS_CONFIG_FILE", os.devnull)
    environment.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)


Opening = Callable[[pytest.FixtureRequest], Any]
WORLDS: dict[str, Opening] = {"memory": in_memory, "mock_aws": under_mock_aws, "http": by_http}


@pytest.fixture(scope="module")
def local_aws() -> Iterator[LocalAws]:
    with LocalAws(WorldClock(NOON, speed=0)) as server:
        yield server


@pytest.fixture(params=WORLDS)
def world(request: pytest.FixtureRequest) -> Iterator[BackupsWorld]:
    """Give each world in turn."""
    with WORLDS[request.param](request) as opened:
        yield opened
