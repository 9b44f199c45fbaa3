"""Extending a copy from the notice that it will end: a small form becomes a request with its own approval."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from bot.domain.backups import Lifecycle, RecoveryPoint, Vault
from bot.domain.books import Store, Tx
from bot.domain.copies import Copy
from bot.domain.errors import BadInput
from bot.domain.lifecycles import judge_change
from bot.domain.notices import NoticeKind
from bot.domain.params import SetRetentionParams
from bot.domain.plans import plan_for_extension
from bot.domain.ports import Clock
from bot.domain.preflight import Level
from bot.domain.requests import CopyRequest
from bot.domain.retention import MAX_DAYS, allowed_days
from bot.domain.sheets import Sheet
from bot.domain.steps import Plan
from bot.workflows.asked_ends import AskedEnd, asked_ends
from bot.workflows.choosing import day_of, days_to_reach, whole_number, zone_of
from bot.workflows.copy_notices import say_of
from bot.workflows.forms import Composer

COPY, HOW, MORE_DAYS, UNTIL_DAY = "copy", "how", "days", "until"
BY_DAYS, BY_DATE, CENTURY = "more", "until", "century"
# What is asked for unless somebody says otherwise; a greyed 90 looked filled in, and was refused as empty.
USUAL = "90"
GONE = "This copy is not watched any more: AWS has removed it, or somebody had me stop."
# The new request's card is posted meanwhile, so that the notice can link to it.
LINKED_AFTER = timedelta(seconds=2)


@dataclass
class Extending:
    store: Store
    clock: Clock

    def composer(self) -> Composer:
        """How the form is checked, planned and sent."""
        return Composer(check=self._check, plan=self._plan, fill=_filled, sent=self._sent)

    def copy(self, sheet: Sheet) -> Copy:
        """The copy that a form is about. Raises BadInput when it is gone."""
        with self.store.read() as tx:
            copy = tx.copies.get(sheet.answer(COPY))
        if copy is None:
            raise BadInput(HOW, GONE)
        return copy

    def asked(self, copy: Copy) -> tuple[AskedEnd, ...]:
        """What is asked for about the copy's end already."""
        with self.store.read() as tx:
            return asked_ends(tx, copy.arn)

    def locked(self, copy: Copy) -> str:
        """Why nothing about this copy's end can be changed, and what can be done instead; "" where it can."""
        vault = self._vault(copy)
        if vault is None or not vault.locked:
            return ""
        allowed = allowed_days(_point(copy), vault, self.clock.now())
        least, most = (allowed[0], allowed[-1]) if allowed else (0, 0)
        instead = f" (it keeps a copy {least:,} to {most:,} days from the backup's creation)" if allowed else ""
        return (
            f"The vault {copy.vault.name} is locked, and AWS changes no retention in a locked vault. "
            f"Press Copy again on the notice, into this vault{instead} or another one."
        )

    def _check(self, sheet: Sheet) -> None:
        copy = self.copy(sheet)
        if copy.delete_at is None:
            raise BadInput(HOW, "AWS reports no end of this copy: it stays until somebody deletes it.")
        locked = self.locked(copy)
        if locked:
            raise BadInput(HOW, locked)
        days = _days(sheet, copy)
        field = {BY_DAYS: MORE_DAYS, BY_DATE: UNTIL_DAY}.get(sheet.answer(HOW), HOW)
        if days > MAX_DAYS:
            most = max(0, MAX_DAYS - _days_now(copy)) if field == MORE_DAYS else MAX_DAYS
            raise BadInput(field, f"AWS keeps a copy {MAX_DAYS:,} days at most. Choose {most:,} or less.")
        if copy.created_at + timedelta(days=days) <= copy.delete_at:
            raise BadInput(field, "That is not later than the end it has now.")
        for finding in judge_change(Lifecycle(days), _point(copy), self._vault(copy), self.clock.now()):
            if finding.level is Level.FAIL:
                raise BadInput(field, f"{finding.sentence} {finding.remedy}")

    def _plan(self, sheet: Sheet) -> Plan:
        copy = self.copy(sheet)
        return plan_for_extension(copy, Lifecycle(_days(sheet, copy)), never_shorter=True)

    def _sent(self, tx: Tx, sheet: Sheet, request: CopyRequest) -> None:
        """Say where the notice was that it is asked for, with a link once there is one."""
        copy = tx.copies.get(sheet.answer(COPY))
        if copy is None:
            return
        now = request.created_at
        facts = {
            "what": "extending",
            "by": sheet.actor.user_id,
            "other": request.id,
            "other_channel": request.channel,
        }
        say_of(tx, copy, NoticeKind.WATCHED, now, f"extending:{request.id}", facts, not_before=now + LINKED_AFTER)

    def _vault(self, copy: Copy) -> Vault | None:
        with self.store.read() as tx:
            vaults = tx.inventory.vaults(copy.vault.account, copy.vault.region)
        return next((vault for vault in vaults if vault.ref == copy.vault), None)


def _filled(sheet: Sheet) -> Mapping[str, str]:
    return sheet.answers if sheet.answer(HOW) else {MORE_DAYS: USUAL, **sheet.answers, HOW: BY_DAYS}


def _days(sheet: Sheet, copy: Copy) -> int:
    """Days from the creation. Raises BadInput on the field that says them."""
    match sheet.answer(HOW):
        case "century":
            return MAX_DAYS
        case "until":
            return days_to_reach(_day(sheet), _point(copy), zone_of(sheet.timezone))
        case _:
            return _days_now(copy) + _more(sheet)


def _days_now(copy: Copy) -> int:
    """How long it is kept now; AWS reports the end as a date."""
    return ((copy.delete_at or copy.created_at) - copy.created_at + timedelta(hours=12)).days


def _more(sheet: Sheet) -> int:
    more = whole_number(sheet.answer(MORE_DAYS))
    if not more:
        raise BadInput(MORE_DAYS, "Type a whole number of days, 1 or more.")
    return more


def _day(sheet: Sheet) -> date:
    day = day_of(sheet.answer(UNTIL_DAY))
    if day is None:
        raise BadInput(UNTIL_DAY, "Choose a date.")
    return day


def _point(copy: Copy) -> RecoveryPoint:
    """The copy as far as it is known here."""
    (step,) = plan_for_extension(copy, Lifecycle())
    assert isinstance(step.params, SetRetentionParams)
    return step.params.point
