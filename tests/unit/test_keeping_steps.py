"""The steps that make vaults and backups, turn switches and change retention: looked at, begun twice, read back."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from bot.domain.backups import Lifecycle, Vault, VaultKind, VaultRef
from bot.domain.errors import BackupsDenied, BackupsError, BackupsMissing, BackupsRefused, BackupsUnreachable
from bot.domain.lifecycles import WOULD_SHORTEN
from bot.domain.live_tables import LiveTable
from bot.domain.params import BackUpParams, CreateVaultParams, EnableAdvancedParams, Params, SetRetentionParams
from bot.domain.preflight import Level
from bot.domain.shown import COST, changes
from bot.domain.steps import NOT_SHOWN, Step, StepState
from bot.domain.surroundings import Key
from bot.workflows.steps.advanced import STILL_OFF, EnableAdvancedStep
from bot.workflows.steps.backup import BackUpStep
from bot.workflows.steps.retention import NOT_TAKEN, SetRetentionStep
from bot.workflows.steps.vault import NOT_ADMITTED, TAKEN, CreateVaultStep
from bot.workflows.steps.work import Look, Stage, StepWork
from tests.contract.fake_backups import FakeBackups
from tests.contract.fake_keeping import FakeKeeping, off
from tests.contract.fake_surroundings import OPEN, FakeSurroundings
from tests.unit.builders import ACCOUNTS, BACKUP, BEN, COPIES, MAIN, PROD, ROLE
from tests.unit.fakes import NOW
from tests.unit.plan_scenes import KEY, TABLE
from tests.unit.table_builders import step_of

AUDIT = replace(COPIES, name="audit")
NEW_VAULT = CreateVaultParams(AUDIT, "orders", PROD, KEY, (ROLE,), "creator-1")
ON = EnableAdvancedParams(PROD, "us-east-1", "orders")
NEW_BACKUP = BackUpParams(TABLE, MAIN, ROLE, Lifecycle(35))


@dataclass
class FakeTables:
    """Fulfils the port `TableSight`: every table is there until a test takes it away."""

    status: str | None = "ACTIVE"
    error: BackupsError | None = None

    def table(self, account: str, region: str, name: str) -> LiveTable | None:
        if self.error is not None:
            raise self.error
        return LiveTable(TABLE, self.status) if self.status else None


@dataclass
class Aws:
    backups: FakeBackups = field(default_factory=FakeBackups)
    keeping: FakeKeeping = field(init=False)
    around: FakeSurroundings = field(init=False)
    tables: FakeTables = field(default_factory=FakeTables)

    def __post_init__(self) -> None:
        self.keeping = FakeKeeping(self.backups)
        self.around = FakeSurroundings(self.backups, ACCOUNTS)
        self.around.keys[KEY] = Key(KEY, "Enabled", policy=OPEN)
        self.backups.add_vault(MAIN)
        self.backups.add_vault(COPIES)

    @property
    def vault(self) -> CreateVaultStep:
        return CreateVaultStep(self.backups, self.keeping, self.around)

    @property
    def advanced(self) -> EnableAdvancedStep:
        return EnableAdvancedStep(self.keeping)

    @property
    def backup(self) -> BackUpStep:
        return BackUpStep(self.backups, self.keeping, self.keeping, self.tables)

    @property
    def retention(self) -> SetRetentionStep:
        return SetRetentionStep(self.backups, self.keeping)

    def kept(self, days: int | None = 90, cold: int | None = None, vault: VaultRef = COPIES) -> SetRetentionParams:
        """A change to two years of a copy that is kept so long now."""
        point = self.backups.add_point(vault, "orders", lifecycle=Lifecycle(days, cold), created_at=NOW)
        return SetRetentionParams(point, Lifecycle(730))


@pytest.fixture
def aws() -> Aws:
    return Aws()


def running(params: Params, started: datetime = NOW, job: str | None = None) -> Step:
    return step_of(params, state=StepState.RUNNING, started_at=started, external_id=job)


def fails(look: Look) -> set[str]:
    return {finding.code for finding in look.findings if finding.level is Level.FAIL}


def begin_twice(work: StepWork, params: Params) -> str:
    """The second time after a crash: the answer to the first was never heard."""
    first = work.start(step_of(params), BEN.user_id)
    assert work.start(step_of(params), BEN.user_id) == first
    return first


class TestNewVault:
    def test_it_is_made_once_and_lets_exactly_the_role_in(self, aws: Aws) -> None:
        begin_twice(aws.vault, NEW_VAULT)

        assert [what for what, _ in aws.keeping.done] == ["create_vault", "put_vault_policy"]
        assert ROLE in (aws.keeping.vault_policy(AUDIT) or "")
        progress = aws.vault.poll(running(NEW_VAULT), NOW)
        assert (progress.stage, progress.result_arn) == (Stage.DONE, AUDIT.arn)

    @pytest.mark.parametrize("lost", ["create_vault", "put_vault_policy"])
    def test_an_answer_that_was_lost_is_made_good_by_the_next_try(self, aws: Aws, lost: str) -> None:
        aws.keeping.lose.add(lost)
        with pytest.raises(BackupsUnreachable):
            aws.vault.start(step_of(NEW_VAULT), BEN.user_id)

        aws.vault.start(step_of(NEW_VAULT), BEN.user_id)

        assert [what for what, _ in aws.keeping.done] == ["create_vault", "put_vault_policy"]

    def test_a_vault_of_the_name_that_another_made_is_never_touched(self, aws: Aws) -> None:
        aws.backups.add_vault(Vault(AUDIT, creator="somebody-else"))

        assert fails(aws.vault.look(NEW_VAULT, NOW)) == {"vault-taken"}
        with pytest.raises(BackupsRefused) as refused:
            aws.vault.start(step_of(NEW_VAULT), BEN.user_id)
        assert refused.value.code == TAKEN
        assert aws.keeping.done == []

    def test_a_vault_for_another_account_needs_a_key_of_its_own(self, aws: Aws) -> None:
        assert fails(aws.vault.look(replace(NEW_VAULT, key_arn=None), NOW)) == {"vault-key-needed"}
        assert fails(aws.vault.look(replace(NEW_VAULT, source_account=BACKUP, key_arn=None), NOW)) == set()

    def test_a_key_of_another_region_is_refused(self, aws: Aws) -> None:
        elsewhere = replace(NEW_VAULT, key_arn=KEY.replace("eu-west-1", "eu-central-1"))

        assert fails(aws.vault.look(elsewhere, NOW)) == {"vault-key-region"}

    def test_a_key_that_is_not_there_is_noticed_before_anybody_is_asked(self, aws: Aws) -> None:
        del aws.around.keys[KEY]

        (finding,) = aws.vault.look(NEW_VAULT, NOW).findings

        assert (finding.code, finding.level, finding.overridable) == ("key-missing", Level.FAIL, False)
        assert f"DescribeKey of {KEY}" in finding.evidence
        assert "kms list-keys" in finding.remedy

    @pytest.mark.parametrize(
        ("key", "code"),
        [
            (Key(KEY, "Disabled", policy=OPEN), "key-unusable"),
            (Key(KEY, "Enabled", policy='{"Statement": []}'), "key-closed"),
            (Key(KEY, "Enabled", by_aws=True), "vault-key-needed"),
        ],
    )
    def test_a_key_that_no_copy_could_use_is_told(self, aws: Aws, key: Key, code: str) -> None:
        aws.around.keys[KEY] = key

        assert fails(aws.vault.look(NEW_VAULT, NOW)) == {code}

    def test_a_key_that_may_not_be_seen_is_not_taken_for_fine(self, aws: Aws) -> None:
        aws.around.fail["key"] = BackupsDenied("not authorized to perform: kms:DescribeKey", code="AccessDenied")

        (finding,) = aws.vault.look(NEW_VAULT, NOW).findings

        assert finding.level is Level.UNSEEN
        assert "kms:DescribeKey" in finding.sentence

    def test_a_policy_that_was_taken_back_is_noticed(self, aws: Aws) -> None:
        aws.vault.start(step_of(NEW_VAULT), BEN.user_id)
        del aws.keeping.policies[AUDIT]

        progress = aws.vault.poll(running(NEW_VAULT), NOW)

        assert progress.failure is not None
        assert progress.failure.category == NOT_ADMITTED

    def test_a_vault_that_aws_does_not_show_yet_is_waited_for_and_not_for_ever(self, aws: Aws) -> None:
        assert aws.vault.poll(running(NEW_VAULT), NOW).stage is Stage.UNDER_WAY
        assert aws.vault.poll(running(NEW_VAULT, NOW - timedelta(minutes=11)), NOW).stage is Stage.FAILED


class TestAdvancedFeatures:
    def test_they_are_turned_on_once_and_other_types_stay_as_they_are(self, aws: Aws) -> None:
        aws.keeping.settings[PROD, "us-east-1"] = off()

        begin_twice(aws.advanced, ON)

        assert [what for what, _ in aws.keeping.done] == ["prefer"]
        assert aws.keeping.settings[PROD, "us-east-1"].opted_in["EBS"]
        assert aws.advanced.poll(running(ON), NOW).stage is Stage.DONE

    def test_what_is_on_already_is_said_and_not_set_again(self, aws: Aws) -> None:
        assert [finding.code for finding in aws.advanced.look(ON, NOW).findings] == ["advanced-already"]
        aws.advanced.start(step_of(ON), BEN.user_id)
        assert aws.keeping.done == []

    def test_that_it_is_a_setting_of_the_whole_account_is_said(self, aws: Aws) -> None:
        aws.keeping.settings[PROD, "us-east-1"] = off()

        (finding,) = aws.advanced.look(ON, NOW).findings

        assert (finding.level, finding.code) == (Level.WARN, "advanced-for-all")

    def test_a_switch_that_aws_shows_as_off_for_long_has_failed(self, aws: Aws) -> None:
        aws.keeping.settings[PROD, "us-east-1"] = off()

        progress = aws.advanced.poll(running(ON, NOW - timedelta(minutes=11)), NOW)

        assert progress.failure is not None
        assert progress.failure.category == STILL_OFF


class TestNewBackup:
    def test_it_is_one_job_whose_point_is_the_result(self, aws: Aws) -> None:
        job = begin_twice(aws.backup, NEW_BACKUP)
        assert aws.backup.poll(running(NEW_BACKUP, job=job), NOW).stage is Stage.UNDER_WAY
        point = aws.keeping.finish(job)

        progress = aws.backup.poll(running(NEW_BACKUP, job=job), NOW)

        assert (progress.stage, progress.result_arn) == (Stage.DONE, point.arn)
        assert len(aws.keeping.jobs) == 1

    def test_an_answer_without_a_recovery_point_means_that_the_features_are_still_off(self, aws: Aws) -> None:
        aws.keeping.settings[PROD, "us-east-1"] = off()

        with pytest.raises(BackupsRefused) as refused:
            aws.backup.start(step_of(NEW_BACKUP), BEN.user_id)

        assert refused.value.code == STILL_OFF
        assert "can never be copied" in refused.value.message
        assert "Turn the advanced features" in aws.backup.failure(refused.value, NEW_BACKUP).remedy

    def test_features_that_are_off_are_a_reason_not_to_ask_unless_the_plan_turns_them_on(self, aws: Aws) -> None:
        aws.keeping.settings[PROD, "us-east-1"] = off()

        assert fails(aws.backup.look(NEW_BACKUP, NOW)) == {"advanced-off"}
        assert fails(aws.backup.look(replace(NEW_BACKUP, advanced_from_before=True), NOW)) == set()

    @pytest.mark.parametrize(("status", "said"), [(None, "There is no table orders"), ("DELETING", "is DELETING")])
    def test_a_table_that_is_gone_cannot_be_backed_up(self, aws: Aws, status: str | None, said: str) -> None:
        aws.tables.status = status

        (finding,) = aws.backup.look(NEW_BACKUP, NOW).findings

        assert (finding.code, finding.level, finding.overridable) == ("table-gone", Level.FAIL, False)
        assert said in finding.sentence
        assert "restore the table first" in finding.remedy

    def test_a_table_that_may_not_be_seen_is_left_to_aws(self, aws: Aws) -> None:
        aws.tables.error = BackupsDenied("not authorized to perform: dynamodb:DescribeTable", code="AccessDenied")

        (finding,) = aws.backup.look(NEW_BACKUP, NOW).findings

        assert finding.level is Level.UNSEEN
        assert "dynamodb:DescribeTable" in finding.sentence

    def test_a_job_that_failed_tells_aws_words_and_a_remedy(self, aws: Aws) -> None:
        job = begin_twice(aws.backup, NEW_BACKUP)
        aws.keeping.fail(job, "Table not found: orders", "RESOURCE_NOT_FOUND")

        progress = aws.backup.poll(running(NEW_BACKUP, job=job), NOW)

        failure = progress.failure
        assert failure is not None
        assert progress.finished_at is not None
        assert progress.finished_at == aws.keeping.jobs[job].completed_at
        assert (failure.message, failure.category) == ("Table not found: orders", "RESOURCE_NOT_FOUND")
        assert "is not in account" in failure.remedy

    def test_a_job_that_aws_has_forgotten_has_an_unknown_end(self, aws: Aws) -> None:
        failure = aws.backup.poll(running(NEW_BACKUP, job="GONE"), NOW + timedelta(days=31)).failure

        assert failure is not None
        assert failure.category == "JOB_RECORD_GONE"

    def test_a_job_that_aws_does_not_show_before_it_can_have_forgotten_it_goes_on(self, aws: Aws) -> None:
        hidden = running(NEW_BACKUP, job="HIDDEN")

        with pytest.raises(BackupsMissing):
            aws.backup.poll(hidden, NOW + timedelta(minutes=1))
        progress = aws.backup.poll(hidden, NOW + timedelta(days=29))
        assert (progress.stage, progress.outside_state) == (Stage.UNDER_WAY, NOT_SHOWN)

    @pytest.mark.parametrize(
        ("vault", "code"),
        [
            (Vault(MAIN, kind=VaultKind.AIR_GAPPED), "backup-vault-kind"),
            (Vault(MAIN, state="CREATING"), "backup-vault-state"),
            (Vault(MAIN, locked=True, min_days=90), "vault-lock"),
            (Vault(MAIN, locked=True, max_days=30), "vault-lock"),
        ],
    )
    def test_a_vault_that_would_not_take_it_is_told_before(self, aws: Aws, vault: Vault, code: str) -> None:
        aws.backups.add_vault(vault)

        assert fails(aws.backup.look(NEW_BACKUP, NOW)) == {code}


class TestRetention:
    def test_every_field_is_sent_again_so_that_cold_storage_stays(self, aws: Aws) -> None:
        asked = aws.kept(cold=30, days=200)
        change = aws.retention.look(asked, NOW).params

        begin_twice(aws.retention, change)

        assert aws.backups.point(COPIES, asked.point.arn).lifecycle == Lifecycle(730, 30)
        assert aws.retention.poll(running(change), NOW).stage is Stage.DONE

    def test_a_change_that_aws_took_otherwise_is_told(self, aws: Aws) -> None:
        change = aws.kept()

        assert aws.retention.poll(running(change), NOW).stage is Stage.UNDER_WAY
        failure = aws.retention.poll(running(change, NOW - timedelta(minutes=11)), NOW).failure
        assert failure is not None
        assert failure.category == NOT_TAKEN
        assert "90 days" in failure.message

    def test_a_locked_vault_is_told_before_with_its_range(self, aws: Aws) -> None:
        aws.backups.add_vault(Vault(COPIES, locked=True, min_days=365))

        look = aws.retention.look(aws.kept(), NOW)

        assert fails(look) == {"vault-locked"}
        assert "at least 365 days" in look.findings[0].sentence

    def test_an_end_that_has_passed_and_a_cold_copy_that_ends_too_soon_are_told_before(self, aws: Aws) -> None:
        old = aws.kept()
        point = aws.backups.change_point(old.point.arn, created_at=NOW - timedelta(days=60))

        assert fails(aws.retention.look(SetRetentionParams(point, Lifecycle(30)), NOW)) == {"retention-days"}
        cold = replace(aws.kept(200, 30), lifecycle=Lifecycle(100))
        assert fails(aws.retention.look(cold, NOW)) == {"retention-cold"}

    def test_what_was_asked_for_to_keep_a_copy_longer_never_shortens_it(self, aws: Aws) -> None:
        asked = replace(aws.kept(), never_shorter=True)
        assert fails(aws.retention.look(asked, NOW)) == set()
        aws.backups.change_point(asked.point.arn, lifecycle=Lifecycle(1_000), delete_at=NOW + timedelta(days=1_000))

        (finding,) = aws.retention.look(asked, NOW).findings

        end, new = NOW + timedelta(days=1_000), NOW + timedelta(days=730)
        assert (finding.code, finding.level, finding.overridable) == (WOULD_SHORTEN, Level.FAIL, False)
        assert "shortens it by 270 days" in finding.sentence
        assert f"{end:%b} {end.day}, {end.year}" in finding.sentence
        assert f"{new:%b} {new.day}, {new.year}" in finding.sentence
        assert fails(aws.retention.look(replace(asked, never_shorter=False), NOW)) == set()

    def test_nor_does_it_give_a_copy_an_end_that_is_kept_for_good_by_now(self, aws: Aws) -> None:
        asked = replace(aws.kept(), never_shorter=True)
        aws.backups.change_point(asked.point.arn, lifecycle=Lifecycle(), delete_at=None)

        (finding,) = aws.retention.look(asked, NOW).findings

        assert finding.code == WOULD_SHORTEN
        assert "it is kept without an end" in finding.sentence

    def test_a_change_that_is_made_already_is_no_shortening(self, aws: Aws) -> None:
        asked = replace(aws.kept(), never_shorter=True)
        aws.retention.start(step_of(asked), BEN.user_id)

        assert fails(aws.retention.look(asked, NOW)) == set()

    def test_another_end_is_told_with_both_dates_and_what_it_now_shortens(self, aws: Aws) -> None:
        asked = aws.kept()
        before = aws.retention.look(asked, NOW)
        aws.backups.change_point(asked.point.arn, lifecycle=Lifecycle(1_000), delete_at=NOW + timedelta(days=1_000))
        after = aws.retention.look(asked, NOW)

        (told,) = changes(before.shown, after.shown, params=after.params)

        end, new = NOW + timedelta(days=1_000), NOW + timedelta(days=730)
        assert told == (
            "The end of this backup has changed since it was shown: it is kept until about "
            f"{end:%b} {end.day}, {end.year} (UTC) now, and this would keep it until about "
            f"{new:%b} {new.day}, {new.year} (UTC), which shortens it by 270 days."
        )

    def test_a_copy_that_is_gone_is_told_before_and_while_it_is_changed(self, aws: Aws) -> None:
        change = aws.kept()
        aws.backups.remove_point(change.point.arn)

        assert fails(aws.retention.look(change, NOW)) == {"source-gone"}
        assert aws.retention.poll(running(change), NOW).stage is Stage.FAILED

    def test_an_intermediate_copy_is_shortened_only_when_the_last_one_is_seen_whole(self, aws: Aws) -> None:
        last = aws.backups.add_point(MAIN, "orders", status="CREATING")
        change = replace(aws.kept(), only_with=MAIN, only_with_arn=last.arn)
        assert fails(aws.retention.look(change, NOW)) == {"last-copy-unseen"}

        aws.backups.change_point(last.arn, status="COMPLETED")

        assert fails(aws.retention.look(change, NOW)) == set()


@pytest.mark.parametrize(
    ("step", "params", "method"),
    [("vault", NEW_VAULT, "vaults"), ("backup", NEW_BACKUP, "vaults"), ("advanced", ON, "vaults")],
)
def test_what_may_not_be_read_is_told_as_not_seen(aws: Aws, step: str, params: Params, method: str) -> None:
    denied = BackupsDenied("not authorized to perform: backup:ListBackupVaults", code="AccessDeniedException")
    aws.backups.fail_next(method, denied, times=9)
    work: StepWork = getattr(aws, step)

    assert Level.UNSEEN in {finding.level for finding in work.look(params, NOW).findings}


@pytest.mark.parametrize("step", ["vault", "advanced", "backup", "retention"])
def test_an_account_that_cannot_be_entered_is_told_before_anybody_is_asked(aws: Aws, step: str) -> None:
    params: dict[str, Params] = {
        "vault": NEW_VAULT,
        "advanced": ON,
        "backup": NEW_BACKUP,
        "retention": aws.kept(),
    }
    for account in (PROD, BACKUP):
        aws.backups.lock_out(account)
    work: StepWork = getattr(aws, step)

    assert fails(work.look(params[step], NOW)) == {"locked-out"}


@pytest.mark.parametrize("step", ["vault", "advanced", "backup", "retention"])
def test_parameters_of_another_kind_are_a_mistake_of_ours(aws: Aws, step: str) -> None:
    work: StepWork = getattr(aws, step)

    with pytest.raises(TypeError):
        work.look(ON if step != "advanced" else NEW_VAULT, NOW)


class TestCosts:
    def test_a_new_backup_and_a_lost_end_are_shown_with_their_prices_and_another_end_is_not(self, aws: Aws) -> None:
        another = aws.kept()
        for_good = replace(another, lifecycle=Lifecycle())

        priced = [
            COST in aws.backup.look(replace(NEW_BACKUP, size_bytes=5), NOW).shown,
            COST in aws.retention.look(for_good, NOW).shown,
            COST in aws.retention.look(another, NOW).shown,
        ]

        assert priced == [True, True, False]
