"""What copies and backups cost, in words; always an estimate, with the date and the Region of its prices."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Protocol

from bot.domain.cost import Estimate, Fees, Paid, estimate
from bot.domain.params import BackUpParams, CopyParams, Params, SetRetentionParams
from bot.domain.retention import Keep
from bot.domain.shown import COST
from bot.slack.text import code, packed

CENT = Decimal("0.01")
# A section holds 3,000 characters, and the sum stands above the lines.
LONGEST_LINES = 2_500


@dataclass(frozen=True, slots=True)
class Priced:
    """A copy, or a backup that is made or loses its end, with what it costs."""

    params: Paid
    fees: Fees


class Shown(Protocol):
    """A step, or a look at one that is only planned."""

    @property
    def params(self) -> Params: ...
    @property
    def shown(self) -> Mapping[str, object]: ...


def priced(steps: Iterable[Shown]) -> list[Priced]:
    """The steps of whose costs people were told."""
    found = ((step.params, Fees.of(step.shown.get(COST))) for step in steps)
    return [Priced(params, fees) for params, fees in found if isinstance(params, Paid) and fees]


def cost_lines(copies: Sequence[Priced], begins: datetime) -> str:
    """A paragraph (mrkdwn) about the cost of one or several steps done at `begins`; "" when there are none."""
    if not copies:
        return ""
    estimates = [estimate(copy.fees, copy.params, begins) for copy in copies]
    if len(copies) == 1:
        return f"*Estimated cost:* {_one(estimates[0], copies[0].params)}. {_basis(copies)}"
    # The vault alone tells copies of one table apart, not those of several.
    several = len({copy.params.table for copy in copies}) > 1
    lines = [
        f"• {f'{code(copy.params.table)} in ' if several else ''}{_which(copy.params)}: {_one(one, copy.params)}"
        for copy, one in zip(copies, estimates, strict=True)
    ]
    fits = next(packed(lines, "\n", LONGEST_LINES))
    left = len(lines) - len(fits.split("\n"))
    more = [f"• and {left} more"] if left else []
    return "\n".join([f"*Estimated cost:* {_together(copies, estimates)}. {_basis(copies)}", fits, *more])


def cost_in_short(copies: Sequence[Priced], begins: datetime) -> str:
    """The same in a few words, for the card."""
    if not copies:
        return ""
    return f"Estimated cost: {_together(copies, [estimate(copy.fees, copy.params, begins) for copy in copies])}"


def cost_until_end(step: Shown, begins: datetime) -> str:
    """What keeping a copy costs each month and until it ends, or in a year without an end; "" where nobody was told."""
    for one in priced([step]):
        found = estimate(one.fees, one.params, begins)
        currency = one.fees.currency
        month = f"about {money(one.fees.warm, currency)} a month"
        if found.storage is None:
            return f"{month}, {money(found.year, currency)} a year"
        return f"{month}, {money(found.storage, currency)} in all"
    return ""


def _which(params: Paid) -> str:
    match params:
        case CopyParams():
            return f"{params.destination.name} ({params.destination.region})"
        case BackUpParams():
            return f"{params.vault.name} ({params.vault.region}), the new backup"
        case SetRetentionParams():
            return f"{params.point.vault.name} ({params.point.vault.region}), which loses its end"


def _one(one: Estimate, params: Paid) -> str:
    fees = one.fees
    parts = [f"about {money(fees.warm, fees.currency)} a month", _whole(one, params)]
    if fees.transfer:
        parts.append(f"{money(fees.transfer, fees.currency)} once for the transfer to {fees.region}")
    return ", ".join(parts)


def _whole(one: Estimate, params: Paid) -> str:
    currency = one.fees.currency
    if one.storage is None:
        return f"{money(one.year, currency)} a year for as long as it is kept"
    if isinstance(params, CopyParams) and params.retention.keep is Keep.CENTURY:
        return f"{money(one.storage, currency)} for the 100 years"
    days = params.retention.cold_days if isinstance(params, CopyParams) else params.lifecycle.cold_after_days
    cold = " (part of it in cold storage)" if days is not None else ""
    return f"{money(one.storage, currency)} until it ends{cold}"


def _together(priced_steps: Sequence[Priced], estimates: Sequence[Estimate]) -> str:
    currency = estimates[0].fees.currency
    month = sum((one.fees.warm for one in estimates), Decimal(0))
    transfer = sum((one.fees.transfer for one in estimates), Decimal(0))
    ends = [one.storage for one in estimates if one.storage is not None]
    until = f", {money(sum(ends, Decimal(0)), currency)} until the end" if len(ends) == len(estimates) else ""
    moved = f", {money(transfer, currency)} once for transfer" if transfer else ""
    what = "copies" if all(isinstance(one.params, CopyParams) for one in priced_steps) else "backups"
    several = "" if len(estimates) == 1 else f" for {len(estimates)} {what}"
    return f"about {money(month, currency)} a month{several}{until}{moved}"


def _basis(copies: Sequence[Priced]) -> str:
    is_new = any(isinstance(copy.params, BackUpParams) for copy in copies)
    size = "the size of the earlier backup" if is_new else "the backup's size"
    return f"Computed from list prices of {copies[0].fees.as_of.isoformat()} and {size}; your bill decides."


def money(amount: Decimal, currency: str) -> str:
    """An amount to the cent; what is less than one says so."""
    if 0 < amount < CENT:
        return f"less than {CENT} {currency}"
    if amount >= 1_000:
        return f"{amount.quantize(Decimal(1), ROUND_HALF_UP):,} {currency}"
    return f"{amount.quantize(CENT, ROUND_HALF_UP)} {currency}"
