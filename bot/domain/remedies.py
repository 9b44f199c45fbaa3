"""The exact commands and policy statements that mend what pre-flight found, filled with the ARNs of this very copy.

Commands are those of the AWS CLI, ready to paste; what replaces a whole policy holds the whole policy, since AWS keeps
nothing of the old one.
"""

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from bot.domain.backups import VaultRef, partition_of
from bot.domain.policies import Caller, Opinion, judge, read, statements

BACKUP_SERVICE = "backup.amazonaws.com"
SERVICE_LINKED_ROLE = "aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup"
MANAGED_POLICY = "policy/service-role/AWSBackupServiceRolePolicyForBackup"
MANAGED_RESTORES = "policy/service-role/AWSBackupServiceRolePolicyForRestores"
USES_OF_A_KEY = ("kms:DescribeKey", "kms:CreateGrant", "kms:GenerateDataKey", "kms:Decrypt")
# A person reads the remedy in a form that shows some 3,000 characters; a policy that is longer is left to its owner.
LONGEST_COMMAND = 2_000


def run_in(account: str, *commands: str) -> str:
    """Say where to paste commands, one after the other."""
    return f"In account {account} run {', then '.join(f'`{command}`' for command in commands)}."


def command(service: str, operation: str, *more: str) -> str:
    """A command of the AWS CLI, quoted for a shell."""
    return shlex.join(["aws", service, operation, *more])


def root_of(account: str, region: str) -> str:
    return f"arn:{partition_of(region)}:iam::{account}:root"


def allow(principal: Mapping[str, str], actions: str | Sequence[str], resource: str | None = "*") -> dict[str, Any]:
    """One statement that allows."""
    statement: dict[str, Any] = {"Effect": "Allow", "Principal": dict(principal), "Action": actions}
    return statement | ({"Resource": resource} if resource else {})


def admit(
    vault: VaultRef,
    policy: str | None,
    statement: Mapping[str, Any],
    caller: Caller,
    action: str,
    resource: str = "",
) -> str:
    """Let a caller do something with a vault: the command with the policy as it has to be afterwards.

    What denies it is taken out, and `statement` is added unless it is empty or the rest allows it already. The action
    is on the vault, or on `resource` in it.
    """
    document = mended(policy, statement, caller, action, resource or vault.arn)
    where = ["--region", vault.region, "--backup-vault-name", vault.name]
    if document is not None and not document["Statement"]:
        return run_in(vault.account, command("backup", "delete-backup-vault-access-policy", *where))
    whole = command("backup", "put-backup-vault-access-policy", *where, "--policy", _text(document or {}))
    if document is not None and len(whole) <= LONGEST_COMMAND:
        return run_in(vault.account, whole)
    add = f" and add `{_text(statement)}`" if statement else ""
    return f"In the access policy of {vault.arn} take out what denies {action} to {caller.arn}{add}."


def mended(
    policy: str | None, statement: Mapping[str, Any], caller: Caller, action: str, resource: str
) -> dict[str, Any] | None:
    """A policy without the statements that deny, and with the one that allows where that is missing.

    None when it cannot be read, or something in it stays unclear.
    """
    known = read(policy) if policy else {"Version": "2012-10-17", "Statement": []}
    if known is None:
        return None
    document = {**known, "Statement": list(statements(known))}
    verdict = judge(_text(document), caller, action, resource)
    while verdict.opinion is Opinion.DENIES and verdict.statement is not None:
        document["Statement"].remove(verdict.statement)
        verdict = judge(_text(document), caller, action, resource)
    if verdict.opinion is Opinion.UNCLEAR and verdict.statement and verdict.statement.get("Effect") == "Deny":
        return None
    if verdict.opinion is not Opinion.ALLOWS and statement:
        document["Statement"].append(dict(statement))
    return document


def key_commands(key_arn: str, state: str) -> list[str]:
    """Bring a key back that is off or about to be deleted."""
    where = ["--region", region_of(key_arn), "--key-id", key_arn.rpartition("/")[2]]
    enable = command("kms", "enable-key", *where)
    return [command("kms", "cancel-key-deletion", *where), enable] if state == "PendingDeletion" else [enable]


def open_key(key_arn: str, policy: str | None, caller: Caller, account: str) -> str:
    """Let a caller use a key: the command with the whole policy, or the statement where the policy is not readable."""
    statement = allow({"AWS": caller.arn}, list(USES_OF_A_KEY))
    document: dict[str, Any] | None = None if policy is None else {}
    for action in USES_OF_A_KEY:
        if document is not None:
            document = mended(_text(document) if document else policy, statement, caller, action, key_arn)
    if document is None:
        return f"Add this statement to the policy of the key {key_arn}: `{_text(statement)}`."
    where = ["--region", region_of(key_arn), "--key-id", key_arn, "--policy-name", "default"]
    whole = command("kms", "put-key-policy", *where, "--policy", _text(document))
    if len(whole) > LONGEST_COMMAND:
        return f"Add this statement to the policy of the key {key_arn}: `{_text(statement)}`."
    return run_in(account_of(key_arn) or account, whole)


def untag(arn: str, keys: Sequence[str]) -> str:
    """Take tags off a recovery point; nothing where the command would be too long to paste."""
    where = ["--region", region_of(arn), "--resource-arn", arn]
    whole = command("backup", "untag-resource", *where, "--tag-key-list", json.dumps(list(keys)))
    return run_in(account_of(arn), whole) if len(whole) <= LONGEST_COMMAND else ""


def default_copy_role(account: str, region: str) -> str:
    """The role that AWS Backup's console makes for itself."""
    return f"arn:{partition_of(region)}:iam::{account}:role/service-role/AWSBackupDefaultServiceRole"


def make_role(role_arn: str) -> str:
    """Create a copy role that is not there."""
    path, name = _path_and_name(role_arn)
    partition = role_arn.split(":")[1]
    create = ["--path", path, "--role-name", name, "--assume-role-policy-document", _text(trust_document())]
    attach = ["--role-name", name, "--policy-arn", f"arn:{partition}:iam::aws:{MANAGED_POLICY}"]
    return run_in(
        account_of(role_arn), command("iam", "create-role", *create), command("iam", "attach-role-policy", *attach)
    )


def trust_backup(role_arn: str, trust: str) -> str:
    """Let AWS Backup assume a role that is there."""
    backup = Caller(BACKUP_SERVICE)
    document = mended(trust, trust_statement(), backup, "sts:AssumeRole", role_arn)
    if document is None:
        return f"Add this statement to the trust policy of {role_arn}: `{_text(trust_statement())}`."
    _, name = _path_and_name(role_arn)
    change = ["--role-name", name, "--policy-document", _text(document)]
    return run_in(account_of(role_arn), command("iam", "update-assume-role-policy", *change))


def permit(role_arn: str, title: str, wanted: Mapping[str, str], condition: Mapping[str, Any] | None = None) -> str:
    """Give a role further permissions, by an inline policy of its own; `wanted` maps each action to its resource."""
    _, name = _path_and_name(role_arn)
    more = ["--role-name", name, "--policy-name", title, "--policy-document", permits(wanted, condition)]
    return run_in(account_of(role_arn), command("iam", "put-role-policy", *more))


def permits(wanted: Mapping[str, str], condition: Mapping[str, Any] | None = None) -> str:
    """The text of a policy that allows these actions, each on its resource."""
    extra = {"Condition": condition} if condition else {}
    return _text(
        {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Action": action, "Resource": resource, **extra}
                for action, resource in wanted.items()
            ],
        }
    )


def trust_statement() -> dict[str, Any]:
    return allow({"Service": BACKUP_SERVICE}, "sts:AssumeRole", None)


def trust_document() -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [trust_statement()]}


def service_linked_role(account: str, region: str) -> str:
    return f"arn:{partition_of(region)}:iam::{account}:role/{SERVICE_LINKED_ROLE}"


def account_of(arn: str) -> str:
    return _part(arn, 4)


def region_of(arn: str) -> str:
    return _part(arn, 3)


def _part(arn: str, number: int) -> str:
    parts = arn.split(":", 5)
    return parts[number] if len(parts) > 5 else ""


def _path_and_name(role_arn: str) -> tuple[str, str]:
    path, _, name = role_arn.partition(":role")[2].rpartition("/")
    return f"{path}/", name


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(document)
