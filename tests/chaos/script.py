"""What happens in one schedule: who asks for what and how it ends, when the bot is killed, what goes wrong beside."""

import random
from dataclasses import dataclass
from enum import StrEnum

ASKERS = ("anna", "dora", "chris")
LONGEST_DOWNTIME = 0.4


class Ending(StrEnum):
    """How people answer a request."""

    APPROVED = "approved"
    APPROVED_TWICE = "approved by two at once"
    CONTESTED = "approved and rejected at once"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"


class Where(StrEnum):
    """Where a kill strikes: at the nth write of the database, or call of Slack or AWS; or after tenths of a second."""

    DATABASE = "database"
    SLACK = "slack"
    AWS = "aws"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Story:
    """One request; its table is nobody else's, so that AWS's own records tell which copy job belongs to it."""

    asker: str
    table: str
    ending: Ending
    after: float


@dataclass(frozen=True, slots=True)
class Kill:
    """`before`: the call that was hit takes no effect; else it does, and its answer finds nobody."""

    where: Where
    call: str
    number: int
    before: bool
    downtime: float


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that goes wrong without anybody being killed."""

    after: float
    side: str
    what: str
    call: str
    times: int


@dataclass(frozen=True, slots=True)
class Script:
    """One schedule. `doomed` copies fail, and people have them tried again."""

    name: str
    stories: tuple[Story, ...]
    kills: tuple[Kill, ...]
    troubles: tuple[Trouble, ...]
    doomed: int
    restarted_at_the_end: bool


ENDINGS = (
    *[Ending.APPROVED] * 5,
    *[Ending.APPROVED_TWICE] * 2,
    Ending.CONTESTED,
    Ending.REJECTED,
    Ending.CANCELLED,
    Ending.LAPSED,
)
BOUNDARIES = (*[Where.DATABASE] * 4, *[Where.SLACK] * 3, *[Where.AWS] * 3, *[Where.CLOCK] * 2)
SLACK_CALLS = ("chat.postMessage", "chat.postMessage", "chat.update", "views.update", "conversations.replies")
AWS_CALLS = ("StartCopyJob", "StartCopyJob", "DescribeCopyJob", "DescribeRecoveryPoint")
# How far apart the calls of one kind may lie for the nth of them to come while a kill waits for it.
REACH = {"chat.postMessage": 6, "chat.update": 4, "views.update": 4, "DescribeCopyJob": 4}
SLACK_TROUBLES = ("rate_limit", "fail_before", "fail_after", "drop_before", "drop_after")
AWS_TROUBLES = ("throttle", "fail", "lose_response", "lose_request")


def script(seed: int, number: int) -> Script:
    """The schedule of this number; the same one for the same seed."""
    chance = random.Random(f"{seed}/{number}")
    return Script(
        name=f"{seed}/{number}",
        stories=tuple(_story(chance, asker) for asker in chance.sample(ASKERS, chance.choice((2, 2, 3)))),
        kills=tuple(_kill(chance) for _ in range(chance.choice((1, 2, 2, 3, 3, 4)))),
        troubles=tuple(_trouble(chance) for _ in range(chance.randrange(5))),
        doomed=chance.choice((0, 0, 1)),
        restarted_at_the_end=chance.random() < 0.25,
    )


def _story(chance: random.Random, asker: str) -> Story:
    ending = chance.choice(ENDINGS)
    if asker == "chris" and ending in (Ending.APPROVED_TWICE, Ending.CONTESTED):
        # He cannot decide about what he asked for himself.
        ending = Ending.APPROVED
    return Story(asker, f"{'lapse' if ending is Ending.LAPSED else 'table'}-{asker}", ending, chance.uniform(0, 0.6))


def _kill(chance: random.Random) -> Kill:
    where = chance.choice(BOUNDARIES)
    call = {Where.SLACK: chance.choice(SLACK_CALLS), Where.AWS: chance.choice(AWS_CALLS)}.get(where, "")
    reach = {Where.DATABASE: 25, Where.CLOCK: 30}.get(where, REACH.get(call, 1))
    return Kill(where, call, chance.randint(1, reach), chance.random() < 0.3, chance.uniform(0, LONGEST_DOWNTIME))


def _trouble(chance: random.Random) -> Trouble:
    after = chance.uniform(0.3, 3)
    side = chance.choice(("slack", "slack", "aws", "sockets"))
    if side == "slack":
        call = chance.choice(("chat.postMessage", "chat.postMessage", "chat.update", "conversations.replies"))
        return Trouble(after, side, chance.choice(SLACK_TROUBLES), call, chance.randint(1, 2))
    if side == "aws":
        return Trouble(after, side, chance.choice(AWS_TROUBLES), chance.choice(AWS_CALLS), chance.randint(1, 4))
    return Trouble(after, side, chance.choice(("drop_sockets", "lose_acks", "deliver_twice")), "", 1)
