"""Accounts, roles, organizations and switches of the local AWS."""

import pytest

from bot.sandbox.aws import Role
from tests.contract import sandbox_aws_trial
from tests.contract.sandbox_aws_trial import BACKUP, COPY_ROLE, EU, PROD, US, Trial, refused, why

local, local_worlds = sandbox_aws_trial.local, sandbox_aws_trial.local_worlds

BOT = f"arn:aws:iam::{BACKUP}:role/CopyBackupBot"


def test_unknown_credentials_belong_to_the_home_account(local: Trial) -> None:
    stranger = {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "SecretAccessKey": "x", "SessionToken": "x"}
    assert local.client_of(stranger, "sts").get_caller_identity()["Account"] == PROD


def test_an_assumed_role_acts_in_its_account(local: Trial) -> None:
    local.two_accounts()

    answer = local.client("sts").assume_role(RoleArn=BOT, RoleSessionName="copy-backup")

    identity = local.client_of(answer["Credentials"], "sts").get_caller_identity()
    vaults = local.client_of(answer["Credentials"], region=EU).list_backup_vaults()["BackupVaultList"]
    assert identity["Arn"] == f"arn:aws:sts::{BACKUP}:assumed-role/CopyBackupBot/copy-backup"
    assert [vault["BackupVaultName"] for vault in vaults] == ["safe"]


def test_a_role_that_does_not_exist_is_refused_in_aws_words(local: Trial) -> None:
    local.two_accounts()
    missing = f"arn:aws:iam::{BACKUP}:role/Nobody"
    text = f"is not authorized to perform: sts:AssumeRole on resource: {missing}"
    with refused("AccessDenied", text, status=403):
        local.client("sts").assume_role(RoleArn=missing, RoleSessionName="copy-backup")


def test_an_account_that_was_never_added_has_no_roles(local: Trial) -> None:
    with refused("AccessDenied", status=403):
        local.client("sts").assume_role(RoleArn=BOT, RoleSessionName="copy-backup")


@pytest.mark.parametrize("given", [{}, {"ExternalId": "wrong"}])
def test_a_role_may_demand_an_external_id(local: Trial, given: dict[str, str]) -> None:
    local.world.add_account(BACKUP, roles=[Role("CopyBackupBot", external_id="s3cr3t")])
    sts = local.client("sts")

    assert sts.assume_role(RoleArn=BOT, RoleSessionName="copy-backup", ExternalId="s3cr3t")["Credentials"]
    with refused("AccessDenied", "sts:AssumeRole", status=403):
        sts.assume_role(RoleArn=BOT, RoleSessionName="copy-backup", **given)


def test_a_role_that_demands_no_external_id_takes_any(local: Trial) -> None:
    local.two_accounts()
    answer = local.client("sts").assume_role(RoleArn=BOT, RoleSessionName="copy-backup", ExternalId="any")
    assert answer["Credentials"]


def test_a_role_may_trust_one_account_only(local: Trial) -> None:
    local.two_accounts()
    local.world.add_account("333333333333")
    local.world.add_account(BACKUP, roles=[Role("CopyBackupBot", trusted=[f"arn:aws:iam::{PROD}:root"])])

    assert local.client("sts").assume_role(RoleArn=BOT, RoleSessionName="copy-backup")
    with refused("AccessDenied"):
        local.client("sts", "333333333333").assume_role(RoleArn=BOT, RoleSessionName="copy-backup")


def test_roles_are_seen_by_iam(local: Trial) -> None:
    role = local.client("iam").get_role(RoleName="AWSBackupDefaultServiceRole")["Role"]
    assert role["Arn"] == COPY_ROLE
    assert "backup.amazonaws.com" in str(role["AssumeRolePolicyDocument"])


def test_a_role_that_does_not_trust_aws_backup_cannot_carry_a_copy(local: Trial) -> None:
    local.two_accounts()
    local.world.add_account(PROD, roles=[Role("HumansOnly", services=())])
    role = f"arn:aws:iam::{PROD}:role/HumansOnly"
    assert why(local.copy(local.backup_of(), IamRoleArn=role))[0] == f"{role} cannot be assumed by AWS Backup"


def test_a_copy_role_with_policies_must_be_allowed_both_sides_of_the_copy(local: Trial) -> None:
    local.two_accounts()
    one_side = {"Effect": "Allow", "Action": "backup:CopyFromBackupVault", "Resource": "*"}
    both = {"Effect": "Allow", "Action": "backup:Copy*", "Resource": "*"}
    roles = [Role("Half", policies=[{"Statement": one_side}]), Role("Whole", policies=[{"Statement": [both]}])]
    local.world.add_account(PROD, roles=roles)

    half = local.copy(local.backup_of(), IamRoleArn=f"arn:aws:iam::{PROD}:role/Half")
    whole = local.copy(local.backup_of(), IamRoleArn=f"arn:aws:iam::{PROD}:role/Whole")

    assert why(half) == ("Access Denied trying to call AWS Backup service", "ACCESS_DENIED")
    assert whole["State"] == "COMPLETED"


def test_both_sides_describe_the_same_organization(local: Trial) -> None:
    local.two_accounts()
    here = local.client("organizations").describe_organization()["Organization"]
    there = local.client("organizations", BACKUP).describe_organization()["Organization"]
    assert here["Id"] == there["Id"] == "o-local"
    assert here["MasterAccountId"] == PROD


def test_an_account_outside_any_organization_describes_none(local: Trial) -> None:
    local.world.add_account(BACKUP, organization=None)
    with refused("AWSOrganizationsNotInUseException"):
        local.client("organizations", BACKUP).describe_organization()
    with refused("InvalidRequestException", status=400):
        local.client(account=BACKUP).describe_global_settings()


def test_members_read_the_switch_and_the_management_account_sets_it(local: Trial) -> None:
    local.two_accounts()
    off = {"isCrossAccountBackupEnabled": "false"}

    with refused("InvalidRequestException", status=400):
        local.client(account=BACKUP).update_global_settings(GlobalSettings=off)
    local.client().update_global_settings(GlobalSettings=off)

    assert local.client(account=BACKUP).describe_global_settings()["GlobalSettings"] == off


def test_region_settings_are_kept_per_account_and_region(local: Trial) -> None:
    local.client().update_region_settings(
        ResourceTypeOptInPreference={"DynamoDB": True, "EFS": False},
        ResourceTypeManagementPreference={"DynamoDB": False},
    )

    here = local.client().describe_region_settings()
    elsewhere = local.client(region=EU).describe_region_settings()

    assert here["ResourceTypeOptInPreference"] == {"DynamoDB": True, "EFS": False}
    assert here["ResourceTypeManagementPreference"] == {"DynamoDB": False}
    assert elsewhere["ResourceTypeManagementPreference"] == {"DynamoDB": True}


def test_an_unknown_resource_type_is_no_setting(local: Trial) -> None:
    with refused("InvalidParameterValueException", "DescribeRegionSettings", status=400):
        local.client().update_region_settings(ResourceTypeOptInPreference={"Dynamo": True})


def test_a_reset_forgets_everything_but_the_home_account(local: Trial) -> None:
    local.two_accounts()
    local.world.create_table(PROD, US, "orders")
    local.copy(local.backup_of())
    local.world.faults.throttle()

    local.world.reset()

    assert local.client().list_backup_vaults()["BackupVaultList"] == []
    assert local.client().list_copy_jobs()["CopyJobs"] == []
    assert local.client("dynamodb").list_tables()["TableNames"] == []
    with refused("AWSOrganizationsNotInUseException"):
        local.client("organizations", BACKUP).describe_organization()
    assert local.client("organizations").describe_organization()["Organization"]["MasterAccountId"] == PROD
