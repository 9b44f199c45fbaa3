"""Pre-flight: look at a copy's source, destination and surroundings as they are now, and judge whether it will work.

All reads run side by side. What the list of vaults and the backup itself tell is judged first (`Survey.first`), the
rest when it has arrived (`Survey.whole`); approval and start ask for the whole (`Preflight.look`).
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, partial
from typing import TypeVar

from bot.domain.backups import Account, RecoveryPoint, Vault
from bot.domain.checks import place, point, retention, vault
from bot.domain.checks.work import copies_there
from bot.domain.errors import BackupsDenied, BackupsError, BackupsLockedOut, BackupsMissing
from bot.domain.findings import AT_START, Finding, Level
from bot.domain.params import CopyParams, StepKind
from bot.domain.ports import Backups
from bot.domain.preflight import judge_life, judge_places, judge_vault
from bot.domain.remedies import permit
from bot.domain.retention import Keep
from bot.domain.shown import AROUND, COPIES, FAILS
from bot.domain.surroundings import Job, Key, RegionSettings, Surroundings
from bot.workflows.judging import Judging, from_before, source_settings
from bot.workflows.readings import Answer, Readings, begin, missing, source_is_to_come
from bot.workflows.steps.work import Look

Value = TypeVar("Value")


@dataclass
class Preflight:
    """`pool` runs the reads; a look has some twenty of them, and shorter pools only make it slower."""

    backups: Backups
    surroundings: Surroundings
    accounts: Sequence[Account]
    pool: Executor

    def look(self, params: CopyParams, now: datetime) -> Look:
        """Read everything and judge it.

        Raises a retryable BackupsError when the backup or the vault could not be asked for; everything else becomes
        a finding.
        """
        return self.begin(params, now).whole()

    def begin(self, params: CopyParams, now: datetime) -> "Survey":
        """Begin all reads at once; the survey gives what they tell, in two parts."""
        readings = begin(params, now, (self.backups, self.surroundings), self.accounts, self.pool)
        point = readings.point.result if readings.point is not None else None
        return Survey(params, now, Core(point, readings.vaults.result), readings, self.accounts)


def look(params: CopyParams, backups: Backups, now: datetime) -> Look:
    """Look at the backup and the vault only. Raises as `Preflight.look` does."""
    return survey(params, backups, now).first()


def survey(params: CopyParams, backups: Backups, now: datetime) -> "Survey":
    """A look at the backup and the vault only, one after the other, when it is asked for."""
    place, source = params.destination, params.point
    point = None if params.point_from_before else partial(_answer, lambda: backups.point(source.vault, source.arn))
    vaults = partial(_answer, lambda: backups.vaults(place.account, place.region))
    return Survey(params, now, Core(point, vaults))


@dataclass(frozen=True)
class Core:
    """The two readings without which there is nothing to judge; `point` None: it is not there yet."""

    point: Callable[[], RecoveryPoint | BackupsError] | None
    vaults: Callable[[], tuple[Vault, ...] | BackupsError]


@dataclass
class Survey:
    """One look under way. `first` waits for the backup and the list of vaults only, `whole` for everything.

    Both raise a retryable BackupsError when the backup or the vault could not be asked for.
    """

    params: CopyParams
    now: datetime
    core: Core
    readings: Readings | None = None
    accounts: Sequence[Account] = ()

    def first(self) -> Look:
        """What is known soon. Not for binding anybody: `whole` shows more."""
        current, vault = self._current, self._vault[0]
        findings = tuple(self._first_findings(None))
        return Look(current, findings, shown(current, vault, findings, {}), vault)

    def whole(self) -> Look:
        """Everything, once it is there."""
        current, vault = self._current, self._vault[0]
        if self.readings is None:
            return self.first()
        findings = (
            *self._first_findings(source_settings(self.readings)),
            *Judging(current, vault, self.readings, self.accounts, self.now, self.params.only_new).findings(),
        )
        return Look(current, findings, shown(current, vault, findings, facts(current, self.readings)), vault)

    @property
    def missing(self) -> tuple[str, ...]:
        """What is still being looked at, in words."""
        return missing(self.readings) if self.readings is not None else ()

    @cached_property
    def _current(self) -> CopyParams:
        return replace(self.params, point=self._source[0] or self.params.point, only_new=False)

    @cached_property
    def _source(self) -> tuple[RecoveryPoint | None, Finding | None]:
        if self.core.point is None:
            return None, None
        point = self.params.point
        gone = Finding(
            "source-gone",
            Level.FAIL,
            "This backup is not there any more.",
            "Choose another backup.",
            f"DescribeRecoveryPoint of {point.arn}",
            StepKind.BACK_UP,
        )
        answer, what = self.core.point(), f"backup in {point.vault.name}"
        seen, finding = _see(answer, gone, "source-unseen", what)
        return seen, self._let_see(finding, answer, point.vault.account, "backup:DescribeRecoveryPoint")

    @cached_property
    def _vault(self) -> tuple[Vault | None, Finding | None]:
        """The destination as it is listed: a list tells a vault that is missing from one that is forbidden."""
        place = self.params.destination
        what = f"vaults of account {place.account} in {place.region}"
        listed = self.core.vaults()
        if isinstance(listed, BackupsLockedOut):
            # The copy itself runs in the source account, so a destination that we cannot enter need not stop it.
            return None, _unseen("vault-unseen", what, listed)
        vaults, finding = _see(listed, vault.missing_vault(self.params, ()), "vault-unseen", what)
        if vaults is None or finding is not None:
            return None, self._let_see(finding, listed, place.account, "backup:ListBackupVaults")
        found = next((one for one in vaults if one.ref == place), None)
        return found, vault.vault_found(found) if found else vault.missing_vault(self.params, vaults)

    def _let_see(self, finding: Finding | None, answer: object, account: str, action: str) -> Finding | None:
        """The same finding with the permission to paste, where that is what is missing."""
        bot = next((one.role_arn for one in self.accounts if one.id == account), None)
        if finding is None or bot is None or not isinstance(answer, BackupsDenied):
            return finding
        let = permit(bot, f"See-{finding.code.removesuffix('-unseen')}", {action: "*"})
        return replace(finding, remedy=f"{AT_START} To have it checked before: {let}")

    def _first_findings(self, settings: RegionSettings | None) -> Iterator[Finding]:
        params, now, there = self._current, self.now, self._vault[0]
        seen, problem = self._source
        yield from from_before(params)
        if problem is not None:
            yield problem
        if seen is not None:
            yield point.point_kind(params, settings)
            yield point.point_state(seen)
            yield point.point_storage(seen, now)
            yield point.point_end(seen, now)
            yield point.point_continuous(seen)
        if not params.point_from_before:
            yield place.route(params)
        yield from _there(judge_places(params.point, params.destination))
        if not params.vault_from_before:
            yield from _there(self._vault[1], judge_vault(there) if there else None)
        yield retention.retention(params, there, now)
        yield from _there(judge_life(params.retention, params.point, now))


def shown(
    params: CopyParams, vault: Vault | None, findings: tuple[Finding, ...], surroundings: Mapping[str, object]
) -> dict[str, object]:
    """What people are shown and agree to; warnings come and go with the clock, so they bind nobody.

    What an earlier step of the plan makes is not there to be seen when people approve, so it is left out.
    """
    point = params.point
    source = [point.arn, point.vault.arn, point.table_arn, point.created_at.isoformat(), point.size_bytes]
    # An earlier step of the plan takes the end away that a permanent copy must not inherit.
    ends = params.retention.keep is not Keep.PERMANENT and point.delete_at is not None
    end = point.delete_at.isoformat() if ends and point.delete_at else None
    limits: list[object] | None = None
    if vault:
        limits = [vault.kind, vault.locked, vault.min_days, vault.max_days, vault.key_arn]
        # A governance lock that has become a compliance lock is another vault to whoever approved.
        limits += [vault.lock_date.isoformat()] if vault.lock_date else []
    return {
        "source": point.vault.arn if params.point_from_before else source,
        "source_end": None if params.point_from_before else end,
        "destination": params.destination.arn,
        "vault": None if params.vault_from_before else limits,
        "retention": [params.retention.keep, params.retention.days, params.retention.cold_days],
        "role": params.role_arn,
        FAILS: sorted(finding.code for finding in findings if finding.level is Level.FAIL),
        AROUND: dict(surroundings),
    }


def facts(params: CopyParams, readings: Readings) -> dict[str, object]:
    """The facts about the surroundings that bind, each as short as it can be; None for what was not seen."""
    switches = [answer.result() for answer in readings.switches]
    to_come = source_is_to_come(params, readings)
    return {
        "vault_policy": _fact(readings.policy, _digest),
        "source_policy": None if to_come else _fact(readings.source_policy, _digest),
        "key": _fact(readings.key, _key),
        "source_key": None if to_come else _fact(readings.source_key, _key),
        "organization": _fact(readings.here, lambda found: found.id if found else "none"),
        "destination_organization": _fact(readings.there, lambda found: found.id if found else "none"),
        "cross_account": next((answer for answer in switches if isinstance(answer, bool)), None),
        "role_trust": _fact(readings.role, lambda role: _digest(role.trust)),
        COPIES: _fact(readings.copies, lambda copies: copies_there(params, copies, _jobs(readings))),
    }


def _jobs(readings: Readings) -> tuple[Job, ...]:
    found = readings.jobs.result() if readings.jobs is not None else ()
    return () if isinstance(found, BackupsError) else found


def _fact(answer: Answer[Value] | None, tell: Callable[[Value], object]) -> object:
    found = answer.result() if answer is not None else None
    return None if answer is None or isinstance(found, BackupsError) else tell(found)  # type: ignore[arg-type]


def _key(key: Key | None) -> object:
    return "none" if key is None else [key.arn, key.state, _digest(key.policy) if key.policy else "unseen"]


def _digest(text: str | None) -> str:
    return "none" if text is None else hashlib.sha256(text.encode()).hexdigest()[:16]


def _there(*findings: Finding | None) -> Iterator[Finding]:
    return (finding for finding in findings if finding is not None)


def _answer(read: Callable[[], Value]) -> Value | BackupsError:
    try:
        return read()
    except BackupsError as error:
        return error


def _see(answer: Value | BackupsError, gone: Finding, unseen: str, what: str) -> tuple[Value | None, Finding | None]:
    if not isinstance(answer, BackupsError):
        return answer, None
    if isinstance(answer, BackupsMissing):
        return None, gone
    if isinstance(answer, BackupsDenied):
        return None, _unseen(unseen, what, answer)
    if answer.retryable:
        raise answer
    return None, Finding(
        unseen,
        Level.UNSEEN,
        f"AWS did not show the {what}: {answer.message}",
        AT_START,
        answer.operation or f"The {what}",
    )


def _unseen(code: str, what: str, error: BackupsError) -> Finding:
    return Finding(
        code,
        Level.UNSEEN,
        f"The bot may not look at the {what}: {error.message}",
        f"{AT_START} To have it checked before, let the bot's role read it.",
        error.operation or f"The {what}",
    )
