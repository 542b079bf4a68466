"""The packaged demo data."""

from __future__ import annotations

import csv
import gzip
from collections import Counter

import pytest

from tidegate_contracts.market import Bar
from tidegate_kernel.time import parse_time
from tidegate_market_data.adapters.dataset import Dataset
from tidegate_market_data.adapters.demo_data import DEMO_SYMBOLS, _location, demo_dataset
from tidegate_market_data.core.validity import rejection_of_values
from tidegate_market_data.errors import DataError


@pytest.fixture(scope="module")
def demo() -> Dataset:
    """Read the data once."""
    return demo_dataset(feed="f")


def _bars(dataset: Dataset) -> list[Bar]:
    return [bar for batch in dataset.batches() for bar in batch.bars]


def test_it_holds_the_bars_that_it_should(demo: Dataset) -> None:
    """Five US stocks from 2000 to 2013, every bar valid after rounding."""
    bars = _bars(demo)
    assert Counter(bar.symbol for bar in bars) == {
        "AAPL": 3270,
        "IBM": 3270,
        "MSFT": 3270,
        "GOOG": 2148,
        "FB": 196,
    }
    assert tuple(each.symbol for each in demo.instruments) == DEMO_SYMBOLS
    assert [bar for bar in bars if rejection_of_values(bar) is not None] == []
    assert demo.first_ns == parse_time("2000-03-01T00:00Z")[0]
    assert demo.last_ns == parse_time("2013-03-02T00:00Z")[0]


@pytest.fixture(scope="module")
def raw_closes() -> dict[tuple[str, str], float]:
    """Read the closes as the package holds them, by ticker and date."""
    with gzip.open(_location(), "rt", encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file)
        return {(row["Ticker"], row["Date"]): float(row["Close"]) for row in rows}


@pytest.mark.parametrize(
    "case",
    [
        ("AAPL", "2000-06-20", "2000-06-21", 0.0988),
        ("AAPL", "2005-02-25", "2005-02-28", 0.0082),
        ("MSFT", "2003-02-14", "2003-02-18", 0.0335),
    ],
)
def test_split_days_are_ordinary_days(
    demo: Dataset,
    raw_closes: dict[tuple[str, str], float],
    case: tuple[str, str, str, float],
) -> None:
    """On the three split days the raw close halves; the adjusted one moves as the stock did."""
    symbol, before, day, adjusted_return = case
    raw_return = raw_closes[symbol, day] / raw_closes[symbol, before] - 1
    assert raw_return < -0.44
    assert _return(demo, symbol, before, day) == pytest.approx(adjusted_return, abs=1e-4)
    assert (1 + adjusted_return) / (1 + raw_return) == pytest.approx(2.0, abs=0.01)


def _return(demo: Dataset, symbol: str, before: str, day: str) -> float:
    (instrument,) = [each for each in demo.instruments if each.symbol == symbol]
    from_ns, to_ns = (parse_time(f"{each}T00:00Z")[0] for each in (before, day))
    first, second = demo.history(instrument, from_ns, to_ns + 1, 9)
    return second.close / first.close - 1


def test_a_real_crash_is_kept(demo: Dataset) -> None:
    """AAPL lost half of its value on 2000-09-29; no split."""
    found = _return(demo, "AAPL", "2000-09-28", "2000-09-29")
    assert found == pytest.approx(-0.5187, abs=1e-4)


def test_symbols_can_be_chosen_and_unknown_ones_are_refused() -> None:
    """The error lists what there is."""
    assert {bar.symbol for bar in _bars(demo_dataset(feed="f", symbols=["IBM"]))} == {"IBM"}
    with pytest.raises(DataError, match="the symbols TSLA, found the symbols AAPL, FB, GOOG"):
        demo_dataset(feed="f", symbols=["TSLA"])
