"""The session of a history: three symbols, two strategies, limits that bind often."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

from pydantic import JsonValue

from tidegate_chassis.configuration import Configuration, Session
from tidegate_chassis.configuration.models import FeedConfiguration, Money, StrategyConfiguration
from tidegate_contracts.market import AssetClass, Bar, Instrument
from tidegate_execution.shards import orders_of, venue_of
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND
from tidegate_portfolio.shards import shards_of as books_of
from tidegate_risk.shards import shards_of as risk_of

if TYPE_CHECKING:
    from tidegate_chassis.host.definition import ShardDefinition

NAME, VENUE = "history", "XNAS"
GATE, RISK = "risk/gate", f"risk/{NAME}"
EXECUTION, PAPER, PORTFOLIO = f"execution/{NAME}", f"venue/{NAME}", f"portfolio/{NAME}"
FEED = f"market-data/replay-{NAME}"
SYMBOLS = ("AAA", "BBB", "CCC")
# Described, but no bar of it ever comes; and one of which nothing is known at all.
UNPRICED, UNKNOWN = "DDD", "EEE"
STRATEGIES = ("first", "second")
TIMEFRAME_NS = 60 * NS_PER_SECOND
BEGIN_NS = 20_000 * NS_PER_DAY + 50_000 * NS_PER_SECOND
LIMITS: dict[str, JsonValue] = {
    "position_fraction": "0.12",
    "order_notional_max_fraction": "0.13",
    "symbol_exposure_max_fraction": "0.20",
    "gross_exposure_max_fraction": "0.22",
    "open_positions_max": 2,
    "open_orders_max": 2,
    "duplicate_window_s": 0.001,
    "daily_loss_max_percent": "20",
}
TIGHTER: dict[str, JsonValue] = {
    "position_fraction": "0.08",
    "order_notional_max_fraction": "0.09",
    "symbol_exposure_max_fraction": "0.10",
    "gross_exposure_max_fraction": "0.15",
    "open_positions_max": 1,
    "open_orders_max": 1,
}
"""What people may change the limits to, and back."""


@cache
def session_of(*, short: bool) -> Session:
    """Return the session, on the wall's clock."""
    return Session(
        name=NAME,
        clock="wall",
        capital=Money(amount=Decimal(100_000)),
        feed=FeedConfiguration(paths=("history",)),
        strategies=tuple(
            StrategyConfiguration(name=name, strategy="ema-crossover") for name in STRATEGIES
        ),
        limits={**LIMITS, "short_allowed": short},
        venue={"volume_share": "0.5", "orders_per_minute_max": 1_000, "fee_bps": "1"},
    )


def definitions_of(session: Session) -> list[ShardDefinition]:
    """Return the shards as the services declare them."""
    configuration = Configuration(sessions=(session,))
    return [
        *risk_of(configuration),
        orders_of(session),
        venue_of(session),
        *books_of(configuration),
    ]


@cache
def instrument(symbol: str) -> Instrument:
    """Return a share that trades in cents and whole shares."""
    return Instrument(
        feed=f"replay-{NAME}",
        venue=VENUE,
        symbol=symbol,
        asset_class=AssetClass.EQUITY,
        base_currency=symbol,
        quote_currency="USD",
        price_scale=2,
        size_scale=0,
        tick_size=Decimal("0.01"),
        lot_size=Decimal(1),
        min_quantity=Decimal(1),
        min_notional=Decimal(0),
        tradable=True,
        shortable=True,
    )


def bar(symbol: str, end_ns: int, prices: tuple[int, int], volume: int) -> Bar:
    """Return a minute's bar; ``prices`` are open and close, in cents."""
    opened, closed = prices
    return Bar(
        feed=f"replay-{NAME}",
        venue=VENUE,
        symbol=symbol,
        timeframe_ns=TIMEFRAME_NS,
        start_ns=end_ns - TIMEFRAME_NS,
        end_ns=end_ns,
        open=opened,
        high=max(opened, closed) + 1,
        low=min(opened, closed) - 1,
        close=closed,
        volume=volume,
    )
