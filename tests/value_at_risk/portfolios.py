"""What is held in the back-test: shares of equity, set again to the same every day.

The names were chosen before anything was computed: an index, what broke in 2008, what did not, a
spread over classes of assets, and a book with a short side.
"""

from __future__ import annotations

from collections.abc import Mapping

BANKS = ("BAC", "C", "GS", "JPM", "MS", "WFC")
LARGE = (
    *("AAPL", "CSCO", "CVX", "GE", "HD", "IBM", "INTC", "JNJ", "KO", "MRK", "MSFT", "PFE"),
    *("PG", "T", "VZ", "WMT", "XOM", "BAC", "JPM", "WFC"),
)

PORTFOLIOS: Mapping[str, Mapping[str, float]] = {
    "S&P 500 (SPY)": {"SPY": 1.0},
    "six banks": dict.fromkeys(BANKS, 1 / len(BANKS)),
    "twenty large stocks": dict.fromkeys(LARGE, 1 / len(LARGE)),
    "stocks, bonds, gold": dict.fromkeys(("GLD", "SPY", "TLT"), 1 / 3),
    "QQQ against IWM": {"IWM": -0.5, "QQQ": 0.5},
}
