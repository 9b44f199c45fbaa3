"""Where and when outcomes are announced beyond the request's own thread: routes, quiet hours, the daily digest.

The request's own thread is the record and always gets everything. What cannot wait (failures, a copy that ends
tomorrow, all that people do) is never held back.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fnmatch import fnmatchcase
from zoneinfo import ZoneInfo

from bot.domain.approvals import CopyFacts
from bot.domain.backups import Account
from bot.domain.copies import AdoptRule
from bot.domain.notices import LATER, Manner, Notice, NoticeKind
from bot.domain.params import Params
from bot.domain.requests import CopyRequest
from bot.domain.rule_facts import facts_of

# Expiry notices with a longer lead than this are for the digest.
SOON_DAYS = 7
TOMORROW_DAYS = 1
# More outcomes than this for one channel in one pass, as after an outage, are shown in it by one message; each of them
# is told in its own thread all the same.
TOGETHER = 5
# So long the message waits for what else the same pass brings after the last outcome, and after the first one.
GATHERING = timedelta(seconds=3)
LONGEST_GATHERING = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Route:
    """Outcomes of requests with a step that matches `when` (names of CopyFacts) are also announced in `channel`.

    `about`: only these kinds; empty: all outcomes. `instead`: then they are not shown in the request's own channel,
    only in its thread.
    """

    channel: str
    when: tuple[tuple[str, str], ...] = ()
    about: tuple[NoticeKind, ...] = ()
    instead: bool = False

    def matches(self, kind: NoticeKind, steps: Iterable[CopyFacts]) -> bool:
        if self.about and kind not in self.about:
            return False
        return any(all(fnmatchcase(getattr(step, key), pattern) for key, pattern in self.when) for step in steps)


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours in which only what cannot wait is said, by the wall clock of a zone (an IANA name)."""

    begins: time
    ends: time
    zone: str

    def until(self, now: datetime) -> datetime | None:
        """The end of the quiet hours that `now` is in; None outside of them."""
        local = now.astimezone(ZoneInfo(self.zone))
        overnight = self.begins > self.ends
        evening, morning = local.time() >= self.begins, local.time() < self.ends
        if not ((evening or morning) if overnight else (evening and morning)):
            return None
        day = local.date() + timedelta(days=1) if overnight and evening else local.date()
        return _next(day, self.ends, self.zone, now)


@dataclass(frozen=True, slots=True)
class Digest:
    """One message a day, at `at` by the wall clock of a zone, that tells of what could wait."""

    at: time
    zone: str
    channel: str

    def next(self, now: datetime) -> datetime:
        """The first digest after `now`."""
        today = now.astimezone(ZoneInfo(self.zone)).date()
        found = (_next(today + timedelta(days=ahead), self.at, self.zone, now) for ahead in range(3))
        return next(moment for moment in found if moment is not None)


@dataclass(frozen=True, slots=True)
class NoticePolicy:
    """What the operator decided about notices. `ops_channel`: who is told when a notice cannot be delivered."""

    ops_channel: str | None = None
    routes: tuple[Route, ...] = ()
    quiet: Quiet | None = None
    digest: Digest | None = None
    adopt: tuple[AdoptRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Placement:
    """Where and when a notice is said: in its thread how, in which stream and not before; also in which channels."""

    manner: Manner
    stream: str
    not_before: datetime | None = None
    digest_at: datetime | None = None
    also: tuple[str, ...] = ()


def place(
    notice: Notice, request: CopyRequest, policy: NoticePolicy, accounts: Iterable[Account], now: datetime
) -> Placement:
    """Decide about a notice that has just been written."""
    channels = channels_of(notice, request, policy, accounts)
    also = tuple(channel for channel in channels if channel != request.channel)
    digest_at, not_before = _wait(notice, policy, now)
    if is_together(notice):
        digest_at, also = digest_at or not_before or now + GATHERING, ()
    hidden = digest_at is not None or request.channel not in channels
    return Placement(
        manner=Manner.QUIETLY if hidden else Manner.THREAD,
        # What waits must not keep what cannot wait from leaving before it.
        stream=f"{notice.stream}{LATER}" if not_before else notice.stream,
        not_before=not_before,
        digest_at=digest_at,
        also=also,
    )


def place_alone(notice: Notice, about: CopyFacts, policy: NoticePolicy, now: datetime) -> Placement:
    """Decide about an outcome that belongs to no request: it has a channel, and is shown in those of routes as well."""
    _, not_before = _wait(notice, policy, now)
    if is_together(notice):
        return Placement(notice.manner, notice.stream, digest_at=not_before or now + GATHERING)
    return Placement(
        manner=notice.manner,
        stream=f"{notice.stream}{LATER}" if not_before else notice.stream,
        not_before=not_before,
        also=routes_alone(notice, about, policy),
    )


def routes_alone(notice: Notice, about: CopyFacts, policy: NoticePolicy) -> tuple[str, ...]:
    """The further channels that show an outcome which belongs to no request."""
    routes = [route for route in policy.routes if route.matches(notice.kind, (about,))]
    return tuple(dict.fromkeys(route.channel for route in routes if route.channel != notice.channel))


def channels_of(
    notice: Notice, request: CopyRequest, policy: NoticePolicy, accounts: Iterable[Account]
) -> tuple[str, ...]:
    """The channels that show an outcome: the request's own, unless a route takes its place, and those of routes."""
    steps = _params(notice, request)
    alias = {account.id: account.alias for account in accounts}
    facts = facts_of(steps, [False] * len(steps), lambda account: alias.get(account, account))
    routes = [route for route in policy.routes if route.matches(notice.kind, facts)]
    own = () if any(route.instead for route in routes) else (request.channel,)
    return tuple(dict.fromkeys((*own, *(route.channel for route in routes))))


def crowded(channels: Mapping[str, str]) -> frozenset[str]:
    """Those (of what, by channel) that would crowd their channel if each were shown in it by itself."""
    count = Counter(channels.values())
    return frozenset(one for one, channel in channels.items() if count[channel] > TOGETHER)


def is_together(notice: Notice) -> bool:
    """Whether one message shows this outcome in its channels together with others.

    A warning that cannot wait has a message of its own, and buttons in it: nobody is to miss it among many lines.
    """
    is_warning = notice.kind is NoticeKind.EXPIRING
    return bool(notice.facts.get("together")) and not (is_warning and not can_wait(notice))


def is_gathered(notices: Sequence[Notice], now: datetime) -> bool:
    """Whether nothing more of the same pass is to be expected."""
    written = [notice.created_at for notice in notices]
    return max(written) <= now - GATHERING or min(written) <= now - LONGEST_GATHERING


def can_wait(notice: Notice) -> bool:
    """Whether a notice is still of use some hours later."""
    if notice.facts.get("urgent") or notice.kind is NoticeKind.FAILED:
        return False
    if notice.kind is NoticeKind.EXPIRED:
        # Somebody deleted it, or it is still paid for.
        return not (notice.facts.get("early") or notice.facts.get("undeletable"))
    return notice.kind is not NoticeKind.EXPIRING or not _ends_within_a_day(notice)


def _wait(notice: Notice, policy: NoticePolicy, now: datetime) -> tuple[datetime | None, datetime | None]:
    """The digest that tells of a notice, and when it may leave."""
    if not can_wait(notice):
        return None, None
    quiet_until = policy.quiet.until(now) if policy.quiet else None
    far_away = notice.kind is NoticeKind.EXPIRING and _lead(notice) > SOON_DAYS
    if policy.digest and (far_away or quiet_until):
        # A digest within the quiet hours would break them, so it is the first one after them.
        at = policy.digest.next(quiet_until - timedelta(microseconds=1) if quiet_until else now)
        return at, at
    return None, quiet_until


def _ends_within_a_day(notice: Notice) -> bool:
    """Of a copy that was found late the lead tells less than its end does."""
    end = notice.facts.get("delete_at")
    late = isinstance(end, int) and end <= (notice.created_at + timedelta(days=TOMORROW_DAYS)).timestamp()
    return late or _lead(notice) <= TOMORROW_DAYS


def _lead(notice: Notice) -> int:
    lead = notice.facts.get("lead_days")
    return lead if isinstance(lead, int) else 0


def _params(notice: Notice, request: CopyRequest) -> list[Params]:
    """The step that a notice is about, or all steps where it names none."""
    named = [step.params for step in request.steps if step.id == notice.facts.get("step")]
    return named or [step.params for step in request.steps]


def _next(day: date, at: time, zone: str, now: datetime) -> datetime | None:
    """A day's moment by the wall clock, if it is after `now`; an hour that comes twice is met twice."""
    for fold in (0, 1):
        moment = datetime.combine(day, at, tzinfo=ZoneInfo(zone)).replace(fold=fold).astimezone(now.tzinfo)
        if moment > now:
            return moment
    return None
