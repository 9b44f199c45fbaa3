"""Every sentence that a person can get about an approval: in private, or said once in the thread.

What stands on the card and in the question is in `question`, what a change is called in `changes`, what goes wrong
besides in `errors`, who would be asked in `review`, what a plan begins or not in `plans`, the lines of the history in
`history`. Pure: what is put in has been made ready for the reader (mentions, dates, escaped text) by whoever
calls.
"""

from collections.abc import Sequence

BOT = "Bots cannot decide about a request."
DEACTIVATED = "This account is deactivated."
NOT_IN_SLACK = "This person is not in Slack any more."
OTHER_WORKSPACE = "Only people of the workspace that owns this bot can decide about a request."
GUEST = "Guests cannot decide about a request."
OWN_REQUEST = "You asked for this, so somebody else has to decide about it."
NO_APPROVER = "You are not one of the approvers of this request."
DECIDED_ALREADY = "You have decided about this request already."
ONLY_ASKER_CANCELS = "Only the person who asked can cancel a request. Approvers can reject it."
ONLY_ASKER_ASKS_AGAIN = "Only the person who asked can ask again with this button. Type `/copy-backup` to ask yourself."
GONE = "That request is not here any more."
ELSEWHERE = "This message does not belong to the request as it stands. Use the buttons in the request's thread."
NO_GLASS = "The rule of this request lets nobody go ahead without approvals."
NOT_YOUR_GLASS = "You are not one of those who may go ahead without approvals here."
NOT_YOUR_REVIEW = "Whoever went ahead without approvals cannot sign the review of it."
OWN_REVIEW = "You asked for this, so somebody else has to sign the review."
NO_REVIEW = "There is no review to sign here."
WAITS = "Slack does not tell me just now who may decide. I keep your click and judge it as soon as I know."
TOO_SLOW = "Slack closed the door before I could open the form. Press the button again."
TYPE_AGAIN = "Slack closed the door before I could open the form. Type the command again."
NOT_UNSEEN_FINAL = "This cannot be undone, so look at it once more before it goes out."
NOT_UNSEEN_OVERRULED = "Approvers would have to overrule what I found, so look at it before it goes out."
NO_REASON = "Say why, so that the person who asked can act on it."
NO_GLASS_REASON = "Say why this cannot wait for approvals. Everybody who is passed over reads it."
MAY_NOT_ASK = (
    "The rule for this lets only some people ask, and you are not one of them. Ask one of them, or an operator."
)
AWS_SILENT = "AWS did not answer, so nothing was asked again. Press the button again in a moment."
FINAL = "THIS CANNOT BE UNDONE."
FOR_GOOD = "THIS IS KEPT FOR GOOD"
CENTURY = "THIS IS KEPT FOR 36,500 DAYS"
NO_RULE = "No approval rule covers this, so nobody could approve it. Ask an operator."
UNKNOWN_REQUEST = "I know no such request. Type `/copy-backup history` to see the newest ones."
NO_HISTORY = "Nothing has happened yet."
THE_BOT = "I"
HISTORY_USAGE = "history` shows what happened lately, `history CB-42` what happened to a request."
NO_CHANNEL = (
    "I am not a member of this channel (or it is archived or shared with another organization), and no "
    "channel is configured that I could post to. Invite me with `/invite`, then send again."
)

ENDED = {
    "APPROVED": "was approved{by}",
    "RUNNING": "was approved{by} and is under way",
    "COMPLETED": "was approved{by} and is done",
    "PARTIAL": "was approved{by} and is partly done",
    "FAILED": "was approved{by}, and failed",
    "REJECTED": "was rejected{by}",
    "CANCELLED": "was cancelled{by}",
    "LAPSED": "lapsed without enough approvals in time",
}


def guest_may_not(who: str) -> str:
    """To a guest who clicked; `who` can decide."""
    return f"{GUEST} Ask {who}."


def type_again_to_see(why: str) -> str:
    """For an order typed as a whole that is not sent without a look at what it comes to."""
    return f"{why} Type it again: I show it then."


def too_late(request: str, state: str, by: str = "") -> str:
    """To whoever clicked after the decision."""
    who = f" by {by}" if by else ""
    return f"{request} {ENDED.get(state, 'has changed meanwhile').format(by=who)}; your click changed nothing."


def time_passed(request: str) -> str:
    return f"The time to answer {request} has passed; your click changed nothing."


def cannot_retry(request: str) -> str:
    return f"{request} is not in a state that can be tried again; your click changed nothing."


def cannot_ask_again(request: str) -> str:
    return f"{request} has not lapsed, so there is no need to ask again; your click changed nothing."


def not_your_turn(first: str) -> str:
    """To an approver of a later stage."""
    return f"{first} must decide about this request first. I tell you here when it is your turn."


def seen_before(request: str) -> str:
    """To whoever clicked a button that shows what is no longer so."""
    return f"What you saw of {request} has changed since. Look at it as it is now, and use the button there."


def changed_now(request: str) -> str:
    """To the approver whose click found the change."""
    return f"{request} is not what it was when you read it, so your click did not count. The thread says what changed."


def would_fail(request: str, why: str) -> str:
    return f"{request} cannot go ahead as things are, so your click did not count: {why}"


def wrong_confirmation(request: str) -> str:
    return f"Type {request} to confirm."


def groups_unread(code: str) -> str:
    return f"Slack does not say who may approve this ({code})."


def too_few(needed: int, able: int, *, besides: bool) -> str:
    """Before sending: nobody could approve, or too few."""
    approvals = "1 approval" if needed == 1 else f"{needed} approvals"
    givers = {0: "nobody", 1: "only 1 person"}.get(able, f"only {able} people")
    you = " besides you" if besides else ""
    return (
        f"This needs {approvals}, and {givers}{you} could give one. "
        "Ask an operator to change the rule or its user group."
    )


def too_few_for_all(needed: int) -> str:
    """Before sending: each stage has people, but not enough different ones for all of them together."""
    return (
        f"This needs {needed} approvals from different people, and its stages share too few. "
        "Ask an operator to change the rule or its user groups."
    )


def needed_from(stages: Sequence[tuple[int, str]]) -> str:
    """How many have to approve, and who, stage after stage: (2, "@admins")."""
    parts = [f"{_approvals(number)} needed from {who}" for number, who in stages]
    return ", then ".join([parts[0], *(part[0].lower() + part[1:] for part in parts[1:])])


def given_so_far(by: str, missing: int) -> str:
    return f"Approved so far by {by}; {missing} missing."


def stage_line(number: int, of: int, given: int, needed: int, who: str) -> str:
    """One stage on the card."""
    state = "complete" if given >= needed else f"{given} of {needed}, {needed - given} missing"
    return f"Stage {number} of {of}, {who}: {state}"


def approved(by: str, request: str, given: int, needed: int, *, oneself: bool, begins: str) -> str:
    """`begins`: what starts with the last approval, as a sentence."""
    count = f" ({given} of {needed})" if needed != 1 else ""
    own = " as the person who asked for it" if oneself else ""
    after = begins if given >= needed else "More approvals are needed before anything starts."
    return f"{by} approved {request}{count}{own}. {after}"


def next_stage(who: str) -> str:
    return f"Next to decide: {who}."


def rejected(by: str, request: str, nothing: str) -> str:
    """`nothing`: that nothing came of it, as half a sentence; so in the following."""
    return f"{by} rejected {request}; {nothing}. The reason:"


def cancelled(by: str, request: str, nothing: str) -> str:
    return f"{by} cancelled {request}; {nothing}."


def retried(by: str, request: str, going_on: str = "") -> str:
    """`going_on`: where a plan of several steps goes on."""
    after = f" It goes on at {going_on}; what is done is not done again." if going_on else ""
    return f"{by} has {request} tried again, under the same approval.{after}"


def lapsed(request: str, given: int, needed: int, when: str, asker: str, nothing: str) -> str:
    answers = f"Only {given} of {needed} approvals came for" if given else "Nobody answered"
    return (
        f"{answers} {request} by {when}, so {nothing}. That is no verdict on it: "
        f"{asker}, if it is still needed, ask again."
    )


def asked_again(by: str, request: str, new: str) -> str:
    return f"{by} has asked again for what {request} was about: it is {new} now."


def reminded(request: str, who: str, missing: int, until: str) -> str:
    number = "One approval is" if missing == 1 else f"{missing} approvals are"
    return f"{request} still waits. {number} missing, and {who} can give one until {until}."


def escalated(request: str, who: str, until: str, missing: int = 0) -> str:
    """`missing`: how many approvals, where some have been given; 0 where nobody has answered yet."""
    if missing:
        number = "One approval is" if missing == 1 else f"{missing} approvals are"
        return (
            f"{number} still missing for {request}, and nobody else has answered for a while, "
            f"so {who} may decide about it too, until {until}."
        )
    return f"Nobody has answered {request} for a while, so {who} may decide about it too, until {until}."


def changed(request: str, what: Sequence[str], *, voided: bool, was_approved: bool) -> str:
    """The world is not what was approved. `what`: sentences."""
    before = "between the approval and the start" if was_approved else "since it was asked for"
    void = " Approvals given before do not count any more." if voided or was_approved else ""
    return f"{request} has changed {before}, so nothing was started.{void}\n{' '.join(what)}"


def fails_now(request: str, what: Sequence[str]) -> str:
    return f"{request} cannot go ahead as things are, so it cannot be approved now.\n{' '.join(what)}"


def glass_broken(by: str, request: str, passed_over: str) -> str:
    return (
        f"{by} lets {request} go ahead without its approvals (break-glass). Passed over: {passed_over}. "
        "A review stays open until one of the approvers signs it. The reason:"
    )


def review_open(by: str) -> str:
    return f"Break-glass by {by}; review open"


def review_done(by: str, signer: str) -> str:
    return f"Break-glass by {by}; review signed by {signer}"


def glass_warning(request: str) -> str:
    """In the form, before somebody goes ahead."""
    return (
        f"*{request}* will start without the approvals that its rule asks for. Everybody who is passed over is told, "
        "with your name and your reason, and a review stays open until one of the approvers has signed it."
    )


def review_signed(by: str, request: str) -> str:
    return f"{by} signed the review of {request}: its going ahead without approvals has been looked at."


def buttons_stay(request: str) -> str:
    """Among what could not be delivered."""
    return f"A message of {request} keeps its buttons, although what they ask for is decided. They do nothing any more."


def irreversible(why: str, until: str, cost: str = "", *, days: object = None) -> str:
    """Said in capital terms wherever people decide; `why` as irreversible.py names it.

    `until` "": without an end, or `days` from the creation of a backup that is not made yet.
    """
    if why == "century":
        price = f" It costs {cost}." if cost else ""
        end = f", UNTIL {until}," if until else " FROM ITS CREATION,"
        return f"{CENTURY}{end} and paid for until then, unless somebody deletes it before.{price}"
    if why == "for-good":
        price = f" It costs {cost}." if cost else ""
        return f"{FOR_GOOD}, WITHOUT AN END, and paid for until somebody deletes it.{price}"
    price = f" {'Until then it' if until else 'It'} costs {cost}." if cost else ""
    vault = "air-gapped" if why == "air-gapped" else "locked"
    later = f"{days:,} DAYS FROM THE BACKUP'S CREATION" if isinstance(days, int) else "WITHOUT AN END"
    end = f"UNTIL {until}" if until else later
    return f"{FINAL} The vault is {vault}: the copy stays {end}, and nobody can delete it before.{price}"


def history_of(request: str) -> str:
    """Above the lines, for screen readers; "" for what happened lately."""
    return f"History of {request}" if request else "The newest of the history"


def history_ends(line: int, digest: str) -> str:
    """Below the lines: where the chain stands."""
    return f"Line {line} has the hash `{digest}…`; `copy-backup audit export` has all of it."


def mention(user_id: str) -> str:
    """A mention of a user or of a user group, by the kind of id."""
    return f"<!subteam^{user_id}>" if user_id.startswith("S") else f"<@{user_id}>"


def listed(ids: Sequence[str]) -> str:
    """Mentions in a row: A, B and C."""
    mentions = [mention(one) for one in ids]
    return " and ".join(filter(None, [", ".join(mentions[:-1]), mentions[-1]])) if mentions else "nobody"


def _approvals(number: int) -> str:
    return "One approval is" if number == 1 else f"{number} approvals are"
