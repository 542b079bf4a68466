"""An option's Greeks as of a bar: those that the data state, else those of a model.

The model takes the volatility that the bar's close implies at the newest close of the underlying
in the same feed (`black_scholes`). It gives none

1. without a bar of the underlying, or with one that ended more than five minutes before;
2. when no time is left until the expiry;
3. when no volatility within its bounds makes the close: so of one below intrinsic value.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import msgspec

from tidegate_contracts.market import OptionGreeks, OptionRight
from tidegate_kernel.time import NS_PER_DAY, NS_PER_SECOND
from tidegate_market_data.core.black_scholes import EuropeanOption

if TYPE_CHECKING:
    from tidegate_contracts.market import Bar, Instrument

UNDERLYING_AGE_MAX_NS = 300 * NS_PER_SECOND
DAYS_PER_YEAR = 365
PLACES = Decimal("1e-8")
_POINTS = 100


class GreeksModel(msgspec.Struct, frozen=True):
    """What the model assumes: an interest rate a year, continuously compounded (0.04 is 4 %)."""

    interest_rate: Decimal


def greeks_of(
    option: Instrument, bar: Bar, underlying: tuple[Instrument, Bar] | None, model: GreeksModel
) -> OptionGreeks | None:
    """Return an option's Greeks as of its bar's end; None when the model gives none."""
    terms = option.option
    if terms is None or underlying is None:
        return None
    asset, newest = underlying
    years = (terms.expires_at_ns - bar.end_ns) / (DAYS_PER_YEAR * NS_PER_DAY)
    if years <= 0 or bar.end_ns - newest.end_ns > UNDERLYING_AGE_MAX_NS:
        return None
    european = EuropeanOption(
        is_call=terms.right is OptionRight.CALL,
        spot=_price(asset, newest),
        strike=float(terms.strike),
        years=years,
        rate=float(model.interest_rate),
    )
    volatility = european.implied_volatility(_price(option, bar))
    if volatility is None:
        return None
    found = european.greeks(volatility)
    return OptionGreeks(
        delta=_rounded(found.delta),
        gamma=_rounded(found.gamma),
        vega=_rounded(found.vega / _POINTS),
        theta=_rounded(found.theta / DAYS_PER_YEAR),
        at_ns=bar.end_ns,
    )


def _price(instrument: Instrument, bar: Bar) -> float:
    return bar.close / float(10**instrument.price_scale)


def _rounded(value: float) -> Decimal:
    # Adding 0 takes the sign off a zero.
    return Decimal(value).quantize(PLACES) + 0
