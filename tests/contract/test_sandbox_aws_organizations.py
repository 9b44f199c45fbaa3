"""AWS Organizations in the local AWS: the manager sees all, a member itself, an outsider that there is none."""

import pytest

from tests.contract import sandbox_aws_trial
from tests.contract.sandbox_aws_trial import BACKUP, PROD, Trial, refused

local, local_worlds = sandbox_aws_trial.local, sandbox_aws_trial.local_worlds

OUTSIDER = "333333333333"


@pytest.fixture
def placed(local: Trial) -> Trial:
    local.two_accounts()
    local.world.add_account(OUTSIDER, organization=None)
    return local


def test_manager_and_member_describe_the_same_organization(placed: Trial) -> None:
    told = [placed.client("organizations", account).describe_organization() for account in (PROD, BACKUP)]

    assert {answer["Organization"]["Id"] for answer in told} == {"o-local"}
    assert {answer["Organization"]["MasterAccountId"] for answer in told} == {PROD}


def test_the_manager_lists_its_accounts(placed: Trial) -> None:
    accounts = placed.client("organizations").list_accounts()["Accounts"]

    assert {account["Id"] for account in accounts} == {PROD, BACKUP}
    assert {account["Status"] for account in accounts} == {"ACTIVE"}
    assert all(account["Arn"].endswith(f":account/o-local/{account['Id']}") for account in accounts)


def test_a_member_may_not_list_accounts(placed: Trial) -> None:
    with refused("AccessDeniedException", "You don't have permissions"):
        placed.client("organizations", BACKUP).list_accounts()


@pytest.mark.parametrize("operation", ["describe_organization", "list_accounts"])
def test_an_account_outside_is_told_that_there_is_none(placed: Trial, operation: str) -> None:
    with refused("AWSOrganizationsNotInUseException", "Your account is not a member of an organization."):
        getattr(placed.client("organizations", OUTSIDER), operation)()


def test_an_account_that_moved_is_seen_where_it_is_now(placed: Trial) -> None:
    placed.world.add_account(BACKUP, organization="o-other")

    described = placed.client("organizations", BACKUP).describe_organization()["Organization"]
    accounts = placed.client("organizations").list_accounts()["Accounts"]

    assert (described["Id"], described["MasterAccountId"]) == ("o-other", BACKUP)
    assert [account["Id"] for account in accounts] == [PROD]


def test_an_organization_without_its_manager_is_managed_by_the_next_member(placed: Trial) -> None:
    placed.world.add_account(PROD, organization=None)

    described = placed.client("organizations", BACKUP).describe_organization()["Organization"]

    assert described["MasterAccountId"] == BACKUP
    with refused("AWSOrganizationsNotInUseException"):
        placed.client("organizations", PROD).describe_organization()
