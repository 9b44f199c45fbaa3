"""Who would be asked about a plan: the rules that cover it, the people who could decide, now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.domain import sentences
from bot.domain.approvals import CopyFacts, Rule, Stage, all_of, first_match
from bot.domain.backups import alias_of
from bot.domain.deciders import can_be_fulfilled, stranger
from bot.domain.errors import BadInput, OutletRefused
from bot.domain.irreversible import irreversible
from bot.domain.ports import People, Policy
from bot.domain.rule_facts import facts_of
from bot.workflows.steps.work import Look


@dataclass(frozen=True, slots=True)
class StageAsked:
    """A stage with who could decide in it now, and for each approver who could not (user id) the sentence why."""

    stage: Stage
    able: frozenset[str]
    unable: Mapping[str, str]


@dataclass
class Asking:
    """Finds the rule of a plan, and its people, before anybody is bothered."""

    people: People
    policy: Policy

    def rule_for(self, looks: Sequence[Look]) -> Rule:
        """The rule that decides about a plan as it was looked at. Raises BadInput when none covers one of its steps."""
        rules = [first_match(self.policy.rules, facts) for facts in self.facts(looks)]
        if None in rules or not rules:
            raise BadInput("vault", sentences.NO_RULE)
        return all_of([rule for rule in rules if rule])

    def facts(self, looks: Sequence[Look]) -> tuple[CopyFacts, ...]:
        """What the approval rules look at, for each step."""
        final = [irreversible(look.params, look.vault) is not None for look in looks]
        return facts_of([look.params for look in looks], final, self._alias)

    def may_ask(self, asker: str, rule: Rule) -> None:
        """Raise BadInput when the rule lets only others ask."""
        for allowed in rule.askers:
            if asker not in self._resolved(allowed):
                raise BadInput("askers", sentences.MAY_NOT_ASK)

    def deciders(self, asker: str, rule: Rule) -> frozenset[str]:
        """Who may approve, now, besides the asker. Raises BadInput when nobody could, or too few."""
        asked = self.stages(asker, rule)
        problem = too_few(asked, rule)
        if problem:
            raise BadInput("approvers", problem)
        return frozenset[str]().union(*(one.able for one in asked))

    def stages(self, asker: str, rule: Rule) -> tuple[StageAsked, ...]:
        """Who would be asked, stage after stage. Raises BadInput where Slack does not tell who is in a group."""
        return tuple(self._asked(stage, asker, rule) for stage in rule.stages)

    def _asked(self, stage: Stage, asker: str, rule: Rule) -> StageAsked:
        """The approvers of a stage who could really decide: no bots, nobody deactivated, no strangers."""
        named = self._resolved(stage.approvers)
        home, persons = self.people.home_team(), self.people.persons(named)
        unable: dict[str, str] = {}
        for user_id in sorted(named):
            person = persons.get(user_id)
            why = stranger(person, home, guests=rule.allow_guests) if person else sentences.NOT_IN_SLACK
            if user_id == asker and not rule.allow_self:
                why = sentences.OWN_REQUEST
            if why:
                unable[user_id] = why
        return StageAsked(stage, named - unable.keys(), unable)

    def _resolved(self, ids: Sequence[str]) -> frozenset[str]:
        try:
            return self.people.approvers(ids)
        except OutletRefused as error:
            raise BadInput("approvers", sentences.groups_unread(error.code)) from error

    def _alias(self, account_id: str) -> str:
        return alias_of(account_id, self.policy.accounts)


def too_few(asked: Sequence[StageAsked], rule: Rule) -> str:
    """Why nobody could approve, or too few could; "" when there are enough people."""
    for one in asked:
        if len(one.able) < one.stage.needed:
            return sentences.too_few(one.stage.needed, len(one.able), besides=not rule.allow_self)
    if not can_be_fulfilled(rule.stages, {one.stage: one.able for one in asked}):
        return sentences.too_few_for_all(sum(stage.needed for stage in rule.stages))
    return ""
