"""Why a copy job fails: each rule of AWS Backup on its own, asked in order when the job starts."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from bot.sandbox.aws import arns, identity, keys, permissions
from bot.sandbox.aws.governance import tag_refusal
from bot.sandbox.aws.jobs import CopyJob
from bot.sandbox.aws.policies import Caller, Verdict, evaluate
from bot.sandbox.aws.records import (
    AIR_GAPPED_VAULT,
    CUSTOMER_KEY,
    RESTORE_ACCESS_VAULT,
    STANDARD_VAULT,
    Failure,
    Lifecycle,
    RecoveryPoint,
    Vault,
)
from bot.sandbox.aws.state import WorldState

ACCESS_DENIED = Failure("Access Denied trying to call AWS Backup service", "ACCESS_DENIED")
NOT_ONE_ORGANIZATION = Failure(
    "Copy job failed. Both source and destination account must be a member of the same organization.",
    "ACCESS_DENIED",
)
SWITCH_OFF = Failure(
    "Copy job failed. Cross-account copy feature is not enabled for the current organization.",
    "FEATURE_NOT_ENABLED",
)
DEFAULT_KEY = Failure(
    "Copy job failed because the destination Backup vault is encrypted with the default Backup service "
    "managed key. The contents of this vault cannot be copied. Only the contents of a Backup vault "
    "encrypted by an AWS KMS key may be copied.",
    "ACCESS_DENIED",
)
OUT_OF_RANGE = Failure(
    "Copy job failed. The retention specified in the job is not within the range specified for the target "
    "Backup Vault.",
    "INVALID_LIFECYCLE",
)
KEY_UNUSABLE = Failure("KMS key is either disabled or pending deletion or access to KMS key is denied", "KMS_KEY_ERROR")
KEY_UNSEEN = Failure(
    "Given key ID is not accessible. You must have DescribeKey permissions on the AWS KMS key.", "KMS_KEY_ERROR"
)
KEY_MISSING = Failure("Given key ID does not exist", "RESOURCE_NOT_FOUND")
POINT_GONE = Failure("Cannot find recovery point", "RESOURCE_NOT_FOUND")
NO_AIR_GAP_OUT = Failure(
    # Emulator decision: own wording, AWS's is not public.
    "Copy job failed. A recovery point of a logically air-gapped vault can be copied only into a vault that "
    "is encrypted by a customer managed key.",
    "LOGICALLY_AIR_GAPPED_BACKUP_VAULT_NOT_SUPPORTED",
)
TOO_MANY_TAGS = Failure(
    "We are unable to copy resource tags to your backup because the number of tags exceeds the limit.",
    "TAG_COPY_ERROR",
)
TAGS_ALLOWED = 50


@dataclass(frozen=True, slots=True)
class Case:
    """A copy job with all that its rules look at."""

    state: WorldState
    job: CopyJob
    at: datetime
    point: RecoveryPoint | None
    source: Vault | None
    destination: Vault | None
    role: Caller

    @property
    def crosses_accounts(self) -> bool:
        return arns.account_of(self.job.destination_arn) != self.job.account


def refusal(state: WorldState, job: CopyJob, at: datetime) -> Failure | None:
    """Find the first rule the job breaks."""
    books = state.books(job.account, job.region)
    case = Case(
        state,
        job,
        at,
        books.find_point(job.source_vault, job.point_arn),
        books.vaults.get(job.source_vault),
        destination_vault(state, job),
        state.directory.caller(job.role_arn, job.account),
    )
    return next((failure for rule in RULES if (failure := rule(case))), None)


def destination_vault(state: WorldState, job: CopyJob) -> Vault | None:
    arn = arns.parse_vault_arn(job.destination_arn)
    return state.books(arn.account, arn.region).vaults.get(arn.name) if arn else None


def _role_can_be_assumed(case: Case) -> Failure | None:
    if identity.backup_can_assume(case.job.role_arn):
        return None
    return Failure(f"{case.job.role_arn} cannot be assumed by AWS Backup", "ACCESS_DENIED")


def _point_can_be_copied(case: Case) -> Failure | None:
    if case.point is None:
        return POINT_GONE
    if case.point.status not in ("COMPLETED", "AVAILABLE"):
        # Emulator decision: own wording for both states below, AWS's is not public.
        return Failure(f"Copy job failed. The recovery point is in state {case.point.status}.", "INVALID_STATE")
    if case.point.is_cold(case.at):
        return Failure("Copy job failed. The recovery point is in cold storage.", "INVALID_STATE")
    return TOO_MANY_TAGS if len(case.point.tags) > TAGS_ALLOWED else None


def _region_supports(case: Case) -> Failure | None:
    there = arns.region_of(case.job.destination_arn)
    if there not in case.state.without_dynamodb:
        return None
    return Failure(
        f"Copy job from {case.job.region} to {there} cannot be initiated for DynamoDB resources. Feature is not "
        "supported for provided resource type.",
        "UNSUPPORTED_OPERATION",
    )


def _accounts_share_an_organization(case: Case) -> Failure | None:
    if not case.crosses_accounts:
        return None
    here = case.state.directory.organization_of(case.job.account)
    there = case.state.directory.organization_of(arns.account_of(case.job.destination_arn))
    if here is None or there is None or here.id != there.id:
        return NOT_ONE_ORGANIZATION
    return None if here.cross_account_backup else SWITCH_OFF


def _destination_exists(case: Case) -> Failure | None:
    """Ask for the vault. Emulator decision: one in a Region that its account has not enabled is as good as missing."""
    vault = case.destination
    if vault is not None and (vault.account, vault.region) in case.state.closed_regions:
        return ACCESS_DENIED
    return ACCESS_DENIED if vault is None or vault.vault_type == RESTORE_ACCESS_VAULT else None


def _destination_key_may_receive(case: Case) -> Failure | None:
    vault = case.destination
    assert vault is not None
    by_default_key = vault.vault_type == STANDARD_VAULT and vault.key_type != CUSTOMER_KEY
    if case.crosses_accounts and by_default_key and case.state.default_key_refused:
        return DEFAULT_KEY
    leaves_air_gap = case.source is not None and case.source.vault_type == AIR_GAPPED_VAULT
    return NO_AIR_GAP_OUT if leaves_air_gap and by_default_key else None


def _destination_admits(case: Case) -> Failure | None:
    vault = case.destination
    assert vault is not None
    verdict = _vault_says(vault, case.role, "backup:CopyIntoBackupVault", vault.arn)
    # Within one account the role's own permissions suffice; across accounts the vault must say yes.
    admitted = verdict is Verdict.ALLOWED or (verdict is Verdict.SILENT and not case.crosses_accounts)
    return None if admitted else ACCESS_DENIED


def _source_lets_go(case: Case) -> Failure | None:
    if case.source is None:
        return POINT_GONE
    verdict = _vault_says(case.source, case.role, "backup:CopyFromBackupVault", case.job.point_arn)
    return ACCESS_DENIED if verdict is Verdict.DENIED else None


def _role_may_copy(case: Case) -> Failure | None:
    documents = permissions.documents_of(identity.find_role(case.job.role_arn))
    wanted = {
        "backup:CopyFromBackupVault": case.job.point_arn,
        "backup:CopyIntoBackupVault": case.job.destination_arn,
    }
    # A role without any policy may do everything, as elsewhere in the emulator.
    allowed = not documents or all(
        permissions.judge(documents, case.role, action, resource) is Verdict.ALLOWED
        for action, resource in wanted.items()
    )
    return None if allowed else ACCESS_DENIED


def _control_policy_allows(case: Case) -> Failure | None:
    """Ask the service control policy over the copy role, which is of the source account; AWS does not name it."""
    copying = replace(case.role, extra={"backup:CopyTargets": case.job.destination_arn})
    denies = case.state.governance.denies
    denied = denies(copying, "backup:CopyFromBackupVault", case.job.point_arn)
    return ACCESS_DENIED if denied or denies(copying, "backup:CopyIntoBackupVault", case.job.destination_arn) else None


def _tag_policy_allows(case: Case) -> Failure | None:
    """Ask the destination's tag policy: a copy takes its tags along. Emulator decision: the category is our own."""
    assert case.point is not None
    refused = case.state.governance.refused_tag(arns.account_of(case.job.destination_arn), case.point.tags)
    return Failure(f"Copy job failed. {tag_refusal(refused)}", "TAG_COPY_ERROR") if refused is not None else None


def _keys_are_usable(case: Case) -> Failure | None:
    """Ask both vaults' keys. Emulator decision: the copy role reads the source, the destination account's
    service-linked role writes the copy.
    """
    assert case.destination is not None
    there = case.destination.account
    writer = case.state.directory.caller(arns.role_arn(there, keys.SERVICE_LINKED_ROLE), there)
    writing = _key_problem(case.destination.key_arn, writer, "kms:GenerateDataKey")
    reading = _key_problem(case.source.key_arn, case.role, "kms:Decrypt") if case.source else None
    return writing or reading


def _key_problem(key_arn: str | None, caller: Caller, use: str) -> Failure | None:
    if key_arn is None:
        return None
    key = keys.find_key(key_arn)
    if key is None:
        return KEY_MISSING
    if not keys.admits(key, caller, "kms:DescribeKey"):
        return KEY_UNSEEN
    return None if keys.is_usable(key) and keys.admits(key, caller, use) else KEY_UNUSABLE


def _retention_fits(case: Case) -> Failure | None:
    vault = case.destination
    if vault is None or vault.lock is None:
        return None
    return None if fits(case.job.lifecycle, vault.lock.min_days, vault.lock.max_days) else OUT_OF_RANGE


def fits(lifecycle: Lifecycle, low: int | None, high: int | None) -> bool:
    """Tell whether a retention lies in a lock's range; for ever does not where there is a maximum."""
    days = lifecycle.delete_after
    if days is None:
        return high is None
    return (low is None or days >= low) and (high is None or days <= high)


def _vault_says(vault: Vault, caller: Caller, action: str, resource: str) -> Verdict:
    return evaluate(json.loads(vault.policy), caller, action, resource) if vault.policy else Verdict.SILENT


RULES: tuple[Callable[[Case], Failure | None], ...] = (
    _role_can_be_assumed,
    _point_can_be_copied,
    _region_supports,
    _accounts_share_an_organization,
    _destination_exists,
    _destination_key_may_receive,
    _destination_admits,
    _source_lets_go,
    _control_policy_allows,
    _role_may_copy,
    _keys_are_usable,
    _retention_fits,
    _tag_policy_allows,
)
