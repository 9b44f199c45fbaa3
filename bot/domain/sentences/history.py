"""What the lines of the history say happened; who did it stands before them, what more is known of it after them.

Pure, as all of the sentences: mentions, ids and job ids come in ready for the reader.
"""

from collections.abc import Mapping, Sequence

from bot.domain.copies import CopyEnd, Wish
from bot.domain.kinds import StepKind
from bot.domain.requests import RequestEvent

NOBODY = "nobody"
# What the history calls it when somebody dismissed what could not be delivered.
DISMISSED = "dead letter dismissed"
OUTCOME_UNKNOWN = "ended, and how is not known"

_JOBS: Mapping[StepKind, str] = {
    StepKind.COPY: "copy job",
    StepKind.BACK_UP: "backup job",
    StepKind.RESTORE: "restore job",
}
_DONE: Mapping[str, str] = {
    RequestEvent.APPROVE: "approved",
    RequestEvent.REJECT: "rejected",
    RequestEvent.CANCEL: "cancelled",
    RequestEvent.LAPSE: "lapsed",
    RequestEvent.COMPLETE: "completed",
    RequestEvent.COMPLETE_PARTLY: "completed in part",
    RequestEvent.FAIL: "failed",
    RequestEvent.RETRY: "tried again",
    RequestEvent.BREAK_GLASS: "went ahead without approvals (break-glass)",
    RequestEvent.CHANGE: "asked anew",
    "approved by one": "approved (more are needed)",
    "review signed": "review signed",
    DISMISSED: "dismissed what could not be delivered",
    Wish.LET_GO: "let go",
    Wish.LET_LAST_GO: "let go, though it was the last one",
    Wish.KEEP_TELLING: "asked to be told again",
    Wish.DAY: "put off for a day",
    Wish.WEEK: "put off for a week",
    Wish.DROP: "no longer watched",
    CopyEnd.REMOVED: "the copy expired, and AWS has removed it",
    CopyEnd.EARLY: "the copy is gone before its end",
    CopyEnd.UNDELETABLE: "the copy expired, and AWS could not delete it",
    CopyEnd.UNSEEN: "the copy had its end, and AWS does not show whether it is removed",
}


def done(event: str) -> str:
    """What an event is called; as it is recorded where it has no other name."""
    return _DONE.get(event, str(event))


def started(place: int, kind: StepKind | None, job: str) -> str:
    """`place`: which of several steps, 0 for the only one or one that is not known; `job`: AWS's, "" for none."""
    what = f"step {place} started" if place else "started"
    return f"{what}: {job_of(kind)} {job}" if job else what


def job_of(kind: StepKind | None) -> str:
    """What AWS calls the job that a step of this kind started."""
    return _JOBS.get(kind, "job") if kind else "job"


def goes_on(why: str) -> str:
    """A step failed, and there are others that do not hang on it."""
    return f"a step failed, and the others go on: {why}"


def was_reminded(who: str) -> str:
    return f"reminded {who}"


def was_called(who: str) -> str:
    return f"called {who} for help"


def was_asked_again(new: str) -> str:
    return f"asked again as {new}"


def copy_there(vault: str, region: str) -> str:
    """A copy that the request itself made."""
    return f"copy in {vault}, {region}"


def copy_called(name: str) -> str:
    """Any other one, by the first letters of its name."""
    return f"copy {name}…"


def were_refused(count: int, last: str) -> str:
    """`last`: what is known of the newest one, with its colon and who clicked; "" for nothing."""
    return f"{count} clicks refused, the newest one{last}"


def in_a_row(who: Sequence[str]) -> str:
    """A, B and C."""
    *others, last = who or [NOBODY]
    return f"{', '.join(others)} and {last}" if others else last
