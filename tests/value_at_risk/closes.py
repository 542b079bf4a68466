"""Daily closes of a Parquet file, as the decision shard keeps them: whole hundredths of a cent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from tidegate_kernel.time import NS_PER_DAY
from tidegate_risk.core.portfolio.estimates import Estimates
from tidegate_risk.core.portfolio.window import ReturnWindow

Reals = NDArray[np.float64]
Wholes = NDArray[np.int64]
Days = NDArray[np.datetime64]

DATA = (
    Path(__file__).parents[3]
    / "shared"
    / "data"
    / "equities"
    / "us_daily_huge_550_2006_2015.parquet"
)
UNITS_PER_DOLLAR = 10_000
SAMPLES_MAX = 500
SAMPLES_MIN = 60


class Closes:
    """Closes (symbols, days) of some symbols on all days on which all of them traded."""

    def __init__(self, path: Path, symbols: Sequence[str]) -> None:
        table = pq.read_table(
            path, columns=["symbol", "date", "close"], filters=pc.field("symbol").isin(symbols)
        )
        names = table["symbol"].to_numpy(zero_copy_only=False)
        days = table["date"].to_numpy().astype("datetime64[D]")
        prices = table["close"].to_numpy().astype(np.float64)
        common = days[names == symbols[0]]
        for each in symbols[1:]:
            common = np.intersect1d(common, days[names == each])
        self.symbols = tuple(symbols)
        self.days: Days = common
        rows = []
        for each in symbols:
            own = names == each
            places = np.searchsorted(days[own], common)
            rows.append(np.rint(prices[own][places] * UNITS_PER_DOLLAR))
        self.closes: Wholes = np.array(rows, np.int64)

    @property
    def returns(self) -> Reals:
        """Simple returns (symbols, days - 1), worked out here and not by the service."""
        found: Reals = self.closes[:, 1:] / self.closes[:, :-1] - 1
        return found

    def window(self) -> ReturnWindow:
        """Return the closes in the service's own window, every day ending at its midnight."""
        window = ReturnWindow(NS_PER_DAY, len(self.days))
        window.append(self.symbols, self.ends_ns(), self.closes)
        return window

    def ends_ns(self) -> Wholes:
        """Return the end of every day."""
        days: Wholes = self.days.astype(np.int64)
        return (days + 1) * NS_PER_DAY

    def place_of(self, day: str) -> int:
        """Return the place of the first day from a date on."""
        return int(np.searchsorted(self.days, np.datetime64(day)))


def estimates_at(closes: Closes, window: ReturnWindow, place: int) -> Estimates:
    """Return the service's estimates as they were when a day had ended."""
    as_of_ns = int(closes.ends_ns()[place])
    return Estimates(window, as_of_ns, samples_max=SAMPLES_MAX, samples_min=SAMPLES_MIN)
