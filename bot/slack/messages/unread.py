"""That a job cannot be read: why, since when, and what an operator does about it. Never that it failed."""

from collections.abc import Mapping

from bot.domain.requests import CopyRequest
from bot.domain.sentences.history import job_of
from bot.slack.describe import Names, one_line
from bot.slack.text import code, cut, date, escape, moment

LONGEST = 500
CALM = "*Nothing is known to have failed*"
GOES_ON = ": what AWS has begun goes on without me"
LATER = ". I keep looking, and tell you here how it ends. Do not have it made a second time before."


def unread(request: CopyRequest, facts: Mapping[str, object], names: Names) -> str:
    """The line of the thread (mrkdwn)."""
    step, since = request.step(facts.get("step")), moment(facts.get("since"))
    account, region = step.home
    # Not every step has a job that AWS goes on with; some only look.
    job = str(facts.get("job_id") or "")
    subject = f"the {job_of(step.kind)} {code(job)}" if job else f"how this goes on ({one_line(step.params, names)})"
    calm = f"{CALM}{GOES_ON if job else ''}{LATER}"
    what = f"I cannot read {subject} in {names.account(account)} ({region})"
    said = cut(escape(str(facts.get("message") or "")), LONGEST)
    why, remedy = _why(str(facts.get("unread")), str(facts.get("action") or ""), names.account(account))
    first = f" My looks have been in vain since {date(since)}." if since else ""
    says = f" AWS says: {said}" if said else ""
    return f":hourglass_flowing_sand: {what}: {why}{first}{says}\n{calm}\n*What to do:* {remedy}"


def _why(how: str, action: str, account: str) -> tuple[str, str]:
    if how == "locked out":
        return (
            "AWS does not let me in.",
            "an operator has to give me access again; `copy-backup check` tells what is wrong.",
        )
    if how == "denied":
        denied = code(action) if action else "the look"
        allow = code(action) if action else "what AWS names"
        return (
            f"AWS denies me {denied} there.",
            f"an operator has to allow {allow} to the role that I use in {account}; `copy-backup iam` prints its "
            "policy. If that allows it, look for a permission boundary or a service control policy that denies.",
        )
    return (
        "AWS gives no answer, or asks me to wait.",
        "nothing for now. If it lasts, look under Jobs in AWS Backup how it stands.",
    )
