"""Tracking: what AWS makes of the steps that run. Every pass is safe to repeat.

A few jobs are asked about one by one, each less often the older it is; many in one account and Region are watched by
the pages of one list, all at the same time. Whatever has ended is written down in the order in which it ended, however
long nobody looked.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Protocol, TypeVar

from bot.domain.backups import CopyJob, CopyJobState
from bot.domain.books import StepChange, Store, Tx
from bot.domain.errors import BackupsError, StoreTrouble
from bot.domain.estimates import estimate
from bot.domain.notices import NoticeKind
from bot.domain.params import StepKind
from bot.domain.ports import Clock, Nudge, Policy
from bot.domain.routing import TOGETHER, crowded
from bot.domain.steps import NOT_SHOWN, UNREAD, Step, StepState
from bot.workflows import unread
from bot.workflows.announce import refresh, say
from bot.workflows.endings import Endings
from bot.workflows.sightings import Sightings, gather, next_looks
from bot.workflows.steps import StepWorks
from bot.workflows.steps.work import Progress, Stage
from bot.workflows.turns import step_aside

log = logging.getLogger(__name__)
T = TypeVar("T")

# A lease that runs out under slow work only has the same safe call made again; a killed tracker costs this long.
LEASE = timedelta(seconds=60)
# All that is due is looked at in one pass, so that the list of an account and Region is read once for all of it.
BATCH = 20_000
WORKERS = 8
# So many changes share a transaction: one each would wait for the disk ten thousand times.
CHUNK = 50
HISTORY = 50
# AWS retries what fails on its own side for up to two hours, and the job stays CREATED meanwhile
# (https://docs.aws.amazon.com/aws-backup/latest/devguide/recov-point-create-a-copy.html).
FIRST_STALL, NEXT_STALL = timedelta(hours=2), timedelta(hours=12)
# The card tells again how long a step has been running when that has grown by half.
FIRST_SHOWN, GROWTH = timedelta(minutes=5), 1.5
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class Watcher(Protocol):
    """A kind of step of which many can be seen at once."""

    def sight(self, steps: Sequence[Step]) -> Sightings: ...

    def conclude(self, step: Step, job: CopyJob, now: datetime) -> Progress: ...


@dataclass(frozen=True, slots=True)
class News:
    """What was heard of a step; no progress: it could not be read, and `error` is what AWS said (None: nothing)."""

    step: Step
    progress: Progress | None
    error: BackupsError | None = None

    @property
    def is_end(self) -> bool:
        return self.progress is not None and self.progress.stage is not Stage.UNDER_WAY

    @property
    def ended_at(self) -> datetime:
        return (self.progress.finished_at if self.progress else None) or LONG_AGO


@dataclass
class Tracker:
    store: Store
    works: StepWorks
    policy: Policy
    clock: Clock
    nudge: Nudge
    watchers: Mapping[StepKind, Watcher] = field(default_factory=dict)

    def poll_due(self) -> int:
        """Ask the outside about the steps that are due for a look; the number of steps looked at."""
        steps = self._claim()
        if steps:
            news = [heard for heard in self._ask(steps) if heard is not None]
            self._end(sorted((heard for heard in news if heard.is_end), key=lambda heard: heard.ended_at))
            self._go_on([heard for heard in news if not heard.is_end])
        return len(steps)

    def _claim(self) -> list[Step]:
        now = self.clock.now()
        with self.store.begin() as tx:
            due = tx.steps.claim((StepState.RUNNING,), now, now + LEASE, BATCH)
            return gather(tx, due, now, now + LEASE, BATCH) if self.watchers else list(due)

    def _ask(self, steps: Sequence[Step]) -> list[News | None]:
        """Ask side by side, so that a slow AWS cannot make a pass outlast its lease."""
        seen = self._sight(steps)
        with ThreadPoolExecutor(WORKERS, thread_name_prefix="tracker") as pool:
            return list(pool.map(lambda step: self._safely(lambda: self._hear(step, seen), step), steps))

    def _sight(self, steps: Sequence[Step]) -> Sightings:
        seen = Sightings()
        for kind, watcher in self.watchers.items():
            found = watcher.sight([step for step in steps if step.kind is kind])
            seen.jobs.update(found.jobs)
            seen.unread.update(found.unread)
        return seen

    def _hear(self, step: Step, seen: Sightings) -> News:
        if step.id in seen.unread:
            return News(step, None, seen.unread[step.id])
        job, now = seen.jobs.get(step.id), self.clock.now()
        try:
            if job is not None:
                return News(step, self.watchers[step.kind].conclude(step, job, now))
            return News(step, self.works[step.kind].poll(step, now))
        except BackupsError as error:
            about = {"request": step.request_id, "code": error.code, "operation": error.operation}
            log.warning("step_unread", extra={**about, "what_to_do": unread.what_to_do(error)})
            return News(step, None, error)

    def _safely(self, work: Callable[[], T], step: Step) -> T | None:
        """One step that goes wrong must not hold up the next; its lease runs out and it is tried again."""
        try:
            return work()
        except Exception:
            log.exception("step_went_wrong", extra={"request": step.request_id, "step": step.id})
            return None

    def _end(self, ended: Sequence[News]) -> None:
        endings = Endings(self.store, self.clock, self.nudge, self._crowd(ended))
        for heard in ended:
            self._safely(lambda heard=heard: _write_down(endings, heard), heard.step)  # type: ignore[misc]

    def _crowd(self, ended: Sequence[News]) -> frozenset[str]:
        """The steps (by id) that end together with so many others that their channel gets one message for all."""
        if len(ended) <= TOGETHER:
            return frozenset()
        with self.store.read() as tx:
            requests = {one: tx.requests.get(one) for one in {heard.step.request_id for heard in ended}}
        of = ((heard.step.id, requests[heard.step.request_id]) for heard in ended)
        return crowded({str(step): request.channel for step, request in of if request})

    def _go_on(self, under_way: Sequence[News]) -> None:
        """Steps of which there is nothing to tell are put off together; of the others people are told."""
        now = self.clock.now()
        looks = next_looks([heard.step for heard in under_way], now, self._pause)
        telling = [heard for heard in under_way if self._has_news(heard, now)]
        told = {heard.step.id for heard in telling}
        quiet = [heard.step for heard in under_way if heard.step.id not in told]
        with self.store.begin() as tx:
            tx.steps.look_later({step.id: looks[step.id] for step in quiet})
            tx.steps.look_in_vain(dict(_outages(under_way, now)))
        for chunk in _chunks(telling, CHUNK):
            self._tell_all(chunk, now, looks)
        if telling:
            self.nudge("relay")

    def _has_news(self, heard: News, now: datetime) -> bool:
        step, state = heard.step, _outside_state(heard, now)
        if heard.progress is not None and step.outside_state in UNREAD:
            return True
        return bool(state) and (
            state != step.outside_state or stalls(step, state, now) > step.stalls or _is_worth_showing(step, now)
        )

    def _tell_all(self, chunk: Sequence[News], now: datetime, looks: Mapping[int, datetime]) -> None:
        """Tell of these in one transaction; where one of them goes wrong, of each in its own."""
        try:
            with self.store.begin() as tx:
                for heard in chunk:
                    self._tell(tx, heard, now, looks[heard.step.id])
        except StoreTrouble:
            raise
        except Exception:
            if len(chunk) == 1:
                log.exception("step_not_told_of", extra={"step": chunk[0].step.id})
                return
            for heard in chunk:
                self._tell_all([heard], now, looks)

    def _tell(self, tx: Tx, heard: News, now: datetime, next_look: datetime) -> None:
        step, state = heard.step, _outside_state(heard, now)
        guess = estimate(step, tx.steps.finished_copies(step.copy.table, HISTORY)) if step.copy else None
        stalled = stalls(step, state, now)
        change = StepChange(
            next_poll_at=next_look,
            outside_state=state,
            stalls=stalled,
            shown_at=now,
            expected_at=guess.at if guess else None,
            expected_from=guess.earlier if guess else None,
        )
        if tx.steps.move(step.id, before=step.state, after=step.state, change=change):
            self._show(tx, step, stalled, now)
            if state == NOT_SHOWN:
                self._say_hidden(tx, step, now)
            elif state in UNREAD:
                _say_unread(tx, heard, state, now)

    def _show(self, tx: Tx, step: Step, stalled: int, now: datetime) -> None:
        request = tx.requests.get(step.request_id)
        if request is None:
            return
        refresh(tx, request, now)
        if stalled > step.stalls:
            hours = int((now - (step.started_at or now)).total_seconds() // 3600)
            facts = {"hours": hours, "job_id": step.external_id, "step": step.id}
            say(tx, request, NoticeKind.STALLED, now, key=f"{step.token}:{stalled}", facts=facts)

    def _say_hidden(self, tx: Tx, step: Step, now: datetime) -> None:
        """Once for each job: whoever wonders must not have it made a second time."""
        request = tx.requests.get(step.request_id)
        if request is not None:
            facts = {"hidden": True, "job_id": step.external_id, "step": step.id}
            if say(tx, request, NoticeKind.STALLED, now, key=f"{step.token}:{NOT_SHOWN}", facts=facts):
                step_aside(tx, step, now)

    def _pause(self, step: Step, now: datetime) -> timedelta:
        """How long until the next look: the configured time while a job is young, up to ten times that with age."""
        shortest = timedelta(seconds=self.policy.poll_seconds)
        age = now - (step.started_at or now)
        return min(shortest * 10, max(shortest, age / 20))


def stalls(step: Step, outside_state: str, now: datetime) -> int:
    """How often people should have been told by now that AWS has not begun: after two hours, then every twelve."""
    waited = now - (step.started_at or now)
    if outside_state != CopyJobState.CREATED or step.copy is None or waited < FIRST_STALL:
        return step.stalls
    return 1 + int((waited - FIRST_STALL) / NEXT_STALL)


def _is_worth_showing(step: Step, now: datetime) -> bool:
    if step.started_at is None:
        return False
    told_at = step.shown_at or step.started_at
    if step.expected_at is not None and told_at < step.expected_at <= now:
        # What the card promises has become a promise of the past.
        return True
    shown = told_at - step.started_at
    return now - step.started_at >= max(FIRST_SHOWN, shown * GROWTH)


def _outside_state(heard: News, now: datetime) -> str:
    """What the step's `outside_state` is to be; "" where there is nothing to say."""
    if heard.progress is not None:
        return heard.progress.outside_state
    return unread.outside_state(heard.step, heard.error, now)


def _outages(heard_of: Iterable[News], now: datetime) -> Iterator[tuple[int, datetime | None]]:
    """Since when steps cannot be read, of those that could be until now, and of those that can be again."""
    for heard in heard_of:
        is_in_vain = heard.progress is None
        if is_in_vain != (heard.step.in_vain_since is not None):
            yield heard.step.id, now if is_in_vain else None


def _say_unread(tx: Tx, heard: News, state: str, now: datetime) -> None:
    """Once for each outage: that the card stands still is no news of the job."""
    step, request = heard.step, tx.requests.get(heard.step.request_id)
    if request is not None:
        since = step.in_vain_since or now
        facts = unread.facts_of(step, heard.error, now)
        say(tx, request, NoticeKind.STALLED, now, key=f"{step.token}:{state}:{since.isoformat()}", facts=facts)


def _write_down(endings: Endings, heard: News) -> None:
    progress = heard.progress
    if progress is not None and progress.failure is not None:
        endings.failed(heard.step, progress.failure, progress.finished_at)
    elif progress is not None:
        endings.done(heard.step, progress)


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    remaining = iter(items)
    while chunk := list(islice(remaining, size)):
        yield chunk
