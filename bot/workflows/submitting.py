"""Submitting a plan: looked at, covered by a rule, answerable by somebody, then stored in one transaction, once.

Every way in (the walk, a button on a notice, a schedule) ends here.
"""

import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from bot.domain import sentences
from bot.domain.approvals import Rule, ruling_of
from bot.domain.books import Store, Tx
from bot.domain.calls import first_call
from bot.domain.errors import BadInput, PersonError
from bot.domain.findings import Finding, Level, can_be_asked, fatal_of
from bot.domain.irreversible import irreversible
from bot.domain.people import Actor
from bot.domain.ports import Clock, Nudge, People, Policy
from bot.domain.requests import CopyRequest, Event, NewRequest
from bot.domain.steps import NewStep, Plan, fingerprint_of
from bot.workflows.announce import renew_both
from bot.workflows.asked_ends import beside
from bot.workflows.asking import Asking, StageAsked
from bot.workflows.looking import Looking, begin_looking
from bot.workflows.steps import StepWorks
from bot.workflows.steps.work import Look
from bot.workflows.telling import shown_of


class NotSendable(PersonError):
    """Pre-flight found a reason why the plan would fail."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        worst = [finding for finding in findings if finding.level is Level.FAIL]
        super().__init__(" ".join(f"{finding.sentence} {finding.remedy}" for finding in worst))
        self.findings = findings


class NotSeen(PersonError):
    """A plan that was typed as a whole has something that whoever asks should see before it goes out."""

    def __init__(self, why: str) -> None:
        super().__init__(sentences.type_again_to_see(why))
        self.why = why


Also = Callable[[Tx, CopyRequest], bool]
"""What else belongs into the transaction that stores a request; False when all of it was written before."""


@dataclass
class Submitting:
    """`pool` makes the looks that have no parts, side by side; None: one after the other, when they are asked for."""

    store: Store
    works: StepWorks
    people: People
    policy: Policy
    clock: Clock
    nudge: Nudge
    pool: Executor | None = None

    def submit(
        self,
        key: str,
        actor: Actor,
        channel: str,
        reason: str,
        plan: Plan,
        also: Also | None = None,
        *,
        seen: bool = True,
    ) -> CopyRequest:
        """Check a plan and store the request; the same key again returns the request it already became.

        `seen`: whether the asker saw what it comes to; one that was only typed is refused where that matters (NotSeen).
        Raises PersonError when it cannot be sent, OutsideError when the world did not answer.
        """
        looks = self.look(plan)
        findings = tuple(finding for look in looks for finding in look.findings)
        if not can_be_asked(findings, rule_lets=self.may_override(looks)):
            raise NotSendable(findings)
        rule = self.rule_for(looks)
        why = "" if seen else _to_be_seen(looks, findings)
        if why:
            raise NotSeen(why)
        self.deciders(actor.user_id, rule)
        request = self._store(key, actor, self.channel_for(channel), reason, rule, _seen(plan, looks), also)
        self.nudge("relay")
        return request

    def look(self, plan: Plan) -> tuple[Look, ...]:
        """Pre-flight for each step, with what is asked for already.

        Raises a retryable BackupsError when AWS could not be asked.
        """
        looks = self.begin_looking(plan).whole()
        with self.store.read() as tx:
            return tuple(beside(tx, look) for look in looks)

    def begin_looking(self, plan: Plan) -> Looking:
        """Begin pre-flight for each step, all at once."""
        return begin_looking([step.params for step in plan], self.works, self.clock.now(), self.pool)

    def rule_for(self, looks: Sequence[Look]) -> Rule:
        """The rule that decides about a plan as it looked. Raises BadInput when none covers one of its steps."""
        return self._asking.rule_for(looks)

    def may_override(self, looks: Sequence[Look]) -> bool:
        """Whether the rule lets approvers go ahead although something would fail."""
        try:
            return self.rule_for(looks).override_findings
        except BadInput:
            return False

    def deciders(self, asker: str, rule: Rule) -> frozenset[str]:
        """Who may approve, now, besides the asker. Raises BadInput when nobody could, or when the asker may not ask."""
        self._asking.may_ask(asker, rule)
        return self._asking.deciders(asker, rule)

    def stages(self, asker: str, rule: Rule) -> tuple[StageAsked, ...]:
        """Who would be asked, stage after stage. Raises BadInput as `deciders` does, but not for too few people."""
        self._asking.may_ask(asker, rule)
        return self._asking.stages(asker, rule)

    def channel_for(self, channel: str) -> str:
        """Where a request is posted: where it was asked if the bot is there, else the usual channel."""
        if self.people.can_post_to(channel):
            return channel
        default = self.policy.default_channel
        if default and default != channel and self.people.can_post_to(default):
            return default
        raise BadInput("channel", sentences.NO_CHANNEL)

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
        now, ruling = self.clock.now(), ruling_of(rule)
        new = NewRequest(
            draft_id=key,
            requester=actor,
            channel=channel,
            reason=reason.strip(),
            ruling=ruling,
            fingerprint=fingerprint_of({str(number): step.shown for number, step in enumerate(steps)}),
            created_at=now,
            answer_by=now + rule.expires_after,
            steps=steps,
            call_at=first_call(ruling, now, now + rule.expires_after),
        )
        with self.store.begin() as tx:
            known = tx.requests.by_key(key)
            request = known or tx.requests.add(new)
            if (also is None or also(tx, request)) and known is None:
                tx.requests.record(Event(request.id, now, "asked", actor=actor, after=request.state))
                renew_both(tx, request, now)
        return request

    @property
    def _asking(self) -> Asking:
        return Asking(self.people, self.policy)


def _to_be_seen(looks: Sequence[Look], findings: Sequence[Finding]) -> str:
    """Why a plan is not sent unseen; "" where nothing speaks against it."""
    if any(irreversible(look.params, look.vault) for look in looks):
        return sentences.NOT_UNSEEN_FINAL
    return sentences.NOT_UNSEEN_OVERRULED if fatal_of(findings) else ""


def new_token() -> str:
    """An idempotency token, made once per approved step and stored before the call."""
    return str(uuid.uuid4())


def _seen(plan: Plan, looks: Sequence[Look]) -> tuple[NewStep, ...]:
    """The plan as it was looked at."""
    return tuple(
        NewStep(look.params, new_token(), step.after, shown_of(look)) for step, look in zip(plan, looks, strict=True)
    )
