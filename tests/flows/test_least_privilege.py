"""Under exactly the policies that `copy-backup iam` prints, everything works and nothing is ever denied."""

import json
from typing import Any

import pytest

from bot.aws.actions import ACTIONS, FREE
from bot.domain.requests import RequestState
from bot.domain.steps import StepState
from bot.iam import policies
from bot.sandbox.aws import Role
from bot.sandbox.aws.identity import create_role, find_role
from bot.sandbox.worlds import BACKUP, PROD, LocalWorlds
from bot.settings import load_settings
from tests.flows.conftest import MakeTeam
from tests.flows.forms import form
from tests.flows.house import LEAN
from tests.flows.orders import carried_out
from tests.flows.team import EU, US, Team

# Who the local AWS takes the bot for before it has assumed a role.
OURSELVES = f"arn:aws:iam::{PROD}:user/sandbox"


def grant(worlds: LocalWorlds) -> dict[str, Any]:
    """Give the accounts' roles and vaults these policies, and nothing else; what was printed."""
    settings = load_settings(worlds.environ(config=LEAN))
    printed = json.loads(json.dumps(policies(settings.policy.accounts, principal=OURSELVES)))
    for account in printed["accounts"].values():
        for part in ("bot_role", "copy_role"):
            put_role(account["account"], account[part])
    for books in worlds.aws.world.state.all_books():
        for vault in books.vaults.values():
            (policy,) = [one for one in printed["accounts"].values() if one["account"] == vault.account]
            vault.policy = json.dumps(policy["vault_access_policy"])
    return dict(printed)


def put_role(account: str, printed: dict[str, Any]) -> None:
    name = printed["arn"].partition(":role/")[2]
    create_role(account, Role(name, trusted=(), services=(), policies=[printed["policy"]]))
    role = find_role(printed["arn"])
    assert role is not None
    role.assume_role_policy_document = json.dumps(printed["trust_policy"])


@pytest.fixture
def team(worlds: LocalWorlds, make_team: MakeTeam) -> Team:
    grant(worlds)
    return make_team()


def nothing_was_denied(team: Team) -> None:
    team.quiet()
    assert [(call.operation, call.account, call.params) for call in team.worlds.aws.world.denied] == []
    known = {action.name for action in ACTIONS} | FREE | {"sts:AssumeRole"}
    assert {f"{call.service}:{call.operation}" for call in team.worlds.aws.world.calls} <= known


def test_the_main_job_needs_no_more(team: Team) -> None:
    team.ask("orders")
    team.ben.click(team.question(), "Approve")
    done = team.done()
    team.later(days=60)
    team.reads("from now")

    assert "Expires:" in team.text(done)
    # The settings that a restore needs are noted soon after the copy, which reads the table itself.
    team.wait(lambda: team.aws_calls("DescribeContinuousBackups"), "the table's settings to be noted")
    assert len(team.copies()) == 1
    nothing_was_denied(team)


def test_a_backup_made_now_a_longer_retention_and_a_drill_need_no_more(team: Team) -> None:
    team.worlds.aws.world.set_advanced(PROD, US, enabled=False)

    carried_out(team, "now orders to backup/eu-west-1/dr-vault keep 90d because the copy has to be of today.")
    team.wait(lambda: team.aws_calls("DescribeContinuousBackups"), "the table's settings to be noted")
    carried_out(team, "keep CB-1 400d because the audit takes longer.")
    sheet = form(team).begin("drill orders", "Copy it first to").pick("Copy it first to", "daily", redraws=False)
    request_id = sheet.write("Reason", "Once a quarter.").reviewed().sent(team)
    team.ben.click(team.question(request_id), "Approve")
    team.becomes(RequestState.COMPLETED, request_id)

    assert {step.state for step in team.house.request(request_id).steps} == {StepState.DONE}
    called = {call.operation for call in team.worlds.aws.world.calls}
    assert {"UpdateRegionSettings", "StartBackupJob", "UpdateRecoveryPointLifecycle"} <= called
    assert {"StartRestoreJob", "Scan", "TagResource", "DeleteTable"} <= called
    nothing_was_denied(team)


def test_a_new_vault_needs_no_more(team: Team) -> None:
    key = team.worlds.aws.world.state.books(BACKUP, EU).vaults["dr-vault"].key_arn

    carried_out(team, f"sequence orders to new backup/eu-west-1/audit key {key} keep 90d because of the audit.")

    assert {call.operation for call in team.worlds.aws.world.calls} >= {
        "CreateBackupVault",
        "PutBackupVaultAccessPolicy",
    }
    nothing_was_denied(team)


def without(worlds: LocalWorlds, missing: str) -> None:
    """All that is printed for the account of the tables, but for one permission."""
    printed = grant(worlds)["accounts"]["prod"]
    for statement in printed["bot_role"]["policy"]["Statement"]:
        statement["Action"] = [action for action in statement["Action"] if action != missing] or ["backup:Nothing"]
    put_role(printed["account"], printed["bot_role"])


def test_with_one_permission_less_the_local_aws_denies(worlds: LocalWorlds, make_team: MakeTeam) -> None:
    """Or else the tests above would prove nothing."""
    without(worlds, "backup:DescribeCopyJob")
    team = make_team()

    team.approved("orders")

    team.wait(lambda: worlds.aws.world.denied, "a denial")
    assert {call.operation for call in worlds.aws.world.denied} == {"DescribeCopyJob"}


@pytest.mark.parametrize("missing", ["backup:StartCopyJob", "iam:PassRole"])
def test_a_permission_that_is_missing_is_named_before_anybody_is_asked(
    worlds: LocalWorlds, make_team: MakeTeam, missing: str
) -> None:
    without(worlds, missing)

    walk = make_team().prepare("orders")

    assert f"may not {missing}" in walk.text
    assert walk.view.submit_text is None
