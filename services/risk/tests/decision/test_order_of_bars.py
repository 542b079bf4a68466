"""Which listing's bar was known first decides nothing.

Bars that come as columns are marked in the order of each listing's last bar, bars that come one by
one in the order of its first: the market then holds the same bars under keys in another order.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec
import numpy as np
from hypothesis import given, settings, strategies as st

from tidegate_contracts.risk import Verdict
from tidegate_contracts.signals import Direction
from tidegate_kernel.time import NS_PER_DAY
from tidegate_risk.core.decision.machine import DecisionMachine
from tidegate_risk.testing import Desk, bar, instrument, parameters

SYMBOLS = ("AAA", "BBB", "CCC", "DDD")
DAYS = 70


def verdicts(order: tuple[str, ...], seed: int) -> list[Verdict]:
    """Return what is decided after days of which each told its bars in an order."""
    told = parameters(
        stop_range_multiple=2,
        volatility_target_fraction=Decimal("0.3"),
        correlation_size_min_fraction=Decimal("0.5"),
        var_max_fraction=Decimal("0.02"),
        short_allowed=True,
    )
    desk = Desk(told, symbols=())
    for symbol in SYMBOLS:
        desk.tell(instrument(symbol))
        desk.ask(Direction.FLAT, symbol=symbol)
    generator = np.random.default_rng(seed)
    closes = {s: (10_000 + generator.integers(-300, 300, DAYS)).tolist() for s in SYMBOLS}
    for day in range(DAYS):
        desk.now_ns += NS_PER_DAY
        for symbol in order:
            close = closes[symbol][day]
            ranged = bar(symbol, close, desk.now_ns)
            desk.tell(msgspec.structs.replace(ranged, high=close + 100, low=close - 100))
    said = []
    for symbol in SYMBOLS:
        verdict = desk.ask(symbol=symbol)
        said.append(verdict)
        if verdict.specification is not None:
            desk.fill(verdict)
            desk.machine = DecisionMachine.restore(told, desk.machine.snapshot())
    return [*said, *(desk.ask(Direction.SHORT, symbol=each) for each in SYMBOLS)]


@given(st.permutations(SYMBOLS), st.integers(0, 1_000))
@settings(max_examples=8)
def test_the_order_in_which_listings_became_known_decides_nothing(
    order: list[str], seed: int
) -> None:
    """Sizes, stops, estimates and refusals are equal to the last number."""
    assert verdicts(tuple(order), seed) == verdicts(SYMBOLS, seed)
