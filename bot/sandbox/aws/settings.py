"""The switches of AWS Backup: what a Region backs up and manages, what an organization allows."""

from bot.sandbox.aws.call import BackupCall, Result
from bot.sandbox.aws.errors import invalid_parameter, invalid_request
from bot.sandbox.aws.organization import Organization

RESOURCE_TYPES = {
    "Aurora", "CloudFormation", "DocumentDB", "DSQL", "DynamoDB", "EBS", "EC2", "EFS", "EKS", "FSx", "Neptune",
    "RDS", "Redshift", "Redshift Serverless", "S3", "SAP HANA on Amazon EC2", "Storage Gateway", "Timestream",
    "VirtualMachine",
}  # fmt: skip
CROSS_ACCOUNT = "isCrossAccountBackupEnabled"
GLOBAL_KEYS = {CROSS_ACCOUNT, "isMpaEnabled", "isDelegatedAdministratorEnabled"}


def describe_region_settings(call: BackupCall) -> Result:
    return {
        "ResourceTypeOptInPreference": dict(call.books.opt_in),
        "ResourceTypeManagementPreference": dict(call.books.management),
    }


def update_region_settings(call: BackupCall) -> Result:
    opt_in = call.params.get("ResourceTypeOptInPreference") or {}
    management = call.params.get("ResourceTypeManagementPreference") or {}
    if not set(opt_in) | set(management) <= RESOURCE_TYPES:
        raise invalid_parameter(
            "One or more elements of the resource type preference have invalid values. "
            "Use DescribeRegionSettings to see the supported resource types."
        )
    call.books.opt_in.update(opt_in)
    call.books.management.update(management)
    return {}


def describe_global_settings(call: BackupCall) -> Result:
    organization = _organization(call)
    switch = str(organization.cross_account_backup).lower()
    return {"GlobalSettings": {CROSS_ACCOUNT: switch}, "LastUpdateTime": call.now}


def update_global_settings(call: BackupCall) -> Result:
    organization = _organization(call)
    if organization.management_account != call.account:
        raise invalid_request("Only the management account of an organization can update global settings.")
    given = call.params.get("GlobalSettings") or {}
    if not set(given) <= GLOBAL_KEYS or not set(given.values()) <= {"true", "false"}:
        raise invalid_parameter("GlobalSettings has an unknown key or a value other than true and false.")
    if CROSS_ACCOUNT in given:
        organization.cross_account_backup = given[CROSS_ACCOUNT] == "true"
    return {}


def get_supported_resource_types(call: BackupCall) -> Result:
    lacks = {"DynamoDB"} if call.region in call.state.without_dynamodb else set()
    return {"ResourceTypes": sorted(RESOURCE_TYPES - lacks)}


def _organization(call: BackupCall) -> Organization:
    organization = call.state.directory.organization_of(call.account)
    if organization is None:
        raise invalid_request("Your account is not a member of an organization.")
    return organization
