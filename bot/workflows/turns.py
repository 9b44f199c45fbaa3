"""Waiting for a table: AWS makes one backup or copy of a table at a time, so ours stand in line and say so.

Left to AWS, a second job would wait in CREATED or fail with CONCURRENT_JOB
(https://docs.aws.amazon.com/aws-backup/latest/devguide/aws-backup-limits.html).
"""

from datetime import datetime, timedelta

from bot.domain.books import StepChange, Tx
from bot.domain.notices import NoticeKind
from bot.domain.steps import QUEUED, Step, table_at_work
from bot.workflows.announce import refresh, say

# Who waits is woken when the table is free; this only mends a wake-up that got lost.
LOOK_AGAIN = timedelta(seconds=60)


def must_wait(tx: Tx, step: Step, now: datetime) -> bool:
    """Let a step wait while another one is at work on its table, and say so once; False when none is."""
    table = table_at_work(step.params)
    holder = tx.steps.at_work_on(table) if table else None
    if table is None or holder is None or holder.id == step.id:
        return False
    if tx.steps.queue(step.id, table, StepChange(next_poll_at=now + LOOK_AGAIN, outside_state=QUEUED)):
        _tell(tx, step, holder, now)
    return True


def wake_next(tx: Tx, step: Step, now: datetime) -> None:
    """A step has ended: let the next one that waits for its table begin."""
    table = table_at_work(step.params)
    if table:
        tx.steps.release_next(table, now)


def step_aside(tx: Tx, step: Step, now: datetime) -> None:
    """Nobody can see whether a step is still at work: others need not wait for its table until that is known."""
    tx.steps.leave_table(step.id)
    wake_next(tx, step, now)


def _tell(tx: Tx, step: Step, holder: Step, now: datetime) -> None:
    request = tx.requests.get(step.request_id)
    if request is None:
        return
    facts = {"step": step.id, "holder": holder.request_id, "holder_step": holder.id}
    if say(tx, request, NoticeKind.QUEUED, now, key=step.token, facts=facts):
        refresh(tx, request, now)
