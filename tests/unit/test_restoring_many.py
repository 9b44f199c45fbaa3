"""Which backups a restore or a drill is about, however many newer ones and other tables there are."""

from datetime import timedelta

import pytest

from bot.domain.backups import RecoveryPoint
from bot.domain.books import Store
from bot.domain.errors import BadInput
from bot.domain.sheets import Sheet, SheetKind
from bot.workflows.forms import QUERY
from bot.workflows.inventory import MAX_POINTS, MAX_TABLES
from bot.workflows.places import Places
from bot.workflows.restoring import Restoring
from tests.unit.builders import ANNA, CHANNEL, COPIES, MADE, MAIN, PROD, a_policy
from tests.unit.fakes import NOW, ManualClock
from tests.unit.walk_scene import WalkScene, make_walk_scene

HOME = f"{PROD}/{MAIN.region}"


@pytest.fixture
def scene(store: Store, clock: ManualClock) -> WalkScene:
    return make_walk_scene(store, clock)


def restoring(scene: WalkScene) -> Restoring:
    return Restoring(Places(scene.store, a_policy()), scene.inventory, scene.clock)


def copied_long_ago(scene: WalkScene) -> RecoveryPoint:
    """A copy of the backup there is, and since then more newer backups than a list has."""
    copy = scene.backups.change_point(
        scene.backups.put(scene.backups.add_point(COPIES, "orders")).arn,
        table_arn=scene.point.table_arn,
        created_at=scene.point.created_at + timedelta(milliseconds=400),
    )
    for number in range(MAX_POINTS + 5):
        scene.backups.add_point(MAIN, "orders", created_at=MADE + timedelta(minutes=number + 1))
    scene.inventory.refresh()
    return copy


def sheet(scene: WalkScene, **answers: str) -> Sheet:
    return Sheet("sheet-1", SheetKind.RESTORE, ANNA, CHANNEL, "UTC", NOW, {"table": scene.table_key, **answers})


def key_of(scene: WalkScene, arn: str) -> str:
    with scene.store.read() as tx:
        (entry,) = tx.inventory.called(arn)
    return entry.key


def test_the_same_backup_is_found_at_home_behind_many_newer_ones(scene: WalkScene) -> None:
    copy = copied_long_ago(scene)

    chosen = restoring(scene).chosen(sheet(scene, point=key_of(scene, copy.arn), place=HOME))

    assert chosen.there is not None
    assert chosen.there.point.arn == scene.point.arn


def test_a_drill_is_about_the_copy_elsewhere_however_many_are_newer_at_home(scene: WalkScene) -> None:
    copy = copied_long_ago(scene)

    answers = restoring(scene).fill_drill(sheet(scene, place=HOME))

    assert answers["point"] == key_of(scene, copy.arn)


def test_a_misspelt_table_is_found_among_many(scene: WalkScene) -> None:
    for number in range(MAX_TABLES + 5):
        scene.backups.add_point(MAIN, f"t-{number:04}", created_at=NOW)
    scene.inventory.refresh()

    with pytest.raises(BadInput, match="Did you mean orders"):
        restoring(scene).check_restore(sheet(scene, table="", **{QUERY: "ordres"}))
