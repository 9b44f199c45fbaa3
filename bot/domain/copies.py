"""A copy that is watched until it ends: one that we made, or one made elsewhere that people adopted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Protocol

from bot.domain.backups import RecoveryPoint, VaultRef
from bot.domain.people import Actor
from bot.domain.preflight import COPYABLE

# AWS deletes within 8 hours after the end; what is there a day later is somebody's to look at.
OVERDUE = timedelta(hours=24)
# Nobody is reminded later than this before the end.
LAST_CALL = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Origin:
    """The backup that a copy took its end from, and that backup's end as AWS last reported it (None: no end)."""

    arn: str
    vault: VaultRef
    delete_at: datetime | None


@dataclass(frozen=True, slots=True)
class Copy:
    """A recovery point that is watched. `delete_at` is as AWS reports it; None: no end, or not read yet.

    `created_at` is AWS's creation date, which a copy has from the backup it was made from. `looked_at` is when AWS was
    last asked about it; None: never. A copy that a request made names it (`request_id`, `step_id`), and its notices
    go into that request's thread; one that was adopted has "" and 0 there, and its notices go to `channel`.
    `origin` is there only where it inherited its end. `let_go_by`: who wants no more notices ahead of this end;
    `snoozed_until`: no notice ahead of the end before this time, and one then.
    """

    arn: str
    request_id: str
    step_id: int
    vault: VaultRef
    table_name: str
    size_bytes: int | None
    created_at: datetime
    delete_at: datetime | None
    looked_at: datetime | None
    table_arn: str = ""
    origin: Origin | None = None
    channel: str = ""
    adopted_by: Actor | None = None
    let_go_by: Actor | None = None
    snoozed_until: datetime | None = None

    @property
    def is_adopted(self) -> bool:
        return not self.request_id

    @property
    def noun(self) -> str:
        """What people call it: "backup" where others made it in the place of its table, "copy" elsewhere."""
        at_home = f":dynamodb:{self.vault.region}:{self.vault.account}:table/" in self.table_arn
        return "backup" if self.is_adopted and at_home else "copy"


class CopyEnd(StrEnum):
    """How a watched copy came to its end: by AWS, at its time; before its time, by somebody; not, although AWS was to
    delete it; in a place where AWS shows it no more. The history calls it by these values.
    """

    REMOVED = "copy expired"
    EARLY = "copy gone early"
    UNDELETABLE = "copy not deleted"
    UNSEEN = "copy end not seen"

    @property
    def is_gone(self) -> bool:
        """Whether the copy is there no more, for all that is known."""
        return self in (CopyEnd.REMOVED, CopyEnd.EARLY)


@dataclass(frozen=True, slots=True)
class Made:
    """What became of the copy that a step made. `delete_at` is its end as AWS told it at `told_at`; None: not yet.

    `end` is how it came to its end, seen at `ended_at`; None: as far as anybody knows, it is there.
    """

    step_id: int
    arn: str
    delete_at: datetime | None
    told_at: datetime | None
    end: CopyEnd | None = None
    ended_at: datetime | None = None


class Wish(StrEnum):
    """What a person may want of a copy that is about to end, with one click."""

    LET_GO = "let it go"
    LET_LAST_GO = "let the last go"
    KEEP_TELLING = "keep telling"
    DAY = "remind in a day"
    WEEK = "remind in a week"
    DROP = "drop"
    EXTEND = "extend"
    COPY_AGAIN = "copy again"


SNOOZES = {Wish.DAY: timedelta(days=1), Wish.WEEK: timedelta(weeks=1)}


@dataclass(frozen=True, slots=True)
class CopyClick:
    """A click on a button of a notice about a copy. `dedup_key` is the same for every delivery of the same click.

    `seen_end` is the end that the notice spoke of: a click is about what the person saw.
    """

    dedup_key: str
    copy_arn: str
    actor: Actor
    wish: Wish
    seen_end: datetime | None
    channel: str
    message_ts: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AdoptRule:
    """What the configuration has watched: backups in vaults (patterns of an account's alias, a vault, a table).

    `channel`: where their notices go; None: the usual one.
    """

    account: str
    vault: str = "*"
    table: str = "*"
    channel: str | None = None

    def has_account(self, alias: str) -> bool:
        return fnmatchcase(alias, self.account)

    def has_vault(self, name: str) -> bool:
        return fnmatchcase(name, self.vault)

    def has_table(self, name: str) -> bool:
        return fnmatchcase(name, self.table)


def adopted(point: RecoveryPoint, channel: str, by: Actor | None, now: datetime) -> Copy:
    """A recovery point that others made, to be watched from now on; `by` None: the configuration says so."""
    return Copy(
        arn=point.arn,
        request_id="",
        step_id=0,
        vault=point.vault,
        table_name=point.table_name,
        size_bytes=point.size_bytes,
        created_at=point.created_at,
        delete_at=point.delete_at,
        looked_at=now,
        table_arn=point.table_arn,
        channel=channel,
        adopted_by=by,
    )


def lead_due(delete_at: datetime, lead_days: tuple[int, ...], now: datetime) -> int | None:
    """The lead (in days) whose notice is due now: the tightest one reached; None before the first and after the end."""
    if now >= delete_at:
        return None
    reached = [days for days in lead_days if delete_at - now <= timedelta(days=days)]
    return min(reached, default=None)


def leads_missed(delete_at: datetime, lead_days: tuple[int, ...], now: datetime, seen: datetime | None) -> list[int]:
    """The leads ahead of the one due now that came while nobody was there to tell, the longest first.

    `seen`: when the copy was last looked at before now. While the bot runs that is once a day and at every lead, so a
    lead that came after it came while the bot was away; one that came before it was known, or was not to be told.
    """
    due = lead_due(delete_at, lead_days, now)
    if due is None or seen is None:
        return []
    return sorted((days for days in lead_days if days > due and delete_at - timedelta(days=days) > seen), reverse=True)


def fitting_snoozes(delete_at: datetime, now: datetime) -> list[Wish]:
    """The ways of being reminded later that come before the end."""
    return [wish for wish, later in SNOOZES.items() if now + later <= delete_at - LAST_CALL]


def is_last(copy: Copy, others: Iterable[RecoveryPoint | Copy], now: datetime) -> bool:
    """Whether nothing outlives this copy of what it holds: the last copy anywhere.

    What outlives it is another recovery point of the same table, in any configured account, Region and vault, that was
    created when this one was or later (a copy has the creation date of its backup, so it is the same backup or a
    later one), is whole (COMPLETED or AVAILABLE), and has no end or a later one. What ends at the same moment does
    not: a copy kept as its source ends with it, so each of the two is the last. An earlier backup does not count: it
    lacks what was written since.
    """
    return not any(outlives(other, copy, now) for other in others)


def outlives(other: RecoveryPoint | Copy, copy: Copy, now: datetime) -> bool:
    """Whether another recovery point of the same table holds what this copy does, or more, and ends after it."""
    if (other.arn, other.vault) == (copy.arn, copy.vault) or other.created_at < copy.created_at:
        return False
    if isinstance(other, RecoveryPoint) and other.status not in COPYABLE:
        return False
    if other.delete_at is None:
        return True
    return copy.delete_at is not None and other.delete_at > max(now, copy.delete_at)


class CopyBook(Protocol):
    """Copies we watch."""

    def add(self, copy: Copy) -> bool:
        """Watch a copy; False when it was known before, watched or not: then it stays as it is.

        One that a request made takes the place of itself as adopted: then it is the request's, and True.
        """
        ...

    def watch_again(self, copy: Copy) -> bool:
        """Watch a copy that others made and somebody dropped; False when it is no such copy."""
        ...

    def get(self, arn: str) -> Copy | None:
        """A watched copy; None when it is not watched (any more)."""
        ...

    def ending(self, before: datetime, limit: int) -> Sequence[Copy]:
        """Watched copies whose delete_at is not after this time, soonest first."""
        ...

    def to_look_at(self, before: datetime, limit: int) -> Sequence[Copy]:
        """Watched copies last looked at before this time, or never."""
        ...

    def of_table(self, table_arn: str) -> Sequence[Copy]:
        """Watched copies of one table's backups."""
        ...

    def adopted(self, limit: int) -> Sequence[Copy]:
        """Watched copies that others made, soonest end first."""
        ...

    def looked(self, arn: str, *, delete_at: datetime | None, at: datetime) -> bool:
        """Note the end that AWS told just now; True when it had told another one before.

        Another end is a new matter: who let the copy go, or wanted to be reminded, did so for the one before.
        """
        ...

    def look_soon(self, arn: str) -> None:
        """Let a copy, and those that took their end from it, be looked at next: its end may have changed just now."""
        ...

    def asked(self, arn: str, at: datetime) -> None:
        """Note that AWS was asked in vain; counted as asked at this time."""
        ...

    def origin_looked(self, arn: str, *, delete_at: datetime | None) -> bool:
        """Note the end of the backup that a copy took its end from; True when it was another one before."""
        ...

    def forget_origin(self, arn: str) -> bool:
        """Stop looking at that backup; False when nobody did any more."""
        ...

    def let_go(self, arn: str, *, end: datetime, by: Actor | None) -> bool:
        """Stop (None: resume) the notices ahead of this end; False when they are so already, or the end is another."""
        ...

    def snooze(self, arn: str, *, end: datetime, before: datetime | None, until: datetime | None) -> bool:
        """Compare-and-set until when nothing is said ahead of this end; what was let go is not put off."""
        ...

    def close(self, arn: str) -> bool:
        """Stop watching; False when it was not watched any more."""
        ...

    def end(self, arn: str, how: CopyEnd, at: datetime) -> bool:
        """Stop watching what has come to its end; False when it was not watched any more."""
        ...


class CopyClickBook(Protocol):
    """Clicks on notices about copies, written down, waiting to be judged."""

    def add(self, click: CopyClick, due_at: datetime) -> bool:
        """Write a click down; False when it was delivered before."""
        ...

    def claim(self, now: datetime, until: datetime, limit: int, key: str | None = None) -> Sequence[CopyClick]:
        """Claim unsettled clicks that are due (or exactly the one with this key, due or not)."""
        ...

    def settle(self, dedup_key: str, outcome: str) -> bool:
        """Note what came of a click; False when that was noted before."""
        ...
