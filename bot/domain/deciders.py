"""Who may decide about a request at this moment, how far its stages are, who is still to be asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain import sentences
from bot.domain.approvals import Ruling, Stage
from bot.domain.people import Actor, Person
from bot.domain.requests import Decision, Verdict


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether a person may decide, and if not, the sentence they are told."""

    allowed: bool
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class StageNow:
    """A stage of a request with the user ids of those who have approved in it."""

    stage: Stage
    given: tuple[str, ...]

    @property
    def missing(self) -> int:
        return approvals_missing(self.stage.needed, self.given)


def stages_now(ruling: Ruling, decisions: Sequence[Decision]) -> tuple[StageNow, ...]:
    """The stages in order, each with its approvals."""
    return tuple(StageNow(stage, tuple(_given(decisions, number))) for number, stage in enumerate(ruling.stages))


def open_stage(ruling: Ruling, decisions: Sequence[Decision]) -> int | None:
    """The number of the first stage that is not complete; None: all are."""
    return next((number for number, now in enumerate(stages_now(ruling, decisions)) if now.missing), None)


def approvals_missing(needed: int, approved_by: Sequence[str]) -> int:
    """How many more people have to approve."""
    return max(0, needed - len(set(approved_by)))


def stranger(person: Person, home_team: str, *, guests: bool = False) -> str:
    """Why a person may decide nothing at all here, whatever the approvers are; "" when they may."""
    if person.is_bot:
        return sentences.BOT
    if person.is_deactivated:
        return sentences.DEACTIVATED
    if person.team_id != home_team:
        return sentences.OTHER_WORKSPACE
    if person.is_guest and not guests:
        return sentences.GUEST
    return ""


def may_decide(
    person: Person, *, requester: Actor, home_team: str, ruling: Ruling, approvers: frozenset[str]
) -> Answer:
    """Judge whether this person may approve or reject, given who the approvers are at this moment."""
    refusal = stranger(person, home_team, guests=ruling.allow_guests)
    if refusal:
        return Answer(False, refusal)
    if person.user_id == requester.user_id and not ruling.allow_self:
        return Answer(False, sentences.OWN_REQUEST)
    if person.user_id not in approvers:
        return Answer(False, sentences.NO_APPROVER)
    return Answer(True)


def can_be_fulfilled(stages: Sequence[Stage], able: Mapping[Stage, frozenset[str]]) -> bool:
    """Whether there are enough people for all stages together, when nobody counts in two of them."""
    seats = [stage for stage in stages for _ in range(stage.needed)]
    taken: dict[str, int] = {}
    return all(_seated(number, seats, able, taken, set()) for number in range(len(seats)))


def _seated(
    number: int, seats: Sequence[Stage], able: Mapping[Stage, frozenset[str]], taken: dict[str, int], tried: set[str]
) -> bool:
    """Give a seat to somebody, moving others where they can move (augmenting paths)."""
    for person in able[seats[number]] - tried:
        tried.add(person)
        if person not in taken or _seated(taken[person], seats, able, taken, tried):
            taken[person] = number
            return True
    return False


def _given(decisions: Sequence[Decision], stage: int) -> list[str]:
    return [one.actor.user_id for one in decisions if one.verdict is Verdict.APPROVE and one.stage == stage]
