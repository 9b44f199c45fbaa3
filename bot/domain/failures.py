"""What a person can do about a copy that failed: AWS's words, or its category or error code, to a remedy.

The fragments are AWS's own texts, from the pages on job failures and on cross-account copies
(https://docs.aws.amazon.com/aws-backup/latest/devguide/create-cross-account-backup.html). AWS may reword them at any
time, so categories stand behind the texts, and a sentence that holds for every failure stands behind the categories.
"""

import json
from collections.abc import Mapping
from string import Template

from bot.domain.admission import INTO
from bot.domain.causes import Translation, evidence, named_in
from bot.domain.params import CopyParams
from bot.domain.remedies import allow, root_of, trust_statement
from bot.domain.retention import Keep, Retention

_KEY = (
    "Check the key of the vault $vault (and of the source vault $source_vault): it must exist and be enabled, and its "
    "policy must let AWS Backup use it (kms:DescribeKey, kms:CreateGrant, kms:GenerateDataKey, kms:Decrypt for "
    "AWSServiceRoleForBackup in account $account)."
)
_ROLE = (
    "Attach the managed policy AWSBackupServiceRolePolicyForBackup to $role; if it is attached, look for a permission "
    "boundary or a service control policy that denies."
)
_GONE = (
    "The backup $point (or its table $table) is no longer in account $source_account, $source_region. "
    "Ask again with another backup."
)
_LIFECYCLE = "Ask again with another retention: AWS keeps a copy 1 to 36,500 days; this request said $retention."
_RANGE = (
    "The lock of the vault $vault sets how long copies are kept, and this request said $retention. Ask again with a "
    "retention inside the vault's range (days count from the backup's creation), or choose another vault."
)
_BUSY = (
    "AWS makes one backup or copy of a table at a time, and a limited number of copies per Region. "
    "Retry when the running jobs of table $table are done."
)
_AWS_SIDE = (
    "This is on AWS's side. Retry once; if it fails again, open a case with AWS Support and name $point "
    "and the copy job."
)
_FEATURE = (
    "Check in account $source_account, $source_region that the advanced features for DynamoDB backups are on (AWS "
    "Backup, Settings), make a new backup of $table there and copy that one."
)
_OPT_IN = (
    "Opt in to DynamoDB in AWS Backup's settings of account $account, $region (and of account $source_account, "
    "$source_region), then retry."
)
_TAGS = (
    "The copy takes the backup's tags along. Check that $role may read and write them (dynamodb:ListTagsOfResource, "
    "backup:ListTags, backup:TagResource), that there are 50 at most, and that no tag policy refuses one; then retry."
)
_AIR_GAPPED = (
    "The logically air-gapped vault $vault cannot take this backup (its type, key or Region). Choose another vault."
)
_COLD = "AWS cannot copy a backup from cold storage. Ask again with a newer backup of $table."
_STATE = "The backup $point is not in a state that can be copied. Ask again with another backup of $table."
_BOT = (
    "The bot's own role in account $source_account lacks this permission. An operator adds it, then presses Try again."
)
_CONTROL = (
    "A permission of a role changes nothing here. Ask who answers for the organization's management account to allow "
    "in account $source_account what AWS names above; then press Try again."
)
_PASS_ROLE = (
    "Let the bot's role in account $source_account pass the copy role: allow iam:PassRole on $role with the condition "
    "iam:PassedToService = backup.amazonaws.com."
)
_CREDENTIALS = "AWS did not take the bot's credentials for account $source_account. An operator mends them; then retry."
_ORGANIZATION = (
    "Accounts $source_account and $account have to be members of the same AWS organization. "
    "Choose a vault in an account of yours."
)
_CROSS_ACCOUNT = (
    "Somebody with access to the organization's management account runs `aws backup update-global-settings "
    "--global-settings isCrossAccountBackupEnabled=true`; then retry."
)
_UNSEEN_VAULT = (
    "The vault $source_vault does not exist, or the bot may not see it. Look whether it is still there, "
    "and whether the bot's role may describe it."
)
_DEFAULT_KEY = (
    "Choose a vault in account $account, $region that is encrypted with a customer managed KMS key; "
    "the key of a vault cannot be changed, so $vault has to be replaced by a new vault."
)
_TRUST = "The role $role does not exist, or does not trust AWS Backup. Add this statement to its trust policy: `$trust`"
_ROLE_GONE = "The role $role has to exist until the copy is done. Restore it, then retry."
_CONTINUOUS = "AWS copies no continuous backup. Ask again with a snapshot of $table (account $source_account)."
_FEATURE_OR_SWITCH = f"{_FEATURE} For a copy to another account: {_CROSS_ACCOUNT}"
_TOKEN = "The job ran longer than its credentials. Retry."
_SLOW = "The job ran out of time before it was done. Retry."
_THROTTLED = "AWS was asked too often. Retry in a few minutes."
_UNCONFIGURED = "An operator adds account $source_account to the bot's configuration."
# How the remedy of a failure that nobody foresaw begins, so that such failures can be counted.
NO_REMEDY = "The words are AWS's own, and we know no remedy for them."
_LOOK = (
    f"{NO_REMEDY} Look at the copy job in AWS Backup and at the events of "
    "backup.amazonaws.com in CloudTrail, in account $source_account, $source_region, then retry or choose another "
    "vault."
)

# The first fragment found in the message decides, so the narrow ones stand before the wide ones.
BY_TEXT: tuple[tuple[str, str], ...] = (
    ("must be a member of the same organization", _ORGANIZATION),
    ("cross-account copy feature is not enabled", _CROSS_ACCOUNT),
    ("access denied trying to call aws backup service", "$allow_copy"),
    (
        "encrypted with the default backup service managed key",
        _DEFAULT_KEY,
    ),
    ("while trying to list tags", _TAGS),
    (
        "cannot be assumed by aws backup",
        _TRUST,
    ),
    ("service control policy", _CONTROL),
    ("resource control policy", _CONTROL),
    ("iam:passrole", _PASS_ROLE),
    ("not authorized to perform: backup:startcopyjob", _BOT),
    ("not authorized to perform: kms:", _KEY),
    ("not authorized to perform", _ROLE),
    ("insufficient privileges", _UNSEEN_VAULT),
    ("given key id", _KEY),
    ("kms key", _KEY),
    ("describekey", _KEY),
    ("not within the range specified for the target backup vault", _RANGE),
    ("invalid lifecycle", _LIFECYCLE),
    ("too many copy jobs running", _BUSY),
    ("recovery points that dynamodb manages", _FEATURE),
    ("continuous", _CONTINUOUS),
    ("feature is not supported for provided resource type", _FEATURE),
    ("unsupported resource type", _OPT_IN),
    ("tag polic", _TAGS),
    ("unable to copy resource tags", _TAGS),
    ("failed to unshare snapshot", _ROLE_GONE),
    ("cold storage", _COLD),
    ("air-gapped", _AIR_GAPPED),
    ("table not found", _GONE),
    ("cannot find recovery point", _GONE),
    ("could not find resource", _GONE),
    ("does not exist", _GONE),
    ("no longer available", _GONE),
    ("internal error occurred", _AWS_SIDE),
    ("fatal error", _AWS_SIDE),
    ("contact aws support", _AWS_SIDE),
)

# Categories of failed copy jobs, then error codes of refused calls.
BY_CATEGORY: Mapping[str, str] = {
    "ACCESS_DENIED": "$allow_copy",
    "CONCURRENT_JOB": _BUSY,
    "LIMIT_EXCEEDED": _BUSY,
    "FEATURE_NOT_ENABLED": _FEATURE_OR_SWITCH,
    "INVALID_LIFECYCLE": _RANGE,
    "INVALID_STATE": _STATE,
    "KMS_KEY_ERROR": _KEY,
    "RESOURCE_NOT_FOUND": _GONE,
    "RESOURCE_NOT_SUPPORTED": _OPT_IN,
    "UNSUPPORTED_OPERATION": _FEATURE,
    "TAG_COPY_ERROR": _TAGS,
    "LOGICALLY_AIR_GAPPED_BACKUP_VAULT_NOT_SUPPORTED": _AIR_GAPPED,
    "TOKEN_EXPIRED": _TOKEN,
    "JOB_EXPIRED": _SLOW,
    "ACCESS_KEY_ERROR": _CREDENTIALS,
    "FATAL_ERROR": _AWS_SIDE,
    "AccessDeniedException": _UNSEEN_VAULT,
    "ResourceNotFoundException": _GONE,
    "LimitExceededException": _BUSY,
    "ThrottlingException": _THROTTLED,
    "ServiceUnavailableException": _AWS_SIDE,
    "InternalFailure": _AWS_SIDE,
    "ExpiredTokenException": _CREDENTIALS,
    "UnrecognizedClientException": _CREDENTIALS,
    "NoCredentialsError": _CREDENTIALS,
    "AccountNotConfigured": _UNCONFIGURED,
}


# Why, by what is to be done about it: the same remedy has the same cause.
CAUSES: Mapping[str, str] = {
    _ORGANIZATION: "The accounts of the backup and of the copy are not in one AWS organization (any more).",
    _CROSS_ACCOUNT: "The organization does not let backups be copied from one account to another.",
    "$allow_copy": (
        "Somebody does not let the copy in: the vault's access policy, a service control policy, the copy role, or the "
        "vault is not there; AWS says the same of all of them."
    ),
    _DEFAULT_KEY: "The vault has AWS's own default key, and such a vault takes no other account's copies.",
    _TAGS: "The tags of the backup could not be taken along.",
    _TRUST: "AWS Backup cannot assume the copy role: it is not there, or does not trust AWS Backup.",
    _CONTROL: "A control policy of the organization denies it, whatever the roles' own policies say.",
    _PASS_ROLE: "The bot's role may not pass the copy role on to AWS Backup.",
    _BOT: "The bot's own role may not start copies.",
    _KEY: "A KMS key cannot be used: it is disabled, about to be deleted, gone, or its policy does not allow it.",
    _ROLE: "The copy role lacks a permission.",
    _UNSEEN_VAULT: "The vault is not there, or the role may not see it; AWS says the same of both.",
    _RANGE: "The retention is outside of what the vault's lock allows.",
    _LIFECYCLE: "The retention is one that AWS does not know.",
    _BUSY: "Too much is under way: AWS works on a table once at a time, and on so many copies per Region.",
    _FEATURE: "The backup is of a kind that AWS does not copy.",
    _CONTINUOUS: "The backup is a continuous one, from which AWS restores but copies nothing.",
    _OPT_IN: "DynamoDB is not opted in to AWS Backup there.",
    _ROLE_GONE: "The copy role was deleted while the copy was under way.",
    _COLD: "The backup has moved to cold storage, from where AWS copies nothing.",
    _AIR_GAPPED: "An air-gapped vault does not take this backup.",
    _GONE: "The backup (or its table) is not there any more.",
    _STATE: "The backup is not whole, or is being deleted.",
    _AWS_SIDE: "AWS itself had a fault.",
    _FEATURE_OR_SWITCH: "A feature that the copy needs is off: advanced DynamoDB backups, or copies across accounts.",
    _TOKEN: "The credentials of the job ran out while it was under way.",
    _SLOW: "AWS gave the job up because it took too long.",
    _THROTTLED: "AWS was asked too often.",
    _UNCONFIGURED: "The account of the backup is not in the bot's configuration.",
    _CREDENTIALS: "AWS does not accept the bot's credentials.",
}


def translate(message: str | None, category: str | None, params: CopyParams) -> Translation:
    """Why a copy failed, what names the trouble, and what to do; `category` may also be the code of an error.

    What nobody foresaw has no cause, and a remedy that begins with NO_REMEDY.
    """
    template = _template_for(message, category)
    source, destination = params.point.vault.arn, params.destination.arn
    known = {
        params.point.arn: "backup",
        source: "source vault",
        destination: "vault",
        params.role_arn: "copy role",
    }
    return Translation(
        cause=CAUSES.get(template, ""),
        evidence=evidence(((what, name) for name, what in known.items()), named_in(message or "", known)),
        remedy=Template(template).substitute(_facts(params)),
    )


def _template_for(message: str | None, category: str | None) -> str:
    said = (message or "").casefold()
    known = next((remedy for fragment, remedy in BY_TEXT if fragment in said), None)
    return known or BY_CATEGORY.get(category or "", _LOOK)


def _facts(params: CopyParams) -> dict[str, str]:
    source, destination = params.point.vault, params.destination
    return {
        "table": params.point.table_name,
        "point": params.point.arn,
        "source_vault": source.arn,
        "source_account": source.account,
        "source_region": source.region,
        "vault": destination.arn,
        "account": destination.account,
        "region": destination.region,
        "role": params.role_arn,
        "retention": _told(params.retention),
        "allow_copy": _allow_copy(params),
        "trust": json.dumps(trust_statement()),
    }


def _allow_copy(params: CopyParams) -> str:
    """Within one account a vault needs no policy; across accounts it must name the other one."""
    source, vault = params.point.vault, params.destination.arn
    role = (
        f"check that {params.role_arn} may backup:CopyFromBackupVault on the backup and backup:CopyIntoBackupVault "
        f"on {vault}, and that no service control policy or vault policy denies it"
    )
    if source.account == params.destination.account:
        return f"{role[0].upper()}{role[1:]}; then retry."
    statement = json.dumps(allow({"AWS": root_of(source.account, source.region)}, INTO))
    return f"Add this statement to the access policy of {vault}, then retry: `{statement}` If it is there, {role}."


def _told(retention: Retention) -> str:
    if retention.keep is Keep.AS_SOURCE:
        return "as long as the backup itself"
    return {Keep.CENTURY: "100 years", Keep.PERMANENT: "no end"}.get(retention.keep, f"{retention.days} days")
