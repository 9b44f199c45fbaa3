"""Step 4: everything in plain words, with what pre-flight found, before anybody is bothered."""

from dataclasses import dataclass

from bot.domain.approvals import Rule
from bot.domain.drafts import Draft
from bot.domain.params import Params
from bot.domain.preflight import Finding, blocks_sending
from bot.domain.requests import CopyRequest
from bot.slack.blocks import Block, context, section
from bot.slack.describe import Names, people, plan_lines
from bot.slack.text import duration, quoted
from bot.workflows.walk import Choices, Chosen
from commands.copy_backup.views.findings import finding_blocks
from commands.copy_backup.views.frame import note, page


@dataclass(frozen=True, slots=True)
class Prospect:
    """What is known about sending this draft: the steps, what pre-flight found, who would be asked and where."""

    steps: tuple[Params, ...]
    rule: Rule
    findings: tuple[Finding, ...] = ()
    deciders: frozenset[str] = frozenset()
    channel: str = ""
    costs: str = ""


def review_page(draft: Draft, chosen: Chosen, choices: Choices, names: Names, problem: str = "") -> Block:
    """The review before pre-flight has answered (or after it could not): it can be left, not sent."""
    waiting = "" if problem else ":hourglass_flowing_sand: Looking at the backup and the vault as they are now…"
    blocks = [section(waiting)] if waiting else []
    return page(
        draft.id,
        4,
        blocks,
        submit=None,
        problem=problem,
        external_id="" if problem else screen_id(draft),
        check_again=bool(problem),
    )


def reviewed_page(draft: Draft, prospect: Prospect, names: Names, problem: str = "") -> Block:
    """The review with everything; it can be sent unless something would fail."""
    blocks = [
        *(section(lines) for lines in plan_lines(prospect.steps, names)),
        section("*Why:*"),
        *(section(piece) for piece in quoted(draft.form.reason.strip())),
        *([section(prospect.costs)] if prospect.costs else []),
        *(finding_blocks(prospect.findings) if prospect.findings or not problem else []),
        context(_who_decides(prospect)),
    ]
    submit = None if blocks_sending(prospect.findings) or problem else "Send request"
    return page(draft.id, 4, blocks, submit=submit, problem=problem, check_again=submit is None)


def sent_note(draft_id: str, request: CopyRequest) -> Block:
    return note(draft_id, sent_text(request), close="Done")


def sent_text(request: CopyRequest) -> str:
    return (
        f":white_check_mark: *{request.id} is sent.* It is in <#{request.channel}>; "
        f"{people(request.ruling.approvers)} can approve it in its thread. I will tell you there what happens."
    )


def screen_id(draft: Draft) -> str:
    """An external id of the view that answers a submission, by which it can be found once Slack has shown it."""
    return f"{draft.id}.{draft.version}"


def _who_decides(prospect: Prospect) -> str:
    rule = prospect.rule
    number = "One approval is" if rule.needed == 1 else f"{rule.needed} approvals are"
    where = f" The request goes to <#{prospect.channel}>." if prospect.channel else ""
    return (
        f"{number} needed from {people(rule.approvers)}{_count(prospect.deciders)} within "
        f"{duration(rule.expires_after.total_seconds())}; without an answer nothing is copied.{where}"
    )


def _count(deciders: frozenset[str]) -> str:
    """How many could; nothing where that is not known."""
    number = "1 person" if len(deciders) == 1 else f"{len(deciders)} people"
    return f" ({number} can give one)" if deciders else ""
