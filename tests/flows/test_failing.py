"""A copy that fails at AWS although pre-flight passed: something is taken away between the start and the end.

What is told holds the cause, AWS's own words, the names they speak of and what to paste; once it is mended, Try again
copies under the same approval.
"""

from collections.abc import Callable
from typing import Any

import boto3
import pytest

from bot.domain.requests import RequestState
from bot.sandbox.aws import access_key
from bot.sandbox.worlds import BACKUP, PROD
from tests.flows.orders import vault
from tests.flows.team import EU, US, Team


def client(team: Team, service: str, account: str, region: str) -> Any:
    """AWS as nobody's role, for what an administrator does behind the bot's back."""
    return boto3.client(
        service,
        endpoint_url=team.worlds.aws.url,
        region_name=region,
        aws_access_key_id=access_key(account),
        aws_secret_access_key="local",
    )


def close_the_vault(team: Team) -> Callable[[], object]:
    there = vault(team, EU, "dr-vault")
    policy, there.policy = there.policy, None

    def mend() -> None:
        there.policy = policy

    return mend


def disable_the_key(team: Team) -> Callable[[], object]:
    kms = client(team, "kms", BACKUP, EU)
    key = vault(team, EU, "dr-vault").key_arn.rpartition("/")[2]
    kms.disable_key(KeyId=key)
    return lambda: kms.enable_key(KeyId=key)


def leave_the_organization(team: Team) -> Callable[[], object]:
    team.worlds.aws.world.add_account(BACKUP, organization=None)
    return lambda: team.worlds.aws.world.add_account(BACKUP)


def switch_off(team: Team) -> Callable[[], object]:
    backup = client(team, "backup", PROD, US)
    backup.update_global_settings(GlobalSettings={"isCrossAccountBackupEnabled": "false"})
    return lambda: backup.update_global_settings(GlobalSettings={"isCrossAccountBackupEnabled": "true"})


@pytest.mark.parametrize(
    ("take_away", "cause", "fix"),
    [
        (close_the_vault, "Somebody does not let the copy in", "backup:CopyIntoBackupVault"),
        (disable_the_key, "A KMS key cannot be used", "kms:CreateGrant"),
        (leave_the_organization, "are not in one AWS organization", "same AWS organization"),
        (switch_off, "does not let backups be copied from one account to another", "update-global-settings"),
    ],
)
def test_what_is_taken_away_meanwhile_is_told_with_its_cause_and_once_mended_tried_again(
    team: Team, take_away: Callable[[Team], Callable[[], object]], cause: str, fix: str
) -> None:
    world = team.worlds.aws.world
    world.hold_next_copies()
    team.approved("orders")
    team.reads("The copy has started")
    mend = take_away(team)
    world.release_copies()

    failed = team.reads("The copy failed", "Cause:", "What to do:")

    text, (job,) = team.text(failed), team.jobs()
    for said in (cause, job["StatusMessage"], job["CopyJobId"], vault(team, EU, "dr-vault").arn, fix):
        assert said in text
    mend()
    team.ben.click(failed, "Try again")
    team.done()
    assert team.state() is RequestState.COMPLETED
    assert len(team.jobs()) == 2


def test_words_that_nobody_knows_are_shown_as_they_are_and_counted(team: Team) -> None:
    team.worlds.aws.world.fail_next_copy("The flux capacitor is empty.", "MISCELLANEOUS")
    team.approved("orders")

    text = team.text(team.reads("The copy failed", "The flux capacitor is empty."))

    assert "Cause:" not in text
    assert "we know no remedy for them" in text
    assert team.house.bot is not None
    team.wait(lambda: b"unknown_failures_total 1.0" in team.house.bot.exposition()[0], "the figure")  # type: ignore[union-attr]
    team.anna.command("/copy-backup status")
    team.whispered(team.anna, "Failures that I could not translate: 1")


def test_a_source_that_changed_meanwhile_is_not_tried_again_under_the_same_approval(team: Team) -> None:
    team.worlds.aws.world.fail_next_copy("An internal error occurred.", "FATAL_ERROR")
    team.approved("orders")
    failed = team.reads("The copy failed", "Try again")
    team.worlds.aws.world.delete_recovery_point(PROD, US, "daily", team.newest_backup("orders"))

    team.ben.click(failed, "Try again")

    team.reads("nothing was started", "This backup is not there any more")
    assert len(team.jobs()) == 1
