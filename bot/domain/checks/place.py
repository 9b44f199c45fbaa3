"""Judge the two places of a copy: whom to ask, whether the Region is on, has the feature, is opted in."""

from bot.domain.backups import partition_of
from bot.domain.checks.point import turn_on
from bot.domain.findings import AT_START, Finding, Level, fine, unseen
from bot.domain.params import CopyParams, StepKind
from bot.domain.remedies import account_of, command, default_copy_role, region_of, run_in
from bot.domain.surroundings import RegionSettings

REGION_ON = frozenset({"ENABLED", "ENABLED_BY_DEFAULT"})
DYNAMODB = "DynamoDB"


def route(params: CopyParams) -> Finding:
    """A copy is asked of the account and Region that hold the backup; its ARN has to say the same as its vault."""
    vault, arn = params.point.vault, params.point.arn
    evidence = f"ARNs {arn} and {vault.arn}"
    if (account_of(arn), region_of(arn)) != (vault.account, vault.region):
        return Finding(
            "wrong-place",
            Level.FAIL,
            f"The backup is of account {account_of(arn)}, {region_of(arn)}, and not of its vault's place "
            f"({vault.account}, {vault.region}).",
            "Choose the backup again; the bot asks the account and Region that hold it.",
            evidence,
        )
    if account_of(params.role_arn) != vault.account:
        return Finding(
            "foreign-copy-role",
            Level.FAIL,
            f"The copy role {params.role_arn} is not of account {vault.account}, which has to pass it.",
            f"An operator sets copy_role_arn of account {vault.account} in the bot's configuration to a role of that "
            f"account, such as `{default_copy_role(vault.account, vault.region)}`.",
            evidence,
        )
    return fine("route", f"The copy is asked of account {vault.account} in {vault.region}, where it lies.", evidence)


def region_enabled(params: CopyParams, state: str) -> Finding:
    """An opt-in Region that the destination account has not enabled knows nobody."""
    place = params.destination
    evidence = f"GetRegionOptStatus of {place.region} in account {place.account}: {state}"
    if state in REGION_ON:
        return fine("region-enabled", f"Account {place.account} has the Region {place.region}.", evidence)
    return Finding(
        "region-disabled",
        Level.FAIL,
        f"Account {place.account} has not enabled the Region {place.region} ({state}).",
        f"Enable the Region, which takes minutes to hours, or choose another. "
        f"{run_in(place.account, command('account', 'enable-region', '--region-name', place.region))}",
        evidence,
    )


def feature(params: CopyParams, types: frozenset[str]) -> Finding:
    """AWS Backup has to know DynamoDB in the destination Region, and China keeps its accounts apart."""
    source, place = params.point.vault, params.destination
    evidence = f"GetSupportedResourceTypes in {place.region}: {len(types)} types"
    if partition_of(place.region) == "aws-cn" and source.account != place.account:
        return Finding(
            "china-cross-account",
            Level.FAIL,
            "In China AWS Backup does not copy to another account.",
            f"Choose a vault of account {source.account}.",
            evidence,
        )
    if DYNAMODB in types:
        return fine("feature", f"AWS Backup supports DynamoDB in {place.region}.", evidence)
    return Finding(
        "feature-missing",
        Level.FAIL,
        f"AWS Backup does not support DynamoDB in {place.region}.",
        "Choose another Region for the copy.",
        evidence,
    )


def opt_in(params: CopyParams, settings: RegionSettings) -> Finding:
    """The destination's opt-in. AWS does not say that an incoming copy needs it, so it is a warning only."""
    place = params.destination
    evidence = f"DescribeRegionSettings of account {place.account}, {place.region}"
    if (place.account, place.region) in params.settings_from_before:
        return fine("opt-in", "An earlier step of this plan opts DynamoDB in at the destination.", "The plan")
    if settings.opted_in:
        return fine("opt-in", f"DynamoDB is opted in in account {place.account}, {place.region}.", evidence)
    turned = command(
        "backup", "update-region-settings", "--region", place.region,
        "--resource-type-opt-in-preference", "DynamoDB=true",
    )  # fmt: skip
    if settings.opted_in is None:
        return unseen(
            "opt-in-unseen",
            f"AWS does not tell whether DynamoDB is opted in in account {place.account}, {place.region}.",
            f"{evidence}: DynamoDB is not named",
            f"{AT_START} To be sure before, opt in. {run_in(place.account, turned)}",
        )
    return Finding(
        "not-opted-in",
        Level.WARN,
        f"DynamoDB is not opted in in AWS Backup of account {place.account}, {place.region}; the copy may be refused.",
        f"Opt in. {run_in(place.account, turned)}",
        evidence,
        fix=StepKind.ENABLE_ADVANCED,
    )


def source_settings(params: CopyParams, settings: RegionSettings) -> Finding:
    """Backups made while advanced features are off cannot be copied later; this one is not touched by it.

    Where an earlier step makes the backup, that step's own look minds the switch, or the plan turns it on before.
    """
    vault = params.point.vault
    evidence = f"DescribeRegionSettings of account {vault.account}, {vault.region}"
    if (vault.account, vault.region) in params.settings_from_before:
        return fine("advanced", "An earlier step of this plan turns advanced features on at the source.", "The plan")
    if settings.advanced:
        return fine("advanced", f"Advanced features are on in account {vault.account}, {vault.region}.", evidence)
    if params.point_from_before:
        return fine("advanced", "The step of this plan that makes the backup sees to advanced features.", "The plan")
    if settings.advanced is None:
        return unseen(
            "advanced-unseen",
            f"AWS does not tell whether advanced features are on in account {vault.account}, {vault.region}; without "
            "them new backups cannot be copied.",
            f"{evidence}: DynamoDB is not named",
            f"This backup is not touched by it. To be sure of later ones, turn them on. "
            f"{run_in(vault.account, turn_on(vault.region))}",
        )
    return Finding(
        "advanced-off",
        Level.WARN,
        f"Advanced features are off in account {vault.account}, {vault.region}: new backups cannot be copied.",
        f"Turn them on. {run_in(vault.account, turn_on(vault.region))}",
        evidence,
        fix=StepKind.ENABLE_ADVANCED,
    )
