"""A job that AWS does not show: it has forgotten it, 30 days after its end, or only does not show it now."""

from datetime import datetime, timedelta

from bot.domain.errors import BackupsMissing
from bot.domain.steps import NOT_SHOWN, Step
from bot.workflows.steps.work import Progress, Stage

# AWS removes a job's record so long after its end: a younger job it cannot have forgotten.
KEPT = timedelta(days=30)
# A job that has only just begun may not be there to be read yet; that is nothing to tell anybody.
LAG = timedelta(minutes=15)


def is_forgotten(step: Step, now: datetime) -> bool:
    """Whether its job is old enough for AWS to have removed the record."""
    return step.started_at is None or now - step.started_at >= KEPT


def not_shown(step: Step, now: datetime, missing: BackupsMissing) -> Progress:
    """A job that AWS cannot have forgotten goes on, whether AWS shows it or not. Raises `missing` for a new one."""
    if step.started_at is not None and now - step.started_at < LAG:
        raise missing
    return Progress(Stage.UNDER_WAY, NOT_SHOWN)
