"""Tracking: what AWS makes of the steps that run. Every pass is safe to repeat."""

import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.books import StepChange, Store, Tx
from bot.domain.errors import BackupsError
from bot.domain.ports import Clock, Nudge, Policy
from bot.domain.steps import Step, StepState
from bot.workflows.announce import renew
from bot.workflows.endings import Endings
from bot.workflows.steps import StepWorks
from bot.workflows.steps.work import Stage

log = logging.getLogger(__name__)

# A lease that runs out under slow work only has the same safe call made again; a killed tracker costs this long.
LEASE = timedelta(seconds=60)
BATCH = 16
WORKERS = 8


@dataclass
class Tracker:
    store: Store
    works: StepWorks
    policy: Policy
    clock: Clock
    nudge: Nudge

    def poll_due(self) -> int:
        """Ask the outside about the steps that are due for a look; the number of steps looked at."""
        steps = self._claim()
        if steps:
            with ThreadPoolExecutor(WORKERS, thread_name_prefix="tracker") as pool:
                list(pool.map(self._safely, steps))
        return len(steps)

    def _claim(self) -> list[Step]:
        now = self.clock.now()
        with self.store.begin() as tx:
            return list(tx.steps.claim((StepState.RUNNING,), now, now + LEASE, BATCH))

    def _safely(self, step: Step) -> None:
        """One step that goes wrong must not hold up the next; its lease runs out and it is tried again."""
        try:
            self._poll(step)
        except Exception:
            log.exception("step_went_wrong", extra={"request": step.request_id, "step": step.id})

    def _poll(self, step: Step) -> None:
        endings = Endings(self.store, self.clock, self.nudge)
        try:
            progress = self.works[step.kind].poll(step, self.clock.now())
        except BackupsError as error:
            log.warning("step_unread", extra={"request": step.request_id, "code": error.code})
            self._look_again(step, step.outside_state)
            return
        if progress.stage is Stage.DONE:
            endings.done(step, progress)
        elif progress.failure is not None:
            endings.failed(step, progress.failure)
        else:
            self._look_again(step, progress.outside_state)

    def _look_again(self, step: Step, outside_state: str | None) -> None:
        now = self.clock.now()
        with self.store.begin() as tx:
            change = StepChange(next_poll_at=now + self._pause(step, now), outside_state=outside_state)
            if not tx.steps.move(step.id, before=step.state, after=step.state, change=change):
                return
            if outside_state != step.outside_state:
                self._show_progress(tx, step, now)
        self.nudge("relay")

    def _show_progress(self, tx: Tx, step: Step, now: datetime) -> None:
        request = tx.requests.get(step.request_id)
        if request and tx.requests.move(request.id, before=request.state, after=request.state, at=now):
            renew(tx, tx.requests.get(request.id) or request, now)

    def _pause(self, step: Step, now: datetime) -> timedelta:
        """How long until the next look: the configured time while a job is young, up to ten times that with age."""
        shortest = timedelta(seconds=self.policy.poll_seconds)
        age = now - (step.started_at or now)
        return min(shortest * 10, max(shortest, age / 20))
