"""Every known reason why a copy fails: seen before anybody is asked, and mended by what its finding says to paste.

One row for each reason of the list of 26, or for each kind of it. A row provokes the reason in the local AWS;
pre-flight finds it, with its words. Where the copy would fail, it is seen to fail. Then the remedy is taken out of the
finding's own text and carried out: its commands are pasted, or the number or the other choice that it proposes is
taken. Then the finding is green and the copy is made. Rows for which nothing can be pasted or chosen say why.
"""

import json
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from bot.aws.surroundings import Boto3Surroundings
from bot.domain.backups import ADVANCED_POINT, CopyJobState, VaultRef
from bot.domain.checks.vault import MOST_VAULTS
from bot.domain.errors import BackupsError
from bot.domain.findings import Finding, Level
from bot.domain.params import CopyParams
from bot.domain.ports import CopyOrder
from bot.domain.retention import Keep, Retention
from bot.domain.shown import changes
from bot.sandbox.aws import Role, access_key
from bot.workflows.preflight import Preflight
from tests.contract.backups_worlds import (
    ACCOUNTS,
    BACKUP,
    COPIES,
    DAILY,
    EU,
    EXTERNAL_ID,
    MADE,
    PROD,
    US,
    AwsBackupsWorld,
    by_http,
    copy_of,
    local_aws,
    under_mock_aws,
)
from tests.contract.pasted import paste

__all__ = ["local_aws"]

NEAR = VaultRef(PROD.id, EU, "near")
NEXT_DOOR = VaultRef(PROD.id, US, "next-door")
ROLE = "service-role/AWSBackupDefaultServiceRole"
COPYING = ["backup:CopyFromBackupVault", "backup:CopyIntoBackupVault"]
NOBODY = {"AWS": "arn:aws:iam::999999999999:root"}
INTO = "backup:CopyIntoBackupVault"


@dataclass
class Scene:
    """The local AWS, and pre-flight in front of it."""

    world: AwsBackupsWorld
    preflight: Preflight
    tokens: int = 0

    def look(self, params: CopyParams) -> dict[str, Finding]:
        """Findings by code."""
        look = self.preflight.look(params, self.world.world.clock.now())
        return {finding.code: finding for finding in look.findings}

    def copies(self, params: CopyParams) -> bool:
        """Whether AWS makes this copy."""
        self.tokens += 1
        order = CopyOrder(params, token=f"try-{self.tokens}", request_id="CB-1", approved_by="U0BEN")
        try:
            job_id = self.world.backups.start_copy(order)
        except BackupsError:
            return False
        self.world.end_copies()
        return self.world.backups.copy_job(params.point.vault, job_id).state is CopyJobState.COMPLETED

    def backed_up(self, **more: Any) -> CopyParams:
        """Copy of a backup that was just put into DAILY."""
        known = {name: more.pop(name) for name in ("destination", "keep", "source") if name in more}
        arn = self.world.add_point(known.get("source", DAILY), more.pop("table", "orders"), **more)
        return self.as_seen(copy_of(arn, **known).params)

    def as_seen(self, params: CopyParams) -> CopyParams:
        return replace(params, point=self.world.backups.point(params.point.vault, params.point.arn))

    def other_point(self, params: CopyParams) -> CopyParams:
        """The same copy of another backup, as people choose when this one cannot be copied."""
        return self.backed_up(destination=params.destination)

    def role(self, name: str, **more: Any) -> None:
        self.world.world.add_account(PROD.id, roles=[Role(name, **more)])

    def lag(self, vault: VaultRef) -> None:
        client(vault.account, vault.region).create_logically_air_gapped_backup_vault(
            BackupVaultName=vault.name, MinRetentionDays=7, MaxRetentionDays=90
        )


@pytest.fixture(scope="module")
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(32) as opened:
        yield opened


@pytest.fixture
def scene(pool: ThreadPoolExecutor, request: pytest.FixtureRequest) -> Iterator[Scene]:
    with under_mock_aws(request) as world:
        assert isinstance(world, AwsBackupsWorld)
        yield make_scene(world, pool)


def make_scene(world: AwsBackupsWorld, pool: ThreadPoolExecutor) -> Scene:
    return Scene(world, Preflight(world.backups, Boto3Surroundings(world.backups.calls), ACCOUNTS, pool))


def client(account: str, region: str, service: str = "backup") -> Any:
    """A client as nobody's role."""
    return boto3.client(
        service,
        region_name=region,
        aws_access_key_id=access_key(account),
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 1}),
    )


def statement(effect: str, action: Any, principal: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": effect, "Principal": principal, "Action": action, "Resource": "*", **more}


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def put_policy(vault: VaultRef, *statements: dict[str, Any]) -> None:
    where = client(vault.account, vault.region)
    where.put_backup_vault_access_policy(BackupVaultName=vault.name, Policy=policy(*statements))


Provoke = Callable[[Scene], CopyParams]
Choose = Callable[[Scene, CopyParams, str], CopyParams]
"""Do as the remedy says with a choice: the copy that is asked for instead."""


@dataclass(frozen=True)
class Row:
    """A reason. `green`: the finding's code when all is well. `choose` None: the remedy is to be pasted.

    `fails`: AWS does not make the copy while nothing is mended. `nothing`: why no remedy can be applied.
    """

    number: int
    title: str
    provoke: Provoke
    code: str
    level: Level
    says: str
    green: str
    choose: Choose | None = None
    fails: bool = True
    nothing: str = ""
    overridable: bool = False
    fix: str = ""

    @property
    def id(self) -> str:
        return f"{self.number:02}-{self.title}".replace(" ", "-")


def managed_by_dynamodb(scene: Scene) -> CopyParams:
    scene.world.world.create_table(PROD.id, US, "orders", [{"id": "1"}])
    scene.world.world.set_advanced(PROD.id, US, enabled=False)
    return scene.backed_up(advanced=False)


def the_new_backup(scene: Scene, params: CopyParams, remedy: str) -> CopyParams:
    """Paste, wait, and take the backup that was made."""
    assert paste(remedy, client) == 2
    scene.world.end_copies()
    points = scene.world.backups.holdings(PROD.id, US).points
    (new,) = [point for point in points if ADVANCED_POINT.fullmatch(point.arn)]
    return scene.as_seen(replace(params, point=new))


def with_state(state: str) -> Provoke:
    def provoke(scene: Scene) -> CopyParams:
        params = scene.backed_up()
        scene.world.world.set_point_status(PROD.id, US, "daily", params.point.arn, state)
        return params

    return provoke


def another_backup(scene: Scene, params: CopyParams, remedy: str) -> CopyParams:
    return scene.other_point(params)


def another_backup_then(scene: Scene, params: CopyParams, remedy: str) -> CopyParams:
    """AWS copies a table's backups one after the other, so that the job under way has to end first."""
    when_they_are_done(scene, params, remedy)
    return scene.backed_up(created_at=MADE - timedelta(days=1))


def another_vault(vault: VaultRef) -> Choose:
    def choose(scene: Scene, params: CopyParams, remedy: str) -> CopyParams:
        if vault != COPIES:
            scene.world.add_vault(vault)
        return replace(params, destination=vault)

    return choose


def expiring(scene: Scene) -> CopyParams:
    soon = scene.world.world.clock.now() - timedelta(days=10, minutes=-60)
    arn = scene.world.world.add_recovery_point(
        PROD.id, US, "daily", "orders", created_at=soon, lifecycle={"DeleteAfterDays": 10}
    )
    return scene.as_seen(copy_of(arn).params)


def deleted(scene: Scene) -> CopyParams:
    params = scene.backed_up()
    scene.world.remove_point(DAILY, params.point.arn)
    return params


def going_cold(scene: Scene) -> CopyParams:
    arn = scene.world.world.add_recovery_point(
        PROD.id, US, "daily", "orders", created_at=MADE, lifecycle={"MoveToColdStorageAfterDays": 11}
    )
    return scene.as_seen(copy_of(arn).params)


def in_the_wrong_region(scene: Scene) -> CopyParams:
    params = scene.backed_up()
    return replace(params, point=replace(params.point, vault=replace(DAILY, region=EU)))


def seen_where_it_is(scene: Scene, params: CopyParams, remedy: str) -> CopyParams:
    return replace(params, point=replace(params.point, vault=DAILY))


def under_a_foreign_role(scene: Scene) -> CopyParams:
    return replace(scene.backed_up(), role_arn=BACKUP.copy_role_arn)


def under_its_own_role(scene: Scene, params: CopyParams, remedy: str) -> CopyParams:
    """Take the role that the remedy proposes for this account's `copy_role_arn`."""
    found = re.search(rf"copy_role_arn of account {PROD.id} .* `(arn:[^`]+)`", remedy)
    assert found is not None
    return replace(params, role_arn=found[1])


def outside_the_organization(organization: str | None) -> Provoke:
    def provoke(scene: Scene) -> CopyParams:
        scene.world.world.add_account(BACKUP.id, organization=organization)
        return scene.backed_up()

    return provoke


def switched_off(scene: Scene) -> CopyParams:
    scene.world.world.set_cross_account_backup(False)
    return scene.backed_up()


def not_opted_in(scene: Scene) -> CopyParams:
    client(BACKUP.id, EU).update_region_settings(ResourceTypeOptInPreference={"DynamoDB": False})
    return scene.backed_up()


def without_advanced(scene: Scene) -> CopyParams:
    scene.world.world.set_advanced(PROD.id, US, enabled=False)
    return scene.backed_up()


def region_closed(scene: Scene) -> CopyParams:
    scene.world.world.set_region_enabled(BACKUP.id, EU, enabled=False)
    return scene.backed_up()


def into_nowhere(vault: VaultRef) -> Provoke:
    return lambda scene: scene.backed_up(destination=vault)


def no_vault_and_no_key(scene: Scene) -> CopyParams:
    """No other vault of the place has a key that the new one could have, so the remedy makes one."""
    scene.world.world.delete_vault(BACKUP.id, EU, "copies")
    return scene.backed_up()


def list_denied(scene: Scene) -> CopyParams:
    params = scene.backed_up()
    others = {"Effect": "Allow", "NotAction": "backup:ListBackupVaults", "Resource": "*"}
    role = Role("CopyBackupBot", external_id=EXTERNAL_ID, policies=[{"Version": "2012-10-17", "Statement": [others]}])
    scene.world.world.add_account(BACKUP.id, roles=[role])
    return params


def admitting(*statements: dict[str, Any]) -> Provoke:
    def provoke(scene: Scene) -> CopyParams:
        put_policy(COPIES, *statements)
        return scene.backed_up()

    return provoke


def without_policy(scene: Scene) -> CopyParams:
    client(BACKUP.id, EU).delete_backup_vault_access_policy(BackupVaultName="copies")
    return scene.backed_up()


def with_default_key(scene: Scene) -> CopyParams:
    default = VaultRef(BACKUP.id, EU, "Default")
    scene.world.world.create_vault(BACKUP.id, EU, "Default", key="default")
    scene.world.world.allow_copies_into(BACKUP.id, EU, "Default", PROD.id)
    return scene.backed_up(destination=default)


def source_denies(scene: Scene) -> CopyParams:
    put_policy(DAILY, statement("Deny", "backup:CopyFromBackupVault"), statement("Deny", "backup:DeleteRecoveryPoint"))
    return scene.backed_up()


def with_key(vault: VaultRef, trouble: str) -> Provoke:
    def provoke(scene: Scene) -> CopyParams:
        described = client(vault.account, vault.region).describe_backup_vault(BackupVaultName=vault.name)
        kms, key = client(vault.account, vault.region, "kms"), described["EncryptionKeyArn"].rpartition("/")[2]
        if trouble == "disabled":
            kms.disable_key(KeyId=key)
        elif trouble == "deleted soon":
            kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
        else:
            may = {
                "closed": statement("Allow", "kms:DescribeKey"),
                "foreign": statement("Allow", "kms:*", NOBODY),
                "unclear": statement("Allow", "kms:*", Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}}),
                "denied": statement("Deny", "kms:Decrypt" if vault == DAILY else "kms:GenerateDataKey"),
            }[trouble]
            more = [statement("Allow", "kms:*")] if trouble == "denied" else []
            kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy(may, *more))
        return scene.backed_up()

    return provoke


def with_lost_key(scene: Scene) -> CopyParams:
    lost = VaultRef(BACKUP.id, EU, "lost")
    key = f"arn:aws:kms:{EU}:{BACKUP.id}:key/00000000-0000-0000-0000-000000000000"
    scene.world.world.create_vault(BACKUP.id, EU, "lost", key=key)
    scene.world.world.allow_copies_into(BACKUP.id, EU, "lost", PROD.id)
    return scene.backed_up(destination=lost)


def under_no_role(scene: Scene) -> CopyParams:
    return replace(scene.backed_up(), role_arn=f"arn:aws:iam::{PROD.id}:role/copying/CopyRole")


def role_without_trust(scene: Scene) -> CopyParams:
    params = scene.backed_up()
    scene.role(ROLE, services=())
    return params


def role_that_trusts_for(condition: dict[str, Any]) -> Provoke:
    def provoke(scene: Scene) -> CopyParams:
        params = scene.backed_up()
        trust = {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}
        client(PROD.id, US, "iam").update_assume_role_policy(
            RoleName=ROLE.rpartition("/")[2], PolicyDocument=policy(trust | {"Condition": condition})
        )
        return params

    return provoke


def source_admits(*statements: dict[str, Any]) -> Provoke:
    def provoke(scene: Scene) -> CopyParams:
        put_policy(DAILY, *statements)
        return scene.backed_up()

    return provoke


def role_that_may_only_read(scene: Scene) -> CopyParams:
    params = scene.backed_up()
    reads = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": COPYING[0], "Resource": "*"}]}
    scene.role(ROLE, policies=[reads])
    return params


def bot_that_may_not(*actions: str) -> Provoke:
    def provoke(scene: Scene) -> CopyParams:
        params = scene.backed_up()
        all_but = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "NotAction": list(actions), "Resource": "*"}],
        }
        scene.role("CopyBackupBot", external_id=EXTERNAL_ID, policies=[all_but])
        return params

    return provoke


def locked(lock: tuple[int, int], keep: Retention) -> Provoke:
    def provoke(scene: Scene) -> CopyParams:
        vault = VaultRef(BACKUP.id, EU, "locked")
        scene.world.add_vault(vault, lock=lock)
        scene.world.world.allow_copies_into(BACKUP.id, EU, "locked", PROD.id)
        arn = scene.world.world.add_recovery_point(
            PROD.id, US, "daily", "orders", created_at=MADE, lifecycle={"DeleteAfterDays": 35}
        )
        return scene.as_seen(copy_of(arn, destination=vault, keep=keep).params)

    return provoke


def the_proposed_days(scene: Scene, params: CopyParams, remedy: str) -> CopyParams:
    """Take the number that the remedy proposes."""
    found = re.search(r"Keep the copy ([\d,]+) days", remedy)
    assert found is not None
    days = int(found[1].replace(",", ""))
    return replace(params, retention=replace(params.retention, keep=Keep.DAYS, days=days))


def the_proposed_cold_days(scene: Scene, params: CopyParams, remedy: str) -> CopyParams:
    found = re.search(r"cold storage after ([\d,]+) days", remedy)
    assert found is not None
    return replace(params, retention=replace(params.retention, cold_days=int(found[1])))


def keeping(retention: Retention) -> Provoke:
    return lambda scene: scene.backed_up(keep=retention)


def into_the_gap(scene: Scene) -> CopyParams:
    gap = VaultRef(BACKUP.id, EU, "gap")
    scene.lag(gap)
    scene.world.world.allow_copies_into(BACKUP.id, EU, "gap", PROD.id)
    return scene.backed_up(destination=gap)


def out_of_the_gap(scene: Scene) -> CopyParams:
    gap = VaultRef(PROD.id, US, "gap")
    scene.lag(gap)
    scene.world.world.create_vault(NEAR.account, NEAR.region, NEAR.name, key="default")
    return scene.backed_up(source=gap, destination=NEAR)


def with_tags(number: int) -> Provoke:
    return lambda scene: scene.backed_up(tags={f"tag-{each}": "x" for each in range(number)})


def while_another_runs(scene: Scene) -> CopyParams:
    scene.world.world.job_timing(created=timedelta(0), running=timedelta(minutes=1))
    scene.world.backups.start_copy(copy_of(scene.backed_up().point.arn, token="other"))
    return scene.backed_up()


def while_a_backup_runs(scene: Scene) -> CopyParams:
    params = scene.backed_up()
    scene.world.world.create_table(PROD.id, US, "orders", [{"id": "1"}])
    scene.world.world.job_timing(created=timedelta(0), running=timedelta(minutes=1))
    client(PROD.id, US).start_backup_job(
        BackupVaultName="daily", ResourceArn=params.point.table_arn, IamRoleArn=PROD.copy_role_arn
    )
    return params


def into_one_vault_too_many(scene: Scene) -> CopyParams:
    """A plan that makes the vault first, in an account and Region where there are as many as AWS allows."""
    described = client(BACKUP.id, EU).describe_backup_vault(BackupVaultName=COPIES.name)
    for number in range(MOST_VAULTS - 1):
        scene.world.world.create_vault(BACKUP.id, EU, f"vault-{number}", key=described["EncryptionKeyArn"])
    return replace(scene.backed_up(destination=VaultRef(BACKUP.id, EU, "one-more")), vault_from_before=True)


def a_vault_that_is_there(scene: Scene, params: CopyParams, remedy: str) -> CopyParams:
    return replace(params, destination=COPIES, vault_from_before=False)


def denied_by_the_organization(action: str) -> Provoke:
    def provoke(scene: Scene) -> CopyParams:
        scene.world.forbid(action)
        return scene.backed_up()

    return provoke


def the_manager_allows(scene: Scene, params: CopyParams, remedy: str) -> CopyParams:
    """Whoever the remedy says to ask takes the policy off."""
    assert "Ask who answers for the" in remedy
    scene.world.world.set_control_policy(PROD.id, None)
    return params


def under_a_tag_policy(scene: Scene) -> CopyParams:
    scene.world.allow_tags("team", "checkout")
    return scene.backed_up(tags={"team": "nobody"})


def while_a_hundred_run(scene: Scene) -> CopyParams:
    scene.world.world.hold_next_copies(100)
    for number in range(100):
        arn = scene.world.add_point(DAILY, f"table-{number}")
        scene.world.backups.start_copy(copy_of(arn, token=f"other-{number}"))
    return scene.backed_up()


def when_they_are_done(scene: Scene, params: CopyParams, remedy: str) -> CopyParams:
    scene.world.world.release_copies()
    scene.world.end_copies()
    return params


def where_it_is_not_supported(scene: Scene) -> CopyParams:
    scene.world.world.set_feature(EU, supported=False)
    return scene.backed_up()


def made_already(scene: Scene) -> CopyParams:
    params = scene.backed_up()
    assert scene.copies(params)
    return params


def under_way(scene: Scene) -> CopyParams:
    params = scene.backed_up()
    scene.world.world.hold_next_copies()
    scene.world.backups.start_copy(copy_of(params.point.arn, token="other"))
    return params


def scanned(*findings: str) -> Provoke:
    def provoke(scene: Scene) -> CopyParams:
        params = scene.backed_up()
        scene.world.world.add_scan(PROD.id, US, "daily", params.point.arn, list(findings))
        return params

    return provoke


def a_clean_backup(scene: Scene, params: CopyParams, remedy: str) -> CopyParams:
    return scanned()(scene)


PASS, WARN, FAIL, UNSEEN = Level.PASS, Level.WARN, Level.FAIL, Level.UNSEEN
ORG = "arn:aws:iam::999999999999:root"
AS_SOURCE, CENTURY = Retention(Keep.AS_SOURCE), Retention(Keep.CENTURY)

ROWS: list[Row] = [
    Row(1, "managed by DynamoDB", managed_by_dynamodb, "not-advanced", FAIL, "before advanced DynamoDB backup was on",
        "point-kind", the_new_backup, fix="enable-advanced"),
    *(
        Row(2, f"is {state}", with_state(state), code, FAIL, says, "point-state", another_backup,
            fix="" if state == "CREATING" else "back-up")
        for state, code, says in [
            ("PARTIAL", "not-copyable-status", "is PARTIAL"),
            ("EXPIRED", "not-copyable-status", "is EXPIRED"),
            ("DELETING", "not-copyable-status", "is DELETING"),
            ("STOPPED", "not-copyable-status", "is STOPPED"),
            ("CREATING", "still-being-made", "still being made"),
        ]
    ),
    Row(3, "is cold", lambda scene: scene.backed_up(storage_class="COLD"), "cold", FAIL, "in cold storage",
        "point-storage", another_backup, fix="back-up"),
    Row(3, "goes cold soon", going_cold, "cold-soon", WARN, "moves to cold storage in about 15 h", "point-storage",
        another_backup, fails=False),
    Row(4, "expires before it is read", expiring, "expiring", FAIL, "expires within two hours", "point-end",
        another_backup, fails=False, overridable=True, fix="back-up"),
    Row(4, "was deleted", deleted, "source-gone", FAIL, "not there any more", "point-end", another_backup,
        fix="back-up"),
    Row(5, "is continuous", lambda scene: scene.backed_up(continuous=True), "continuous", FAIL, "continuous backup",
        "point-continuous", another_backup, fix="back-up"),
    Row(6, "in the wrong Region", in_the_wrong_region, "wrong-place", FAIL, "not of its vault's place", "route",
        seen_where_it_is),
    Row(6, "under a foreign role", under_a_foreign_role, "foreign-copy-role", FAIL, f"not of account {PROD.id}",
        "route", under_its_own_role),
    Row(7, "destination in no organization", outside_the_organization(None), "two-organizations", FAIL,
        f"account {BACKUP.id} in no organization", "organization", another_vault(NEAR)),
    Row(7, "destination in another organization", outside_the_organization("o-other"), "two-organizations", FAIL,
        f"account {BACKUP.id} in the organization o-other", "organization", another_vault(NEAR)),
    Row(8, "cross-account switch off", switched_off, "cross-account-off", FAIL, "switched off in the organization",
        "cross-account"),
    Row(9, "not opted in", not_opted_in, "not-opted-in", WARN, "not opted in", "opt-in", fails=False,
        fix="enable-advanced"),
    Row(9, "advanced features off", without_advanced, "advanced-off", WARN, "new backups cannot be copied", "advanced",
        fails=False, fix="enable-advanced"),
    Row(10, "Region not enabled", region_closed, "region-disabled", FAIL, f"has not enabled the Region {EU}",
        "region-enabled"),
    Row(11, "no such vault", into_nowhere(VaultRef(BACKUP.id, EU, "nowhere")), "vault-gone", FAIL,
        f"There is no vault nowhere in account {BACKUP.id}, {EU}", "vault-policy", fix="create-vault"),
    Row(11, "no such vault and no key", no_vault_and_no_key, "vault-gone", FAIL, "There is no vault copies", "key-kind",
        fix="create-vault"),
    Row(11, "no such vault in the same account", into_nowhere(VaultRef(PROD.id, EU, "nowhere")), "vault-gone", FAIL,
        "There is no vault nowhere", "vault", fix="create-vault"),
    Row(11, "vaults forbidden to see", list_denied, "vault-unseen", UNSEEN, "The bot may not look at the vaults",
        "vault", fails=False),
    Row(12, "admits another account", admitting(statement("Allow", INTO, NOBODY)), "vault-policy-denies", FAIL,
        "its access policy does not allow it", "vault-policy", overridable=True),
    Row(12, "admits another organization",
        admitting(statement("Allow", INTO, Condition={"StringEquals": {"aws:PrincipalOrgID": "o-other"}})),
        "vault-policy-denies", FAIL, "does not allow it", "vault-policy", overridable=True),
    Row(12, "admits a unit of another organization",
        admitting(statement("Allow", INTO, Condition={
            "ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-other/r-othe/ou-1/*"]}})),
        "vault-policy-denies", FAIL, "does not allow it", "vault-policy", overridable=True),
    Row(12, "admits a unit that nobody can see",
        admitting(statement("Allow", INTO, Condition={
            "ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["o-local/r-loca/ou-other/*"]}})),
        "vault-policy-unclear", UNSEEN, "aws:PrincipalOrgPaths", "vault-policy"),
    Row(12, "depends on what nobody can see",
        admitting(statement("Allow", INTO, Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}})),
        "vault-policy-unclear", UNSEEN, "the condition StringEquals on aws:sourcevpc", "vault-policy"),
    Row(12, "denies explicitly",
        admitting(statement("Allow", INTO), statement("Deny", INTO, {"AWS": f"arn:aws:iam::{PROD.id}:root"})),
        "vault-policy-denies", FAIL, "denies it explicitly", "vault-policy", overridable=True),
    Row(12, "has no policy", without_policy, "vault-policy-denies", FAIL, "does not allow it", "vault-policy",
        overridable=True),
    Row(13, "has AWS's default key", with_default_key, "default-key", FAIL, "AWS's own key aws/backup", "key-kind",
        another_vault(COPIES), overridable=True, fix="create-vault"),
    Row(14, "source vault denies", source_denies, "source-policy-denies", FAIL, "denies copying from it",
        "source-policy", overridable=True),
    Row(14, "source vault depends on what nobody can see",
        source_admits(statement("Allow", COPYING[0], Condition={"StringEquals": {"aws:SourceVpc": "vpc-1"}})),
        "source-policy-unclear", UNSEEN, "the condition StringEquals on aws:sourcevpc", "source-policy", fails=False),
    *(
        Row(number, f"{code} {trouble}", with_key(vault, trouble), f"{code}-{ends}", FAIL, says, code,
            overridable=True)
        for number, vault, code in [(15, COPIES, "key"), (16, DAILY, "source-key")]
        for trouble, ends, says in [
            ("disabled", "unusable", "it is Disabled"),
            ("deleted soon", "unusable", "it is PendingDeletion"),
            ("closed", "closed", "does not let"),
            ("foreign", "closed", "does not let"),
            ("denied", "closed", "does not let"),
        ]
    ),
    *(
        Row(number, f"{code} depends on what nobody can see", with_key(vault, "unclear"), f"{code}-unclear", UNSEEN,
            "the condition StringEquals on aws:sourcevpc", code)
        for number, vault, code in [(15, COPIES, "key"), (16, DAILY, "source-key")]
    ),
    Row(15, "key is lost", with_lost_key, "key-missing", FAIL, "does not exist (any more)", "key",
        another_vault(COPIES)),
    Row(17, "role missing", under_no_role, "role-missing", FAIL, "does not exist", "role", overridable=True),
    Row(17, "role does not trust", role_without_trust, "role-not-trusting", FAIL, "does not let AWS Backup assume it",
        "role", overridable=True),
    Row(17, "role trusts on what nobody can see",
        role_that_trusts_for({"StringEquals": {"aws:SourceAccount": PROD.id}}), "role-trust-unclear", UNSEEN,
        "the condition StringEquals on aws:sourceaccount", "role"),
    Row(17, "role may not copy", role_that_may_only_read, "role-may-not-copy", FAIL, f"may not {INTO}",
        "role-permissions", overridable=True),
    Row(17, "bot may not pass the role", bot_that_may_not("iam:PassRole"), "bot-may-not-start", FAIL,
        "may not iam:PassRole", "bot-permissions", overridable=True),
    Row(17, "bot may not start", bot_that_may_not("backup:StartCopyJob"), "bot-may-not-start", FAIL,
        "may not backup:StartCopyJob", "bot-permissions", overridable=True),
    Row(18, "control policies", lambda scene: scene.backed_up(), "control-policies-unseen", UNSEEN,
        "I could not see whether a service control policy", "", fails=False,
        nothing="such policies are readable from the management account only; AWS judges when the copy starts"),
    *(
        Row(18, f"control policy denies {title}", denied_by_the_organization(action), code, FAIL,
            "service control policy of the organization denies", "bot-permissions", the_manager_allows,
            overridable=True)
        for title, action, code in [
            ("the copy role to read", COPYING[0], "control-policy-denies"),
            ("the copy role to write", INTO, "control-policy-denies"),
            ("the bot to start", "backup:StartCopyJob", "control-policy-denies-bot"),
            ("the bot to pass the role", "iam:PassRole", "control-policy-denies-bot"),
        ]
    ),
    *(
        Row(19, f"lock {title}", locked(lock, keep), "vault-lock", FAIL, "The vault keeps copies at", "retention",
            the_proposed_days, fix=fix)
        for title, lock, keep, fix in [
            ("longest exceeded", (7, 30), Retention(Keep.DAYS, 31), ""),
            ("shortest missed", (40, 90), Retention(Keep.DAYS, 39), ""),
            ("century", (7, 30), CENTURY, ""),
            ("inherited", (7, 30), AS_SOURCE, "set-retention"),
        ]
    ),
    Row(20, "no days", keeping(Retention(Keep.DAYS, 0)), "retention-days", FAIL, "between 1 and", "retention",
        the_proposed_days),
    Row(20, "too many days", keeping(Retention(Keep.DAYS, 36_501)), "retention-days", FAIL, "36,500", "retention",
        the_proposed_days),
    Row(20, "over already", keeping(Retention(Keep.DAYS, 5)), "retention-days", FAIL, "already be over", "retention",
        the_proposed_days, fails=False),
    Row(20, "cold too late", keeping(Retention(Keep.DAYS, 119, 30)), "cold-days", FAIL, "90 days", "retention",
        the_proposed_cold_days),
    Row(21, "air gap takes nothing for ever", into_the_gap, "vault-lock", FAIL, "at most 90 days", "retention",
        the_proposed_days, fix="set-retention"),
    Row(21, "air gap is explained", lambda scene: replace(into_the_gap(scene), retention=Retention(Keep.DAYS, 30)),
        "air-gapped", WARN, "logically air-gapped", "", fails=False,
        nothing="it is what such a vault is for; nothing is to be mended"),
    Row(21, "out of an air gap", out_of_the_gap, "default-key", FAIL, "out of a logically air-gapped vault",
        "key-kind", another_vault(NEXT_DOOR), overridable=True, fix="create-vault"),
    Row(22, "too many tags", with_tags(51), "too-many-tags", FAIL, "has 51 tags", "tags", overridable=True),
    Row(22, "too many tags and another backup", with_tags(60), "too-many-tags", FAIL, "has 60 tags", "tags",
        another_backup, overridable=True),
    Row(22, "tag policy", with_tags(2), "tag-policy-unseen", UNSEEN, "whether a tag policy", "", fails=False,
        nothing="tag policies show in the job's message only"),
    Row(22, "tag policy refuses", under_a_tag_policy, "tag-policy-unseen", UNSEEN, "whether a tag policy", "tag-policy",
        another_backup),
    Row(23, "table backed up", while_a_backup_runs, "table-busy", WARN, "1 backup", "table-idle", when_they_are_done,
        fails=False),
    Row(23, "no room for a vault", into_one_vault_too_many, "too-many-vaults", WARN, "has 300 vaults", "vault",
        a_vault_that_is_there),
    Row(23, "table busy", while_another_runs, "table-busy", WARN, "1 copy", "table-idle", when_they_are_done,
        fails=False),
    Row(23, "quota reached", while_a_hundred_run, "quota-reached", WARN, "100 copies into", "quota",
        when_they_are_done, fails=False),
    Row(24, "not supported there", where_it_is_not_supported, "feature-missing", FAIL,
        f"does not support DynamoDB in {EU}", "feature", another_vault(NEXT_DOOR)),
    Row(25, "is there already", made_already, "already-there", WARN, "is in copies already", "", fails=False,
        nothing="another copy is possible on purpose"),
    Row(25, "is under way", under_way, "under-way", WARN, "is CREATED already", "new-copy", another_backup_then,
        fails=False),
    Row(26, "malware", scanned("MALWARE"), "malware", FAIL, "found MALWARE", "malware", a_clean_backup, fails=False,
        overridable=True),
    Row(26, "not scanned", lambda scene: scene.backed_up(), "not-scanned", UNSEEN, "not scanned does not mean clean",
        "malware", a_clean_backup, fails=False),
]  # fmt: skip


GOLDEN = Path(__file__).parent / "golden_findings.json"
_RANDOM = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?<=/backup/0)[0-9]+-[0-9a-f]{8}", re.IGNORECASE)


def in_words(found: Finding) -> dict[str, str]:
    """All that a person reads of a finding, without what is another in each run."""
    said = {"level": found.level, "sentence": found.sentence, "remedy": found.remedy, "evidence": found.evidence}
    return {name: _RANDOM.sub("…", text) for name, text in said.items()}


def provoked(scene: Scene, row: Row) -> tuple[CopyParams, Finding]:
    params = row.provoke(scene)
    findings = scene.look(params)
    assert row.code in findings, sorted(findings)
    found = findings[row.code]
    assert (found.level, found.overridable, found.fix) == (row.level, row.overridable, row.fix)
    assert row.says in found.sentence
    assert found.remedy
    assert found.evidence
    return params, found


def mended(scene: Scene, row: Row, params: CopyParams, found: Finding) -> CopyParams:
    if row.choose is not None:
        return row.choose(scene, params, found.remedy)
    assert paste(found.remedy, client) > 0, found.remedy
    return params


def test_the_table_has_every_reason() -> None:
    assert {row.number for row in ROWS} == set(range(1, 27))
    assert len({row.id for row in ROWS}) == len(ROWS)


def test_the_agreed_words_are_those_of_the_rows() -> None:
    assert list(json.loads(GOLDEN.read_text(encoding="utf-8"))) == sorted(row.id for row in ROWS)


def play(scene: Scene, row: Row) -> None:
    params, found = provoked(scene, row)
    # A change of words is a visible change of this file, which is renewed by hand.
    assert in_words(found) == json.loads(GOLDEN.read_text(encoding="utf-8"))[row.id]
    assert not (row.fails and scene.copies(params))
    if row.nothing:
        assert scene.copies(params)
        return
    now = mended(scene, row, params, found)
    after = scene.look(now)
    assert row.code not in after or after[row.code].level is PASS
    assert after[row.green].level is PASS
    assert [finding.code for finding in after.values() if finding.level is FAIL] == []
    assert scene.copies(now)


@pytest.mark.parametrize("row", ROWS, ids=[row.id for row in ROWS])
def test_each_reason_is_seen_and_mended_by_its_own_remedy(scene: Scene, row: Row) -> None:
    play(scene, row)


OVER_THE_WIRE = [row for row in ROWS if row.choose is None and not row.nothing and row.number not in (15, 16)]


@pytest.mark.parametrize("row", OVER_THE_WIRE, ids=[row.id for row in OVER_THE_WIRE])
def test_what_is_pasted_works_over_the_wire_too(
    pool: ThreadPoolExecutor, request: pytest.FixtureRequest, row: Row
) -> None:
    with by_http(request) as world:
        assert isinstance(world, AwsBackupsWorld)
        play(make_scene(world, pool), row)


@dataclass(frozen=True)
class Read:
    """What the bot may not read in these accounts, the code of what it does not see then, and what it sees after."""

    code: str
    action: str
    accounts: tuple[str, ...] = (BACKUP.id,)
    green: str = ""

    @property
    def id(self) -> str:
        return f"{self.code} {self.action}"


READS = [
    Read("vault-policy", "backup:GetBackupVaultAccessPolicy"),
    Read("key", "kms:DescribeKey"),
    Read("key", "kms:GetKeyPolicy"),
    Read("feature", "backup:GetSupportedResourceTypes"),
    Read("opt-in", "backup:DescribeRegionSettings"),
    Read("region-enabled", "account:GetRegionOptStatus"),
    Read("organization", "organizations:DescribeOrganization"),
    Read("new-copy", "backup:ListRecoveryPointsByBackupVault"),
    Read("vault", "backup:ListBackupVaults"),
    Read("organization", "organizations:DescribeOrganization", (PROD.id,)),
    # Either side tells, so that it is unseen only where neither may, and one permission is enough.
    Read("cross-account", "backup:DescribeGlobalSettings", (PROD.id, BACKUP.id)),
    Read("advanced", "backup:DescribeRegionSettings", (PROD.id,)),
    Read("source", "backup:DescribeRecoveryPoint", (PROD.id,), green="point-state"),
    Read("malware", "backup:DescribeRecoveryPoint", (PROD.id,)),
    Read("tags", "backup:ListTags", (PROD.id,)),
    Read("source-policy", "backup:GetBackupVaultAccessPolicy", (PROD.id,)),
    Read("source-key", "kms:DescribeKey", (PROD.id,)),
    Read("source-key", "kms:GetKeyPolicy", (PROD.id,)),
    Read("role", "iam:GetRole", (PROD.id,)),
    Read("role-permissions", "iam:SimulatePrincipalPolicy", (PROD.id,)),
    Read("bot-permissions", "iam:SimulatePrincipalPolicy", (PROD.id,)),
    Read("table-idle", "backup:ListBackupJobs", (PROD.id,)),
    Read("table-idle", "backup:ListCopyJobs", (PROD.id,)),
    Read("quota", "backup:ListCopyJobs", (PROD.id,)),
]


def may_all_but(scene: Scene, account: str, action: str) -> None:
    others = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "NotAction": action, "Resource": "*"}]}
    role = Role("CopyBackupBot", external_id=EXTERNAL_ID, policies=[others])
    scene.world.world.add_account(account, roles=[role])


@pytest.mark.parametrize("read", READS, ids=[read.id for read in READS])
def test_what_the_bot_may_not_read_is_unseen_until_the_pasted_permission_lets_it(scene: Scene, read: Read) -> None:
    params, green = scanned()(scene), read.green or read.code
    for account in read.accounts:
        may_all_but(scene, account, read.action)

    before = scene.look(params)
    found = before[f"{read.code}-unseen"]

    assert (found.level, green in before) == (UNSEEN, False)
    assert paste(found.remedy, client) == 1
    after = scene.look(params)
    assert (after[green].level, f"{read.code}-unseen" in after) == (PASS, False)


def test_a_copy_is_not_called_new_while_nobody_sees_whether_one_is_under_way(scene: Scene) -> None:
    params = under_way(scene)
    assert scene.look(params)["under-way"].level is WARN
    may_all_but(scene, PROD.id, "backup:ListCopyJobs")

    found = scene.look(params)

    assert {"table-idle-unseen", "new-copy-unseen"} <= set(found)
    assert "new-copy" not in found
    assert "ListCopyJobs" not in found["new-copy-unseen"].evidence


def test_an_air_gap_is_not_ruled_out_while_nobody_sees_the_source_vault(scene: Scene) -> None:
    params = replace(out_of_the_gap(scene), retention=Retention(Keep.DAYS, 90))
    assert scene.look(params)["default-key"].level is FAIL
    scene.world.world.faults.fail(
        "ListBackupVaults", times=None, status=403, code="AccessDeniedException", account=PROD.id, region=US
    )

    found = scene.look(params)

    assert found["key-kind-unseen"].level is UNSEEN
    assert "backup:ListBackupVaults" in found["key-kind-unseen"].remedy
    assert not {"key-kind", "default-key"} & set(found)


def test_an_account_that_cannot_be_entered_is_told_once_and_stops_no_copy(scene: Scene) -> None:
    params = scene.backed_up()
    scene.world.world.add_account(BACKUP.id, roles=[Role("CopyBackupBot", external_id="another")])

    look = scene.preflight.look(params, scene.world.world.clock.now())

    told = [finding for finding in look.findings if finding.code == f"account-{BACKUP.id}-unseen"]
    assert [finding.level for finding in told] == [UNSEEN]
    assert [finding.code for finding in look.findings if finding.level is FAIL] == []
    assert look.vault is None
    assert scene.copies(params)


def test_trouble_beside_the_point_is_a_finding_and_no_error(scene: Scene) -> None:
    params = scene.backed_up()
    scene.world.world.faults.fail("kms:*", times=None)
    scene.world.world.faults.throttle("organizations:*")
    scene.world.world.faults.fail("iam:*", times=None, status=404, code="NotInThisAws")

    found = scene.look(params)

    unseen = {code for code, finding in found.items() if finding.level is UNSEEN}
    assert {
        "key-unseen",
        "source-key-unseen",
        "organization-unseen",
        "role-unseen",
        "role-permissions-unseen",
    } <= unseen
    assert [code for code, finding in found.items() if finding.level is FAIL] == []


def test_what_was_approved_holds_while_the_world_stays_as_it_is(scene: Scene) -> None:
    params = scene.backed_up()
    before = scene.preflight.look(params, scene.world.world.clock.now())
    scene.world.world.clock.advance(timedelta(hours=1))
    after = scene.preflight.look(params, scene.world.world.clock.now())

    assert before.fingerprint == after.fingerprint
    assert changes(before.shown, after.shown) == ()
    assert json.loads(json.dumps(before.shown)) == before.shown


def test_what_changes_is_named_and_what_cannot_be_seen_for_once_is_no_change(scene: Scene) -> None:
    params = scene.backed_up()
    before = scene.preflight.look(params, scene.world.world.clock.now())
    put_policy(COPIES, statement("Allow", INTO), statement("Allow", INTO, NOBODY))
    changed = scene.preflight.look(params, scene.world.world.clock.now())
    scene.world.world.faults.deny(BACKUP.id, "GetBackupVaultAccessPolicy")
    unseen = scene.preflight.look(params, scene.world.world.clock.now()).shown

    what = "The access policy of the destination vault has changed since it was shown."
    assert changes(before.shown, changed.shown) == (what,)
    assert before.fingerprint != changed.fingerprint
    assert changes(before.shown, unseen) == ()


def test_the_first_look_needs_the_backup_and_the_vaults_only(scene: Scene) -> None:
    survey = scene.preflight.begin(scene.backed_up(), scene.world.world.clock.now())

    first = {finding.code for finding in survey.first().findings}

    assert {"point-kind", "point-state", "vault", "retention"} <= first
    assert "vault-policy" not in first
    assert first < {finding.code for finding in survey.whole().findings}


def test_what_an_earlier_step_settles_is_not_looked_at(scene: Scene) -> None:
    params = replace(scene.backed_up(destination=VaultRef(BACKUP.id, EU, "coming")), vault_from_before=True)
    coming = replace(params, point=replace(params.point, arn=""), point_from_before=True)

    found, both = scene.look(params), scene.look(coming)

    assert {"vault-from-before", "vault-room"} <= set(found)
    assert {"vault-from-before", "point-from-before"} <= set(both)
    assert not {"vault-gone", "vault-policy", "key", "key-kind"} & set(found)
    assert not {"source-gone", "point-state", "new-copy", "tags"} & set(both)
    assert [finding.code for finding in (*found.values(), *both.values()) if finding.level is FAIL] == []


def test_switched_off_features_are_no_matter_where_an_earlier_step_makes_the_backup(scene: Scene) -> None:
    params = without_advanced(scene)
    coming = replace(params, point=replace(params.point, arn=""), point_from_before=True)

    found = scene.look(coming)

    assert "advanced-off" not in found
    assert found["advanced"].level is Level.PASS
