"""backtesting.py: averages as arrays made before, then one call of the strategy for each bar."""

from __future__ import annotations

import sys
import warnings
from typing import Any

import backtesting
import numpy as np
import pandas as pd
from tests.benchmarks.peers.played import CAPITAL, FEE, QUANTITY, Engine, Result, report


def average(values: Any, length: int) -> Any:  # noqa: ANN401 - its own kind of array
    """Return the exponential average, seeded with the first value."""
    return pd.Series(values).ewm(span=length, adjust=False).mean().to_numpy()


def main(path: str, fast: int, slow: int, runs: int) -> None:
    """Measure."""
    bars = np.load(path)
    names = ("Open", "High", "Low", "Close")
    columns = {name: bars[row] / 100 for row, name in enumerate(names, 1)}
    index = pd.to_datetime(bars[0], unit="s")
    frame = pd.DataFrame({**columns, "Volume": bars[5]}, index=index)

    class Crossover(backtesting.Strategy):  # type: ignore[misc] # the package has no types
        def init(self) -> None:
            self.quick = self.I(average, self.data.Close, fast, plot=False)
            self.calm = self.I(average, self.data.Close, slow, plot=False)
            self.was_above = False

        def next(self) -> None:
            above = self.quick[-1] > self.calm[-1]
            if above and not self.was_above and len(self.data) >= slow:
                self.buy(size=QUANTITY)
            elif self.quick[-1] < self.calm[-1] and self.position:
                self.position.close()
            self.was_above = above

    def play() -> Result:
        test = backtesting.Backtest(frame, Crossover, cash=CAPITAL, commission=FEE)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a position that is left open
            stats = test.run()
        held = stats._strategy.position.size != 0
        return Result(2 * int(stats["# Trades"]) + int(held), float(stats["Equity Final [$]"]))

    report(Engine("backtesting", backtesting.__version__, bars.shape[1], play), runs)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:5]))
