"""Who would be asked, in order, how many of them have to say yes, and who of them could not."""

from collections.abc import Iterator, Sequence

from bot.domain.approvals import Rule
from bot.domain.sentences import question
from bot.domain.sentences import review as words
from bot.slack.blocks import Block, context, section
from bot.slack.describe import mention, people
from bot.slack.text import cut, duration, escape
from bot.workflows.asking import StageAsked
from bot.workflows.prospects import Prospect

MOST_UNABLE = 10


def asked_blocks(prospect: Prospect) -> list[Block]:
    """The approvers stage by stage; what stands in the way of asking them first."""
    unable = list(_unable(prospect.asked))
    blocks = [_problem(why) for why in prospect.problems]
    if prospect.problems and unable:
        blocks.append(section(cut(words.cannot_approve(unable), 2_900)))
    return [*blocks, *([context(cut(_who(prospect.rule, prospect), 1_900))] if prospect.rule else [])]


def _problem(why: str) -> Block:
    return section(cut(f":no_entry: *{words.CANNOT_BE_ASKED}* {escape(why)}", 2_900))


def _who(rule: Rule, prospect: Prospect) -> str:
    able = {one.stage: len(one.able) for one in prospect.asked}
    return words.who_is_asked(
        [(stage.needed, people(stage.approvers), able.get(stage)) for stage in rule.stages],
        duration(rule.expires_after.total_seconds()),
        oneself=rule.allow_self,
        where=f"<#{prospect.channel}>" if prospect.channel else "",
    )


def _unable(asked: Sequence[StageAsked]) -> Iterator[str]:
    """Who of the approvers could not decide, and why."""
    reasons = {user_id: why for one in asked for user_id, why in one.unable.items()}
    for user_id, why in list(reasons.items())[:MOST_UNABLE]:
        yield words.unable(mention(user_id), why)
    if len(reasons) > MOST_UNABLE:
        yield question.and_more(len(reasons) - MOST_UNABLE)
    empty = [one.stage for one in asked if not one.able and not one.unable]
    for stage in empty:
        yield words.empty(people(stage.approvers))
