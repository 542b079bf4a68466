"""Where the two sessions trade: Alpaca's crypto and Binance's contracts, at the test venue.

Signals come from waves: a wave is one bar of every symbol, a minute of the feed's time each. Closes
go up for two bars and down for two, so that a fast average of one bar crosses a slow one of two
with every turn; half of the symbols are a bar ahead, so that every wave makes orders. One strategy
enters at the market, one by limits a little below the close, which rest until prices come down.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from pydantic import JsonValue
from tests.venues.exchange.listings import Listing
from tests.venues.exchange.tape import NS_PER_MINUTE, PublishedBar
from tests.venues.server import CONTRACT

from tidegate_chassis.configuration import (
    Configuration,
    FeedConfiguration,
    Money,
    Session,
    StrategyConfiguration,
    dump,
)
from tidegate_chassis.configuration.entries import EntryConfiguration

if TYPE_CHECKING:
    from tests.venues.server import TestVenue

HISTORY_MINUTES = 600
PRICE = Decimal(1_000)
LEVELS = tuple(Decimal(each) for each in ("1.000", "1.001", "1.002", "1.001"))
DEPTH = "1000"
BREAKERS = (
    "cooldown",
    "daily_loss",
    "drawdown",
    "losing_streak",
    "overtrading",
    "pnl_jump",
    "price_divergence",
    "stale_prices",
    "unreconciled",
    "venue_rejects",
)
"""Breakers that so restless a session trips, or that nobody is there to lower."""
LIMITS: dict[str, JsonValue] = {
    "position_fraction": "0.02",
    "open_positions_max": 50,
    "open_orders_max": 1_000,
    "duplicate_window_s": 0.001,
    "rate_orders_max": 100_000,
    "repeat_executions_max": 100_000,
    "signal_age_max_s": 86_400,
    "price_age_max_s": 86_400,
    "price_age_max_bars": 1_000,
    "account_lag_max_s": 600,
    "volume_share_max_fraction": 1,
    # A verdict outlives a restart: so what was not sent is sent again.
    "verdict_ttl_s": 60,
    "breakers": {name: {"enabled": False} for name in BREAKERS},
}


@dataclass(frozen=True)
class Place:
    """One venue's protocol, what the session there needs, and where its orders are sent.

    The session has the place's name.
    """

    name: str
    exchange: str
    # (as the venue lists it, as the session names it)
    symbols: tuple[tuple[str, str], ...]
    feed: FeedConfiguration
    currency: str
    orders: str

    def open(self, venue: TestVenue) -> None:
        """List the symbols, and quote them."""
        exchange = venue.exchanges[self.exchange]
        for listed, _ in self.symbols:
            if listed not in exchange.markets:
                exchange.list_symbol(_listing(listed))
            _quote(venue, self, listed, PRICE)

    def session(self) -> Session:
        """Return the session that trades here."""
        crossover: dict[str, JsonValue] = {"fast": 1, "slow": 2}
        return Session(
            name=self.name,
            clock="wall",
            capital=Money(amount=Decimal(100_000), currency=self.currency),
            feed=self.feed,
            symbols=tuple(symbol for _, symbol in self.symbols),
            strategies=(
                StrategyConfiguration(
                    name="restless", strategy="ema-crossover", parameters=crossover
                ),
                StrategyConfiguration(
                    name="patient",
                    strategy="ema-crossover",
                    parameters=crossover,
                    entry=EntryConfiguration(style="limit", offset="5bps"),
                ),
            ),
            limits=LIMITS,
            venue={"kind": self.feed.kind, "orders_per_minute_max": 100_000},
        )


def _listing(listed: str) -> Listing:
    if "/" in listed:
        base, _, quoted = listed.partition("/")
        return Listing(listed, base, quoted)
    return replace(CONTRACT, symbol=listed, base=listed.removesuffix("USDT"))


def _quote(venue: TestVenue, place: Place, listed: str, price: Decimal) -> None:
    tick = Decimal("0.10")
    exchange = venue.exchanges[place.exchange]
    exchange.quote(listed, [(str(price - tick), DEPTH)], [(str(price + tick), DEPTH)])


ALPACA = Place(
    "alpaca",
    "alpaca",
    tuple((each, each) for each in ("BTC/USD", "ETH/USD", "LTC/USD", "SOL/USD")),
    FeedConfiguration(kind="alpaca", warmup_bars=0),
    "USD",
    "POST /v2/orders",
)
BINANCE = Place(
    "binance",
    "usdm",
    tuple((f"{each}USDT", f"{each}/USDT:USDT") for each in ("BTC", "ETH", "LTC", "SOL")),
    FeedConfiguration(
        kind="ccxt", exchange="binance", market="usdm", testnet=True, timeframe="1m", warmup_bars=0
    ),
    "USDT",
    "POST /fapi/v1/order",
)
PLACES = (ALPACA, BINANCE)


def configuration() -> str:
    """Return the configuration of an instance with both sessions."""
    return dump(Configuration(sessions=tuple(place.session() for place in PLACES)))


class Waves:
    """Bars that make the strategies of both sessions trade, and quotes that go with them."""

    def __init__(self, venue: TestVenue) -> None:
        self._venue = venue
        now_ns = time.time_ns() // NS_PER_MINUTE * NS_PER_MINUTE
        self._next_ns = now_ns - HISTORY_MINUTES * NS_PER_MINUTE
        self.count = 0

    def play(self, places: tuple[Place, ...] = PLACES) -> None:
        """Move every price, and publish one bar of every symbol, at some of the places."""
        for place in places:
            for index, (listed, _) in enumerate(place.symbols):
                self._play(place, listed, self.count + index % 2)
        self.count += 1
        self._next_ns += NS_PER_MINUTE

    def _play(self, place: Place, listed: str, phase: int) -> None:
        opened, closed = (PRICE * LEVELS[(phase + each) % len(LEVELS)] for each in (-1, 0))
        _quote(self._venue, place, listed, closed)
        high, low = max(opened, closed), min(opened, closed)
        prices = (f"{opened:.2f}", f"{high:.2f}", f"{low:.2f}", f"{closed:.2f}")
        self._venue.publish(
            place.exchange, PublishedBar.of(listed, self._next_ns, prices, "100000")
        )

    def quote_again(self) -> None:
        """Quote what was quoted last: what was filled in part is filled further."""
        for place in PLACES:
            for index, (listed, _) in enumerate(place.symbols):
                level = LEVELS[(self.count - 1 + index % 2) % len(LEVELS)]
                _quote(self._venue, place, listed, PRICE * level)
