"""What is said once about a step that is no copy, or that has to wait."""

from collections.abc import Mapping

from bot.domain.params import BackUpParams, Params, SetRetentionParams
from bot.domain.ports import Message
from bot.domain.requests import CopyRequest
from bot.slack.blocks import section
from bot.slack.describe import Names, one_line
from bot.slack.text import code, date, duration, escape, moment, size


def queued(request: CopyRequest, facts: Mapping[str, object], names: Names) -> Message:
    step = request.step(facts.get("step"))
    holder = str(facts.get("holder", ""))
    who = "another step of this plan" if holder == request.id else escape(holder)
    text = (
        f":hourglass_flowing_sand: AWS makes one backup or copy of a table at a time, and {who} is at work on "
        f"{code(step.params.table)}. Until that has ended, this waits its turn: {one_line(step.params, names)}."
    )
    return Message(text=text, blocks=(section(text),))


def done(params: Params, facts: Mapping[str, object], names: Names) -> Message:
    """A step that is no copy: one line, since the plan goes on."""
    text = f":white_check_mark: Done: {one_line(params, names)}.{_outcome(params, facts)}"
    return Message(text=text, blocks=(section(text),))


def _outcome(params: Params, facts: Mapping[str, object]) -> str:
    if isinstance(params, BackUpParams):
        return (
            f" {size(facts.get('size_bytes'))} in {duration(facts.get('seconds'))}: "
            f"{code(str(facts.get('point_arn')))}, AWS Backup job {code(str(facts.get('job_id')))}."
        )
    if isinstance(params, SetRetentionParams):
        end = moment(facts.get("delete_at"))
        return f" Expires: {date(end)}, as AWS reports it." if end else " AWS reports no end now: it is kept for good."
    return f" {escape(str(facts['detail']))}" if facts.get("detail") else ""
