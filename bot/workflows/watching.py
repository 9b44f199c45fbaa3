"""What people decide about a copy that is about to end: let it go, hear of it later; written down, then judged."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from bot.domain.approvals import candidates
from bot.domain.backups import alias_of
from bot.domain.books import Store, Tx
from bot.domain.copies import SNOOZES, Copy, CopyClick, Wish, fitting_snoozes
from bot.domain.deciders import stranger
from bot.domain.errors import BadInput, Gone, NotAllowed, OutletError, PersonError, TooLate
from bot.domain.lifecycles import FOR_GOOD
from bot.domain.notices import NoticeKind
from bot.domain.people import Actor
from bot.domain.plans import plan_for_extension
from bot.domain.ports import Clock, Nudge, People, Policy
from bot.domain.requests import Event
from bot.domain.rule_facts import facts_of
from bot.domain.sentences import NO_RULE, mention
from bot.workflows.asked_ends import asked_ends
from bot.workflows.asking import Asking
from bot.workflows.copy_notices import answer_notices, answer_undoing, say_of, seconds, stream_of
from bot.workflows.last_copies import LastCopies, is_last_anywhere, places_unseen
from bot.workflows.offers import AGAIN, about

log = logging.getLogger(__name__)

# How long the listener's own thread has to judge a click before a sweep takes it over.
JUDGING_LEASE = timedelta(seconds=30)
# Two wishes to be reminded this close to each other are one.
SAME = timedelta(hours=1)
STRANGER = "Only full members of the workspace that owns this bot can decide about a copy."
GUEST = (
    "Guests cannot decide about a copy. Only full members of the workspace that owns this bot can: ask whoever asked "
    "for the copy, or another member of this channel."
)
GONE = "This copy is not watched any more: AWS has removed it, or somebody had me stop. Nothing was changed."
ELSEWHERE = "This message does not belong to the copy as it is watched. Use the buttons of its newest notice."
OTHER_END = (
    "The end of this copy is another one now, so your click changed nothing. Use the buttons of its newest notice, or "
    "open the list again."
)
OVER = f"This copy has come to its end, so there is nothing left to decide about it. {AGAIN}"
LET_GO = "This copy was let go. Press Tell us again first."
LAST_NOW = (
    "Meanwhile this has become the last one anywhere, so your click changed nothing. The notice says so now: "
    "press Let it go there once more if it may go all the same."
)
TOO_SHORT = "The copy ends before that. Extend it or copy it again, if it is still needed."
WAITS = "Slack does not tell me just now who you are. I keep your click and judge it as soon as I know."


class _LastNow(TooLate):
    """Whoever let it go had not read that it is the last one."""


@dataclass
class Watching:
    store: Store
    people: People
    policy: Policy
    clock: Clock
    nudge: Nudge
    last: LastCopies = field(init=False)

    def __post_init__(self) -> None:
        self.last = LastCopies(self.people, self.policy)

    def write_down(self, click: CopyClick) -> bool:
        """Keep a click; False when Slack delivered it before. This is all that happens before the acknowledgement."""
        with self.store.begin() as tx:
            return tx.copy_clicks.add(click, self.clock.now() + JUDGING_LEASE)

    def judge(self, dedup_key: str) -> str:
        """Judge a click that was written down; "" when it counted (or counted before), else what to tell the person."""
        now = self.clock.now()
        with self.store.begin() as tx:
            claimed = tx.copy_clicks.claim(now, now + JUDGING_LEASE, 1, key=dedup_key)
        try:
            return self._judge(claimed[0]) if claimed else ""
        except OutletError as error:
            log.warning("click_waits", extra={"copy": claimed[0].copy_arn, "code": error.code})
            return WAITS

    def judge_left_over(self, limit: int = 20) -> int:
        """Judge clicks whose listener died; a person whose click did not count is told by way of the outbox."""
        now = self.clock.now()
        with self.store.begin() as tx:
            claimed = tx.copy_clicks.claim(now, now + JUDGING_LEASE, limit)
        for click in claimed:
            try:
                self._judge(click, tell=True)
            except OutletError as error:
                log.warning("click_not_judged", extra={"copy": click.copy_arn, "code": error.code})
            except Exception:
                # One click that goes wrong must not keep the next from being judged.
                log.exception("click_went_wrong", extra={"copy": click.copy_arn})
        return len(claimed)

    def admit(self, click: CopyClick) -> Copy:
        """The copy that a click is about, if this person may decide about it there. Raises PersonError, OutletError."""
        self.check_member(click.actor)
        with self.store.read() as tx:
            copy = tx.copies.get(click.copy_arn)
            if copy is None:
                raise Gone(GONE)
            if not _is_at_home(tx, copy, click):
                raise NotAllowed(ELSEWHERE)
        if copy.delete_at is not None and copy.delete_at <= self.clock.now():
            raise TooLate(about(copy.table_name, OVER))
        if seconds(click.seen_end) != seconds(copy.delete_at) and click.wish is not Wish.DROP:
            raise TooLate(OTHER_END)
        return copy

    def check_asker(self, actor: Actor, copy: Copy) -> None:
        """Raise PersonError unless a rule may let this person ask for another end of the copy.

        Which rule it will be hangs on how much longer; what is sent is judged by exactly that one.
        """
        steps = [step.params for step in plan_for_extension(copy, FOR_GOOD)]
        (facts,) = facts_of(steps, [False], lambda account: alias_of(account, self.policy.accounts))
        refusal: PersonError = NotAllowed(NO_RULE)
        for rule in candidates(self.policy.rules, facts):
            try:
                return Asking(self.people, self.policy).may_ask(actor.user_id, rule)
            except BadInput as error:
                refusal = error
        raise refusal

    def check_member(self, actor: Actor) -> None:
        """Raise NotAllowed unless this is a full member of the workspace that owns the bot, now."""
        home, person = self.people.home_team(), self.people.person(actor.user_id)
        person = replace(person, team_id=person.team_id or home)
        if actor.team_id != home or stranger(person, home, guests=True):
            raise NotAllowed(STRANGER)
        if person.is_guest:
            raise NotAllowed(GUEST)

    def note_refusal(self, click: CopyClick, why: str) -> None:
        """Write into the history that a click was refused."""
        with self.store.begin() as tx:
            copy = tx.copies.get(click.copy_arn)
            self._record(tx, copy, click, "click refused", why)

    def thread_of(self, copy_arn: str) -> str | None:
        """The root message under which a copy is spoken of; None where it has a channel to itself."""
        with self.store.read() as tx:
            copy = tx.copies.get(copy_arn)
            request = tx.requests.get(copy.request_id) if copy and copy.request_id else None
        return request.card_ts if request else None

    def _judge(self, click: CopyClick, *, tell: bool = False) -> str:
        try:
            copy = self.admit(click)
            if click.wish in (Wish.LET_GO, Wish.LET_LAST_GO):
                self._check_last(copy, click)
            with self.store.begin() as tx:
                # Settled together with what it does: after a crash in between it would be done once more.
                if tx.copy_clicks.settle(click.dedup_key, "counted"):
                    EFFECTS[click.wish](self, tx, copy, click)
                    self._record(tx, copy, click, click.wish, "")
        except PersonError as error:
            self._refuse(click, error.sentence, tell=tell, is_last=isinstance(error, _LastNow))
            return error.sentence
        self.nudge("relay")
        return ""

    def _check_last(self, copy: Copy, click: CopyClick) -> None:
        """The last copy anywhere goes by those alone who may let it go, and who have read that it is the last one."""
        now = self.clock.now()
        with self.store.read() as tx:
            last = is_last_anywhere(tx, copy, now)
            request = tx.requests.get(copy.request_id) if copy.request_id else None
        if not last or copy.let_go_by is not None:
            return
        asker = request.requester if request else copy.adopted_by
        self.last.check_may_go(click.actor, copy, asker.user_id if asker else "", now)
        if click.wish is not Wish.LET_LAST_GO:
            raise _LastNow(LAST_NOW)

    def _let_go(self, tx: Tx, copy: Copy, click: CopyClick) -> None:
        if not copy.delete_at or not tx.copies.let_go(copy.arn, end=copy.delete_at, by=click.actor):
            now = tx.copies.get(copy.arn)
            by = f" by {mention(now.let_go_by.user_id)}" if now and now.let_go_by else ""
            raise TooLate(f"This copy was let go already{by}.")
        self._answer(tx, copy, click, "let go")
        still: dict[str, object] = {}
        for asked in asked_ends(tx, copy.arn)[-1:]:
            still = {"other": asked.request.id, "other_channel": asked.request.channel}
        self._say(tx, copy, click, "let go", {"last": is_last_anywhere(tx, copy, self.clock.now()), **still})

    def _tell_again(self, tx: Tx, copy: Copy, click: CopyClick) -> None:
        if not copy.delete_at or not tx.copies.let_go(copy.arn, end=copy.delete_at, by=None):
            raise TooLate("Nobody has let this copy go (any more): you are told ahead of its end.")
        self._answer(tx, copy, click, "told again", {"snoozes": fitting_snoozes(copy.delete_at, self.clock.now())})
        answer_undoing(tx, copy, "told again", self.clock.now(), by=click.actor.user_id)
        self._say(tx, copy, click, "told again")
        self.nudge("expire")

    def _snooze(self, tx: Tx, copy: Copy, click: CopyClick) -> None:
        now = self.clock.now()
        if copy.let_go_by is not None:
            raise TooLate(LET_GO)
        if copy.delete_at is None or click.wish not in fitting_snoozes(copy.delete_at, now):
            raise TooLate(TOO_SHORT)
        until = now + SNOOZES[click.wish]
        standing = copy.snoozed_until
        if standing is not None and abs(standing - until) < SAME:
            raise TooLate("I remind you at that time already.")
        if standing is not None and standing < until:
            # It was promised to whoever wanted it, so a later wish does not take it away.
            self._say(tx, copy, click, "snoozed", {"until": seconds(standing), "promised": True})
            return
        if not tx.copies.snooze(copy.arn, end=copy.delete_at, before=standing, until=until):
            # Another click came between: whoever let it go meanwhile keeps what they decided.
            meanwhile = tx.copies.get(copy.arn)
            raise TooLate(LET_GO if meanwhile and meanwhile.let_go_by else OTHER_END)
        self._answer(tx, copy, click, "snoozed", {"until": seconds(until)})
        instead = {"instead": seconds(standing)} if standing else {}
        self._say(tx, copy, click, "snoozed", {"until": seconds(until), **instead})

    def _drop(self, tx: Tx, copy: Copy, click: CopyClick) -> None:
        if not copy.is_adopted:
            raise NotAllowed("I made this copy myself, so I watch it to its end. You can let it go.")
        if not tx.copies.close(copy.arn):
            raise Gone(GONE)
        answer_notices(tx, copy, "dropped", self.clock.now(), "dropped", by=click.actor.user_id)
        answer_undoing(tx, copy, "dropped", self.clock.now(), by=click.actor.user_id)
        self._say(tx, copy, click, "dropped")

    def _say(self, tx: Tx, copy: Copy, click: CopyClick, what: str, facts: Mapping[str, object] | None = None) -> None:
        told = {"what": what, "by": click.actor.user_id, **(facts or {})}
        say_of(tx, copy, NoticeKind.WATCHED, self.clock.now(), f"{what}:{click.dedup_key}", told)

    def _answer(
        self, tx: Tx, copy: Copy, click: CopyClick, how: str, facts: Mapping[str, object] | None = None
    ) -> None:
        """Show it on the notices of this end: who, and when."""
        now, by = self.clock.now(), click.actor.user_id
        answer_notices(tx, copy, how, now, click.dedup_key, by=by, end=copy.delete_at, facts=facts)

    def _refuse(self, click: CopyClick, why: str, *, tell: bool, is_last: bool) -> None:
        with self.store.begin() as tx:
            if not tx.copy_clicks.settle(click.dedup_key, why):
                return
            copy = tx.copies.get(click.copy_arn)
            self._record(tx, copy, click, "click refused", why)
            if is_last and copy is not None and copy.delete_at is not None:
                snoozes = fitting_snoozes(copy.delete_at, self.clock.now())
                now_known = {"last": True, "unseen": places_unseen(tx), "snoozes": snoozes}
                self._answer(tx, copy, click, "open", now_known)
            if tell and copy is not None:
                now, facts = self.clock.now(), {"sentence": why}
                say_of(tx, copy, NoticeKind.PRIVATE, now, click.dedup_key, facts, to=click.actor.user_id)
        self.nudge("relay")

    def _record(self, tx: Tx, copy: Copy | None, click: CopyClick, what: str, why: str) -> None:
        about = f"{click.wish}: {click.copy_arn[:200]}{f': {why}' if why else ''}"
        tx.requests.record(Event(copy.request_id if copy else "", self.clock.now(), what, click.actor, detail=about))


EFFECTS: Mapping[Wish, Callable[[Watching, Tx, Copy, CopyClick], None]] = {
    Wish.LET_GO: Watching._let_go,
    Wish.LET_LAST_GO: Watching._let_go,
    Wish.KEEP_TELLING: Watching._tell_again,
    Wish.DAY: Watching._snooze,
    Wish.WEEK: Watching._snooze,
    Wish.DROP: Watching._drop,
}


def _is_at_home(tx: Tx, copy: Copy, click: CopyClick) -> bool:
    """Whether we spoke of this copy in this message. A list that one person sees (drop, extend) stands in no outbox."""
    if click.wish in (Wish.DROP, Wish.EXTEND):
        return True
    if copy.is_adopted:
        return click.channel == copy.channel and tx.outbox.stands_in(stream_of(copy), click.message_ts)
    request = tx.requests.get(copy.request_id)
    return bool(request and click.channel == request.channel and tx.outbox.stands(request.id, click.message_ts))
