"""The account at the end of each UTC day, beside the market that it traded.

Equity is the portfolio service's own: the last snapshot of the account that was known by a
midnight (`tidegate_lab.statistics.curve`). Buying and holding and the exposure are reckoned here
from closes; they are statistics, floats, and decide nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from tidegate_kernel.time import NS_PER_DAY

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from tidegate_contracts.portfolio import AccountSnapshot, Position
    from tidegate_market_data.adapters.dataset import Bars

    Floats = NDArray[np.float64]
    Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Market:
    """The UTC days (since 1970) in which bars end, rising.

    `closes` (days, symbols) holds each symbol's last close known by a day's end, NaN before any;
    `first_opens` the open of each symbol's first bar, NaN if it has none.
    """

    days: Integers
    closes: Floats
    first_opens: Floats


@dataclass(frozen=True)
class Days:
    """One row for each UTC day in which a bar ends; money is in the session's currency.

    `equity` is the last known at the day's end, `opening` the capital. `buy_and_hold` is what the
    capital would be, had it been spent in equal parts on the open of every symbol's first bar,
    without costs. `gross` is the sum of the absolute values of all positions, `net` their sum,
    both as a share of equity.
    """

    opening: float
    days: Integers
    equity: Floats
    buy_and_hold: Floats
    gross: Floats
    net: Floats

    @property
    def ends_ns(self) -> Integers:
        """The midnights at which the days end."""
        return (self.days + 1) * NS_PER_DAY

    @property
    def drawdown(self) -> Floats:
        """How far the equity is below its highest day, as a share of it."""
        peaks = np.maximum.accumulate(np.concatenate([[self.opening], self.equity]))[1:]
        return 1 - self.equity / peaks

    @property
    def days_under_water(self) -> int:
        """The most calendar days between a peak and the day that reached it again, or the end."""
        peak, since, longest = self.opening, int(self.days[0]) - 1, 0
        below = False
        for day, equity in zip(self.days.tolist(), self.equity.tolist(), strict=True):
            if below or equity < peak:
                longest = max(longest, day - since)
            below = equity < peak
            if not below:
                peak, since = equity, day
        return longest

    def table(self) -> pa.Table:
        """Return the rows as `days.parquet` holds them; shares and money are float64."""
        return pa.table(
            {
                "ends_ns": self.ends_ns,
                "equity": self.equity,
                "buy_and_hold": self.buy_and_hold,
                "drawdown": self.drawdown,
                "gross_exposure": self.gross,
                "net_exposure": self.net,
            }
        )


def days_of(
    bars: Bars, snapshots: Sequence[AccountSnapshot], positions: Sequence[Position]
) -> Days:
    """Return the days of a run, from what the portfolio said and the bars that were played."""
    # The last snapshot is of the end of the feed, a nanosecond after its last instant.
    at_ns = np.array([min(each.event_at_ns, bars.last_ns) for each in snapshots], np.int64)
    equity = np.array([float(each.equity) for each in snapshots])
    market = market_of(bars)
    days, closes = market.days, market.closes
    known = equity[np.searchsorted(at_ns, (days + 1) * NS_PER_DAY, side="right") - 1]
    quantities = _quantities(bars, positions, (days + 1) * NS_PER_DAY)
    values = np.nan_to_num(quantities * closes)
    held = np.where(known > 0, known, np.nan)
    return Days(
        opening=float(equity[0]),
        days=days,
        equity=known,
        buy_and_hold=equity[0] * np.nan_to_num(closes / market.first_opens, nan=1.0).mean(axis=1),
        gross=np.nan_to_num(np.abs(values).sum(axis=1) / held),
        net=np.nan_to_num(values.sum(axis=1) / held),
    )


def market_of(bars: Bars) -> Market:
    """Read the last close of every day and symbol, a chunk of bars at a time."""
    count = len(bars.instruments)
    places: list[Integers] = []
    closes: list[Integers] = []
    first_opens = np.full(count, np.nan)
    for codes, values in bars.chunks():
        days = (values[0] + bars.timeframe_ns - 1) // NS_PER_DAY
        keys = days * count + codes
        order = np.argsort(keys, kind="stable")
        last = order[np.flatnonzero(np.diff(keys[order], append=-1))]
        places.append(keys[last])
        closes.append(values[4, last])
        for code in np.flatnonzero(np.isnan(first_opens)):
            found = np.flatnonzero(codes == code)
            if len(found):
                first_opens[code] = values[1, found[0]]
    scales = np.array([10.0**each.price_scale for each in bars.instruments])
    days, table = _filled(np.concatenate(places), np.concatenate(closes), count)
    return Market(days, table / scales, first_opens / scales)


def _filled(keys: Integers, closes: Integers, count: int) -> tuple[Integers, Floats]:
    """Lay closes out by day and symbol; a day without one has the one before."""
    days, rows = np.unique(keys // count, return_inverse=True)
    table = np.full((len(days), count), np.nan)
    table[rows, keys % count] = closes
    known = np.where(np.isnan(table), 0, np.arange(len(days))[:, None])
    filled = np.take_along_axis(table, np.maximum.accumulate(known, axis=0), axis=0)
    return days, filled


def _quantities(bars: Bars, positions: Sequence[Position], ends_ns: Integers) -> Floats:
    """Return what was held of each symbol when a day ended, (days, symbols).

    A fill at midnight itself is of the next day: it is the open of a bar that starts there.
    """
    held = np.zeros((len(ends_ns), len(bars.instruments)))
    for code, instrument in enumerate(bars.instruments):
        mine = [
            (each.event_at_ns, float(each.quantity))
            for each in positions
            if (each.venue, each.symbol) == (instrument.venue, instrument.symbol)
        ]
        if mine:
            at_ns, quantity = np.array([at for at, _ in mine]), np.array([q for _, q in mine])
            place = np.searchsorted(at_ns, ends_ns, side="left") - 1
            held[:, code] = np.where(place >= 0, quantity[np.maximum(place, 0)], 0.0)
    return held
