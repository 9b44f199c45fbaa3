"""Many copy jobs seen at once: by pages of ListCopyJobs, so that calls are bounded by pages and not by jobs."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.backups import CopyJob, CopyJobState
from bot.domain.books import Tx
from bot.domain.errors import BackupsError
from bot.domain.ports import Backups
from bot.domain.steps import Step
from bot.workflows.unread import what_to_do

log = logging.getLogger(__name__)

# Up to so many jobs of one account and Region are described one by one: five lists would hardly cost less.
FEW = 50
OPEN = (CopyJobState.CREATED, CopyJobState.RUNNING)
ENDED = (CopyJobState.COMPLETED, CopyJobState.FAILED, CopyJobState.PARTIAL)
# AWS's clock and ours may differ.
SKEW = timedelta(minutes=5)

Area = tuple[str, str]


@dataclass
class Sightings:
    """Jobs by the id of their step. `unread` could not be asked about now, with what AWS said (None: a defect of ours);
    steps in neither are asked one by one.
    """

    jobs: dict[int, CopyJob] = field(default_factory=dict)
    unread: dict[int, BackupsError | None] = field(default_factory=dict)


def gather(tx: Tx, due: Sequence[Step], now: datetime, until: datetime, limit: int) -> list[Step]:
    """The steps that a pass looks at, of those that it has claimed as due until `until`; sorted by their ids.

    Where more than a few run in one account and Region, all of them are looked at together, due or not: jobs that were
    started one after the other come due a few at a time, and each by itself would cost more calls than one list of all.
    """
    looked_at = {step.id: step for step in due}
    for area, group in _areas(due).items():
        if tx.steps.copies_at_work(*area, most=FEW + 1) <= FEW:
            continue
        # The next look at the others is soon enough, or another replica is at it.
        soon = tx.steps.common_look(*area, shared_by=FEW + 1, after=now, before=until)
        if soon is None:
            looked_at |= {step.id: step for step in tx.steps.claim_copies(*area, until, limit)}
            continue
        tx.steps.look_later({step.id: soon for step in group})
        for step in group:
            del looked_at[step.id]
    return sorted(looked_at.values(), key=lambda step: step.id)


def next_looks(
    steps: Sequence[Step], now: datetime, pause: Callable[[Step, datetime], timedelta]
) -> dict[int, datetime]:
    """When each step (by id) is looked at again: many of one account and Region together, as soon as the first."""
    looks = {step.id: now + pause(step, now) for step in steps}
    for group in _areas(steps).values():
        if len(group) > FEW:
            together = min(looks[step.id] for step in group)
            looks |= {step.id: together for step in group}
    return looks


def sight(backups: Backups, steps: Sequence[Step]) -> Sightings:
    """Look at the copy jobs of every account and Region where there are more than a few."""
    seen = Sightings()
    for area, group in _areas(steps).items():
        if len(group) <= FEW:
            continue
        try:
            for step_id, job in _listed(backups, area, group):
                seen.jobs[step_id] = job
        except BackupsError as error:
            where = {"account": area[0], "region": area[1]}
            log.warning("copy_jobs_unlisted", extra={**where, "code": error.code, "what_to_do": what_to_do(error)})
            seen.unread.update({step.id: error for step in group if step.id not in seen.jobs})
        except Exception:
            # A defect that one area's answer shows must not keep the others from being looked at.
            log.exception("copy_jobs_not_understood", extra={"account": area[0], "region": area[1]})
            seen.unread.update({step.id: None for step in group if step.id not in seen.jobs})
    return seen


def _areas(steps: Sequence[Step]) -> Mapping[Area, list[Step]]:
    found: dict[Area, list[Step]] = defaultdict(list)
    for step in steps:
        if step.copy is not None and step.external_id:
            found[(step.copy.point.vault.account, step.copy.point.vault.region)].append(step)
    return found


def _listed(backups: Backups, area: Area, group: Sequence[Step]) -> Iterator[tuple[int, CopyJob]]:
    """Open jobs first: a job only moves on, so that one which moves meanwhile is met later, and none is missed."""
    missing = {step.external_id: step for step in group}
    for state in (*OPEN, *ENDED):
        if not missing:
            return
        begun = [step.started_at for step in missing.values() if step.started_at]
        since = min(begun) - SKEW if begun and state in ENDED else None
        for job in backups.copy_jobs(*area, state, ended_after=since):
            step = missing.pop(job.id, None)
            if step is not None:
                yield step.id, job
