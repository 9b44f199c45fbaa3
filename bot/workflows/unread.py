"""Jobs that cannot be read: when people are told of it, and what there is to do. Nothing of it says that one failed."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from bot.domain.errors import BackupsDenied, BackupsError, BackupsLockedOut
from bot.domain.steps import LOOK_DENIED, UNANSWERED, Step

# A permission that was just given or taken takes a while to hold everywhere; a busy AWS comes round by itself.
DENIED_AFTER, UNANSWERED_AFTER = timedelta(minutes=15), timedelta(minutes=30)
_ACTION = re.compile(r"perform: ([a-z0-9-]+:[A-Za-z0-9]+)")


def outside_state(step: Step, error: BackupsError | None, now: datetime) -> str:
    """What a step's `outside_state` has to say after a look in vain; "": nothing new.

    An outage is told once; only that AWS denies it is told after a mere silence too, since somebody can mend it.
    """
    since = step.in_vain_since
    if since is None or step.outside_state == LOOK_DENIED:
        return ""
    if isinstance(error, BackupsDenied | BackupsLockedOut):
        return LOOK_DENIED if now - since >= DENIED_AFTER else ""
    return UNANSWERED if now - since >= UNANSWERED_AFTER and step.outside_state != UNANSWERED else ""


def facts_of(step: Step, error: BackupsError | None, now: datetime) -> Mapping[str, object]:
    """What the thread is told. `unread`: whether the bot is locked out, denied something, or only unanswered."""
    return {
        "unread": _how(error),
        "action": _action(error) if isinstance(error, BackupsDenied) else "",
        "message": error.message if error else "",
        "since": int((step.in_vain_since or now).timestamp()),
        "job_id": step.external_id,
        "step": step.id,
    }


def what_to_do(error: BackupsError) -> str:
    """For the log."""
    if isinstance(error, BackupsLockedOut):
        return "let the bot into the account again: `copy-backup check` tells what is wrong; the job itself goes on"
    if isinstance(error, BackupsDenied):
        action = _action(error) or "what it asked"
        return f"allow the bot's role {action}: `copy-backup iam` prints what it needs; the job itself goes on"
    return "nothing: it is looked at again, and its thread is told when that stays in vain"


def _how(error: BackupsError | None) -> str:
    if isinstance(error, BackupsLockedOut):
        return "locked out"
    return "denied" if isinstance(error, BackupsDenied) else "unanswered"


def _action(error: BackupsError) -> str:
    """The permission that is missing, by its name in policies; "" where AWS does not name it."""
    named = _ACTION.search(error.message)
    return named[1] if named else ""
