"""Copies over several hops and to several places: one approval, each hop where its source lies, never one twice."""

from datetime import timedelta

import pytest

from bot.domain.requests import RequestState
from bot.domain.steps import StepState
from bot.sandbox.worlds import BACKUP, PROD
from tests.flows.conftest import MakeTeam
from tests.flows.orders import CONFIG_WITH_ROUTES, FRANKFURT, approve, carried_out, order, points, states, vault
from tests.flows.team import EU, US, Team

CHAIN = "sequence orders to dr-chain keep 90d because the auditors want it far away."
D, F, W = StepState.DONE, StepState.FAILED, StepState.WAITING


@pytest.fixture
def config() -> str:
    return CONFIG_WITH_ROUTES


def test_a_chain_is_approved_once_and_each_hop_starts_where_its_source_lies(team: Team) -> None:
    request_id = carried_out(team, CHAIN)

    first, second = team.aws_calls("StartCopyJob")
    assert [(call.account, call.region) for call in (first, second)] == [(PROD, US), (BACKUP, EU)]
    (hop,) = points(team, EU, "dr-vault")
    assert second.params["RecoveryPointArn"] == hop.arn
    assert second.params["IamRoleArn"] == f"arn:aws:iam::{BACKUP}:role/service-role/AWSBackupDefaultServiceRole"
    assert (first.params["Lifecycle"], second.params["Lifecycle"]) == ({"DeleteAfterDays": 60}, {"DeleteAfterDays": 90})
    assert len(points(team, FRANKFURT, "dr-vault")) == 1
    assert states(team, request_id) == [D, D, D]
    team.card_reads("Completed")


def test_three_hops_through_a_new_vault_each_start_as_the_account_that_holds_the_copy_before(team: Team) -> None:
    key = vault(team, EU, "dr-vault").key_arn
    team.worlds.aws.world.create_vault(BACKUP, FRANKFURT, "last")

    request_id = carried_out(
        team,
        "sequence orders to backup/eu-west-1/dr-vault keep 60d"
        f" then new backup/eu-west-1/audit key {key} keep 70d"
        " then backup/eu-central-1/last keep 80d because three disasters.",
    )

    hops = [points(team, region, name)[0] for region, name in ((EU, "dr-vault"), (EU, "audit"), (FRANKFURT, "last"))]
    calls = team.aws_calls("StartCopyJob")
    assert [(call.account, call.region) for call in calls] == [(PROD, US), (BACKUP, EU), (BACKUP, EU)]
    assert [call.params["RecoveryPointArn"] for call in calls[1:]] == [hop.arn for hop in hops[:2]]
    assert [call.params["SourceBackupVaultName"] for call in calls] == ["daily", "dr-vault", "audit"]
    role = "role/service-role/AWSBackupDefaultServiceRole"
    assert [call.params["IamRoleArn"] for call in calls] == [
        f"arn:aws:iam::{account}:{role}" for account in (PROD, BACKUP, BACKUP)
    ]
    assert all(f"/{request_id}-" in call.caller for call in calls)
    (made,) = team.aws_calls("CreateBackupVault")
    assert (made.account, made.region) == (BACKUP, EU)
    assert (made.params["BackupVaultName"], made.params["EncryptionKeyArn"]) == ("audit", key)
    keys = [vault(team, region, name).key_arn for region, name in ((EU, "dr-vault"), (FRANKFURT, "last"))]
    assert [hop.key_arn for hop in hops] == [keys[0], key, keys[1]]
    assert [hop.lifecycle.delete_after for hop in hops] == [60, 70, 80]


def test_the_intermediate_copy_is_shortened_only_when_the_last_one_is_seen(team: Team) -> None:
    carried_out(team, CHAIN)

    (hop,) = points(team, EU, "dr-vault")
    (change,) = team.aws_calls("UpdateRecoveryPointLifecycle")
    assert (change.account, change.region) == (BACKUP, EU)
    assert hop.lifecycle.delete_after == 20
    calls = [call.operation for call in team.worlds.aws.world.calls]
    assert calls.index("UpdateRecoveryPointLifecycle") > max(i for i, c in enumerate(calls) if c == "StartCopyJob")
    team.reads("Done: change how long the backup of", "as AWS reports it")


def test_a_hop_that_fails_is_tried_again_without_the_hops_that_are_done(team: Team) -> None:
    request_id = order(team, CHAIN)
    world = team.worlds.aws.world
    world.hold_next_copies()
    approve(team, request_id)
    team.reads("The copy has started")
    world.release_copies()
    lost = world.faults.deny(BACKUP, "StartCopyJob")
    team.becomes(RequestState.PARTIAL, request_id)
    assert states(team, request_id) == [D, F, W]
    lost.lift()

    team.ben.click(team.reads("The copy failed"), "Try again")

    team.becomes(RequestState.COMPLETED, request_id)
    assert [call.account for call in team.aws_calls("StartCopyJob") if call.outcome == "OK"] == [PROD, BACKUP]
    assert len(points(team, EU, "dr-vault")) == 1


@pytest.mark.parametrize("hop", [1, 2])
def test_a_chain_goes_on_after_a_kill_in_the_middle_of_each_hop(team: Team, hop: int) -> None:
    world = team.worlds.aws.world
    world.job_timing(created=timedelta(0), running=timedelta(minutes=3))
    request_id = order(team, CHAIN)
    approve(team, request_id)
    for number in range(1, hop + 1):
        _started(team, number)
        if number < hop:
            team.later(minutes=4)
    team.house.stop()
    team.later(minutes=10)

    team.house.start()

    _started(team, 2)
    team.later(minutes=10)
    team.becomes(RequestState.COMPLETED, request_id)
    assert len(team.aws_calls("StartCopyJob")) == 2
    assert (len(points(team, EU, "dr-vault")), len(points(team, FRANKFURT, "dr-vault"))) == (1, 1)


def test_several_destinations_are_served_one_after_the_other_and_that_is_said(team: Team) -> None:
    request_id = carried_out(
        team, "sequence orders to backup/eu-west-1/dr-vault, backup/eu-central-1/dr-vault keep 90d because both."
    )

    team.reads("one backup or copy of a table at a time", "another step of this plan")
    jobs = sorted(team.jobs(), key=lambda job: job["CreationDate"])
    assert len(jobs) == 2
    assert jobs[1]["CreationDate"] >= jobs[0]["CompletionDate"]
    assert states(team, request_id) == [D, D]


def test_where_the_first_of_two_places_failed_the_last_word_offers_to_try_it_again(team: Team) -> None:
    request_id = order(
        team, "sequence orders to backup/eu-west-1/dr-vault, backup/eu-central-1/dr-vault keep 90d because both."
    )
    team.worlds.aws.world.fail_next_copy("An internal error occurred.", "FATAL_ERROR")
    approve(team, request_id)
    team.becomes(RequestState.PARTIAL, request_id)
    # Which of the two comes first is nobody's business.
    assert set(states(team, request_id)) == {F, D}

    team.ben.click(team.reads("Not all of", request_id, "is done"), "Try again")

    team.becomes(RequestState.COMPLETED, request_id)
    assert (len(points(team, EU, "dr-vault")), len(points(team, FRANKFURT, "dr-vault"))) == (1, 1)
    assert len(team.jobs()) == 3


def test_an_order_that_slack_delivers_twice_is_one_request(team: Team) -> None:
    team.worlds.slack.faults.deliver_twice()

    team.anna.command(f"/copy-backup {CHAIN}")

    team.question()
    team.quiet()
    assert team.house.request_ids() == ["CB-1"]


def test_a_hop_whose_account_cannot_be_entered_is_told_before_anybody_is_asked(make_team: MakeTeam) -> None:
    role = f"arn:aws:iam::{BACKUP}:role/"
    team = make_team(config=CONFIG_WITH_ROUTES.replace(f"{role}CopyBackupBot", f"{role}NobodyThere"))

    team.anna.command(f"/copy-backup {CHAIN}")

    told = team.whispered(team.anna, "cannot enter it")
    assert f"{role}NobodyThere" in team.text(told)
    assert team.house.request_ids() == []


def _started(team: Team, hops: int) -> None:
    team.wait(lambda: len(team.aws_calls("StartCopyJob")) == hops, f"{hops} hops to be started")
