"""AWS Backup by boto3: the port `Backups` in every configured account and Region."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import boto3

from bot.aws import parse
from bot.aws.calls import Calls
from bot.aws.errands import session_name
from bot.aws.sessions import Patience, Purpose, Sessions
from bot.domain.backups import Account, CopyJob, CopyJobState, Lifecycle, RecoveryPoint, Vault, VaultRef
from bot.domain.errors import (
    BackupsError,
    BackupsMissing,
    BackupsRefused,
    BackupsUnreachable,
)
from bot.domain.ports import CopyOrder, Holdings

READERS = 10
UNREADABLE_VAULT = "aws_vault_unreadable"

_log = logging.getLogger(__name__)


class Boto3Backups:
    """AWS Backup of the configured accounts. Making it calls nothing; threads may share it; `close` it last."""

    def __init__(
        self,
        accounts: Sequence[Account],
        *,
        region: str | None = None,
        session: boto3.Session | None = None,
        patience: Patience | None = None,
    ) -> None:
        sessions = Sessions(accounts, region=region, session=session, patience=patience or Patience())
        self.calls = Calls(sessions)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="vault-reader")

    def holdings(self, account: str, region: str) -> Holdings:
        """Read all vaults and DynamoDB recovery points of one account id and Region, every page.

        A vault that cannot be read counts as empty; when none can be read, the first one's reason is raised.
        """
        vaults = self._vaults(account, region, Purpose.SWEEP)
        found = list(self._readers.map(self._points_or_why_not, (vault.ref for vault in vaults)))
        refusals = [result for result in found if isinstance(result, BackupsError)]
        if refusals and len(refusals) == len(vaults):
            raise refusals[0]
        points = [point for result in found if not isinstance(result, BackupsError) for point in result]
        return Holdings(vaults=vaults, points=tuple(points))

    def point(self, vault: VaultRef, arn: str) -> RecoveryPoint:
        """Read one recovery point. Raises BackupsMissing when it is gone, BackupsDenied for an unknown vault."""
        where: dict[str, object] = {"BackupVaultName": vault.name, "RecoveryPointArn": arn}
        answer = self._ask(vault.account, vault.region, "DescribeRecoveryPoint", where)
        point = parse.point(answer, vault)
        if point is None:
            raise BackupsRefused(
                f"{arn} is not a backup of a DynamoDB table.", code="NotATable", operation="DescribeRecoveryPoint"
            )
        return point

    def vaults(self, account: str, region: str) -> tuple[Vault, ...]:
        """List the vaults of one account id and Region, live."""
        return self._vaults(account, region, Purpose.ASK)

    def start_copy(self, order: CopyOrder) -> str:
        """Start a copy in the source's account and Region and return the copy job's id. Safe to repeat.

        AWS sees it done by a role session that carries request and approver (bot.aws.errands).
        """
        source, name = order.params.point.vault, session_name(order)
        answer = self._ask(source.account, source.region, "StartCopyJob", _copy_request(order), errand=name)
        return str(_member(answer, "CopyJobId", "StartCopyJob"))

    def copy_job(self, source: VaultRef, job_id: str) -> CopyJob:
        """Read a copy job, in the account and Region that own the source vault. BackupsMissing after 30 days."""
        if not job_id:
            # In the path of the request, DescribeCopyJob without an id is ListCopyJobs.
            raise BackupsMissing("There is no copy job without an id.", code="NoId", operation="DescribeCopyJob")
        answer = self._ask(source.account, source.region, "DescribeCopyJob", {"CopyJobId": job_id})
        return parse.copy_job(_member(answer, "CopyJob", "DescribeCopyJob"), job_id)

    def copy_jobs(
        self, account: str, region: str, state: CopyJobState, *, ended_after: datetime | None = None
    ) -> tuple[CopyJob, ...]:
        """List the DynamoDB copy jobs of one account id, Region and state, every page; perhaps only late endings."""
        which: dict[str, object] = {"ByState": state.value, "ByResourceType": "DynamoDB"}
        if ended_after is not None:
            which["ByCompleteAfter"] = ended_after
        items = self._pages(account, region, "ListCopyJobs", "CopyJobs", Purpose.SWEEP, **which)
        return tuple(parse.copy_job(item, str(item["CopyJobId"])) for item in items if item.get("CopyJobId"))

    def copies_begun(self, point: RecoveryPoint, destination: VaultRef, since: datetime) -> tuple[CopyJob, ...]:
        """List the copy jobs of one recovery point into one vault that were made since then, oldest first."""
        which: dict[str, object] = {
            "BySourceRecoveryPointArn": point.arn,
            "ByDestinationVaultArn": destination.arn,
            "ByCreatedAfter": since,
        }
        place = point.vault
        items = self._pages(place.account, place.region, "ListCopyJobs", "CopyJobs", Purpose.SWEEP, **which)
        jobs = [parse.copy_job(item, str(item["CopyJobId"])) for item in items if item.get("CopyJobId")]
        return tuple(sorted(jobs, key=lambda job: job.created_at or since))

    def points_of(self, vault: VaultRef, table_arn: str) -> tuple[RecoveryPoint, ...]:
        """List the recovery points of one table in one vault, every page. BackupsDenied for an unknown vault."""
        which = {"BackupVaultName": vault.name, "ByResourceArn": table_arn}
        operation = "ListRecoveryPointsByBackupVault"
        items = self._pages(vault.account, vault.region, operation, "RecoveryPoints", Purpose.SWEEP, **which)
        points = (parse.point(item, vault) for item in items)
        return tuple(point for point in points if point is not None)

    def close(self) -> None:
        """Let reads under way end, then close every connection."""
        self._readers.shutdown(wait=True, cancel_futures=True)
        self.calls.close()

    def _vaults(self, account: str, region: str, purpose: Purpose) -> tuple[Vault, ...]:
        items = self._pages(account, region, "ListBackupVaults", "BackupVaultList", purpose)
        vaults = (parse.vault(item, account, region) for item in items)
        return tuple(vault for vault in vaults if vault is not None)

    def _points_or_why_not(self, ref: VaultRef) -> list[RecoveryPoint] | BackupsError:
        """Let one vault fail alone where asking again would not help: it vanished (AWS says 403 then), its policy
        denies, its kind cannot be listed.

        What may pass is raised: an inventory without this vault's points would look like a vault without points.
        """
        try:
            return self._points(ref)
        except BackupsError as error:
            if error.retryable:
                raise
            _log.warning(UNREADABLE_VAULT, extra={"vault": ref.arn, "code": error.code, "reason": error.message})
            return error

    def _points(self, ref: VaultRef) -> list[RecoveryPoint]:
        items = self._pages(
            ref.account,
            ref.region,
            "ListRecoveryPointsByBackupVault",
            "RecoveryPoints",
            Purpose.SWEEP,
            BackupVaultName=ref.name,
            ByResourceType="DynamoDB",
        )
        points = (parse.point(item, ref) for item in items)
        return [point for point in points if point is not None]

    def _pages(
        self, account: str, region: str, operation: str, member: str, purpose: Purpose, **params: object
    ) -> Iterator[Mapping[str, Any]]:
        return self.calls.pages(account, region, operation, member, params, purpose=purpose)

    def _ask(
        self,
        account_id: str,
        region: str,
        operation: str,
        params: Mapping[str, object],
        purpose: Purpose = Purpose.ASK,
        errand: str = "",
    ) -> Mapping[str, Any]:
        return self.calls.ask(account_id, region, operation, params, purpose=purpose, errand=errand)


def _member(answer: Mapping[str, Any], name: str, operation: str) -> Any:
    """Without the one thing that was asked for, the answer is not AWS's: a proxy's page, or half an answer."""
    if not answer.get(name):
        raise BackupsUnreachable(f"The answer holds no {name}.", code="IncompleteAnswer", operation=operation)
    return answer[name]


def _copy_request(order: CopyOrder) -> dict[str, object]:
    params = order.params
    request: dict[str, object] = {
        "RecoveryPointArn": params.point.arn,
        "SourceBackupVaultName": params.point.vault.name,
        "DestinationBackupVaultArn": params.destination.arn,
        "IamRoleArn": params.role_arn,
        # Never left to botocore, which would make up a new one for each call, and a repeat would be a second copy.
        "IdempotencyToken": order.token,
    }
    lifecycle = _lifecycle(params.retention.lifecycle())
    return request | ({"Lifecycle": lifecycle} if lifecycle else {})


def _lifecycle(lifecycle: Lifecycle | None) -> dict[str, int]:
    """Leaving Lifecycle out is what makes the copy inherit the source's."""
    if lifecycle is None:
        return {}
    days = {
        "DeleteAfterDays": lifecycle.delete_after_days,
        "MoveToColdStorageAfterDays": lifecycle.cold_after_days,
    }
    return {member: value for member, value in days.items() if value is not None}
