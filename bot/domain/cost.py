"""What a copy costs: an estimate from a dated table of list prices, never a quote.

The account of the destination pays the storage, that of the source the transfer; a copy that fails costs nothing
(https://docs.aws.amazon.com/aws-backup/latest/devguide/metering-and-billing.html). Every copy of a DynamoDB backup is
a full one, so its size is the backup's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from bot.domain.backups import RecoveryPoint, VaultRef
from bot.domain.params import BackUpParams, CopyParams, Params, SetRetentionParams
from bot.domain.retention import cold_after, expected_end

# AWS bills gigabytes of 2^30 bytes, by the hour; 100 years are 1,200 such months.
GIGABYTE = 1024**3
MONTH = timedelta(days=365) / 12
YEAR_MONTHS = 12

# What leaves a backup behind that is paid for from then on.
Paid = CopyParams | BackUpParams | SetRetentionParams


@dataclass(frozen=True, slots=True)
class Rates:
    """Prices of one Region: a month of a GB, warm and cold, and a GB that leaves for another Region."""

    warm: Decimal
    cold: Decimal
    transfer: Decimal


@dataclass(frozen=True, slots=True)
class Prices:
    """A price table of one day; `usual` holds for every Region that has no rates of its own."""

    as_of: date
    currency: str
    usual: Rates
    regions: Mapping[str, Rates] = field(default_factory=dict)

    def at(self, region: str) -> Rates:
        return self.regions.get(region, self.usual)


# Public figures: us-east-1 and us-west-1 of the AWS price list, the transfer of us-east-1. That cold storage costs a
# third of warm storage, and that other Regions cost what us-east-1 does, is assumed; `prices:` in the configuration
# says better.
LIST_PRICES = Prices(
    as_of=date(2026, 6, 13),
    currency="USD",
    usual=Rates(warm=Decimal("0.10"), cold=Decimal("0.03"), transfer=Decimal("0.02")),
    regions={"us-west-1": Rates(warm=Decimal("0.112"), cold=Decimal("0.034"), transfer=Decimal("0.02"))},
)


@dataclass(frozen=True, slots=True)
class Fees:
    """What this very copy (or backup) costs: each month while warm, each month while cold, once for its transfer.

    It does not change while people decide, so it belongs to what they are shown and agree to.
    """

    warm: Decimal
    cold: Decimal
    transfer: Decimal
    currency: str
    as_of: date
    region: str

    def facts(self) -> Mapping[str, object]:
        """As plain JSON values."""
        return {
            "warm": str(self.warm),
            "cold": str(self.cold),
            "transfer": str(self.transfer),
            "currency": self.currency,
            "as_of": self.as_of.isoformat(),
            "region": self.region,
        }

    @classmethod
    def of(cls, facts: object) -> "Fees | None":
        """Read what `facts` wrote; None for what a version without costs wrote."""
        if not isinstance(facts, Mapping):
            return None
        return cls(
            warm=Decimal(str(facts["warm"])),
            cold=Decimal(str(facts["cold"])),
            transfer=Decimal(str(facts["transfer"])),
            currency=str(facts["currency"]),
            as_of=date.fromisoformat(str(facts["as_of"])),
            region=str(facts["region"]),
        )


@dataclass(frozen=True, slots=True)
class Estimate:
    """`months` and `storage` are those until the copy's end; None where it has none."""

    fees: Fees
    months: Decimal | None
    storage: Decimal | None

    @property
    def year(self) -> Decimal:
        return self.fees.warm * YEAR_MONTHS


def fees_of(params: Params, prices: Prices) -> Fees | None:
    """What a step costs at these prices; None for what costs nothing more, or whose size nobody knows.

    Of a copy from an earlier step it is what can be foreseen. Once that step is done the real size may be a little
    another, which nobody is asked about again.
    """
    match params:
        case CopyParams():
            is_made = params.point_from_before and params.point.arn
            return None if is_made else fees(params.point, params.destination, prices)
        case BackUpParams():
            return None if params.size_bytes is None else _storage(params.size_bytes, params.vault.region, prices)
        case SetRetentionParams():
            point = params.point
            return _storage(point.size_bytes, point.vault.region, prices) if params.loses_its_end else None
        case _:
            return None


def fees(point: RecoveryPoint, destination: VaultRef, prices: Prices) -> Fees:
    """What a copy of a backup to a vault costs; between accounts of one Region nothing is transferred."""
    stored = _storage(point.size_bytes, destination.region, prices)
    if point.vault.region == destination.region:
        return stored
    return replace(stored, transfer=_exact(_gigabytes(point.size_bytes) * prices.at(point.vault.region).transfer))


def estimate(step_fees: Fees, params: Paid, begins: datetime) -> Estimate:
    """The storage from a step's making (aware UTC) to the end of what it leaves; in cold storage it costs less."""
    end, cold_at = _life(params, begins)
    if end is None:
        return Estimate(step_fees, None, None)
    moves = end if cold_at is None else min(end, max(begins, cold_at))
    warm_months, cold_months = _months(begins, moves), _months(moves, end)
    return Estimate(step_fees, warm_months + cold_months, warm_months * step_fees.warm + cold_months * step_fees.cold)


def _life(params: Paid, begins: datetime) -> tuple[datetime | None, datetime | None]:
    """When it ends, and when it moves to cold storage; None: never."""
    if isinstance(params, CopyParams):
        point, retention = params.point, params.retention
        return expected_end(retention, point), _after(point.created_at, cold_after(retention, point))
    made = begins if isinstance(params, BackUpParams) else params.point.created_at
    lifecycle = params.lifecycle
    return _after(made, lifecycle.delete_after_days), _after(made, lifecycle.cold_after_days)


def _after(made: datetime, days: int | None) -> datetime | None:
    return None if days is None else made + timedelta(days=days)


def _storage(size_bytes: int, region: str, prices: Prices) -> Fees:
    gigabytes, rates = _gigabytes(size_bytes), prices.at(region)
    return Fees(
        warm=_exact(gigabytes * rates.warm),
        cold=_exact(gigabytes * rates.cold),
        transfer=Decimal(0),
        currency=prices.currency,
        as_of=prices.as_of,
        region=region,
    )


def _gigabytes(size_bytes: int) -> Decimal:
    return Decimal(max(0, size_bytes)) / GIGABYTE


def _months(start: datetime, end: datetime) -> Decimal:
    return Decimal(max(0.0, (end - start) / MONTH)).quantize(Decimal("0.001"))


def _exact(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.000001"))
