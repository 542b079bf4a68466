"""Rules about everything that is held together, in the worst case of the open orders."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tidegate_contracts.execution import OrderState
from tidegate_contracts.signals import Direction
from tidegate_risk.core.refusals import Code
from tidegate_risk.testing import Desk, code, parameters


def tight(limit: str, value: str, symbols: tuple[str, ...] = ("A", "B", "C")) -> Desk:
    """Return a desk with one limit, where shorts are allowed."""
    changed: dict[str, Any] = {limit: Decimal(value)}
    return Desk(parameters(short_allowed=True, **changed), symbols)


@pytest.mark.parametrize(("most", "expected"), [("200", "APPROVED"), ("199", "POSITION_QUANTITY")])
def test_the_worst_case_position_binds(most: str, expected: str) -> None:
    """100 on order and 100 more are 200."""
    desk = tight("position_quantity_max", most)
    desk.ask(symbol="A", strategy="first")
    assert code(desk.ask(symbol="A", strategy="second")) == expected


@pytest.mark.parametrize(
    ("limit", "refusal"),
    [
        ("net_exposure_max_fraction", Code.NET_EXPOSURE),
        ("leverage_max", Code.LEVERAGE),
    ],
)
@pytest.mark.parametrize("direction", [Direction.LONG, Direction.SHORT])
def test_all_symbols_together_bind(limit: str, refusal: Code, direction: Direction) -> None:
    """One held, one on order, one more: 30 % passes as the limit, a little less does not."""
    for value, expected in (("0.3", "APPROVED"), ("0.2999", refusal)):
        desk = tight(limit, value)
        desk.fill(desk.ask(direction, "A"))
        desk.ask(direction, "B")
        assert code(desk.ask(direction, "C")) == expected


def test_longs_and_shorts_that_are_held_offset_each_other_in_the_net() -> None:
    """Long A and short B: the net is zero, so C may be bought at a limit of 10 %."""
    desk = tight("net_exposure_max_fraction", "0.1")
    desk.fill(desk.ask(Direction.LONG, "A"))
    desk.fill(desk.ask(Direction.SHORT, "B"))
    assert code(desk.ask(Direction.LONG, "C")) == "APPROVED"


def test_an_open_short_does_not_make_room_for_a_long() -> None:
    """It may never fill: the net's worst case counts buys alone."""
    desk = tight("net_exposure_max_fraction", "0.1")
    desk.fill(desk.ask(Direction.LONG, "A"))
    desk.ask(Direction.SHORT, "B")
    assert code(desk.ask(Direction.LONG, "C")) == Code.NET_EXPOSURE


def test_a_refused_net_names_the_quantity_that_would_pass() -> None:
    """15 % less the 10 % on order leaves 50 shares."""
    desk = tight("net_exposure_max_fraction", "0.15")
    desk.ask(symbol="A")
    refusal = desk.ask(symbol="B").refusal
    assert refusal is not None
    assert "at most 50 B would pass" in refusal.message


def test_an_ended_order_reaches_no_further_than_its_fills() -> None:
    """Cancelled without a fill, it leaves its room to others."""
    desk = tight("leverage_max", "0.1")
    first = desk.ask(symbol="A")
    desk.report(first, OrderState.CANCELLED)
    assert code(desk.ask(symbol="B")) == "APPROVED"
