"""A copy job's start and end: the rules are asked when it starts, the copy appears only when it is done."""

import uuid
from dataclasses import replace
from datetime import datetime

from bot.sandbox.aws import arns
from bot.sandbox.aws.copy_rules import ACCESS_DENIED, destination_vault, refusal
from bot.sandbox.aws.events import point_event
from bot.sandbox.aws.jobs import CopyJob, Job
from bot.sandbox.aws.lifecycle import for_copy
from bot.sandbox.aws.records import Failure, Lifecycle, RecoveryPoint
from bot.sandbox.aws.state import WorldState


def new_job(
    state: WorldState,
    point: RecoveryPoint,
    *,
    destination_arn: str,
    role_arn: str,
    asked: Lifecycle | None,
    at: datetime,
) -> CopyJob:
    """Make the job that copies a point from where it is."""
    return CopyJob(
        id=str(uuid.uuid4()).upper(),
        account=point.account,
        region=point.region,
        resource_arn=point.resource_arn,
        role_arn=role_arn,
        size_bytes=point.size_bytes,
        created_at=at,
        fate=state.orders["copy"].take(point.size_bytes),
        point_arn=point.arn,
        source_vault=point.vault,
        source_vault_arn=str(arns.vault_arn(point.account, point.region, point.vault)),
        destination_arn=destination_arn,
        lifecycle=for_copy(asked, point.lifecycle),
    )


def begin(state: WorldState, job: Job, at: datetime) -> Failure | None:
    assert isinstance(job, CopyJob)
    if failure := refusal(state, job, at):
        return failure
    vault = destination_vault(state, job)
    job.destination_key_arn = vault.key_arn if vault else None
    return None


def finish(state: WorldState, job: Job, at: datetime) -> Failure | None:
    """Put the copy into the destination vault: created when its source was, kept as the job says."""
    assert isinstance(job, CopyJob)
    if job.fate.doom:
        return job.fate.doom
    source = state.books(job.account, job.region).find_point(job.source_vault, job.point_arn)
    vault = destination_vault(state, job)
    if vault is None:
        return ACCESS_DENIED
    if source is None:
        return Failure("The recovery point is no longer available.", "RESOURCE_NOT_FOUND")
    if full := state.quotas.failure(vault):
        return full
    landed = replace(
        source,
        arn=arns.new_point_arn(vault.region, vault.account),
        account=vault.account,
        region=vault.region,
        vault=vault.name,
        completed_at=at,
        lifecycle=job.lifecycle,
        status="COMPLETED",
        key_arn=vault.key_arn,
        key_type=vault.key_type,
        role_arn=job.role_arn,
        source_vault_arn=job.source_vault_arn,
        created_by=None,
        tags=dict(source.tags),
        # A scan speaks of one recovery point; the copy has to be scanned by itself.
        scans=[],
    )
    state.books(vault.account, vault.region).add_point(landed)
    state.announce(point_event(landed, landed.status, at))
    job.destination_point_arn = landed.arn
    return None
