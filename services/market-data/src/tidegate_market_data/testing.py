"""Builders for tests of this service and of those that read its messages."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

from tidegate_contracts.market import AssetClass, Bar, FeedBatch, Instrument
from tidegate_kernel.time import NS_PER_DAY, parse_time
from tidegate_market_data.core.feed import FeedMachine, FeedParameters

FEED = "replay-demo"
WriteCsv = Callable[..., Path]
"""Writes lines into a file called ``name`` and returns its path."""

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


def batch(*bars: Bar) -> FeedBatch:
    """Return the command that holds these bars, at the first one's end."""
    return FeedBatch(feed=FEED, instant_ns=bars[0].end_ns, bars=bars)


def new_feed(*instruments: Instrument) -> FeedMachine:
    """Return a feed of daily bars of these instruments, or of AAPL."""
    return FeedMachine.restore(parameters(*instruments), None)


def parameters(*instruments: Instrument) -> FeedParameters:
    """Return the parameters of `new_feed`."""
    chosen = instruments or (instrument(),)
    return FeedParameters(feed=FEED, instruments=chosen, timeframe_ns=NS_PER_DAY)
