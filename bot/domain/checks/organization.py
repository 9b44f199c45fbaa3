"""Judge what lies above the accounts: one organization, its switch for copies, its control policies."""

from collections.abc import Sequence

from bot.domain.admission import FROM, INTO
from bot.domain.findings import AT_START, Finding, Level, fine, unseen
from bot.domain.params import CopyParams
from bot.domain.remedies import command, run_in
from bot.domain.surroundings import Organization, Permission

SWITCH = command("backup", "update-global-settings", "--global-settings", "isCrossAccountBackupEnabled=true")


def one_organization(params: CopyParams, here: Organization | None, there: Organization | None) -> Finding:
    """Copies to another account stay within one organization."""
    source, place = params.point.vault.account, params.destination.account
    if source == place:
        return _within(params, "organization")
    evidence = f"DescribeOrganization from {source}: {_id(here)}; from {place}: {_id(there)}"
    if here is not None and there is not None and here.id == there.id:
        return fine("organization", f"Both accounts are in the organization {here.id}.", evidence)
    return Finding(
        "two-organizations",
        Level.FAIL,
        f"Account {source} is in {_of(here)} and account {place} in {_of(there)}; AWS copies between the accounts of "
        "one organization only.",
        "Choose a vault of an account in the same organization.",
        evidence,
    )


def switch(params: CopyParams, enabled: bool | None, manager: str) -> Finding:
    """The organization's management account allows copies to other accounts once, for all."""
    source, place = params.point.vault.account, params.destination.account
    if source == place:
        return _within(params, "cross-account")
    evidence = f"DescribeGlobalSettings: isCrossAccountBackupEnabled {enabled}"
    if enabled:
        return fine("cross-account", "The organization allows copies to other accounts.", evidence)
    where = run_in(manager, SWITCH) if manager else f"In the organization's management account run `{SWITCH}`."
    if enabled is None:
        return unseen(
            "cross-account-unseen",
            "AWS did not tell whether copies to other accounts are on.",
            evidence,
            f"{AT_START} To be sure before, somebody with access to the management account switches them on. {where}",
        )
    return Finding(
        "cross-account-off",
        Level.FAIL,
        "Copies to other accounts are switched off in the organization.",
        f"Somebody with access to the management account switches them on. {where}",
        evidence,
    )


def control_policies(params: CopyParams, permissions: Sequence[Permission], manager: str) -> tuple[Finding, ...]:
    """Service control and resource control policies: hardly ever readable, so hardly ever fine.

    IAM's simulation knows service control policies only, and only those over the copy role's own account.
    """
    source, place = params.point.vault.account, params.destination.account
    who = f"the management account {manager}" if manager else "the organization's management account"
    allowed = {one.action for one in permissions if one.by_organization}
    nothing = f"Nothing needs doing unless the copy is denied; then ask who answers for {who}."
    evidence = f"SimulatePrincipalPolicy of {params.role_arn}"
    if any(one.by_organization is False for one in permissions):
        return (
            Finding(
                "control-policy-denies",
                Level.FAIL,
                f"A service control policy of the organization denies the copy role of account {source} this copy.",
                f"Ask who answers for {who} to allow backup:CopyFromBackupVault and backup:CopyIntoBackupVault "
                f"for {params.role_arn}.",
                evidence,
                overridable=True,
            ),
        )
    if {FROM, INTO} <= allowed and source == place:
        return (
            fine("control-policies", "The organization's service control policies allow the copy.", evidence),
            unseen(
                "resource-control-policies-unseen",
                "I could not see whether a resource control policy denies this copy; that shows only when it starts.",
                "Such policies are not readable from member accounts",
                nothing,
            ),
        )
    return (
        unseen(
            "control-policies-unseen",
            "I could not see whether a service control policy, resource control policy or permission boundary denies "
            "this copy; that shows only when it starts.",
            "Such policies are not readable from member accounts",
            nothing,
        ),
    )


def _within(params: CopyParams, code: str) -> Finding:
    account = params.destination.account
    return fine(code, f"The copy stays within account {account}.", f"Both vaults are of account {account}")


def _id(organization: Organization | None) -> str:
    return organization.id if organization else "none"


def _of(organization: Organization | None) -> str:
    return f"the organization {organization.id}" if organization else "no organization"
