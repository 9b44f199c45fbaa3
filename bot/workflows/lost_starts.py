"""Whether a step has started, when nobody heard AWS's answer: the call may have taken effect all the same."""

from datetime import datetime, timedelta

from bot.domain.errors import BackupsError, BackupsUnreachable
from bot.domain.steps import MAYBE_STARTED, NOT_STARTED, RECORD_GONE, Failure, Step, StepState

# So long after the first try AWS's list shows what a try has started: the last one, by the growing pauses, was half as
# long ago.
SETTLING = timedelta(minutes=4)


def may_have_started(step: Step, error: BackupsError) -> bool:
    """Whether a call to start it may have taken effect: this one (it ended in this error), or one before.

    A step of which no answer is noted was left by a bot that died in the middle of its call.
    """
    asked = step.state is StepState.STARTING
    return asked and (isinstance(error, BackupsUnreachable) or step.outside_state != NOT_STARTED)


def fate(step: Step, error: BackupsError) -> str | None:
    """What is to be noted of the calls to start it; nothing of a step that was not to start yet."""
    if step.state is not StepState.STARTING:
        return None
    return MAYBE_STARTED if may_have_started(step, error) else NOT_STARTED


def is_settled(step: Step, error: BackupsError, now: datetime, most_tries: int) -> bool:
    """Whether AWS's list would show a job by now, had any try started it."""
    if error.retryable:
        return step.tries > most_tries
    return step.started_at is not None and now - step.started_at >= SETTLING


def never_known(unread: BackupsError) -> Failure:
    """For so long nobody could look that AWS has removed the record of a job, if there was one."""
    return Failure(
        "AWS's answer got lost when it was to start, and for 30 days I could not look whether it did "
        f"({unread.message.rstrip('.')}), so its outcome is not known.",
        RECORD_GONE,
        "Look for its result in AWS Backup. If it is not there, ask again with `/copy-backup`.",
    )
