"""From the approval to the copy and to its end: what AWS is asked, what the card says meanwhile, what is told when."""

from datetime import timedelta

from bot.domain.requests import RequestState
from bot.domain.retention import Keep
from bot.sandbox.worlds import BACKUP, PROD
from tests.flows.team import EU, US, Team


def test_aws_is_asked_in_the_sources_account_and_region_with_the_stored_token(team: Team) -> None:
    team.approved("orders", keep=Keep.DAYS, days=45)
    team.reads("The copy has started")

    (call,) = team.aws_calls("StartCopyJob")
    (step,) = team.house.request("CB-1").steps
    assert (call.account, call.region) == (PROD, US)
    assert call.caller.startswith(f"arn:aws:sts::{PROD}:assumed-role/CopyBackupBot/")
    assert call.params == {
        "RecoveryPointArn": team.newest_backup("orders"),
        "SourceBackupVaultName": "daily",
        "DestinationBackupVaultArn": f"arn:aws:backup:{EU}:{BACKUP}:backup-vault:dr-vault",
        "IamRoleArn": f"arn:aws:iam::{PROD}:role/service-role/AWSBackupDefaultServiceRole",
        "IdempotencyToken": step.token,
        "Lifecycle": {"DeleteAfterDays": 45},
    }


def test_a_copy_that_is_kept_as_the_source_inherits_its_lifecycle(team: Team) -> None:
    team.copied("orders", keep=Keep.AS_SOURCE)

    (call,) = team.aws_calls("StartCopyJob")
    (copy,) = team.copies()
    assert "Lifecycle" not in call.params
    assert copy.lifecycle.delete_after == 90


def test_a_copy_for_a_century_is_asked_for_the_longest_time_that_aws_knows(team: Team) -> None:
    team.approved("orders", keep=Keep.CENTURY)
    team.reads("The copy has started")

    assert team.aws_calls("StartCopyJob")[0].params["Lifecycle"] == {"DeleteAfterDays": 36_500}


def test_the_card_tells_each_state_from_the_others(team: Team) -> None:
    world = team.worlds.aws.world
    world.job_timing(created=timedelta(0), running=timedelta(hours=1))
    world.hold_next_copies()

    team.pending("orders")
    team.card_reads("Waiting for approval")
    team.ben.click(team.question(), "Approve")
    team.card_reads("AWS has accepted the job and not begun yet")
    world.release_copies()
    team.later(minutes=1)
    team.card_reads("AWS is copying")
    assert team.said("The copy has completed") == []
    team.later(hours=1)
    team.card_reads("Completed")
    team.reads("The copy has completed", "1 h")


def test_a_failed_copy_says_what_aws_said_and_what_to_do(team: Team) -> None:
    team.worlds.aws.world.fail_next_copy("Access Denied trying to call AWS Backup service", "ACCESS_DENIED")

    team.approved("orders")

    failed = team.reads("The copy failed", "What to do:")
    (job,) = team.jobs()
    text = team.text(failed)
    assert job["StatusMessage"] in text
    assert "backup:CopyIntoBackupVault" in text
    assert f"arn:aws:iam::{PROD}:root" in text
    assert failed.broadcast
    team.card_reads("Failed")
    assert team.state() is RequestState.FAILED


def test_each_lead_is_announced_once_and_then_the_end(team: Team) -> None:
    team.copied("orders", keep=Keep.DAYS, days=45)
    (copy,) = team.copies()
    left = copy.created_at + timedelta(days=45) - team.clock.now()

    team.clock.advance(left - timedelta(days=29, hours=23))
    team.reads("29 days 23 h from now")
    team.clock.advance(timedelta(days=23))
    team.reads("6 days 23 h from now")
    team.clock.advance(timedelta(days=6))
    team.reads(", 23 h from now")
    # AWS deletes it at a moment of its own choice within 8 hours after its end.
    team.clock.advance(timedelta(days=1, hours=8))
    team.reads("has expired, and AWS has removed it")
    team.later(days=3)
    team.quiet()

    assert len(team.said("AWS deletes it within 8 hours after that")) == 3
    assert len(team.said("has expired")) == 1


def test_leads_that_were_slept_through_are_told_of_once_with_the_time_that_is_left(team: Team) -> None:
    team.copied("orders", keep=Keep.DAYS, days=45)
    (copy,) = team.copies()
    team.quiet()
    team.house.stop()
    team.clock.advance(copy.created_at + timedelta(days=45) - team.clock.now() - timedelta(hours=12))

    team.house.start()

    team.reads("12 h from now", "Earlier notices of it, 30 and 7 days ahead, were due while I was not running")
    team.house.restart()
    team.later(hours=1)
    team.quiet()
    assert len(team.said("AWS deletes it within 8 hours after that")) == 1


def test_a_copy_that_somebody_deletes_early_is_told(team: Team) -> None:
    team.copied("orders")
    (copy,) = team.copies()
    team.worlds.aws.world.delete_recovery_point(BACKUP, EU, "dr-vault", copy.arn)

    team.later(days=2)

    team.reads("is gone before its end")
    team.quiet()
    assert len(team.said("is gone before its end")) == 1


def test_a_backup_that_vanished_after_the_approval_starts_nothing(team: Team) -> None:
    arn = team.newest_backup("orders")
    team.pending("orders")
    team.worlds.aws.world.delete_recovery_point(PROD, US, "daily", arn)

    team.ben.click(team.question(), "Approve")

    team.reads("CB-1 cannot go ahead as things are", "This backup is not there any more.")
    team.whispered(team.ben, "so your click did not count")
    assert (team.state(), team.jobs()) == (RequestState.PENDING, [])


def test_a_vault_that_changed_after_the_approval_voids_it(team: Team) -> None:
    team.pending("orders")
    vault = team.worlds.aws.world.state.books(BACKUP, EU).vaults["dr-vault"]
    team.worlds.aws.world.delete_vault(BACKUP, EU, "dr-vault")
    team.worlds.aws.world.create_vault(BACKUP, EU, "dr-vault")
    anew = team.worlds.aws.world.state.books(BACKUP, EU).vaults["dr-vault"]
    anew.policy = vault.policy
    assert anew.key_arn != vault.key_arn

    team.ben.click(team.question(), "Approve")

    changed = team.reads("CB-1 has changed since it was asked for", "has changed since it was shown")
    assert (team.state(), team.jobs(), team.house.request("CB-1").round) == (RequestState.PENDING, [], 2)

    team.chris.click(changed, "Approve again")
    team.reads("Chris approved CB-1")
    team.becomes(RequestState.COMPLETED)


def test_two_copies_of_one_table_wait_for_each_other_and_both_end_well(team: Team) -> None:
    first, second = team.pending("orders"), team.pending("orders", keep=Keep.CENTURY)

    team.ben.click(team.question(first), "Approve")
    team.ben.click(team.question(second), "Approve")

    for request_id in (first, second):
        team.becomes(RequestState.COMPLETED, request_id)
        team.card_reads("Completed", request_id)
    assert len(team.jobs()) == 2
