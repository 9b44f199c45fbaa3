"""Restores by boto3: the port `Restores`."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bot.aws.calls import Calls
from bot.aws.errands import session_name
from bot.domain.errors import BackupsMissing, BackupsUnreachable
from bot.domain.restores import Encryption, RestoreJob, RestoreOrder, RestoreState

UNKNOWN_STATUS = "aws_value_unknown"
_STATES = {state.value: state for state in RestoreState}

_log = logging.getLogger(__name__)


class Boto3Restores:
    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    def start_restore(self, order: RestoreOrder) -> str:
        """Start a restore in the account and Region of its recovery point and return the job's id.

        AWS counts the metadata as sensitive: it is passed on and never logged.
        """
        vault = order.point.vault
        request = {
            "RecoveryPointArn": order.point.arn,
            "IamRoleArn": order.role_arn,
            "Metadata": _metadata(order),
            "ResourceType": "DynamoDB",
            "IdempotencyToken": order.token,
        }
        name = session_name(order)
        answer = self._calls.ask(vault.account, vault.region, "StartRestoreJob", request, errand=name)
        if not answer.get("RestoreJobId"):
            raise BackupsUnreachable(
                "The answer holds no RestoreJobId.", code="IncompleteAnswer", operation="StartRestoreJob"
            )
        return str(answer["RestoreJobId"])

    def restore_job(self, account: str, region: str, job_id: str) -> RestoreJob:
        """Read a restore job, in the account and Region it runs in."""
        if not job_id:
            raise BackupsMissing("There is no restore job without an id.", code="NoId", operation="DescribeRestoreJob")
        answer = self._calls.ask(account, region, "DescribeRestoreJob", {"RestoreJobId": job_id})
        return RestoreJob(
            id=job_id,
            state=_state(answer),
            percent=str(answer.get("PercentDone") or ""),
            message=str(answer.get("StatusMessage") or ""),
            table_arn=answer.get("CreatedResourceArn") or None,
            created_at=_utc(answer.get("CreationDate")),
            completed_at=_utc(answer.get("CompletionDate")),
        )


def _metadata(order: RestoreOrder) -> dict[str, str]:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-dynamodb.html"""
    metadata = {"targetTableName": order.table}
    match order.encryption:
        case Encryption.OWNED:
            metadata["encryptionType"] = "Default"
        case Encryption.MANAGED:
            metadata["encryptionType"] = "KMS"
        case Encryption.CUSTOMER:
            metadata |= {"encryptionType": "KMS", "kmsMasterKeyArn": order.key_arn}
        case Encryption.UNSAID:
            pass
    return metadata


def _state(answer: Mapping[str, Any]) -> RestoreState:
    """A status we do not know counts as RUNNING: a restore has only failed when AWS says so."""
    value = str(answer.get("Status") or "")
    if value not in _STATES:
        _log.warning(UNKNOWN_STATUS, extra={"field": "Status", "value": value})
    return _STATES.get(value, RestoreState.RUNNING)


def _utc(value: datetime | None) -> datetime | None:
    if value is None:
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
