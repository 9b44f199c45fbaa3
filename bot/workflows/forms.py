"""Forms for restores, drills and schedules: answers are kept as they come, judged, and become one request."""

import hashlib
import logging
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial

from bot.domain.approvals import Rule
from bot.domain.books import Store, Tx
from bot.domain.errors import BadInput, Gone, NotAllowed, OutletError, OutsideError, PersonError
from bot.domain.findings import Finding, Level, can_be_asked, number_to_overrule
from bot.domain.mistakes import all_at_once
from bot.domain.params import Params
from bot.domain.people import Actor
from bot.domain.ports import Clock, People
from bot.domain.reasons import REASON, check_reason
from bot.domain.requests import CopyRequest
from bot.domain.sheets import Sheet, SheetKind, SheetState
from bot.domain.steps import Plan
from bot.workflows.steps.work import Look
from bot.workflows.submitting import Submitting

log = logging.getLogger(__name__)

# What was typed to search a table by, for forms in which one is chosen.
QUERY = "query"
TYPED_INSTEAD = {"table": QUERY}
LEASE = timedelta(seconds=60)
ID_BYTES = 12
TOO_OLD = "This form is too old to go on with. Type the command again."
NOT_YOURS = "This form belongs to somebody else. Type the command to start your own."
SENT = "This request has been sent already."
UNANSWERED = "AWS or Slack did not answer. Type the command to ask again."

Told = Callable[[Sheet, CopyRequest | None, str], None]
"""Told what became of a sheet: its request, or None and the sentence that says why there is none."""


@dataclass(frozen=True, slots=True)
class Composer:
    """One kind of form. `parents` names, for a field, the fields whose change makes its answer void.

    `check` judges from the store alone and raises BadInput; `plan` may ask AWS and raises BadInput or OutsideError.
    `fill` completes answers with what follows from them. `sent` does what else belongs into the transaction that
    stores the request. `remedies`: what to do about a finding, by its code, where this form knows better.
    """

    check: Callable[[Sheet], None]
    plan: Callable[[Sheet], Plan]
    fill: Callable[[Sheet], Mapping[str, str]]
    parents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sent: Callable[[Tx, Sheet, CopyRequest], object] | None = None
    remedies: Mapping[str, str] = field(default_factory=dict)

    def advised(self, look: Look) -> Look:
        """The look with this form's own remedies."""
        return replace(look, findings=tuple(map(self._advise, look.findings)))

    def _advise(self, finding: Finding) -> Finding:
        return replace(finding, remedy=self.remedies.get(finding.code, finding.remedy)) if finding.remedy else finding


@dataclass(frozen=True, slots=True)
class Outlook:
    """What sending a sheet would mean: the steps, what pre-flight found, who would be asked and where.

    `looks`: what it found of each step, as far as findings are about steps.
    """

    steps: tuple[Params, ...]
    rule: Rule
    findings: tuple[Finding, ...]
    deciders: frozenset[str] = frozenset()
    channel: str = ""
    looks: tuple[Look, ...] = ()

    @property
    def to_overrule(self) -> int:
        """How many findings approvers would overrule; 0: none, or the rule or AWS does not let them."""
        return number_to_overrule(self.findings, rule_lets=self.rule.override_findings)

    @property
    def can_be_sent(self) -> bool:
        return can_be_asked(self.findings, rule_lets=self.rule.override_findings)


@dataclass
class Forms:
    store: Store
    composers: Mapping[SheetKind, Composer]
    submitting: Submitting
    people: People
    clock: Clock

    def begin(self, kind: SheetKind, actor: Actor, channel: str, view_id: str, sheet_id: str, **answers: str) -> Sheet:
        """Start a sheet behind a view that is on the person's screen already; the same one for the same id."""
        sheet = Sheet(sheet_id, kind, actor, channel, self._timezone(actor), self.clock.now(), answers, view_id=view_id)
        with self.store.begin() as tx:
            if not tx.sheets.add(sheet):
                return tx.sheets.get(sheet_id) or sheet
        return self.filled(sheet)

    def filled(self, sheet: Sheet) -> Sheet:
        """The sheet with what follows from its answers, kept."""
        answers = self.composers[sheet.kind].fill(sheet)
        if answers == sheet.answers:
            return sheet
        return self._save(sheet.id, answers) or sheet

    def owned(self, sheet_id: str, user_id: str) -> Sheet:
        """The sheet, if it is there and this person's. Raises Gone or NotAllowed."""
        with self.store.read() as tx:
            sheet = tx.sheets.get(sheet_id)
        if sheet is None:
            raise Gone(TOO_OLD)
        if sheet.actor.user_id != user_id:
            raise NotAllowed(NOT_YOURS)
        return sheet

    def keep(self, sheet: Sheet, given: Mapping[str, str]) -> Sheet:
        """Keep what was answered, dropping what hangs on an answer that changed."""
        parents = self.composers[sheet.kind].parents
        answers = {**sheet.answers, **given}
        changed = {name for name in given if given[name] != sheet.answer(name)}
        for name, above in parents.items():
            if changed & set(above) and name not in changed:
                answers.pop(name, None)
                changed.add(name)
        saved = self._save(sheet.id, answers)
        if saved is None:
            raise Gone(SENT)
        return saved

    def check(self, sheet: Sheet) -> None:
        """Judge the answers from what is known here. Raises BadInput with the field in the way."""
        all_at_once(lambda: self.composers[sheet.kind].check(sheet), lambda: check_reason(sheet.answer(REASON)))

    def wrong(self, sheet: Sheet) -> Mapping[str, str]:
        """What was typed after the command and cannot be, by field; what is missing is asked for by the form itself."""
        try:
            self.composers[sheet.kind].check(sheet)
        except BadInput as problem:
            typed = {
                name: sheet.answer(TYPED_INSTEAD.get(name, name)) or sheet.answer(name) for name in problem.problems
            }
            return {name: sentence for name, sentence in problem.problems.items() if typed[name].strip()}
        return {}

    def outlook(self, sheet: Sheet) -> Outlook:
        """Run pre-flight. Raises BadInput when the form has become impossible, OutsideError when AWS is silent."""
        self.check(sheet)
        composer = self.composers[sheet.kind]
        looks = tuple(map(composer.advised, self.submitting.look(composer.plan(sheet))))
        rule = self.submitting.rule_for(looks)
        findings = [finding for look in looks for finding in look.findings]
        deciders, channel = frozenset[str](), ""
        try:
            deciders = self.submitting.deciders(sheet.actor.user_id, rule)
            channel = self.submitting.channel_for(sheet.channel)
        except PersonError as error:
            findings.append(Finding("not-askable", Level.FAIL, error.sentence))
        return Outlook(tuple(look.params for look in looks), rule, tuple(findings), deciders, channel, looks)

    def claim(self, sheet: Sheet) -> bool:
        """Mark a sheet as being sent; False when it is on its way already. The row comes before every call."""
        with self.store.begin() as tx:
            return tx.sheets.move(
                sheet.id, before=SheetState.OPEN, after=SheetState.SENDING, due_at=self.clock.now() + LEASE
            )

    def send(self, sheet_id: str) -> CopyRequest:
        """Check everything once more and store the request. Safe to repeat: a sheet becomes one request.

        Raises PersonError (and reopens the sheet) when it cannot be sent, OutsideError when the world did not answer.
        """
        with self.store.read() as tx:
            sheet = tx.sheets.get(sheet_id)
            sent = tx.requests.get(sheet.request_id) if sheet and sheet.request_id else None
        if sent is not None:
            return sent
        if sheet is None or sheet.state is not SheetState.SENDING:
            raise Gone("This form is not being sent any more. Type the command again.")
        try:
            return self._send(sheet)
        except Exception:
            with self.store.begin() as tx:
                tx.sheets.move(sheet_id, before=SheetState.SENDING, after=SheetState.OPEN)
            raise

    def finish_stuck(self, tell: Told, limit: int = 10) -> int:
        """Finish sheets whose sending a crash interrupted; `tell` reaches the person who waits."""
        now = self.clock.now()
        with self.store.begin() as tx:
            stuck = tx.sheets.claim_stuck(now, now + LEASE, limit)
        for sheet in stuck:
            try:
                tell(sheet, self.send(sheet.id), "")
            except PersonError as error:
                tell(sheet, None, error.sentence)
            except OutsideError as error:
                log.warning("stuck_sheet_not_sent", extra={"sheet": sheet.id, "code": error.code})
                tell(sheet, None, UNANSWERED)
            except Exception:
                log.exception("stuck_sheet_went_wrong", extra={"sheet": sheet.id})
        return len(stuck)

    def forget_old(self, age: timedelta = timedelta(days=7)) -> int:
        """Delete sheets that nobody has touched for a while."""
        with self.store.begin() as tx:
            return tx.sheets.forget(self.clock.now() - age)

    def _send(self, sheet: Sheet) -> CopyRequest:
        self.check(sheet)
        plan = self.composers[sheet.kind].plan(sheet)
        return self.submitting.submit(
            sheet.id,
            sheet.actor,
            sheet.channel,
            sheet.answer(REASON),
            plan,
            partial(self._sent, sheet),
            # What was typed as a whole stands on no screen.
            seen=bool(sheet.view_id),
        )

    def _sent(self, sheet: Sheet, tx: Tx, request: CopyRequest) -> bool:
        first = tx.sheets.move(sheet.id, before=SheetState.SENDING, after=SheetState.SENT, request_id=request.id)
        also = self.composers[sheet.kind].sent
        if first and also is not None:
            also(tx, sheet, request)
        return first

    def _save(self, sheet_id: str, answers: Mapping[str, str]) -> Sheet | None:
        with self.store.begin() as tx:
            return tx.sheets.save(sheet_id, answers, self.clock.now())

    def _timezone(self, actor: Actor) -> str:
        try:
            return self.people.person(actor.user_id).timezone
        except OutletError:
            return "UTC"


def new_sheet_id() -> str:
    """A sheet's id: opaque, not to be guessed."""
    return secrets.token_urlsafe(ID_BYTES)


def typed_sheet_id(trigger_id: str) -> str:
    """The id of a sheet that was typed as a whole: the same one when Slack delivers the command again."""
    return hashlib.sha256(f"typed:{trigger_id}".encode()).hexdigest()[:32]


def with_answers(sheet: Sheet, **answers: str) -> dict[str, str]:
    """The sheet's answers with these in the place of others."""
    return {**sheet.answers, **answers}
