"""What a venue told: raw messages of its websocket, as ticks and as bars of a minute.

A line is the local time in ns and a message. Trades carry the venue's time, quotes carry none, so
ticks are put on the venue's clock by the median difference of the trades; they keep the order in
which they were told. Bars take the trades' own times.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from statistics import median_high
from typing import Any, NamedTuple

from tidegate_contracts.market import AssetClass, Bar, Instrument, Quote, Trade
from tidegate_kernel.money import to_scaled
from tidegate_kernel.time import NS_PER_SECOND

DATA = Path(__file__).parents[3] / "shared" / "data" / "ticks"
MINUTE_NS = 60 * NS_PER_SECOND
NS_PER_MS = 1_000_000
FEED, VENUE = "capture", "BINANCE"
PRICE_SCALE, SIZE_SCALE = 2, 5


class Capture(NamedTuple):
    """One instrument's ticks in the order in which they were told, and its whole minutes."""

    instrument: Instrument
    ticks: list[Quote | Trade]
    bars: list[Bar]


def capture_of(symbol: str, files: Sequence[Path]) -> Capture:
    """Read captures that follow each other."""
    told = [each for file in files for each in _messages(file)]
    late = [local_ns - body["T"] * NS_PER_MS for local_ns, body in told if body.get("e") == "trade"]
    shift_ns = -median_high(late)
    ticks = [_tick(symbol, local_ns + shift_ns, body) for local_ns, body in told]
    trades = [(body["T"] * NS_PER_MS, body) for _, body in told if body.get("e") == "trade"]
    return Capture(_instrument(symbol), ticks, list(_bars(symbol, trades)))


def _messages(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            local_ns, text = line.split(" ", 1)
            message = json.loads(text)
            if message.get("stream", "").endswith(("@trade", "@bookTicker")):
                yield int(local_ns), message["data"]


def _tick(symbol: str, at_ns: int, body: dict[str, Any]) -> Quote | Trade:
    if body.get("e") == "trade":
        return Trade(
            feed=FEED,
            venue=VENUE,
            symbol=symbol,
            at_ns=at_ns,
            price=_scaled(body["p"], PRICE_SCALE),
            size=_scaled(body["q"], SIZE_SCALE),
            buyer_is_maker=body["m"],
        )
    return Quote(
        feed=FEED,
        venue=VENUE,
        symbol=symbol,
        at_ns=at_ns,
        bid_price=_scaled(body["b"], PRICE_SCALE),
        bid_size=_scaled(body["B"], SIZE_SCALE),
        ask_price=_scaled(body["a"], PRICE_SCALE),
        ask_size=_scaled(body["A"], SIZE_SCALE),
    )


def _bars(symbol: str, trades: Sequence[tuple[int, dict[str, Any]]]) -> Iterator[Bar]:
    """Yield the minutes of which the capture holds the beginning and the end."""
    minutes: dict[int, list[tuple[int, int]]] = {}
    for at_ns, body in trades:
        price, size = _scaled(body["p"], PRICE_SCALE), _scaled(body["q"], SIZE_SCALE)
        minutes.setdefault(at_ns // MINUTE_NS, []).append((price, size))
    for minute in sorted(minutes)[1:-1]:
        prices = [price for price, _ in minutes[minute]]
        yield Bar(
            feed=FEED,
            venue=VENUE,
            symbol=symbol,
            timeframe_ns=MINUTE_NS,
            start_ns=minute * MINUTE_NS,
            end_ns=(minute + 1) * MINUTE_NS,
            open=prices[0],
            high=max(prices),
            low=min(prices),
            close=prices[-1],
            volume=sum(size for _, size in minutes[minute]),
        )


def _scaled(text: str, scale: int) -> int:
    return to_scaled(Decimal(text), scale)


def _instrument(symbol: str) -> Instrument:
    return Instrument(
        feed=FEED,
        venue=VENUE,
        symbol=symbol,
        asset_class=AssetClass.CRYPTO,
        quote_currency="USDT",
        price_scale=PRICE_SCALE,
        size_scale=SIZE_SCALE,
        tick_size=Decimal(1).scaleb(-PRICE_SCALE),
        lot_size=Decimal(1).scaleb(-SIZE_SCALE),
        min_quantity=Decimal(1).scaleb(-SIZE_SCALE),
        tradable=True,
        shortable=True,
    )
