"""What a market of ccxt is as an instrument."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidegate_contracts.market import AssetClass, Instrument
from tidegate_kernel.money import ZERO
from tidegate_market_data.adapters.live.ccxt.completeness import require_filters
from tidegate_market_data.adapters.live.values import number_of, places_of, step_of

Document = Mapping[str, Any]


def instrument_of(feed: str, venue: str, market: Document) -> Instrument:
    """Return a market; ccxt writes ticks and lots as steps, limits as numbers or nothing."""
    require_filters(venue, market)
    precision, limits = market["precision"], market["limits"]
    tick = step_of(precision.get("price"), "precision of the price")
    lot = step_of(precision.get("amount"), "precision of the amount")
    least = limits["amount"].get("min")
    largest = limits["amount"].get("max")
    value = limits["cost"].get("min")
    return Instrument(
        feed=feed,
        venue=venue,
        symbol=str(market["symbol"]),
        asset_class=AssetClass.CRYPTO,
        base_currency=str(market["base"]),
        quote_currency=str(market["quote"]),
        price_scale=places_of(tick),
        size_scale=places_of(lot),
        tick_size=tick,
        lot_size=lot,
        min_quantity=lot if least is None else max(number_of(least, "least amount"), lot),
        min_notional=ZERO if value is None else number_of(value, "least value"),
        tradable=market.get("active") is not False,
        shortable=bool(market.get("swap")),
        max_quantity=None if largest is None else number_of(largest, "largest amount"),
    )
