"""Who calls: accounts behind access keys, roles that exist, and the check that `sts:AssumeRole` makes."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.core.responses import BaseResponse
from moto.iam.exceptions import NotFoundException
from moto.iam.models import Role as MotoRole
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from bot.sandbox.aws import arns
from bot.sandbox.aws.errors import AwsError
from bot.sandbox.aws.organization import Directory
from bot.sandbox.aws.policies import Caller, Verdict, evaluate

BACKUP_SERVICE = "backup.amazonaws.com"
BOT_ROLE = "CopyBackupBot"
DEFAULT_SERVICE_ROLE = "service-role/AWSBackupDefaultServiceRole"

# A key of this form belongs to the account it spells, so that a test needs no role to act in an account.
_ACCOUNT_KEY = re.compile(r"AKIALOCA(\d{12})")


@dataclass(frozen=True)
class Role:
    """A role to create: who may assume it, with which ExternalId, and (optionally) what it may do."""

    name: str
    external_id: str | None = None
    trusted: Sequence[str] = ("*",)
    services: Sequence[str] = (BACKUP_SERVICE,)
    policies: Sequence[Mapping[str, Any]] = ()

    def trust_policy(self) -> dict[str, Any]:
        statements: list[dict[str, Any]] = []
        if self.trusted:
            statements.append(self._trust({"AWS": list(self.trusted)}))
        if self.services:
            statements.append(
                {"Effect": "Allow", "Principal": {"Service": list(self.services)}, "Action": "sts:AssumeRole"}
            )
        return {"Version": "2012-10-17", "Statement": statements}

    def _trust(self, principal: dict[str, Any]) -> dict[str, Any]:
        statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
        if self.external_id:
            statement["Condition"] = {"StringEquals": {"sts:ExternalId": self.external_id}}
        return statement


def access_key(account_id: str) -> str:
    """Give an access key id that belongs to an account."""
    return f"AKIALOCA{account_id}"


def create_role(account_id: str, role: Role | str) -> str:
    """Create the role in moto's IAM, replacing one of that name, and return its ARN."""
    role = Role(role) if isinstance(role, str) else role
    arn = arns.role_arn(account_id, role.name)
    path, _, name = arn.split(":role", 1)[1].rpartition("/")
    backend = iam_backends[account_id]["aws"]
    for existing in [known for known in backend.get_roles() if known.name == name]:
        del backend.roles[existing.id]
    created = backend.create_role(
        role_name=name,
        assume_role_policy_document=json.dumps(role.trust_policy()),
        path=f"{path}/",
        permissions_boundary=None,
        description="",
        tags=[],
        max_session_duration="3600",
    )
    for number, policy in enumerate(role.policies, start=1):
        created.policies[f"inline-{number}"] = json.dumps(policy)
    return arn


def find_role(role_arn: str) -> MotoRole | None:
    account_id = arns.account_of(role_arn)
    try:
        return iam_backends[account_id]["aws"].get_role_by_arn(role_arn) if account_id else None
    except NotFoundException:
        return None


def backup_can_assume(role_arn: str) -> bool:
    """Tell whether the role exists and trusts AWS Backup."""
    role = find_role(role_arn)
    service = Caller(BACKUP_SERVICE, BACKUP_SERVICE)
    return role is not None and _trusts(role, service, role_arn)


def account_of(response: BaseResponse, home_account: str) -> str:
    """Find the account of a request: what moto knows, else the key's own account, else the home account."""
    if "MOTO_ACCOUNT_ID" in os.environ or "x-moto-account-id" in response.headers:
        return response.current_account
    if named := _ACCOUNT_KEY.fullmatch(response.access_key):
        return named[1]
    known = response.current_account != DEFAULT_ACCOUNT_ID or any(
        response.access_key in backend.access_keys for backend in iam_backends[DEFAULT_ACCOUNT_ID].values()
    )
    return response.current_account if known else home_account


def caller_arn(account_id: str, key: str) -> str:
    """Give the ARN AWS would show for an access key: the assumed role's session or a user."""
    session = sts_backends[account_id]["aws"].get_assumed_role_from_access_key(key)
    return session.arn if session else f"arn:aws:iam::{account_id}:user/sandbox"


def role_of_session(account_id: str, key: str) -> MotoRole | None:
    session = sts_backends[account_id]["aws"].get_assumed_role_from_access_key(key)
    return find_role(session.role_arn) if session else None


def check_assume_role(directory: Directory, caller: str, account_id: str, params: Mapping[str, Any]) -> None:
    """Refuse a role that is not there, or whose trust policy does not admit this caller and ExternalId."""
    role_arn = params.get("RoleArn", "")
    role = find_role(role_arn)
    extra = {"sts:ExternalId": params["ExternalId"]} if params.get("ExternalId") else {}
    if role is None or not _trusts(role, directory.caller(caller, account_id, **extra), role_arn):
        raise AwsError(
            "AccessDenied",
            f"User: {caller} is not authorized to perform: sts:AssumeRole on resource: {role_arn}",
            status=403,
        )


def _trusts(role: MotoRole, caller: Caller, role_arn: str) -> bool:
    document = json.loads(unquote(role.assume_role_policy_document))
    return evaluate(document, caller, "sts:AssumeRole", role_arn) is Verdict.ALLOWED
