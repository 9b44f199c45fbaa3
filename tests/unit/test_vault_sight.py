"""Vaults as they are now: read once for many clicks, never waited for too long, and what went wrong is told."""

import threading
from collections.abc import Iterator

import pytest

from bot.domain.backups import Vault, VaultRef
from bot.domain.books import Store
from bot.domain.errors import BackupsDenied
from bot.workflows.vault_sight import NOT_KEPT, SLOW, Sight, VaultSight
from tests.contract.fake_backups import FakeBackups
from tests.unit.builders import ACCOUNTS, BACKUP, COPIES, a_vault
from tests.unit.fakes import NOW, ManualClock

HERE = BACKUP, "eu-west-1"
LONG, SHORT = 20.0, 0.01


class SlowBackups(FakeBackups):
    """An AWS that answers only when it is let."""

    def __init__(self) -> None:
        super().__init__(ACCOUNTS)
        self.may_answer = threading.Event()

    def vaults(self, account: str, region: str) -> tuple[Vault, ...]:
        self.may_answer.wait(LONG)
        return super().vaults(account, region)


@pytest.fixture
def backups() -> Iterator[SlowBackups]:
    backups = SlowBackups()
    backups.add_vault(a_vault(COPIES))
    yield backups
    backups.may_answer.set()


@pytest.fixture
def sight(store: Store, clock: ManualClock, backups: SlowBackups) -> VaultSight:
    return VaultSight(store, backups, clock)


def wait_for_aws() -> None:
    """Wait until every reading under way has ended."""
    for reader in threading.enumerate():
        if reader.name == "vaults-now":
            reader.join(LONG)


def known(store: Store) -> list[str]:
    with store.read() as tx:
        return [vault.ref.name for vault in tx.inventory.vaults(*HERE)]


def test_what_is_read_goes_into_the_picture_that_pages_are_made_from(
    store: Store, backups: SlowBackups, sight: VaultSight
) -> None:
    backups.may_answer.set()

    assert sight.look(*HERE, LONG)

    assert (known(store), sight.sight(*HERE)) == (["copies"], Sight(NOW))


def test_many_clicks_in_a_moment_are_one_reading(clock: ManualClock, backups: SlowBackups, sight: VaultSight) -> None:
    backups.may_answer.set()

    assert [sight.look(*HERE, LONG) for _ in range(3)] == [True, False, False]
    clock.pass_(seconds=11)
    assert sight.look(*HERE, LONG)
    assert backups.calls.count(("vaults", BACKUP)) == 2


def test_an_aws_that_is_slow_keeps_nobody_waiting_and_is_still_heard(
    store: Store, backups: SlowBackups, sight: VaultSight
) -> None:
    assert sight.look(*HERE, SHORT)
    assert (known(store), sight.sight(*HERE)) == ([], Sight(None, SLOW))

    backups.may_answer.set()
    wait_for_aws()

    assert (known(store), sight.sight(*HERE)) == (["copies"], Sight(NOW))


def test_only_the_first_waits_for_an_aws_that_is_slow(backups: SlowBackups, sight: VaultSight) -> None:
    sight.look(*HERE, SHORT)

    # Would last as long as AWS is silent, if it waited.
    assert sight.look(*HERE, LONG)

    assert sight.sight(*HERE) == Sight(None, SLOW)


def test_two_who_look_at_once_share_one_reading(backups: SlowBackups, sight: VaultSight) -> None:
    sight.look(*HERE, SHORT)
    sight.look(*HERE, SHORT)
    backups.may_answer.set()
    wait_for_aws()

    assert backups.calls.count(("vaults", BACKUP)) == 1


def test_a_refusal_is_told_and_what_was_known_stays(
    store: Store, clock: ManualClock, backups: SlowBackups, sight: VaultSight
) -> None:
    backups.may_answer.set()
    sight.look(*HERE, LONG)
    clock.pass_(minutes=5)
    backups.add_vault(VaultRef(BACKUP, "eu-west-1", "new"))
    backups.fail_next("vaults", BackupsDenied("Not authorized.", code="AccessDeniedException"))

    sight.look(*HERE, LONG)
    assert (known(store), sight.sight(*HERE)) == (["copies"], Sight(NOW, "Not authorized."))

    sight.look(*HERE, LONG)
    assert (known(store), sight.sight(*HERE)) == (["copies", "new"], Sight(clock.now()))


class Lingering(VaultSight):
    """Its readers end a while after they have noted what they saw."""

    def __init__(self, store: Store, backups: SlowBackups, clock: ManualClock) -> None:
        super().__init__(store, backups, clock)
        self.noted, self.may_end = threading.Event(), threading.Event()

    def _read(self, account: str, region: str) -> None:
        super()._read(account, region)
        self.noted.set()
        self.may_end.wait(LONG)


def test_what_a_reader_saw_at_the_last_moment_is_not_called_slow(
    store: Store, clock: ManualClock, backups: SlowBackups
) -> None:
    backups.may_answer.set()
    sight = Lingering(store, backups, clock)

    sight.look(*HERE, 0.5)

    assert sight.noted.wait(LONG)
    assert sight.sight(*HERE) == Sight(NOW)
    sight.may_end.set()


def test_what_could_not_be_kept_is_told_and_read_again(
    store: Store, backups: SlowBackups, sight: VaultSight, monkeypatch: pytest.MonkeyPatch
) -> None:
    backups.may_answer.set()
    with monkeypatch.context() as broken:
        broken.setattr(store, "begin", lambda: 1 / 0)
        sight.look(*HERE, LONG)
    assert sight.sight(*HERE) == Sight(None, NOT_KEPT)

    sight.look(*HERE, LONG)

    assert (known(store), sight.sight(*HERE)) == (["copies"], Sight(NOW))
