"""Sending a request: from a draft to rows, in one transaction, exactly once."""

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.approvals import Rule, Ruling
from bot.domain.books import Store
from bot.domain.drafts import Draft, DraftState
from bot.domain.errors import BadInput, Gone, OutletRefused, OutsideError, PersonError
from bot.domain.ports import Clock, Nudge, People, Policy
from bot.domain.preflight import Finding, Level
from bot.domain.requests import CopyRequest, Event, NewRequest
from bot.workflows.announce import renew_both
from bot.workflows.preflight import Look
from bot.workflows.walk import Walk

log = logging.getLogger(__name__)

UNANSWERED = "AWS or Slack did not answer. Type `/copy-backup` to ask again."
# Long enough for a slow AWS, short enough that a crash is mended while the person still waits.
SENDING_LEASE = timedelta(seconds=60)


class NotSendable(PersonError):
    """Pre-flight found a reason why the copy would fail."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        worst = [finding for finding in findings if finding.level is Level.FAIL]
        super().__init__(" ".join(f"{finding.sentence} {finding.remedy}" for finding in worst))
        self.findings = findings


Outcome = Callable[[Draft, CopyRequest | None, str], None]
"""Told what became of a draft: its request, or None and the sentence that says why there is none."""


@dataclass
class Sending:
    """Turns drafts into requests."""

    store: Store
    walk: Walk
    people: People
    policy: Policy
    clock: Clock
    nudge: Nudge

    def claim(self, draft_id: str, user_id: str) -> bool:
        """Mark a draft as being sent; False when it is already on its way. The row comes before every call."""
        self.walk.owned(draft_id, user_id)
        with self.store.begin() as tx:
            return tx.drafts.move(
                draft_id, before=DraftState.OPEN, after=DraftState.SENDING, due_at=self.clock.now() + SENDING_LEASE
            )

    def send(self, draft_id: str) -> CopyRequest:
        """Check everything once more and store the request. Safe to repeat: a draft becomes one request.

        Raises PersonError (and reopens the draft) when it cannot be sent, OutsideError when the world did not answer.
        """
        with self.store.begin() as tx:
            draft = tx.drafts.get(draft_id)
            sent = tx.requests.get(draft.request_id) if draft and draft.request_id else None
        if sent is not None:
            return sent
        if draft is None or draft.state is not DraftState.SENDING:
            raise Gone("This form is not being sent any more. Type `/copy-backup` again.")
        try:
            return self._send(draft)
        except Exception:
            with self.store.begin() as tx:
                tx.drafts.move(draft_id, before=DraftState.SENDING, after=DraftState.OPEN)
            raise

    def finish_stuck(self, tell: Outcome, limit: int = 10) -> int:
        """Finish drafts whose sending a crash interrupted; `tell` reaches the person who waits in front of the form."""
        now = self.clock.now()
        with self.store.begin() as tx:
            stuck = tx.drafts.claim_stuck(now, now + SENDING_LEASE, limit)
        for draft in stuck:
            try:
                tell(draft, self.send(draft.id), "")
            except PersonError as error:
                tell(draft, None, error.sentence)
            except OutsideError as error:
                log.warning("stuck_draft_not_sent", extra={"draft": draft.id, "code": error.code})
                tell(draft, None, UNANSWERED)
            except Exception:
                # One draft that goes wrong must not keep the next from being finished.
                log.exception("stuck_draft_went_wrong", extra={"draft": draft.id})
        return len(stuck)

    def forget_old(self, age: timedelta = timedelta(days=7)) -> int:
        """Delete drafts that nobody has touched for a while."""
        with self.store.begin() as tx:
            return tx.drafts.forget(self.clock.now() - age)

    def channel_for(self, draft: Draft) -> str:
        """Where the request will be posted: where the command was typed if the bot is there, else the usual channel."""
        if self.people.can_post_to(draft.channel):
            return draft.channel
        default = self.policy.default_channel
        if default and default != draft.channel and self.people.can_post_to(default):
            return default
        raise BadInput(
            "channel",
            "I am not a member of this channel (or it is archived or shared with another organization), and no "
            "channel is configured that I could post to. Invite me with `/invite`, then send again.",
        )

    def deciders(self, draft: Draft, rule: Rule) -> frozenset[str]:
        """Who may approve, now. Raises BadInput when nobody could."""
        try:
            approvers = self.people.approvers(rule.approvers)
        except OutletRefused as error:
            raise BadInput("approvers", f"Slack does not say who may approve this ({error.code}).") from error
        able = approvers if rule.allow_self else approvers - {draft.actor.user_id}
        if len(able) < rule.needed:
            raise BadInput(
                "approvers",
                f"{_too_few(rule, len(able))} Ask an operator to change the rule or its user group.",
            )
        return able

    def _send(self, draft: Draft) -> CopyRequest:
        seen = self.walk.look(draft.form)
        if any(finding.level is Level.FAIL for finding in seen.findings):
            raise NotSendable(seen.findings)
        self.walk.check(draft, draft.form.page)
        rule = self.walk.chosen(draft.form).rule
        if rule is None:
            raise BadInput("vault", "No approval rule covers this copy, so nobody could approve it.")
        self.deciders(draft, rule)
        request = self._store(draft, seen, rule, self.channel_for(draft))
        self.nudge("relay")
        return request

    def _store(self, draft: Draft, seen: Look, rule: Rule, channel: str) -> CopyRequest:
        now = self.clock.now()
        new = NewRequest(
            draft_id=draft.id,
            requester=draft.actor,
            channel=channel,
            reason=draft.form.reason.strip(),
            ruling=Ruling(approvers=rule.approvers, needed=rule.needed, allow_self=rule.allow_self),
            fingerprint=seen.fingerprint,
            created_at=now,
            answer_by=now + rule.expires_after,
            steps=((seen.params, new_token()),),
        )
        with self.store.begin() as tx:
            request = tx.requests.add(new)
            moved = tx.drafts.move(draft.id, before=DraftState.SENDING, after=DraftState.SENT, request_id=request.id)
            if moved:
                tx.requests.record(Event(request.id, now, "asked", actor=draft.actor, after=request.state))
                renew_both(tx, request, now)
        return request


def _too_few(rule: Rule, able: int) -> str:
    approvals = "1 approval" if rule.needed == 1 else f"{rule.needed} approvals"
    givers = {0: "nobody", 1: "only 1 person"}.get(able, f"only {able} people")
    besides = "" if rule.allow_self else " besides you"
    return f"This copy needs {approvals}, and {givers}{besides} could give one."


def new_token() -> str:
    """An idempotency token for StartCopyJob, made once per approved step and stored before the call."""
    return str(uuid.uuid4())
