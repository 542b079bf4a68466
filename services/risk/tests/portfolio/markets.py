"""A desk with a history: prices of several symbols, and helpers that read a verdict's numbers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tidegate_contracts.market import Bar
from tidegate_contracts.risk import Verdict
from tidegate_kernel.time import NS_PER_DAY
from tidegate_risk.testing import START_NS, Desk, bar, instrument, parameters

Reals = NDArray[np.float64]


class Market:
    """Daily closes in cents of some symbols, (symbols, days), all at 100 USD on the last day."""

    def __init__(self, returns: Reals, symbols: Sequence[str]) -> None:
        growth = np.cumprod(1 + returns, axis=1)
        closes = np.concatenate([np.ones((len(symbols), 1)), growth], axis=1)
        self.symbols = tuple(symbols)
        self.closes = np.rint(1_000_000 * closes / closes[:, -1:]).astype(np.int64)

    @property
    def returns(self) -> Reals:
        """The returns that the closes have, in whole hundredths of a cent."""
        found: Reals = self.closes[:, 1:] / self.closes[:, :-1] - 1
        return found

    def bars(self) -> list[Bar]:
        """Return the bars, day by day; the last day ends at `START_NS`."""
        days = self.closes.shape[1]
        return [
            bar(symbol, int(self.closes[row, day]), START_NS + (day - days + 1) * NS_PER_DAY)
            for day in range(days)
            for row, symbol in enumerate(self.symbols)
        ]


def desk_of(market: Market, **limits: Any) -> Desk:  # noqa: ANN401 - any limit by its name
    """Return a desk on the day after a market's last, every symbol at 100 USD again."""
    desk = Desk(parameters(**limits), symbols=())
    for symbol in market.symbols:
        desk.tell(instrument(symbol, price_scale=4))
    for each in market.bars():
        desk.now_ns = each.end_ns
        desk.tell(each)
    desk.now_ns = START_NS + NS_PER_DAY
    for symbol in market.symbols:
        desk.tell(bar(symbol, 1_000_000, desk.now_ns))
    return desk


def noise(symbols: int, days: int, seed: int = 0, deviation: float = 0.02) -> Reals:
    """Return independent normal returns."""
    generator = np.random.default_rng(seed)
    found: Reals = generator.normal(0.0, deviation, (symbols, days))
    return found


def numbers(verdict: Verdict) -> dict[str, Decimal]:
    """Return a verdict's numbers by name."""
    return {each.name: each.value for each in verdict.numbers}


def widening_of(profits: Reals) -> float:
    """Return how much wider profits are at present, with weights that fall by 6 % a day."""
    weights = 0.94 ** np.arange(len(profits))[::-1]
    present = np.average(profits**2, weights=weights)
    return max(1.0, float(np.sqrt(present / np.mean(profits**2))))
