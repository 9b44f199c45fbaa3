"""How long the copies of a plan are kept: judged for every destination, with the nearest that all of them allow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.domain.backups import Vault, VaultKind
from bot.domain.drafts import UNTIL, Form
from bot.domain.errors import BadInput
from bot.domain.params import CopyParams
from bot.domain.retention import (
    COLD_DAYS,
    MAX_DAYS,
    Keep,
    Objection,
    allowed_days,
    check_days,
    effective_days,
    least_days,
    nearest_days,
    objection,
    too_soon,
)
from bot.workflows.choosing import day_of, whole_number, zone_of

# The ways to keep that a copy's own days belong to.
COUNTED = frozenset({str(Keep.DAYS), UNTIL, str(Keep.CENTURY)})


@dataclass(frozen=True, slots=True)
class Lasting:
    """A copy, the vault it goes to as last read, and how that place is called where there are several."""

    params: CopyParams
    vault: Vault | None
    name: str = ""

    @property
    def days(self) -> int | None:
        return effective_days(self.params.retention, self.params.point)

    def allowed(self, now: datetime) -> range:
        return allowed_days(self.params.point, self.vault, now, self.params.retention.cold_days)


def check_typed(form: Form) -> None:
    """Refuse what is no way to keep, no number and no date. Raises BadInput."""
    if form.keep != UNTIL and form.keep not in set(Keep):
        raise BadInput("keep", "Choose how long the copy is kept.")
    if form.keep == Keep.DAYS and whole_number(form.days) is None:
        raise BadInput("days", "Type a whole number of days.")
    if form.keep == UNTIL and day_of(form.until) is None:
        raise BadInput("until", "Choose a date.")
    if form.keep in COUNTED and form.cold.strip() and whole_number(form.cold) is None:
        raise BadInput("cold", "Type a whole number of days, or leave this empty.")


def check_lasting(form: Form, copies: Sequence[Lasting], timezone: str, now: datetime) -> None:
    """Refuse what AWS or one of the vaults would refuse, by the field it was said in. Raises BadInput."""
    for copy in copies:
        problem = objection(copy.params.retention, copy.params.point, copy.vault, now)
        if problem is not None:
            field = "cold" if problem.field == "cold" else said_in(form)
            raise BadInput(field, copy.name + _worded(problem, form, copy, _common(copies, copy, now), timezone, now))
        if copy.params.retention.cold_days is not None and is_air_gapped(copy.vault):
            raise BadInput("cold", f"{copy.name}A logically air-gapped vault has no cold storage. Leave this empty.")


def said_in(form: Form) -> str:
    """The field that says how long."""
    return {str(Keep.DAYS): "days", UNTIL: "until"}.get(form.keep, "keep")


def _worded(problem: Objection, form: Form, copy: Lasting, allowed: range, timezone: str, now: datetime) -> str:
    """The objection with the nearest that would be allowed, as it would have to be chosen."""
    if problem.field == "cold":
        return problem.sentence
    nearest = nearest_days(copy.days, allowed)
    if nearest is None:
        return f"{problem.sentence} No number of days fits all destinations: ask for each of them by itself."
    if form.keep == UNTIL:
        choose = f"Choose {_day(copy, nearest, timezone)} ({nearest:,} days)."
        return f"{_of_a_date(problem, form, copy, now)} {choose}{_for_cold(copy, nearest, now)}"
    if problem.code != "vault-lock":
        return _of_a_number(problem, copy, nearest, now) + _for_cold(copy, nearest, now)
    if form.keep == Keep.DAYS:
        return f"{problem.sentence} Choose {nearest:,}."
    return f"{problem.sentence} The nearest that is allowed is a number of days: {nearest:,}."


def _of_a_number(problem: Objection, copy: Lasting, nearest: int, now: datetime) -> str:
    """What AWS does not keep for so long, with the nearest number that all destinations allow."""
    try:
        check_days(copy.days or 0, copy.params.point, now, nearest)
    except BadInput as refusal:
        return refusal.sentence
    return problem.sentence


def _of_a_date(problem: Objection, form: Form, copy: Lasting, now: datetime) -> str:
    if problem.code == "vault-lock":
        return problem.sentence
    days = copy.days or 0
    if days > MAX_DAYS:
        return f"AWS keeps a copy {MAX_DAYS:,} days at most, and {form.until} is later than that."
    return f"A copy until {form.until} {too_soon(days, copy.params.point, now)}."


def _for_cold(copy: Lasting, nearest: int, now: datetime) -> str:
    """Why a number is proposed that is larger than it would be without cold storage."""
    cold = copy.params.retention.cold_days
    if cold is None or nearest != cold + COLD_DAYS or nearest <= least_days(copy.params.point, now):
        return ""
    return f" Cold storage is why: it begins after {cold:,} days, and the copy stays there for {COLD_DAYS} at least."


def _day(copy: Lasting, days: int, timezone: str) -> str:
    """The day on which a copy that is kept so long ends, where the person is."""
    end = copy.params.point.created_at + timedelta(days=days)
    return end.astimezone(zone_of(timezone)).date().isoformat()


def _common(copies: Sequence[Lasting], one: Lasting, now: datetime) -> range:
    """The days that are allowed for all copies that are kept by the same choice."""
    ranges = [copy.allowed(now) for copy in copies if copy.params.retention == one.params.retention]
    if not all(ranges):
        return range(0)
    return range(max(each[0] for each in ranges), min(each[-1] for each in ranges) + 1)


def is_air_gapped(vault: Vault | None) -> bool:
    return vault is not None and vault.kind is VaultKind.AIR_GAPPED
