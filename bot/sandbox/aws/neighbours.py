"""What moto lacks of AWS Backup's neighbours: IAM's simulation of policies, and the Regions that an account has.

Simulating follows this emulator's own rules of permission: a role without any policy may do everything. The answer
tells of an organization's control policies where one binds the role's account.
"""

import json
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from moto.account import urls as account_urls
from moto.account.responses import AccountResponse
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, iam_backends

from bot.sandbox.aws import identity, permissions
from bot.sandbox.aws.errors import AwsError
from bot.sandbox.aws.policies import Caller, Verdict
from bot.sandbox.aws.state import WorldState

# In moto's own list of Regions every other one is opt-in: https://docs.aws.amazon.com/general/latest/gr/rande-manage.html
ALWAYS_ON = frozenset(
    {
        "us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1", "eu-central-1", "eu-west-1",
        "eu-west-2", "eu-west-3", "eu-north-1", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1",
        "ap-northeast-2", "ap-northeast-3",
    }
)  # fmt: skip
_DECISIONS = {Verdict.ALLOWED: "allowed", Verdict.DENIED: "explicitDeny", Verdict.SILENT: "implicitDeny"}
_ROUTES = ("getRegionOptStatus", "enableRegion", "disableRegion")

# The policies of AWS's own that copy roles are given; moto has them, but gives them to nobody unless told to load all.
_MANAGED = ("AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForRestores")

Params = Mapping[str, Any]
Result = dict[str, Any]


def open_doors() -> None:
    """Let moto route the account operations that it does not know."""
    for name in _ROUTES:
        account_urls.url_paths.setdefault(f"{{0}}/{name}$", AccountResponse.dispatch)


def simulate_principal_policy(state: WorldState, account: str, params: Params) -> Result:
    role = identity.find_role(params["PolicySourceArn"])
    if role is None:
        raise AwsError("NoSuchEntity", f"{params['PolicySourceArn']} was not found.", status=404)
    context = {entry["ContextKeyName"]: entry["ContextKeyValues"][0] for entry in params.get("ContextEntries") or ()}
    caller = state.directory.caller(params["PolicySourceArn"], account, **context)
    documents = permissions.documents_of(role)
    asked = [(action, resource) for action in params["ActionNames"] for resource in params.get("ResourceArns") or ["*"]]
    results = [_simulated(state, documents, caller, action, resource) for action, resource in asked]
    return {"EvaluationResults": results, "IsTruncated": False}


def _simulated(
    state: WorldState, documents: list[dict[str, Any]], caller: Caller, action: str, resource: str
) -> Result:
    verdict = permissions.judge(documents, caller, action, resource) if documents else Verdict.ALLOWED
    denied = state.governance.denies(caller, action, resource)
    told: Result = {
        "EvalActionName": action,
        "EvalResourceName": resource,
        "EvalDecision": _DECISIONS[Verdict.DENIED if denied else verdict],
        "MatchedStatements": [],
        "MissingContextValues": [],
    }
    if state.governance.controls(caller.account):
        told["OrganizationsDecisionDetail"] = {"AllowedByOrganizations": not denied}
    return told


def get_region_opt_status(state: WorldState, account: str, params: Params) -> Result:
    region = params["RegionName"]
    on = "ENABLED_BY_DEFAULT" if region in ALWAYS_ON else "ENABLED"
    return {
        "RegionName": region,
        "RegionOptStatus": "DISABLED" if (account, region) in state.closed_regions else on,
    }


def enable_region(state: WorldState, account: str, params: Params) -> Result:
    """Emulator decision: a Region is on at once, where AWS takes minutes to hours."""
    state.closed_regions.discard((account, params["RegionName"]))
    return {}


def disable_region(state: WorldState, account: str, params: Params) -> Result:
    if params["RegionName"] in ALWAYS_ON:
        raise AwsError("ValidationException", f"{params['RegionName']} is enabled by default and cannot be disabled.")
    state.closed_regions.add((account, params["RegionName"]))
    return {}


def offer_managed_policy(account: str, operation: str, params: Params) -> None:
    """Let IAM know AWS's own policies for AWS Backup, when one of them is about to be attached."""
    arn = str(params.get("PolicyArn", ""))
    name = arn.rpartition("/")[2]
    policies = iam_backends[account]["aws"].managed_policies
    if operation == "AttachRolePolicy" and name in _MANAGED and arn not in policies:
        policies[arn] = AWSManagedPolicy.from_data(name, account, "us-east-1", _managed()[name])


@cache
def _managed() -> dict[str, Any]:
    known: dict[str, Any] = json.loads(aws_managed_policies_data)
    return {name: known[name] for name in _MANAGED}


Operation = Callable[[WorldState, str, Params], Result]

OPERATIONS: Mapping[tuple[str, str], Operation] = {
    ("iam", "SimulatePrincipalPolicy"): simulate_principal_policy,
    ("account", "GetRegionOptStatus"): get_region_opt_status,
    ("account", "EnableRegion"): enable_region,
    ("account", "DisableRegion"): disable_region,
}
