"""Orders: what people typed becomes a plan: back up and copy, copy along a way, keep a copy longer or shorter."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bot.domain.backups import ADVANCED_POINT, Account, RecoveryPoint, VaultRef, table_place_of
from bot.domain.books import Store
from bot.domain.copies import Copy
from bot.domain.errors import BadInput
from bot.domain.inventory import TableEntry
from bot.domain.keeping import Switches
from bot.domain.lifecycles import lifecycle_for
from bot.domain.mistakes import all_at_once
from bot.domain.orders import KEEP, TABLE, TO, Order, Stop, read_end, read_keep, read_ways
from bot.domain.plans import Chain, Leg, plan_for_chains, plan_for_extension, plan_for_new_backup
from bot.domain.ports import Clock, Policy
from bot.domain.preflight import COPYABLE
from bot.domain.requests import CopyRequest
from bot.domain.retention import MAX_DAYS, Retention
from bot.domain.routes import Route, keeps_itself, read_hop
from bot.domain.sheets import Sheet
from bot.domain.steps import Plan, PlannedStep
from bot.workflows.forms import Composer
from bot.workflows.inventory import Inventory
from bot.workflows.planning import is_advanced

FRESH = timedelta(seconds=30)
PATIENCE = 6.0
REQUEST_ID = re.compile(r"CB-[1-9][0-9]*", re.IGNORECASE)


@dataclass
class Ordering:
    """`switches` tells whether new backups could be copied at all; None: the plan makes sure of it."""

    store: Store
    inventory: Inventory
    switches: Switches | None
    policy: Policy
    clock: Clock

    def now(self) -> Composer:
        """Back a table up and copy the new backup."""
        return Composer(check=self._check, plan=self._back_up_and_copy, fill=_as_it_is)

    def sequence(self) -> Composer:
        """Copy a table's newest backup along a way of one or more hops, or several."""
        return Composer(check=self._check, plan=self._copy_newest, fill=_as_it_is)

    def keep(self) -> Composer:
        """Change how long the copies of a request are kept."""
        return Composer(check=self._check_change, plan=self._changes, fill=_as_it_is)

    def is_final(self, sheet: Sheet) -> bool:
        """Whether a change of retention takes the end away, or sets it 100 years off: that is not sent unseen."""
        return lifecycle_for(read_end(sheet.answer(KEEP))).delete_after_days in (None, MAX_DAYS)

    def places(self) -> str:
        """What can be typed as a destination."""
        routes = [route.name for route in self.policy.routes]
        known = f", or a route: {', '.join(routes)}" if routes else ""
        account = self.policy.accounts[-1]
        return f"account/Region/vault such as {account.alias}/{account.regions[0]}/dr-vault{known}"

    def _check(self, sheet: Sheet) -> None:
        """Each field by itself, so that all mistakes can be told at once; then what they come to together."""
        all_at_once(
            lambda: self._check_table(sheet), lambda: self._check_places(sheet), lambda: self._check_time(sheet)
        )
        order = _order(sheet)
        plan_for_chains(self._points(order.table)[0], self._chains(order), self.policy.accounts)

    def _check_table(self, sheet: Sheet) -> None:
        name = sheet.answer(TABLE).strip()
        if not name:
            raise BadInput(TABLE, "Name a table.")
        self._points(name)

    def _check_places(self, sheet: Sheet) -> None:
        ways = _order(sheet).ways
        if not ways:
            raise BadInput(TO, f"Say where it goes: {self.places()}.")
        for stop in (stop for way in ways for stop in way if self._route(stop) is None):
            self._vault(stop.place)

    def _check_time(self, sheet: Sheet) -> None:
        typed = sheet.answer(KEEP).strip()
        if typed:
            read_keep(typed)
        order = _order(sheet)
        for stop in (stop for way in order.ways for stop in way if stop.keep and stop.keep != typed):
            try:
                read_keep(stop.keep)
            except BadInput as problem:
                raise BadInput(TO, f"{stop.place} keep {stop.keep[:40]}: {problem.sentence}") from problem
        if not order.keep and not all(keeps_itself(self._route(stop)) for way in order.ways for stop in way):
            raise BadInput(KEEP, "Say how long it is kept, such as 90d.")

    def _check_change(self, sheet: Sheet) -> None:
        all_at_once(lambda: read_end(sheet.answer(KEEP)), lambda: self._copies(sheet.answer(TABLE).strip()))
        _there(self._changes(sheet))

    def _back_up_and_copy(self, sheet: Sheet) -> Plan:
        """Back the table up as it was last, into the same vault, and copy the new backup."""
        order = _order(sheet)
        like = self._points(order.table)[0]
        advanced = is_advanced(self.switches, like.vault)
        return plan_for_new_backup(like, self._chains(order), self.policy.accounts, self.clock.now(), advanced=advanced)

    def _copy_newest(self, sheet: Sheet) -> Plan:
        order = _order(sheet)
        points = self._points(order.table)
        able = [point for point in points if ADVANCED_POINT.fullmatch(point.arn) and point.status in COPYABLE]
        if not able:
            raise BadInput(TABLE, f"No backup of {order.table} can be copied. `/copy-backup now` makes one that can.")
        return plan_for_chains(able[0], self._chains(order), self.policy.accounts)

    def _changes(self, sheet: Sheet) -> Plan:
        lifecycle = lifecycle_for(read_end(sheet.answer(KEEP)))
        copies = self._copies(sheet.answer(TABLE).strip())
        return tuple(PlannedStep(step.params) for copy in copies for step in plan_for_extension(copy, lifecycle))

    def _copies(self, of: str) -> Sequence[Copy]:
        with self.store.read() as tx:
            request = tx.requests.get(of.upper()) if REQUEST_ID.fullmatch(of) else None
        copies = _made_by(request) if request else []
        if not copies:
            raise BadInput(TABLE, "Name a request such as CB-7 that has made a copy.")
        return copies

    def _chains(self, order: Order) -> tuple[Chain, ...]:
        usual = read_keep(order.keep) if order.keep else None
        return tuple(tuple(leg for stop in way for leg in self._legs(stop, usual)) for way in order.ways)

    def _legs(self, stop: Stop, usual: Retention | None) -> Sequence[Leg]:
        keep = read_keep(stop.keep) if stop.keep else usual
        route = self._route(stop)
        if route is not None:
            return [Leg(hop.vault, _chosen(hop.keep or keep), hop.then_days) for hop in route.hops]
        return [Leg(self._vault(stop.place), _chosen(keep), new_vault=stop.new, key_arn=stop.key or None)]

    def _route(self, stop: Stop) -> Route | None:
        return next((route for route in self.policy.routes if route.name == stop.place), None)

    def _vault(self, text: str) -> VaultRef:
        hop = read_hop(text)
        account = next((one for one in self.policy.accounts if hop and one.alias == hop.account), None)
        if hop is None or account is None:
            raise BadInput(TO, f"I know no destination “{text[:80]}”. Say {self.places()}.")
        if hop.region not in account.regions:
            raise BadInput(TO, f"{account.alias} is configured for {', '.join(account.regions)}, not {hop.region}.")
        return VaultRef(account.id, hop.region, hop.vault)

    def _points(self, name: str) -> list[RecoveryPoint]:
        """The backups of a table in its own account and Region, newest first. Raises BadInput."""
        tables = self._tables(name)
        arns = {table.arn for table in tables}
        if len(arns) > 1:
            places = ", ".join(sorted(_place(arn, self.policy.accounts) for arn in arns))
            raise BadInput(TABLE, f"There are several tables {name}: {places}. Type the ARN of the one that is meant.")
        points = [entry.point for table in tables[:1] for entry in self.inventory.points(table.key)]
        home = [
            point for point in points if (point.vault.account, point.vault.region) == table_place_of(point.table_arn)
        ]
        if not home:
            raise BadInput(TABLE, f"I know no backup of a table {name[:80]}; AWS Backup has to have made one before.")
        return home

    def _tables(self, name: str) -> list[TableEntry]:
        found = self._named(name)
        if not found:
            self.inventory.refresh_within(PATIENCE, FRESH)
            found = self._named(name)
        return found

    def _named(self, name: str) -> list[TableEntry]:
        short = name.rpartition("/")[2]
        return [table for table in self.inventory.tables(short) if name in (table.name, table.arn)]


def _as_it_is(sheet: Sheet) -> Mapping[str, str]:
    return sheet.answers


def _order(sheet: Sheet) -> Order:
    order = read_ways(sheet.answer(TO), sheet.answer(KEEP).strip())
    return Order(sheet.answer(TABLE).strip(), order.ways)


def _chosen(keep: Retention | None) -> Retention:
    if keep is None:
        raise BadInput(KEEP, "Say how long it is kept, such as 90d.")
    return keep


def _there(plan: Plan) -> None:
    if not plan:
        raise BadInput(TABLE, "Name a request such as CB-7 that has made a copy.")


def _place(table_arn: str, accounts: Sequence[Account]) -> str:
    account_id, region = table_place_of(table_arn)
    alias = next((account.alias for account in accounts if account.id == account_id), account_id)
    return f"{table_arn} ({alias}, {region})"


def _made_by(request: CopyRequest) -> list[Copy]:
    """The copies that a request has made; what is not known of them here is read by pre-flight."""
    return [
        Copy(
            arn=step.result_arn,
            request_id=request.id,
            step_id=step.id,
            vault=step.copy.destination,
            table_name=step.copy.table,
            size_bytes=step.copy.point.size_bytes,
            created_at=step.copy.point.created_at,
            delete_at=None,
            looked_at=None,
        )
        for step in request.steps
        if step.copy and step.result_arn
    ]
