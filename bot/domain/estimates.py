"""When a copy may be done, by our own history: AWS tells no percentage. Always an estimate, and said to be one."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from bot.domain.steps import SEEN, Step

# What was longer ago says little about today's table.
RECENT = 10


@dataclass(frozen=True, slots=True)
class Estimate:
    """When a step may be done, and how many earlier copies say so."""

    at: datetime
    earlier: int


def estimate(step: Step, earlier: Sequence[Step]) -> Estimate | None:
    """Judge by copies of the same table over the same route, newest first; None when there are none.

    The time taken grows with the size, as far as sizes are known: every copy of a DynamoDB backup is a full one.
    """
    alike = [other for other in earlier if other.id != step.id and _route(other) == _route(step)][:RECENT]
    took = [seconds for other in alike if (seconds := _seconds(step, other)) is not None]
    if step.started_at is None or not took:
        return None
    return Estimate(step.started_at + timedelta(seconds=median(took)), len(took))


def _route(step: Step) -> tuple[object, ...]:
    params = step.copy
    if params is None:
        return (step.id,)
    source, to = params.point.vault, params.destination
    return (params.point.table_arn, source.account, source.region, to.account, to.region)


def _seconds(step: Step, other: Step) -> float | None:
    """How long this one would take at the other one's speed."""
    if (
        other.outside_state == SEEN
        or other.started_at is None
        or other.finished_at is None
        or other.finished_at <= other.started_at
    ):
        return None
    seconds = (other.finished_at - other.started_at).total_seconds()
    now, then = step.copy, other.copy
    if now and then and now.point.size_bytes and then.point.size_bytes:
        return seconds * now.point.size_bytes / then.point.size_bytes
    return seconds
