"""What the port `Keeping` promises, held against the fake, moto in this process and the local AWS by HTTP."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from bot.aws.keeping import Boto3Keeping
from bot.domain.admission import admitting
from bot.domain.backups import Lifecycle, VaultRef
from bot.domain.errors import BackupsDenied, BackupsLockedOut, BackupsMissing, BackupsRefused, BackupsTaken
from bot.domain.keeping import DYNAMODB, Errand, Keeping, Preferences
from bot.domain.params import BackUpParams
from tests.contract.backups_worlds import (
    BACKUP,
    DAILY,
    LOCKED,
    PROD,
    US,
    AwsBackupsWorld,
    BackupsWorld,
    MemoryWorld,
    local_aws,
    world,
)
from tests.contract.fake_keeping import FakeKeeping

__all__ = ["local_aws", "world"]

ERRAND = Errand("CB-1", "U0BEN")
AUDIT = VaultRef(PROD.id, US, "audit")
NOWHERE = VaultRef(PROD.id, US, "nowhere")
ORDERS = f"arn:aws:dynamodb:{US}:{PROD.id}:table/orders"
POLICY = admitting(None, [f"arn:aws:iam::{BACKUP.id}:root"]) or ""


@dataclass
class Desk:
    """The port under test, with the world that it changes."""

    keeping: Keeping
    world: BackupsWorld

    def finish_backups(self) -> None:
        if isinstance(self.keeping, FakeKeeping):
            for job_id, job in list(self.keeping.jobs.items()):
                if job.state == "CREATED":
                    self.keeping.finish(job_id)
        else:
            self.world.end_copies()


@pytest.fixture
def desk(world: BackupsWorld) -> Iterator[Desk]:
    if isinstance(world, AwsBackupsWorld):
        world.world.create_table(PROD.id, US, "orders")
        yield Desk(Boto3Keeping(world.backups.calls), world)
    else:
        assert isinstance(world, MemoryWorld)
        yield Desk(FakeKeeping(world.backups), world)


def backup(vault: VaultRef = DAILY, days: int | None = 35) -> BackUpParams:
    return BackUpParams(ORDERS, vault, PROD.copy_role_arn, Lifecycle(days))


def test_a_vault_is_made_and_known_by_its_creator(desk: Desk) -> None:
    desk.keeping.create_vault(AUDIT, None, "creator-1", ERRAND)

    (made,) = [vault for vault in desk.world.backups.vaults(PROD.id, US) if vault.ref == AUDIT]
    assert (made.creator, made.state) == ("creator-1", "AVAILABLE")


def test_a_name_that_somebody_else_has_is_taken(desk: Desk) -> None:
    with pytest.raises(BackupsTaken):
        desk.keeping.create_vault(DAILY, None, "creator-1", ERRAND)


def test_a_policy_is_read_back_as_it_was_put(desk: Desk) -> None:
    desk.keeping.create_vault(AUDIT, None, "creator-1", ERRAND)
    assert desk.keeping.vault_policy(AUDIT) is None

    desk.keeping.put_vault_policy(AUDIT, POLICY, ERRAND)

    assert json.loads(desk.keeping.vault_policy(AUDIT) or "") == json.loads(POLICY)


def test_the_policy_of_a_vault_that_is_not_there_may_not_be_read(desk: Desk) -> None:
    """AWS says so, rather than tell a stranger which vaults there are."""
    with pytest.raises(BackupsDenied):
        desk.keeping.vault_policy(NOWHERE)


def test_switches_are_read_back_and_other_types_stay_as_they_are(desk: Desk) -> None:
    before = desk.keeping.preferences(PROD.id, US)
    desk.keeping.prefer(PROD.id, US, Preferences({DYNAMODB: True}, {DYNAMODB: False}), ERRAND)
    assert not desk.keeping.preferences(PROD.id, US).advanced

    desk.keeping.prefer(PROD.id, US, desk.keeping.preferences(PROD.id, US).with_advanced(), ERRAND)

    after = desk.keeping.preferences(PROD.id, US)
    assert after.advanced
    others = {kind for kind in before.opted_in if kind != DYNAMODB}
    assert {kind: after.opted_in[kind] for kind in others} == {kind: before.opted_in[kind] for kind in others}


def test_a_backup_is_one_job_however_often_it_is_asked_for(desk: Desk) -> None:
    first = desk.keeping.start_backup(backup(), "token-1", ERRAND)
    again = desk.keeping.start_backup(backup(), "token-1", ERRAND)

    assert again == first
    assert first.point_arn is not None
    assert desk.keeping.backup_job(DAILY, first.job_id).state in ("CREATED", "RUNNING")


def test_a_backup_that_ends_well_names_its_point_which_is_kept_as_asked(desk: Desk) -> None:
    started = desk.keeping.start_backup(backup(days=35), "token-1", ERRAND)
    desk.finish_backups()

    job = desk.keeping.backup_job(DAILY, started.job_id)

    assert (job.state, job.point_arn) == ("COMPLETED", started.point_arn)
    assert desk.world.backups.point(DAILY, job.point_arn or "").lifecycle == Lifecycle(35)


def test_without_the_advanced_features_a_backup_names_no_point(desk: Desk) -> None:
    """This is how AWS tells that they are still off, and the only way."""
    desk.keeping.prefer(PROD.id, US, Preferences({DYNAMODB: True}, {DYNAMODB: False}), ERRAND)

    assert desk.keeping.start_backup(backup(), "token-1", ERRAND).point_arn is None


def test_a_backup_job_that_is_not_there_is_missing(desk: Desk) -> None:
    with pytest.raises(BackupsMissing):
        desk.keeping.backup_job(DAILY, "NO-SUCH-JOB")


@pytest.mark.parametrize("lifecycle", [Lifecycle(365), Lifecycle(200, 100), Lifecycle(), Lifecycle(None, 30)])
def test_a_lifecycle_is_set_as_a_whole(desk: Desk, lifecycle: Lifecycle) -> None:
    """What is not named is unset, so that nothing of the one before stays by accident."""
    arn = desk.world.add_point(DAILY, "orders", lifecycle=Lifecycle(400, 60))

    desk.keeping.set_lifecycle(DAILY, arn, lifecycle, ERRAND)

    assert desk.world.backups.point(DAILY, arn).lifecycle == lifecycle


def test_cold_storage_keeps_ninety_days_at_least(desk: Desk) -> None:
    arn = desk.world.add_point(DAILY, "orders", lifecycle=Lifecycle(400))

    with pytest.raises(BackupsRefused):
        desk.keeping.set_lifecycle(DAILY, arn, Lifecycle(100, 30), ERRAND)


def test_a_locked_vault_changes_no_lifecycle(desk: Desk) -> None:
    locked = VaultRef(PROD.id, US, "locked")
    desk.world.add_vault(locked, lock=(7, 365))
    arn = desk.world.add_point(locked, "orders", lifecycle=Lifecycle(90))

    with pytest.raises(BackupsRefused):
        desk.keeping.set_lifecycle(locked, arn, Lifecycle(180), ERRAND)


def test_a_point_that_is_gone_has_no_lifecycle(desk: Desk) -> None:
    arn = desk.world.add_point(DAILY, "orders")
    desk.world.remove_point(DAILY, arn)

    with pytest.raises(BackupsMissing):
        desk.keeping.set_lifecycle(DAILY, arn, Lifecycle(30), ERRAND)


def test_an_account_that_cannot_be_entered_is_told_at_every_call(desk: Desk) -> None:
    vault = VaultRef(LOCKED.id, US, "v")
    table = f"arn:aws:dynamodb:{US}:{LOCKED.id}:table/orders"
    calls: list[Callable[[], object]] = [
        lambda: desk.keeping.create_vault(vault, None, "creator-1", ERRAND),
        lambda: desk.keeping.vault_policy(vault),
        lambda: desk.keeping.put_vault_policy(vault, POLICY, ERRAND),
        lambda: desk.keeping.preferences(LOCKED.id, US),
        lambda: desk.keeping.start_backup(BackUpParams(table, vault, "role"), "token-1", ERRAND),
        lambda: desk.keeping.backup_job(vault, "JOB"),
        lambda: desk.keeping.set_lifecycle(vault, "arn", Lifecycle(30), ERRAND),
    ]
    for call in calls:
        with pytest.raises(BackupsLockedOut):
            call()


def test_each_change_is_made_in_the_name_of_its_errand(desk: Desk) -> None:
    if not isinstance(desk.world, AwsBackupsWorld):
        pytest.skip("the fake has no CloudTrail")
    desk.keeping.create_vault(AUDIT, None, "creator-1", ERRAND)
    desk.keeping.start_backup(backup(), "token-1", ERRAND)

    assert "CB-1-U0BEN" in {asked["RoleSessionName"] for asked in desk.world.roles_assumed()}
