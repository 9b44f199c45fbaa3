"""What a restore's form is held to before anybody is asked, field by field."""

from dataclasses import dataclass, replace

import pytest

from bot.domain.backups import Lifecycle, RecoveryPoint
from bot.domain.books import Store
from bot.domain.errors import BadInput
from bot.domain.params import CopyParams, RestoreParams
from bot.domain.restores import Encryption
from bot.domain.sheets import Sheet, SheetKind
from bot.workflows.inventory import Inventory
from bot.workflows.places import Places
from bot.workflows.restoring import Restoring
from tests.contract.fake_backups import FakeBackups
from tests.unit.builders import (
    ACCOUNTS,
    ANNA,
    BACKUP,
    CHANNEL,
    COPIES,
    COPY_ARN,
    MADE,
    MAIN,
    PROD,
    ROLE,
    a_policy,
    a_vault,
)
from tests.unit.fakes import NOW, ManualClock

HOME, ABROAD = f"{PROD}/us-east-1", f"{BACKUP}/eu-west-1"
VAULT = f"{BACKUP}/eu-west-1/{COPIES.name}"
KEY = f"arn:aws:kms:eu-west-1:{BACKUP}:key/1a2b3c4d-0000-1111-2222-333344445555"


@dataclass
class Scene:
    restoring: Restoring
    inventory: Inventory
    backups: FakeBackups
    point: RecoveryPoint

    def answers(self, **changes: str) -> dict[str, str]:
        """A backup at home, restored at home, with all that the form asks for."""
        table = self.inventory.tables("orders")[0].key
        points = self.inventory.points(table)
        point = next(one.key for one in points if one.point.vault == MAIN)
        return {"table": table, "point": point, "place": HOME, "name": "orders-back", **changes}

    def sheet(self, **changes: str) -> Sheet:
        answers = self.answers(**changes)
        return Sheet("sheet-1", SheetKind.RESTORE, ANNA, CHANNEL, "Europe/Berlin", NOW, answers)

    def refusal(self, **changes: str) -> tuple[str, str]:
        """The field that a form is refused at, and the words there."""
        with pytest.raises(BadInput) as refused:
            self.restoring.check_restore(self.sheet(**changes))
        return refused.value.field, refused.value.sentence


@pytest.fixture
def scene(store: Store, clock: ManualClock) -> Scene:
    backups, policy = FakeBackups(ACCOUNTS, clock=clock), a_policy()
    backups.add_vault(a_vault(COPIES))
    point = backups.add_point(MAIN, "orders", created_at=MADE, lifecycle=Lifecycle(35))
    inventory = Inventory(store, backups, policy, clock)
    inventory.refresh()
    return Scene(Restoring(Places(store, policy), inventory, clock), inventory, backups, point)


def test_a_backup_at_home_needs_neither_a_vault_nor_an_encryption(scene: Scene) -> None:
    scene.restoring.check_restore(scene.sheet())

    (step,) = scene.restoring.restore_plan(scene.sheet())
    assert isinstance(step.params, RestoreParams)
    assert (step.params.point.vault, step.params.encryption) == (MAIN, Encryption.UNSAID)


def test_without_a_copy_there_a_vault_is_asked_for_to_copy_it_to_first(scene: Scene) -> None:
    assert scene.refusal(place=ABROAD, encryption=Encryption.OWNED) == (
        "vault",
        "There is no copy in backup (eu-west-1): this backup is in prod (us-east-1), and AWS restores only where a "
        "copy is. Choose a vault, and it is copied there first.",
    )


def test_with_the_same_backup_there_it_is_named_instead(scene: Scene) -> None:
    scene.backups.put(replace(scene.point, arn=COPY_ARN, vault=COPIES))
    scene.inventory.refresh()

    field, words = scene.refusal(place=ABROAD, encryption=Encryption.OWNED)

    assert field == "vault"
    assert words.startswith(f"The same backup is in {COPIES.name} in backup (eu-west-1): choose that one as the backup")


def test_a_vault_of_another_place_is_refused_in_its_field(scene: Scene) -> None:
    vault = f"{PROD}/us-east-1/{MAIN.name}"

    assert scene.refusal(place=ABROAD, vault=vault) == ("vault", "Choose a vault of backup in eu-west-1.")


@pytest.mark.parametrize("answer", [{}, {"encryption": ""}, {"encryption": Encryption.UNSAID}])
def test_abroad_an_encryption_is_asked_for_before_aws_asks(scene: Scene, answer: dict[str, str]) -> None:
    assert scene.refusal(place=ABROAD, vault=VAULT, **answer) == (
        "encryption",
        "The table was in us-east-1; restored in eu-west-1, AWS wants to be told how it is encrypted. Choose an "
        "encryption.",
    )


@pytest.mark.parametrize("said", [Encryption.OWNED, Encryption.MANAGED])
def test_abroad_a_copy_is_made_first_and_restored_as_was_said(scene: Scene, said: Encryption) -> None:
    sheet = scene.sheet(place=ABROAD, vault=VAULT, encryption=said)
    scene.restoring.check_restore(sheet)

    copy, restore = scene.restoring.restore_plan(sheet)

    assert isinstance(copy.params, CopyParams)
    assert isinstance(restore.params, RestoreParams)
    assert (copy.params.destination, copy.params.role_arn) == (COPIES, ROLE)
    assert (restore.params.point.vault, restore.params.encryption, restore.after) == (COPIES, said, 0)
    assert restore.params.point_from_before


def test_an_encryption_that_is_none_is_refused(scene: Scene) -> None:
    assert scene.refusal(encryption="rot13") == ("encryption", "Choose an encryption.")


@pytest.mark.parametrize("key", ["", "alias/orders", "1a2b"])
def test_a_key_of_ones_own_has_to_be_an_arn(scene: Scene, key: str) -> None:
    field, words = scene.refusal(encryption=Encryption.CUSTOMER, key=key)

    assert (field, words) == ("key", "Paste the key's ARN: arn:aws:kms:REGION:ACCOUNT:key/…")


def test_a_key_of_another_region_is_refused_before_aws_refuses_it(scene: Scene) -> None:
    assert scene.refusal(encryption=Encryption.CUSTOMER, key=KEY) == (
        "key",
        "This key is in eu-west-1; a table restored in us-east-1 needs a key of us-east-1. Paste that key's ARN.",
    )


def test_a_key_of_ones_own_goes_with_the_restore_and_only_where_it_was_chosen(scene: Scene) -> None:
    def key_of(encryption: Encryption) -> str:
        sheet = scene.sheet(place=ABROAD, vault=VAULT, encryption=encryption, key=f" {KEY} ")
        scene.restoring.check_restore(sheet)
        params = scene.restoring.restore_plan(sheet)[-1].params
        assert isinstance(params, RestoreParams)
        return params.key_arn

    assert (key_of(Encryption.CUSTOMER), key_of(Encryption.OWNED)) == (KEY, "")


MISTAKES: dict[str, tuple[dict[str, str], str]] = {
    "no table": ({"table": ""}, "table"),
    "no backup": ({"point": ""}, "point"),
    "no place": ({"place": ""}, "place"),
    "a place that is not configured": ({"place": f"{PROD}/sa-east-1"}, "place"),
    "a name that is too short": ({"name": "ab"}, "name"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_what_is_missing_is_said_at_its_field(scene: Scene, name: str) -> None:
    changes, field = MISTAKES[name]

    assert scene.refusal(**changes)[0] == field
