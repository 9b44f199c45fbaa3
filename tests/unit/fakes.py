"""The outside as use cases see it, in memory: a clock that stands still, people, a Slack that can misbehave."""

import threading
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bot.domain.backup_plans import BackupPlan, Document, PlanHead
from bot.domain.errors import BackupsMissing, OutletError, OutletRefused
from bot.domain.people import Actor, Person
from bot.domain.ports import Message

# Seconds that a relay waits for its lanes where none hangs: a busy machine must not change what a pass does.
PATIENT = 30.0
NOW = datetime(2026, 11, 22, 10, 30, tzinfo=UTC)
HOME = "T0HOME"


class ManualClock:
    """Fulfils the port `Clock`; time moves only when a test says so."""

    def __init__(self, start: datetime = NOW) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def pass_(self, **amount: float) -> datetime:
        """Let time pass: days, hours, minutes, seconds, as timedelta names them."""
        self._now += timedelta(**amount)
        return self._now


class Nudges:
    """Fulfils `Nudge` and remembers which sweeps were nudged."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def __call__(self, name: str) -> None:
        self.names.append(name)


class FakePeople:
    """Fulfils the port `People`. Everybody is an ordinary member until a test says something else."""

    def __init__(self) -> None:
        self.groups: dict[str, frozenset[str]] = {"S0ADMINS": frozenset({"U0BEN", "U0CHRIS", "U0DORA"})}
        self.known: dict[str, Person] = {}
        self.closed: set[str] = set()
        self.silent: OutletError | None = None

    def person(self, user_id: str) -> Person:
        self._answer()
        return self.known.get(user_id) or Person(user_id, HOME, timezone="Europe/Berlin")

    def persons(self, user_ids: Collection[str]) -> Mapping[str, Person]:
        return {user_id: self.person(user_id) for user_id in user_ids}

    def approvers(self, ids: Sequence[str], *, since: datetime | None = None) -> frozenset[str]:
        self._answer()
        return frozenset().union(*(self.groups.get(one, {one}) for one in ids))

    def home_team(self) -> str:
        return HOME

    def myself(self) -> Actor:
        return Actor("U0BOT", HOME, "copybackup")

    def can_post_to(self, channel: str) -> bool:
        self._answer()
        return channel not in self.closed

    def _answer(self) -> None:
        if self.silent is not None:
            raise self.silent


@dataclass
class Posted:
    """A message as Slack keeps it."""

    channel: str
    ts: str
    key: str
    thread_ts: str | None
    message: Message


@dataclass
class FakeOutlet:
    """Fulfils the port `Outlet`. `posted` is what stands in Slack; errors are put in front of the next calls."""

    posted: list[Posted] = field(default_factory=list)
    whispers: list[tuple[str, str, str]] = field(default_factory=list)
    calls: list[str] = field(default_factory=list)
    closed: set[str] = field(default_factory=set)
    _errors: dict[str, list[OutletError]] = field(default_factory=lambda: defaultdict(list))
    _errors_in: dict[str, list[OutletError]] = field(default_factory=lambda: defaultdict(list))
    _lost: list[OutletError] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def post(self, channel: str, message: Message, *, key: str, thread_ts: str | None = None) -> str:
        with self._lock:
            self._enter("post")
            if self._errors_in[channel]:
                raise self._errors_in[channel].pop(0)
            if channel in self.closed:
                raise OutletRefused("no", code="not_in_channel")
            ts = f"1700000000.{len(self.posted) + 1:06d}"
            self.posted.append(Posted(channel, ts, key, thread_ts, message))
            if self._lost:
                raise self._lost.pop(0)
            return ts

    def update(self, channel: str, ts: str, message: Message) -> None:
        self._enter("update")
        if channel in self.closed:
            raise OutletRefused("no", code="not_in_channel")
        for one in self.posted:
            if (one.channel, one.ts) == (channel, ts):
                one.message = message
                return
        raise OutletRefused("no such message", code="message_not_found")

    def whisper(self, channel: str, user: str, text: str, *, thread_ts: str | None = None) -> None:
        self._enter("whisper")
        self.whispers.append((channel, user, text))

    def find(self, channel: str, key: str, *, thread_ts: str | None, since: datetime) -> str | None:
        self._enter("find")
        place = (one for one in self.posted if (one.channel, one.thread_ts) == (channel, thread_ts))
        return next((one.ts for one in place if one.key == key), None)

    def link(self, channel: str, ts: str) -> str:
        self._enter("link")
        return f"https://home.slack.example/archives/{channel}/p{ts.replace('.', '')}"

    def check(self) -> None:
        self._enter("check")

    def fail_next(self, call: str, error: OutletError, *, times: int = 1) -> None:
        """Let the next calls raise this error, having done nothing."""
        self._errors[call] += [error] * times

    def fail_next_in(self, channel: str, error: OutletError) -> None:
        """Let the next post to a channel raise this error."""
        self._errors_in[channel].append(error)

    def lose_answer(self, error: OutletError) -> None:
        """Let the next post reach Slack and its answer get lost."""
        self._lost.append(error)

    def delete(self, ts: str) -> None:
        """Somebody deletes a message."""
        self.posted = [one for one in self.posted if one.ts != ts]

    @property
    def keys(self) -> list[str]:
        """The keys of what stands in Slack, oldest first."""
        return [one.key for one in self.posted]

    def _enter(self, call: str) -> None:
        self.calls.append(call)
        if self._errors[call]:
            raise self._errors[call].pop(0)


class NoPlans:
    """Fulfils the port `BackupPlans` for accounts that have none."""

    def plans(self, account: str, region: str) -> tuple[PlanHead, ...]:
        return ()

    def plan(self, head: PlanHead) -> BackupPlan:
        raise BackupsMissing("There is no such plan.", code="ResourceNotFoundException")

    def update(self, head: PlanHead, document: Document, *, request_id: str, approved_by: str) -> str:
        raise BackupsMissing("There is no such plan.", code="ResourceNotFoundException")
