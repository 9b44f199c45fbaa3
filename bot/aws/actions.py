"""Every permission that the bot's own role needs: what it calls, on which resources, and what for.

The one place where this is kept: `copy-backup iam` writes policies from it, `copy-backup check` tries it, and a test
compares it with the operations that this room really calls. Which resource an action is about:
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbackup.html
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bot.domain.backups import Account, partition_of
from bot.domain.remedies import BACKUP_SERVICE


class Use(StrEnum):
    """What a permission is for, by the words with which it can be left out; LOOK and COPY are always needed."""

    LOOK = "look"
    COPY = "copy"
    NEW_VAULT = "new-vault"
    BACK_UP = "back-up"
    RETENTION = "retention"
    RESTORE = "restore"
    DRILL = "drill"
    PLAN = "plan"


class On(StrEnum):
    """The kinds of resources that actions are about; ANYTHING where AWS knows no narrower one."""

    ANYTHING = "Anything"
    VAULTS = "Vaults"
    POINTS = "RecoveryPoints"
    PLANS = "BackupPlans"
    TABLES = "Tables"
    DRILL_TABLES = "DrillTables"
    ALARMS = "Alarms"
    KEYS = "Keys"
    KEYS_BY_BACKUP = "KeysThroughBackup"
    ROLES = "Roles"
    COPY_ROLE = "CopyRole"


@dataclass(frozen=True, slots=True)
class Action:
    """A permission by its name in policies; `called` is False where AWS asks for it behind one of our calls."""

    name: str
    on: On
    use: Use
    called: bool = True


ACTIONS: tuple[Action, ...] = (
    Action("backup:ListBackupVaults", On.ANYTHING, Use.LOOK),
    Action("backup:ListRecoveryPointsByBackupVault", On.VAULTS, Use.LOOK),
    Action("backup:GetBackupVaultAccessPolicy", On.VAULTS, Use.LOOK),
    Action("backup:DescribeRecoveryPoint", On.POINTS, Use.LOOK),
    Action("backup:ListTags", On.POINTS, Use.LOOK),
    Action("backup:ListCopyJobs", On.ANYTHING, Use.LOOK),
    Action("backup:ListBackupJobs", On.ANYTHING, Use.LOOK),
    Action("backup:DescribeRegionSettings", On.ANYTHING, Use.LOOK),
    Action("backup:DescribeGlobalSettings", On.ANYTHING, Use.LOOK),
    Action("backup:GetSupportedResourceTypes", On.ANYTHING, Use.LOOK),
    Action("kms:DescribeKey", On.KEYS, Use.LOOK),
    Action("kms:GetKeyPolicy", On.KEYS, Use.LOOK),
    Action("iam:GetRole", On.ROLES, Use.LOOK),
    Action("iam:SimulatePrincipalPolicy", On.ROLES, Use.LOOK),
    Action("organizations:DescribeOrganization", On.ANYTHING, Use.LOOK),
    Action("account:GetRegionOptStatus", On.ANYTHING, Use.LOOK),
    # Whether there still is a table to be backed up; and its settings, noted soon after a copy.
    Action("dynamodb:DescribeTable", On.TABLES, Use.LOOK),
    Action("backup:StartCopyJob", On.POINTS, Use.COPY),
    Action("backup:DescribeCopyJob", On.ANYTHING, Use.COPY),
    Action("iam:PassRole", On.COPY_ROLE, Use.COPY, called=False),
    Action("backup:CreateBackupVault", On.VAULTS, Use.NEW_VAULT),
    Action("backup:PutBackupVaultAccessPolicy", On.VAULTS, Use.NEW_VAULT),
    # Whoever makes a vault hands AWS Backup a grant on its key.
    Action("backup-storage:MountCapsule", On.ANYTHING, Use.NEW_VAULT, called=False),
    Action("kms:CreateGrant", On.KEYS_BY_BACKUP, Use.NEW_VAULT, called=False),
    Action("kms:RetireGrant", On.KEYS_BY_BACKUP, Use.NEW_VAULT, called=False),
    Action("kms:GenerateDataKey", On.KEYS_BY_BACKUP, Use.NEW_VAULT, called=False),
    Action("kms:Decrypt", On.KEYS_BY_BACKUP, Use.NEW_VAULT, called=False),
    Action("backup:StartBackupJob", On.VAULTS, Use.BACK_UP),
    Action("backup:DescribeBackupJob", On.ANYTHING, Use.BACK_UP),
    Action("backup:UpdateRegionSettings", On.ANYTHING, Use.BACK_UP),
    Action("backup:UpdateRecoveryPointLifecycle", On.POINTS, Use.RETENTION),
    Action("backup:StartRestoreJob", On.POINTS, Use.RESTORE),
    Action("backup:DescribeRestoreJob", On.ANYTHING, Use.RESTORE),
    # A table's settings and a sample of its items are noted soon after its copy, so that a restore can be checked.
    Action("dynamodb:DescribeTimeToLive", On.TABLES, Use.RESTORE),
    Action("dynamodb:DescribeContinuousBackups", On.TABLES, Use.RESTORE),
    Action("dynamodb:ListTagsOfResource", On.TABLES, Use.RESTORE),
    Action("dynamodb:GetResourcePolicy", On.TABLES, Use.RESTORE),
    Action("dynamodb:Scan", On.TABLES, Use.RESTORE),
    Action("application-autoscaling:DescribeScalableTargets", On.ANYTHING, Use.RESTORE),
    Action("application-autoscaling:DescribeScalingPolicies", On.ANYTHING, Use.RESTORE),
    Action("cloudwatch:DescribeAlarms", On.ALARMS, Use.RESTORE),
    Action("dynamodb:TagResource", On.DRILL_TABLES, Use.DRILL),
    Action("dynamodb:DeleteTable", On.DRILL_TABLES, Use.DRILL),
    Action("backup:ListBackupPlans", On.ANYTHING, Use.PLAN),
    Action("backup:GetBackupPlan", On.PLANS, Use.PLAN),
    Action("backup:UpdateBackupPlan", On.PLANS, Use.PLAN),
)
# What everybody may call, whatever the policies say.
FREE = frozenset({"sts:GetCallerIdentity"})
# What the bot's own credentials have to be allowed, on the roles that are configured.
ENTERING = "sts:AssumeRole"


def resources(on: On, account: Account) -> list[str]:
    """The ARNs (with wildcards) that stand for a kind of resource in an account and its configured Regions."""
    partition = partition_of(account.regions[0])
    match on:
        case On.ANYTHING:
            return ["*"]
        case On.ROLES:
            return [role for role in (account.role_arn, account.copy_role_arn) if role]
        case On.COPY_ROLE:
            return [account.copy_role_arn]
        case On.KEYS | On.KEYS_BY_BACKUP:
            # A vault's key may belong to another account.
            return [f"arn:{partition}:kms:{region}:*:key/*" for region in account.regions]
        case _:
            return [
                f"arn:{partition}:{service}:{region}:{account.id}:{path}"
                for region in account.regions
                for service, path in _PATHS[on]
            ]


def condition(on: On, account: Account) -> dict[str, dict[str, str]] | None:
    """What narrows the permissions on a kind of resource further; None: nothing."""
    if on is On.COPY_ROLE:
        return {"StringEquals": {"iam:PassedToService": BACKUP_SERVICE}}
    if on is On.KEYS_BY_BACKUP:
        return {"StringLike": {"kms:ViaService": f"backup.*.{suffix(account)}"}}
    return None


def sample(on: On, account: Account) -> tuple[str, dict[str, str]]:
    """One resource of a kind, without wildcards, and the condition keys of a call about it: for IAM's simulation."""
    region = account.regions[0]
    arn = resources(on, account)[0]
    if arn != "*":
        arn = arn.replace(":*:key/", f":{account.id}:key/").replace("*", "check")
    context: dict[str, str] = {}
    if on is On.COPY_ROLE:
        context = {"iam:PassedToService": BACKUP_SERVICE}
    if on is On.KEYS_BY_BACKUP:
        context = {"kms:ViaService": f"backup.{region}.{suffix(account)}"}
    return arn, context


def suffix(account: Account) -> str:
    """What the host names of AWS's services end with in an account's partition."""
    return "amazonaws.com.cn" if partition_of(account.regions[0]) == "aws-cn" else "amazonaws.com"


_PATHS: Mapping[On, tuple[tuple[str, str], ...]] = {
    On.VAULTS: (("backup", "backup-vault:*"),),
    # Backups from before a table's advanced features are recovery points of DynamoDB's own kind.
    On.POINTS: (("backup", "recovery-point:*"), ("dynamodb", "table/*/backup/*")),
    On.PLANS: (("backup", "backup-plan:*"),),
    On.TABLES: (("dynamodb", "table/*"),),
    On.ALARMS: (("cloudwatch", "alarm:*"),),
    On.DRILL_TABLES: (("dynamodb", "table/copy-backup-drill-*"),),
}
