"""Sending a draft: it becomes one request, whatever happens in between."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from bot.domain.books import Store, Tx
from bot.domain.drafts import Draft, DraftState
from bot.domain.errors import Gone, OutsideError, PersonError
from bot.domain.ports import Clock
from bot.domain.requests import CopyRequest
from bot.workflows.recent import note_destinations
from bot.workflows.submitting import Submitting
from bot.workflows.walk import Walk

log = logging.getLogger(__name__)

UNANSWERED = "AWS or Slack did not answer. Type `/copy-backup` to ask again."
# Long enough for a slow AWS, short enough that a crash is mended while the person still waits.
SENDING_LEASE = timedelta(seconds=60)


Outcome = Callable[[Draft, CopyRequest | None, str], None]
"""Told what became of a draft: its request, or None and the sentence that says why there is none."""


@dataclass
class Sending:
    """Turns drafts into requests."""

    store: Store
    walk: Walk
    submitting: Submitting
    clock: Clock

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

    def _send(self, draft: Draft) -> CopyRequest:
        self.walk.check(draft, draft.form.page)
        return self.submitting.submit(
            draft.id,
            draft.actor,
            draft.channel,
            draft.form.reason,
            self.walk.plan(draft.form, draft.timezone),
            partial(self._sent, draft),
        )

    def _sent(self, draft: Draft, tx: Tx, request: CopyRequest) -> bool:
        if not tx.drafts.move(draft.id, before=DraftState.SENDING, after=DraftState.SENT, request_id=request.id):
            return False
        note_destinations(tx, draft.actor.user_id, draft.form, self.walk.policy.accounts, self.clock.now())
        return True
