"""What the review before sending says of the asking: who would be asked, who of them could not, what stands against it.

Pure, as all of the sentences: mentions, lengths of time and what AWS or a rule said come in ready for the reader.
"""

from collections.abc import Sequence

from bot.domain.sentences.question import against

LOOKING = "Looking at the backup and the vault as they are now…"
STILL_LOOKING = "Still looking at:"
THE_REST = "the rest"
CANNOT_BE_ASKED = "This cannot be asked:"
SEND = "Send request"


def when_there(what: str) -> str:
    """After STILL_LOOKING: what it waits for; until then nothing can be sent."""
    return f"{what}. It can be sent when that is there."


def may_overrule(number: int) -> str:
    """To who asks, where the rule lets approvers say yes in spite of what was found."""
    return (
        f"The rule for this lets approvers overrule {against(number)} it. You may send it: "
        "whoever approves it says yes in spite of that, and the question tells them so."
    )


def send(to_overrule: int) -> str:
    """The button; Slack shows 24 characters."""
    return f"Send with {to_overrule} to overrule" if to_overrule else SEND


def cannot_approve(people: Sequence[str]) -> str:
    """Above those who of the approvers could not, a line each."""
    lines = "\n".join(f"• {one}" for one in people)
    return f"These people cannot approve it:\n{lines}"


def unable(who: str, why: str) -> str:
    return f"{who}: {why}"


def empty(group: str) -> str:
    return f"{group}: nobody is in there"


def who_is_asked(stages: Sequence[tuple[int, str, int | None]], within: str, *, oneself: bool, where: str) -> str:
    """How many have to approve, and who, stage after stage: (2, "@admins", how many of them could; None: not known).

    `within`: how long they have; `oneself`: who asks may approve too; `where`: the channel it goes to, "" unknown.
    """
    until = f"within {within}; without an answer nothing is copied."
    after = f"{' You may approve it yourself.' if oneself else ''}{f' The request goes to {where}.' if where else ''}"
    if len(stages) == 1:
        number, who, able = stages[0]
        verb = "is" if number == 1 else "are"
        return f"{_approvals(number)} {verb} needed from {who}{_can_give(able)} {until}{after}"
    lines = [
        f"{place}. {_approvals(number)} from {who}{_can_give(able)}"
        for place, (number, who, able) in enumerate(stages, start=1)
    ]
    return "\n".join([f"These are asked, one stage after the other, {until}{after}", *lines])


def _approvals(number: int) -> str:
    return "One approval" if number == 1 else f"{number} approvals"


def _can_give(able: int | None) -> str:
    """How many could; nothing where that is not known."""
    if able is None:
        return ""
    number = {0: "nobody", 1: "1 person"}.get(able, f"{able} people")
    return f" ({number} can give one)"
