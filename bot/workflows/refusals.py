"""When a channel takes nothing: move the request, wait to be let in again, give up in the end, and tell operators."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.books import Store, Tx
from bot.domain.errors import OutletRefused
from bot.domain.notices import DeadLetter, Manner, NewNotice, Notice, NoticeKind
from bot.domain.ports import Clock, Policy, Words
from bot.workflows.quoting import quote

log = logging.getLogger(__name__)

# Somebody has this long to let the bot back into its channel.
PATIENCE = timedelta(hours=1)
ASK_AGAIN = timedelta(minutes=2)
CHANNEL_CODES = frozenset(
    {
        "channel_not_found",
        "not_in_channel",
        "is_archived",
        "restricted_action",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
        "access_denied",
        # The first asks to make the app a member of the conversation; the others are an administrator's word.
        "no_permission",
        "ekm_access_denied",
        "team_access_not_granted",
    }
)
# The thread takes nothing, the channel may: the request begins anew there with its card.
THREAD_CODES = frozenset(
    {
        "thread_not_found",
        "cannot_reply_to_message",
        "restricted_action_thread_locked",
        "restricted_action_non_threadable_channel",
    }
)
MOST_NEW_THREADS = 3
# Many notices die together when a channel is closed; operators get one message, with the first of them.
LETTERS, LETTERS_SHOWN = 500, 8
REPORT_EVERY = timedelta(minutes=1)


@dataclass
class Refusals:
    store: Store
    words: Words
    policy: Policy
    clock: Clock

    def judge(self, notice: Notice, error: OutletRefused) -> bool:
        """Decide what becomes of a notice that Slack refused; False when its lane need not be tried further now."""
        now = self.clock.now()
        if notice.audience:
            self._drop(notice, error.code)
        elif error.code in THREAD_CODES and notice.of_request and notice.attempts <= MOST_NEW_THREADS:
            with self.store.begin() as tx:
                tx.requests.rehome(notice.request_id, notice.channel)
                tx.outbox.postpone(notice, now, doubtful=notice.doubtful, error=error.code)
        elif error.code in CHANNEL_CODES:
            return self._channel_closed(notice, error.code, now)
        else:
            self.bury(notice, error.code or error.message)
        return True

    def bury(self, notice: Notice, why: str) -> None:
        """Give a notice up; operators are told by the next report."""
        log.error("notice_given_up", extra={"notice": notice.id, "request": notice.request_id, "why": why})
        with self.store.begin() as tx:
            tx.outbox.bury(notice.id, why)

    def report(self) -> int:
        """Tell operators of dead letters they have not been told of; how many these are."""
        if self.policy.notices.ops_channel is None:
            return 0
        now = self.clock.now()
        with self.store.read() as tx:
            if not tx.outbox.chores(now).dead:
                return 0
        with self.store.begin() as tx:
            letters = tx.outbox.unreported(LETTERS)
            # What operators themselves could not be told is in the log and in the status, and nowhere else to tell.
            told = [letter for letter in letters if letter.notice.kind is not NoticeKind.OPS]
            key = f"dead:{int(now.timestamp() // REPORT_EVERY.total_seconds())}"
            facts = {
                "what": "dead",
                "count": len(told),
                "letters": [self._letter(tx, one) for one in told[:LETTERS_SHOWN]],
            }
            if told and not tell_operators(tx, self.policy, now, key, facts):
                return 0
            tx.outbox.report([letter.notice.id for letter in letters])
        return len(letters)

    def _channel_closed(self, notice: Notice, code: str, now: datetime) -> bool:
        default = self.policy.default_channel
        if notice.of_request and default and default != notice.channel:
            self._move(notice, code, default, now)
            return True
        if notice.refused_since and now - max(notice.refused_since, notice.due_at) >= PATIENCE:
            self._give_up(notice, code, now)
        else:
            self._wait(notice, code, now)
        return False

    def _move(self, notice: Notice, code: str, to: str, now: datetime) -> None:
        log.warning(
            "request_moves",
            extra={
                "request": notice.request_id,
                "why": code,
                "to": to,
                "what_to_do": "nothing: its thread goes on there; if that is not wanted, invite the bot into a channel "
                "and ask from there",
            },
        )
        with self.store.begin() as tx:
            tx.requests.rehome(notice.request_id, to)
            tx.outbox.redirect(notice.request_id, to)
            tx.outbox.postpone(notice, now, doubtful=False, error=code)
            facts = {"what": "moved", "channel": notice.channel, "code": code, "to": to}
            tell_operators(tx, self.policy, now, f"moved:{notice.channel}:{now:%Y-%m-%d}", facts)

    def _wait(self, notice: Notice, code: str, now: datetime) -> None:
        log.warning(
            "channel_refuses",
            extra={
                "channel": notice.channel,
                "code": code,
                "what_to_do": "invite the bot into the channel again, or configure another one; until then its notices "
                f"wait, and are given up after {PATIENCE.total_seconds() / 60:.0f} minutes",
            },
        )
        with self.store.begin() as tx:
            tx.outbox.refuse(notice.channel, code, now + ASK_AGAIN, now=now)
            tx.outbox.give_back(notice)
            if notice.kind is not NoticeKind.OPS:
                facts = {"what": "refused", "channel": notice.channel, "code": code}
                since = next((one.since for one in tx.overview.closed_channels() if one.channel == notice.channel), now)
                tell_operators(tx, self.policy, now, f"refused:{notice.channel}:{since.timestamp():.6f}", facts)

    def _give_up(self, notice: Notice, code: str, now: datetime) -> None:
        """Give up what nobody can be told there. A card that stands is brought up to date whenever it can be."""
        with self.store.begin() as tx:
            tx.outbox.give_back(notice)
            count, waiting = tx.outbox.bury_channel(notice.channel, code, before=now - PATIENCE, again=now + PATIENCE)
            if not waiting:
                tx.outbox.accept(notice.channel, now)
        if count:
            log.error("channel_given_up", extra={"channel": notice.channel, "code": code, "notices": count})

    def _drop(self, notice: Notice, code: str) -> None:
        """What one person alone was to hear, and cannot be told, is of no use to others."""
        log.info("person_not_reached", extra={"notice": notice.id, "code": code})
        with self.store.begin() as tx:
            tx.outbox.settle(notice.id, posted_ts=None, superseded=True)

    def _letter(self, tx: Tx, letter: DeadLetter) -> dict[str, object]:
        notice = letter.notice
        request = tx.requests.get(notice.request_id) if notice.request_id else None
        return {
            "request": notice.request_id,
            "kind": notice.kind,
            "channel": notice.channel,
            "error": letter.error,
            # Without its request there is nothing to say of it.
            "text": "" if request is None and notice.request_id else quote(self.words, notice, request),
            "asker": request.requester.user_id if request else "",
            "name": request.requester.name if request else "",
        }


def tell_operators(tx: Tx, policy: Policy, now: datetime, key: str, facts: Mapping[str, object]) -> bool:
    """Write a notice for operators, once for each key; False when it was written before, or nobody is to be told."""
    channel = policy.notices.ops_channel
    if channel is None:
        return False
    return tx.outbox.write(
        NewNotice(
            request_id="",
            kind=NoticeKind.OPS,
            dedup_key=f"ops:{key}",
            channel=channel,
            due_at=now,
            facts=facts,
            stream=f"ops@{channel}",
            manner=Manner.ALONE,
        )
    )
