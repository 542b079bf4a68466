"""The model beside another's Greeks of real options: those that Lean published with its chains.

At Lean's own volatilities, because many of these do not make the closes that stand beside them.
What remains is what the models leave out: Lean's has dividends and early exercise.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyarrow import parquet

from tidegate_market_data.core.black_scholes import EuropeanOption

CHAINS = Path(__file__).parents[5] / "shared" / "data" / "options"
NONE = 1e-6
"""Lean's word for a volatility that it did not find."""


def _years(row: dict[str, Any]) -> float:
    closes: datetime = row["date"] + timedelta(hours=16)
    left: timedelta = row["expiry"] + timedelta(hours=16) - closes
    return left / timedelta(days=365)


def _errors(name: str, rate: float) -> dict[str, tuple[float, float]]:
    """Return the median and the 90th percentile of each Greek's difference."""
    path = CHAINS / name
    if not path.is_file():
        pytest.skip(f"there is no {name} of Lean's chains on this machine")
    found = []
    for row in parquet.read_table(path).to_pylist():
        if not row["implied_volatility"] > NONE or _years(row) <= 0 or not row["close"] > 0:
            continue
        option = EuropeanOption(
            is_call=row["right"] == "C",
            spot=row["underlying_close"],
            strike=row["strike"],
            years=_years(row),
            rate=rate,
        )
        delta, gamma, vega, theta = option.greeks(row["implied_volatility"])
        ours = (delta, gamma, vega / 100, theta / 365)
        theirs = [row[each] for each in ("delta", "gamma", "vega", "theta")]
        found.append(np.abs(np.subtract(ours, theirs)))
    errors = np.percentile(found, (50, 90), axis=0).T
    names = ("delta", "gamma", "vega", "theta")
    return {each: (float(m), float(p)) for each, (m, p) in zip(names, errors, strict=True)}


def _require(error: tuple[float, float], median_max: float, tenth_max: float) -> None:
    assert error[0] < median_max
    assert error[1] < tenth_max


def test_greeks_of_google_are_those_of_lean() -> None:
    """1,862 contracts of 2015-12-24, of a share without dividends: a small part of each Greek."""
    errors = _errors("lean_GOOG_universe_iv_greeks_20151224.parquet", 0.01)
    _require(errors["delta"], 0.002, 0.01)
    _require(errors["gamma"], 0.00003, 0.0002)
    _require(errors["vega"], 0.015, 0.03)
    _require(errors["theta"], 0.004, 0.1)


def test_greeks_of_apple_differ_by_what_the_model_leaves_out() -> None:
    """9,738 of 11 days of June 2014, before and after a split, with dividends: far more."""
    errors = _errors("lean_AAPL_universe_iv_greeks_201406.parquet", 0.0075)
    _require(errors["delta"], 0.04, 0.25)
    _require(errors["gamma"], 0.0002, 0.002)
    _require(errors["vega"], 0.03, 0.4)
    _require(errors["theta"], 0.07, 0.4)
