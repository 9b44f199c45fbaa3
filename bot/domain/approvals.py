"""The rules of approval: which one is for a step, and what several of them ask for together. Silence is no."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from datetime import timedelta
from fnmatch import fnmatchcase

from bot.domain.conditions import days_fit, size_fits

DEFAULT_ANSWER_TIME = timedelta(hours=24)
# Reminders at 1/8, 3/8 and 7/8 of the time to answer, where the rule says nothing else.
DEFAULT_REMINDERS = 8


_LATER = frozenset({"size", "retention", "irreversible", "destination_vault"})


@dataclass(frozen=True, slots=True)
class CopyFacts:
    """What rules look at: account aliases, Regions, the table's name, the kind of step, how much, for how long.

    `days` counts from the backup's creation, infinite where there is no end; None is what nobody knows.
    """

    source_account: str
    destination_account: str
    destination_region: str
    table: str
    action: str = "copy"
    source_region: str = ""
    destination_vault: str = ""
    size: int | None = None
    retention: float | None = None
    irreversible: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """Some of a rule's approvers (users and user groups) and how many of them have to approve."""

    approvers: tuple[str, ...]
    needed: int = 1


@dataclass(frozen=True, slots=True)
class Escalation:
    """Who is asked as well when nobody has answered for a while."""

    after: timedelta
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the configuration. `when` maps a name of CopyFacts to a pattern (`*` and `?`) or a comparison.

    `approvers` and `needed` are the first stage, `then` the ones after it; nobody counts in two of them. No
    `askers`: everybody may ask. `remind`: the first gap, which then doubles; None takes its share of the time to
    answer, zero is never. `break_glass`: who may go ahead without approvals.
    """

    approvers: tuple[str, ...]
    needed: int = 1
    allow_self: bool = False
    expires_after: timedelta = DEFAULT_ANSWER_TIME
    when: tuple[tuple[str, str], ...] = ()
    then: tuple[Stage, ...] = ()
    askers: tuple[tuple[str, ...], ...] = ()
    remind: timedelta | None = None
    escalate: Escalation | None = None
    break_glass: tuple[str, ...] = ()
    override_findings: bool = False
    allow_guests: bool = False

    @property
    def stages(self) -> tuple[Stage, ...]:
        return (Stage(self.approvers, self.needed), *self.then)

    @property
    def first_gap(self) -> timedelta:
        """Until the first reminder; zero: none."""
        return self.expires_after / DEFAULT_REMINDERS if self.remind is None else self.remind

    def matches(self, facts: CopyFacts) -> bool:
        return all(_holds(key, condition, facts) for key, condition in self.when)


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the rules said when the request was sent; the request keeps it, whatever becomes of the rules.

    Ids are users and user groups; lengths of time are in seconds.
    """

    approvers: tuple[str, ...]
    needed: int = 1
    allow_self: bool = False
    then: tuple[Stage, ...] = ()
    allow_guests: bool = False
    answer_seconds: int = int(DEFAULT_ANSWER_TIME.total_seconds())
    remind_seconds: int = 0
    escalate_seconds: int = 0
    escalate_to: tuple[str, ...] = ()
    break_glass: tuple[str, ...] = ()
    override_findings: bool = False

    @property
    def stages(self) -> tuple[Stage, ...]:
        return (Stage(self.approvers, self.needed), *self.then)

    @property
    def needed_in_all(self) -> int:
        return sum(stage.needed for stage in self.stages)

    @property
    def everybody(self) -> tuple[str, ...]:
        """The approvers of all stages, in order."""
        return tuple(dict.fromkeys(one for stage in self.stages for one in stage.approvers))


def first_match(rules: Sequence[Rule], facts: CopyFacts) -> Rule | None:
    """The first rule that matches decides; None: nobody may."""
    return next((rule for rule in rules if rule.matches(facts)), None)


def may_match(rules: Sequence[Rule], facts: CopyFacts) -> Rule | None:
    """The first rule whose names match, while size, retention and the vault are still to be chosen."""
    return next(iter(candidates(rules, facts)), None)


def candidates(rules: Sequence[Rule], facts: CopyFacts) -> Sequence[Rule]:
    """The rules of which one will decide, while size, retention and the vault are still to be chosen, in order.

    The last of them asks for nothing that is still open, so no rule behind it is ever reached.
    """
    found = []
    for rule in rules:
        if all(_holds(*one, facts) for one in rule.when if one[0] not in _LATER):
            found.append(rule)
            if not any(key in _LATER for key, _ in rule.when):
                break
    return found


def all_of(rules: Sequence[Rule]) -> Rule:
    """One rule for a plan whose steps match several: every stage of each, the strictest of everything else."""
    different = list(dict.fromkeys(rules))
    if len(different) == 1:
        return different[0]
    stages = _stages_of(different)
    glass = [set(rule.break_glass) for rule in different]
    common = set.intersection(*glass)
    escalations = [rule.escalate for rule in different if rule.escalate]
    return Rule(
        approvers=stages[0].approvers,
        needed=stages[0].needed,
        then=tuple(stages[1:]),
        allow_self=all(rule.allow_self for rule in different),
        allow_guests=all(rule.allow_guests for rule in different),
        expires_after=min(rule.expires_after for rule in different),
        askers=tuple(askers for rule in different for askers in rule.askers),
        remind=min((rule.first_gap for rule in different if rule.first_gap), default=timedelta()),
        # Whoever is called to help with one rule has no say in the other, so only a call they share is kept.
        escalate=escalations[0] if len(escalations) == len(different) and len(set(escalations)) == 1 else None,
        break_glass=tuple(one for one in different[0].break_glass if one in common),
        override_findings=all(rule.override_findings for rule in different),
    )


def ruling_of(rule: Rule) -> Ruling:
    """What a request keeps of its rule."""
    return Ruling(
        approvers=rule.approvers,
        needed=rule.needed,
        allow_self=rule.allow_self,
        then=rule.then,
        allow_guests=rule.allow_guests,
        answer_seconds=int(rule.expires_after.total_seconds()),
        remind_seconds=int(rule.first_gap.total_seconds()),
        escalate_seconds=int(rule.escalate.after.total_seconds()) if rule.escalate else 0,
        escalate_to=rule.escalate.to if rule.escalate else (),
        break_glass=rule.break_glass,
        override_findings=rule.override_findings,
    )


def with_help(ruling: Ruling, decided: Set[int] = frozenset()) -> Ruling:
    """The ruling once it has escalated: those who are called to help may approve in every stage but the decided ones.

    `decided`: the numbers of the stages that were complete by then, counted from 0; they stay as they were.
    """
    stages = [
        stage if number in decided else replace(stage, approvers=_union(stage.approvers, ruling.escalate_to))
        for number, stage in enumerate(ruling.stages)
    ]
    return replace(ruling, approvers=stages[0].approvers, then=tuple(stages[1:]))


def _holds(key: str, condition: str, facts: CopyFacts) -> bool:
    if key == "size":
        return size_fits(condition, facts.size)
    if key == "retention":
        return days_fit(condition, facts.retention)
    if key == "irreversible":
        return condition == str(facts.irreversible).lower()
    return fnmatchcase(getattr(facts, key), condition)


def _stages_of(rules: Sequence[Rule]) -> list[Stage]:
    """The stages of all rules; what a stage of another rule asks for anyway is not asked for again."""
    several = [rule.stages for rule in rules if len(rule.stages) > 1]
    found = [stage for stages in dict.fromkeys(several) for stage in stages]
    for stage in (rule.stages[0] for rule in rules if len(rule.stages) == 1):
        if not any(_covers(other, stage) for other in found):
            found = [other for other in found if several or not _covers(stage, other)] + [stage]
    return found


def _covers(stage: Stage, other: Stage) -> bool:
    """Whether whoever fulfils one stage fulfils the other as well."""
    return set(stage.approvers) <= set(other.approvers) and stage.needed >= other.needed


def _union(some: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*some, *more)))
