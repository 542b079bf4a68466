"""Where the two sessions trade: Alpaca and Binance's contracts, at the test venue."""

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

AHEAD_MINUTES = 15
START_MINUTES = 8
PRICE = Decimal(1_000)
SHARE = Decimal(100)
DEPTH = "1000"
UNDERLYING, CALL, HIGHER = "AAPL", "AAPL271217C00200000", "AAPL271217C00210000"
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
    "extended_hours_allowed": True,
    "daily_loss_max_percent": 50,
    **dict.fromkeys(("portfolio_heat_max_fraction", "var_max_fraction", "cvar_max_fraction"), 1),
    **dict.fromkeys(("stress_loss_max_fraction", "symbol_exposure_max_fraction"), 1),
    **dict.fromkeys(("gross_exposure_max_fraction", "net_exposure_max_fraction"), 10),
    **dict.fromkeys(("asset_class_exposure_max_fraction", "leverage_max"), 10),
    **dict.fromkeys(("correlated_exposure_max_fraction", "option_delta_max_fraction"), 10),
    **dict.fromkeys(("option_gamma_max_fraction", "option_vega_max_fraction"), 1),
    **dict.fromkeys(("option_theta_max_fraction", "option_loss_max_fraction"), 1),
    "breakers": {name: {"enabled": False} for name in BREAKERS},
}


@dataclass(frozen=True)
class Place:
    """One venue's protocol, what the session there needs, and where its orders are sent.

    The session has the place's name.
    """

    name: str
    exchange: str
    # Those that strategies trade: (as the venue lists it, as the session names it).
    symbols: tuple[tuple[str, str], ...]
    feed: FeedConfiguration
    currency: str
    # Requests that make and end orders, as "METHOD /path" contains it.
    orders: tuple[str, ...]
    ends: tuple[str, ...]
    # What only people trade.
    shares: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    # Where every entry by hand is protected by a stop.
    protected: tuple[str, ...] = ()
    # Which entries are sent with their exits.
    native_entries: str = "never"

    def open(self, venue: TestVenue) -> None:
        """List the symbols, and quote them."""
        exchange = venue.exchanges[self.exchange]
        exchange.open_always = True
        for listed in (*(each for each, _ in self.symbols), *self.shares):
            if listed not in exchange.markets:
                exchange.list_symbol(_listing(listed))
        for listed, _ in self.symbols:
            quote(venue, self, listed, PRICE)
        for listed in self.shares:
            quote(venue, self, listed, SHARE)
            self._remember(venue, listed, SHARE)
        if self.options:
            quote_options(venue)
            exchange.quote(UNDERLYING, [("209.90", DEPTH)], [("210.10", DEPTH)])
            for listed, price in ((UNDERLYING, 210), (CALL, 15), (HIGHER, 12)):
                self._remember(venue, listed, Decimal(price))

    def _remember(self, venue: TestVenue, listed: str, price: Decimal) -> None:
        """Let bars of some minutes be in the history: a feed begins with the one of its start."""
        now_ns = time.time_ns() // NS_PER_MINUTE * NS_PER_MINUTE
        for minute in range(-2, START_MINUTES):
            start_ns = now_ns + minute * NS_PER_MINUTE
            bar = PublishedBar.of(listed, start_ns, (f"{price:.2f}",) * 4, "100000")
            venue.publish(self.exchange, bar, silent=True)

    def named(self, listed: str) -> str:
        """Return what the session calls what the venue lists."""
        return dict(self.symbols).get(listed, listed)

    @property
    def all_symbols(self) -> tuple[str, ...]:
        """Everything that is traded here, as the session names it."""
        underlying = (UNDERLYING,) if self.options else ()
        pairs = (symbol for _, symbol in self.symbols)
        return (*pairs, *self.shares, *underlying, *self.options)

    def session(self) -> Session:
        """Return the session that trades here."""
        crossover: dict[str, JsonValue] = {"fast": 1, "slow": 2}
        return Session(
            name=self.name,
            clock="wall",
            capital=Money(amount=Decimal(100_000), currency=self.currency),
            feed=self.feed,
            symbols=self.all_symbols,
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
            venue={
                "kind": self.feed.kind,
                "orders_per_minute_max": 100_000,
                "protective_exits": "bracket",
                "native_entries": self.native_entries,
            },
        )


def _listing(listed: str) -> Listing:
    if listed.isalpha() and not listed.endswith("USDT"):
        return Listing(listed, listed, "USD", "us_equity", lot=Decimal("0.000001"), shortable=True)
    if "/" in listed:
        base, _, quoted = listed.partition("/")
        return Listing(listed, base, quoted)
    return replace(CONTRACT, symbol=listed, base=listed.removesuffix("USDT"))


def quote(venue: TestVenue, place: Place, listed: str, price: Decimal) -> None:
    """Let a price be the last one that was traded, and quote around it: stops look at it."""
    tick = Decimal("0.10")
    exchange = venue.exchanges[place.exchange]
    with exchange.lock:
        exchange.market(listed).last = price
        exchange.quote(listed, [(str(price - tick), DEPTH)], [(str(price + tick), DEPTH)])


def quote_options(venue: TestVenue) -> None:
    """Offer a call spread at 4 net, and take it back at 2."""
    venue.alpaca.quote(CALL, [("14", DEPTH)], [("16", DEPTH)])
    venue.alpaca.quote(HIGHER, [("12", DEPTH)], [("12", DEPTH)])


ALPACA = Place(
    "alpaca",
    "alpaca",
    tuple((each, each) for each in ("BTC/USD", "ETH/USD", "LTC/USD", "SOL/USD")),
    # Options are not streamed: their first bar is one of the past.
    FeedConfiguration(kind="alpaca", warmup_bars=1),
    "USD",
    ("POST /v2/orders",),
    ("DELETE /v2/orders",),
    shares=("SPY", "QQQ", "DIA", "IWM"),
    options=(CALL, HIGHER),
    protected=("DIA", "IWM", "ETH/USD", "SOL/USD"),
    native_entries="market",
)
BINANCE = Place(
    "binance",
    "usdm",
    tuple((f"{each}USDT", f"{each}/USDT:USDT") for each in ("BTC", "ETH", "LTC", "SOL")),
    FeedConfiguration(
        kind="ccxt", exchange="binance", market="usdm", testnet=True, timeframe="1m", warmup_bars=0
    ),
    "USDT",
    ("POST /fapi/v1/order", "POST /fapi/v1/algoOrder"),
    ("DELETE /fapi/v1/order", "DELETE /fapi/v1/algoOrder"),
    protected=("ETH/USDT:USDT", "LTC/USDT:USDT"),
)
PLACES = (ALPACA, BINANCE)


def configuration() -> str:
    """Return the configuration of an instance with both sessions."""
    return dump(Configuration(sessions=tuple(place.session() for place in PLACES)))
