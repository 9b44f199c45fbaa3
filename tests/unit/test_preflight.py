"""Pre-flight over worlds in memory: two parts, what is still missing, evidence with everything."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

import pytest

from bot.domain.backups import Vault, VaultKind, VaultRef
from bot.domain.errors import BackupsDenied, BackupsLockedOut, BackupsRefused, BackupsUnreachable
from bot.domain.findings import Finding, Level
from bot.domain.params import CopyParams
from bot.domain.retention import Keep, Retention
from bot.domain.sentences.changes import SOURCE_POLICY
from bot.domain.shown import changes
from bot.domain.surroundings import Details, Key, RegionSettings, Role
from bot.workflows.preflight import Preflight
from bot.workflows.steps.copy import CopyStep
from tests.contract.fake_backups import FakeBackups
from tests.contract.fake_surroundings import FakeSurroundings
from tests.unit.builders import ACCOUNTS, COPIES, MADE, MAIN, ROLE
from tests.unit.fakes import NOW, ManualClock

POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "%s", "Principal": "*", "Action": "*", "Resource": "*"}]}'


@dataclass
class Slow(FakeSurroundings):
    """Keys come when the test says so."""

    gate: threading.Event = field(default_factory=threading.Event)

    def key(self, arn: str, account: str) -> Key:
        assert self.gate.wait(10)
        return super().key(arn, account)


@dataclass
class Scene:
    backups: FakeBackups
    around: FakeSurroundings
    preflight: Preflight
    params: CopyParams

    def look(self) -> dict[str, Finding]:
        return {one.code: one for one in self.preflight.look(self.params, NOW).findings}

    def fails(self) -> list[str]:
        return sorted(code for code, one in self.look().items() if one.level is Level.FAIL)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as opened:
        yield opened


@pytest.fixture
def scene(pool: ThreadPoolExecutor) -> Scene:
    backups = FakeBackups(ACCOUNTS, clock=ManualClock())
    for vault in (MAIN, COPIES):
        backups.add_vault(vault)
    point = backups.add_point(MAIN, "orders", created_at=MADE)
    around = Slow(backups, ACCOUNTS)
    around.gate.set()
    around.add_key(COPIES)
    around.policies[COPIES] = POLICY % "Allow"
    params = CopyParams(point, COPIES, Retention(Keep.DAYS, 90), ROLE)
    return Scene(backups, around, Preflight(backups, around, ACCOUNTS, pool), params)


def test_nothing_stands_in_the_way_where_all_is_well(scene: Scene) -> None:
    assert scene.fails() == []


def test_the_first_part_waits_for_no_key_and_says_what_is_missing(scene: Scene) -> None:
    assert isinstance(scene.around, Slow)
    scene.around.gate.clear()
    glance = CopyStep(scene.backups, scene.preflight).begin(scene.params, NOW)

    first = {one.code for one in glance.first().findings}

    assert {"point-kind", "point-state", "vault", "retention"} <= first
    assert "keys" in glance.missing
    scene.around.gate.set()
    whole = {one.code for one in glance.whole().findings}
    assert first < whole
    assert glance.missing == ()


def other_copy_there(scene: Scene) -> None:
    scene.backups.put(
        replace(scene.params.point, arn="arn:aws:backup:eu-west-1:222222222222:recovery-point:c", vault=COPIES)
    )


def no_vault(scene: Scene) -> None:
    scene.backups.remove_vault(COPIES)


def shut(scene: Scene) -> None:
    scene.around.policies[COPIES] = POLICY % "Deny"


def role_gone(scene: Scene) -> None:
    scene.around.roles.clear()


def role_trusts_nobody(scene: Scene) -> None:
    scene.around.roles[ROLE] = Role(ROLE, '{"Version": "2012-10-17", "Statement": []}')


def role_may_nothing(scene: Scene) -> None:
    scene.around.denied.add((ROLE, "backup:CopyIntoBackupVault"))


def switch_off(scene: Scene) -> None:
    scene.around.switch = False


def outside(scene: Scene) -> None:
    scene.around.organizations[COPIES.account] = None


def region_closed(scene: Scene) -> None:
    scene.around.closed.add((COPIES.account, COPIES.region))


def not_supported(scene: Scene) -> None:
    scene.around.without_dynamodb.add(COPIES.region)


def infected(scene: Scene) -> None:
    scene.around.scans[scene.params.point.arn] = Details(scanned=True, threats=("MALWARE",), tags=0)


def too_many_tags(scene: Scene) -> None:
    scene.around.scans[scene.params.point.arn] = Details(tags=51)


def same_vault(scene: Scene) -> None:
    scene.params = replace(scene.params, destination=MAIN)


def other_partition(scene: Scene) -> None:
    scene.params = replace(scene.params, destination=VaultRef(COPIES.account, "cn-north-1", "copies"))


def restore_access(scene: Scene) -> None:
    scene.backups.add_vault(Vault(COPIES, kind=VaultKind.RESTORE_ACCESS))


def creating(scene: Scene) -> None:
    scene.backups.add_vault(Vault(COPIES, state="CREATING"))


def gap(scene: Scene) -> None:
    scene.backups.add_vault(Vault(COPIES, kind=VaultKind.AIR_GAPPED, min_days=7, max_days=365))


def short(scene: Scene) -> None:
    scene.params = replace(scene.params, retention=Retention(Keep.DAYS, 3))


def settings_off(scene: Scene) -> None:
    for vault in (MAIN, COPIES):
        scene.around.settings[vault.account, vault.region] = RegionSettings(opted_in=False, advanced=False)


def settings_unnamed(scene: Scene) -> None:
    for vault in (MAIN, COPIES):
        scene.around.settings[vault.account, vault.region] = RegionSettings()


def switch_unnamed(scene: Scene) -> None:
    scene.around.switch = None


def tags_unreadable(scene: Scene) -> None:
    scene.around.scans[scene.params.point.arn] = Details(tags=None)


def key_policy_unreadable(scene: Scene) -> None:
    for arn, key in scene.around.keys.items():
        scene.around.keys[arn] = replace(key, policy=None, policy_unseen="not authorized")


def policies_unclear(scene: Scene) -> None:
    condition = '"Condition": {"Bool": {"aws:ViaAWSService": "true"}}, "Resource"'
    unclear = (POLICY % "Allow").replace('"Resource"', condition)
    scene.around.policies |= {MAIN: unclear, COPIES: unclear}
    scene.around.keys = {arn: replace(key, policy=unclear) for arn, key in scene.around.keys.items()}
    scene.around.roles[ROLE] = Role(ROLE, unclear.replace('"*", "Action"', '{"Service": "*"}, "Action"'))


def point_refused(scene: Scene) -> None:
    scene.backups.fail_next("point", BackupsRefused("no"), times=9)


def nothing_readable(scene: Scene) -> None:
    error = BackupsDenied("not authorized", code="AccessDeniedException")
    scene.around.fail = {name: error for name in dir(FakeSurroundings) if not name.startswith("_")}


def nobody_let_in(scene: Scene) -> None:
    error = BackupsLockedOut("no way in", code="AccessDenied", operation="AssumeRole")
    scene.around.fail = {name: error for name in dir(FakeSurroundings) if not name.startswith("_")}


def everything_broken(scene: Scene) -> None:
    error = BackupsUnreachable("try later", code="ServiceUnavailableException")
    scene.around.fail = {name: error for name in dir(FakeSurroundings) if not name.startswith("_")}


def forbidden_to_see(scene: Scene) -> None:
    scene.backups.fail_next("vaults", BackupsDenied("not authorized"), times=9)


def point_forbidden(scene: Scene) -> None:
    scene.backups.fail_next("point", BackupsDenied("not authorized"), times=9)


def point_gone(scene: Scene) -> None:
    scene.backups.remove_point(scene.params.point.arn)


TROUBLES: Sequence[Callable[[Scene], None]] = (
    other_copy_there, no_vault, shut, role_gone, role_trusts_nobody, role_may_nothing, switch_off, outside,
    region_closed, not_supported, infected, too_many_tags, same_vault, other_partition, restore_access, creating, gap,
    short, settings_off, settings_unnamed, switch_unnamed, tags_unreadable, key_policy_unreadable, policies_unclear,
    point_refused, nothing_readable, nobody_let_in, everything_broken, forbidden_to_see, point_forbidden,
    point_gone,
)  # fmt: skip


@pytest.mark.parametrize("trouble", TROUBLES, ids=[trouble.__name__ for trouble in TROUBLES])
def test_every_finding_says_what_was_read(scene: Scene, trouble: Callable[[Scene], None]) -> None:
    before = {code: one.level for code, one in scene.look().items()}

    trouble(scene)

    found = scene.look()
    assert {code: one.level for code, one in found.items()} != before
    assert [code for code, one in found.items() if not one.evidence] == []
    assert [code for code, one in found.items() if one.level in (Level.FAIL, Level.UNSEEN) and not one.remedy] == []


def test_a_copy_that_is_there_stands_in_the_way_of_who_wants_a_new_one(scene: Scene) -> None:
    other_copy_there(scene)
    assert scene.fails() == []

    scene.params = replace(scene.params, only_new=True)

    assert scene.fails() == ["already-there"]
    look = scene.preflight.look(scene.params, NOW)
    assert isinstance(look.params, CopyParams)
    assert not look.params.only_new


def test_a_source_vault_that_an_earlier_step_makes_is_no_change_once_it_is_there(scene: Scene) -> None:
    """The second hop by way of a new vault: when people approve, there is no such vault, and nothing is said of it."""
    way = replace(COPIES, name="on-the-way")
    later = replace(scene.params.point, arn="", vault=way)
    scene.params = replace(scene.params, point=later, point_from_before=True)
    before = scene.preflight.look(scene.params, NOW)
    assert not {"source-key", "source-policy"} & {one.code for one in before.findings}

    scene.backups.add_vault(way)
    scene.around.add_key(way)
    scene.around.policies[way] = POLICY % "Allow"
    made = scene.preflight.look(scene.params, NOW)

    assert changes(before.shown, made.shown) == ()
    assert "source-key" in {one.code for one in made.findings}
    scene.around.policies[way] = POLICY % "Deny"
    assert SOURCE_POLICY in changes(made.shown, scene.preflight.look(scene.params, NOW).shown)
