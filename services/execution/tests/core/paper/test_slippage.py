"""Slippage: what each model adds, measured on the bars before."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings, strategies as st

from tidegate_contracts.execution import SubmitOrder
from tidegate_contracts.market import Bar
from tidegate_execution.core.paper.machine import PaperVenueMachine
from tidegate_execution.core.paper.parameters import MatchingRules, SlippageModel
from tidegate_execution.core.paper.slippage import slippage_bps, spread, volatility
from tidegate_execution.testing import DAY_0_NS, bar, instrument, specification, venue_parameters
from tidegate_kernel.machine import Called
from tidegate_kernel.time import NS_PER_DAY

# Closes of 100, 101 and 99.99: returns of 1 percent up, then down.
BARS = [
    bar(0, (100, 100, 100, 100), volume=100),
    bar(1, (100, 101, 100, 101), volume=100),
    bar(2, (101, 101, "99.99", "99.99"), volume=100),
]
MODELS = [each for each in SlippageModel if each != SlippageModel.FIXED]


def rules(model: SlippageModel, factor: str = "1") -> MatchingRules:
    """Return rules with a fixed part of 2 basis points and a model."""
    return MatchingRules(
        slippage_bps=Decimal(2), slippage_model=model, slippage_factor=Decimal(factor)
    )


def bounced(half_spread: int, count: int = 20) -> list[Bar]:
    """Return bars around 100 that close at the bid and at the ask in turns."""
    low, high = Decimal(10_000 - half_spread) / 100, Decimal(10_000 + half_spread) / 100
    return [bar(n, (100, high, low, high if n % 2 else low)) for n in range(count)]


def test_volatility_is_the_root_mean_square_of_returns() -> None:
    """Two returns of one percent: 100 basis points, of which a share is added."""
    assert volatility(BARS) == Decimal("0.01")
    assert slippage_bps(rules(SlippageModel.VOLATILITY, "0.1"), BARS, Decimal(1), 0) == 12


def test_impact_grows_with_the_root_of_the_quantity() -> None:
    """A quarter of a bar's volume costs half of the volatility, all of it the whole."""
    found = [slippage_bps(rules(SlippageModel.SQUARE_ROOT), BARS, Decimal(q), 0) for q in (25, 100)]
    assert found == [52, 102]


@pytest.mark.parametrize("half_spread", [1, 5, 25])
def test_the_spread_is_found_again(half_spread: int) -> None:
    """Closes that bounce between bid and ask around one price give the spread back."""
    assert abs(spread(bounced(half_spread)) * 10_000 - 2 * half_spread) < Decimal("0.01")


@given(model=st.sampled_from(MODELS), closes=st.lists(st.integers(90, 110), max_size=20))
@settings(deadline=None)
def test_a_model_only_ever_adds(model: SlippageModel, closes: list[int]) -> None:
    """Whatever the bars: never less than the fixed part, which is all before two bars are seen."""
    seen = [bar(n, (each, each + 1, each - 1, each), volume=n % 3) for n, each in enumerate(closes)]
    found = slippage_bps(rules(model), seen, Decimal(3), 0)
    assert found >= 2
    assert found == 2 or len(seen) > 1


@pytest.mark.parametrize("model", MODELS)
def test_the_bar_that_fills_is_not_measured(model: SlippageModel) -> None:
    """However wild it is, a market order's price depends on the bars before it."""
    prices = []
    for wild in (0, 50):
        told = venue_parameters(rules=rules(model))
        venue = PaperVenueMachine.restore(told, None)
        venue.handle(instrument(), 0)
        for each in bounced(10, 3):
            venue.handle(each, 0)
        made = SubmitOrder(
            session="demo", specification=specification("a"), caused_at_ns=DAY_0_NS + 3 * NS_PER_DAY
        )
        venue.handle(Called("a", made), 0)
        venue.handle(bar(3, (100, 101 + wild, 99 - wild, 100)), 0)
        [order] = venue.book.orders.values()
        prices += [each.price for each in order.executions]
    assert prices[0] == prices[1] > Decimal("100.02")
