"""What is said of a signal with an impossible field, and of an order for which there is no room."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tidegate_contracts.execution import AlgorithmKind, ExecutionAlgorithm, TimeInForce
from tidegate_contracts.signals import Direction, EntryStyle
from tidegate_kernel.time import NS_PER_SECOND
from tidegate_risk.core.refusals import Code
from tidegate_risk.testing import START_NS

from .cases import desk, limit_at, stop_at

TWAP = ExecutionAlgorithm(kind=AlgorithmKind.TWAP, duration_ns=600 * NS_PER_SECOND, slices=5)
ICEBERG = ExecutionAlgorithm(kind=AlgorithmKind.ICEBERG)
LATEST_NS = START_NS + NS_PER_SECOND
STOP_LIMIT = {"entry_style": EntryStyle.STOP_LIMIT, "trigger_price": Decimal(110)}
FIELDS: list[tuple[dict[str, Any], str]] = [
    ({"strategy": ""}, "expected strategy to be named, found "),
    ({"symbol": ""}, "expected symbol to be named, found "),
    ({"direction": Direction.UNSPECIFIED}, "expected direction LONG, FLAT or SHORT, found 0"),
    ({"entry_style": 9}, "expected entry_style MARKET, LIMIT, STOP or STOP_LIMIT, found 9"),
    ({"entry_style": 0}, "expected entry_style MARKET, LIMIT, STOP or STOP_LIMIT, found 0"),
    ({"strength": 0.0}, "expected strength above 0 and at most 1, found 0.0"),
    ({"strength": 1.5}, "expected strength above 0 and at most 1, found 1.5"),
    ({"confidence": -0.5}, "expected confidence between 0 and 1, found -0.5"),
    ({"confidence": 1.5}, "expected confidence between 0 and 1, found 1.5"),
    ({"reference_price": Decimal(0)}, "expected reference_price above 0, found 0"),
    ({"stop_distance": Decimal(-1)}, "expected stop_distance above 0 or absent, found -1"),
    (limit_at("0"), "expected limit_price above 0 for a limit entry, found 0"),
    (stop_at("-1"), "expected trigger_price above 0 for a stop entry, found -1"),
    (
        {**STOP_LIMIT, "limit_price": Decimal("109.99")},
        "expected limit_price at the trigger 110 or above it, found 109.99",
    ),
    (
        {**STOP_LIMIT, "direction": Direction.SHORT, "limit_price": Decimal("110.01")},
        "expected limit_price at the trigger 110 or below it, found 110.01",
    ),
    (
        {**limit_at("99"), "time_in_force": TimeInForce.GTD},
        "expected valid_for_ns above 0 and at most 7495372036854775807 for GTD, found 0",
    ),
    (
        {"time_in_force": TimeInForce.GTD, "valid_for_ns": 1},
        "expected time_in_force GTD only for an entry that waits, found 5",
    ),
    ({**limit_at("99"), "valid_for_ns": 5}, "expected valid_for_ns 0, for it is not GTD, found 5"),
    (
        {**stop_at("101"), "time_in_force": TimeInForce.IOC},
        "expected time_in_force not IOC or FOK, for the entry waits, found 3",
    ),
    (
        {**stop_at("101"), "post_only": True},
        "expected post_only only for a limit entry, found True",
    ),
    (
        {**limit_at("99"), "post_only": True, "time_in_force": TimeInForce.FOK},
        "expected time_in_force not IOC or FOK, for the entry waits, found 4",
    ),
    ({"algorithm": ExecutionAlgorithm()}, "expected algorithm TWAP, VWAP or ICEBERG, found 0"),
    (
        {**stop_at("101"), "algorithm": TWAP},
        "expected order_type MARKET or LIMIT for TWAP, found 3",
    ),
    (
        {"algorithm": TWAP, "time_in_force": TimeInForce.DAY},
        "expected time_in_force GTC for TWAP, whose own time ends it, found 1",
    ),
    (
        {"algorithm": TWAP, "display_fraction": Decimal("0.5")},
        "expected display_fraction to be left out for TWAP, found 0.5",
    ),
    (
        {**limit_at("99"), "algorithm": ICEBERG, "display_fraction": Decimal(1)},
        "expected display_fraction above 0 and below 1 for ICEBERG, found 1",
    ),
    (
        {
            **limit_at("99"),
            "algorithm": ExecutionAlgorithm(
                kind=AlgorithmKind.ICEBERG, display_quantity=Decimal(5)
            ),
        },
        "expected display_quantity to be left out, for the order has no size yet, found 5",
    ),
    (
        {"display_fraction": Decimal("0.5")},
        "expected display_fraction only with ICEBERG, found 0.5",
    ),
    ({"event_at_ns": 0}, "expected event_at_ns in (0, 1728000001000000000], found 0"),
    (
        {"event_at_ns": LATEST_NS + 1},
        "expected event_at_ns in (0, 1728000001000000000], found 1728000001000000001",
    ),
]


def said(fields: dict[str, Any]) -> str:
    """Return why a signal is refused."""
    made = desk(signal_age_max_ns=NS_PER_SECOND, short_allowed=True)
    refusal = made.ask(**fields).refusal
    assert refusal is not None
    assert refusal.code == Code.SIGNAL_INVALID
    return refusal.message.removesuffix(
        "; the strategy must send a signal with this field in its bounds"
    )


@pytest.mark.parametrize(("fields", "expected"), FIELDS, ids=str)
def test_an_impossible_field_is_named_with_its_bounds(
    fields: dict[str, Any], expected: str
) -> None:
    """The first one that is out of them."""
    assert said(fields) == expected


@pytest.mark.parametrize(
    "fields",
    [
        {**STOP_LIMIT, "limit_price": Decimal(110)},
        {**limit_at("99"), "time_in_force": TimeInForce.GTD, "valid_for_ns": 10**12},
        {**limit_at("99"), "time_in_force": TimeInForce.IOC},
        {**limit_at("99"), "post_only": True},
        {"time_in_force": TimeInForce.IOC},
        {"algorithm": TWAP},
        {**limit_at("99"), "algorithm": ICEBERG, "display_fraction": Decimal("0.1")},
        {"event_at_ns": LATEST_NS},
    ],
    ids=str,
)
def test_a_field_at_its_bound_is_valid(fields: dict[str, Any]) -> None:
    """One unit inside of what is refused above."""
    made = desk(signal_age_max_ns=NS_PER_SECOND)
    refusal = made.ask(**fields).refusal
    assert refusal is None or refusal.code != Code.SIGNAL_INVALID


@pytest.mark.parametrize(
    ("most", "remedy"),
    [
        ("0.001", "; at most 1 AAPL would pass"),
        ("0.000999", "; no quantity would pass now"),
        ("0", "; no quantity would pass now"),
    ],
)
def test_where_not_even_a_lot_fits_nothing_would_pass(most: str, remedy: str) -> None:
    """One share costs a thousandth of equity."""
    refusal = desk(symbol_exposure_max_fraction=most).ask().refusal
    assert refusal is not None
    assert refusal.message.endswith(remedy)
