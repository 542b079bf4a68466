"""Which fields belong to which order type, and who carries a type out at which venue."""

from __future__ import annotations

from decimal import Decimal
from itertools import product
from typing import Any

import msgspec
import pytest
from hypothesis import given, strategies as st

from tidegate_contracts.execution import (
    AlgorithmKind,
    ExecutionAlgorithm,
    OrderLeg,
    OrderSpecification,
    OrderType,
    Side,
    TimeInForce,
)
from tidegate_execution.core.capabilities import (
    ONE_CANCELS_OTHER,
    ORDER_TYPES,
    POST_ONLY,
    TIMES_IN_FORCE,
    VenueKind,
    Way,
    unsupported,
    venue_kind_of,
)
from tidegate_execution.core.order_form import faults_of, worst_price
from tidegate_execution.testing import specification
from tidegate_kernel.time import NS_PER_DAY

NOW_NS = 1_000
TYPES = [each for each in OrderType if each != OrderType.UNSPECIFIED]
FORCES = [each for each in TimeInForce if each != TimeInForce.UNSPECIFIED]
FIELDS: dict[OrderType, dict[str, Decimal]] = {
    OrderType.MARKET: {},
    OrderType.LIMIT: {"limit_price": Decimal(100)},
    OrderType.STOP: {"trigger_price": Decimal(90)},
    OrderType.STOP_LIMIT: {"trigger_price": Decimal(90), "limit_price": Decimal(89)},
    OrderType.TRAILING_STOP: {"trail_amount": Decimal(5)},
}
PRICES = ("limit_price", "trigger_price", "trail_amount", "trail_percent")


def order(kind: OrderType, **changes: object) -> OrderSpecification:
    """Return a well-formed order of a type, changed."""
    made = specification("key")
    return msgspec.structs.replace(made, **{"order_type": kind, **FIELDS[kind], **changes})


@pytest.mark.parametrize("kind", TYPES)
def test_an_order_with_its_own_fields_is_well_formed(kind: OrderType) -> None:
    """Each type has exactly one set of fields."""
    assert faults_of(order(kind), NOW_NS) == []


@pytest.mark.parametrize(("kind", "field"), list(product(TYPES, PRICES)))
def test_a_field_too_many_or_too_few_is_named(kind: OrderType, field: str) -> None:
    """What is missing, and what does not belong there, is said by its name."""
    belongs = field in FIELDS[kind]
    faults = faults_of(order(kind, **{field: None if belongs else Decimal(7)}), NOW_NS)
    assert faults
    assert any(field in fault and kind.name in fault for fault in faults)


TWAP = ExecutionAlgorithm(kind=AlgorithmKind.TWAP, duration_ns=NS_PER_DAY, slices=3)
VWAP = ExecutionAlgorithm(
    kind=AlgorithmKind.VWAP, duration_ns=NS_PER_DAY, participation=Decimal("0.1")
)
ICEBERG = ExecutionAlgorithm(kind=AlgorithmKind.ICEBERG, display_quantity=Decimal(4))


@pytest.mark.parametrize("algorithm", [TWAP, VWAP, ICEBERG])
def test_each_algorithm_slices_a_limit_order(algorithm: ExecutionAlgorithm) -> None:
    """With what its kind asks for, it is well formed."""
    assert faults_of(order(OrderType.LIMIT, algorithm=algorithm), NOW_NS) == []


@pytest.mark.parametrize(
    ("kind", "changes", "fault"),
    [
        (OrderType.MARKET, {"algorithm": ExecutionAlgorithm()}, "kind TWAP, VWAP or ICEBERG"),
        (OrderType.STOP, {"algorithm": TWAP}, "expected a MARKET or LIMIT"),
        (OrderType.MARKET, {"algorithm": ICEBERG}, "expected a LIMIT"),
        (OrderType.MARKET, {"algorithm": VWAP, "time_in_force": TimeInForce.DAY}, "expected GTC"),
        (OrderType.MARKET, {"algorithm": TWAP, "oco_group": "a"}, "expected no oco_group"),
    ],
)
def test_what_cannot_be_sliced_is_told(
    kind: OrderType, changes: dict[str, object], fault: str
) -> None:
    """Type, time in force and group are named."""
    assert fault in "; ".join(faults_of(order(kind, **changes), NOW_NS))


@pytest.mark.parametrize(
    ("algorithm", "changes"),
    [
        (TWAP, {"slices": 0}),
        (TWAP, {"slices": 1_001}),
        (TWAP, {"duration_ns": 0}),
        (TWAP, {"duration_ns": 7 * NS_PER_DAY + 1}),
        (TWAP, {"duration_ns": 2_999_999_999}),
        (TWAP, {"participation": Decimal("0.1")}),
        (TWAP, {"display_quantity": Decimal(1)}),
        (VWAP, {"slices": 1}),
        (VWAP, {"participation": None}),
        (VWAP, {"participation": Decimal(0)}),
        (VWAP, {"participation": Decimal("1.01")}),
        (VWAP, {"participation": Decimal("NaN")}),
        (ICEBERG, {"duration_ns": 1}),
        (ICEBERG, {"display_quantity": Decimal(0)}),
        (ICEBERG, {"display_quantity": None}),
    ],
)
def test_a_part_of_an_algorithm_that_does_not_fit_is_named(
    algorithm: ExecutionAlgorithm, changes: dict[str, Any]
) -> None:
    """One fault, with the field's name."""
    wrong = msgspec.structs.replace(algorithm, **changes)
    (fault,) = faults_of(order(OrderType.LIMIT, algorithm=wrong), NOW_NS)
    assert next(iter(changes)).removesuffix("_ns") in fault or "for each of" in fault


@pytest.mark.parametrize("value", ["0", "-1", "NaN", "Infinity"])
@pytest.mark.parametrize("kind", TYPES)
def test_every_price_is_a_number_above_zero(kind: OrderType, value: str) -> None:
    """I05: nothing that is no price passes."""
    for field in FIELDS[kind]:
        assert faults_of(order(kind, **{field: Decimal(value)}), NOW_NS)


@pytest.mark.parametrize(
    ("kind", "changes", "said"),
    [
        (OrderType.TRAILING_STOP, {"trail_percent": Decimal(2)}, "both"),
        (OrderType.TRAILING_STOP, {"trail_amount": None}, "neither"),
        (
            OrderType.TRAILING_STOP,
            {"trail_amount": None, "trail_percent": Decimal(100)},
            "below 100",
        ),
        (OrderType.LIMIT, {"time_in_force": TimeInForce.GTD}, "expires_at_ns after"),
        (
            OrderType.LIMIT,
            {"time_in_force": TimeInForce.GTD, "expires_at_ns": NOW_NS},
            "expires_at_ns after",
        ),
        (OrderType.LIMIT, {"expires_at_ns": NOW_NS + 1}, "no expires_at_ns"),
        (
            OrderType.MARKET,
            {"time_in_force": TimeInForce.GTD, "expires_at_ns": NOW_NS + 1},
            "without a date",
        ),
        (OrderType.STOP, {"time_in_force": TimeInForce.IOC}, "which waits"),
        (OrderType.MARKET, {"post_only": True}, "post_only"),
        (OrderType.LIMIT, {"post_only": True, "time_in_force": TimeInForce.FOK}, "post_only"),
        (OrderType.MARKET, {"extended_hours": True}, "extended_hours on a LIMIT only"),
        (
            OrderType.LIMIT,
            {"extended_hours": True, "legs": (OrderLeg(symbol="A"), OrderLeg(symbol="B"))},
            "no legs with extended_hours",
        ),
        (OrderType.STOP, {"extended_hours": True}, "extended_hours on a LIMIT only"),
        (OrderType.STOP_LIMIT, {"extended_hours": True}, "extended_hours on a LIMIT only"),
        (OrderType.TRAILING_STOP, {"extended_hours": True}, "extended_hours on a LIMIT only"),
        (
            OrderType.LIMIT,
            {"extended_hours": True, "time_in_force": TimeInForce.IOC},
            "DAY or GTC with extended_hours",
        ),
        (
            OrderType.LIMIT,
            {
                "extended_hours": True,
                "time_in_force": TimeInForce.GTD,
                "expires_at_ns": NOW_NS + 1,
            },
            "DAY or GTC with extended_hours",
        ),
        (OrderType.MARKET, {"reduce_only": True, "stop_price": Decimal(1)}, "no stop_price"),
        (
            OrderType.MARKET,
            {"stop_price": Decimal(110), "take_profit_price": Decimal(105)},
            "below",
        ),
        (
            OrderType.MARKET,
            {
                "side": Side.SELL,
                "stop_price": Decimal(90),
                "take_profit_price": Decimal(95),
            },
            "above",
        ),
        (OrderType.MARKET, {"stop_price": Decimal("NaN")}, "above 0"),
    ],
)
def test_what_contradicts_itself_is_said(
    kind: OrderType, changes: dict[str, object], said: str
) -> None:
    """Dates, trails, post-only and exits fit the order that carries them."""
    assert any(said in fault for fault in faults_of(order(kind, **changes), NOW_NS))


def test_a_date_ahead_is_well_formed() -> None:
    """GTD asks for a time after now."""
    dated = order(OrderType.LIMIT, time_in_force=TimeInForce.GTD, expires_at_ns=NOW_NS + 1)
    assert faults_of(dated, NOW_NS) == []


@given(
    kind=st.sampled_from(TYPES),
    side=st.sampled_from([Side.BUY, Side.SELL]),
    price=st.decimals(1, 1_000, places=2),
)
def test_worst_price_bounds_every_price_that_an_order_names(
    kind: OrderType, side: Side, price: Decimal
) -> None:
    """The notional cap is checked with no less than the market, the limit or the trigger."""
    made = order(kind, side=side)
    worst = worst_price(made, price)
    assert worst >= max(price, made.limit_price or price, made.trigger_price or price)
    if kind == OrderType.TRAILING_STOP and side == Side.BUY:
        assert worst == price + Decimal(5)


def test_every_kind_of_order_is_decided_at_every_venue() -> None:
    """No cell of the tables is left open."""
    for table, every in ((ORDER_TYPES, TYPES), (TIMES_IN_FORCE, FORCES)):
        assert list(table) == every
        assert all(list(row) == list(VenueKind) for row in table.values())
    assert set(POST_ONLY) == set(ONE_CANCELS_OTHER) == set(VenueKind)


@pytest.mark.parametrize("venue", list(VenueKind))
def test_what_is_refused_says_what_is_taken(venue: VenueKind) -> None:
    """A refusal names the types that the venue takes, and never the one that it found."""
    taken = [each for each, row in TIMES_IN_FORCE.items() if row[venue] is not Way.REFUSED]
    force = TimeInForce.GTC if TimeInForce.GTC in taken else taken[0]
    for kind in TYPES:
        found = unsupported(order(kind, time_in_force=force), venue)
        assert bool(found) is (ORDER_TYPES[kind][venue] is Way.REFUSED)
        assert not found or found.endswith(f"found {kind.name}")


def test_the_paper_venue_lacks_nothing() -> None:
    """Whatever an order asks for can be tried without money."""
    tables = [*ORDER_TYPES.values(), *TIMES_IN_FORCE.values(), POST_ONLY, ONE_CANCELS_OTHER]
    assert {row[VenueKind.PAPER] for row in tables} == {Way.NATIVE}


def test_the_kind_of_a_venue_follows_from_settings_and_symbol() -> None:
    """Alpaca trades pairs otherwise than shares, an exchange spot otherwise than contracts."""
    kinds = [
        venue_kind_of("paper", spot=True, symbol="BTC/USD"),
        venue_kind_of("alpaca", spot=True, symbol="BTC/USD"),
        venue_kind_of("alpaca", spot=True, symbol="AAPL"),
        venue_kind_of("ccxt", spot=True, symbol="BTC/USDT"),
        venue_kind_of("ccxt", spot=False, symbol="BTC/USDT:USDT", exchange="okx"),
        venue_kind_of("ccxt", spot=False, symbol="BTC/USDT:USDT", exchange="binance"),
    ]
    assert kinds == [
        VenueKind.PAPER,
        VenueKind.ALPACA_CRYPTO,
        VenueKind.ALPACA_EQUITIES,
        VenueKind.CCXT_SPOT,
        VenueKind.CCXT_CONTRACTS,
        VenueKind.CCXT_BINANCE_USDM,
    ]
