"""Submitting a plan: looked at, covered by a rule, answerable by somebody, then stored in one transaction, once.

Every way in (the walk, a button on a notice, a schedule) ends here.
"""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.domain.approvals import CopyFacts, Rule, all_of, first_match, ruling_of
from bot.domain.books import Store, Tx
from bot.domain.errors import BadInput, OutletRefused, PersonError
from bot.domain.params import Params
from bot.domain.people import Actor
from bot.domain.ports import Clock, Nudge, People, Policy
from bot.domain.preflight import Finding, Level
from bot.domain.requests import CopyRequest, Event, NewRequest
from bot.domain.steps import NewStep, Plan, fingerprint_of
from bot.workflows.announce import renew_both
from bot.workflows.steps import StepWorks
from bot.workflows.steps.work import Look


class NotSendable(PersonError):
    """Pre-flight found a reason why the plan would fail."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        worst = [finding for finding in findings if finding.level is Level.FAIL]
        super().__init__(" ".join(f"{finding.sentence} {finding.remedy}" for finding in worst))
        self.findings = findings


Also = Callable[[Tx, CopyRequest], bool]
"""What else belongs into the transaction that stores a request; False when all of it was written before."""


@dataclass
class Submitting:
    store: Store
    works: StepWorks
    people: People
    policy: Policy
    clock: Clock
    nudge: Nudge

    def submit(
        self, key: str, actor: Actor, channel: str, reason: str, plan: Plan, also: Also | None = None
    ) -> CopyRequest:
        """Check a plan and store the request; the same key again returns the request it already became.

        Raises PersonError when it cannot be sent, OutsideError when the world did not answer.
        """
        looks = self.look(plan)
        findings = tuple(finding for look in looks for finding in look.findings)
        if any(finding.level is Level.FAIL for finding in findings):
            raise NotSendable(findings)
        rule = self.rule_for(plan)
        self.deciders(actor.user_id, rule)
        request = self._store(key, actor, self.channel_for(channel), reason, rule, _seen(plan, looks), also)
        self.nudge("relay")
        return request

    def look(self, plan: Plan) -> tuple[Look, ...]:
        """Pre-flight for each step. Raises a retryable BackupsError when AWS could not be asked."""
        now = self.clock.now()
        return tuple(self.works[step.params.kind].look(step.params, now) for step in plan)

    def rule_for(self, plan: Plan) -> Rule:
        """The rule that decides about a plan. Raises BadInput when none covers one of its steps."""
        rules = [first_match(self.policy.rules, self.facts(step.params)) for step in plan]
        if None in rules or not rules:
            raise BadInput("vault", "No approval rule covers this copy, so nobody could approve it. Ask an operator.")
        return all_of([rule for rule in rules if rule])

    def facts(self, params: Params) -> CopyFacts:
        """What the approval rules look at, for one step."""
        account, region = params.target
        return CopyFacts(
            source_account=self._alias(params.source_account),
            destination_account=self._alias(account),
            destination_region=region,
            table=params.table,
            action=params.kind,
        )

    def deciders(self, asker: str, rule: Rule) -> frozenset[str]:
        """Who may approve, now, besides the asker. Raises BadInput when nobody could."""
        try:
            approvers = self.people.approvers(rule.approvers)
        except OutletRefused as error:
            raise BadInput("approvers", f"Slack does not say who may approve this ({error.code}).") from error
        able = approvers if rule.allow_self else approvers - {asker}
        if len(able) < rule.needed:
            raise BadInput(
                "approvers",
                f"{_too_few(rule, len(able))} Ask an operator to change the rule or its user group.",
            )
        return able

    def channel_for(self, channel: str) -> str:
        """Where a request is posted: where it was asked if the bot is there, else the usual channel."""
        if self.people.can_post_to(channel):
            return channel
        default = self.policy.default_channel
        if default and default != channel and self.people.can_post_to(default):
            return default
        raise BadInput(
            "channel",
            "I am not a member of this channel (or it is archived or shared with another organization), and no "
            "channel is configured that I could post to. Invite me with `/invite`, then send again.",
        )

    def _store(
        self,
        key: str,
        actor: Actor,
        channel: str,
        reason: str,
        rule: Rule,
        steps: tuple[NewStep, ...],
        also: Also | None,
    ) -> CopyRequest:
        now = self.clock.now()
        new = NewRequest(
            draft_id=key,
            requester=actor,
            channel=channel,
            reason=reason.strip(),
            ruling=ruling_of(rule),
            fingerprint=fingerprint_of({str(number): step.shown for number, step in enumerate(steps)}),
            created_at=now,
            answer_by=now + rule.expires_after,
            steps=steps,
        )
        with self.store.begin() as tx:
            known = tx.requests.by_key(key)
            request = known or tx.requests.add(new)
            if (also is None or also(tx, request)) and known is None:
                tx.requests.record(Event(request.id, now, "asked", actor=actor, after=request.state))
                renew_both(tx, request, now)
        return request

    def _alias(self, account_id: str) -> str:
        return next((one.alias for one in self.policy.accounts if one.id == account_id), account_id)


def new_token() -> str:
    """An idempotency token, made once per approved step and stored before the call."""
    return str(uuid.uuid4())


def _seen(plan: Plan, looks: Sequence[Look]) -> tuple[NewStep, ...]:
    """The plan as it was looked at."""
    return tuple(
        NewStep(look.params, new_token(), step.after, look.shown) for step, look in zip(plan, looks, strict=True)
    )


def _too_few(rule: Rule, able: int) -> str:
    approvals = "1 approval" if rule.needed == 1 else f"{rule.needed} approvals"
    givers = {0: "nobody", 1: "only 1 person"}.get(able, f"only {able} people")
    besides = "" if rule.allow_self else " besides you"
    return f"This copy needs {approvals}, and {givers}{besides} could give one."
