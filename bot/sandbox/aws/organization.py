"""Accounts and organizations of the local AWS, shown to `organizations:Describe*` through moto."""

from dataclasses import dataclass

from moto.organizations.models import FakeAccount, OrganizationsBackend, organizations_backends

from bot.sandbox.aws.errors import AwsError
from bot.sandbox.aws.policies import Caller

# What an account that is only a member may ask.
_OF_MEMBERS = {"DescribeOrganization", "LeaveOrganization"}


@dataclass
class Organization:
    """One organization; the cross-account switch belongs to its management account."""

    id: str
    management_account: str
    cross_account_backup: bool = True

    @property
    def root_id(self) -> str:
        return f"r-{self.id.removeprefix('o-')[:4]}"


@dataclass
class Account:
    """One account and where it sits; `unit` is the path of organizational units below the root."""

    id: str
    organization: str | None
    unit: str = ""


class Directory:
    """Know which accounts exist and which organization each is in."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.organizations: dict[str, Organization] = {}

    def place(self, account_id: str, organization: str | None, *, unit: str = "") -> Account:
        """Put an account into an organization (the first one there manages it) or outside of any."""
        self.accounts[account_id] = account = Account(account_id, organization, unit)
        self._replace_managers()
        if organization and organization not in self.organizations:
            self.organizations[organization] = Organization(organization, account_id)
        self._publish()
        return account

    def check(self, account_id: str, operation: str) -> None:
        """Refuse what AWS Organizations does not answer to this account."""
        organization = self.organization_of(account_id)
        if organization is None:
            if operation != "CreateOrganization":
                raise AwsError("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
        elif organization.management_account != account_id and operation not in _OF_MEMBERS:
            raise AwsError("AccessDeniedException", "You don't have permissions to access this resource.")

    def organization_of(self, account_id: str) -> Organization | None:
        account = self.accounts.get(account_id)
        return self.organizations.get(account.organization or "") if account else None

    def caller(self, arn: str, account_id: str, **extra: str) -> Caller:
        """Describe a principal with the organization keys that policies ask for."""
        organization = self.organization_of(account_id)
        if organization is None:
            return Caller(arn, account_id, extra=extra)
        unit = self.accounts[account_id].unit.strip("/")
        path = f"{organization.id}/{organization.root_id}/" + (f"{unit}/" if unit else "")
        return Caller(arn, account_id, organization.id, path, extra)

    def _replace_managers(self) -> None:
        """Let another member manage an organization whose manager was moved away, or dissolve it."""
        for organization in list(self.organizations.values()):
            members = self._members(organization)
            if not members:
                del self.organizations[organization.id]
            elif organization.management_account not in members:
                organization.management_account = members[0]

    def _members(self, organization: Organization) -> list[str]:
        return [account.id for account in self.accounts.values() if account.organization == organization.id]

    def _publish(self) -> None:
        organizations_backends.clear()
        organizations_backends.master_accounts.clear()
        for organization in self.organizations.values():
            self._publish_one(organization)

    def _publish_one(self, organization: Organization) -> None:
        backend: OrganizationsBackend = organizations_backends[organization.management_account]["aws"]
        backend.create_organization(region="us-east-1", FeatureSet="ALL")
        if backend.org is not None:
            backend.org.id = organization.id
        for account in backend.accounts:
            account.organization_id = organization.id
        for member in self._members(organization):
            if member != organization.management_account:
                self._publish_member(backend, organization, member)

    def _publish_member(self, backend: OrganizationsBackend, organization: Organization, member: str) -> None:
        backend.create_account(AccountName=f"account-{member}", Email=f"{member}@accounts.example")
        account: FakeAccount = backend.accounts[-1]
        organizations_backends.master_accounts.pop(account.id, None)
        account.id = member
        organizations_backends.master_accounts[member] = (organization.management_account, "aws")
