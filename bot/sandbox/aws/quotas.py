"""AWS Backup's quotas, which can be set low: what exceeds them waits, is refused, or fails."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bot.sandbox.aws import arns
from bot.sandbox.aws.jobs import CopyJob, Job
from bot.sandbox.aws.records import Failure, Vault

# Emulator decision: the words are our own, AWS's are not public.
VAULT_FULL = Failure(
    "The job failed because the backup vault has reached its maximum number of recovery points.", "LIMIT_EXCEEDED"
)


@dataclass
class Quotas:
    """The limits, with AWS's defaults: https://docs.aws.amazon.com/aws-backup/latest/devguide/aws-backup-limits.html.

    Emulator decision: copies beyond the quotas of copies wait in CREATED, and "per account" is the account of the job.
    """

    copies_per_destination_region: int = 100
    extra_copies_per_vault: int = 5
    cross_account_copies_per_resource: int = 30
    jobs_per_resource: int = 1
    vaults: int = 300
    points_per_vault: int = 1_000_000

    def set(self, **limits: int) -> None:
        """Change some limits. Raises ValueError for a quota that is not here or a limit below none."""
        for name, limit in limits.items():
            if name not in self.__dataclass_fields__ or limit < 0:
                raise ValueError(f"quotas are numbers from 0 on: {', '.join(self.__dataclass_fields__)}")
            setattr(self, name, limit)

    def failure(self, vault: Vault) -> Failure | None:
        """Say why a vault takes no further point, if it does not."""
        return VAULT_FULL if len(vault.points) >= self.points_per_vault else None

    def admits_from(self, job: CopyJob, live: Iterable[Job], ready: datetime) -> datetime | None:
        """Tell from when on, at `ready` or later, the quotas let a copy run; None while they do not."""
        others = [other for other in live if isinstance(other, CopyJob) and other is not job and other.started_at]
        slot = self._slot(job, others, ready)
        if slot is None or not _crosses_accounts(job):
            return slot
        of_resource = [other for other in _to_region_of(job, others) if _same_resource(job, other)]
        return _free_from(of_resource, self.cross_account_copies_per_resource, slot)

    def _slot(self, job: CopyJob, others: list[CopyJob], ready: datetime) -> datetime | None:
        """Find a slot of the Region or, once those are used up, an extra one of the vault."""
        there = list(_to_region_of(job, others))
        regular = _free_from([other for other in there if not other.extra], self.copies_per_destination_region, ready)
        extras = [other for other in there if other.extra and other.destination_arn == job.destination_arn]
        extra = _free_from(extras, self.extra_copies_per_vault, ready)
        job.extra = extra is not None and (regular is None or extra < regular)
        return extra if job.extra else regular


def _free_from(running: list[CopyJob], limit: int, ready: datetime) -> datetime | None:
    """Find the first moment, at `ready` or later, at which fewer than `limit` of these jobs run."""
    ends = (other.completed_at for other in running)
    moments = [ready, *sorted(end for end in ends if end is not None and end > ready)]
    return next((at for at in moments if sum(_runs_at(other, at) for other in running) < limit), None)


def _runs_at(job: CopyJob, at: datetime) -> bool:
    begun = job.started_at is not None and job.started_at <= at
    return begun and (job.completed_at is None or job.completed_at > at)


def _to_region_of(job: CopyJob, others: Iterable[CopyJob]) -> Iterator[CopyJob]:
    here = (job.account, arns.region_of(job.destination_arn))
    return (other for other in others if (other.account, arns.region_of(other.destination_arn)) == here)


def _same_resource(job: CopyJob, other: CopyJob) -> bool:
    return other.resource_arn == job.resource_arn and _crosses_accounts(other)


def _crosses_accounts(job: CopyJob) -> bool:
    return arns.account_of(job.destination_arn) != job.account
