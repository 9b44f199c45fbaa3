"""What a role may do, for roles that carry policies: identity-based permissions as AWS judges them."""

from collections.abc import Mapping
from typing import Any

from moto.iam.models import Role as MotoRole
from moto.iam.models import iam_backends

from bot.sandbox.aws import arns, policies
from bot.sandbox.aws.errors import AwsError, denied_by_control_policy, not_authorized
from bot.sandbox.aws.governance import Governance
from bot.sandbox.aws.policies import Caller, Verdict

# Which member of a request names the resource an action is judged on, dearest first; without any of them
# the action is judged on `*`, which only a policy for `*` allows.
_BACKUP_RESOURCES = ("RecoveryPointArn", "BackupVaultName", "BackupPlanId", "ResourceArn")


def documents_of(role: MotoRole | None) -> list[dict[str, Any]]:
    """Collect a role's inline and attached policies."""
    if role is None:
        return []
    versions = [version for policy in role.managed_policies.values() for version in policy.versions]
    attached = [version.document for version in versions if version.is_default]
    return [policies.parse(text) for text in [*role.policies.values(), *attached]]


def check(
    role: MotoRole | None,
    caller: Caller,
    service: str,
    operation: str,
    params: Mapping[str, Any],
    *,
    region: str,
    governance: Governance,
) -> None:
    """Refuse what a service control policy denies the caller, then what its own role does not allow.

    Emulator decision: a role without any policy may do everything, so that most trials need none.
    """
    documents = documents_of(role)
    is_free = not documents and not governance.controls(caller.account)
    # Who one is may be asked by everybody: no policy is looked at, not even one that denies it.
    if is_free or (service, operation) == ("sts", "GetCallerIdentity"):
        return
    demands = [(caller, f"{service}:{operation}", _resource(service, params, caller.account, region))]
    if service == "backup" and params.get("IamRoleArn"):
        passing = Caller(caller.arn, caller.account, extra={"iam:PassedToService": "backup.amazonaws.com"})
        demands.append((passing, "iam:PassRole", str(params["IamRoleArn"])))
    for asking, action, resource in demands:
        if governance.denies(asking, action, resource):
            raise denied_by_control_policy(asking.arn, action, resource)
        if documents:
            _demand(documents, asking, action, resource)


def judge(documents: list[dict[str, Any]], caller: Caller, action: str, resource: str) -> Verdict:
    """Judge an action by several policies together: one denial is enough, one permission is needed."""
    verdicts = {policies.evaluate_identity(document, caller, action, resource) for document in documents}
    if Verdict.DENIED in verdicts:
        return Verdict.DENIED
    return Verdict.ALLOWED if Verdict.ALLOWED in verdicts else Verdict.SILENT


def _demand(documents: list[dict[str, Any]], caller: Caller, action: str, resource: str) -> None:
    verdict = judge(documents, caller, action, resource)
    if verdict is Verdict.DENIED:
        raise AwsError(
            "AccessDenied",
            f"User: {caller.arn} is not authorized to perform: {action} on resource: {resource} "
            "with an explicit deny in an identity-based policy",
            status=403,
        )
    if verdict is Verdict.SILENT:
        raise not_authorized(caller.arn, action, resource)


def _resource(service: str, params: Mapping[str, Any], account: str, region: str) -> str:
    if service == "backup":
        return _backup_resource(params, account, region)
    if service == "dynamodb" and params.get("TableName"):
        return arns.table_arn(account, region, params["TableName"])
    if service == "dynamodb" and params.get("ResourceArn"):
        return str(params["ResourceArn"])
    if service == "cloudwatch":
        # Alarms that are not asked for by name are judged as all of the account and Region.
        return f"arn:{arns.partition_of(region)}:cloudwatch:{region}:{account}:alarm:*"
    if service == "iam":
        return _iam_resource(params, account)
    if service == "sts" and params.get("RoleArn"):
        return str(params["RoleArn"])
    if service == "kms" and str(params.get("KeyId", "")).startswith("arn:"):
        return str(params["KeyId"])
    return "*"


def _iam_resource(params: Mapping[str, Any], account: str) -> str:
    if params.get("PolicySourceArn"):
        return str(params["PolicySourceArn"])
    known = iam_backends[account]["aws"].get_roles() if params.get("RoleName") else ()
    # A role is asked for by its bare name, and judged by its ARN, path included.
    found = next((str(role.arn) for role in known if role.name == params["RoleName"]), "")
    return found or (arns.role_arn(account, params["RoleName"]) if params.get("RoleName") else "*")


def _backup_resource(params: Mapping[str, Any], account: str, region: str) -> str:
    named = next((member for member in _BACKUP_RESOURCES if params.get(member)), None)
    if named == "BackupVaultName":
        return str(arns.vault_arn(account, region, params[named]))
    if named == "BackupPlanId":
        partition = arns.partition_of(region)
        return f"arn:{partition}:backup:{region}:{account}:backup-plan:{params[named]}"
    return str(params[named]) if named else "*"
