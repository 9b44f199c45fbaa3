"""Each reason why a copy would fail has its finding, and what is fine has none."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.domain.backups import RecoveryPoint, Vault, VaultKind, VaultRef
from bot.domain.checks.keys import key_kind
from bot.domain.checks.organization import control_policies
from bot.domain.checks.place import opt_in, source_settings
from bot.domain.checks.role import may_copy, may_start
from bot.domain.checks.work import already_there
from bot.domain.findings import can_be_asked
from bot.domain.params import CopyParams
from bot.domain.preflight import (
    Finding,
    Level,
    judge_life,
    judge_places,
    judge_retention,
    judge_vault,
    why_not_copyable,
)
from bot.domain.retention import Keep, Retention
from bot.domain.surroundings import Held, Key, Permission, RegionSettings
from tests.unit.builders import COPIES, MAIN, PROD, ROLE, a_point, a_vault, an_air_gapped_vault
from tests.unit.fakes import NOW

OLD_STYLE = f"arn:aws:dynamodb:us-east-1:{PROD}:table/orders/backup/01700000000000-1a2b3c4d"


def code_of(finding: Finding | None) -> str:
    if finding is None:
        return ""
    assert finding.level is Level.FAIL
    assert finding.sentence.endswith(".")
    assert finding.remedy.endswith(".")
    return finding.code


def test_a_complete_warm_advanced_backup_can_be_copied() -> None:
    assert why_not_copyable(a_point(), NOW) is None
    assert why_not_copyable(a_point(status="AVAILABLE", keeps=None, storage=None), NOW) is None


@pytest.mark.parametrize(
    ("point", "code"),
    [
        (replace(a_point(), arn=OLD_STYLE), "not-advanced"),
        (a_point(status="CREATING"), "still-being-made"),
        (a_point(status="PARTIAL"), "not-copyable-status"),
        (a_point(status="EXPIRED"), "not-copyable-status"),
        (a_point(status="DELETING"), "not-copyable-status"),
        (a_point(storage="COLD"), "cold"),
        (replace(a_point(storage=None), cold_at=NOW - timedelta(hours=1)), "cold"),
        (a_point(made=NOW - timedelta(days=35)), "expiring"),
        (a_point(made=NOW - timedelta(days=35) + timedelta(hours=2)), "expiring"),
    ],
)
def test_each_reason_in_the_backup_has_its_finding(point: RecoveryPoint, code: str) -> None:
    assert code_of(why_not_copyable(point, NOW)) == code


def test_a_backup_with_more_than_two_hours_left_can_be_copied() -> None:
    point = a_point(made=NOW - timedelta(days=35) + timedelta(hours=2, seconds=1))

    assert why_not_copyable(point, NOW) is None


def test_what_cannot_be_mended_is_told_first() -> None:
    point = replace(a_point(status="CREATING", storage="COLD"), arn=OLD_STYLE)

    assert code_of(why_not_copyable(point, NOW)) == "not-advanced"


@pytest.mark.parametrize(
    ("destination", "code"),
    [
        (MAIN, "same-vault"),
        (VaultRef(PROD, "cn-north-1", "copies"), "other-partition"),
        (VaultRef(PROD, "us-gov-west-1", "copies"), "other-partition"),
        (COPIES, ""),
        (VaultRef(PROD, "us-east-1", "second"), ""),
        (VaultRef(PROD, "eu-west-1", "main"), ""),
    ],
)
def test_a_destination_is_judged_by_where_it_is(destination: VaultRef, code: str) -> None:
    assert code_of(judge_places(a_point(), destination)) == code


@pytest.mark.parametrize(
    ("vault", "code"),
    [
        (a_vault(), ""),
        (Vault(COPIES, kind=VaultKind.AIR_GAPPED), ""),
        (Vault(COPIES, kind=VaultKind.RESTORE_ACCESS), "restore-access-vault"),
        (Vault(COPIES, state="CREATING"), "vault-not-available"),
        (Vault(COPIES, state="FAILED"), "vault-not-available"),
    ],
)
def test_a_vault_is_judged_by_what_it_is(vault: Vault, code: str) -> None:
    assert code_of(judge_vault(vault)) == code


@pytest.mark.parametrize(
    ("retention", "vault", "code"),
    [
        (Retention(Keep.DAYS, 90), a_vault(), ""),
        (Retention(Keep.DAYS, 1), a_vault(), "retention-days"),
        (Retention(Keep.DAYS, 1), None, "retention-days"),
        (Retention(Keep.DAYS), a_vault(), "retention-days"),
        (Retention(Keep.CENTURY), a_vault(most=365), "vault-lock"),
        (Retention(Keep.AS_SOURCE), a_vault(least=90), "vault-lock"),
        (Retention(Keep.CENTURY), None, ""),
        (Retention(Keep.AS_SOURCE), a_vault(least=7, most=35), ""),
    ],
)
def test_a_retention_is_judged_by_aws_and_by_the_lock(retention: Retention, vault: Vault | None, code: str) -> None:
    assert code_of(judge_retention(retention, a_point(), vault, NOW)) == code


def test_only_what_would_fail_stands_in_the_way_of_sending() -> None:
    harmless = [Finding("a", level, "A.") for level in Level if level is not Level.FAIL]

    assert can_be_asked(harmless, rule_lets=False)
    assert not can_be_asked([*harmless, Finding("b", Level.FAIL, "B.")], rule_lets=False)


def test_a_copy_that_would_expire_at_once_is_warned_of_and_not_refused() -> None:
    soon = a_point(made=NOW - timedelta(days=35) + timedelta(hours=30))

    finding = judge_life(Retention(Keep.AS_SOURCE), soon, NOW)

    assert finding is not None
    assert (finding.code, finding.level) == ("short-life", Level.WARN)
    assert judge_life(Retention(Keep.AS_SOURCE), a_point(), NOW) is None
    assert judge_life(Retention(Keep.AS_SOURCE), a_point(keeps=None), NOW) is None
    assert judge_life(Retention(Keep.CENTURY), soon, NOW) is None
    assert "source's end" in finding.sentence
    assert finding.evidence == "Kept: as the source, by its CalculatedLifecycle"


def test_days_of_its_own_are_not_blamed_on_the_source() -> None:
    finding = judge_life(Retention(Keep.DAYS, 10), a_point(made=NOW - timedelta(days=8, hours=12)), NOW)

    assert finding is not None
    assert finding.sentence == "This copy would expire in less than 2 days."
    assert finding.evidence == "Kept: 10 days from the backup's CreationDate"


def test_days_that_are_refused_are_not_warned_of_as_well() -> None:
    over = a_point(made=NOW - timedelta(days=5))

    assert judge_retention(Retention(Keep.DAYS, 4), over, a_vault(), NOW) is not None
    assert judge_life(Retention(Keep.DAYS, 4), over, NOW) is None


def test_a_backup_that_will_go_cold_later_can_still_be_copied() -> None:
    point = replace(a_point(storage=None), cold_at=NOW + timedelta(days=1))

    assert why_not_copyable(point, NOW) is None


def test_a_continuous_backup_is_none_to_copy() -> None:
    point = replace(a_point(), arn=f"arn:aws:backup:us-east-1:{PROD}:recovery-point:continuous:1a2b")

    assert code_of(why_not_copyable(point, NOW)) == "continuous"


ABROAD = CopyParams(a_point(), COPIES, Retention(Keep.DAYS, 90), ROLE)
AT_HOME = replace(ABROAD, destination=VaultRef(PROD, "eu-west-1", "near"))
PLANNED = replace(ABROAD, point_from_before=True)
AWSS = Key("arn:aws:kms:eu-west-1:111111111111:key/aws", "Enabled", by_aws=True)
OWN = replace(AWSS, by_aws=False)
NEAR = Vault(AT_HOME.destination)
FROM = Permission("backup:CopyFromBackupVault", allowed=True, by_organization=True)
INTO = Permission("backup:CopyIntoBackupVault", allowed=True, by_organization=True)
START = Permission("backup:StartCopyJob", allowed=True, by_organization=True)
PASS = Permission("iam:PassRole", allowed=True, by_organization=True)
BOT = "arn:aws:iam::111111111111:role/Bot"


def said(*findings: Finding) -> list[tuple[str, Level]]:
    """What was judged; whatever is not fine says what it rests on and what to do."""
    for finding in findings:
        assert finding.sentence
        assert finding.evidence
        assert bool(finding.remedy) is (finding.level is not Level.PASS)
    return [(finding.code, finding.level) for finding in findings]


@pytest.mark.parametrize(
    ("value", "opted", "advanced"),
    [
        (None, ("opt-in-unseen", Level.UNSEEN), ("advanced-unseen", Level.UNSEEN)),
        (False, ("not-opted-in", Level.WARN), ("advanced-off", Level.WARN)),
        (True, ("opt-in", Level.PASS), ("advanced", Level.PASS)),
    ],
)
def test_a_setting_that_aws_does_not_name_is_none_that_is_on(
    value: bool | None, opted: tuple[str, Level], advanced: tuple[str, Level]
) -> None:
    settings = RegionSettings(opted_in=value, advanced=value)

    assert said(opt_in(ABROAD, settings)) == [opted]
    assert said(source_settings(ABROAD, settings)) == [advanced]
    assert said(source_settings(PLANNED, settings)) == [("advanced", Level.PASS)]


@pytest.mark.parametrize(
    ("params", "source", "key", "code"),
    [
        (AT_HOME, None, AWSS, "key-kind-unseen"),
        (AT_HOME, None, None, "key-kind-unseen"),
        (AT_HOME, None, OWN, "key-kind"),
        (AT_HOME, a_vault(MAIN), AWSS, "key-kind"),
        (AT_HOME, replace(an_air_gapped_vault(), ref=MAIN), AWSS, "default-key"),
        (AT_HOME, replace(an_air_gapped_vault(), ref=MAIN), None, "key-kind-unseen"),
        (ABROAD, None, AWSS, "default-key"),
        (ABROAD, None, OWN, "key-kind"),
    ],
)
def test_a_source_that_nobody_saw_may_be_air_gapped(
    params: CopyParams, source: Vault | None, key: Key | None, code: str
) -> None:
    level = {"key-kind": Level.PASS, "key-kind-unseen": Level.UNSEEN, "default-key": Level.FAIL}[code]

    assert said(key_kind(params, source, NEAR, key)) == [(code, level)]


def test_a_copy_is_new_only_where_the_jobs_were_seen_and_the_evidence_names_no_others() -> None:
    seen, unseen = already_there(ABROAD, [], []), already_there(ABROAD, [], None)

    assert said(seen, unseen) == [("new-copy", Level.PASS), ("new-copy-unseen", Level.UNSEEN)]
    assert "ListCopyJobs" in seen.evidence
    assert "ListCopyJobs" not in unseen.evidence
    there = already_there(ABROAD, [Held("arn:copy")], None)
    assert said(there) == [("already-there", Level.WARN)]
    assert "ListCopyJobs" not in there.evidence


@pytest.mark.parametrize(
    ("params", "permissions", "code"),
    [
        (AT_HOME, [FROM, INTO], "control-policies"),
        (AT_HOME, [FROM], "control-policies-unseen"),
        (AT_HOME, [INTO], "control-policies-unseen"),
        (AT_HOME, [FROM, START], "control-policies-unseen"),
        (AT_HOME, [FROM, replace(INTO, by_organization=None)], "control-policies-unseen"),
        (AT_HOME, [], "control-policies-unseen"),
        (ABROAD, [FROM, INTO], "control-policies-unseen"),
        (AT_HOME, [FROM, replace(INTO, by_organization=False)], "control-policy-denies"),
        (ABROAD, [replace(FROM, by_organization=False)], "control-policy-denies"),
    ],
)
def test_control_policies_are_fine_only_where_both_actions_were_simulated(
    params: CopyParams, permissions: list[Permission], code: str
) -> None:
    """And never those over resources, which no simulation knows."""
    told = dict(said(*control_policies(params, permissions, "")))

    level = {"control-policies": Level.PASS, "control-policies-unseen": Level.UNSEEN}.get(code, Level.FAIL)
    assert told.pop(code) is level
    assert told == ({"resource-control-policies-unseen": Level.UNSEEN} if level is Level.PASS else {})


@pytest.mark.parametrize("denied", [START, PASS])
def test_the_bot_may_not_start_what_a_control_policy_denies_its_role(denied: Permission) -> None:
    forbidden = replace(denied, allowed=False, by_organization=False)
    permissions = [forbidden if one is denied else one for one in (START, PASS)]

    finding = may_start(AT_HOME, BOT, permissions)

    assert said(finding, may_start(AT_HOME, BOT, [START, PASS])) == [
        ("control-policy-denies-bot", Level.FAIL),
        ("bot-permissions", Level.PASS),
    ]
    assert denied.action in finding.sentence
    assert denied.action in finding.remedy
    assert BOT in finding.remedy


def test_a_role_that_the_organization_stops_is_not_said_to_be_able_to_copy() -> None:
    stopped = may_copy(AT_HOME, [FROM, replace(INTO, allowed=False, by_organization=False)])

    assert stopped.code == "role-permissions"
    assert "may copy" not in stopped.sentence
    assert "may copy" in may_copy(AT_HOME, [FROM, INTO]).sentence
