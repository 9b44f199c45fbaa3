"""What stands on a request's card and in its question: states, parts, buttons, dialogs, the two forms of deciding.

Pure, as all of the sentences: dates, mentions and names come in ready for the reader; signs and bold type are added
by whoever lays the message out.
"""

from collections.abc import Iterator, Sequence

from bot.domain.copies import CopyEnd

APPROVE, APPROVE_AGAIN, REJECT, CANCEL = "Approve", "Approve again", "Reject", "Cancel request"
BREAK_GLASS, SIGN, ASK_AGAIN = "Break glass…", "Sign the review", "Ask again"
NOT_YET, KEEP = "Not yet", "Keep it"
WHY, ASKED_BY = "Why:", "Asked by"
TAKE_CARE, WOULD_FAIL, NOT_SEEN = "Take care", "This would fail", "Not seen"
ONESELF = "The person who asked may approve too."
IN_THE_THREAD = "Questions, decisions and results are in the thread."

WAITING, REJECTED, CANCELLED, LAPSED = "Waiting for approval", "Rejected", "Cancelled", "Lapsed"
APPROVED, UNAPPROVED = "Approved", "Goes ahead without approvals"
SET_UP = "Set up"
COPYING, UNDER_WAY, COMPLETED, FAILED, PARTIAL = "Copying", "Under way", "Completed", "Failed", "Partly done"
UNKNOWN = "Outcome not known"
NOT_STARTED = "not started yet"
TRYING_AGAIN = "not started yet, trying again"
MAYBE_STARTED = "AWS may have started it: its answer got lost, and I keep looking"
IN_LINE = "waits its turn, since AWS makes one backup or copy of a table at a time"
NEXT_STEP = "the next step is about to start"
SEE_THREAD = "see the thread"
STEP_TODO, STEP_IN_LINE, STEP_STARTING = "to do", "waits for its turn", "starting"
STEP_FAILED, STEP_SKIPPED, STEP_UNKNOWN = "failed", "left out", "its outcome is not known"

REJECT_TITLE, GLASS_TITLE = "Reject the request", "Break glass"
GLASS_SUBMIT = "Go ahead"
REASON = "Reason"
REASON_IS_READ = "The person who asked reads it in the thread."
GLASS_REASON_IS_READ = "Everybody who is passed over reads it in the thread."


def asks(who: str, what: str) -> str:
    """How the question begins; `what`: copy orders to backup."""
    return f"{who} asks to {what}."


def asked_by(request: str, who: str, what: str) -> str:
    """How the card begins for screen readers and notifications."""
    return f"{request}, asked by {who}: {what}."


def kept(how_long: str) -> str:
    return f"Kept: {how_long}."


def answer_by(when: str, nothing: str) -> str:
    """`nothing`: that nothing comes of it, as half a sentence: nothing is copied."""
    return f"Answer by {when}. Without an answer {nothing}."


def cancel_effect(nothing: str) -> str:
    return f"Only the person who asked can do this. {nothing.capitalize()}."


def warns(word: str, where: str) -> str:
    """Before what is to be known; `where`: the steps it is about, "" where there is one."""
    return f"{word} ({where}):" if where else f"{word}:"


def of_steps(numbers: Sequence[int]) -> str:
    """Steps of a plan by their numbers, ascending, three or more in a row as a range."""
    parts = list(_ranges(numbers))
    word = "step" if len(numbers) == 1 else "steps"
    return f"{word} {' and '.join(filter(None, [', '.join(parts[:-1]), parts[-1]]))}"


def _ranges(numbers: Sequence[int]) -> Iterator[str]:
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    for run in runs:
        yield from [f"{run[0]}–{run[-1]}"] if len(run) > 2 else map(str, run)


def and_more(number: int) -> str:
    """After the warnings that fit."""
    return f"and {number} more"


def spoken(button: str, request: str) -> str:
    """A button's name for screen readers."""
    return {
        BREAK_GLASS: f"Go ahead with {request} without approvals",
        SIGN: f"Sign the review of {request}",
        ASK_AGAIN: f"Ask again for copy request {request}",
        CANCEL: f"Cancel copy request {request}",
    }.get(button, f"{button} copy request {request}")


def really(button: str, request: str) -> str:
    """The title of the dialog that asks once more; "Approve", "Cancel"."""
    return f"{button} {request}?"


def effect(others: int, what: str, *, only_copies: bool, final: str, pausable: bool = False) -> str:
    """What an approval does: `others` more are needed after it; `final` stands first, where there is no way back.

    `pausable`: it is a schedule.
    """
    begins = "AWS Backup starts" if only_copies else "it starts"
    first = f"{final} " if final else ""
    number = "One more approval is" if others == 1 else f"{others} more approvals are"
    at_once = f"With your approval {begins} at once."
    does = f"{number} needed after yours before {begins}." if others > 0 else at_once
    later = "It can be paused or deleted later." if pausable else "What has started cannot be cancelled."
    return f"{first}{does} {later} It is: {what}."


def overrules(number: int) -> str:
    """What an approval says yes to in spite of itself, where the rule lets it."""
    return f"Whoever approves this overrules {against(number)} it."


def against(number: int) -> str:
    """What is to be overruled, before what it is against."""
    return "1 finding that stands against" if number == 1 else f"{number} findings that stand against"


def waiting(count: tuple[int, int], by: str, until: str) -> str:
    """After "Waiting for approval": (given, needed), by whom, until when."""
    given, needed = count
    parts = [
        *([f"{given} of {needed} approvals"] if needed > 1 else []),
        *([f"approved by {by}, {needed - given} missing"] if given else []),
        f"answer by {until}",
    ]
    return " · ".join(parts)


def by_whom(who: str) -> str:
    return f"by {who}"


def unanswered(given: int, needed: int, when: str, nothing: str) -> str:
    """After "Lapsed"; `nothing`: that nothing came of it, as half a sentence."""
    answers = f"only {given} of {needed} approvals came" if given else "nobody answered"
    return f"{answers} by {when}, so {nothing}"


def at_work_since(when: str, *, unread: bool = False) -> str:
    """A step that has been started; "" where AWS told no time. `unread`: nobody can look how it is now."""
    at_work = f"at work since {when}" if when else "at work"
    return f"{at_work}, but I cannot read it now" if unread else at_work


def done_at(when: str, *, seen: bool = False) -> str:
    """`seen`: when somebody looked; its end nobody knows."""
    return f"{'seen done' if seen else 'done'} {when}" if when else "done"


def finished_at(when: str) -> str:
    return f"finished {when}" if when else "finished"


def seen_at(when: str) -> str:
    """Of what AWS no longer tells the end of: it was there when somebody looked."""
    return f"seen {when}; when it finished AWS tells no more"


def copy_ended(end: CopyEnd, when: str) -> str:
    """What became of a copy; `when`: its end as AWS told it, of one that was gone before when that was seen."""
    match end:
        case CopyEnd.REMOVED:
            return f"the copy expired {when}, and AWS has removed it"
        case CopyEnd.EARLY:
            return f"the copy is gone, deleted before its end (seen {when})"
        case CopyEnd.UNDELETABLE:
            return f"the copy expired {when}, but AWS could not delete it"
        case CopyEnd.UNSEEN:
            return f"the copy had its end {when}; AWS does not show whether it is removed"


def copies_ended(number: int, made: int) -> str:
    """Of several copies."""
    return f"{number} of {made} copies {'has' if number == 1 else 'have'} come to an end"


def put_in_force(when: str) -> str:
    """After "Set up", of a schedule, whose card stays as it is whatever becomes of the schedule."""
    since = f"put in force {when}" if when else "put in force"
    return f"{since}; `/copy-backup schedule list` shows whether it runs"


def running_since(when: str, so_far: str) -> str:
    return f"since {when} ({so_far} so far)" if so_far else f"since {when}"


def aws_is_at(since: str, *, copies: bool, accepted_only: bool, hidden: bool = False) -> str:
    """What AWS does with a job. `hidden`: AWS accepted it, and does not show it now."""
    if hidden:
        return f"AWS does not show the job now, I keep looking · under way {since}"
    if accepted_only:
        return f"AWS has accepted the job and not begun yet · {since}"
    return f"AWS is copying · {since}" if copies else f"AWS is at work · {since}"


def unread(when: str, since: str, *, denied: bool) -> str:
    """Of a job that could be read no more at `when` ("" where that is not known)."""
    cannot = "AWS does not let me look now" if denied else "AWS gives me no answer about it now"
    first = f", in vain since {when}" if when else ""
    return f"{cannot}{first}; I keep trying (see the thread) · under way {since}"


def done_by_about(when: str, copies: int) -> str:
    """A guess, with what it rests on."""
    earlier = "1 earlier copy" if copies == 1 else f"{copies} earlier copies"
    return f"done by about {when} (an estimate, from {earlier} of this table on this route)"


def past_estimate(copies: int) -> str:
    """After the moment that `done_by_about` named."""
    earlier = "1 earlier copy" if copies == 1 else f"{copies} earlier copies"
    return f"takes longer than estimated (from {earlier} of this table on this route)"


def failed_at(place: str, why: str, *, unknown: bool = False) -> str:
    """`place`: which of several steps; "" for the only one. `unknown`: whether it failed nobody knows."""
    return f"{place}{'' if unknown else ' failed'}: {why}" if place else why


def will_be_rejected(request: str) -> str:
    """In the form that asks why."""
    return f"*{request}* will be rejected; nothing of it will be done."


def type_to_confirm(request: str) -> str:
    """The label of the field in which the request's id is typed."""
    return f"Type {request} to confirm"
