"""NautilusTrader: its back-test engine with a bar-driven venue, cash account, risk and portfolio.

A market order that is sent when a bar closes is matched at once, at that bar's close: the engine
has no other price yet. Ours fills at the next bar's open.
"""

from __future__ import annotations

import sys
from decimal import Decimal
from typing import Any

import nautilus_trader
import numpy as np
import pandas as pd
from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
from nautilus_trader.config import LoggingConfig, StrategyConfig
from nautilus_trader.indicators import ExponentialMovingAverage
from nautilus_trader.model.currencies import USD
from nautilus_trader.model.data import BarType
from nautilus_trader.model.enums import AccountType, OmsType, OrderSide
from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
from nautilus_trader.model.instruments import Equity
from nautilus_trader.model.objects import Money, Price, Quantity
from nautilus_trader.persistence.wranglers import BarDataWrangler
from nautilus_trader.trading.strategy import Strategy
from tests.benchmarks.peers.played import CAPITAL, FEE, QUANTITY, Engine, Result, report

VENUE = Venue("SIM")
INSTRUMENT_ID = InstrumentId(Symbol("WALK"), VENUE)
BAR_TYPE = BarType.from_str(f"{INSTRUMENT_ID}-1-MINUTE-LAST-EXTERNAL")


class CrossoverConfig(StrategyConfig, frozen=True):  # type: ignore[misc, call-arg] # no types
    """Lengths of the averages."""

    fast: int
    slow: int


class Crossover(Strategy):  # type: ignore[misc] # no types
    """Long while the fast average is above the slow one."""

    def __init__(self, config: CrossoverConfig) -> None:
        """Make the averages."""
        super().__init__(config)
        self.quick = ExponentialMovingAverage(config.fast)
        self.calm = ExponentialMovingAverage(config.slow)
        self.was_above = False
        self.holds = False

    def on_start(self) -> None:
        """Ask for the bars."""
        self.register_indicator_for_bars(BAR_TYPE, self.quick)
        self.register_indicator_for_bars(BAR_TYPE, self.calm)
        self.subscribe_bars(BAR_TYPE)

    def on_bar(self, bar: Any) -> None:  # noqa: ANN401 - no types
        """Trade when the averages cross."""
        above = self.quick.value > self.calm.value
        if above and not self.was_above and self.calm.initialized:
            self.trade(OrderSide.BUY)
        elif self.quick.value < self.calm.value and self.holds:
            self.trade(OrderSide.SELL)
        self.was_above = above

    def trade(self, side: Any) -> None:  # noqa: ANN401 - no types
        """Send a market order."""
        self.holds = side == OrderSide.BUY
        quantity = Quantity.from_int(QUANTITY)
        self.submit_order(self.order_factory.market(INSTRUMENT_ID, side, quantity))


def instrument() -> Equity:
    """Return the symbol with its fee."""
    return Equity(
        instrument_id=INSTRUMENT_ID,
        raw_symbol=INSTRUMENT_ID.symbol,
        currency=USD,
        price_precision=2,
        price_increment=Price.from_str("0.01"),
        lot_size=Quantity.from_int(1),
        maker_fee=Decimal(str(FEE)),
        taker_fee=Decimal(str(FEE)),
        ts_event=0,
        ts_init=0,
    )


def main(path: str, fast: int, slow: int, runs: int) -> None:
    """Measure `BacktestEngine.run`; the bars are made into its own objects before."""
    bars = np.load(path)
    names = ("open", "high", "low", "close")
    columns = {name: bars[row] / 100 for row, name in enumerate(names, 1)}
    ends = pd.to_datetime(bars[0] + 60, unit="s", utc=True)
    frame = pd.DataFrame({**columns, "volume": bars[5].astype(float)}, index=ends)
    walk = instrument()
    engine = BacktestEngine(BacktestEngineConfig(logging=LoggingConfig(bypass_logging=True)))
    engine.add_venue(
        venue=VENUE,
        oms_type=OmsType.NETTING,
        account_type=AccountType.CASH,
        base_currency=USD,
        starting_balances=[Money(CAPITAL, USD)],
    )
    engine.add_instrument(walk)
    engine.add_data(BarDataWrangler(BAR_TYPE, walk).process(frame))

    def prepare() -> None:
        engine.reset()
        engine.clear_strategies()
        engine.add_strategy(Crossover(CrossoverConfig(fast=fast, slow=slow)))

    def play() -> Result:
        engine.run()
        cash = engine.portfolio.account(VENUE).balance_total(USD).as_double()
        held = float(engine.portfolio.net_position(INSTRUMENT_ID)) * float(columns["close"][-1])
        return Result(engine.cache.orders_closed_count(), cash + held)

    version = nautilus_trader.__version__
    report(Engine("nautilus_trader", version, bars.shape[1], play, prepare), runs)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]))
