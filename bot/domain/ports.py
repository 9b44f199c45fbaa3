"""What the rules and use cases need from the outside, named for what each thing is for."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.domain.approvals import Rule
from bot.domain.backups import Account, CopyJob, CopyJobState, RecoveryPoint, Vault, VaultRef
from bot.domain.cost import LIST_PRICES, Prices
from bot.domain.drills import DrillRule
from bot.domain.notices import Notice
from bot.domain.params import CopyParams
from bot.domain.people import Actor, Person
from bot.domain.requests import CopyRequest
from bot.domain.routes import Route
from bot.domain.routing import NoticePolicy


class Clock(Protocol):
    """The only source of time: aware, UTC."""

    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class CopyOrder:
    """One StartCopyJob. `token` is the stored idempotency token: the same order twice is one job.

    `approved_by` is the user id of the person who approved it first, for AWS's own record of who acted.
    """

    params: CopyParams
    token: str
    request_id: str
    approved_by: str


@dataclass(frozen=True, slots=True)
class Holdings:
    """What one account holds in one Region: its vaults and the DynamoDB recovery points in them."""

    vaults: tuple[Vault, ...]
    points: tuple[RecoveryPoint, ...]


class Backups(Protocol):
    """AWS Backup, in every configured account and Region. Every method raises a BackupsError when it fails."""

    def holdings(self, account: str, region: str) -> Holdings:
        """Read all vaults and DynamoDB recovery points of one account id and Region, every page."""
        ...

    def point(self, vault: VaultRef, arn: str) -> RecoveryPoint:
        """Read one recovery point. Raises BackupsMissing when it is gone, BackupsDenied for an unknown vault."""
        ...

    def vaults(self, account: str, region: str) -> tuple[Vault, ...]:
        """List the vaults of one account id and Region, live."""
        ...

    def start_copy(self, order: CopyOrder) -> str:
        """Start a copy in the source's account and Region and return the copy job's id. Safe to repeat."""
        ...

    def copy_job(self, source: VaultRef, job_id: str) -> CopyJob:
        """Read a copy job, in the account and Region that own the source vault. BackupsMissing after 30 days."""
        ...

    def copy_jobs(
        self, account: str, region: str, state: CopyJobState, *, ended_after: datetime | None = None
    ) -> tuple[CopyJob, ...]:
        """List the DynamoDB copy jobs of one account id, Region and state, every page; perhaps only late endings."""
        ...

    def copies_begun(self, point: RecoveryPoint, destination: VaultRef, since: datetime) -> tuple[CopyJob, ...]:
        """List the copy jobs of one recovery point into one vault that were made since then, oldest first."""
        ...

    def points_of(self, vault: VaultRef, table_arn: str) -> tuple[RecoveryPoint, ...]:
        """List the recovery points of one table in one vault, every page. BackupsDenied for an unknown vault."""
        ...


@dataclass(frozen=True, slots=True)
class Message:
    """A Slack message: `text` is what notifications and screen readers get, `blocks` what eyes see.

    `broadcast` shows a thread's message in the channel too: for what the whole channel must know.
    """

    text: str
    blocks: tuple[Mapping[str, object], ...]
    broadcast: bool = False


class Outlet(Protocol):
    """Where notices go. Every method raises an OutletError when it fails."""

    def post(self, channel: str, message: Message, *, key: str, thread_ts: str | None = None) -> str:
        """Post once, carrying `key` as metadata; return the message's ts. Never repeats by itself."""
        ...

    def update(self, channel: str, ts: str, message: Message) -> None:
        """Replace a message of ours. Safe to repeat."""
        ...

    def whisper(self, channel: str, user: str, text: str, *, thread_ts: str | None = None) -> None:
        """Say something to one person only; Slack does not guarantee that it arrives."""
        ...

    def find(self, channel: str, key: str, *, thread_ts: str | None, since: datetime) -> str | None:
        """Look for our message that carries `key`, in the thread or among root messages; its ts or None.

        Raises OutletRefused when no look can tell: it is not allowed, or would go too far back.
        """
        ...

    def link(self, channel: str, ts: str) -> str:
        """The web address of a message."""
        ...

    def check(self) -> None:
        """Raise when Slack does not accept the token."""
        ...


class Words(Protocol):
    """Turns a notice into a message, from the notice's facts and its request (None: it has none) as it is now."""

    def __call__(self, notice: Notice, request: CopyRequest | None) -> Message: ...


class People(Protocol):
    """Who is who in Slack, now. Every method raises an OutletError when it cannot tell: fail closed."""

    def person(self, user_id: str) -> Person: ...

    def persons(self, user_ids: Collection[str]) -> Mapping[str, Person]:
        """Who these people are (lately), for showing and counting; who is not there any more is left out."""
        ...

    def approvers(self, ids: Sequence[str], *, since: datetime | None = None) -> frozenset[str]:
        """Resolve user ids and user group ids to user ids, as of `since` or later; None: as of lately, for showing."""
        ...

    def home_team(self) -> str: ...

    def myself(self) -> Actor:
        """The bot's own user, who asks for what nobody asked for."""
        ...

    def can_post_to(self, channel: str) -> bool:
        """Whether requests may be posted there: a member, not archived, shared with others only if allowed."""
        ...


@dataclass(frozen=True, slots=True)
class Policy:
    """The operator's decisions that use cases need, read once at start."""

    accounts: tuple[Account, ...]
    rules: tuple[Rule, ...]
    expiry_lead_days: tuple[int, ...]
    default_channel: str | None
    poll_seconds: float
    allow_shared_channels: bool = False
    drills: tuple[DrillRule, ...] = ()
    notices: NoticePolicy = field(default_factory=NoticePolicy)
    prices: Prices = LIST_PRICES
    routes: tuple[Route, ...] = ()


Nudge = Callable[[str], None]
"""Ask a sweep, by name, to run now. Losing a nudge costs seconds, never a notice."""
