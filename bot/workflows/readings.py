"""What pre-flight reads for one copy: every question of AWS as a task of its own, all begun at once.

A reading ends with its value or with the BackupsError that stood in its way, so that one that fails harms no other.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from bot.domain.admission import FROM, INTO
from bot.domain.backups import Account, RecoveryPoint, Vault, VaultRef
from bot.domain.checks.role import PASS, START, TO_BACKUP
from bot.domain.errors import BackupsError
from bot.domain.params import CopyParams
from bot.domain.ports import Backups
from bot.domain.surroundings import (
    Details,
    Held,
    Job,
    Key,
    Organization,
    Permission,
    RegionSettings,
    Role,
    Surroundings,
)

Value = TypeVar("Value")
Answer = Future[Value | BackupsError]
# A job that is older has ended, or waits for AWS's staff; AWS forgets jobs after 30 days.
JOBS_SINCE = timedelta(days=7)


@dataclass(frozen=True)
class Readings:
    """The answers, as far as they have come. None: not asked, since nothing of this copy hangs on it."""

    vaults: Answer[tuple[Vault, ...]]
    point: Answer[RecoveryPoint] | None
    source_vaults: Answer[tuple[Vault, ...]]
    policy: Answer[str | None] | None
    source_policy: Answer[str | None]
    key: Answer[Key | None] | None
    source_key: Answer[Key | None]
    role: Answer[Role]
    copying_from: Answer[tuple[Permission, ...]]
    copying_into: Answer[tuple[Permission, ...]]
    starting: Answer[tuple[Permission, ...]] | None
    passing: Answer[tuple[Permission, ...]] | None
    here: Answer[Organization | None]
    there: Answer[Organization | None] | None
    switches: tuple[Answer[bool | None], ...]
    settings: Answer[RegionSettings]
    source_settings: Answer[RegionSettings]
    region_state: Answer[str] | None
    types: Answer[frozenset[str]]
    jobs: Answer[tuple[Job, ...]] | None
    at_work: Answer[tuple[Job, ...]]
    copies: Answer[tuple[Held, ...]] | None
    details: Answer[Details] | None


# What a person is told of the readings that are not there yet.
THEMES: dict[str, tuple[str, ...]] = {
    "access policies": ("policy", "source_policy"),
    "keys": ("key", "source_key"),
    "the copy role": ("role", "copying_from", "copying_into"),
    "what the bot may do": ("starting", "passing"),
    "the organization": ("here", "there", "switches"),
    "settings of accounts and Regions": ("settings", "source_settings", "region_state", "types"),
    "jobs at work": ("jobs", "at_work"),
    "copies that exist": ("copies",),
    "tags and malware scans": ("details",),
}


def missing(readings: Readings) -> tuple[str, ...]:
    """The themes of the readings that have not ended."""
    return tuple(
        theme
        for theme, names in THEMES.items()
        if any(not answer.done() for name in names for answer in _answers(getattr(readings, name)))
    )


def source_is_to_come(params: CopyParams, readings: Readings) -> bool:
    """Whether even the vault of the source is made by an earlier step, so that of its policy and key nothing is known.

    What is not there yet was not seen: it says neither that the vault has no key of its own nor that it got one since.
    """
    listed = readings.source_vaults.result()
    if not params.point_from_before or isinstance(listed, BackupsError):
        return False
    return all(one.ref != params.point.vault for one in listed)


def _answers(value: object) -> tuple[Future[object], ...]:
    return value if isinstance(value, tuple) else (value,) if isinstance(value, Future) else ()


def begin(
    params: CopyParams, now: datetime, ports: tuple[Backups, Surroundings], accounts: Sequence[Account], pool: Executor
) -> Readings:
    """Begin every reading that this copy needs; what is judged first is asked first."""
    backups, around = ports
    point, vault, place = params.point, params.point.vault, params.destination
    ask = _Asking(pool)
    crosses = vault.account != place.account
    new_point, new_vault = params.point_from_before, params.vault_from_before
    vaults = ask(lambda: backups.vaults(place.account, place.region))
    seen_point = None if new_point else ask(lambda: backups.point(vault, point.arn))
    source_vaults = ask(lambda: backups.vaults(vault.account, vault.region))
    bot = next((account.role_arn for account in accounts if account.id == vault.account), None)
    backup = anything_of(params)
    return Readings(
        vaults=vaults,
        point=seen_point,
        source_vaults=source_vaults,
        policy=None if new_vault else ask(lambda: around.vault_policy(place)),
        source_policy=ask(lambda: around.vault_policy(vault)),
        key=None if new_vault else ask(lambda: _key_of(place, vaults, around)),
        source_key=ask(lambda: _key_of(vault, source_vaults, around)),
        role=ask(lambda: around.role(params.role_arn)),
        copying_from=ask(lambda: around.permissions(params.role_arn, [FROM], backup)),
        copying_into=ask(lambda: around.permissions(params.role_arn, [INTO], place.arn)),
        starting=ask(lambda: around.permissions(bot, [START], backup)) if bot else None,
        passing=ask(lambda: around.permissions(bot, [PASS], params.role_arn, TO_BACKUP)) if bot else None,
        here=ask(lambda: around.organization(vault.account)),
        there=ask(lambda: around.organization(place.account)) if crosses else None,
        switches=tuple(_switch(ask, around, one) for one in (vault, place)) if crosses else (),
        settings=ask(lambda: around.region_settings(place.account, place.region)),
        source_settings=ask(lambda: around.region_settings(vault.account, vault.region)),
        region_state=ask(lambda: around.region_state(place.account, place.region)) if _is_elsewhere(params) else None,
        types=ask(lambda: around.resource_types(place.account, place.region)),
        jobs=None
        if new_point
        else ask(lambda: around.jobs_of_table(vault.account, vault.region, point.table_arn, now - JOBS_SINCE)),
        at_work=ask(lambda: around.copies_at_work(vault.account, vault.region)),
        copies=None if new_point or new_vault else ask(lambda: around.copies_in(place, point)),
        details=None if new_point else ask(lambda: around.details(point)),
    )


def anything_of(params: CopyParams) -> str:
    """The ARN of the backup; of every backup of its place while it has none."""
    vault = params.point.vault
    return params.point.arn or f"{vault.arn.rpartition(':backup-vault:')[0]}:recovery-point:*"


class _Asking:
    """Runs readings in the pool; an error of AWS is an answer too."""

    def __init__(self, pool: Executor) -> None:
        self._pool = pool

    def __call__(self, read: Callable[[], Value]) -> Answer[Value]:
        return self._pool.submit(self._answer, read)

    @staticmethod
    def _answer(read: Callable[[], Value]) -> Value | BackupsError:
        try:
            return read()
        except BackupsError as error:
            return error


def _switch(ask: _Asking, around: Surroundings, place: VaultRef) -> Answer[bool | None]:
    return ask(lambda: around.cross_account_backup(place.account, place.region))


def _key_of(ref: VaultRef, vaults: Answer[tuple[Vault, ...]], around: Surroundings) -> Key | None:
    """Read a vault's key, once the list tells which it is. The list was asked for earlier, so waiting ends."""
    listed = vaults.result()
    if isinstance(listed, BackupsError):
        raise listed
    vault = next((one for one in listed if one.ref == ref), None)
    return around.key(vault.key_arn, ref.account) if vault and vault.key_arn else None


def _is_elsewhere(params: CopyParams) -> bool:
    vault, place = params.point.vault, params.destination
    return (vault.account, vault.region) != (place.account, place.region)
