"""What the approval rules look at, read off the steps of a plan."""

import math
from collections.abc import Callable, Sequence

from bot.domain.approvals import CopyFacts
from bot.domain.backups import Lifecycle, RecoveryPoint, VaultRef
from bot.domain.params import CopyParams, Params, RecurParams
from bot.domain.retention import MAX_DAYS, Keep, effective_days

Alias = Callable[[str], str]
# A copy that is kept as its source may end sooner or later: nobody knows before.
_LONGEST = {Keep.CENTURY: MAX_DAYS, Keep.PERMANENT: math.inf}


def facts_of(steps: Sequence[Params], irreversible: Sequence[bool], alias: Alias) -> tuple[CopyFacts, ...]:
    """Facts for each step, for a schedule one for each copy of its runs.

    `irreversible` says for each step whether it can be undone, `alias` names accounts.

    A step that holds no backup of its own (a new vault, say) counts with the largest and longest of its plan.
    """
    size = max((size for step in steps if (size := _size(step)) is not None), default=None)
    days = max((days for step in steps if (days := _days(step)) is not None), default=None)
    return tuple(
        facts
        for step, undoable in zip(steps, irreversible, strict=True)
        for facts in (
            _facts_of_runs(step, undoable, alias)
            if isinstance(step, RecurParams)
            else [_facts(step, undoable, alias, size, days)]
        )
    )


def _facts_of_runs(step: RecurParams, irreversible: bool, alias: Alias) -> list[CopyFacts]:
    """Whoever approves a schedule approves every copy of it; what a backup will hold nobody knows yet."""
    return [
        CopyFacts(
            source_account=alias(place[0]),
            source_region=place[1],
            destination_account=alias(vault.account),
            destination_region=vault.region,
            destination_vault=vault.name,
            table=step.table,
            action=step.kind,
            size=None,
            retention=retention.days if retention.keep is Keep.DAYS else _LONGEST.get(retention.keep),
            irreversible=irreversible,
        )
        for place, vault, retention in step.copies
    ]


def _facts(step: Params, irreversible: bool, alias: Alias, size: int | None, days: float | None) -> CopyFacts:
    account, region = step.target
    mine, kept = _size(step), _days(step)
    point = _point(step)
    return CopyFacts(
        source_account=alias(step.source_account),
        source_region=point.vault.region if point else region,
        destination_account=alias(account),
        destination_region=region,
        destination_vault=_vault(step),
        table=step.table,
        action=step.kind,
        size=size if mine is None else mine,
        retention=days if kept is None else kept,
        irreversible=irreversible,
    )


def _size(step: Params) -> int | None:
    point = _point(step)
    # A backup that is still to be made has no size yet, and AWS says 0 where it knows none.
    return point.size_bytes or None if point else None


def _days(step: Params) -> float | None:
    if isinstance(step, CopyParams):
        days = effective_days(step.retention, step.point)
        return math.inf if days is None else days
    lifecycle = getattr(step, "lifecycle", None)
    if isinstance(lifecycle, Lifecycle):
        return math.inf if lifecycle.delete_after_days is None else lifecycle.delete_after_days
    return None


def _point(step: Params) -> RecoveryPoint | None:
    point = getattr(step, "point", None)
    return point if isinstance(point, RecoveryPoint) else None


def _vault(step: Params) -> str:
    if isinstance(step, CopyParams):
        return step.destination.name
    vault = getattr(step, "vault", None)
    point = _point(step)
    found = vault if isinstance(vault, VaultRef) else point.vault if point else None
    return found.name if found else ""
