"""Building plans: which steps, in which order, lead from what is there to what somebody wants."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.domain.backups import Account, Lifecycle, RecoveryPoint, VaultRef, table_name_of
from bot.domain.copies import Copy
from bot.domain.errors import BadInput
from bot.domain.params import (
    BackUpParams,
    CopyParams,
    CreateVaultParams,
    EnableAdvancedParams,
    Params,
    RecurParams,
    SetRetentionParams,
)
from bot.domain.retention import Retention, cold_after, effective_days, expected_end
from bot.domain.schedules import Arrived
from bot.domain.steps import Plan, PlannedStep


@dataclass(frozen=True, slots=True)
class Leg:
    """One copy of a chain: where to, kept how long, and how much shorter once the chain's last copy is seen.

    `new_vault`: the vault is made on the way, with the key `key_arn` (None: the account's own aws/backup key).
    """

    vault: VaultRef
    retention: Retention
    then_days: int | None = None
    new_vault: bool = False
    key_arn: str | None = None


Chain = tuple[Leg, ...]


def plan_for_chains(
    point: RecoveryPoint, chains: Sequence[Chain], accounts: Sequence[Account], first: Plan = ()
) -> Plan:
    """Copy a backup along each chain, the chains side by side; `first` makes the backup, if it is not there yet.

    Raises BadInput for a chain that comes back to where it was, or an account that is not configured.
    """
    steps = list(first)
    for chain in chains:
        _check(point.vault, chain)
        _add_chain(steps, point, chain, accounts, start=len(first) - 1 if first else None)
    return tuple(steps)


def plan_for_permanent(point: RecoveryPoint, chains: Sequence[Chain], accounts: Sequence[Account]) -> Plan:
    """Take the end from a backup first, and only then copy it: its copies follow it, and then have no end either."""
    first = plan_for_extension(point, Lifecycle(cold_after_days=point.lifecycle.cold_after_days))
    copies = plan_for_chains(point, chains, accounts)
    return (*first, *(replace(step, after=0 if step.after is None else step.after + 1) for step in copies))


def plan_for_run(
    params: RecurParams,
    points: Sequence[RecoveryPoint],
    accounts: Sequence[Account],
    arrived: Collection[Arrived] = (),
) -> Plan:
    """One run of a schedule: each of these backups along each of its ways, out of its account under the approved role.

    A way all of whose vaults hold the backup already, by what has `arrived`, is not gone again. Raises BadInput as
    `plan_for_chains` does.
    """
    steps: list[PlannedStep] = []
    for point in points:
        first = len(steps)
        chains = tuple(
            tuple(Leg(hop.vault, hop.keep or params.retention, hop.then_days) for hop in way)
            for way in params.every_way
            if any((point.arn, hop.vault) not in arrived for hop in way)
        )
        for step in plan_for_chains(point, chains, accounts):
            copy = step.params
            if isinstance(copy, CopyParams) and not copy.point_from_before:
                copy = replace(copy, role_arn=params.role_arn)
            steps.append(PlannedStep(copy, None if step.after is None else step.after + first))
    return tuple(steps)


def plans_for_run(
    params: RecurParams,
    points: Sequence[RecoveryPoint],
    accounts: Sequence[Account],
    arrived: Collection[Arrived],
    most: int,
) -> Iterator[tuple[int, Plan]]:
    """One run as plans of at most so many steps (of one backup where that alone takes more), each with the place of
    its first backup. Raises BadInput as `plan_for_chains` does.
    """
    first, steps = 0, 0
    for number, point in enumerate(points):
        more = len(plan_for_run(params, (point,), accounts, arrived))
        if steps and steps + more > most:
            yield first, plan_for_run(params, points[first:number], accounts, arrived)
            first, steps = number, 0
        steps += more
    if steps:
        yield first, plan_for_run(params, points[first:], accounts, arrived)


def plan_for_new_backup(
    like: RecoveryPoint, chains: Sequence[Chain], accounts: Sequence[Account], now: datetime, *, advanced: bool
) -> Plan:
    """Back a table up into the vault of an earlier backup, kept like that one, and copy the new backup on."""
    place, role = like.vault, copy_role(like.vault.account, accounts)
    off = not advanced
    backup = BackUpParams(
        like.table_arn, place, role, like.lifecycle, advanced_from_before=off, size_bytes=like.size_bytes
    )
    on = EnableAdvancedParams(place.account, place.region, table_name_of(like.table_arn))
    first: Plan = (PlannedStep(backup),) if advanced else (PlannedStep(on), PlannedStep(backup, after=0))
    return plan_for_chains(_new_point(like, now), chains, accounts, first)


def plan_with_settings(plan: Plan, places: Sequence[tuple[str, str]]) -> Plan:
    """Turn the advanced features on in these places (account id, Region) first, as far as copies of the plan need them.

    A place that a step of the plan turns on by itself already is not turned on twice.
    """
    copies = [step.params for step in plan if isinstance(step.params, CopyParams)]
    touched = {place for copy in copies for place in (_place_of(copy.point.vault), copy.target)}
    by_itself = {step.params.target for step in plan if isinstance(step.params, EnableAdvancedParams)}
    wanted = tuple(place for place in dict.fromkeys(places) if place in touched - by_itself)
    if not wanted:
        return plan
    steps = [
        PlannedStep(EnableAdvancedParams(*place, copies[0].table), n - 1 if n else None)
        for n, place in enumerate(wanted)
    ]
    last = len(steps) - 1
    for step in plan:
        params = step.params
        if isinstance(params, CopyParams):
            params = replace(params, settings_from_before=wanted)
        steps.append(PlannedStep(params, last if step.after is None else step.after + last + 1))
    return tuple(steps)


def _place_of(vault: VaultRef) -> tuple[str, str]:
    return vault.account, vault.region


def plan_for_extension(of: Copy | RecoveryPoint, lifecycle: Lifecycle, *, never_shorter: bool = False) -> Plan:
    """Keep a recovery point longer, shorter or for good (a lifecycle without days); its cold storage stays as it is.

    `never_shorter`: as SetRetentionParams has it.
    """
    point = of if isinstance(of, RecoveryPoint) else _point_of(of)
    return (PlannedStep(SetRetentionParams(point, lifecycle, never_shorter=never_shorter)),)


def copy_role(account_id: str, accounts: Sequence[Account]) -> str:
    """The role that AWS Backup assumes to copy out of an account. Raises BadInput for one that is not configured."""
    role = next((account.copy_role_arn for account in accounts if account.id == account_id), None)
    if role is None:
        raise BadInput("vault", f"The account {account_id} is not configured, so nothing can be copied out of it.")
    return role


def _check(source: VaultRef, chain: Chain) -> None:
    if not chain:
        raise BadInput("vault", "Choose where the copy goes.")
    places = [source, *(leg.vault for leg in chain)]
    again = next((place for number, place in enumerate(places) if place in places[:number]), None)
    if again is not None:
        where = f"{again.name} in account {again.account}, {again.region}"
        raise BadInput("vault", f"This way comes to the vault {where} twice. Choose other hops.")


def _add_chain(
    steps: list[PlannedStep], point: RecoveryPoint, chain: Chain, accounts: Sequence[Account], start: int | None
) -> None:
    after, made = start, start is not None
    shorter: list[SetRetentionParams] = []
    for leg in chain:
        role = copy_role(point.vault.account, accounts)
        if leg.new_vault:
            after = _add(steps, new_vault(leg.vault, point, leg.key_arn, role), after)
        copy = CopyParams(
            point, leg.vault, leg.retention, role, point_from_before=made, vault_from_before=leg.new_vault
        )
        after, made = _add(steps, copy, after), True
        point = _copied(copy)
        if leg.then_days is not None and leg is not chain[-1]:
            days = Lifecycle(leg.then_days, point.lifecycle.cold_after_days)
            shorter.append(SetRetentionParams(point, days, point_from_before=True, only_with=chain[-1].vault))
    for change in shorter:
        _add(steps, change, after)


def _add(steps: list[PlannedStep], params: Params, after: int | None) -> int:
    steps.append(PlannedStep(params, after))
    return len(steps) - 1


def new_vault(vault: VaultRef, point: RecoveryPoint, key_arn: str | None, role: str) -> CreateVaultParams:
    """The making of a vault that `role` copies a backup into.

    A vault of the same account needs nobody let in: the role's own permissions suffice there.
    """
    source = point.vault.account
    lets_in = () if source == vault.account else (role,)
    return CreateVaultParams(vault, point.table_name, source, key_arn, lets_in)


def _copied(copy: CopyParams) -> RecoveryPoint:
    """The copy as it can be foreseen: it keeps the creation date of its source."""
    days = effective_days(copy.retention, copy.point)
    return replace(
        copy.point,
        arn="",
        vault=copy.destination,
        status="CREATING",
        lifecycle=Lifecycle(days, cold_after(copy.retention, copy.point)),
        delete_at=expected_end(copy.retention, copy.point),
        cold_at=None,
        storage_class=None,
        completed_at=None,
    )


def _new_point(like: RecoveryPoint, now: datetime) -> RecoveryPoint:
    """The new backup as it can be foreseen from an earlier one."""
    days = like.lifecycle.delete_after_days
    end = None if days is None else now + timedelta(days=days)
    fresh = replace(like, arn="", created_at=now, status="CREATING", delete_at=end)
    return replace(fresh, cold_at=None, storage_class=None, completed_at=None)


def _point_of(copy: Copy) -> RecoveryPoint:
    """A copy that we watch, as far as we know it; pre-flight reads the rest."""
    return RecoveryPoint(
        arn=copy.arn,
        vault=copy.vault,
        table_arn="",
        table_name=copy.table_name,
        created_at=copy.created_at,
        status="COMPLETED",
        size_bytes=copy.size_bytes or 0,
        delete_at=copy.delete_at,
    )
