"""What sending a plan would mean, said before anybody is bothered: first what is known soon, then all of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from bot.domain.approvals import Rule
from bot.domain.errors import BadInput
from bot.domain.findings import Finding, can_be_asked, fatal_of, number_to_overrule
from bot.domain.params import Params
from bot.domain.requests import CopyRequest
from bot.domain.steps import Plan
from bot.workflows.asking import StageAsked, too_few
from bot.workflows.looking import Looking, Looks
from bot.workflows.submitting import Submitting

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Prospect:
    """The steps as they look, who would be asked and where, and what stands in the way of asking at all.

    `rule` None: none covers the plan. `problems` are sentences besides the findings. `missing` names what is still
    being looked at; nothing can be sent before that is there. `ours`: the requests behind copies and copy jobs (ARNs,
    ids) that findings link to.
    """

    looks: Looks
    rule: Rule | None = None
    asked: tuple[StageAsked, ...] = ()
    channel: str = ""
    problems: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    is_whole: bool = True
    ours: Mapping[str, CopyRequest] = field(default_factory=dict)

    @property
    def steps(self) -> tuple[Params, ...]:
        return tuple(look.params for look in self.looks)

    @property
    def fatal(self) -> tuple[Finding, ...]:
        """What would fail."""
        return fatal_of(self._findings)

    @property
    def to_overrule(self) -> int:
        """How many findings approvers would overrule; 0: none, or the rule or AWS does not let them."""
        return number_to_overrule(self._findings, rule_lets=self._rule_lets)

    @property
    def can_be_sent(self) -> bool:
        return self.is_whole and not self.problems and can_be_asked(self._findings, rule_lets=self._rule_lets)

    @property
    def _findings(self) -> tuple[Finding, ...]:
        return tuple(one for look in self.looks for one in look.findings)

    @property
    def _rule_lets(self) -> bool:
        return self.rule is not None and self.rule.override_findings


@dataclass
class LookAhead:
    """One look ahead under way, for one asker and the channel where the command was typed.

    Both parts raise a retryable BackupsError when AWS is silent, OutletError when Slack is.
    """

    submitting: Submitting
    asker: str
    channel: str
    looking: Looking
    _known: dict[object, object] = field(default_factory=dict)

    def first(self) -> Prospect:
        """What is known soon."""
        return self._prospect(self.looking.first(), self.looking.missing, is_whole=False)

    def whole(self) -> Prospect:
        """Everything, once it is there."""
        return self._prospect(self.looking.whole(), (), is_whole=True)

    def _prospect(self, looks: Looks, missing: tuple[str, ...], *, is_whole: bool) -> Prospect:
        problems: list[str] = []
        rule = _or(problems, lambda: self.submitting.rule_for(looks))
        asked = self._asked(rule, problems) if rule is not None else ()
        channel = _or(problems, self._channel) or ""
        return Prospect(looks, rule, asked, channel, tuple(problems), missing, is_whole, self._ours(looks))

    def _ours(self, looks: Looks) -> Mapping[str, CopyRequest]:
        linked = {link for look in looks for one in look.findings for link in one.links.values()}
        if not linked:
            return {}
        with self.submitting.store.read() as tx:
            known = tx.steps.made_by(linked)
            requests = {request_id: tx.requests.get(request_id) for request_id in set(known.values())}
        return {link: found for link, request_id in known.items() if (found := requests[request_id])}

    def _asked(self, rule: Rule, problems: list[str]) -> tuple[StageAsked, ...]:
        asked = _or(problems, lambda: self._once(rule, lambda: self.submitting.stages(self.asker, rule))) or ()
        why = too_few(asked, rule) if asked else ""
        if why:
            problems.append(why)
        return asked

    def _channel(self) -> str:
        return self._once("channel", lambda: self.submitting.channel_for(self.channel))

    def _once(self, key: object, ask: Callable[[], Value]) -> Value:
        """Slack is asked in the first part only, unless the rule has become another one."""
        if key not in self._known:
            self._known[key] = ask()
        return self._known[key]  # type: ignore[return-value]  # what is kept under a key is what is asked for there


def look_ahead(submitting: Submitting, plan: Plan, asker: str, channel: str) -> LookAhead:
    """Begin to look at a plan."""
    return LookAhead(submitting, asker, channel, submitting.begin_looking(plan))


def _or(problems: list[str], ask: Callable[[], Value]) -> Value | None:
    """What is asked for, or None with one more problem."""
    try:
        return ask()
    except BadInput as problem:
        problems.append(problem.sentence)
        return None
