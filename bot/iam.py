"""`copy-backup iam`: the least that each account has to grant for what the configuration asks for, as JSON."""

import json
import re
import sys
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from bot.aws.actions import ACTIONS, ENTERING, On, Use, condition, resources, suffix
from bot.domain.admission import FROM, INTO
from bot.domain.backups import Account, partition_of
from bot.domain.remedies import MANAGED_POLICY, MANAGED_RESTORES, trust_document
from bot.settings import Settings

Document = dict[str, Any]

ALWAYS = (Use.LOOK, Use.COPY)
OPTIONAL = tuple(use for use in Use if use not in ALWAYS)
PRINCIPAL = re.compile(r"arn:aws(-[a-z]+)*:iam::[0-9]{12}:(root|(role|user)/[\w+=,.@/-]{1,576})", re.ASCII)
NOBODY = "arn:aws:iam::ACCOUNT_OF_THE_BOT:role/ROLE_OF_THE_BOT"
TELL_WHO = (
    "The trust policies below name nobody yet: give the ARN of what the bot runs as with --principal ARN "
    "(`aws sts get-caller-identity` where it runs; of an assumed role, the role's own ARN)."
)


def is_principal(text: str) -> bool:
    """Whether IAM takes this for who may assume a role: a role, a user, an account's root."""
    return PRINCIPAL.fullmatch(text) is not None


def print_policies(settings: Settings, *, principal: str, without: Collection[Use]) -> int:
    """Print one JSON document; a remark about what is left open goes to standard error."""
    if not principal and any(account.role_arn for account in settings.policy.accounts):
        sys.stderr.write(f"{TELL_WHO}\n")
    document = policies(settings.policy.accounts, principal=principal or NOBODY, without=without)
    sys.stdout.write(f"{json.dumps(document, indent=2)}\n")
    return 0


def policies(accounts: Sequence[Account], *, principal: str, without: Collection[Use] = ()) -> Document:
    """All policies by account: the bot's role and the copy role, each with who may assume it, and the vaults'."""
    roles = [account.role_arn for account in accounts if account.role_arn]
    return {
        "bot": {"principal": principal, "policy": _document(_statement("EnterAccounts", [ENTERING], roles))}
        if roles
        else {"principal": principal},
        "accounts": {account.alias: _of_account(account, accounts, principal, without) for account in accounts},
    }


def bot_policy(account: Account, without: Collection[Use] = ()) -> Document:
    """What the bot's role in an account (or its own credentials there) has to be allowed."""
    needed = [action for action in ACTIONS if not _is_left_out(action.use, without)]
    return _document(
        *(
            _statement(
                f"CopyBackup{on}",
                [action.name for action in needed if action.on is on],
                resources(on, account),
                condition(on, account),
            )
            for on in On
            if any(action.on is on for action in needed)
        )
    )


def bot_trust(account: Account, principal: str) -> Document:
    """Who may assume the bot's role: the bot alone, and with the ExternalId where one is configured."""
    statement: Document = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": ENTERING}
    if account.external_id:
        statement["Condition"] = {"StringEquals": {"sts:ExternalId": account.external_id}}
    return _document(statement)


def copy_policy(account: Account, accounts: Sequence[Account], without: Collection[Use] = ()) -> Document:
    """What the role that AWS Backup assumes has to be allowed: copying, and backing up and restoring where wanted."""
    return _document(*_of_copy_role(account, accounts, without))


def copy_trust() -> Document:
    """Who may assume the copy role: AWS Backup alone."""
    return trust_document()


def vault_policy(account: Account, accounts: Sequence[Account]) -> Document | None:
    """The access policy for the account's vaults: the copy roles of the other accounts may copy into them."""
    others = [other.copy_role_arn for other in accounts if other.id != account.id]
    if not others:
        return None
    statement = _statement("CopyIntoFromOtherAccounts", [INTO], ["*"])
    return _document({**statement, "Principal": {"AWS": others}})


def _is_left_out(use: Use, without: Collection[Use]) -> bool:
    """A drill is a restore, so without restores there is none, and nothing of it is to be deleted."""
    return use in without or (use is Use.DRILL and Use.RESTORE in without)


def _of_account(account: Account, accounts: Sequence[Account], principal: str, without: Collection[Use]) -> Document:
    found: Document = {"account": account.id, "regions": list(account.regions)}
    if account.role_arn:
        found["bot_role"] = {
            "arn": account.role_arn,
            "trust_policy": bot_trust(account, principal),
            "policy": bot_policy(account, without),
        }
    else:
        found["bot_credentials"] = {"policy": bot_policy(account, without)}
    partition = partition_of(account.regions[0])
    managed = [MANAGED_POLICY, *([] if Use.RESTORE in without else [MANAGED_RESTORES])]
    found["copy_role"] = {
        "arn": account.copy_role_arn,
        "trust_policy": copy_trust(),
        "policy": copy_policy(account, accounts, without),
        "or_managed_policies": [f"arn:{partition}:iam::aws:{name}" for name in managed],
    }
    vaults = vault_policy(account, accounts)
    return found | ({"vault_access_policy": vaults} if vaults else {})


def _of_copy_role(account: Account, accounts: Sequence[Account], without: Collection[Use]) -> Iterator[Document]:
    tables, keys = resources(On.TABLES, account), resources(On.KEYS, account)
    points = resources(On.POINTS, account)
    into = [vault for one in accounts for vault in resources(On.VAULTS, one)]
    yield _statement("CopyFrom", [FROM, "backup:TagResource"], points)
    yield _statement("CopyInto", [INTO, "backup:DescribeBackupVault"], into)
    yield _statement("SeeKeys", ["kms:DescribeKey"], keys)
    yield _statement("LendKeys", ["kms:CreateGrant"], keys, {"Bool": {"kms:GrantIsForAWSResource": "true"}})
    yield _statement(
        "UseKeys",
        ["kms:Decrypt", "kms:GenerateDataKey"],
        keys,
        {"StringLike": {"kms:ViaService": [f"dynamodb.*.{suffix(account)}", f"backup.*.{suffix(account)}"]}},
    )
    if Use.BACK_UP not in without:
        yield _statement("BackUp", [f"dynamodb:{name}" for name in _BACKING_UP], tables)
    if Use.RESTORE not in without:
        yield _statement("Restore", [f"dynamodb:{name}" for name in _RESTORING], tables)


_BACKING_UP = ("DescribeTable", "ListTagsOfResource", "StartAwsBackupJob", "CreateBackup", "DescribeBackup")
_RESTORING = (
    "DescribeTable",
    "DescribeBackup",
    "RestoreTableFromAwsBackup",
    "RestoreTableFromBackup",
    "BatchWriteItem",
    "DeleteItem",
    "GetItem",
    "PutItem",
    "Query",
    "Scan",
    "UpdateItem",
)


def _statement(sid: str, actions: Sequence[str], on: Sequence[str], only_if: Document | None = None) -> Document:
    statement: Document = {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": list(on)}
    return statement | ({"Condition": only_if} if only_if else {})


def _document(*statements: Document) -> Document:
    return {"Version": "2012-10-17", "Statement": list(statements)}
