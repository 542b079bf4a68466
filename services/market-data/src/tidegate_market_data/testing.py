"""Builders for tests of this service and of those that read its messages."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from tidegate_contracts.market import AssetClass, Bar, FeedBatch, Instrument
from tidegate_kernel.contracts import option_of
from tidegate_kernel.time import NS_PER_DAY, parse_time
from tidegate_market_data.adapters.instruments import instrument_of
from tidegate_market_data.core.black_scholes import EuropeanOption
from tidegate_market_data.core.feed import FeedMachine, FeedParameters
from tidegate_market_data.core.option_greeks import GreeksModel

FEED = "replay-demo"
WriteCsv = Callable[..., Path]
"""Writes lines into a file called ``name`` and returns its path."""

CALLS = ("AAPL240119C00009000", "AAPL240119C00011000")
CALLS_FROM = datetime(2024, 1, 8, tzinfo=UTC)
DAY_HOURS = 24
START_NS = parse_time("2024-01-01T00:00:00Z")[0]


def instrument(symbol: str = "AAPL", asset_class: AssetClass = AssetClass.EQUITY) -> Instrument:
    """Return an instrument with two places for prices and none for sizes."""
    return Instrument(
        feed=FEED,
        venue="paper",
        symbol=symbol,
        asset_class=asset_class,
        base_currency=symbol,
        quote_currency="USD",
        price_scale=2,
        tick_size=Decimal("0.01"),
        lot_size=Decimal(1),
        min_quantity=Decimal(1),
        tradable=True,
    )


def option(symbol: str) -> Instrument:
    """Return an option of files, with two places for prices and none for sizes."""
    return instrument_of(FEED, "paper", symbol, 2, 0)


def bar(day: int, symbol: str = "AAPL", **changes: Any) -> Bar:  # noqa: ANN401 - a bar's fields
    """Return a daily bar around 100.00 that starts ``day`` days after `START_NS`."""
    start_ns = START_NS + day * NS_PER_DAY
    fields: dict[str, Any] = {
        "feed": FEED,
        "venue": "paper",
        "symbol": symbol,
        "timeframe_ns": NS_PER_DAY,
        "start_ns": start_ns,
        "end_ns": start_ns + NS_PER_DAY,
        "open": 100_00,
        "high": 102_00,
        "low": 99_00,
        "close": 101_00,
        "volume": 1_000,
    }
    return Bar(**(fields | changes))


def option_lines() -> list[str]:
    """Return the lines of a CSV file: 12 days of hours of AAPL, and of two calls on it.

    AAPL swings around 10. The calls cost what the model says at a volatility of 60 %; they trade
    until the evening before they expire, and AAPL until the day after. It rises at their end.
    """
    lines = ["timestamp,symbol,open,high,low,close,volume"]
    for hour in range(12 * 24):
        start = (CALLS_FROM + timedelta(hours=hour)).isoformat()
        for symbol in ("AAPL", *CALLS):
            opened, closed = (_price_at(symbol, at) for at in (hour, hour + 1))
            if opened and closed:
                prices = (opened, max(opened, closed), min(opened, closed), closed)
                lines.append(f"{start},{symbol},{','.join(f'{p:.2f}' for p in prices)},1000000")
    return lines


def _price_at(symbol: str, hour: int) -> float:
    """Return the price of AAPL or of a call at a full hour; 0 when the call trades no more."""
    spot = 10 + 0.8 * math.cos((hour - 300) * math.pi / 60)
    read = option_of(symbol)
    if read is None:
        return round(spot, 2)
    hours = 11 * 24 + 21 - hour
    call = EuropeanOption(
        is_call=True, spot=spot, strike=float(read.strike), years=hours / 8_760, rate=0.0
    )
    return max(round(call.price(0.6), 2), 0.01) if hours > DAY_HOURS else 0.0


def batch(*bars: Bar) -> FeedBatch:
    """Return the command that holds these bars, at the first one's end."""
    return FeedBatch(feed=FEED, instant_ns=bars[0].end_ns, bars=bars)


def new_feed(*instruments: Instrument, greeks: GreeksModel | None = None) -> FeedMachine:
    """Return a feed of daily bars of these instruments, or of AAPL."""
    return FeedMachine.restore(parameters(*instruments, greeks=greeks), None)


def parameters(*instruments: Instrument, greeks: GreeksModel | None = None) -> FeedParameters:
    """Return the parameters of `new_feed`."""
    chosen = instruments or (instrument(),)
    return FeedParameters(feed=FEED, instruments=chosen, timeframe_ns=NS_PER_DAY, greeks=greeks)
