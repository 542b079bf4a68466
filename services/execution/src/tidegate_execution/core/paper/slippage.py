"""How much worse than the market an order fills that takes what is there, pure.

The fixed part is always added. What a model adds is measured on the 20 bars before the one that
fills:

* ``spread``: a share of the bid-ask spread, which Abdi and Ranaldo, "A simple estimation of bid-ask
  spreads from daily close, high, and low prices" (Review of Financial Studies 30, 2017), estimate
  as s² = 4·E[(c_t - m_t)(c_t - m_t+1)], where c is the logarithm of the close and m the middle
  between those of high and low; 0 where the mean is below 0;
* ``volatility``: a share of the root mean square σ of the returns from close to close;
* ``square_root``: I = Y·σ·√(Q/V) with the order's quantity Q and the mean volume V of a bar (Tóth
  and others, "Anomalous price impact and the critical nature of liquidity in financial markets",
  Physical Review X 1, 2011). σ and V are of one bar, so their horizon cancels out.

Everything is decimal: roots and logarithms are the same on every machine.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING

from tidegate_execution.core.paper.parameters import SlippageModel
from tidegate_kernel.money import ZERO, quantize, to_decimal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tidegate_contracts.market import Bar
    from tidegate_execution.core.paper.parameters import MatchingRules

BARS_MEASURED = 20
BARS_MIN = 2
_BPS = Decimal(10_000)
_PLACES = 6
_FOUR = Decimal(4)


def slippage_bps(
    rules: MatchingRules, before: Sequence[Bar], quantity: Decimal, size_scale: int
) -> Decimal:
    """Return the slippage of an order after some bars, oldest first; the fixed part if too few."""
    # Returns and logarithms need prices above 0.
    bars = [each for each in before if each.low > 0]
    if rules.slippage_model == SlippageModel.FIXED or len(bars) < BARS_MIN:
        return rules.slippage_bps
    if rules.slippage_model == SlippageModel.SPREAD:
        measured = spread(bars)
    elif rules.slippage_model == SlippageModel.VOLATILITY:
        measured = volatility(bars)
    else:
        measured = volatility(bars) * _root_of_share(bars, quantity, size_scale)
    return rules.slippage_bps + quantize(rules.slippage_factor * measured * _BPS, _PLACES)


def volatility(bars: Sequence[Bar]) -> Decimal:
    """Return the root mean square of the bars' returns from close to close, as a share."""
    closes = [Decimal(each.close) for each in bars]
    returns = [after / before - 1 for before, after in pairwise(closes)]
    return (sum((each * each for each in returns), ZERO) / len(returns)).sqrt()


def spread(bars: Sequence[Bar]) -> Decimal:
    """Return the estimated bid-ask spread, as a share of the price."""
    closes = [Decimal(each.close).ln() for each in bars]
    middles = [(Decimal(each.high).ln() + Decimal(each.low).ln()) / 2 for each in bars]
    products = [
        (closes[place] - middles[place]) * (closes[place] - middles[place + 1])
        for place in range(len(bars) - 1)
    ]
    mean = sum(products, ZERO) / len(products)
    return (_FOUR * max(mean, ZERO)).sqrt()


def _root_of_share(bars: Sequence[Bar], quantity: Decimal, size_scale: int) -> Decimal:
    """Return √(Q/V); 0 when nothing was traded, for then there is no impact to measure."""
    volume = to_decimal(sum(each.volume for each in bars), size_scale) / len(bars)
    return (quantity / volume).sqrt() if volume else ZERO
