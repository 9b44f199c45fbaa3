"""Service control policies and tag policies of the local AWS: whom they bind, and in which words they refuse."""

from typing import Any

import pytest

from bot.sandbox.aws import Role
from tests.contract import sandbox_aws_trial
from tests.contract.sandbox_aws_trial import BACKUP, COPY_ROLE, EU, PROD, US, Trial, copy_policy, refused, why

local, local_worlds = sandbox_aws_trial.local, sandbox_aws_trial.local_worlds

DENIED = ("Access Denied trying to call AWS Backup service", "ACCESS_DENIED")
SCP = "with an explicit deny in a service control policy"


def deny(action: str, **more: Any) -> dict[str, Any]:
    return copy_policy({"Effect": "Deny", "Action": action, "Resource": "*", **more})


def only(values: list[str], key: str = "team", **more: Any) -> dict[str, Any]:
    """A tag policy as Organizations writes it, enforced on recovery points unless told otherwise."""
    rule = {"tag_value": {"@@assign": values}, "enforced_for": {"@@assign": ["backup:recovery-point"]}}
    return {"tags": {key: {"tag_key": {"@@assign": key}, **rule, **more}}}


@pytest.fixture
def member(local: Trial) -> Trial:
    """Two accounts, of which BACKUP manages the organization, so that a policy binds PROD."""
    local.two_accounts()
    local.world.add_account(PROD, organization=None, roles=())
    local.world.add_account(PROD, roles=())
    return local


def test_a_service_control_policy_denies_in_awss_words_what_no_policy_of_iam_can_allow(member: Trial) -> None:
    everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    member.world.add_account(PROD, roles=[Role("CopyBackupBot", policies=[everything])])
    session = member.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{PROD}:role/CopyBackupBot", RoleSessionName="copy-backup"
    )
    bot, point = member.client_of(session["Credentials"]), member.backup_of()
    member.world.set_control_policy(PROD, deny("backup:StartCopyJob"))

    who = f"User: arn:aws:sts::{PROD}:assumed-role/CopyBackupBot/copy-backup"
    with refused(
        "AccessDeniedException",
        f"{who} is not authorized to perform: backup:StartCopyJob on resource: {point} {SCP}",
        status=403,
    ):
        bot.start_copy_job(
            RecoveryPointArn=point,
            SourceBackupVaultName="daily",
            DestinationBackupVaultArn=member.vaults["safe"],
            IamRoleArn=COPY_ROLE,
        )
    assert bot.list_backup_vaults()["BackupVaultList"]
    assert member.world.copy_jobs(PROD, US) == []


def test_it_is_judged_before_the_roles_own_policies(member: Trial) -> None:
    nothing = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
    member.world.add_account(PROD, roles=[Role("CopyBackupBot", policies=[nothing])])
    session = member.client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{PROD}:role/CopyBackupBot", RoleSessionName="copy-backup"
    )
    member.world.set_control_policy(PROD, deny("backup:ListBackupVaults"))

    with refused("AccessDeniedException", SCP):
        member.client_of(session["Credentials"]).list_backup_vaults()


def test_it_forbids_passing_a_role_too(member: Trial) -> None:
    passes = {"StringEquals": {"iam:PassedToService": "backup.amazonaws.com"}}
    member.world.set_control_policy(PROD, deny("iam:PassRole", Condition=passes))

    with refused("AccessDeniedException", f"iam:PassRole on resource: {COPY_ROLE} {SCP}"):
        member.start_copy(member.backup_of())


def test_who_one_is_may_be_asked_whatever_it_says_and_taken_off_it_denies_nothing(member: Trial) -> None:
    member.world.set_control_policy(PROD, deny("*"))
    assert member.client("sts").get_caller_identity()["Account"] == PROD

    member.world.set_control_policy(PROD, None)

    assert member.copy(member.backup_of())["State"] == "COMPLETED"


@pytest.mark.parametrize("action", ["backup:CopyFromBackupVault", "backup:CopyIntoBackupVault"])
def test_a_denial_of_the_copy_role_shows_in_the_job_as_any_other(member: Trial, action: str) -> None:
    member.world.set_control_policy(PROD, deny(action))

    assert why(member.copy(member.backup_of())) == DENIED


def test_the_destinations_of_copies_can_be_bounded(member: Trial) -> None:
    abroad = {"ForAllValues:ArnNotLike": {"backup:CopyTargets": [f"arn:aws:backup:*:{PROD}:backup-vault:*"]}}
    near = member.world.create_vault(PROD, EU, "near")
    member.world.set_control_policy(PROD, deny("backup:CopyFromBackupVault", Condition=abroad))

    assert why(member.copy(member.backup_of())) == DENIED
    assert member.copy(member.backup_of("carts"), DestinationBackupVaultArn=near)["State"] == "COMPLETED"


def test_the_manager_of_an_organization_and_whoever_is_in_none_are_spared(member: Trial) -> None:
    for account in (BACKUP, "333333333333"):
        member.world.add_account(account, organization="o-local" if account == BACKUP else None, roles=())
        member.world.set_control_policy(account, deny("*"))

        assert "BackupVaultList" in member.client(account=account, region=EU).list_backup_vaults()


def test_iams_simulation_tells_what_the_organization_denies(member: Trial) -> None:
    member.world.set_control_policy(PROD, deny("backup:CopyIntoBackupVault"))
    asked = {"PolicySourceArn": COPY_ROLE, "ActionNames": ["backup:CopyFromBackupVault", "backup:CopyIntoBackupVault"]}

    bound = member.client("iam").simulate_principal_policy(**asked)["EvaluationResults"]
    member.world.set_control_policy(PROD, None)
    free = member.client("iam").simulate_principal_policy(**asked)["EvaluationResults"]

    assert [(one["EvalDecision"], one["OrganizationsDecisionDetail"]["AllowedByOrganizations"]) for one in bound] == [
        ("allowed", True),
        ("explicitDeny", False),
    ]
    assert ["OrganizationsDecisionDetail" in one for one in free] == [False, False]


def test_a_tag_policy_refuses_a_value_it_does_not_allow_and_no_other(local: Trial) -> None:
    local.two_accounts()
    point = local.backup_of()
    local.world.set_tag_policy(PROD, only(["checkout", "ops-*"]))

    with refused(
        "InvalidParameterValueException", "does not allow the specified value for the following tag key: 'team'"
    ):
        local.client().tag_resource(ResourceArn=point, Tags={"team": "nobody"})
    for tags in ({"team": "checkout"}, {"team": "ops-2"}, {"owner": "nobody"}):
        local.client().tag_resource(ResourceArn=point, Tags=tags)

    assert local.client().list_tags(ResourceArn=point)["Tags"] == {"team": "ops-2", "owner": "nobody"}


def test_a_tag_policy_of_the_destination_fails_the_copy_whose_tags_it_refuses(local: Trial) -> None:
    local.two_accounts()
    local.world.set_tag_policy(BACKUP, only(["checkout"]))

    message, _ = why(local.copy(local.backup_of(tags={"team": "nobody"})))

    assert message == (
        "Copy job failed. The tag policy does not allow the specified value for the following tag key: 'team'."
    )
    assert local.copies() == []
    assert local.copy(local.backup_of("carts", tags={"team": "checkout"}))["State"] == "COMPLETED"
    assert local.copy(local.backup_of("users"))["State"] == "COMPLETED"


@pytest.mark.parametrize("policy", [None, only(["checkout"], enforced_for={"@@assign": []}), {"tags": {}}])
def test_a_tag_policy_that_is_not_enforced_only_reports(local: Trial, policy: dict[str, Any] | None) -> None:
    local.two_accounts()
    local.world.set_tag_policy(BACKUP, only(["checkout"]))
    local.world.set_tag_policy(BACKUP, policy)

    assert local.copy(local.backup_of(tags={"team": "nobody"}))["State"] == "COMPLETED"


@pytest.mark.parametrize("policy", [{}, {"tags": ["team"]}, {"tags": {"team": "checkout"}}])
def test_what_is_no_tag_policy_is_not_kept(local: Trial, policy: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="tag policy"):
        local.world.set_tag_policy(PROD, policy)


def test_a_reset_takes_all_of_them_off(member: Trial) -> None:
    member.world.set_control_policy(PROD, deny("*"))
    member.world.reset()
    member.world.add_account(BACKUP)

    assert member.client().list_backup_vaults()["BackupVaultList"] == []
