"""An option's Greeks as of a bar, in the units of the contract, and when there are none."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as st

from tidegate_contracts.market import Bar, Instrument, OptionGreeks
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND
from tidegate_market_data.core.black_scholes import EuropeanOption
from tidegate_market_data.core.option_greeks import (
    UNDERLYING_AGE_MAX_NS,
    GreeksModel,
    greeks_of,
)
from tidegate_market_data.testing import START_NS, bar, instrument, option

MODEL = GreeksModel(Decimal("0.04"))
CALL, PUT = "AAPL240119C00100000", "AAPL240119P00100000"
EXPIRES_NS = START_NS + 18 * NS_PER_DAY + 21 * 3_600 * NS_PER_SECOND


def _found(symbol: str = CALL, close: int = 350, **around: Any) -> OptionGreeks | None:  # noqa: ANN401
    """Ask with the underlying at 101.00 at the same moment, unless something else is said."""
    usual: dict[str, Any] = {"newest": bar(0), "bar": bar(0, symbol, close=close), "model": MODEL}
    said = usual | around
    underlying = None if said["newest"] is None else (instrument(), said["newest"])
    return greeks_of(option(symbol), said["bar"], underlying, said["model"])


def _value(found: OptionGreeks | None, name: str) -> float:
    assert found is not None
    return float(getattr(found, name))


@pytest.mark.parametrize("symbol", [CALL, PUT])
def test_units_are_those_of_the_contract(symbol: str) -> None:
    """A day's theta, a point's vega: what the model's price does when a day or a point goes by."""
    found = _found(symbol)
    years = (EXPIRES_NS - bar(0).end_ns) / (365 * NS_PER_DAY)

    def price(*, spot: float = 101.0, points: float = 0.0, days: float = 0.0) -> float:
        asked = EuropeanOption(symbol == CALL, spot, 100.0, years - days / 365, 0.04)
        volatility = EuropeanOption(symbol == CALL, 101.0, 100.0, years, 0.04).implied_volatility(
            3.5
        )
        assert volatility is not None
        return asked.price(volatility + points / 100)

    assert price() == pytest.approx(3.5)
    delta = (price(spot=101.01) - price(spot=100.99)) / 0.02
    assert _value(found, "delta") == pytest.approx(delta, abs=1e-6)
    gamma = (price(spot=101.1) - 2 * price() + price(spot=100.9)) / 0.01
    assert _value(found, "gamma") == pytest.approx(gamma, abs=1e-4)
    vega = (price(points=0.1) - price(points=-0.1)) / 0.2
    assert _value(found, "vega") == pytest.approx(vega, abs=1e-5)
    theta = (price(days=0.01) - price(days=-0.01)) / 0.02
    assert _value(found, "theta") == pytest.approx(theta, abs=1e-5)
    assert found is not None
    assert found.at_ns == bar(0).end_ns


@given(
    symbol=st.sampled_from([CALL, PUT]), close=st.integers(1, 12_000), spot=st.integers(1, 30_000)
)
def test_greeks_have_eight_places_and_their_signs(symbol: str, close: int, spot: int) -> None:
    """Whatever the closes are, there are none or ones that can be."""
    newest = bar(0, close=spot)
    found = _found(symbol, close, newest=newest)
    if found is None:
        return
    values = [found.delta, found.gamma, found.vega, found.theta]
    assert all(each == round(each, 8) for each in values)
    assert all(str(each) != "-0E-8" for each in values)
    assert 0 <= found.delta * (1 if symbol == CALL else -1) <= 1
    assert found.gamma >= 0
    assert found.vega >= 0


def test_the_rate_counts() -> None:
    """With a higher rate a call of the same price has less volatility, and moves otherwise."""
    assert _found() != _found(model=GreeksModel(Decimal(0)))


@pytest.mark.parametrize(
    "around",
    [
        {"newest": None},
        {"newest": bar(-1)},
        {"bar": bar(18, CALL, close=350), "newest": bar(18)},
        {"close": 99},
        {"close": 9_999},
    ],
    ids=["no bar of the underlying", "a stale one", "expired", "below intrinsic", "too dear"],
)
def test_there_are_none(around: dict[str, Any]) -> None:
    """Where the model has no answer, nobody makes one up."""
    assert _found(**around) is None


def test_an_instrument_without_terms_has_none() -> None:
    """Nobody knows what it is an option on."""
    nameless = msgspec.structs.replace(option(CALL), option=None)
    assert greeks_of(nameless, bar(0, CALL, close=350), (instrument(), bar(0)), MODEL) is None


def test_the_underlyings_close_may_be_five_minutes_old() -> None:
    """And no older."""

    def older(by_ns: int) -> Bar:
        newest = bar(0)
        return msgspec.structs.replace(newest, end_ns=newest.end_ns - by_ns)

    assert _found(newest=older(UNDERLYING_AGE_MAX_NS)) is not None
    assert _found(newest=older(UNDERLYING_AGE_MAX_NS + 1)) is None


def test_the_scales_of_both_prices_count() -> None:
    """101.0000 is 101.00."""
    finer: Instrument = msgspec.structs.replace(instrument(), price_scale=4)
    newest = bar(0, close=1_010_000)
    assert greeks_of(option(CALL), bar(0, CALL, close=350), (finer, newest), MODEL) == _found()
