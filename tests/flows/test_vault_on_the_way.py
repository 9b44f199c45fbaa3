"""A vault that is not there yet is made on the way, once, lets exactly the copy role in, and takes the copy."""

import json

import pytest

from bot.domain.requests import RequestState
from bot.sandbox.worlds import BACKUP, PROD
from tests.flows.orders import approve, carried_out, order, points, vault
from tests.flows.team import EU, Team

ROLE = f"arn:aws:iam::{PROD}:role/service-role/AWSBackupDefaultServiceRole"


@pytest.fixture
def words(team: Team) -> str:
    key = vault(team, EU, "dr-vault").key_arn
    return f"sequence orders to new backup/eu-west-1/audit key {key} keep 90d because the audit has a vault of its own."


def test_the_vault_is_made_lets_the_copy_role_in_and_takes_the_copy(team: Team, words: str) -> None:
    carried_out(team, words)

    made = vault(team, EU, "audit")
    (statement,) = json.loads(made.policy)["Statement"]
    assert made.key_arn == vault(team, EU, "dr-vault").key_arn
    assert (statement["Principal"], statement["Action"]) == ({"AWS": [ROLE]}, "backup:CopyIntoBackupVault")
    assert len(points(team, EU, "audit")) == 1
    team.reads("Done: create the vault", ROLE)


def test_for_another_account_a_key_of_its_own_is_asked_for(team: Team) -> None:
    team.anna.command("/copy-backup sequence orders to new backup/eu-west-1/audit keep 90d because of the audit.")

    team.whispered(team.anna, "needs a customer managed key")
    assert (team.house.request_ids(), vault(team, EU, "audit")) == ([], None)


def test_a_key_that_is_not_there_is_told_before_anybody_is_asked(team: Team) -> None:
    words = f"sequence orders to new backup/eu-west-1/audit key arn:aws:kms:{EU}:{BACKUP}:key/abc keep 90d because y"
    team.anna.command(f"/copy-backup {words}")

    team.whispered(team.anna, "The key of the new vault audit does not exist")
    assert (team.house.request_ids(), vault(team, EU, "audit")) == ([], None)


@pytest.mark.parametrize("operation", ["CreateBackupVault", "PutBackupVaultAccessPolicy"])
def test_a_bot_that_died_while_making_it_goes_on_with_the_same_vault(team: Team, words: str, operation: str) -> None:
    request_id = order(team, words)
    lost = team.worlds.aws.world.faults.lose_response(operation, times=None)
    approve(team, request_id)
    team.wait(lambda: lost.hits, f"{operation} without an answer")
    team.house.stop()
    lost.lift()
    team.later(minutes=6)

    team.house.start()

    team.becomes(RequestState.COMPLETED, request_id)
    creators = {call.params["CreatorRequestId"] for call in team.aws_calls("CreateBackupVault")}
    assert creators == {vault(team, EU, "audit").creator_request_id}
    assert len(json.loads(vault(team, EU, "audit").policy)["Statement"]) == 1
    assert len(points(team, EU, "audit")) == 1


def test_a_vault_that_somebody_else_made_meanwhile_is_left_alone(team: Team, words: str) -> None:
    request_id = order(team, words)
    team.worlds.aws.world.create_vault(BACKUP, EU, "audit")

    approve(team, request_id)

    team.reads("cannot be approved now", "which this request did not make")
    assert (team.state(request_id), vault(team, EU, "audit").policy) == (RequestState.PENDING, None)
    assert team.jobs() == []


def test_a_policy_that_aws_refused_is_tried_again_on_the_same_vault(team: Team, words: str) -> None:
    request_id = order(team, words)
    denied = team.worlds.aws.world.faults.deny(BACKUP, "PutBackupVaultAccessPolicy")
    approve(team, request_id)
    failed = team.reads("A step failed", "What to do:")
    denied.lift()

    team.ben.click(failed, "Try again")

    team.becomes(RequestState.COMPLETED, request_id)
    assert len(points(team, EU, "audit")) == 1
