"""Options' symbols: read exactly, and nothing else is taken for one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from string import ascii_uppercase

import pytest
from hypothesis import given, settings, strategies as st

from tidegate_kernel.contracts import CONTRACT_UNITS, is_option, option_of, underlying_of, units_of


@settings(max_examples=50)
@given(
    root=st.text(ascii_uppercase, min_size=1, max_size=6),
    expires_on=st.dates(date(2000, 1, 1), date(2099, 12, 31)),
    is_call=st.booleans(),
    thousandths=st.integers(1, 99_999_999),
)
def test_a_symbol_is_read_back(
    root: str, expires_on: date, is_call: object, thousandths: int
) -> None:
    """Root, date, right and strike, to the thousandth."""
    right = "C" if is_call else "P"
    found = option_of(f"{root}{expires_on:%y%m%d}{right}{thousandths:08d}")
    assert found is not None
    assert (found.underlying, found.expires_on, found.is_call) == (root, expires_on, is_call)
    assert found.strike * 1000 == thousandths


@pytest.mark.parametrize(
    "symbol",
    [
        "AAPL",
        "BTC/USD",
        "AAPL271317C00200000",
        "AAPL1271217C00200000",
        "AAPL271217X00200000",
        "AAPL271217C0020000",
        "aapl271217C00200000",
        "AAPL271217C00200000 ",
        "BTCUSDT",
        "",
    ],
)
def test_what_is_no_option_counts_single_units(symbol: str) -> None:
    """Shares, pairs, dates that do not exist, adjusted contracts."""
    assert not is_option(symbol)
    assert units_of(symbol) == 1
    assert underlying_of(symbol) == symbol


def test_a_contract_is_100_units() -> None:
    """And a strike is written without needless zeros."""
    assert units_of("AAPL271217C00200000") == CONTRACT_UNITS == 100
    assert underlying_of("AAPL271217C00200000") == "AAPL"
    found = option_of("SPY270115P00412500")
    assert found is not None
    assert str(found.strike) == str(Decimal("412.5"))
