"""The `prices:` section: one's own price table for estimates, in the place of the built-in list prices."""

import re
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import BeforeValidator

from bot.domain.cost import LIST_PRICES, Prices, Rates
from bot.settings.fields import Expected, Region, Section, text_like


def _price(value: object) -> object:
    if isinstance(value, Decimal):
        return value
    written = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not re.fullmatch(r"[0-9]{1,5}(\.[0-9]{1,6})?", written, re.ASCII):
        raise ValueError("not a price")
    return Decimal(written)


def _day(value: object) -> object:
    return date.fromisoformat(value) if isinstance(value, str) else value


Price = Annotated[Decimal, BeforeValidator(_price), Expected("a price of a GB such as 0.10")]


class RatesSection(Section):
    """Prices of a GB: a month of it, warm and cold, and its way to another Region."""

    warm: Price
    cold: Price
    transfer: Price

    def rates(self) -> Rates:
        return Rates(self.warm, self.cold, self.transfer)


class PricesSection(Section):
    """What storage and transfer cost."""

    as_of: Annotated[date, BeforeValidator(_day), Expected("the date of the prices such as 2026-11-01")]
    usual: Annotated[RatesSection, Expected("a mapping with warm, cold and transfer, for every Region that has none")]
    currency: Annotated[str, text_like("[A-Z]{3}"), Expected("a currency such as USD")] = "USD"
    regions: Annotated[dict[Region, RatesSection], Expected("a mapping from Regions to warm, cold and transfer")] = {}  # noqa: RUF012  # pydantic gives each section one of its own

    def prices(self) -> Prices:
        """The table as use cases need it."""
        regions = {region: section.rates() for region, section in self.regions.items()}
        return Prices(as_of=self.as_of, currency=self.currency, usual=self.usual.rates(), regions=regions)


def _section(rates: Rates) -> RatesSection:
    return RatesSection(warm=rates.warm, cold=rates.cold, transfer=rates.transfer)


def list_prices() -> PricesSection:
    """The built-in table."""
    return PricesSection(
        as_of=LIST_PRICES.as_of,
        usual=_section(LIST_PRICES.usual),
        currency=LIST_PRICES.currency,
        regions={region: _section(rates) for region, rates in LIST_PRICES.regions.items()},
    )
