"""What surrounds a copy, read by boto3: the port `Surroundings` over AWS Backup, KMS, IAM and more."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.aws.calls import Calls
from bot.domain.backups import RecoveryPoint, VaultRef, partition_of
from bot.domain.errors import BackupsDenied, BackupsError, BackupsMissing, BackupsRefused, BackupsUnreachable
from bot.domain.surroundings import Details, Held, Job, Key, Organization, Permission, RegionSettings, Role

DYNAMODB = "DynamoDB"
CROSS_ACCOUNT = "isCrossAccountBackupEnabled"
NOT_IN_USE = "AWSOrganizationsNotInUseException"
UNFINISHED = ("CREATED", "RUNNING")
MOMENT = timedelta(seconds=1)
DECIDED_FOR = "allowed"
HOMES = {"aws": "us-east-1", "aws-cn": "cn-northwest-1", "aws-us-gov": "us-gov-west-1"}

Answer = Mapping[str, Any]


class Boto3Surroundings:
    """Reads only. Making it calls nothing; threads may share it; it shares the connections of `Boto3Backups`."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def vault_policy(self, vault: VaultRef) -> str | None:
        try:
            where = {"BackupVaultName": vault.name}
            answer = self._calls.ask(vault.account, vault.region, "GetBackupVaultAccessPolicy", where)
        except BackupsMissing:
            return None
        return answer.get("Policy") or None

    def key(self, arn: str, account: str) -> Key:
        region, owner = _region_and_account(arn)
        asked = self._kms(owner, account)
        told = self._calls.ask(asked, region, "DescribeKey", {"KeyId": arn}, service="kms").get("KeyMetadata") or {}
        key = Key(arn, state=told.get("KeyState") or "unknown", by_aws=told.get("KeyManager") == "AWS")
        try:
            policy = self._calls.ask(
                asked, region, "GetKeyPolicy", {"KeyId": arn, "PolicyName": "default"}, service="kms"
            )
        except (BackupsDenied, BackupsRefused, BackupsMissing) as error:
            return Key(key.arn, key.state, key.by_aws, None, error.message)
        return Key(key.arn, key.state, key.by_aws, policy.get("Policy") or None, "AWS showed none.")

    def role(self, arn: str) -> Role:
        account, name = _region_and_account(arn)[1], arn.rpartition("/")[2]
        try:
            found = self._iam(account, "GetRole", {"RoleName": name}).get("Role") or {}
        except BackupsMissing:
            self._doubt_roles(account, name)
            raise
        if found.get("Arn", arn) != arn:
            # A role is found by its bare name; one under another path is another role.
            raise BackupsMissing(f"There is {found['Arn']}, but no {arn}.", code="OtherPath", operation="GetRole")
        trust = found.get("AssumeRolePolicyDocument") or {}
        return Role(arn, trust if isinstance(trust, str) else json.dumps(trust))

    def permissions(
        self, role_arn: str, actions: Sequence[str], resource: str, context: Mapping[str, str] | None = None
    ) -> tuple[Permission, ...]:
        asked: dict[str, object] = {
            "PolicySourceArn": role_arn,
            "ActionNames": list(actions),
            "ResourceArns": [resource],
            "ContextEntries": [
                {"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": "string"}
                for key, value in (context or {}).items()
            ],
        }
        answer = self._iam(_region_and_account(role_arn)[1], "SimulatePrincipalPolicy", asked)
        told = tuple(_permission(result) for result in answer.get("EvaluationResults") or ())
        if {one.action for one in told} != set(actions):
            raise _incomplete("result for every action", "SimulatePrincipalPolicy")
        return told

    def organization(self, account: str) -> Organization | None:
        try:
            answer = self._global(account, "organizations", "DescribeOrganization", {})
        except BackupsError as error:
            if error.code == NOT_IN_USE:
                return None
            raise
        told = answer.get("Organization") or {}
        return Organization(str(told.get("Id", "")), str(told.get("MasterAccountId") or ""))

    def identity(self, account: str) -> str:
        """The account id that the bot's way into an account really leads to."""
        return str(self._global(account, "sts", "GetCallerIdentity", {}).get("Account") or "")

    def cross_account_backup(self, account: str, region: str) -> bool | None:
        settings = self._calls.ask(account, region, "DescribeGlobalSettings", {}).get("GlobalSettings") or {}
        value = settings.get(CROSS_ACCOUNT)
        return None if value is None else value == "true"

    def region_settings(self, account: str, region: str) -> RegionSettings:
        answer = self._calls.ask(account, region, "DescribeRegionSettings", {})
        opted = answer.get("ResourceTypeOptInPreference") or {}
        managed = answer.get("ResourceTypeManagementPreference") or {}
        return RegionSettings(opted.get(DYNAMODB), managed.get(DYNAMODB))

    def region_state(self, account: str, region: str) -> str:
        answer = self._global(account, "account", "GetRegionOptStatus", {"RegionName": region})
        if not answer.get("RegionOptStatus"):
            raise _incomplete("RegionOptStatus", "GetRegionOptStatus")
        return str(answer["RegionOptStatus"])

    def resource_types(self, account: str, region: str) -> frozenset[str]:
        answer = self._calls.ask(account, region, "GetSupportedResourceTypes", {})
        if not answer.get("ResourceTypes"):
            raise _incomplete("ResourceTypes", "GetSupportedResourceTypes")
        return frozenset(answer["ResourceTypes"])

    def jobs_of_table(self, account: str, region: str, table_arn: str, since: datetime) -> tuple[Job, ...]:
        asked: dict[str, object] = {"ByResourceArn": table_arn, "ByCreatedAfter": since}
        copies = self._calls.pages(account, region, "ListCopyJobs", "CopyJobs", asked)
        backups = self._calls.pages(account, region, "ListBackupJobs", "BackupJobs", asked)
        return (*(_copy_job(item) for item in copies), *(_backup_job(item) for item in backups))

    def copies_at_work(self, account: str, region: str) -> tuple[Job, ...]:
        return tuple(
            _copy_job(item)
            for state in UNFINISHED
            for item in self._calls.pages(account, region, "ListCopyJobs", "CopyJobs", {"ByState": state})
        )

    def copies_in(self, vault: VaultRef, point: RecoveryPoint) -> tuple[Held, ...]:
        """A copy keeps its source's table and creation date, which together are as good as a name."""
        asked: dict[str, object] = {
            "BackupVaultName": vault.name,
            "ByResourceArn": point.table_arn,
            "ByCreatedAfter": point.created_at - MOMENT,
            "ByCreatedBefore": point.created_at + MOMENT,
        }
        items = self._calls.pages(
            vault.account, vault.region, "ListRecoveryPointsByBackupVault", "RecoveryPoints", asked
        )
        return tuple(_held(items, point))

    def details(self, point: RecoveryPoint) -> Details:
        vault = point.vault
        where: dict[str, object] = {"BackupVaultName": vault.name, "RecoveryPointArn": point.arn}
        answer = self._calls.ask(vault.account, vault.region, "DescribeRecoveryPoint", where)
        scans = [scan for scan in answer.get("ScanResults") or () if scan.get("ScanJobState") == "COMPLETED"]
        threats = sorted({threat for scan in scans for threat in scan.get("Findings") or ()})
        keys = self._tag_keys(point)
        return Details(bool(scans), tuple(threats), None if keys is None else len(keys), keys or ())

    def _tag_keys(self, point: RecoveryPoint) -> tuple[str, ...] | None:
        try:
            asked = {"ResourceArn": point.arn}
            answer = self._calls.ask(point.vault.account, point.vault.region, "ListTags", asked)
        except (BackupsDenied, BackupsRefused, BackupsMissing):
            return None
        return tuple(sorted(answer.get("Tags") or {}))

    def _kms(self, owner: str, user: str) -> str:
        """Keys of an account that is not configured are asked by way of the account that uses them."""
        try:
            return self._calls.account(owner).id
        except BackupsRefused:
            return user

    def _doubt_roles(self, account: str, name: str) -> None:
        """An IAM that does not know the very role by which the bot asks it cannot say that another is missing."""
        own = (self._calls.account(account).role_arn or "").rpartition("/")[2]
        if not own or own == name:
            return
        try:
            self._iam(account, "GetRole", {"RoleName": own})
        except BackupsMissing as error:
            raise BackupsRefused(
                f"IAM of account {account} shows not even the bot's own role {own}.",
                code="RolesUnknown",
                operation="GetRole",
            ) from error
        except BackupsError:
            return

    def _iam(self, account: str, operation: str, params: Mapping[str, object]) -> Answer:
        return self._global(account, "iam", operation, params)

    def _global(self, account: str, service: str, operation: str, params: Mapping[str, object]) -> Answer:
        """Ask a service that a partition has once, where it is: elsewhere a Region that is off would refuse us."""
        home = HOMES[partition_of(self._calls.account(account).regions[0])]
        return self._calls.ask(account, home, operation, params, service=service)


def _region_and_account(arn: str) -> tuple[str, str]:
    parts = arn.split(":", 5)
    if len(parts) < 6:
        raise BackupsRefused(f"{arn} is not an ARN.", code="NotAnArn")
    return parts[3], parts[4]


def _incomplete(member: str, operation: str) -> BackupsUnreachable:
    """Half an answer is none: what it leaves out must not pass for fine."""
    return BackupsUnreachable(f"The answer holds no {member}.", code="IncompleteAnswer", operation=operation)


def _permission(result: Answer) -> Permission:
    decision = str(result.get("EvalDecision") or "")
    by_organization = (result.get("OrganizationsDecisionDetail") or {}).get("AllowedByOrganizations")
    return Permission(str(result.get("EvalActionName") or ""), decision == DECIDED_FOR, decision, by_organization)


def _copy_job(item: Answer) -> Job:
    return Job(
        id=str(item.get("CopyJobId") or ""),
        kind="copy",
        state=str(item.get("State") or ""),
        created_at=_when(item.get("CreationDate")),
        point_arn=str(item.get("SourceRecoveryPointArn") or ""),
        destination=str(item.get("DestinationBackupVaultArn") or ""),
        copy_arn=str(item.get("DestinationRecoveryPointArn") or ""),
    )


def _backup_job(item: Answer) -> Job:
    state, created = str(item.get("State") or ""), _when(item.get("CreationDate"))
    return Job(str(item.get("BackupJobId") or ""), "backup", state, created, str(item.get("RecoveryPointArn") or ""))


def _held(items: Iterable[Answer], point: RecoveryPoint) -> list[Held]:
    gone = ("DELETING", "EXPIRED")
    found = [(str(item.get("RecoveryPointArn") or ""), item) for item in items if item.get("Status") not in gone]
    return [Held(arn, _end(item)) for arn, item in found if arn and arn != point.arn]


def _end(item: Answer) -> datetime | None:
    return _when((item.get("CalculatedLifecycle") or {}).get("DeleteAt"))


def _when(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
