"""The model: prices, their derivatives, and the volatility that a price implies."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given, strategies as st
from scipy.optimize import brentq
from scipy.stats import norm

from tidegate_market_data.core.black_scholes import (
    VOLATILITY_MAX,
    VOLATILITY_MIN,
    EuropeanOption,
)

DAY = 1 / 365
options = st.builds(
    lambda is_call, spot, moneyness, years, rate: EuropeanOption(
        is_call=is_call, spot=spot, strike=spot * moneyness, years=years, rate=rate
    ),
    is_call=st.booleans(),
    spot=st.floats(1, 5_000),
    moneyness=st.floats(0.7, 1.4),
    years=st.floats(DAY, 3),
    rate=st.floats(-0.02, 0.1),
)
volatilities = st.floats(0.05, 3)
CALL_OF_HULL = EuropeanOption(is_call=True, spot=49, strike=50, years=0.3846, rate=0.05)


def _by_scipy(option: EuropeanOption, volatility: float) -> float:
    """Write the formula once more, with another library's distribution."""
    spread = volatility * math.sqrt(option.years)
    drift = (option.rate + volatility**2 / 2) * option.years
    first = (math.log(option.spot / option.strike) + drift) / spread
    sign = 1 if option.is_call else -1
    strike = option.strike * math.exp(-option.rate * option.years)
    held, owed = norm.cdf(sign * first), norm.cdf(sign * (first - spread))
    return float(sign * (option.spot * held - strike * owed))


@given(option=options, volatility=volatilities)
def test_prices_are_those_of_the_formula(option: EuropeanOption, volatility: float) -> None:
    """To the last bits of the underlying's price."""
    expected = _by_scipy(option, volatility)
    assert option.price(volatility) == pytest.approx(expected, abs=1e-13 * option.spot)


def test_an_example_of_hull() -> None:
    """Options, Futures, and Other Derivatives: 42, 40, 10 %, 20 %, half a year: 4.76 and 0.81."""
    call, put = (EuropeanOption(is_call, 42, 40, 0.5, 0.1) for is_call in (True, False))
    assert call.price(0.2) == pytest.approx(4.76, abs=0.005)
    assert put.price(0.2) == pytest.approx(0.81, abs=0.005)


def test_greeks_of_an_example_of_hull() -> None:
    """49, 50, 5 %, 20 %, 20 weeks: delta 0.522, gamma 0.066, vega 12.1, theta -4.31 a year."""
    delta, gamma, vega, theta = CALL_OF_HULL.greeks(0.2)
    assert delta == pytest.approx(0.522, abs=0.0005)
    assert gamma == pytest.approx(0.066, abs=0.0005)
    assert vega == pytest.approx(12.1, abs=0.05)
    assert theta == pytest.approx(-4.31, abs=0.005)


@given(option=options, volatility=volatilities)
def test_greeks_are_the_slopes_of_the_price(option: EuropeanOption, volatility: float) -> None:
    """Central differences by the underlying, the volatility and the time agree with all four."""

    def moved(**changes: float) -> EuropeanOption:
        named = {name: getattr(option, name) for name in EuropeanOption.__slots__}
        return EuropeanOption(**{**named, **changes})

    found = option.greeks(volatility)
    step = option.spot * volatility * math.sqrt(option.years) * 1e-3
    up, down = moved(spot=option.spot + step), moved(spot=option.spot - step)
    slope = (up.price(volatility) - down.price(volatility)) / (2 * step)
    assert found.delta == pytest.approx(slope, abs=1e-6)
    bend = (up.greeks(volatility).delta - down.greeks(volatility).delta) / (2 * step)
    assert found.gamma == pytest.approx(bend, rel=1e-4, abs=1e-9)
    wider = volatility * 1e-4
    rise = option.price(volatility + wider) - option.price(volatility - wider)
    assert found.vega == pytest.approx(rise / (2 * wider), rel=1e-5, abs=1e-6 * option.spot)
    assert option.vega(volatility) == found.vega
    later = option.years * 1e-4
    sooner, longer = moved(years=option.years - later), moved(years=option.years + later)
    fall = (sooner.price(volatility) - longer.price(volatility)) / (2 * later)
    assert found.theta == pytest.approx(fall, rel=1e-5, abs=1e-6 * option.spot)


@given(option=options, volatility=volatilities)
def test_a_price_implies_its_volatility(option: EuropeanOption, volatility: float) -> None:
    """What it finds has the price, and is what another library's search finds."""
    price = option.price(volatility)
    assume(price - option.price(VOLATILITY_MIN) > 1e-6 * option.spot)
    found = option.implied_volatility(price)
    assert found is not None
    assert option.price(found) == pytest.approx(price, abs=1e-13 * option.spot)
    other = brentq(
        lambda at: _by_scipy(option, at) - price, VOLATILITY_MIN, VOLATILITY_MAX, xtol=1e-14
    )
    assert found == pytest.approx(other, abs=1e-6)
    assert option.greeks(found).delta == pytest.approx(option.greeks(other).delta, abs=1e-9)


@given(option=options)
def test_a_price_beyond_the_bounds_implies_nothing(option: EuropeanOption) -> None:
    """At or below what is certain, and above what the largest volatility makes."""
    strike = option.strike * math.exp(-option.rate * option.years)
    certain = (option.spot - strike) * (1 if option.is_call else -1)
    assert option.implied_volatility(certain) is None
    assert option.implied_volatility(0.0) is None
    assert option.implied_volatility(option.price(VOLATILITY_MIN)) is None
    assert option.implied_volatility(option.price(VOLATILITY_MAX) * 1.000001) is None
