"""Sizes by what was estimated: volatility and correlation, and by how far equity has fallen.

Every symbol costs 100 USD, the desk buys 10 % of 100,000 USD: 100 shares.
"""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from tidegate_contracts.risk import Verdict
from tidegate_contracts.signals import Direction
from tidegate_risk.testing import bar, ordered

from .markets import Market, desk_of, noise, numbers


def market() -> Market:
    """Return 120 days of two symbols that move alike, one that turns them round, one by itself."""
    one, other = noise(2, 120)
    return Market(np.stack([one, one, -one, other]), ("AAA", "BBB", "CCC", "DDD"))


def asked_beside(held: str, asked: str, direction: Direction = Direction.LONG) -> Verdict:
    """Hold one symbol, ask for another; at a correlation of 1 half of the size is left."""
    told: dict[str, Any] = {"correlation_size_min_fraction": Decimal("0.5")}
    desk = desk_of(market(), short_allowed=True, **told)
    desk.hold(held)
    return desk.ask(direction, symbol=asked)


def test_a_volatile_symbol_is_bought_less_of() -> None:
    """Its yearly volatility times its value is a hundredth of equity."""
    desk = desk_of(market(), volatility_target_fraction=Decimal("0.01"))
    verdict = desk.ask(symbol="AAA")
    found = numbers(verdict)
    yearly = float(np.std(market().returns[0])) * math.sqrt(252)
    assert float(found["volatility_yearly"]) == pytest.approx(yearly, rel=0.02)
    expected = Decimal("0.01") * found["equity"] / (found["volatility_yearly"] * 100)
    assert found["quantity_by_volatility"] == pytest.approx(expected)
    assert ordered(verdict).quantity == int(expected) < 100


def test_without_estimates_volatility_offers_nothing() -> None:
    """Thirty days are too few."""
    desk = desk_of(Market(noise(1, 30), ("AAA",)), volatility_target_fraction=Decimal("0.01"))
    verdict = desk.ask(symbol="AAA")
    assert "quantity_by_volatility" not in numbers(verdict)
    assert "scale_by_correlation" not in numbers(verdict)
    assert ordered(verdict).quantity == 100


@pytest.mark.parametrize(
    ("held", "asked", "direction", "shrinks"),
    [
        ("AAA", "BBB", Direction.LONG, True),
        ("AAA", "BBB", Direction.SHORT, False),
        ("AAA", "CCC", Direction.SHORT, True),
        ("AAA", "CCC", Direction.LONG, False),
        ("AAA", "DDD", Direction.LONG, False),
    ],
)
def test_what_moves_like_a_position_is_bought_less_of(
    held: str, asked: str, direction: Direction, *, shrinks: bool
) -> None:
    """Long beside its like, or short beside its opposite; a hedge keeps its size."""
    found = numbers(asked_beside(held, asked, direction))
    scale = found["scale_by_correlation"]
    assert (scale < 1) is shrinks
    assert (found["target_quantity"] < 100) is shrinks
    if shrinks:
        above = (found["correlation"] - Decimal("0.7")) / Decimal("0.3")
        assert scale == pytest.approx(1 - above / 2, abs=Decimal("0.0001"))


@pytest.mark.parametrize(("close", "scale"), [(986_000, "1"), (985_000, "0.5")])
def test_equity_far_below_its_highest_halves_sizes(close: int, scale: str) -> None:
    """From 0.15 % on, here; the breaker that halts is another rung."""
    told: dict[str, Any] = {
        "drawdown_shrink_percent": Decimal("0.15"),
        "drawdown_size_fraction": Decimal("0.5"),
    }
    desk = desk_of(market(), **told)
    desk.hold("AAA")
    desk.tell(bar("AAA", close, desk.now_ns + 1))
    assert numbers(desk.ask(symbol="DDD"))["scale_by_drawdown"] == Decimal(scale)
