"""What a strategy may wish: the prices of an entry, how long it works, and what does not fit."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from tidegate_contracts.execution import (
    AlgorithmKind,
    ExecutionAlgorithm,
    OrderLeg,
    Side,
    TimeInForce,
)
from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_signals.core.wish import Wish, WishError

SPREAD = (
    OrderLeg(symbol="AAPL991217C00190000", side=Side.BUY, ratio=1),
    OrderLeg(symbol="AAPL991217C00200000", side=Side.SELL, ratio=1),
)
LONG, SHORT, FLAT = Direction.LONG, Direction.SHORT, Direction.FLAT
GTD, IOC = TimeInForce.GTD, TimeInForce.IOC
TWAP = ExecutionAlgorithm(kind=AlgorithmKind.TWAP, duration_ns=600 * 10**9, slices=5)
ICEBERG = ExecutionAlgorithm(kind=AlgorithmKind.ICEBERG)
HALF = Decimal("0.5")


@pytest.mark.parametrize(
    ("prices", "style"),
    [
        ({}, EntryStyle.MARKET),
        ({"limit_price": 1.0}, EntryStyle.LIMIT),
        ({"trigger_price": 1.0}, EntryStyle.STOP),
        ({"trigger_price": 1.0, "limit_price": 1.0}, EntryStyle.STOP_LIMIT),
    ],
)
def test_the_prices_that_are_named_say_how_an_entry_is_placed(
    prices: dict[str, Any], style: EntryStyle
) -> None:
    """None, a limit, a trigger, or both."""
    assert Wish(direction=LONG, **prices).style is style


@pytest.mark.parametrize(
    ("parts", "named"),
    [
        ({"strength": 0.0}, "strength"),
        ({"strength": 1.01}, "strength"),
        ({"trigger_price": -1.0}, "trigger_price"),
        ({"limit_price": float("nan")}, "limit_price"),
        ({"stop_distance": float("inf")}, "stop_distance"),
        ({"trigger_price": 10.0, "limit_price": 9.9}, "at trigger_price 10 or above"),
        (
            {"direction": SHORT, "trigger_price": 10.0, "limit_price": 10.1},
            "at trigger_price 10 or below",
        ),
        ({"limit_price": 1.0, "time_in_force": GTD}, "valid_for_ns above 0"),
        ({"time_in_force": GTD, "valid_for_ns": 1}, "GTD with a price"),
        ({"limit_price": 1.0, "valid_for_ns": 1}, "only with GTD"),
        ({"trigger_price": 1.0, "post_only": True}, "post_only"),
        ({"extended_hours": True}, "extended_hours only with a limit"),
        ({"trigger_price": 1.0, "extended_hours": True}, "extended_hours only with a limit"),
        (
            {"limit_price": 1.0, "extended_hours": True, "time_in_force": IOC},
            "DAY or GTC with extended_hours",
        ),
        ({"trigger_price": 1.0, "time_in_force": IOC}, "IOC"),
        ({"limit_price": 1.0, "post_only": True, "time_in_force": IOC}, "IOC"),
        ({"algorithm": ExecutionAlgorithm()}, "TWAP, VWAP or ICEBERG"),
        ({"algorithm": TWAP, "trigger_price": 1.0}, "TWAP only with MARKET or LIMIT"),
        ({"algorithm": TWAP, "time_in_force": IOC}, "TWAP to end by itself"),
        ({"algorithm": replace(TWAP, slices=0)}, "from 1 to 1000 slices"),
        ({"algorithm": replace(TWAP, duration_ns=0)}, "duration_ns up to"),
        ({"algorithm": replace(TWAP, slices=601)}, "a second for each slice"),
        ({"algorithm": replace(TWAP, participation=HALF)}, "participation above 0"),
        ({"algorithm": TWAP, "display_fraction": HALF}, "display_fraction above 0"),
        ({"algorithm": ICEBERG, "limit_price": 1.0}, "display_fraction above 0"),
        ({"algorithm": ICEBERG, "display_fraction": HALF}, "ICEBERG only with LIMIT"),
        ({"display_fraction": HALF}, "only with an iceberg"),
        ({"direction": FLAT, "algorithm": TWAP}, "leaving must not wait"),
        ({"direction": FLAT, "limit_price": 1.0}, "leaving must not wait"),
        ({"direction": FLAT, "time_in_force": IOC}, "leaving must not wait"),
    ],
)
def test_parts_that_do_not_fit_together_are_named(parts: dict[str, Any], named: str) -> None:
    """The author of a strategy reads what would fit, where the wish is made."""
    with pytest.raises(WishError, match=named):
        Wish(**{"direction": LONG, **parts})


@pytest.mark.parametrize(
    "parts",
    [
        {"trigger_price": 10.0, "limit_price": 10.0},
        {"direction": SHORT, "trigger_price": 10.0, "limit_price": 10.0},
        {"limit_price": 1.0, "time_in_force": GTD, "valid_for_ns": 1},
        {"limit_price": 1.0, "time_in_force": IOC},
        {"limit_price": 1.0, "post_only": True},
        {"limit_price": 1.0, "extended_hours": True, "time_in_force": TimeInForce.DAY},
        {"direction": FLAT, "extended_hours": True},
        {"time_in_force": IOC},
        {"direction": FLAT},
    ],
)
def test_parts_that_fit_together_are_a_wish(parts: dict[str, Any]) -> None:
    """The other side of these bounds."""
    assert isinstance(Wish(**{"direction": LONG, **parts}), Wish)


@pytest.mark.parametrize(
    ("parts", "named"),
    [
        ({"legs": SPREAD[:1]}, "2 to 4 legs, found 1"),
        ({"legs": (), "net_price": Decimal(1)}, "2 to 4 legs, found 0"),
        ({"direction": SHORT}, "LONG or FLAT with legs"),
        ({"direction": FLAT, "net_price": Decimal(1)}, "an exit at the market"),
        ({"net_price": Decimal("inf")}, "net_price to be a number"),
        ({"time_in_force": IOC}, "DAY or GTC with legs"),
        ({"limit_price": 1.0}, "no limit_price with legs"),
        ({"stop_distance": 1.0}, "no stop_distance with legs"),
        ({"algorithm": TWAP}, "no algorithm with legs"),
        ({"limit_price": 1.0, "post_only": True}, "with legs"),
    ],
)
def test_a_wish_with_legs_says_no_more_than_its_net_price(
    parts: dict[str, Any], named: str
) -> None:
    """What else is said is named, with what would fit."""
    with pytest.raises(WishError, match=named):
        Wish(**{"direction": LONG, "legs": SPREAD, **parts})


def test_a_structure_is_opened_at_the_market_or_at_a_net_price() -> None:
    """Of any sign; it is left at the market."""
    assert Wish(direction=LONG, legs=SPREAD).style is EntryStyle.MARKET
    credit = Wish(direction=LONG, legs=SPREAD, net_price=Decimal("-1.5"))
    assert credit.style is EntryStyle.LIMIT
    assert Wish(direction=FLAT, legs=SPREAD).style is EntryStyle.MARKET
