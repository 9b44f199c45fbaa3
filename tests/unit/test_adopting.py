"""Copies of others: which are offered, and what the configuration has watched, looked for when its places change."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from bot.domain.backups import Lifecycle, RecoveryPoint, VaultRef
from bot.domain.books import Store
from bot.domain.copies import AdoptRule
from bot.domain.ports import Holdings
from bot.domain.routing import NoticePolicy
from bot.workflows.adopting import CHUNK, MOST_FOUND, Adopting
from bot.workflows.inventory import Inventory
from tests.contract.fake_backups import FakeBackups
from tests.unit.builders import COPIES, MAIN, PROD, USUAL, a_point, a_policy
from tests.unit.fakes import NOW, ManualClock, Nudges

DROPPED = VaultRef(PROD, "ap-south-1", "main")


@dataclass
class Scene:
    store: Store
    clock: ManualClock
    backups: FakeBackups
    inventory: Inventory
    adopting: Adopting
    looked: list[tuple[Any, ...]] = field(default_factory=list)

    def made(self, table: str, number: int = 1) -> None:
        """Somebody makes backups of a table, and the inventory reads of them."""
        for _ in range(number):
            self.backups.add_point(COPIES, table, created_at=self.clock.now(), lifecycle=Lifecycle(45))
        self.clock.pass_(minutes=1)
        self.inventory.refresh()

    def watched(self) -> list[tuple[str, str]]:
        with self.store.read() as tx:
            return [(copy.table_name, copy.channel) for copy in tx.copies.adopted(1_000)]


@pytest.fixture
def scene(store: Store, clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> Scene:
    backups = FakeBackups(clock=clock)
    backups.add_vault(COPIES)
    policy = a_policy(notices=NoticePolicy(adopt=(AdoptRule("backup", table="orders*"),)))
    scene = Scene(
        store, clock, backups, Inventory(store, backups, policy, clock), Adopting(store, policy, clock, Nudges())
    )
    look = scene.adopting._unwatched

    def noted(*asked: Any) -> Sequence[RecoveryPoint]:
        scene.looked.append(asked)
        return look(*asked)

    monkeypatch.setattr(scene.adopting, "_unwatched", noted)
    return scene


def test_what_a_rule_names_is_adopted_and_nothing_else(scene: Scene) -> None:
    scene.made("orders-eu")
    scene.made("users")

    assert scene.adopting.adopt_configured() == 1

    assert scene.watched() == [("orders-eu", USUAL)]


def test_nothing_is_looked_for_while_the_picture_is_the_same(scene: Scene) -> None:
    scene.made("orders-eu")
    scene.adopting.adopt_configured()
    looked = len(scene.looked)

    for _ in range(5):
        scene.clock.pass_(minutes=1)
        assert scene.adopting.adopt_configured() == 0
    assert len(scene.looked) == looked

    scene.made("orders")
    assert scene.adopting.adopt_configured() == 1
    assert len(scene.watched()) == 2


def test_a_rule_that_went_wrong_is_followed_again(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    scene.made("orders")
    with monkeypatch.context() as patch:
        patch.setattr(scene.adopting, "_adopt_all", lambda *_: 1 / 0)
        assert scene.adopting.adopt_configured() == 0

    assert scene.adopting.adopt_configured() == 1


def test_many_are_adopted_in_pieces(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.workflows.adopting.MOST_READ", CHUNK)
    scene.made("orders", CHUNK + 5)

    assert scene.adopting.adopt_configured() == CHUNK + 5

    assert len(scene.watched()) == CHUNK + 5
    assert len(scene.looked) == 3


def hold(store: Store, vault: VaultRef, count: int, days: int) -> None:
    """So many backups in a vault, as just read, which end so many days from now."""
    points = tuple(
        replace(a_point(vault=vault), arn=f"{vault.arn}:{number}", delete_at=NOW + timedelta(days=days))
        for number in range(count)
    )
    with store.read() as tx:
        pieces = list(tx.inventory.pieces(vault.account, vault.region, Holdings((), points), NOW))
    for piece in pieces:
        with store.begin() as tx:
            assert tx.inventory.apply(piece)


def test_what_lies_where_nobody_looks_any_more_hides_nothing(store: Store, clock: ManualClock) -> None:
    """Places that were taken out of the configuration keep what was known of them."""
    hold(store, DROPPED, MOST_FOUND, days=5)
    hold(store, MAIN, 1, days=50)

    found = Adopting(store, a_policy(), clock, Nudges()).find("")

    assert [entry.point.vault for entry in found] == [MAIN]
