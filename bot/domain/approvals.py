"""Who may decide about a request, how many are needed, until when. Silence is no."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase

from bot.domain.people import Actor, Person

DEFAULT_ANSWER_TIME = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class CopyFacts:
    """What rules look at: account aliases, the destination's Region, the table's name, the kind of step."""

    source_account: str
    destination_account: str
    destination_region: str
    table: str
    action: str = "copy"


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the configuration. `when` maps a name of CopyFacts to a pattern (`*` and `?` allowed)."""

    approvers: tuple[str, ...]
    needed: int = 1
    allow_self: bool = False
    expires_after: timedelta = DEFAULT_ANSWER_TIME
    when: tuple[tuple[str, str], ...] = ()

    def matches(self, facts: CopyFacts) -> bool:
        return all(fnmatchcase(getattr(facts, key), pattern) for key, pattern in self.when)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the matching rule said when the request was sent; the request keeps it. Ids are users and user groups."""

    approvers: tuple[str, ...]
    needed: int = 1
    allow_self: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a person may decide, and if not, the sentence they are told."""

    allowed: bool
    sentence: str = ""


def first_match(rules: Sequence[Rule], facts: CopyFacts) -> Rule | None:
    """The first rule that matches decides; None: nobody may."""
    return next((rule for rule in rules if rule.matches(facts)), None)


def may_decide(
    person: Person, *, requester: Actor, home_team: str, ruling: Ruling, approvers: frozenset[str]
) -> Answer:
    """Judge whether this person may approve or reject, given who the approvers are at this moment."""
    refusal = _stranger(person, home_team)
    if refusal:
        return Answer(False, refusal)
    if person.user_id == requester.user_id and not ruling.allow_self:
        return Answer(False, "You asked for this copy, so somebody else has to decide about it.")
    if person.user_id not in approvers:
        return Answer(False, "You are not one of the approvers of this request.")
    return Answer(True)


def approvals_missing(needed: int, approved_by: Sequence[str]) -> int:
    """How many more people have to approve."""
    return max(0, needed - len(set(approved_by)))


def _stranger(person: Person, home_team: str) -> str:
    if person.is_bot:
        return "Bots cannot decide about a request."
    if person.is_deactivated:
        return "This account is deactivated."
    if person.team_id != home_team:
        return "Only people of the workspace that owns this bot can decide about a request."
    if person.is_guest:
        return "Guests cannot decide about a request."
    return ""
