"""Step 4: everything in plain words, with what pre-flight found, before anybody is bothered."""

from datetime import datetime

from bot.domain.drafts import Draft
from bot.domain.requests import CopyRequest
from bot.domain.sentences import question
from bot.domain.sentences import review as words
from bot.slack.blocks import Block, context, section
from bot.slack.costs import cost_lines, priced
from bot.slack.describe import Names, plan_lines
from bot.slack.text import quoted
from bot.workflows.prospects import Prospect
from bot.workflows.walk import Choices, Chosen
from commands.copy_backup.views.asked import asked_blocks
from commands.copy_backup.views.finals import finals
from commands.copy_backup.views.findings import finding_blocks, overruling
from commands.copy_backup.views.frame import note, page
from commands.copy_backup.views.links import NO_THREADS, Threads
from commands.copy_backup.views.offers import offered
from commands.modal import sent_text

_WAITS = ":hourglass_flowing_sand:"


def review_page(draft: Draft, chosen: Chosen, choices: Choices, names: Names, problem: str = "") -> Block:
    """The review before pre-flight has answered (or after it could not): it can be left, not sent."""
    return page(
        draft.id,
        4,
        [] if problem else [section(f"{_WAITS} {words.LOOKING}")],
        submit=None,
        problem=problem,
        external_id="" if problem else screen_id(draft),
        check_again=bool(problem),
    )


def reviewed_page(
    draft: Draft, prospect: Prospect, names: Names, now: datetime, problem: str = "", threads: Threads = NO_THREADS
) -> Block:
    """The review with what is known; it can be sent once that is everything, unless something would fail.

    `now` is when the copy would be made, for what it costs; `threads` are those of `prospect.ours`.
    """
    costs = cost_lines(priced(prospect.looks), now)
    told = offered(prospect.looks, now, threads, draft.form)
    # What is not whole, or cannot be asked, is not called fine.
    is_clear = prospect.is_whole and not problem and not prospect.problems
    blocks = [
        *(section(text) for text in finals(prospect.looks, now)),
        *(section(lines) for lines in plan_lines(prospect.steps, names)),
        *([context(draft.form.picked)] if draft.form.picked else []),
        section(f"*{question.WHY}*"),
        *(section(piece) for piece in quoted(draft.form.reason.strip())),
        *([section(costs)] if costs else []),
        *(finding_blocks(told, is_whole=is_clear) if told or is_clear else []),
        *_standing(prospect),
        *asked_blocks(prospect),
    ]
    submit = words.send(prospect.to_overrule) if prospect.can_be_sent and not problem else None
    again = submit is None and prospect.is_whole
    is_told = any(one.sentence in problem for one in prospect.fatal)
    return page(draft.id, 4, blocks, submit=submit, problem="" if is_told else problem, check_again=again)


def sent_note(draft_id: str, request: CopyRequest) -> Block:
    return note(draft_id, sent_text(request), close="Done")


def screen_id(draft: Draft) -> str:
    """An external id of the view that answers a submission, by which it can be found once Slack has shown it."""
    return f"{draft.id}.{draft.version}"


def _standing(prospect: Prospect) -> list[Block]:
    """What is still being looked at; what approvers would overrule."""
    if prospect.is_whole:
        return overruling(prospect.to_overrule)
    what = ", ".join(prospect.missing) or words.THE_REST
    return [section(f"{_WAITS} *{words.STILL_LOOKING}* {words.when_there(what)}")]
