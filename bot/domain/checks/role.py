"""Judge the copy role: it is there, AWS Backup may assume it, it may copy, and the bot may pass it on."""

from collections.abc import Mapping, Sequence

from bot.domain.admission import FROM, INTO
from bot.domain.findings import AT_START, Finding, Level, fine, unseen
from bot.domain.params import CopyParams
from bot.domain.policies import Caller, Opinion, Verdict, judge
from bot.domain.remedies import BACKUP_SERVICE, make_role, permit, permits, trust_backup
from bot.domain.surroundings import Permission, Role

PASS, START = "iam:PassRole", "backup:StartCopyJob"
TO_BACKUP = {"iam:PassedToService": BACKUP_SERVICE}


def missing_role(params: CopyParams) -> Finding:
    """The default service role is absent where vaults were made by code and nobody opened the console."""
    return Finding(
        "role-missing",
        Level.FAIL,
        f"The copy role {params.role_arn} does not exist.",
        f"Create it. {make_role(params.role_arn)}",
        f"GetRole of {params.role_arn}",
        overridable=True,
    )


def trusts_backup(role: Role) -> Verdict:
    """Whether a role's trust policy lets AWS Backup assume it."""
    return judge(role.trust, Caller(BACKUP_SERVICE), "sts:AssumeRole", role.arn)


def trust(params: CopyParams, role: Role) -> Finding:
    """AWS Backup itself has to be able to assume the copy role."""
    verdict = trusts_backup(role)
    evidence = f"GetRole of {params.role_arn}: its trust policy"
    if verdict.opinion is Opinion.ALLOWS:
        return fine("role", "The copy role is there and trusts AWS Backup.", evidence)
    if verdict.opinion is Opinion.UNCLEAR:
        return unseen(
            "role-trust-unclear",
            f"I could not judge the copy role's trust policy: {verdict.because}.",
            evidence,
            f"{AT_START} To be sure before, change the policy. {trust_backup(params.role_arn, role.trust)}",
        )
    return Finding(
        "role-not-trusting",
        Level.FAIL,
        f"The copy role {params.role_arn} does not let AWS Backup assume it.",
        f"Change its trust policy. {trust_backup(params.role_arn, role.trust)}",
        evidence,
        overridable=True,
    )


def may_copy(params: CopyParams, permissions: Sequence[Permission]) -> Finding:
    """AWS checks the rights to copy on the copy role, not on whoever starts the job."""
    resources = {FROM: params.point.arn, INTO: params.destination.arn}
    evidence = f"SimulatePrincipalPolicy of {params.role_arn}"
    lacking = _lacking(permissions, resources)
    if not lacking:
        may = "The copy role may copy from the source and into the destination."
        if _forbidden(permissions):
            may = "The copy role's own policies let it copy; what the organization denies is told by itself."
        return fine("role-permissions", may, evidence)
    # A copy in the future is of another backup, so the permission is for each backup of the account.
    every = params.point.arn.rpartition(":")[0] + ":*"
    wanted = {action: every if action == FROM else resource for action, resource in lacking.items()}
    place = params.destination
    # Of its own name, since an inline policy of the same name would be replaced with what it allows elsewhere.
    title = (
        f"CopyInto-{place.account}-{place.region}-{place.name}"
        if INTO in lacking
        else f"CopyFrom-{params.point.vault.region}"
    )
    return Finding(
        "role-may-not-copy",
        Level.FAIL,
        f"The copy role {params.role_arn} may not {' and '.join(lacking)}.",
        f"Give it the permission. {permit(params.role_arn, title, wanted)}",
        evidence,
        overridable=True,
    )


def may_start(params: CopyParams, bot_role: str, permissions: Sequence[Permission]) -> Finding:
    """The bot has to be allowed to start the copy and to pass the copy role."""
    evidence = f"SimulatePrincipalPolicy of {bot_role}"
    forbidden = _forbidden(permissions)
    if forbidden:
        return Finding(
            "control-policy-denies-bot",
            Level.FAIL,
            f"A service control policy of the organization denies the bot's role in account "
            f"{params.point.vault.account} {' and '.join(forbidden)}.",
            f"Ask who answers for the organization's management account to allow {' and '.join(forbidden)} for "
            f"{bot_role}.",
            evidence,
            overridable=True,
        )
    lacking = _lacking(permissions, {START: params.point.arn, PASS: params.role_arn})
    if not lacking:
        return fine("bot-permissions", "The bot may start the copy and pass the copy role.", evidence)
    every = params.point.arn.rpartition(":")[0] + ":*"
    parts, name = [], params.role_arn.rpartition("/")[2]
    if START in lacking:
        parts.append(permit(bot_role, f"StartCopies-{params.point.vault.region}", {START: every}))
    if PASS in lacking:
        parts.append(permit(bot_role, f"Pass-{name}", {PASS: params.role_arn}, {"StringEquals": TO_BACKUP}))
    return Finding(
        "bot-may-not-start",
        Level.FAIL,
        f"The bot's role in account {params.point.vault.account} may not {' and '.join(lacking)}.",
        f"Give it the permission. {' '.join(parts)}",
        evidence,
        overridable=True,
    )


def own_credentials(params: CopyParams) -> Finding:
    """Where the bot has no role of its own in the source account there is none whose rights IAM could simulate."""
    account, every = params.point.vault.account, params.point.arn.rpartition(":")[0] + ":*"
    passing = permits({PASS: params.role_arn}, {"StringEquals": TO_BACKUP})
    return unseen(
        "bot-permissions-unseen",
        f"The bot works with its own credentials in account {account}; whether they may start the copy and pass the "
        "copy role shows when it starts.",
        "No role_arn is configured for the account",
        f"{AT_START} To have it checked before, an operator gives the account a role_arn in the bot's configuration. "
        f"What the bot needs there: `{permits({START: every})}` and `{passing}`.",
    )


def _lacking(permissions: Sequence[Permission], resources: Mapping[str, str]) -> dict[str, str]:
    """Actions that are denied by the role's own policies; what the organization denies is told by itself."""
    denied = {one.action for one in permissions if not one.allowed and one.by_organization is not False}
    return {action: resource for action, resource in resources.items() if action in denied}


def _forbidden(permissions: Sequence[Permission]) -> list[str]:
    """Actions that a service control policy of the organization denies, whatever the role's own policies say."""
    return [one.action for one in permissions if one.by_organization is False]
