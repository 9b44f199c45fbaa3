"""What becomes of a request by what people press and by the time alone, counted without a word from the product."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.domain.approvals import Ruling
from bot.domain.requests import RequestState, Verdict

ENDED = (
    RequestState.REJECTED,
    RequestState.CANCELLED,
    RequestState.LAPSED,
    RequestState.COMPLETED,
    RequestState.PARTIAL,
    RequestState.FAILED,
)
# When Slack is silent as people are to be called, they are called this much later.
LATER = timedelta(minutes=2)


@dataclass(frozen=True)
class Said:
    """One decision of the present round: who, what, in which stage (from 0), when."""

    who: str
    verdict: Verdict
    stage: int
    at: datetime


@dataclass
class Model:
    """One request: its ruling, what was said in the present round, and what follows from that."""

    ruling: Ruling
    opened: datetime
    answer_by: datetime
    state: RequestState = RequestState.PENDING
    round: int = 1
    said: list[Said] = field(default_factory=list)
    helped: datetime | None = None
    """Since when the others help who are called when nobody answers."""
    glass: str = ""
    """Who broke the glass, in whatever round."""
    signed: bool = False

    def given(self, stage: int, until: datetime | None = None) -> int:
        """How many different people have approved in a stage (by a moment)."""
        yes = {one.who for one in self.said if one.verdict is Verdict.APPROVE and one.stage == stage}
        late = {one.who for one in self.said if until is not None and one.at > until}
        return len(yes - late)

    def needs(self, stage: int) -> int:
        return self.ruling.needed if stage == 0 else self.ruling.then[stage - 1].needed

    def open_stage(self) -> int | None:
        """The first stage in which somebody is missing."""
        stages = range(1 + len(self.ruling.then))
        return next((stage for stage in stages if self.given(stage) < self.needs(stage)), None)

    def may_approve_in(self, stage: int) -> tuple[str, ...]:
        """Whom the rule names; those who help too, where it was not complete before they were called."""
        named = self.ruling.approvers if stage == 0 else self.ruling.then[stage - 1].approvers
        was_open = self.helped is not None and self.given(stage, self.helped) < self.needs(stage)
        return (*named, *self.ruling.escalate_to) if was_open else named

    def everybody(self) -> tuple[str, ...]:
        return tuple(one for stage in range(1 + len(self.ruling.then)) for one in self.may_approve_in(stage))

    def has_spoken(self, who: str) -> bool:
        return any(one.who == who for one in self.said)

    def counts(self, who: str, verdict: Verdict, now: datetime) -> None:
        """A press that counted."""
        stage = (self.open_stage() or 0) if verdict is Verdict.APPROVE else 0
        if verdict in (Verdict.APPROVE, Verdict.REJECT, Verdict.BREAK_GLASS):
            self.said.append(Said(who, verdict, stage, now))
        if verdict is Verdict.REJECT:
            self.state = RequestState.REJECTED
        elif verdict is Verdict.CANCEL:
            self.state = RequestState.CANCELLED
        elif verdict is Verdict.BREAK_GLASS:
            self.state, self.glass, self.signed = RequestState.APPROVED, who, False
        elif verdict is Verdict.SIGN:
            self.signed = True
        elif verdict is Verdict.RETRY or (verdict is Verdict.APPROVE and self.open_stage() is None):
            self.state = RequestState.APPROVED

    def asked_anew(self, now: datetime) -> None:
        """The world is not as it was shown: nothing that was said counts any more."""
        self.state, self.round, self.said, self.helped = RequestState.PENDING, self.round + 1, [], None
        self.opened, self.answer_by = now, now + timedelta(seconds=self.ruling.answer_seconds)

    def time_is_over(self, now: datetime) -> None:
        if self.state is RequestState.PENDING and now >= self.answer_by:
            self.state = RequestState.LAPSED

    def help_since(self) -> datetime | None:
        """When the others are to be called; None: never, or they have been."""
        if self.state is not RequestState.PENDING or self.helped or not self.ruling.escalate_to:
            return None
        at = max([self.opened, *(one.at for one in self.said)]) + timedelta(seconds=self.ruling.escalate_seconds)
        return at if at < self.answer_by else None

    def help_came(self, called: datetime | None, now: datetime) -> None:
        """At `now` those were called to whom it was time to call; `called`: when they were, in the product."""
        due = self.help_since()
        if called == self.helped:
            assert due is None or due + LATER > now or now >= self.answer_by, "nobody was called to help"
            return
        assert due is not None, "people were called to help whom the rule does not name now"
        assert due <= now == called
        self.helped = now

    def went_on(self, state: RequestState) -> None:
        """What was approved is started or not; nothing else moves without people."""
        if self.state in (RequestState.APPROVED, RequestState.RUNNING):
            went = (RequestState.RUNNING, RequestState.COMPLETED, RequestState.PARTIAL, RequestState.FAILED)
            self.state = state if state in went else self.state
