"""The relay: the only one who talks. Lane by lane it claims in order, delivers, settles, looks before it repeats."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.books import Store
from bot.domain.errors import (
    OutletBusy,
    OutletDoubtful,
    OutletError,
    OutletLockedOut,
    OutletRefused,
    OutletUnfinished,
    StoreTrouble,
)
from bot.domain.notices import Lane, Manner, Notice, NoticeKind, Pace, Way
from bot.domain.ports import Clock, Message, Outlet, Policy, Words
from bot.domain.requests import CopyRequest
from bot.workflows.line import Line
from bot.workflows.lost_posts import Doubts, Unseen, Unwanted
from bot.workflows.refusals import Refusals
from bot.workflows.routing import Router, link_to, with_links

log = logging.getLogger(__name__)

# Longer than one delivery takes when Slack answers only just within its time-out; a killed relay costs this long.
LEASE = timedelta(seconds=45)
# Slack limits posts to about one a second and channel, updates to 50 a minute and whispers to 100; short bursts pass.
# https://docs.slack.dev/apis/web-api/rate-limits
PACES = {
    Way.POST: Pace(timedelta(seconds=1), burst=5),
    Way.UPDATE: Pace(timedelta(seconds=1.2), burst=10),
    Way.WHISPER: Pace(timedelta(seconds=0.6), burst=10),
}
LIMIT_OF = {"chat.update": Way.UPDATE.value, "chat.postEphemeral": Way.WHISPER.value}
# As many lanes may hang in time-outs before one that does not has to wait.
WORKERS = 16
# A pass that never ended would look like one that hangs.
BATCHES = 20
# Seconds. A lane that hangs goes on by itself; the others need not wait for it.
LANE_PATIENCE = 2.0
# A defect of ours is not mended by trying, and what comes after it in the thread must not wait for ever.
MOST_ATTEMPTS = 5
LONGEST_PAUSE = timedelta(minutes=2)
# Longer than Slack goes on with a call after we have hung up: until then a look that finds nothing proves nothing, and
# an update that is late could put its older state over a newer one.
STILL_AT_IT = timedelta(seconds=30)
# When a message whose buttons are to go has not left yet itself.
ON_ITS_WAY = timedelta(seconds=10)
# The message is not there any more, or was written by another installation of this app: it is posted anew.
NOT_OURS = frozenset({"message_not_found", "cant_update_message"})
# The workspace lets nobody edit so late. A card posted anew at each of its changes would be noise.
TOO_LATE = "edit_window_closed"


class _NotOurs(Exception):
    """The lease ran out while something took long, and another replica has the notice now."""


def _unmeasured(kind: NoticeKind, seconds: float) -> None:
    """Where nobody measures, nothing is done about it."""


@dataclass
class Relay:
    store: Store
    outlet: Outlet
    words: Words
    policy: Policy
    clock: Clock
    delivered: Callable[[NoticeKind, float], None] = _unmeasured
    patience: float = LANE_PATIENCE
    line: Line = field(init=False)
    refusals: Refusals = field(init=False)
    _pool: ThreadPoolExecutor = field(init=False)
    _working: dict[Lane, Future[int]] = field(init=False, default_factory=dict)
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self.line = Line(self.outlet.check, self.clock)
        self._doubts = Doubts(self.outlet, self.clock)
        self._router = Router(self.store, self.policy, self.clock)
        self.refusals = Refusals(self.store, self.words, self.policy, self.clock)
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="relay")

    def deliver_due(self) -> int:
        """Deliver what is due, as long as a pass may take; the number of notices worked on.

        What goes wrong beside the lanes is raised once they have been served.
        """
        count, failures = 0, list[Exception]()
        for _ in range(BATCHES):
            if not self.line.is_open():
                break
            failures = [*_failures_of(self._router.route_new), *_failures_of(self.refusals.report)]
            worked = self._deliver_lanes()
            count += worked
            if not worked:
                break
        if failures:
            raise failures[0]
        return count

    def close(self) -> None:
        """Let deliveries under way finish."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _deliver_lanes(self) -> int:
        """Work on every lane that is open, side by side, without waiting long for one that hangs."""
        with self.store.read() as tx:
            lanes = tx.outbox.lanes(self.clock.now())
        with self._lock:
            for lane in lanes:
                if lane not in self._working:
                    self._working[lane] = self._pool.submit(self._drain, lane)
            futures = dict(self._working)
        done = wait(futures.values(), timeout=self.patience).done
        with self._lock:
            self._working = {lane: future for lane, future in self._working.items() if future not in done}
        return sum(future.result() for future in done)

    def _drain(self, lane: Lane) -> int:
        """Deliver what one lane lets through now."""
        count = 0
        for _ in range(BATCHES):
            now = self.clock.now()
            with self.store.begin() as tx:
                notices = tx.outbox.claim_lane(lane, now, now + LEASE, PACES[lane.way])
            count += len(notices)
            if not notices or not self._deliver_all(lane, notices, now):
                break
        return count

    def _deliver_all(self, lane: Lane, notices: Sequence[Notice], claimed_at: datetime) -> bool:
        """Deliver claimed notices one after the other; False when the lane has nothing more to let through now."""
        goes_on = True
        for notice in notices:
            # Slack is slow: a notice whose lease might run out under way is better claimed anew.
            in_time = claimed_at <= self.clock.now() <= claimed_at + LEASE / 3
            if goes_on and in_time and self.line.pause is None:
                goes_on = self._deliver_safely(lane, notice)
            else:
                self._give_back(notice)
        return goes_on

    def _give_back(self, notice: Notice) -> None:
        with self.store.begin() as tx:
            tx.outbox.give_back(notice)

    def _deliver_safely(self, lane: Lane, notice: Notice) -> bool:
        """Deliver a notice; False when Slack wants nothing more from this lane for now."""
        try:
            self._deliver(notice)
            self.line.worked()
            self.delivered(notice.kind, (self.clock.now() - notice.due_at).total_seconds())
        except Unwanted:
            log.warning("notice_left_out", extra={"notice": notice.id, "kind": notice.kind})
            self._settle(notice, None, superseded=True)
        except _NotOurs:
            log.warning("notice_taken_over", extra={"notice": notice.id, "kind": notice.kind})
        except OutletError as error:
            return self._postpone(lane, notice, error)
        except StoreTrouble:
            # Its lease brings it back, and then the relay looks before it repeats.
            raise
        except Exception:
            # A notice that cannot be put into words must not stop the others; its lease brings it back for a while.
            log.exception("notice_went_wrong", extra={"notice": notice.id, "request": notice.request_id})
            if notice.attempts >= MOST_ATTEMPTS:
                self.refusals.bury(notice, "it cannot be put into words")
        return True

    def _deliver(self, notice: Notice) -> None:
        with self.store.read() as tx:
            request = tx.requests.get(notice.request_id) if notice.request_id else None
            newer = tx.outbox.has_newer(notice)
            # A request that the notice speaks of, beside its own: people want to get there.
            other = tx.requests.get(str(notice.facts["other"])) if notice.facts.get("other") else None
        if other is not None:
            notice = replace(notice, facts={**notice.facts, "link": link_to(self.outlet, other)})
        if request is None and notice.request_id:
            self.refusals.bury(notice, "its request is gone")
        elif notice.kind is NoticeKind.ANSWERED:
            self._take_buttons_off(notice, request)
        elif request is None or notice.manner is Manner.ELSEWHERE:
            self._say_alone(notice, request)
        elif notice.kind.is_living:
            self._renew(notice, request, newer)
        else:
            self._say(notice, request)

    def _renew(self, notice: Notice, request: CopyRequest, newer: bool) -> None:
        """Post a living message the first time, later keep it true; skip one that is renewed again anyway."""
        known = request.card_ts if notice.kind is NoticeKind.CARD else request.ask_ts
        if known and newer:
            self._settle(notice, known, superseded=True)
            return
        if known:
            known = self._update(notice, request, known, self.words(notice, request))
        if not known:
            known = self._post(notice, request)
        self._settle(notice, known)

    def _take_buttons_off(self, notice: Notice, request: CopyRequest | None) -> None:
        """Show what was said before as answered. It is never said anew for that, and moves no request."""
        with self.store.read() as tx:
            told = tx.outbox.told(str(notice.facts.get("told")))
        if told and not told.ts:
            # It may be leaving at this very moment, in words from before the decision.
            # What waits for the end of quiet hours does not leave before.
            again = max(self.clock.now(), told.notice.due_at) + ON_ITS_WAY
            with self.store.begin() as tx:
                tx.outbox.postpone(notice, again, doubtful=False, error="")
            return
        ts = None
        if told:
            # Some say what the answer was; of others only the buttons go.
            facts = {**told.notice.facts, "answered": notice.facts.get("answered") or True}
            message = self.words(replace(told.notice, facts=facts), request)
            try:
                self.outlet.update(told.notice.channel, told.ts, message)
                ts = told.ts
            except OutletRefused as error:
                # Who presses a button that stays is told that it changes nothing any more.
                log.warning(
                    "buttons_stay", extra={"request": notice.request_id, "notice": notice.id, "code": error.code}
                )
        self._settle(notice, ts, superseded=ts is None)

    def _update(self, notice: Notice, request: CopyRequest, ts: str, message: Message) -> str | None:
        """Update a message; None when it has to be posted anew, so that what is true at the end stands somewhere."""
        try:
            self.outlet.update(notice.channel, ts, message)
        except OutletRefused as error:
            stays = error.code == TOO_LATE
            if not stays and error.code not in NOT_OURS:
                raise
            log.warning("message_not_ours", extra={"request": request.id, "kind": notice.kind, "code": error.code})
            return ts if stays and not request.state.is_final else None
        return ts

    def _say(self, notice: Notice, request: CopyRequest) -> None:
        if not notice.audience:
            self._settle(notice, self._post(notice, request))
            return
        # A whisper leaves nothing behind that one could look for.
        text = self.words(replace(notice, may_repeat=notice.doubtful), request).text
        self.outlet.whisper(notice.channel, notice.audience, text, thread_ts=request.card_ts)
        self._settle(notice, None)

    def _say_alone(self, notice: Notice, request: CopyRequest | None) -> None:
        """Say something outside of a request's thread, with links to the threads that it speaks of."""
        facts = dict(notice.facts)
        if notice.kind is NoticeKind.DIGEST:
            lines: Sequence[Mapping[str, Any]] = notice.facts.get("lines", [])  # type: ignore[assignment]  # plain JSON
            facts["lines"] = with_links(lines, self.outlet, self.clock)
        elif request is not None:
            facts["link"] = link_to(self.outlet, request)
        self._settle(notice, self._post_once(replace(notice, facts=facts), request, None))

    def _post(self, notice: Notice, request: CopyRequest) -> str:
        is_root = notice.kind is NoticeKind.CARD
        return self._post_once(
            notice, request, None if is_root else request.card_ts or self._card_first(notice, request)
        )

    def _post_once(self, notice: Notice, request: CopyRequest | None, thread_ts: str | None) -> str:
        """Post a message, unless a look shows that an earlier attempt did."""
        if notice.doubtful:
            found, sure = self._doubts.find(notice, thread_ts)
            if found:
                return found
            notice = replace(notice, may_repeat=not sure)
        message = self.words(notice, request)
        self._keep(notice)
        ts = self.outlet.post(notice.channel, message, key=notice.dedup_key, thread_ts=thread_ts)
        self._doubts.over(notice)
        return ts

    def _keep(self, notice: Notice) -> None:
        """Hold a notice for as long as a post may take: links and a look may have outlasted the lease."""
        with self.store.begin() as tx:
            if not tx.outbox.prolong(notice, self.clock.now() + LEASE):
                raise _NotOurs

    def _card_first(self, notice: Notice, request: CopyRequest) -> str:
        """A request that had to move to another channel begins there with its card, whatever comes next."""
        card = replace(notice, kind=NoticeKind.CARD, dedup_key=f"{request.id}:card:in:{notice.channel}", doubtful=True)
        ts = self._post(card, request)
        with self.store.begin() as tx:
            tx.requests.place(request.id, channel=notice.channel, card_ts=ts, ask_ts=None)
        return ts

    def _settle(self, notice: Notice, ts: str | None, *, superseded: bool = False) -> None:
        with self.store.begin() as tx:
            tx.outbox.settle(notice.id, posted_ts=ts, superseded=superseded)
            if notice.refused_since:
                tx.outbox.accept(notice.channel, self.clock.now())
            if notice.kind.is_living and not superseded:
                card = ts if notice.kind is NoticeKind.CARD else None
                ask = ts if notice.kind is NoticeKind.ASK else None
                tx.requests.place(notice.request_id, channel=notice.channel, card_ts=card, ask_ts=ask)

    def _postpone(self, lane: Lane, notice: Notice, error: OutletError) -> bool:
        """Decide when a notice is tried again; False when its lane has to wait."""
        log.warning("notice_not_delivered", extra={"notice": notice.id, "kind": notice.kind, "code": error.code})
        if isinstance(error, OutletRefused):
            return self.refusals.judge(notice, error)
        if isinstance(error, OutletLockedOut | OutletBusy):
            self._wait(lane, notice, error)
            return False
        now = self.clock.now()
        backoff = min(LONGEST_PAUSE, timedelta(seconds=2 ** min(notice.attempts, 10)))
        if isinstance(error, Unseen):
            backoff = max(backoff, error.pause)
        elif isinstance(error, OutletUnfinished) and not notice.audience:
            backoff = max(backoff, STILL_AT_IT)
        doubtful = notice.doubtful or isinstance(error, OutletDoubtful)
        with self.store.begin() as tx:
            tx.outbox.postpone(notice, now + backoff, doubtful=doubtful, error=error.code or error.message)
        return True

    def _wait(self, lane: Lane, notice: Notice, error: OutletLockedOut | OutletBusy) -> None:
        """Nothing reached Slack and nothing is wrong with the notice, so this was no attempt of its own."""
        if isinstance(error, OutletLockedOut):
            self.line.cut(error)
            self._give_back(notice)
            return
        now = self.clock.now()
        until = now + timedelta(seconds=error.retry_after)
        with self.store.begin() as tx:
            tx.outbox.hold(LIMIT_OF.get(error.operation, lane.limit), until, now=now)
            tx.outbox.give_back(notice)


def _failures_of(work: Callable[[], object]) -> Sequence[Exception]:
    try:
        work()
    except Exception as error:
        return [error]
    return []
