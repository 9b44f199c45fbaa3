"""What the choices of a walk stand for: tables, backups, destinations and dates behind the short names of a form."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta, tzinfo
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from bot.domain.backups import Account, RecoveryPoint, Vault, VaultKind, VaultRef
from bot.domain.books import Store
from bot.domain.cost import LIST_PRICES, Prices
from bot.domain.drafts import UNTIL, Form, Place
from bot.domain.inventory import Area, PointEntry, TableEntry, age_of
from bot.domain.lifecycles import FOR_GOOD, judge_new_lifecycle, whole, why_not
from bot.domain.params import SetRetentionParams
from bot.domain.ports import Clock, Policy
from bot.domain.retention import INHERITED, MAX_DAYS, Keep, Retention, days_until
from bot.domain.routes import Route
from bot.workflows.inventory import Inventory
from bot.workflows.recent import recent_places
from bot.workflows.vault_sight import Sight, VaultSight


@dataclass(frozen=True, slots=True)
class Goal:
    """One destination. `seen` is its vault as last read; None: it is to be made, or it is not there (any more)."""

    place: Place
    account: Account
    ref: VaultRef
    seen: Vault | None = None


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a draft's keys stand for, as far as they have been chosen and still exist.

    `vault` is the one in hand, if it is there; `goals` are all destinations that are complete, or a route's hops;
    `source_vault` holds the backup; `role_arn` is the role that copies out of its account.
    """

    table: TableEntry | None = None
    point: PointEntry | None = None
    account: Account | None = None
    region: str = ""
    vault: Vault | None = None
    retention: Retention | None = None
    goals: tuple[Goal, ...] = ()
    route: Route | None = None
    source_vault: Vault | None = None
    role_arn: str = ""


@dataclass(frozen=True, slots=True)
class Permanence:
    """Whether the end may be taken from the source; `why_not` is empty where it has none anyway."""

    possible: bool = False
    why_not: str = ""


class Reading(StrEnum):
    """Whether AWS is being read because somebody asked for it."""

    NO = "no"
    NOW = "now"
    SLOW = "slow"


@dataclass(frozen=True, slots=True)
class Choices:
    """What the page can offer beside what was chosen.

    `recent`: where this person sent copies, the last one first. `age` is that of the picture of all that could be read
    at the last attempt; None before anything was.
    `sight`: when the vaults were as they are shown, and what went wrong when they were looked at since.
    """

    accounts: tuple[Account, ...] = ()
    vaults: tuple[Vault, ...] = ()
    problems: tuple[Area, ...] = ()
    has_tables: bool = True
    matches: int = 0
    recent: tuple[Place, ...] = ()
    routes: tuple[Route, ...] = ()
    age: timedelta | None = None
    reading: Reading = Reading.NO
    sight: Sight = field(default_factory=Sight)
    permanence: Permanence = field(default_factory=Permanence)
    prices: Prices = LIST_PRICES


@dataclass
class Choosing:
    """Made anew for each question about a form: what it has read of the store it keeps until that is answered."""

    store: Store
    inventory: Inventory
    policy: Policy
    clock: Clock
    sight: VaultSight
    _vaults: dict[tuple[str, str], tuple[Vault, ...]] = field(default_factory=dict)

    def chosen(self, form: Form, timezone: str) -> Chosen:
        """Resolve the keys of a form. What does not exist (any more) is left out."""
        account, route = self.account(form.account), self._route(form.route)
        with self.store.read() as tx:
            table = tx.inventory.table(form.table_key) if form.table_key else None
            entry = tx.inventory.point(form.point_key) if form.point_key else None
        point = entry if entry and entry.table_key == form.table_key else None
        goals = self._hops(route) if route else tuple(filter(None, map(self._goal, form.places)))
        present = self._goal(form.present)
        return Chosen(
            table=table,
            point=point,
            account=account,
            region=form.region if account and form.region in account.regions else "",
            vault=present.seen if present else None,
            retention=retention_of(form, self._copied(form, point), zone_of(timezone)),
            goals=goals,
            route=route,
            source_vault=self._vault(point.point.vault) if point else None,
            role_arn=self._role_of(point.point.vault) if point else "",
        )

    def choices(self, form: Form, user_id: str) -> Choices:
        """What the current page can offer this person."""
        account = self.account(form.account)
        with self.store.read() as tx:
            point = tx.inventory.point(form.point_key) if form.point_key else None
            recent = recent_places(tx, user_id, self.policy.accounts) if user_id else ()
        source = point.point.vault if point else None
        vaults = self.vaults(account.id, form.region) if account and form.region else ()
        areas = self.inventory.areas()
        return Choices(
            accounts=self.policy.accounts,
            vaults=tuple(v for v in vaults if v.ref != source and v.kind is not VaultKind.RESTORE_ACCESS),
            problems=tuple(area for area in areas if area.error),
            has_tables=bool(self.inventory.tables("", limit=1)),
            matches=len(self.inventory.tables(form.query)) if form.query else 0,
            recent=tuple(place for place in recent if source is None or not self._is_at(place, source)),
            routes=self.policy.routes,
            age=age_of((area for area in areas if not area.error), self.clock.now()),
            prices=self.policy.prices,
            sight=self._sighted(account, form.region),
            permanence=self._permanence(point, anew=form.backup_first),
        )

    def look(self, form: Form, seconds: float) -> bool:
        """Read the vaults of the place in hand as they are now, within so many seconds; False: they were just read."""
        account = self.account(form.account)
        if account is None or form.region not in account.regions:
            return False
        return self.sight.look(account.id, form.region, seconds)

    def account(self, alias: str) -> Account | None:
        """The configured account of this alias."""
        return next((one for one in self.policy.accounts if one.alias == alias), None)

    def vaults(self, account_id: str, region: str) -> tuple[Vault, ...]:
        """All vaults of a place, as last read; read once, since one form asks for them again and again."""
        place = account_id, region
        if place not in self._vaults:
            with self.store.read() as tx:
                self._vaults[place] = tuple(tx.inventory.vaults(account_id, region))
        return self._vaults[place]

    def _copied(self, form: Form, entry: PointEntry | None) -> RecoveryPoint | None:
        """The backup that days count from: the chosen one, or the one that is made in its place."""
        if entry is None or not form.backup_first:
            return entry.point if entry else None
        return replace(entry.point, created_at=self.clock.now())

    def _is_at(self, place: Place, vault: VaultRef) -> bool:
        account = self.account(place.account)
        return account is not None and VaultRef(account.id, place.region, place.vault) == vault

    def _sighted(self, account: Account | None, region: str) -> Sight:
        if account is None or not region:
            return Sight()
        live = self.sight.sight(account.id, region)
        areas = self.inventory.areas()
        swept = next((area.read_at for area in areas if (area.account, area.region) == (account.id, region)), None)
        read = [at for at in (live.read_at, swept) if at is not None]
        return Sight(max(read, default=None), live.error)

    def _permanence(self, entry: PointEntry | None, *, anew: bool) -> Permanence:
        """`anew`: a new backup is made, which may be kept for good from the start."""
        if entry is None or entry.point.delete_at is None:
            return Permanence()
        point, vault = entry.point, self._vault(entry.point.vault)
        if anew:
            why = judge_new_lifecycle(FOR_GOOD, vault) if vault else None
        else:
            why = why_not(SetRetentionParams(point, whole(FOR_GOOD, point)), vault, self.clock.now())
        return Permanence(why is None, why.sentence if why else "")

    def _role_of(self, vault: VaultRef) -> str:
        return next((one.copy_role_arn for one in self.policy.accounts if one.id == vault.account), "")

    def _route(self, name: str) -> Route | None:
        return next((route for route in self.policy.routes if route.name == name), None)

    def _hops(self, route: Route) -> tuple[Goal, ...]:
        accounts: Mapping[str, Account] = {account.id: account for account in self.policy.accounts}
        return tuple(
            Goal(Place(account.alias, hop.vault.region, hop.vault.name), account, hop.vault, self._vault(hop.vault))
            for hop in route.hops
            if (account := accounts.get(hop.vault.account))
        )

    def _goal(self, place: Place) -> Goal | None:
        account = self.account(place.account)
        if account is None or place.region not in account.regions or not place.vault:
            return None
        ref = VaultRef(account.id, place.region, place.vault)
        return Goal(place, account, ref, None if place.new else self._vault(ref))

    def _vault(self, ref: VaultRef) -> Vault | None:
        return next((vault for vault in self.vaults(ref.account, ref.region) if vault.ref == ref), None)


def retention_of(form: Form, point: RecoveryPoint | None, zone: tzinfo) -> Retention | None:
    """How long a form wants its copies kept; None while that cannot be said. A date means days of this backup."""
    if form.keep in INHERITED:
        return Retention(Keep(form.keep))
    cold = whole_number(form.cold)
    if form.cold.strip() and cold is None:
        return None
    if form.keep == Keep.CENTURY:
        return Retention(Keep.CENTURY, cold_days=cold)
    days = whole_number(form.days) if form.keep == Keep.DAYS else None
    day = day_of(form.until)
    if form.keep == UNTIL and day and point:
        days = days_to_reach(day, point, zone)
    return Retention(Keep.DAYS, days, cold) if days is not None else None


def days_to_reach(day: date, point: RecoveryPoint, zone: tzinfo) -> int:
    """As days_until, for any date that can be typed: what is out of all reach comes to a number that is refused."""
    away = (day - point.created_at.date()).days
    # A zone may be a day ahead of or behind the backup's own date.
    return days_until(day, point, zone) if -1 <= away <= MAX_DAYS + 1 else min(max(away, 0), MAX_DAYS + 1)


def whole_number(text: str) -> int | None:
    """A number of days as typed."""
    digits = text.strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 9 else None


def day_of(text: str) -> date | None:
    """A date as Slack's date picker and people write it: 2027-03-01."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


@lru_cache(maxsize=64)
def zone_of(timezone: str) -> ZoneInfo:
    """The zone of this name; UTC where nobody knows it."""
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
