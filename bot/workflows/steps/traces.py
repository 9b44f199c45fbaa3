"""What a vault tells of a copy whose job AWS does not show: which recovery point there that job has made."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.domain.backups import RecoveryPoint, is_same_backup
from bot.domain.params import CopyParams
from bot.domain.preflight import COPYABLE
from bot.domain.steps import Step

# What has expired, and AWS could not delete, was made as well.
_MADE = (*COPYABLE, "EXPIRED")


@dataclass(frozen=True, slots=True)
class Traces:
    """Complete copies of a step's backup from its vault that no other step has made.

    `dated` say themselves that they were made since the step's start; `undated` do not say when they were made.
    """

    dated: tuple[RecoveryPoint, ...]
    undated: tuple[RecoveryPoint, ...]

    def copy(self, *, only_dated: bool) -> RecoveryPoint | None:
        """The step's own copy; None when there is none, or more than one that could be it."""
        alike = self.dated or (() if only_dated else self.undated)
        return alike[0] if len(alike) == 1 else None

    @property
    def count(self) -> int:
        """How many could be it."""
        return len(self.dated or self.undated)


def traces(step: Step, params: CopyParams, there: Sequence[RecoveryPoint], others: Collection[str]) -> Traces:
    """Sort the recovery points of the table in the destination; `others` are the ARNs of what other steps have made."""
    alike = [point for point in there if point.arn not in others and _is_copy(point, params.point)]
    dated = tuple(point for point in alike if made_at(point, step) is not None)
    undated = tuple(point for point in alike if point not in dated and not _is_older(point, params.point))
    return Traces(dated, undated)


def made_at(copy: RecoveryPoint, step: Step) -> datetime | None:
    """When the copy itself says that its job ended; a date from before the start is another's, or its source's."""
    ended = copy.completed_at
    return ended if ended is not None and (step.started_at is None or ended >= step.started_at) else None


def _is_copy(point: RecoveryPoint, source: RecoveryPoint) -> bool:
    """A copy has its source's creation date."""
    same = is_same_backup(point.created_at, source.created_at) and point.source_vault_arn == source.vault.arn
    return same and point.status in _MADE


def _is_older(point: RecoveryPoint, source: RecoveryPoint) -> bool:
    """Whether it says that it was made before the start: by another job, unless the date is its source's."""
    if point.completed_at is None or source.completed_at is None:
        return False
    return not is_same_backup(point.completed_at, source.completed_at)
