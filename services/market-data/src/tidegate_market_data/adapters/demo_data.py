"""The packaged demo data: real daily bars of five US stocks, adjusted for splits and dividends.

The data (AAPL, FB, GOOG, IBM and MSFT, 2000-03-01 to 2013-03-01, public domain) lie in the
package bokeh_sampledata; only its file is read, the package itself is not imported. Its prices
are raw: they halve on the day of a 2:1 split. Every price is multiplied by Adj Close / Close and
the volume divided by it, and the results are rounded half-even once: prices to 4 decimals,
volumes to whole shares.
"""

from __future__ import annotations

import csv
import gzip
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tidegate_contracts.market import Instrument
from tidegate_kernel.money import MONEY_CONTEXT, round_to_scaled
from tidegate_kernel.time import NS_PER_DAY, parse_time
from tidegate_market_data.adapters.dataset import Dataset
from tidegate_market_data.adapters.files import DEFAULT_VENUE
from tidegate_market_data.adapters.instruments import instrument_of
from tidegate_market_data.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

DEMO_PATH = "packaged:us-stocks"
"""Stands for the packaged data where a configuration expects a path."""

DEMO_SYMBOLS = ("AAPL", "FB", "GOOG", "IBM", "MSFT")
PRICE_SCALE = 4
SIZE_SCALE = 0
_PACKAGE = "bokeh_sampledata"
_FILE = "_data/stocks.csv.gz"


def demo_dataset(*, feed: str, symbols: Sequence[str] = ()) -> Dataset:
    """Read and adjust the packaged bars."""
    path = _location()
    chosen = tuple(sorted(symbols)) or DEMO_SYMBOLS
    unknown = [symbol for symbol in chosen if symbol not in DEMO_SYMBOLS]
    if unknown:
        found = f"the symbols {', '.join(DEMO_SYMBOLS)}"
        raise DataError(DEMO_PATH, f"the symbols {', '.join(unknown)}", found)
    places = {symbol: code for code, symbol in enumerate(chosen)}
    rows = sorted(
        (start_ns, places[symbol], *values)
        for symbol, start_ns, values in _adjusted(path)
        if symbol in places
    )
    columns = np.array(rows, np.int64).T
    return Dataset(
        feed=feed,
        timeframe_ns=NS_PER_DAY,
        instruments=tuple(_instrument(feed, symbol) for symbol in chosen),
        codes=columns[1].astype(np.int32),
        values=np.ascontiguousarray(np.delete(columns, 1, axis=0)),
    )


def _instrument(feed: str, symbol: str) -> Instrument:
    return instrument_of(feed, DEFAULT_VENUE, symbol, PRICE_SCALE, SIZE_SCALE)


def _location() -> Path:
    spec = find_spec(_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise DataError(
            DEMO_PATH, f"the package {_PACKAGE}", "no such package", "run `make demo`, or --data"
        )
    return Path(spec.submodule_search_locations[0]) / _FILE


def _adjusted(path: Path) -> Iterator[tuple[str, int, tuple[int, ...]]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            factor = MONEY_CONTEXT.divide(Decimal(row["Adj Close"]), Decimal(row["Close"]))
            prices = [
                round_to_scaled(MONEY_CONTEXT.multiply(Decimal(row[name]), factor), PRICE_SCALE)
                for name in ("Open", "High", "Low", "Close")
            ]
            volume = MONEY_CONTEXT.divide(Decimal(row["Volume"]), factor)
            start_ns, _ = parse_time(row["Date"])
            yield row["Ticker"], start_ns, (*prices, round_to_scaled(volume, SIZE_SCALE))
