"""Who would be asked, in order, how many of them have to say yes, and who of them could not."""

from collections.abc import Iterator, Sequence

from bot.domain.approvals import Rule
from bot.slack.blocks import Block, context, section
from bot.slack.describe import mention, people
from bot.slack.text import cut, duration, escape
from bot.workflows.asking import StageAsked
from bot.workflows.prospects import Prospect

MOST_UNABLE = 10


def asked_blocks(prospect: Prospect) -> list[Block]:
    """The approvers stage by stage; what stands in the way of asking them first."""
    rule = prospect.rule
    unable = "\n".join(_unable(prospect.asked))
    blocks = [section(cut(f":no_entry: *This cannot be asked:* {escape(why)}", 2_900)) for why in prospect.problems]
    if prospect.problems and unable:
        blocks.append(section(cut(f"These people cannot approve it:\n{unable}", 2_900)))
    return [*blocks, *([context(cut(_who(rule, prospect), 1_900))] if rule else [])]


def _who(rule: Rule, prospect: Prospect) -> str:
    where = f" The request goes to <#{prospect.channel}>." if prospect.channel else ""
    until = f"within {duration(rule.expires_after.total_seconds())}; without an answer nothing is copied."
    oneself = " You may approve it yourself." if rule.allow_self else ""
    able = {one.stage: len(one.able) for one in prospect.asked}
    stages = [
        f"{_approvals(stage.needed)} from {people(stage.approvers)}{_count(able.get(stage))}" for stage in rule.stages
    ]
    if len(stages) == 1:
        verb = "is" if rule.needed == 1 else "are"
        needed = stages[0].replace(" from ", f" {verb} needed from ", 1)
        return f"{needed} {until}{oneself}{where}"
    lines = "\n".join(f"{number}. {stage}" for number, stage in enumerate(stages, start=1))
    return f"These are asked, one stage after the other, {until}{oneself}{where}\n{lines}"


def _approvals(number: int) -> str:
    return "One approval" if number == 1 else f"{number} approvals"


def _count(able: int | None) -> str:
    """How many could; nothing where that is not known."""
    if able is None:
        return ""
    number = {0: "nobody", 1: "1 person"}.get(able, f"{able} people")
    return f" ({number} can give one)"


def _unable(asked: Sequence[StageAsked]) -> Iterator[str]:
    """Who of the approvers could not decide, and why."""
    reasons = {user_id: why for one in asked for user_id, why in one.unable.items()}
    for user_id, why in list(reasons.items())[:MOST_UNABLE]:
        yield f"• {mention(user_id)}: {why}"
    if len(reasons) > MOST_UNABLE:
        yield f"• and {len(reasons) - MOST_UNABLE} more"
    empty = [one.stage for one in asked if not one.able and not one.unable]
    for stage in empty:
        yield f"• {people(stage.approvers)}: nobody is in there"
