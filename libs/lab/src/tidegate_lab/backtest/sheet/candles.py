"""Bars put together until a picture can show them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tidegate_market_data.adapters.dataset import Bars

CANDLES_MAX = 400


class Candles(NamedTuple):
    """One symbol's candles; all arrays have the same length, prices are floats."""

    starts_ns: NDArray[np.int64]
    prices: NDArray[np.float64]
    """(4, n): open, high, low, close."""
    width_ns: int


def candles_of(bars: Bars, codes: list[int]) -> dict[int, Candles]:
    """Return the candles of some instruments, by their places; bars are read a chunk at a time."""
    span_ns = bars.last_ns - bars.first_ns
    width_ns = -(-span_ns // (CANDLES_MAX * bars.timeframe_ns)) * bars.timeframe_ns
    count = -(-span_ns // width_ns)
    found = {code: np.full((4, count), np.nan) for code in codes}
    for chunk, values in bars.chunks():
        for code, prices in found.items():
            mine = np.flatnonzero(chunk == code)
            if len(mine):
                place = (values[0, mine] - bars.first_ns) // width_ns
                _add(prices, place, values[1:5, mine].astype(np.float64))
    starts_ns = bars.first_ns + np.arange(count) * width_ns
    return {
        code: _present(starts_ns, prices / 10.0 ** bars.instruments[code].price_scale, width_ns)
        for code, prices in found.items()
    }


def _add(prices: NDArray[np.float64], place: NDArray[np.int64], new: NDArray[np.float64]) -> None:
    """Put a run of later bars into the candles that they belong to."""
    first = np.flatnonzero(np.diff(place, prepend=-1))
    where = place[first]
    last = np.append(first[1:], len(place)) - 1
    opened, high, low = prices[0, where], prices[1, where], prices[2, where]
    prices[0, where] = np.where(np.isnan(opened), new[0, first], opened)
    prices[1, where] = np.fmax(high, np.maximum.reduceat(new[1], first))
    prices[2, where] = np.fmin(low, np.minimum.reduceat(new[2], first))
    prices[3, where] = new[3, last]


def _present(starts_ns: NDArray[np.int64], prices: NDArray[np.float64], width_ns: int) -> Candles:
    known = ~np.isnan(prices[0])
    return Candles(starts_ns[known], prices[:, known], width_ns)
