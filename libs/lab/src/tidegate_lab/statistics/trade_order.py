"""How deep the same trades might have fallen in another order.

The order of a back-test's trades is one of many. Shuffled (without replacement, so the end is the
same each time) they tell how much of the small drawdown was luck. What hangs together in time is
torn apart by that: where losses come in rows, believe the bootstrap instead.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from tidegate_lab.statistics.errors import StatisticsError

if TYPE_CHECKING:
    from numpy.typing import NDArray

ORDERS = 2_000
_CELLS_AT_A_TIME = 2_000_000


class TradeOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The largest drawdowns of a back-test's trades, in random orders; shares of the peak."""

    trades: int
    observed: float
    """In the order in which they happened, looked at when trades end."""
    median: float
    worst_of_20: float
    """95 % of the orders fell less."""
    worst_of_100: float
    """99 % of the orders fell less."""
    luck: float
    """Share of the orders that fell deeper than what was observed."""


def shuffle_trades(
    trade_returns: NDArray[np.float64], *, orders: int = ORDERS, seed: int = 0
) -> TradeOrder:
    """Shuffle trades: ``trade_returns`` (n,) are each trade's gain as a share of the equity."""
    count = len(trade_returns)
    if count == 0 or not np.isfinite(trade_returns).all():
        raise StatisticsError("trade order", "at least 1 finite trade return", f"{count} trades")
    generator = np.random.default_rng(seed)
    rows = max(1, _CELLS_AT_A_TIME // count)
    drawn = [
        largest_drawdown(
            generator.permuted(np.tile(trade_returns, (min(rows, orders - first), 1)), axis=1)
        )
        for first in range(0, orders, rows)
    ]
    falls = np.concatenate(drawn)
    observed = float(largest_drawdown(trade_returns[None, :])[0])
    median, worst_of_20, worst_of_100 = np.quantile(falls, (0.5, 0.95, 0.99))
    return TradeOrder(
        trades=count,
        observed=observed,
        median=float(median),
        worst_of_20=float(worst_of_20),
        worst_of_100=float(worst_of_100),
        luck=float(np.mean(falls > observed + _EQUAL)),
    )


_EQUAL = 1e-12
"""Drawdowns nearer than this are equal: a sum depends on its order in the last digit."""


def largest_drawdown(returns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return (peak - value) / peak at its largest, for each row of simple returns (rows, n)."""
    value = np.cumprod(1 + returns, axis=1)
    peak = np.maximum(np.maximum.accumulate(value, axis=1), 1.0)
    drawdown: NDArray[np.float64] = np.max((peak - value) / peak, axis=1, initial=0.0)
    return drawdown
