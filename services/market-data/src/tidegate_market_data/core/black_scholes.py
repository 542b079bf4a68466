"""Prices and Greeks of European options without dividends, and the volatility that a price implies.

The model of Black, Scholes and Merton, as in Hull, Options, Futures, and Other Derivatives:
N(d) is the standard normal distribution, S the price of the underlying, K the strike, T the time
in years, r the interest rate, continuously compounded, and s the volatility;

    d1 = (ln(S / K) + (r + s^2 / 2) T) / (s sqrt(T)),   d2 = d1 - s sqrt(T)
    call = S N(d1) - K exp(-r T) N(d2),   put = K exp(-r T) N(-d2) - S N(-d1)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

VOLATILITY_MIN = 0.01
VOLATILITY_MAX = 5.0
"""Between these volatilities a year one is looked for; a price beyond both implies none."""
_LEAST = 1e-9
"""What a price must be above the least one, as a share of the underlying's: less is rounding."""
_LAST_STEP = 1e-8
"""Newton's next step would be about the square of it."""
_STEPS_MAX = 200


class Greeks(NamedTuple):
    """The derivatives of an option's price, for one unit of the underlying.

    ``delta`` and ``gamma`` by the price of the underlying, ``vega`` by volatility (1 is 100 %),
    ``theta`` by time that passes, in years.
    """

    delta: float
    gamma: float
    vega: float
    theta: float


@dataclass(frozen=True, slots=True)
class EuropeanOption:
    """An option at a moment: ``spot`` and ``strike`` above 0, ``years`` left above 0, ``rate``."""

    is_call: bool
    spot: float
    strike: float
    years: float
    rate: float

    def price(self, volatility: float) -> float:
        """Return its price."""
        first, second = self._places(volatility)
        sign = 1.0 if self.is_call else -1.0
        held = self.spot * _cumulative(sign * first)
        return sign * (held - self._strike_now * _cumulative(sign * second))

    def vega(self, volatility: float) -> float:
        """Return the derivative of the price by volatility."""
        first, _ = self._places(volatility)
        return self.spot * _density(first) * math.sqrt(self.years)

    def greeks(self, volatility: float) -> Greeks:
        """Return the derivatives of the price."""
        first, second = self._places(volatility)
        root, density = math.sqrt(self.years), _density(first)
        sign = 1.0 if self.is_call else -1.0
        interest = self.rate * self._strike_now * _cumulative(sign * second)
        return Greeks(
            delta=sign * _cumulative(sign * first),
            gamma=density / (self.spot * volatility * root),
            vega=self.spot * density * root,
            theta=-self.spot * density * volatility / (2.0 * root) - sign * interest,
        )

    def implied_volatility(self, price: float) -> float | None:
        """Return the volatility at which it has a price; None when there is none in the bounds.

        Newton's steps, from the volatility at which they converge (Manaster and Koehler, The
        Calculation of Implied Variances, 1982); one that leaves what is left halves it instead.
        """
        low, high = VOLATILITY_MIN, VOLATILITY_MAX
        if not self.price(low) + _LEAST * self.spot < price <= self.price(high):
            return None
        distance = abs(math.log(self.spot / self._strike_now))
        volatility = min(max(math.sqrt(2.0 * distance / self.years), low), high)
        for _ in range(_STEPS_MAX):
            excess, slope = self.price(volatility) - price, self.vega(volatility)
            step = excess / slope if slope > 0.0 else math.inf
            following = volatility - step
            if abs(step) < _LAST_STEP:
                return min(max(following, VOLATILITY_MIN), VOLATILITY_MAX)
            low, high = (low, volatility) if excess > 0.0 else (volatility, high)
            volatility = following if low < following < high else (low + high) / 2.0
        return volatility

    @property
    def _strike_now(self) -> float:
        return self.strike * math.exp(-self.rate * self.years)

    def _places(self, volatility: float) -> tuple[float, float]:
        spread = volatility * math.sqrt(self.years)
        first = math.log(self.spot / self._strike_now) / spread + spread / 2.0
        return first, first - spread


def _cumulative(place: float) -> float:
    return 0.5 * math.erfc(-place / math.sqrt(2.0))


def _density(place: float) -> float:
    return math.exp(-0.5 * place * place) / math.sqrt(2.0 * math.pi)
