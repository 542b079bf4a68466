"""vectorbt: the whole run as a few array operations; its Rust engine where it is installed.

Signals are shifted by one bar and filled at that bar's open: the next open after the crossing.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import vectorbt as vbt
from tests.benchmarks.peers.played import CAPITAL, FEE, QUANTITY, Engine, Result, report


def main(path: str, fast: int, slow: int, runs: int, engine: str) -> None:
    """Measure."""
    bars = np.load(path)
    index = pd.to_datetime(bars[0], unit="s")
    opened, close = (pd.Series(bars[row] / 100, index) for row in (1, 4))

    def play() -> Result:
        quick, calm = (vbt.MA.run(close, length, ewm=True).ma for length in (fast, slow))
        above = (quick > calm).to_numpy() & (np.arange(len(close)) >= slow - 1)
        entries = np.concatenate(([False], above[:-1]))
        portfolio = vbt.Portfolio.from_signals(
            close,
            entries=entries,
            exits=~entries,
            price=opened,
            size=QUANTITY,
            fees=FEE,
            init_cash=CAPITAL,
            freq="1min",
            engine=engine,
        )
        return Result(len(portfolio.order_records), float(portfolio.final_value()))

    report(Engine(f"vectorbt_{engine}", vbt.__version__, bars.shape[1], play), runs)


if __name__ == "__main__":
    fast_bars, slow_bars, times = map(int, sys.argv[2:5])
    main(sys.argv[1], fast_bars, slow_bars, times, sys.argv[5])
