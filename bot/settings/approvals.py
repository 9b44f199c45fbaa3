"""The section `approvals:`: rules that say who may approve what, how many, until when."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from bot.domain.approvals import DEFAULT_ANSWER_TIME, Escalation, Rule, Stage
from bot.domain.conditions import days_fit, size_fits
from bot.settings.fields import Approver, Expected, Section, StepPatterns, different, read_duration

_ALWAYS = ("true", "false")


def _condition(fits: Callable[[str, int | None], bool]) -> AfterValidator:
    def check(text: str) -> str:
        fits(text, 1)
        return text

    return AfterValidator(check)


def _truth(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value


def _reminder(value: object) -> object:
    return timedelta() if value == "never" else read_duration(value)


Slackers = Annotated[
    list[Approver],
    Field(min_length=1),
    AfterValidator(different),
    Expected("a list of one or more different Slack ids such as [S0BACKUPADMINS, U0BEN]"),
]
HowMany = Annotated[int, Field(ge=1), Expected("a whole number of people, 1 or more")]
Duration = Annotated[
    timedelta, BeforeValidator(read_duration), Expected("a duration such as 90s, 30m, 8h or 2d, at most 365d")
]
YesNo = Annotated[bool, Expected("true or false")]


class WhenSection(StepPatterns):
    """Which steps a rule is for; beside the patterns, comparisons with the other CopyFacts."""

    size: Annotated[str, _condition(size_fits), Expected('a comparison such as ">100GB" (B, KB, MB, GB, TB, PB)')] = ""
    retention: Annotated[
        str, _condition(days_fit), Expected('a comparison such as ">=3650d" or ">10y", or permanent')
    ] = ""
    irreversible: Annotated[Literal["true", "false", ""], BeforeValidator(_truth), Expected("true or false")] = ""

    def patterns(self) -> tuple[tuple[str, str], ...]:
        """The pairs of name and pattern that were written."""
        return tuple((name, pattern) for name, pattern in self if pattern)


class StageSection(Section):
    """One of several groups of approvers that decide one after the other."""

    approvers: Slackers
    needed: HowMany = 1


class EscalateSection(Section):
    """Who may decide as well when nobody has answered for a while."""

    after: Duration
    to: Slackers


class BreakGlassSection(Section):
    """Who may go ahead without approvals."""

    by: Slackers


class RuleSection(Section):
    """One rule of approval: `approvers` with `needed`, or `stages`."""

    approvers: Slackers = []  # noqa: RUF012  # pydantic gives each section a list of its own
    when: WhenSection = WhenSection()
    needed: HowMany = 1
    stages: Annotated[
        list[StageSection],
        Field(min_length=1),
        Expected("a list of one or more stages such as - {approvers: [S0DBA], needed: 1}"),
    ] = []  # noqa: RUF012
    askers: Slackers = []  # noqa: RUF012
    allow_self: YesNo = False
    allow_guests: YesNo = False
    override_findings: YesNo = False
    expires_after: Duration = DEFAULT_ANSWER_TIME
    remind: Annotated[
        timedelta | None,
        BeforeValidator(_reminder),
        Expected("the time until the first reminder such as 1h (the gap then doubles), or never"),
    ] = None
    escalate: EscalateSection | None = None
    break_glass: BreakGlassSection | None = None

    def rule(self) -> Rule:
        """The rule as it decides."""
        stages = [Stage(tuple(stage.approvers), stage.needed) for stage in self.stages]
        first, *then = stages or [Stage(tuple(self.approvers), self.needed)]
        return Rule(
            approvers=first.approvers,
            needed=first.needed,
            allow_self=self.allow_self,
            expires_after=self.expires_after,
            when=self.when.patterns(),
            then=tuple(then),
            askers=(tuple(self.askers),) if self.askers else (),
            remind=self.remind,
            escalate=Escalation(self.escalate.after, tuple(self.escalate.to)) if self.escalate else None,
            break_glass=tuple(self.break_glass.by) if self.break_glass else (),
            override_findings=self.override_findings,
            allow_guests=self.allow_guests,
        )
