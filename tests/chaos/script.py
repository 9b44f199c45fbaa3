"""What happens in one schedule: who asks for what and how it ends, when the bot is killed, what goes wrong beside."""

import random
from dataclasses import dataclass
from enum import StrEnum

from tests.chaos.boundaries import IDLE, boundaries

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


@dataclass(frozen=True, slots=True)
class Shape:
    """A kind of plan: what is typed for it ("" is the form), how many copies it makes, how many steps it has."""

    name: str
    words: str
    copies: int
    steps: int

    @property
    def backs_up(self) -> bool:
        return self.words.startswith("now")


FORM = Shape("one copy, asked for by the form", "", 1, 1)
SHAPES = (
    FORM,
    Shape("one copy, typed", "sequence {table} to backup/eu-west-1/dr-vault keep 90d", 1, 1),
    Shape("a chain", "sequence {table} to backup/eu-west-1/dr-vault then backup/eu-central-1/dr-vault keep 90d", 2, 2),
    Shape("two places", "sequence {table} to backup/eu-west-1/dr-vault, backup/eu-central-1/dr-vault keep 90d", 2, 2),
    Shape("a new vault", "sequence {table} to new backup/eu-west-1/for-{table} key {key} keep 90d", 1, 2),
    Shape("back up and copy", "now {table} to backup/eu-west-1/dr-vault keep 20d", 1, 2),
)


class Where(StrEnum):
    """Where a kill strikes: at the nth commit of a use case, or call of Slack or AWS; or after tenths of a second."""

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
    shape: Shape
    own_channel: bool


@dataclass(frozen=True, slots=True)
class Kill:
    """At the nth of any of these. `before`: what was hit takes no effect; else it does, and its answer finds nobody."""

    where: Where
    calls: tuple[str, ...]
    number: int
    before: bool
    downtime: float
    # How long it waits for what it is to hit; then it strikes all the same.
    patience: float = 3.0


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
    """One schedule. `doomed` copies fail, and people have them tried again. Where it `ages`, the copies reach their end
    and `late_kills` strike meanwhile. `scene`: the name of the one that is played instead of stories.
    """

    name: str
    stories: tuple[Story, ...]
    kills: tuple[Kill, ...]
    troubles: tuple[Trouble, ...]
    doomed: int
    restarted_at_the_end: bool
    ages: bool
    late_kills: tuple[Kill, ...]
    scene: str = ""


ENDINGS = (
    *[Ending.APPROVED] * 5,
    *[Ending.APPROVED_TWICE] * 2,
    Ending.CONTESTED,
    Ending.REJECTED,
    Ending.CANCELLED,
    Ending.LAPSED,
)
PLACES = (*[Where.DATABASE] * 5, *[Where.SLACK] * 3, *[Where.AWS] * 3, Where.CLOCK)
SLACK_CALLS = ("chat.postMessage", "chat.postMessage", "chat.update", "views.update", "conversations.replies")
AWS_CALLS = ("StartCopyJob", "StartCopyJob", "DescribeCopyJob", "DescribeRecoveryPoint")
# Calls that only one shape of plan makes.
SHAPED_CALLS = {
    "a new vault": ("CreateBackupVault", "PutBackupVaultAccessPolicy"),
    "back up and copy": ("StartBackupJob", "DescribeBackupJob"),
}
LATE = ("workflows.expiry.Expiry._announce", "workflows.expiry.Expiry._look", "workflows.expiry.Expiry._gone")
# How far apart the calls of one kind may lie for the nth of them to come while a kill waits for it.
REACH = {"chat.postMessage": 6, "chat.update": 4, "views.update": 4, "DescribeCopyJob": 4}
SLACK_TROUBLES = ("rate_limit", "fail_before", "fail_after", "drop_before", "drop_after")
AWS_TROUBLES = ("throttle", "fail", "lose_response", "lose_request")


def script(seed: int, number: int) -> Script:
    """The schedule of this number; the same one for the same seed."""
    chance = random.Random(f"{seed}/{number}")
    stories = tuple(_story(chance, asker) for asker in chance.sample(ASKERS, chance.choice((2, 2, 3))))
    calls = [*AWS_CALLS, *(call for story in stories for call in SHAPED_CALLS.get(story.shape.name, ()))]
    ages = chance.random() < 0.3
    return Script(
        name=f"{seed}/{number}",
        stories=stories,
        kills=tuple(_kill(chance, calls) for _ in range(chance.choice((1, 2, 2, 3, 3, 4)))),
        troubles=tuple(_trouble(chance, calls) for _ in range(chance.randrange(5))),
        doomed=chance.choice((0, 0, 1)),
        restarted_at_the_end=chance.random() < 0.25,
        ages=ages,
        late_kills=tuple(_late_kill(chance) for _ in range(chance.randrange(3))) if ages else (),
    )


def staged(scene: str, name: str, kills: tuple[Kill, ...]) -> Script:
    """The schedule in which a scene is played."""
    return Script(
        name=name,
        stories=(),
        kills=kills,
        troubles=(),
        doomed=0,
        restarted_at_the_end=False,
        ages=False,
        late_kills=(),
        scene=scene,
    )


def _story(chance: random.Random, asker: str) -> Story:
    ending = chance.choice(ENDINGS)
    if asker == "chris" and ending in (Ending.APPROVED_TWICE, Ending.CONTESTED):
        # He cannot decide about what he asked for himself.
        ending = Ending.APPROVED
    table = f"{'lapse' if ending is Ending.LAPSED else 'table'}-{asker}"
    after, shape = chance.uniform(0, 0.6), chance.choice(SHAPES)
    return Story(asker, table, ending, after, shape, own_channel=chance.random() < 0.5)


def _kill(chance: random.Random, calls: list[str]) -> Kill:
    where, downtime = chance.choice(PLACES), chance.uniform(0, LONGEST_DOWNTIME)
    if where is Where.CLOCK:
        return Kill(where, (), chance.randint(1, 30), False, downtime)
    if where is Where.DATABASE:
        return Kill(where, _commits(chance), chance.choice((1, 1, 1, 2, 3)), chance.random() < 0.5, downtime)
    call = chance.choice(SLACK_CALLS if where is Where.SLACK else calls)
    return Kill(where, (call,), chance.randint(1, REACH.get(call, 1)), chance.random() < 0.3, downtime)


def _commits(chance: random.Random) -> tuple[str, ...]:
    """One that every sweep comes to, or the first to come of several that only work leads to."""
    working = [boundary for boundary in boundaries() if boundary not in IDLE]
    return (chance.choice(sorted(IDLE)),) if chance.random() < 0.15 else tuple(chance.sample(working, 5))


def _late_kill(chance: random.Random) -> Kill:
    return Kill(Where.DATABASE, (chance.choice(LATE),), chance.randint(1, 2), chance.random() < 0.5, 0.1)


def _trouble(chance: random.Random, calls: list[str]) -> Trouble:
    after = chance.uniform(0.3, 3)
    side = chance.choice(("slack", "slack", "aws", "sockets"))
    if side == "slack":
        call = chance.choice(("chat.postMessage", "chat.postMessage", "chat.update", "conversations.replies"))
        return Trouble(after, side, chance.choice(SLACK_TROUBLES), call, chance.randint(1, 2))
    if side == "aws":
        return Trouble(after, side, chance.choice(AWS_TROUBLES), chance.choice(calls), chance.randint(1, 4))
    return Trouble(after, side, chance.choice(("drop_sockets", "lose_acks", "deliver_twice")), "", 1)
