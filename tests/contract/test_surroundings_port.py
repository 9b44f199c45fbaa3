"""What the port `Surroundings` promises, held against the fake and against boto3 on the local AWS."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Protocol

import boto3
import pytest

from bot.aws.surroundings import Boto3Surroundings
from bot.domain.backups import RecoveryPoint, VaultRef
from bot.domain.checks.role import TO_BACKUP
from bot.domain.errors import BackupsDenied, BackupsError, BackupsLockedOut, BackupsMissing
from bot.domain.policies import Caller, Opinion, judge
from bot.domain.retention import Keep, Retention
from bot.domain.surroundings import Details, RegionSettings, Surroundings
from bot.sandbox.aws import Role, access_key
from tests.contract.backups_worlds import (
    ACCOUNTS,
    BACKUP,
    COPIES,
    DAILY,
    EU,
    EXTERNAL_ID,
    LOCKED,
    NOON,
    PROD,
    US,
    AwsBackupsWorld,
    BackupsWorld,
    MemoryWorld,
    copy_of,
    under_mock_aws,
)
from tests.contract.fake_surroundings import FakeSurroundings

NOWHERE = VaultRef(PROD.id, US, "nowhere")
ORDERS = f"arn:aws:dynamodb:{US}:{PROD.id}:table/orders"
POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "backup:CopyIntoBackupVault", "Resource": "*"},
        ],
    }
)
INTO = "backup:CopyIntoBackupVault"


class Shaped(Protocol):
    """A world whose surroundings a test may change."""

    @property
    def world(self) -> BackupsWorld: ...
    @property
    def around(self) -> Surroundings: ...
    def put_policy(self, vault: VaultRef, policy: str) -> None: ...
    def key_of(self, vault: VaultRef) -> str: ...
    def disable_key_of(self, vault: VaultRef) -> None: ...
    def let_role_do_nothing(self) -> None: ...
    def leave_organization(self, account: str) -> None: ...
    def switch(self, *, on: bool) -> None: ...
    def turn_advanced_off(self, account: str, region: str) -> None: ...
    def close_region(self, account: str, region: str) -> None: ...
    def take_dynamodb_away(self, region: str) -> None: ...
    def scanned(self, arn: str, *threats: str) -> None: ...


class InMemory:
    def __init__(self) -> None:
        self.world = MemoryWorld()
        self.around = FakeSurroundings(self.world.backups, ACCOUNTS, locked_out={LOCKED.id})

    def put_policy(self, vault: VaultRef, policy: str) -> None:
        self.around.policies[vault] = policy

    def key_of(self, vault: VaultRef) -> str:
        return self.around.add_key(vault).arn

    def disable_key_of(self, vault: VaultRef) -> None:
        arn = self.key_of(vault)
        self.around.keys[arn] = replace(self.around.keys[arn], state="Disabled")

    def let_role_do_nothing(self) -> None:
        self.around.denied.add((PROD.copy_role_arn, INTO))

    def leave_organization(self, account: str) -> None:
        self.around.organizations[account] = None

    def switch(self, *, on: bool) -> None:
        self.around.switch = on

    def turn_advanced_off(self, account: str, region: str) -> None:
        self.around.settings[account, region] = RegionSettings(opted_in=True, advanced=False)

    def close_region(self, account: str, region: str) -> None:
        self.around.closed.add((account, region))

    def take_dynamodb_away(self, region: str) -> None:
        self.around.without_dynamodb.add(region)

    def scanned(self, arn: str, *threats: str) -> None:
        self.around.scans[arn] = Details(scanned=True, threats=threats, tags=0)


class AtAws:
    def __init__(self, world: AwsBackupsWorld) -> None:
        self.world = world
        self.around = Boto3Surroundings(world.backups.calls)

    def put_policy(self, vault: VaultRef, policy: str) -> None:
        _client(vault).put_backup_vault_access_policy(BackupVaultName=vault.name, Policy=policy)

    def key_of(self, vault: VaultRef) -> str:
        return str(_client(vault).describe_backup_vault(BackupVaultName=vault.name)["EncryptionKeyArn"])

    def disable_key_of(self, vault: VaultRef) -> None:
        _client(vault, "kms").disable_key(KeyId=self.key_of(vault).rpartition("/")[2])

    def let_role_do_nothing(self) -> None:
        reads = {"Effect": "Allow", "Action": "backup:CopyFromBackupVault", "Resource": "*"}
        policy = {"Version": "2012-10-17", "Statement": [reads]}
        role = Role("service-role/AWSBackupDefaultServiceRole", policies=[policy])
        self.world.world.add_account(PROD.id, roles=[role])

    def leave_organization(self, account: str) -> None:
        self.world.world.add_account(account, organization=None, roles=[Role("CopyBackupBot", external_id=EXTERNAL_ID)])

    def switch(self, *, on: bool) -> None:
        self.world.world.set_cross_account_backup(on)

    def turn_advanced_off(self, account: str, region: str) -> None:
        self.world.world.set_advanced(account, region, enabled=False)

    def close_region(self, account: str, region: str) -> None:
        self.world.world.set_region_enabled(account, region, enabled=False)

    def take_dynamodb_away(self, region: str) -> None:
        self.world.world.set_feature(region, supported=False)

    def scanned(self, arn: str, *threats: str) -> None:
        self.world.world.add_scan(PROD.id, US, DAILY.name, arn, list(threats))


@pytest.fixture(params=["memory", "local aws"])
def shaped(request: pytest.FixtureRequest) -> Iterator[Shaped]:
    if request.param == "memory":
        yield InMemory()
        return
    with under_mock_aws(request) as world:
        assert isinstance(world, AwsBackupsWorld)
        yield AtAws(world)


def test_a_vaults_policy_is_told_and_one_that_is_not_there_is_none(shaped: Shaped) -> None:
    assert shaped.around.vault_policy(DAILY) is None

    shaped.put_policy(DAILY, POLICY)

    assert json.loads(shaped.around.vault_policy(DAILY) or "") == json.loads(POLICY)


def test_an_unknown_vault_is_denied_as_aws_does(shaped: Shaped) -> None:
    with pytest.raises(BackupsDenied):
        shaped.around.vault_policy(NOWHERE)


def test_a_key_tells_its_state_and_its_policy(shaped: Shaped) -> None:
    key = shaped.around.key(shaped.key_of(COPIES), BACKUP.id)

    assert (key.state, key.by_aws) == ("Enabled", False)
    assert judge(key.policy, Caller(f"arn:aws:iam::{BACKUP.id}:root", BACKUP.id), "kms:Decrypt", key.arn).opinion is (
        Opinion.ALLOWS
    )
    shaped.disable_key_of(COPIES)
    assert shaped.around.key(shaped.key_of(COPIES) if isinstance(shaped, AtAws) else key.arn, BACKUP.id).state == (
        "Disabled"
    )


def test_a_key_that_is_not_there_is_missing(shaped: Shaped) -> None:
    with pytest.raises(BackupsMissing):
        shaped.around.key(f"arn:aws:kms:{EU}:{BACKUP.id}:key/00000000-0000-0000-0000-000000000000", BACKUP.id)


def test_a_role_tells_whom_it_trusts(shaped: Shaped) -> None:
    role = shaped.around.role(PROD.copy_role_arn)

    assert role.arn == PROD.copy_role_arn
    assert "backup.amazonaws.com" in json.dumps(json.loads(role.trust))


def test_a_role_that_is_not_there_is_missing(shaped: Shaped) -> None:
    with pytest.raises(BackupsMissing):
        shaped.around.role(f"arn:aws:iam::{PROD.id}:role/Nobody")


def test_what_a_role_may_do_is_told_action_by_action(shaped: Shaped) -> None:
    def may() -> bool:
        (told,) = shaped.around.permissions(PROD.copy_role_arn, [INTO], COPIES.arn, TO_BACKUP)
        assert told.action == INTO
        return told.allowed

    assert may()
    shaped.let_role_do_nothing()
    assert not may()


def test_accounts_of_one_organization_tell_the_same_one(shaped: Shaped) -> None:
    here, there = shaped.around.organization(PROD.id), shaped.around.organization(BACKUP.id)

    assert here is not None
    assert here == there
    shaped.leave_organization(BACKUP.id)
    assert shaped.around.organization(BACKUP.id) is None


def test_the_switch_for_copies_to_other_accounts_is_told(shaped: Shaped) -> None:
    assert shaped.around.cross_account_backup(PROD.id, US) is True
    shaped.switch(on=False)
    assert shaped.around.cross_account_backup(PROD.id, US) is False


def test_a_places_settings_are_told(shaped: Shaped) -> None:
    assert shaped.around.region_settings(PROD.id, US) == RegionSettings(opted_in=True, advanced=True)
    shaped.turn_advanced_off(PROD.id, US)
    assert shaped.around.region_settings(PROD.id, US) == RegionSettings(opted_in=True, advanced=False)


def test_a_region_that_an_account_has_not_enabled_is_told(shaped: Shaped) -> None:
    assert shaped.around.region_state(BACKUP.id, EU) in ("ENABLED", "ENABLED_BY_DEFAULT")
    shaped.close_region(BACKUP.id, EU)
    assert shaped.around.region_state(BACKUP.id, EU) == "DISABLED"


def test_what_can_be_backed_up_is_told(shaped: Shaped) -> None:
    assert "DynamoDB" in shaped.around.resource_types(BACKUP.id, EU)
    shaped.take_dynamodb_away(EU)
    assert "DynamoDB" not in shaped.around.resource_types(BACKUP.id, EU)


def test_a_copy_under_way_is_told_and_then_the_copy(shaped: Shaped) -> None:
    point = _backed_up(shaped)
    since = NOON - timedelta(days=7)
    assert shaped.around.jobs_of_table(PROD.id, US, ORDERS, since) == ()
    assert shaped.around.copies_in(COPIES, point) == ()

    job_id = shaped.world.backups.start_copy(copy_of(point.arn, keep=Retention(Keep.DAYS, 90)))

    (job,) = shaped.around.jobs_of_table(PROD.id, US, ORDERS, since)
    told = (job.id, job.kind, job.at_work, job.point_arn, job.destination)
    assert told == (job_id, "copy", True, point.arn, COPIES.arn)
    assert [one.id for one in shaped.around.copies_at_work(PROD.id, US)] == [job_id]
    shaped.world.end_copies()
    assert shaped.around.copies_at_work(PROD.id, US) == ()
    (copy,) = shaped.around.copies_in(COPIES, point)
    there = shaped.world.backups.point(COPIES, copy.arn)
    assert (there.created_at, there.delete_at) == (point.created_at, copy.delete_at)
    assert copy.delete_at is not None


def test_a_vault_that_holds_the_backup_itself_holds_no_copy_of_it(shaped: Shaped) -> None:
    assert shaped.around.copies_in(DAILY, _backed_up(shaped)) == ()


def test_scans_and_tags_are_told(shaped: Shaped) -> None:
    point = _backed_up(shaped)
    assert shaped.around.details(point) == Details(scanned=False, threats=(), tags=0)

    shaped.scanned(point.arn, "MALWARE")

    assert shaped.around.details(point) == Details(scanned=True, threats=("MALWARE",), tags=0)


def test_details_of_a_backup_that_is_gone_are_missing(shaped: Shaped) -> None:
    point = _backed_up(shaped)
    shaped.world.remove_point(DAILY, point.arn)

    with pytest.raises(BackupsMissing):
        shaped.around.details(point)


ASKED: dict[str, Callable[[Surroundings], Any]] = {
    "vault_policy": lambda around: around.vault_policy(VaultRef(LOCKED.id, US, "any")),
    "organization": lambda around: around.organization(LOCKED.id),
    "cross_account_backup": lambda around: around.cross_account_backup(LOCKED.id, US),
    "region_settings": lambda around: around.region_settings(LOCKED.id, US),
    "region_state": lambda around: around.region_state(LOCKED.id, US),
    "resource_types": lambda around: around.resource_types(LOCKED.id, US),
    "copies_at_work": lambda around: around.copies_at_work(LOCKED.id, US),
    "role": lambda around: around.role(LOCKED.copy_role_arn),
}


@pytest.mark.parametrize("method", ASKED)
def test_an_account_that_cannot_be_entered_says_so_at_each_question(shaped: Shaped, method: str) -> None:
    with pytest.raises(BackupsLockedOut):
        ASKED[method](shaped.around)


def test_the_fake_fails_as_it_is_told() -> None:
    memory = InMemory()
    memory.around.fail["role"] = BackupsDenied("no")

    with pytest.raises(BackupsError):
        memory.around.role(PROD.copy_role_arn)


def _backed_up(shaped: Shaped) -> RecoveryPoint:
    arn = shaped.world.add_point(DAILY, "orders")
    return shaped.world.backups.point(DAILY, arn)


def _client(vault: VaultRef, service: str = "backup") -> Any:
    return boto3.client(
        service,
        region_name=vault.region,
        aws_access_key_id=access_key(vault.account),
        aws_secret_access_key="local",
    )
